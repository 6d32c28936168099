/** Doing what a button says: once at a time, with every refusal shown. */

import { clearRefusal, showRefusal } from "../board/refusal";
import { type Reason, ScorewireError } from "../client";

const SESSION_OVER = new Set<Reason | undefined>(["SESSION_MISSING", "SESSION_INVALID", "SESSION_EXPIRED"]);

/** Runs the tasks of the page's buttons; `onSessionOver` learns of a refusal after which one must sign in again. */
export class Performer {
  readonly #onSessionOver: (error: ScorewireError) => void;

  constructor(onSessionOver: (error: ScorewireError) => void) {
    this.#onSessionOver = onSessionOver;
  }

  /** Runs `task` unless `place` is busy already; shows what it throws in `refusal`. */
  async run(place: HTMLElement, refusal: HTMLElement, task: () => Promise<void>): Promise<void> {
    if (place.ariaBusy === "true") return;
    place.ariaBusy = "true";
    clearRefusal(refusal);
    try {
      await task();
    } catch (thrown) {
      const isRefusal = thrown instanceof ScorewireError;
      if (isRefusal && SESSION_OVER.has(thrown.reason)) return this.#onSessionOver(thrown);
      showRefusal(refusal, thrown);
      if (!isRefusal) throw thrown;
    } finally {
      place.ariaBusy = null;
    }
  }
}
