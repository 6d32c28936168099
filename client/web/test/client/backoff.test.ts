import { describe, expect, test } from "vitest";
import { backoffMs, pause } from "../../src/client/backoff";
import { seeded, tenths } from "./random";

const PAUSES = { firstMs: 200, longestMs: 2_000 };

describe("backoff", () => {
  test.each([
    ["the first failure", 1, 0, 200],
    ["doubles with each failure", 3, 0, 800],
    ["never over the longest pause", 30, 0, 2_000],
    ["on top of what the server asked for", 1, 1_000, 1_200],
  ])("%s", (_case, failures, askedMs, atMostMs) => {
    expect(backoffMs(failures, PAUSES, askedMs, () => 1)).toBe(atMostMs);
    expect(backoffMs(failures, PAUSES, askedMs, () => 0)).toBe(askedMs);
  });

  test.each([
    ["the first failure", 1, 200],
    ["the third failure", 3, 800],
    ["the hundredth failure", 100, 2_000],
  ])("spreads clients evenly over all of the pause after %s", (_case, failures, longestMs) => {
    const random = seeded(failures);
    const pauses = Array.from({ length: 10_000 }, () => backoffMs(failures, PAUSES, 500, random));
    for (const count of tenths(pauses, 500, 500 + longestMs)) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});

describe("a pause", () => {
  test("ends at once when it is cut short", async () => {
    const cut = new AbortController();
    const paused = pause(3_600_000, cut.signal);
    cut.abort();
    await paused;
  });

  test("does not begin after the cut", async () => {
    await pause(3_600_000, AbortSignal.abort());
  });
});
