/** Where lines, levels and labels go, on a square of 100 by 100 whose first corner is at the top left. */

import { type Line, type Point, SPAN_MS } from "./history";

const MINUTE_MS = 60_000;
const MOST_LEVELS = 3;

/** What the square shows: times from left to right, scores from bottom to top. */
export interface Extent {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

/** What fits lines that began at `opened` or later, up to `now`; it is some whole minutes long. */
export function extentOf(lines: readonly Line[], opened: number, now: number): Extent {
  const span = Math.min(SPAN_MS, Math.max(1, Math.ceil((now - opened) / MINUTE_MS)) * MINUTE_MS);
  const scores = lines.flatMap(({ points }) => points.map(({ score }) => Number(score)));
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const air = Math.max(1, (high - low) * 0.08);
  return { from: now - span, to: now, low: low < 0 ? low - air : Math.max(0, low - air), high: high + air };
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

/** The scores that have a level of their own, lowest first: two or three round numbers. */
export function levelsOf(extent: Extent): number[] {
  const zeros = 10 ** Math.floor(Math.log10(extent.high - extent.low));
  const steps = [5, 2, 1, 0.5].map((digit) => digit * zeros).filter(Number.isInteger);
  const choices = steps.map((step) => multiples(step, extent));
  const most = choices.findLast(({ length }) => length >= 2 && length <= MOST_LEVELS);
  // Where one step has too few and the next one too many, every other one of these.
  return most ?? (choices.find(({ length }) => length > MOST_LEVELS) ?? []).filter((_, index) => index % 2 === 0);
}

function multiples(step: number, { low, high }: Extent): number[] {
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => (first + index) * step);
}

/** Places for labels in the order of those they belong to, at least `gap` apart, on the square and as near as can be. */
export function spread(downs: readonly number[], gap: number): number[] {
  const order = downs.map((_, index) => index).sort((one, other) => (downs[one] ?? 0) - (downs[other] ?? 0));
  const groups: number[][] = [];
  const topOf = (group: readonly number[]) => {
    const height = gap * (group.length - 1);
    const middle = group.reduce((sum, index) => sum + (downs[index] ?? 0), 0) / group.length;
    return Math.min(100 - height, Math.max(0, middle - height / 2));
  };
  for (const index of order) {
    let group = [index];
    for (let above = groups.at(-1); above && topOf(above) + gap * above.length > topOf(group); above = groups.at(-1)) {
      groups.pop();
      group = [...above, ...group];
    }
    groups.push(group);
  }
  const placed: number[] = [];
  for (const group of groups) for (const [turn, index] of group.entries()) placed[index] = topOf(group) + turn * gap;
  return placed;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
