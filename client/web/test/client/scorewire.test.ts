import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Board, Scorewire } from "../../src/client";
import { Peer, refusal } from "./peer";

const AWAY = new ConnectError("away", Code.Unavailable);
const ANSWER = { scoreIncrease: 10, score: 25n, rank: 3, revision: 7n };
const COUNTED = refusal(Code.AlreadyExists, "TICKET_ALREADY_REDEEMED", {
  metadata: { scoreIncrease: "10", score: "25", revision: "7" },
});

let peer: Peer;
let scorewire: Scorewire;

beforeEach(() => {
  peer = new Peer();
  scorewire = new Scorewire(peer.transport, () => 0);
});

afterEach(() => {
  vi.useRealTimers();
});

describe("signing in", () => {
  test("acts as that user from then on", async () => {
    const expireTime = new Date("2030-01-01T12:00:00Z");
    const answer = { token: "session-jwt", userId: "guest-1", displayName: "Ada" };
    peer.signInAsGuest.push({ ...answer, expireTime: timestampFromDate(expireTime) });
    peer.doAction.push({ result: "{}" });
    expect(await scorewire.signInAsGuest("Ada")).toEqual({ ...answer, expireTime });
    await scorewire.act();
    expect(peer.received.map(({ authorization }) => authorization)).toEqual([null, "Bearer session-jwt"]);
  });
});

describe("an action", () => {
  test("delivered internally answers the score", async () => {
    peer.doAction.push({ message: "Successfully", score: 25n, result: "{}" });
    expect(await scorewire.act({ side: ["a", 1, null] }, "dice.roll", "r1")).toEqual({
      message: "Successfully",
      token: undefined,
      score: 25n,
      scorePending: false,
      result: "{}",
      requestId: "r1",
    });
    expect(peer.received[0]?.request).toMatchObject({ actionType: "dice.roll", requestId: "r1" });
  });

  test("has a request id of its own", async () => {
    peer.doAction.push({ result: "{}" }, { result: "{}" });
    const ids = [(await scorewire.act()).requestId, (await scorewire.act()).requestId];
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(peer.received.map(({ request }) => request)).toMatchObject(ids.map((requestId) => ({ requestId })));
  });

  test("whose award does not count yet says so, and brings the score when it is asked again", async () => {
    peer.doAction.push({ scorePending: true, result: "{}" }, { score: 3n, result: "{}" });
    const { scorePending, score, requestId } = await scorewire.act();
    expect([scorePending, score]).toEqual([true, undefined]);
    expect(await scorewire.act(null, undefined, requestId)).toMatchObject({ scorePending: false, score: 3n });
  });

  test.each([
    ["the server is away", AWAY],
    ["its time was over", refusal(Code.DeadlineExceeded, "DEADLINE_EXCEEDED")],
  ])("is sent again under its request id where %s", async (_case, failure) => {
    peer.doAction.push(failure, { score: 3n, result: "{}" });
    expect((await scorewire.act()).score).toBe(3n);
    const [first, again] = peer.received.map(({ request }) => request as { requestId: string });
    expect(first?.requestId).toBe(again?.requestId);
  });

  test("is sent again for the user who did it, whoever has signed in since", async () => {
    scorewire.session = "ada";
    peer.doAction.push(AWAY, { result: "{}" });
    const outcome = scorewire.act();
    scorewire.session = "grace";
    await outcome;
    expect(peer.received.map(({ authorization }) => authorization)).toEqual(["Bearer ada", "Bearer ada"]);
  });

  test("that is refused is not sent again", async () => {
    peer.doAction.push(refusal(Code.Aborted, "ACTION_INTERRUPTED"));
    await expect(scorewire.act()).rejects.toMatchObject({ reason: "ACTION_INTERRUPTED" });
    expect(peer.received).toHaveLength(1);
  });
});

describe("redeeming", () => {
  test("brings the ticket and the action data", async () => {
    peer.updateScore.push(ANSWER);
    expect(await scorewire.redeem("ticket", "data")).toEqual(ANSWER);
    expect(peer.received).toMatchObject([{ request: { data: "data" }, authorization: "Bearer ticket" }]);
  });

  test("is sent again while the server is away", async () => {
    peer.updateScore.push(AWAY, AWAY, ANSWER);
    expect(await scorewire.redeem("ticket", "data")).toEqual(ANSWER);
  });

  test("waits as long as the server asks", async () => {
    vi.useFakeTimers();
    peer.updateScore.push(refusal(Code.ResourceExhausted, "OVERLOADED", { retryMs: 500 }), ANSWER);
    const award = scorewire.redeem("ticket", "data");
    await vi.advanceTimersByTimeAsync(499);
    expect(peer.received).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await award).toEqual(ANSWER);
  });

  test("gives up where the server asks to wait for longer than the call has", async () => {
    peer.updateScore.push(refusal(Code.Unavailable, "STORAGE_UNAVAILABLE", { retryMs: 60_000 }));
    await expect(scorewire.redeem("ticket", "data")).rejects.toMatchObject({ retryAfterMs: 60_000 });
    expect(peer.received).toHaveLength(1);
  });

  test("is not sent again when its time is over", async () => {
    peer.updateScore.push(refusal(Code.DeadlineExceeded, "DEADLINE_EXCEEDED"));
    await expect(scorewire.redeem("ticket", "data")).rejects.toMatchObject({ reason: "DEADLINE_EXCEEDED" });
    expect(peer.received).toHaveLength(1);
  });

  test("gives up after five times", async () => {
    peer.updateScore.push(AWAY, AWAY, AWAY, AWAY, AWAY, ANSWER);
    await expect(scorewire.redeem("ticket", "data")).rejects.toMatchObject({ code: Code.Unavailable });
    expect(peer.received).toHaveLength(5);
  });

  test("finds a lost answer in the refusal that follows it", async () => {
    peer.updateScore.push(AWAY, COUNTED);
    expect(await scorewire.redeem("ticket", "data")).toEqual({ ...ANSWER, rank: undefined });
  });

  test("twice is refused", async () => {
    peer.updateScore.push(COUNTED);
    await expect(scorewire.redeem("ticket", "data")).rejects.toMatchObject({ reason: "TICKET_ALREADY_REDEEMED" });
  });

  test("is not sent again where the server says no", async () => {
    peer.updateScore.push(refusal(Code.Unauthenticated, "TICKET_EXPIRED"));
    await expect(scorewire.redeem("ticket", "data")).rejects.toMatchObject({ reason: "TICKET_EXPIRED" });
    expect(peer.received).toHaveLength(1);
  });
});

describe("reading", () => {
  const STILL = { rankChange: undefined, scoreChange: undefined };
  const STANDINGS = [{ rank: 1, userId: "ada", displayName: "Ada", score: 25n }];
  const UPDATE_TIME = new Date("2030-01-01T12:00:00Z");
  const LEADERBOARD = { boardId: "main", revision: 7n, totalUsers: 1 };

  test.each<[string, (scorewire: Scorewire) => Promise<Board>, object]>([
    ["the top of a board", (scorewire) => scorewire.top({ limit: 3, boardId: "b" }), { limit: 3, boardId: "b" }],
    [
      "the standings around a user",
      (scorewire) => scorewire.around("ada", { radius: 2 }),
      { aroundUserId: "ada", radius: 2 },
    ],
    ["the standings of some users", (scorewire) => scorewire.among(["ada"]), { userIds: ["ada"] }],
  ])("%s", async (_case, read, request) => {
    const leaderboard = { ...LEADERBOARD, standings: STANDINGS, updateTime: timestampFromDate(UPDATE_TIME) };
    peer.getLeaderboard.push(AWAY, { leaderboard, resumeToken: "here" });
    const standings = STANDINGS.map((standing) => ({ ...standing, ...STILL }));
    const rest = { own: undefined, updateTime: UPDATE_TIME, resumeToken: "here" };
    expect(await read(scorewire)).toEqual({ ...LEADERBOARD, standings, ...rest });
    expect(peer.received[1]?.request).toMatchObject(request);
  });

  test("the standings of nobody is refused, for it would be the top", async () => {
    await expect(scorewire.among([])).rejects.toMatchObject({ code: Code.InvalidArgument });
    expect(peer.received).toEqual([]);
  });

  test("one standing", async () => {
    peer.getStanding.push({ standing: { rank: 9, userId: "ada", score: 4n } });
    const standing = await scorewire.standing("ada", "main");
    expect(standing).toEqual({ rank: 9, userId: "ada", displayName: undefined, score: 4n, ...STILL });
    expect(peer.received[0]?.request).toMatchObject({ userId: "ada", boardId: "main" });
  });

  test("a page", async () => {
    peer.listStandings.push({ standings: STANDINGS, nextPageToken: "next", totalUsers: 2, revision: 7n });
    const standings = STANDINGS.map((standing) => ({ ...standing, ...STILL }));
    const page = await scorewire.page({ pageSize: 1, pageToken: "here" });
    expect(page).toEqual({ standings, nextPageToken: "next", totalUsers: 2, revision: 7n });
    expect(peer.received[0]?.request).toMatchObject({ pageSize: 1, pageToken: "here" });
  });

  test("every standing, page by page", async () => {
    const pages = ["ada", "grace"].map((userId, index) => ({ standings: [{ rank: index + 1, userId }] }));
    peer.listStandings.push({ ...pages[0], nextPageToken: "next" }, AWAY, { ...pages[1] });
    const userIds: string[] = [];
    for await (const { userId } of scorewire.standings({ boardId: "main" })) userIds.push(userId);
    expect(userIds).toEqual(["ada", "grace"]);
    expect(peer.received[2]?.request).toMatchObject({ boardId: "main", pageToken: "next" });
  });
});
