import { describe, expect, test } from "vitest";
import { extentOf, levelsOf, pathOf, spread } from "../../../src/page/chart/geometry";
import { SPAN_MS } from "../../../src/page/chart/history";

const points = [
  { at: 0, score: 0n },
  { at: 30_000, score: 100n },
];
const line = { userId: "ada", name: "Ada", colour: 0, points };

describe("the extent", () => {
  test.each([
    [0, 1],
    [60_000, 1],
    [61_000, 2],
    [SPAN_MS, 5],
    [2 * SPAN_MS, 5],
  ])("after %d ms is of whole minutes up to now: %d", (now, minutes) => {
    expect(extentOf([line], 0, now)).toMatchObject({ from: now - minutes * 60_000, to: now, low: 0 });
  });

  test("has room for a score that never changed", () => {
    const { low, high } = extentOf([{ ...line, points: [{ at: 0, score: 5n }] }], 0, 60_000);
    expect([low, high]).toEqual([4, 6]);
  });
});

test("a line holds a score until the next one, up to now", () => {
  expect(pathOf(points, { from: 0, to: 60_000, low: 0, high: 100 })).toBe("M0 100H50V0H100");
});

test("a line that began before the chart begins at its edge", () => {
  expect(pathOf(points, { from: 15_000, to: 45_000, low: 0, high: 100 })).toBe("M0 100H50V0H100");
});

test.each([
  [0, 100, [0, 50, 100]],
  [0, 2, [0, 1, 2]],
  [1120, 1364, [1200, 1300]],
  [5, 15, [5, 10, 15]],
  [55, 145, [60, 100, 140]],
  [58, 103, [60, 80, 100]],
  [4, 6, [4, 5, 6]],
  [999_999_999_000, 1_000_000_001_000, [999_999_999_000, 1_000_000_000_000, 1_000_000_001_000]],
])("levels from %d to %d are two or three round numbers", (low, high, levels) => {
  expect(levelsOf({ from: 0, to: 1, low, high })).toEqual(levels);
});

describe("labels", () => {
  test("that have room stay where they belong", () => {
    expect(spread([10, 90, 50], 12)).toEqual([10, 90, 50]);
  });

  test("that are too close make way to both sides, in their order", () => {
    expect(spread([50, 50, 50], 12)).toEqual([38, 50, 62]);
    expect(spread([60, 20, 60, 61], 10)).toEqual([50.333333333333336, 20, 60.333333333333336, 70.33333333333334]);
  });

  test("that make way push those that they meet", () => {
    expect(spread([40, 50, 50], 10)).toEqual([36.666666666666664, 46.666666666666664, 56.666666666666664]);
  });

  test("at the lower edge make way upwards", () => {
    expect(spread([100, 99], 12)).toEqual([100, 88]);
    expect(spread([0, 1], 12)).toEqual([0, 12]);
  });
});
