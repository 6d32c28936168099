import { expect, test } from "vitest";
import { summarize, tell } from "../../../src/page/chart/words";

const MINUTE = 60_000;
const LINES = [
  {
    userId: "ada",
    name: "Ada",
    colour: 0,
    points: [
      { at: 0, score: 1_000n },
      { at: 1, score: 1_250n },
    ],
  },
  { userId: "bob", name: "Bob", colour: 1, points: [{ at: 0, score: 7n }] },
];

test.each([
  [MINUTE, "In the last minute: Ada 1,250 (+250), Bob 7."],
  [5 * MINUTE, "In the last 5 minutes: Ada 1,250 (+250), Bob 7."],
])("the chart of %d ms in a sentence", (spanMs, words) => {
  expect(summarize(tell(LINES), spanMs)).toBe(words);
});

test("a chart without lines says so", () => {
  expect(summarize([], MINUTE)).toBe("No scores yet.");
});
