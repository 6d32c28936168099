import { describe, expect, test } from "vitest";
import { Newest } from "../../src/board/frames";

function screen() {
  const drawn: number[] = [];
  const frames: (() => void)[] = [];
  const newest = new Newest<number>(
    (value) => drawn.push(value),
    (draw) => frames.push(draw),
  );
  return { drawn, frames, newest };
}

describe("what is drawn", () => {
  test("is the newest of a thousand values, once a frame", () => {
    const { drawn, frames, newest } = screen();
    for (let value = 1; value <= 1_000; value++) newest.offer(value);
    expect(frames).toHaveLength(1);
    frames.shift()?.();
    expect(drawn).toEqual([1_000]);
    newest.offer(1_001);
    frames.shift()?.();
    expect(drawn).toEqual([1_000, 1_001]);
  });

  test("is nothing that was dropped", () => {
    const { drawn, frames, newest } = screen();
    newest.offer(1);
    newest.drop();
    frames.shift()?.();
    expect(drawn).toEqual([]);
  });
});
