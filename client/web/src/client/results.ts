/** What calls answer: plain values, and how they are read from the messages. */

import { create } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { DoActionResponse } from "#generated/scorewire/action/v1/action_pb";
import {
  type Leaderboard,
  LeaderboardSchema,
  type LeaderboardUpdate,
  type ListStandingsResponse,
  type Standing as StandingMessage,
  StandingSchema,
  type UpdateScoreResponse,
} from "#generated/scorewire/score/v1/score_pb";
import type { SignInAsGuestResponse } from "#generated/scorewire/session/v1/session_pb";
import type { ScorewireError } from "./errors.js";

/** A signed-in user. `token` is the session JWT, good until `expireTime`. */
export interface Session {
  readonly token: string;
  readonly userId: string;
  readonly displayName: string;
  readonly expireTime: Date;
}

/**
 * What an action led to.
 *
 * `token` is the ticket, set for action types delivered by ticket: redeem it with `result` within 10 seconds. `score` is
 * the user's score, set for those delivered internally. Neither is set where the action earned nothing. `scorePending`
 * says that the award does not count yet and will: acting again with the same `requestId` brings the score, and does
 * nothing else. `result` is the action data, exactly as the server wrote it.
 */
export interface ActionOutcome {
  readonly message: string;
  readonly token: string | undefined;
  readonly score: bigint | undefined;
  readonly scorePending: boolean;
  readonly result: string;
  readonly requestId: string;
}

/**
 * What a redeemed ticket changed.
 *
 * `rank` is `undefined` where the answer was lost and the ticket had counted already: that refusal does not name it. A
 * board whose `revision` is this one or later shows the award.
 */
export interface Award {
  readonly scoreIncrease: number;
  readonly score: bigint;
  readonly rank: number | undefined;
  readonly revision: bigint;
}

/**
 * One user on one board; rank 1 is the best.
 *
 * In a watch, `rankChange` is how many ranks the user has climbed since the board before, negative where it fell, and
 * `scoreChange` how many points it has gained. Both are 0 where nothing changed, and `undefined` where the board before
 * did not have the user, as everywhere but in a watch.
 */
export interface Standing {
  readonly rank: number;
  readonly userId: string;
  readonly displayName: string | undefined;
  readonly score: bigint;
  readonly rankChange: number | undefined;
  readonly scoreChange: bigint | undefined;
}

/**
 * A window of a board at one revision, best first: its top, or the standings around a user, or those of some users.
 *
 * `own` is the standing of the user that a watch was asked to add, `undefined` while that user has none. `updateTime` is
 * when the board became what it is, `undefined` while it is empty. `resumeToken` makes a watch go on after this board.
 */
export interface Board {
  readonly boardId: string;
  readonly revision: bigint;
  readonly totalUsers: number;
  readonly standings: readonly Standing[];
  readonly own: Standing | undefined;
  readonly updateTime: Date | undefined;
  readonly resumeToken: string;
}

/** One page of a board's standings; `nextPageToken` is `undefined` on the last one. */
export interface Page {
  readonly standings: readonly Standing[];
  readonly nextPageToken: string | undefined;
  readonly totalUsers: number;
  readonly revision: bigint;
}

/** The session in an answer. */
export function readSession(response: SignInAsGuestResponse): Session {
  const { token, userId, displayName, expireTime } = response;
  return { token, userId, displayName, expireTime: expireTime ? timestampDate(expireTime) : new Date(0) };
}

/** The outcome in an answer. */
export function readOutcome(response: DoActionResponse, requestId: string): ActionOutcome {
  const { message, token, score, scorePending = false, result } = response;
  return { message, token, score, scorePending, result, requestId };
}

/** The award in an answer. */
export function readAward({ scoreIncrease = 0, score = 0n, rank, revision }: UpdateScoreResponse): Award {
  return { scoreIncrease, score, rank, revision };
}

/** The award in the refusal of a ticket that has counted; `undefined` for any other error. */
export function readFirstAward({ reason, metadata }: ScorewireError): Award | undefined {
  const { scoreIncrease, score, revision } = metadata as Partial<Record<keyof Award, string>>;
  if (reason !== "TICKET_ALREADY_REDEEMED" || !scoreIncrease || !score || !revision) return undefined;
  return { scoreIncrease: Number(scoreIncrease), score: BigInt(score), rank: undefined, revision: BigInt(revision) };
}

/** The standing in a message, without what changed. */
export function readStanding(message: StandingMessage = create(StandingSchema)): Standing {
  const { rank, userId, displayName, score } = message;
  return { rank, userId, displayName, score, rankChange: undefined, scoreChange: undefined };
}

/** The board in a message. */
export function readBoard(leaderboard: Leaderboard = create(LeaderboardSchema), resumeToken: string): Board {
  const { boardId, revision, totalUsers } = leaderboard;
  const standings = leaderboard.standings.map(readStanding);
  return { boardId, revision, totalUsers, standings, own: undefined, updateTime: readTime(leaderboard), resumeToken };
}

/** The page in an answer. */
export function readPage({ standings, nextPageToken, totalUsers, revision }: ListStandingsResponse): Page {
  return { standings: standings.map(readStanding), nextPageToken: nextPageToken || undefined, totalUsers, revision };
}

/** When a board became what it is. */
export function readTime({ updateTime }: Leaderboard | LeaderboardUpdate): Date | undefined {
  return updateTime && timestampDate(updateTime);
}
