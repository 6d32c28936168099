/** Drawing no more often than the screen does. */

/** Asks to be called before the next frame, like `requestAnimationFrame`. */
export type RequestFrame = (draw: () => void) => unknown;

/**
 * Draws the newest of the values it is given, once a frame: what came in between is never drawn. A page that nobody sees
 * has no frames, and draws nothing until it is seen.
 */
export class Newest<T> {
  #due: { value: T } | undefined;

  constructor(
    private readonly draw: (value: T) => void,
    private readonly requestFrame: RequestFrame = (draw) => requestAnimationFrame(draw),
  ) {}

  /** Has `value` drawn in the next frame, unless a newer one comes before. */
  offer(value: T): void {
    if (this.#due) this.#due.value = value;
    else {
      this.#due = { value };
      this.requestFrame(() => this.#drawNow());
    }
  }

  /** Forgets what is not drawn yet. */
  drop(): void {
    this.#due = undefined;
  }

  #drawNow(): void {
    const due = this.#due;
    this.#due = undefined;
    if (due) this.draw(due.value);
  }
}
