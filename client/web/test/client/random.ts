/** Randomness that is the same each time. */

import type { Random } from "../../src/client/backoff";

/** Numbers in [0, 1) from a seed, by the generator mulberry32. */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How many of the values fall into each tenth of `from` to `to`. */
export function tenths(values: readonly number[], from: number, to: number): number[] {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const value of values) {
    const tenth = Math.floor(((value - from) / (to - from)) * 10);
    counts[tenth] = (counts[tenth] ?? 0) + 1;
  }
  return counts;
}
