/** Telling users apart who have one and the same name. */

import type { Standing } from "../client/index.js";

/** Whoever has a name. */
export type Named = Pick<Standing, "userId" | "displayName">;

const SHORTEST = 4;

/** What a user is called: the id where there is no name. */
export function nameOf({ displayName, userId }: Named): string {
  return displayName ?? userId;
}

/**
 * What to put beside a name that others of these users have too, by user id: the end of the id, such as `id …9f3a`, and
 * as much of it as tells them apart. Nothing for all others.
 */
export function marks(users: Iterable<Named>): Map<string, string> {
  const idsOf = new Map<string, Set<string>>();
  for (const user of users) {
    const name = nameOf(user);
    idsOf.set(name, (idsOf.get(name) ?? new Set()).add(user.userId));
  }
  const found = new Map<string, string>();
  for (const userIds of idsOf.values()) if (userIds.size > 1) markAll([...userIds], found);
  return found;
}

function markAll(userIds: readonly string[], found: Map<string, string>): void {
  let length = SHORTEST;
  while (new Set(userIds.map((userId) => userId.slice(-length))).size < userIds.length) length += 1;
  for (const userId of userIds) found.set(userId, `id ${endOf(userId, length)}`);
}

function endOf(userId: string, length: number): string {
  return userId.length > length + 1 ? `…${userId.slice(-length)}` : userId;
}
