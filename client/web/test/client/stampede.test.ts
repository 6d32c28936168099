import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WatchLeaderboardResponseSchema } from "#generated/scorewire/score/v1/score_pb";
import { type OpenStream, watch } from "../../src/client/watching";
import { refusal } from "./peer";
import { seeded, tenths } from "./random";

const WATCHES = 1_000;
const PATIENCE_MS = 60_000; // a thousand faked timers take seconds on a busy machine
const ASKED_MS = 1_000;
const BOARD = create(WatchLeaderboardResponseSchema, { event: { case: "leaderboard", value: {} } });

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});

afterEach(() => {
  vi.useRealTimers();
});

test(
  "a thousand watches that are cut off at once come back evenly, not at once",
  async () => {
    const stops = Array.from({ length: WATCHES }, () => new AbortController());
    const random = seeded(1);
    const returns: number[] = [];
    for (const { signal } of stops) void watch(cutOffOnce(returns), { signal }, random).next();
    await vi.advanceTimersByTimeAsync(ASKED_MS);
    expect(returns).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(returns).toHaveLength(WATCHES);
    for (const count of tenths(returns, ASKED_MS, ASKED_MS + 1_000)) expect(Math.abs(count - 100)).toBeLessThan(50);
    for (const stop of stops) stop.abort();
  },
  PATIENCE_MS,
);

/** A server that drains; the next stream is answered, and its time noted. */
function cutOffOnce(returns: number[]): OpenStream {
  let streams = 0;
  return async function* () {
    streams += 1;
    if (streams === 1) throw refusal(Code.Unavailable, "DRAINING", { retryMs: ASKED_MS });
    returns.push(Date.now());
    yield BOARD;
  };
}
