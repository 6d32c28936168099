import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Board, Scorewire, type WatchOptions, type WatchState } from "../../src/client";
import { Peer, refusal } from "./peer";

const HEARTBEAT = { event: { case: "heartbeat" as const, value: {} }, resumeToken: "at a heartbeat" };

let peer: Peer;
let stop: AbortController;

beforeEach(() => {
  peer = new Peer();
  stop = new AbortController();
});

afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

function board(revision: bigint) {
  const value = { boardId: "main", revision, standings: [{ rank: 1, userId: "ada", score: revision }] };
  return { event: { case: "leaderboard" as const, value }, resumeToken: `at ${revision}` };
}

function watch(options: WatchOptions = {}, random: () => number = () => 0): AsyncGenerator<Board, void> {
  return new Scorewire(peer.transport, random).watch({ signal: stop.signal, ...options });
}

/** The revisions of the next boards of a watch. */
async function revisions(watching: AsyncGenerator<Board, void>, count: number): Promise<bigint[]> {
  const seen: bigint[] = [];
  while (seen.length < count) seen.push(((await watching.next()).value as Board).revision);
  return seen;
}

/** Lets the faked time pass until a promise is kept. */
async function passing<T>(promise: Promise<T>): Promise<T> {
  let kept = false;
  void promise.finally(() => {
    kept = true;
  });
  while (!kept) await vi.advanceTimersToNextTimerAsync();
  return promise;
}

describe("a watch", () => {
  test("yields boards and leaves heartbeats out", async () => {
    peer.watchLeaderboard.push([board(1n), HEARTBEAT, board(2n), "silence"]);
    expect(await revisions(watch(), 2)).toEqual([1n, 2n]);
  });

  test("adds the standing that it was asked for", async () => {
    const standing = { rank: 40, userId: "grace", score: 1n };
    peer.watchLeaderboard.push([{ ...board(1n), standing }, "silence"]);
    const { value } = await watch({ userId: "grace" }).next();
    expect(value?.own).toMatchObject(standing);
  });

  test.each([
    ["a drain", [refusal(Code.Unavailable, "DRAINING", { retryMs: 0 })]],
    ["a broken connection", [new ConnectError("cut", Code.Internal)]],
    ["an end without a word", []],
  ])("goes on where it stood after %s", async (_case, end) => {
    peer.watchLeaderboard.push([board(1n), ...end], [board(2n), "silence"]);
    expect(await revisions(watch({ limit: 3 }), 2)).toEqual([1n, 2n]);
    expect(peer.received[1]?.request).toMatchObject({ resumeToken: "at 1", limit: 3 });
  });

  test("goes on from a heartbeat", async () => {
    peer.watchLeaderboard.push([board(1n), HEARTBEAT], [board(2n), "silence"]);
    await revisions(watch(), 2);
    expect(peer.received[1]?.request).toMatchObject({ resumeToken: "at a heartbeat" });
  });

  test("is begun again after 20 s of silence", async () => {
    vi.useFakeTimers();
    peer.watchLeaderboard.push([board(1n), "silence"], [board(2n), "silence"]);
    const watching = watch();
    expect(await revisions(watching, 1)).toEqual([1n]);
    const second = revisions(watching, 1);
    await vi.advanceTimersByTimeAsync(19_999);
    expect(peer.received).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    await vi.runOnlyPendingTimersAsync();
    expect(await second).toEqual([2n]);
  });

  test("waits as long as the server asks", async () => {
    vi.useFakeTimers();
    peer.watchLeaderboard.push([refusal(Code.Unavailable, "STARTING", { retryMs: 1_000 })], [board(1n), "silence"]);
    const first = revisions(watch(), 1);
    await vi.advanceTimersByTimeAsync(999);
    expect(peer.received).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await first).toEqual([1n]);
  });

  test("waits longer with each failure, and anew once it was heard", async () => {
    vi.useFakeTimers();
    const away = new ConnectError("away", Code.Unavailable);
    peer.watchLeaderboard.push([away], [away], [board(1n)], [board(2n), "silence"]);
    const seen = revisions(
      watch({}, () => 1),
      2,
    );
    for (const [waitedMs, calls] of [
      [999, 1],
      [1, 2],
      [1_999, 2],
      [1, 3],
      [999, 3],
      [1, 4],
    ] as const) {
      await vi.advanceTimersByTimeAsync(waitedMs);
      expect(peer.received).toHaveLength(calls);
    }
    expect(await seen).toEqual([1n, 2n]);
  });

  test("ends where beginning again cannot help", async () => {
    peer.watchLeaderboard.push([refusal(Code.NotFound, "BOARD_UNKNOWN")]);
    await expect(watch({ boardId: "nowhere" }).next()).rejects.toMatchObject({ reason: "BOARD_UNKNOWN" });
  });

  test("tells how it stands, and since when it may be out of date", async () => {
    vi.useFakeTimers();
    const told: WatchState[] = [];
    const quiet = [board(1n), "silence"] as const;
    peer.watchLeaderboard.push("unreachable", [...quiet], "unreachable", "unreachable", [board(2n), "silence"]);
    const watching = watch({ onState: (state) => told.push(state) });
    await passing(revisions(watching, 1));
    const staleSince = new Date();
    await passing(revisions(watching, 1));
    expect(told).toMatchObject([
      { name: "connecting" },
      { name: "connecting", error: { message: "away" } },
      { name: "live" },
      { name: "stale", staleSince, error: { message: "nothing was heard for 20 s" } },
      { name: "stale", staleSince, error: { message: "away" } },
      { name: "stale", staleSince, error: { message: "away" } },
      { name: "live" },
    ]);
    expect(told.map((state) => state.staleSince !== undefined)).toEqual([false, false, false, true, true, true, false]);
  });

  test("that is cut off is stale only when the next stream has failed too", async () => {
    vi.useFakeTimers();
    const told: string[] = [];
    peer.watchLeaderboard.push([board(1n), refusal(Code.Unavailable, "DRAINING")], "unreachable", [
      board(2n),
      "silence",
    ]);
    await passing(revisions(watch({ onState: ({ name }) => told.push(name) }), 2));
    expect(told).toEqual(["connecting", "live", "reconnecting", "stale", "live"]);
  });

  test("was heard when its stream opened, though nothing was new", async () => {
    vi.useFakeTimers();
    const told: WatchState[] = [];
    peer.watchLeaderboard.push([], [board(2n), "silence"]);
    const opened = new Date();
    await passing(revisions(watch({ resumeToken: "at 1", onState: (state) => told.push(state) }), 1));
    expect(told).toMatchObject([
      { name: "connecting" },
      { name: "live" },
      { name: "reconnecting", staleSince: opened },
      { name: "live" },
    ]);
  });

  test("ends with its signal, which is no trouble to tell of", async () => {
    const told: string[] = [];
    peer.watchLeaderboard.push([board(1n), "silence"]);
    const watching = watch({ onState: (state) => told.push(state.name) });
    await watching.next();
    const last = watching.next();
    stop.abort();
    expect(await last).toEqual({ done: true, value: undefined });
    expect(told).toEqual(["connecting", "live"]);
  });

  test("closes its stream when its reader walks away", async () => {
    peer.watchLeaderboard.push([board(1n), "silence"]);
    for await (const _ of watch()) break;
    await expect.poll(() => peer.gone).toBe(1);
  });

  test.each<[string, WatchOptions, object]>([
    ["the top", { boardId: "b", limit: 3 }, { boardId: "b", limit: 3 }],
    ["the standings around a user", { aroundUserId: "ada", radius: 2 }, { aroundUserId: "ada", radius: 2 }],
    ["some users", { userIds: ["ada", "grace"] }, { userIds: ["ada", "grace"] }],
    ["whole boards", { wholeBoards: true, userId: "ada" }, { wholeBoards: true, userId: "ada" }],
    ["less often", { minIntervalMs: 2_500 }, { minInterval: { seconds: 2n, nanos: 500_000_000 } }],
    ["from a board on", { resumeToken: "at 7" }, { resumeToken: "at 7" }],
  ])("asks for %s", async (_case, options, request) => {
    peer.watchLeaderboard.push([board(8n), "silence"]);
    await watch(options).next();
    expect(peer.received[0]?.request).toMatchObject(request);
  });

  test("of nobody is refused, for it would be the top", async () => {
    const error = { code: Code.InvalidArgument, fieldViolations: { userIds: "name at least one user" } };
    await expect(watch({ userIds: [] }).next()).rejects.toMatchObject(error);
    expect(peer.received).toEqual([]);
  });

  test("does not begin after its signal", async () => {
    stop.abort();
    expect(await watch().next()).toEqual({ done: true, value: undefined });
    expect(peer.received).toEqual([]);
  });
});

describe("updates", () => {
  function update(previousRevision: bigint, revision: bigint) {
    const standings = [{ rank: 1, userId: "grace", score: 20n }];
    const value = { boardId: "main", previousRevision, revision, totalUsers: 2, standings, leftUserIds: ["ada"] };
    return { event: { case: "update" as const, value }, resumeToken: `at ${revision}` };
  }

  test("are put upon the board before, across streams", async () => {
    peer.watchLeaderboard.push([board(1n)], [update(1n, 2n), "silence"]);
    const watching = watch();
    await watching.next();
    const { value } = await watching.next();
    expect(value).toMatchObject({ revision: 2n, standings: [{ userId: "grace" }], resumeToken: "at 2" });
  });

  test("that do not fit make it start over with whole boards", async () => {
    peer.watchLeaderboard.push([board(1n), update(7n, 8n)], [board(8n), "silence"]);
    expect(await revisions(watch({ limit: 3 }), 2)).toEqual([1n, 8n]);
    expect(peer.received[1]?.request).toMatchObject({ wholeBoards: true, limit: 3 });
    expect(peer.received[1]?.request).not.toHaveProperty("resumeToken");
  });
});
