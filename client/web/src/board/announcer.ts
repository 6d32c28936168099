/** What those who hear the board are told, politely: never more than they can listen to. */

const PAUSE_MS = 5_000;

/** Calls back after so many milliseconds, like `setTimeout`. */
export type After = (callback: () => void, ms: number) => unknown;

/** Says sentences one at a time, with a pause in between in which only the newest is kept. */
export class Announcer {
  #waiting: string | undefined;
  #quiet = true;

  constructor(
    private readonly say: (sentence: string) => void,
    private readonly after: After = (callback, ms) => setTimeout(callback, ms),
  ) {}

  /** Says `sentence` now, or when the pause is over, unless a newer one comes before. */
  announce(sentence: string): void {
    if (this.#quiet) this.#sayNow(sentence);
    else this.#waiting = sentence;
  }

  #sayNow(sentence: string): void {
    this.#quiet = false;
    this.say(sentence);
    this.after(() => this.#goOn(), PAUSE_MS);
  }

  #goOn(): void {
    const next = this.#waiting;
    this.#waiting = undefined;
    this.#quiet = true;
    if (next !== undefined) this.#sayNow(next);
  }
}
