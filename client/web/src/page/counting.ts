/** Numbers that count to their new value instead of jumping there. */

import { count } from "./format";
import { movementWanted } from "./motion";

const COUNTING_MS = 700;

interface Counting {
  shown: bigint;
  frame: number;
}

const counters = new WeakMap<HTMLElement, Counting>();

/** Shows `value` in an element; counts from the value it shows now, where it shows one. */
export function countTo(element: HTMLElement, value: bigint): void {
  const counter = counters.get(element) ?? { shown: value, frame: 0 };
  counters.set(element, counter);
  cancelAnimationFrame(counter.frame);
  const from = movementWanted() ? counter.shown : value;
  const begun = performance.now();
  step(begun);

  function step(now: number): void {
    const share = Math.min(1, Math.max(0, (now - begun) / COUNTING_MS));
    counter.shown = share === 1 ? value : between(from, value, share);
    element.textContent = count(counter.shown);
    if (counter.shown !== value) counter.frame = requestAnimationFrame(step);
  }
}

/** A point on the way, fast at first and slow at the end. */
function between(from: bigint, to: bigint, share: number): bigint {
  const eased = 1 - (1 - share) ** 3;
  return from + BigInt(Math.round(Number(to - from) * eased));
}
