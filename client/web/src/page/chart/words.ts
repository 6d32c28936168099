/** The chart in words and in a table, for those who do not see its lines. */

import { change, count } from "../../board/format";
import type { Line } from "./history";

/** One user's scores: at the beginning of the chart, and now. */
export interface Told {
  readonly name: string;
  readonly before: bigint;
  readonly now: bigint;
}

/** What there is to tell of each line. */
export function tell(lines: readonly Line[]): Told[] {
  return lines.map(({ name, points }) => ({ name, before: points[0]?.score ?? 0n, now: points.at(-1)?.score ?? 0n }));
}

/** All of it in one sentence; the time is in milliseconds. */
export function summarize(told: readonly Told[], spanMs: number): string {
  const parts = told.map(
    ({ name, before, now }) => `${name} ${count(now)}${now === before ? "" : ` (${change(now - before)})`}`,
  );
  return parts.length > 0 ? `In the ${lastMinutes(spanMs)}: ${parts.join(", ")}.` : "No scores yet.";
}

/** A time of whole minutes, up to now. */
export function lastMinutes(ms: number): string {
  const whole = Math.round(ms / 60_000);
  return whole === 1 ? "last minute" : `last ${whole} minutes`;
}
