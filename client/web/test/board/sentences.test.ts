import { describe, expect, test } from "vitest";
import { chase, news } from "../../src/board/sentences";
import { board, standing } from "./standings";

const ADA = standing("ada", 1, 30n);
const GRACE = standing("grace", 2, 29n);
const LINUS = standing("linus", 3, 29n);
const ALL = [ADA, GRACE, LINUS];

describe("how one stands to the next", () => {
  test.each([
    ["who leads", board(ALL, ADA), "You lead by 1 point"],
    [
      "who leads with as many points",
      board([standing("ada", 1, 5n), standing("bob", 2, 5n)], standing("ada", 1, 5n)),
      "You lead, level with bob",
    ],
    ["who follows", board(ALL, GRACE), "Rank 2 · 1 point behind ada"],
    ["who has as many points", board(ALL, LINUS), "Rank 3 · level with grace"],
    [
      "who follows a namesake of somebody",
      board([{ ...ADA, displayName: "Ada" }, GRACE, { ...LINUS, displayName: "Ada" }], GRACE),
      "Rank 2 · 1 point behind Ada (id ada)",
    ],
    ["who is alone", board([ADA], ADA), "Rank 1"],
    [
      "who is the first of a window in the middle",
      board([standing("bob", 7, 3n), standing("eve", 8, 1n)], standing("bob", 7, 3n)),
      "Rank 7",
    ],
    [
      "who is among friends",
      board([standing("bob", 2, 9n), standing("eve", 90, 1n)], standing("eve", 90, 1n)),
      "Rank 90",
    ],
    ["who is beyond the window, where the own row says it", board(ALL, standing("tim", 40, 1n)), ""],
    ["who is nobody", board(ALL), ""],
  ])("%s", (_who, now, words) => {
    expect(chase(now)).toBe(words);
  });
});

describe("what is told", () => {
  test.each([
    ["one's own first rank", undefined, board(ALL, LINUS), "You are at rank 3."],
    ["one's own new rank", board(ALL, LINUS), board(ALL, GRACE), "You are at rank 2."],
    ["nothing while one stays", board(ALL, LINUS), board(ALL, LINUS), undefined],
    ["a new leader, to who has no rank", board([GRACE]), board(ALL), "ada leads with 30 points."],
    ["nothing while the leader stays", board(ALL), board([ADA]), undefined],
    ["nothing on the first board", undefined, board(ALL), undefined],
    ["nothing where the window has no leader", board([GRACE]), board([LINUS]), undefined],
  ])("%s", (_what, before, now, words) => {
    expect(news(before, now)).toBe(words);
  });
});
