import { describe, expect, test } from "vitest";
import { movements, ownBelowTop } from "../../src/board/movement";
import type { Board, Standing } from "../../src/client";

function standing(userId: string, rank: number, score: bigint): Standing {
  return { userId, rank, score, displayName: undefined, rankChange: undefined, scoreChange: undefined };
}

describe("movements", () => {
  test("say who climbed, who fell and who gained", () => {
    const before = [standing("ada", 1, 9n), standing("grace", 2, 8n), standing("linus", 3, 1n)];
    const now = [standing("grace", 1, 12n), standing("ada", 2, 9n), standing("linus", 3, 1n)];
    expect(movements(before, now)).toEqual(
      new Map([
        ["grace", { climbed: 1, gained: 4n }],
        ["ada", { climbed: -1, gained: 0n }],
      ]),
    );
  });

  test("leave out who was not shown before", () => {
    expect(movements([], [standing("ada", 1, 9n)])).toEqual(new Map());
  });
});

describe("the own row below the top", () => {
  const board: Omit<Board, "own"> = {
    boardId: "main",
    revision: 7n,
    totalUsers: 40,
    standings: [standing("ada", 1, 9n)],
    updateTime: undefined,
    resumeToken: "",
  };

  test.each([
    ["is there for a user beyond the top", standing("grace", 40, 1n), 40],
    ["is not there for a user in the top", standing("ada", 1, 9n), undefined],
    ["is not there for a user without a standing", undefined, undefined],
  ])("%s", (_case, own, rank) => {
    expect(ownBelowTop({ ...board, own })?.rank).toBe(rank);
  });
});
