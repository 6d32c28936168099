import { expect, test } from "vitest";
import { between } from "../../src/board/between";
import { change, initial, points } from "../../src/board/format";

test.each([
  ["Ada", "A"],
  ["👩‍🚀 Sally", "👩‍🚀"],
  ["🇳🇱 Edsger", "🇳🇱"],
  ["É́lan", "É́"],
  ["محمد", "م"],
  ["", ""],
])("the first letter of %s", (name, letter) => {
  expect(initial(name)).toBe(letter);
});

test("changes have a sign, and one point is no points", () => {
  expect([change(5), change(-1_234n), points(1n), points(2n)]).toEqual(["+5", "−1,234", "1 point", "2 points"]);
});

test("counting begins at one number, ends at the other exactly, and never overshoots", () => {
  const [from, to] = [999_999_999_999n, 1_000_000_000_009n];
  expect([between(from, to, 0), between(from, to, 1)]).toEqual([from, to]);
  for (let share = 0; share <= 1; share += 0.01) {
    expect(between(from, to, share)).toBeGreaterThanOrEqual(from);
    expect(between(from, to, share)).toBeLessThanOrEqual(to);
  }
});
