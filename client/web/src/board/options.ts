/** What the attributes of `<scorewire-board>` ask for. */

import type { BoardWindow, WatchOptions } from "../client/index.js";

/** Reads an attribute, like `getAttribute`. */
export type Attribute = (name: string) => string | null;

const LIMIT = 10;

/** How many rows there are at most. What is no whole number is taken as if it were not there. */
export function rowsOf(attribute: Attribute): number {
  const users = usersOf(attribute).length;
  if (users > 0) return users;
  const limit = limitOf(attribute);
  return attribute("around") ? 2 * radiusOf(limit) + 1 : limit;
}

/** What to watch. */
export function askedBy(attribute: Attribute): WatchOptions {
  return { ...windowOf(attribute), userId: attribute("user") || undefined };
}

function windowOf(attribute: Attribute): BoardWindow {
  const [around, userIds] = [attribute("around"), usersOf(attribute)];
  const boardId = attribute("board") || undefined;
  if (userIds.length > 0) return { boardId, userIds };
  if (around) return { boardId, aroundUserId: around, radius: radiusOf(limitOf(attribute)) };
  return { boardId, limit: limitOf(attribute) };
}

function limitOf(attribute: Attribute): number {
  const given = attribute("limit") ?? "";
  return /^\s*\d+\s*$/.test(given) ? Number(given) : LIMIT;
}

/** As many above as below, and no more rows than the limit; at least one each. */
function radiusOf(limit: number): number {
  return Math.max(1, Math.floor((limit - 1) / 2));
}

function usersOf(attribute: Attribute): string[] {
  return [...new Set((attribute("users") ?? "").split(/\s+/).filter(Boolean))];
}
