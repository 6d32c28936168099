import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type LeaderboardSchema,
  type LeaderboardUpdateSchema,
  type StandingSchema,
  WatchLeaderboardResponseSchema,
} from "#generated/scorewire/score/v1/score_pb";
import type { Board } from "../../src/client";
import { Boards } from "../../src/client/boards";

type StandingInit = MessageInitShape<typeof StandingSchema>;
type Event = MessageInitShape<typeof WatchLeaderboardResponseSchema>["event"];

const ADA = { rank: 1, userId: "ada", score: 30n };
const GRACE = { rank: 2, userId: "grace", score: 20n };
const LINUS = { rank: 3, userId: "linus", score: 10n };

let boards: Boards;

beforeEach(() => {
  boards = new Boards();
});

function whole(revision: bigint, standings: StandingInit[], own?: StandingInit): Board | undefined {
  const value: MessageInitShape<typeof LeaderboardSchema> = { boardId: "main", revision, standings, totalUsers: 3 };
  return take({ case: "leaderboard", value }, own);
}

function update(changes: MessageInitShape<typeof LeaderboardUpdateSchema>, own?: StandingInit): Board | undefined {
  const value = { boardId: "main", previousRevision: 1n, revision: 2n, totalUsers: 3, ...changes };
  return take({ case: "update", value }, own);
}

function take(event: NonNullable<Event>, own?: StandingInit): Board | undefined {
  return boards.take(create(WatchLeaderboardResponseSchema, { event, ...(own && { standing: own }) }));
}

/** Each standing of a board: who, and what moved. */
function movements(board: Board | undefined) {
  return board?.standings.map(({ userId, rankChange, scoreChange }) => [userId, rankChange, scoreChange]);
}

describe("a whole board", () => {
  test("is the first one, in which nothing has moved", () => {
    expect(movements(whole(1n, [ADA, GRACE]))).toEqual([
      ["ada", undefined, undefined],
      ["grace", undefined, undefined],
    ]);
  });

  test("says what has moved since the one before, whatever the server says of it", () => {
    whole(1n, [ADA, GRACE]);
    const standings = [{ ...GRACE, rank: 1, score: 35n, rankChange: 9 }, { ...ADA, rank: 2 }, LINUS];
    expect(movements(whole(3n, standings))).toEqual([
      ["grace", 1, 15n],
      ["ada", -1, 0n],
      ["linus", undefined, undefined],
    ]);
  });

  test("says how the own standing has moved, which need not be in the window", () => {
    expect(whole(1n, [ADA], LINUS)?.own).toMatchObject({ userId: "linus", rankChange: undefined });
    expect(whole(2n, [ADA], { ...LINUS, rank: 2, score: 25n })?.own).toMatchObject({ rankChange: 1, scoreChange: 15n });
    expect(whole(3n, [ADA])?.own).toBeUndefined();
  });

  test("of another database may have an earlier revision", () => {
    whole(9n, [ADA]);
    expect(whole(1n, [GRACE])).toMatchObject({ revision: 1n, standings: [{ userId: "grace" }] });
  });
});

describe("an update", () => {
  test("makes a whole board of the one before", () => {
    whole(1n, [ADA, GRACE], GRACE);
    const first = { rank: 1, userId: "grace", displayName: "Grace", score: 40n };
    const board = update(
      { standings: [first, { ...LINUS, rank: 3 }], leftUserIds: ["ada"], totalUsers: 4, updateTime: { seconds: 9n } },
      first,
    );
    expect(board).toMatchObject({ boardId: "main", revision: 2n, totalUsers: 4, updateTime: new Date(9_000) });
    expect(board?.standings.map(({ rank, displayName, score }) => [rank, displayName, score])).toEqual([
      [1, "Grace", 40n],
      [3, undefined, 10n],
    ]);
    expect(movements(board)).toEqual([
      ["grace", 1, 20n],
      ["linus", undefined, undefined],
    ]);
    expect(board?.own).toMatchObject({ rankChange: 1, scoreChange: 20n });
  });

  test("leaves those where they stand whom it does not name", () => {
    whole(1n, [ADA, GRACE]);
    update({ standings: [{ ...ADA, score: 31n }] });
    expect(movements(update({ previousRevision: 2n, revision: 3n, standings: [{ ...GRACE, score: 22n }] }))).toEqual([
      ["ada", 0, 0n],
      ["grace", 0, 2n],
    ]);
  });

  test("may come late into the ranks", () => {
    whole(1n, [LINUS]);
    expect(movements(update({ standings: [GRACE, ADA] }))?.map(([userId]) => userId)).toEqual([
      "ada",
      "grace",
      "linus",
    ]);
  });

  test.each([
    ["a revision that was not seen", { previousRevision: 7n }],
    ["another board", { boardId: "other" }],
    ["a user who was not there", { leftUserIds: ["nobody"] }],
    ["two users of one rank", { standings: [{ ...LINUS, rank: 1 }] }],
  ])("does not fit upon %s", (_case, changes) => {
    whole(1n, [ADA, GRACE]);
    expect(() => update(changes)).toThrow(expect.objectContaining({ code: Code.DataLoss }));
  });

  test("does not fit upon nothing", () => {
    expect(() => update({})).toThrow(expect.objectContaining({ code: Code.DataLoss }));
  });
});

test("a heartbeat is no board", () => {
  expect(take({ case: "heartbeat", value: {} })).toBeUndefined();
});
