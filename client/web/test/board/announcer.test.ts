import { expect, test } from "vitest";
import { Announcer } from "../../src/board/announcer";

test("of what comes in a pause, only the newest is said, when the pause is over", () => {
  const said: string[] = [];
  const pauses: (() => void)[] = [];
  const announcer = new Announcer(
    (sentence) => said.push(sentence),
    (callback) => pauses.push(callback),
  );
  for (const sentence of ["one", "two", "three"]) announcer.announce(sentence);
  expect(said).toEqual(["one"]);
  pauses.shift()?.();
  expect(said).toEqual(["one", "three"]);
  pauses.shift()?.();
  expect(pauses).toEqual([]);
  announcer.announce("four");
  expect(said).toEqual(["one", "three", "four"]);
});
