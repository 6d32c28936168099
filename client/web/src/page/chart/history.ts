/** The scores of the last minutes, as the watch has told them since the page was opened. */

import { marks, nameOf } from "../../board/namesakes";
import type { Standing } from "../../client";

/** How far back the chart goes. */
export const SPAN_MS = 5 * 60_000;

/** How many users have a line. */
export const LINES = 5;

// One point a second is all that a chart of minutes can show.
const STEP_MS = 1_000;

/** A score from a time on, in milliseconds of any clock. */
export interface Point {
  readonly at: number;
  readonly score: bigint;
}

/** What is drawn of one user. `colour`, 0-4, stays with a user for as long as there is a line. */
export interface Line {
  readonly userId: string;
  readonly name: string;
  readonly colour: number;
  readonly points: readonly Point[];
}

interface Series {
  name: string;
  points: Point[];
}

/** Remembers the standings of boards, newest last, and no more of them than are drawn. */
export class History {
  readonly #series = new Map<string, Series>();
  readonly #colours = new Map<string, number>();
  #best: readonly string[] = [];

  /** Notes what a board says at a time. */
  record(at: number, standings: readonly Standing[]): void {
    for (const standing of standings) this.#note(standing.userId, nameOf(standing), { at, score: standing.score });
    this.#best = standings.slice(0, LINES).map(({ userId }) => userId);
    this.#forget(at, new Set(standings.map(({ userId }) => userId)));
    this.#colour();
  }

  /** The lines of the best of the newest board, best first; a name that others of them have too has a mark beside it. */
  lines(): Line[] {
    const lines = this.#best.flatMap((userId) => {
      const series = this.#series.get(userId);
      return series ? [{ userId, colour: this.#colours.get(userId) ?? 0, ...series }] : [];
    });
    const marked = marks(lines.map(({ userId, name }) => ({ userId, displayName: name })));
    return lines.map((line) => ({ ...line, name: [line.name, marked.get(line.userId)].filter(Boolean).join(" ") }));
  }

  #note(userId: string, name: string, point: Point): void {
    const series = this.#series.get(userId) ?? { name, points: [] };
    this.#series.set(userId, series);
    series.name = name;
    const last = series.points.at(-1);
    if (last?.score === point.score) return;
    // The first point stays: it says since when there is a line.
    if (last && series.points.length > 1 && point.at - last.at < STEP_MS) {
      series.points[series.points.length - 1] = { at: last.at, score: point.score };
    } else series.points.push(point);
  }

  /** Forgets what is too old to be drawn, but for the score that was there when the chart begins. */
  #forget(now: number, present: ReadonlySet<string>): void {
    for (const [userId, { points }] of this.#series) {
      const begins = points.findIndex(({ at }) => at > now - SPAN_MS);
      points.splice(0, (begins < 0 ? points.length : begins) - 1);
      if (begins < 0 && !present.has(userId)) this.#series.delete(userId);
    }
  }

  #colour(): void {
    for (const userId of this.#colours.keys()) if (!this.#best.includes(userId)) this.#colours.delete(userId);
    const taken = new Set(this.#colours.values());
    for (const userId of this.#best) {
      if (this.#colours.has(userId)) continue;
      const free = Array.from({ length: LINES }, (_, colour) => colour).find((colour) => !taken.has(colour)) ?? 0;
      taken.add(free);
      this.#colours.set(userId, free);
    }
  }
}
