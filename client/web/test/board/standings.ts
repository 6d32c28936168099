/** Boards for tests, as short as can be. */

import type { Board, Standing } from "../../src/client";

/** A standing that has not moved. */
export function standing(userId: string, rank: number, score: bigint): Standing {
  return { userId, rank, score, displayName: undefined, rankChange: undefined, scoreChange: undefined };
}

/** A board of these standings, with this own one. */
export function board(standings: Standing[], own?: Standing): Board {
  return { boardId: "main", revision: 7n, totalUsers: 40, standings, own, updateTime: undefined, resumeToken: "" };
}
