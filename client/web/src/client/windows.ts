/** What of a board is asked for: one of three windows. */

import { Code } from "@connectrpc/connect";
import { ScorewireError } from "./errors.js";

/** Which board. */
export interface OnBoard {
  /** The operator's default board unless set. */
  readonly boardId?: string | undefined;
}

/** The top of a board. */
export interface TopWindow extends OnBoard {
  /** How many standings, 1-100; 10 unless set. */
  readonly limit?: number | undefined;
  readonly aroundUserId?: undefined;
  readonly radius?: undefined;
  readonly userIds?: undefined;
}

/** The standings around a user, with its own; empty in a watch while that user has none. */
export interface AroundWindow extends OnBoard {
  readonly aroundUserId: string;
  /** How many standings above the user, and how many below, 1-50; 4 unless set. */
  readonly radius?: number | undefined;
  readonly limit?: undefined;
  readonly userIds?: undefined;
}

/** The standings of some users, of those who have one. */
export interface AmongWindow extends OnBoard {
  /** 1-200 of them, each once. */
  readonly userIds: readonly string[];
  readonly limit?: undefined;
  readonly aroundUserId?: undefined;
  readonly radius?: undefined;
}

/** A window of a board; the top 10 where none is said. */
export type BoardWindow = TopWindow | AroundWindow | AmongWindow;

/** The fields of a request. Throws ScorewireError where nobody is named, which would ask for the top. */
export function windowFields({ boardId, limit, aroundUserId, radius, userIds }: BoardWindow) {
  if (userIds?.length === 0) {
    const fieldViolations = { userIds: "name at least one user" };
    throw new ScorewireError("a window of some users needs a user", Code.InvalidArgument, { fieldViolations });
  }
  return { boardId, limit, aroundUserId, radius, userIds: [...(userIds ?? [])] };
}
