/** Numbers that count to their new value instead of jumping there. */

import { between } from "./between.js";
import { count } from "./format.js";
import { movementWanted } from "./motion.js";

const COUNTING_MS = 700;

/** A number in an element. */
export class Counter {
  #shown: bigint | undefined;
  #frame = 0;

  constructor(private readonly element: HTMLElement) {}

  /** Shows `value`; counts from what is shown now, where something is. */
  show(value: bigint): void {
    cancelAnimationFrame(this.#frame);
    const from = movementWanted() ? (this.#shown ?? value) : value;
    this.#step(from, value, performance.now());
  }

  #step(from: bigint, to: bigint, begun: number): void {
    const share = Math.min(1, Math.max(0, (performance.now() - begun) / COUNTING_MS));
    const now = between(from, to, share);
    if (now !== this.#shown) this.element.textContent = count(now);
    this.#shown = now;
    if (now !== to) this.#frame = requestAnimationFrame(() => this.#step(from, to, begun));
  }
}
