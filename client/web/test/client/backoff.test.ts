import { describe, expect, test } from "vitest";
import { backoffMs, pause } from "../../src/client/backoff";

describe("backoff", () => {
  test.each([
    ["the first failure", 1, 0, 200],
    ["doubles with each failure", 3, 0, 800],
    ["never over the longest pause", 30, 0, 2_000],
    ["on top of what the server asked for", 1, 1_000, 1_200],
  ])("%s", (_case, failures, askedMs, atMostMs) => {
    expect(backoffMs(failures, 2_000, askedMs, () => 1)).toBe(atMostMs);
    expect(backoffMs(failures, 2_000, askedMs, () => 0)).toBe(askedMs);
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
