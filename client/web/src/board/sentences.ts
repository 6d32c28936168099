/** What a board says of one user, in words. */

import type { Board, Standing } from "../client/index.js";
import { count, points } from "./format.js";
import { marks, nameOf } from "./namesakes.js";

/** How the reader stands to the next user, where the reader's row is on the board; empty elsewhere. */
export function chase(board: Board): string {
  const { own, standings } = board;
  const place = standings.findIndex(({ userId }) => userId === own?.userId);
  if (!own || place < 0) return "";
  const rank = `Rank ${count(own.rank)}`;
  const next = standings[own.rank === 1 ? place + 1 : place - 1];
  if (!next || Math.abs(next.rank - own.rank) !== 1) return rank;
  const between = own.score > next.score ? own.score - next.score : next.score - own.score;
  const level = `level with ${named(next, board)}`;
  if (own.rank === 1) return between > 0n ? `You lead by ${points(between)}` : `You lead, ${level}`;
  return `${rank} · ${between > 0n ? `${points(between)} behind ${named(next, board)}` : level}`;
}

/** The change worth telling those who hear the board: the reader's new rank, or else a new leader. */
export function news(before: Board | undefined, now: Board): string | undefined {
  if (now.own) return before?.own?.rank === now.own.rank ? undefined : `You are at rank ${count(now.own.rank)}.`;
  const [was, leader] = [before?.standings[0], now.standings[0]];
  if (!before || leader?.rank !== 1 || was?.userId === leader.userId) return undefined;
  return `${named(leader, now)} leads with ${points(leader.score)}.`;
}

function named(standing: Standing, { standings }: Board): string {
  const mark = marks(standings).get(standing.userId);
  return mark ? `${nameOf(standing)} (${mark})` : nameOf(standing);
}
