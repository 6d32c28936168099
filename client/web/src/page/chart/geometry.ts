/** Where lines, levels and labels go, on a square of 100 by 100 whose first corner is at the top left. */

import { type Line, type Point, SPAN_MS } from "./history";

const SHORTEST_MS = 15_000;
const LEVELS = 4;

/** What the square shows: times from left to right, scores from bottom to top. */
export interface Extent {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

/** What fits lines that began at `opened` or later, up to `now`. */
export function extentOf(lines: readonly Line[], opened: number, now: number): Extent {
  const from = Math.max(Math.min(opened, now - SHORTEST_MS), now - SPAN_MS);
  const scores = lines.flatMap(({ points }) => points.map(({ score }) => Number(score)));
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const air = Math.max(1, (high - low) * 0.08);
  return { from, to: now, low: low < 0 ? low - air : Math.max(0, low - air), high: high + air };
}

/** How far down a score is. */
export function downOf(score: number, { low, high }: Extent): number {
  return round(100 - ((score - low) / (high - low)) * 100);
}

/** The path of a line: a score holds until the next one. */
export function pathOf(points: readonly Point[], extent: Extent): string {
  const across = (at: number) => round((Math.max(0, at - extent.from) / (extent.to - extent.from)) * 100);
  const [first, ...others] = points;
  if (!first) return "";
  const steps = others.map(({ at, score }) => `H${across(at)}V${downOf(Number(score), extent)}`);
  return `M${across(first.at)} ${downOf(Number(first.score), extent)}${steps.join("")}H100`;
}

/** The scores that have a level of their own, lowest first: round numbers, 5 at most. */
export function levelsOf({ low, high }: Extent): number[] {
  const step = roundStep((high - low) / LEVELS);
  const levels = [];
  for (let level = Math.ceil(low / step) * step; level <= high; level += step) levels.push(level);
  return levels;
}

/** Places for labels near those they belong to, in the same order, at least `gap` apart and on the square. */
export function spread(downs: readonly number[], gap: number): number[] {
  const order = downs.map((_, index) => index).sort((one, other) => (downs[one] ?? 0) - (downs[other] ?? 0));
  const placed = [...downs];
  let free = 0;
  for (const index of order) {
    placed[index] = Math.max(placed[index] ?? 0, free);
    free = placed[index] + gap;
  }
  let last = 100;
  for (const index of order.reverse()) {
    placed[index] = Math.min(placed[index] ?? 0, last);
    last = placed[index] - gap;
  }
  return placed;
}

/** The next 1, 2 or 5 with zeros; scores are whole. */
function roundStep(least: number): number {
  const zeros = 10 ** Math.floor(Math.log10(least));
  return Math.max(1, ([1, 2, 5, 10].find((digit) => digit * zeros >= least) ?? 10) * zeros);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
