import { expect, test } from "vitest";
import { faultOf } from "../../src/page/name-limit";

test.each([
  ["Ada", ""],
  ["W".repeat(32), ""],
  ["😀".repeat(32), ""],
  ["W".repeat(33), "1 too many, up to 32 characters"],
  ["😀".repeat(40), "8 too many, up to 32 characters"],
])("the length of %s is held to the server's", (name, fault) => {
  expect(faultOf(name)).toBe(fault);
});
