/** Whole boards out of the messages of a watch, and what has moved from one to the next. */

import { Code } from "@connectrpc/connect";
import type { LeaderboardUpdate, WatchLeaderboardResponse } from "#generated/scorewire/score/v1/score_pb";
import { ScorewireError } from "./errors.js";
import { type Board, readBoard, readStanding, readTime, type Standing } from "./results.js";

/** The boards of one watch, across its streams: changes are counted from the board before, whichever stream brought it. */
export class Boards {
  #newest: Board | undefined;

  /** The board that a message makes; `undefined` for a heartbeat. Throws ScorewireError for an update that does not fit. */
  take({ event, standing, resumeToken }: WatchLeaderboardResponse): Board | undefined {
    if (event.case !== "leaderboard" && event.case !== "update") return undefined;
    const state =
      event.case === "update" ? updated(this.#newest, event.value, resumeToken) : readBoard(event.value, resumeToken);
    const own = standing && readStanding(standing);
    this.#newest = moved({ ...state, own }, this.#newest);
    return this.#newest;
  }
}

function updated(before: Board | undefined, update: LeaderboardUpdate, resumeToken: string): Board {
  const { boardId, revision, previousRevision, totalUsers, leftUserIds } = update;
  if (before?.boardId !== boardId || before.revision !== previousRevision) throw misfit("of another board");
  const byUser = new Map(before.standings.map((standing) => [standing.userId, standing]));
  for (const userId of leftUserIds) if (!byUser.delete(userId)) throw misfit(`without ${userId}, who was not there`);
  for (const standing of update.standings) byUser.set(standing.userId, readStanding(standing));
  const standings = [...byUser.values()].sort((one, other) => one.rank - other.rank);
  if (standings.some(({ rank }, index) => rank === standings[index + 1]?.rank)) throw misfit("with two of one rank");
  return { boardId, revision, totalUsers, standings, own: undefined, updateTime: readTime(update), resumeToken };
}

function misfit(how: string): ScorewireError {
  return new ScorewireError(`the watch starts over, because it got an update ${how}`, Code.DataLoss);
}

function moved(board: Board, before: Board | undefined): Board {
  const earlier = new Map(before?.standings.map((standing) => [standing.userId, standing]));
  const standings = board.standings.map((standing) => change(standing, earlier.get(standing.userId)));
  return { ...board, standings, own: board.own && change(board.own, before?.own) };
}

function change(now: Standing, before: Standing | undefined): Standing {
  const rankChange = before && before.rank - now.rank;
  return { ...now, rankChange, scoreChange: before && now.score - before.score };
}
