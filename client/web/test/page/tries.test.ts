import { beforeEach, expect, test } from "vitest";
import { Tries } from "../../src/page/tries";
import { newStore } from "./store";

const HOUR_MS = 3_600_000;

let store: ReturnType<typeof newStore>;
let now: number;

beforeEach(() => {
  store = newStore();
  now = 1_000 * HOUR_MS;
});

/** The tries as a page has them that has just been loaded, for the user who is signed in. */
function loaded(userId?: string): Tries {
  const tries = new Tries(store, () => now);
  tries.follow(userId);
  return tries;
}

test("a try is there after a reload, and no more when it has come to its end", () => {
  const tried = loaded("ada").begin("dice.roll", "null");
  expect(loaded("ada").of("dice.roll")).toEqual([tried]);
  expect(loaded("ada").of("quiz.answer")).toEqual([]);
  loaded("ada").forget(tried.requestId);
  expect(loaded("ada").of("dice.roll")).toEqual([]);
  expect(store.size).toBe(0);
});

test("several tries are kept in their order, and only the one that ends is forgotten", () => {
  const tries = loaded("ada");
  const [first, second] = [tries.begin("quiz.answer", '"a"'), tries.begin("quiz.answer", '"b"')];
  expect(tries.of("quiz.answer")).toEqual([first, second]);
  tries.forget(first.requestId);
  expect(tries.of("quiz.answer")).toEqual([second]);
});

test.each([["another", "grace"] as const, ["nobody", undefined] as const])(
  "a try is forgotten where %s is signed in",
  (_case, userId) => {
    loaded("ada").begin("dice.roll", "null");
    expect(loaded(userId).of("dice.roll")).toEqual([]);
    expect(store.size).toBe(0);
    expect(loaded("ada").of("dice.roll")).toEqual([]);
  },
);

test("what ends for one user leaves the tries of the next one alone", () => {
  const tries = loaded("ada");
  const hers = tries.begin("dice.roll", "null");
  tries.follow("grace");
  const next = tries.begin("dice.roll", "null");
  tries.forget(hers.requestId);
  expect(tries.of("dice.roll")).toEqual([next]);
});

test.each([
  ["is known for hours", 23 * HOUR_MS, 1],
  ["is forgotten within a day", 24 * HOUR_MS - 1, 0],
  ["is forgotten where the clock was set back, for nobody knows how old it is", -1, 0],
])("a try %s", (_case, later, left) => {
  loaded("ada").begin("dice.roll", "null");
  now += later;
  expect(loaded("ada").of("dice.roll")).toHaveLength(left);
});
