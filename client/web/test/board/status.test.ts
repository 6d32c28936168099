import { expect, test } from "vitest";
import { timeOf } from "../../src/board/format";
import { describe as words } from "../../src/board/status";
import { Code, ScorewireError } from "../../src/client";

const error = new ScorewireError("the server cannot be reached", Code.Unavailable, {});
const staleSince = new Date("2026-03-01T12:03:10");

test.each([
  ["before the first stream", { name: "connecting" } as const, "Connecting…"],
  ["with a stream", { name: "live" } as const, "Live"],
  ["for a moment without", { name: "reconnecting", staleSince, error } as const, "Reconnecting…"],
  [
    "for longer without",
    { name: "stale", staleSince, error } as const,
    `Stale since ${timeOf(staleSince)}, reconnecting…`,
  ],
  ["refused", { name: "ended", error } as const, "Not connected"],
])("the state in words, %s", (_when, state, said) => {
  expect(words(state)).toBe(said);
});
