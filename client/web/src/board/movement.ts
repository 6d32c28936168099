/** What changed between two states of the board. */

import type { Board, Standing } from "../client/index.js";

/** How a standing changed: ranks climbed (negative where it fell) and points gained. */
export interface Movement {
  readonly climbed: number;
  readonly gained: bigint;
}

/** The changed standings by user id, of those that were shown before and are shown now. */
export function movements(before: Iterable<Standing>, now: Iterable<Standing>): Map<string, Movement> {
  const earlier = new Map([...before].map((standing) => [standing.userId, standing]));
  const changed = new Map<string, Movement>();
  for (const { userId, rank, score } of now) {
    const was = earlier.get(userId);
    if (was && (was.rank !== rank || was.score !== score)) {
      changed.set(userId, { climbed: was.rank - rank, gained: score - was.score });
    }
  }
  return changed;
}

/** The user's own standing where the top does not show it. */
export function ownBelowTop({ own, standings }: Board): Standing | undefined {
  return standings.some(({ userId }) => userId === own?.userId) ? undefined : own;
}
