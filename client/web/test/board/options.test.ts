import { describe, expect, test } from "vitest";
import { askedBy, rowsOf } from "../../src/board/options";

const around = (radius: number) => ({ aroundUserId: "ada", radius });

describe("the attributes ask for", () => {
  test.each([
    ["the top 10, where there are none", {}, { limit: 10 }, 10],
    ["a board and a limit", { board: "weekly", limit: "25" }, { boardId: "weekly", limit: 25 }, 25],
    ["what the server refuses, in its own words", { limit: "1000" }, { limit: 1000 }, 1000],
    ["the top 10, where the limit is no number", { limit: "many" }, { limit: 10 }, 10],
    ["a reader's own row", { user: "ada" }, { limit: 10, userId: "ada" }, 10],
    ["no reader yet", { user: "" }, { limit: 10 }, 10],
    ["as many above a user as below", { around: "ada" }, around(4), 9],
    ["no more of those than the limit", { around: "ada", limit: "7" }, around(3), 7],
    ["one of each at least", { around: "ada", limit: "1" }, around(1), 3],
    ["some users, each once", { users: " ada grace\nada " }, { userIds: ["ada", "grace"] }, 2],
  ])("%s", (_what, attributes: Record<string, string>, watched, rows) => {
    const attribute = (name: string) => attributes[name] ?? null;
    expect(askedBy(attribute)).toEqual(watched);
    expect(rowsOf(attribute)).toBe(rows);
  });
});
