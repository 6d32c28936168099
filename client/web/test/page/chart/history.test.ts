import { describe, expect, test } from "vitest";
import { History, SPAN_MS } from "../../../src/page/chart/history";
import { standing } from "../../board/standings";

const MINUTE = 60_000;

describe("the history of scores", () => {
  test("has the points of each of the best five, best first", () => {
    const history = new History();
    history.record(0, [standing("ada", 1, 9n), standing("bob", 2, 8n)]);
    history.record(MINUTE, [standing("bob", 1, 12n), standing("ada", 2, 9n)]);
    expect(history.lines().map(({ userId, points }) => [userId, points])).toEqual([
      [
        "bob",
        [
          { at: 0, score: 8n },
          { at: MINUTE, score: 12n },
        ],
      ],
      ["ada", [{ at: 0, score: 9n }]],
    ]);
  });

  test("knows where those came from who climb into the best five", () => {
    const history = new History();
    const six = ["a", "b", "c", "d", "e", "f"];
    history.record(
      0,
      six.map((userId, index) => standing(userId, index + 1, BigInt(10 - index))),
    );
    const now = ["f", "a", "b", "c", "d", "e"];
    history.record(
      MINUTE,
      now.map((userId, index) => standing(userId, index + 1, userId === "f" ? 20n : 9n)),
    );
    expect(history.lines().map(({ userId }) => userId)).toEqual(["f", "a", "b", "c", "d"]);
    expect(history.lines()[0]?.points).toEqual([
      { at: 0, score: 5n },
      { at: MINUTE, score: 20n },
    ]);
  });

  test("keeps the colour of a user who stays, and gives five different ones", () => {
    const history = new History();
    history.record(
      0,
      ["a", "b", "c", "d", "e"].map((userId, index) => standing(userId, index + 1, 9n)),
    );
    const before = new Map(history.lines().map(({ userId, colour }) => [userId, colour]));
    history.record(
      1,
      ["e", "x", "a", "b", "c"].map((userId, index) => standing(userId, index + 1, 9n)),
    );
    const after = new Map(history.lines().map(({ userId, colour }) => [userId, colour]));
    for (const userId of ["a", "b", "c", "e"]) expect(after.get(userId)).toBe(before.get(userId));
    expect(new Set(after.values()).size).toBe(5);
  });

  test("holds one point a second and minute upon minute no more, however often scores change", () => {
    const history = new History();
    for (let at = 0; at < 3 * SPAN_MS; at += 100) history.record(at, [standing("ada", 1, BigInt(at))]);
    const points = history.lines()[0]?.points ?? [];
    expect(points.length).toBeLessThanOrEqual(SPAN_MS / 1_000 + 2);
    expect(points.at(-1)?.score).toBe(BigInt(3 * SPAN_MS - 100));
  });

  test("keeps the score that was there when the chart begins", () => {
    const history = new History();
    history.record(0, [standing("ada", 1, 9n)]);
    history.record(MINUTE, [standing("ada", 1, 12n)]);
    history.record(2 * SPAN_MS, [standing("ada", 1, 12n)]);
    expect(history.lines()[0]?.points).toEqual([{ at: MINUTE, score: 12n }]);
  });

  test("tells namesakes apart", () => {
    const history = new History();
    const named = (userId: string, rank: number) => ({ ...standing(userId, rank, 9n), displayName: "Ada" });
    history.record(0, [named("user-0001", 1), named("user-0002", 2), standing("bob", 3, 8n)]);
    expect(history.lines().map(({ name }) => name)).toEqual(["Ada id …0001", "Ada id …0002", "bob"]);
  });

  test("forgets who has long been gone", () => {
    const history = new History();
    history.record(0, [standing("ada", 1, 9n)]);
    history.record(2 * SPAN_MS, [standing("bob", 1, 10n)]);
    history.record(2 * SPAN_MS + 1, [standing("ada", 1, 11n)]);
    expect(history.lines()[0]?.points).toEqual([{ at: 2 * SPAN_MS + 1, score: 11n }]);
  });
});
