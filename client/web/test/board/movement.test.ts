import { describe, expect, test } from "vitest";
import { movements, ownBelowTop } from "../../src/board/movement";
import { board, standing } from "./standings";

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
  const top = [standing("ada", 1, 9n)];

  test.each([
    ["is there for a user beyond the top", standing("grace", 40, 1n), 40],
    ["is not there for a user in the top", standing("ada", 1, 9n), undefined],
    ["is not there for a user without a standing", undefined, undefined],
  ])("%s", (_case, own, rank) => {
    expect(ownBelowTop(board(top, own))?.rank).toBe(rank);
  });
});
