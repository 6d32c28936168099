/** Whether the board is the newest one, in words. */

import type { ScorewireError, WatchState } from "../client/index.js";
import { find } from "./elements.js";
import { timeOf } from "./format.js";

/** How a watch stands, or that it has ended because it was refused. */
export type BoardState =
  | WatchState
  | { readonly name: "ended"; readonly staleSince?: undefined; readonly error: ScorewireError };

/** The state in words. */
export function describe({ name, staleSince }: BoardState): string {
  switch (name) {
    case "connecting":
      return "Connecting…";
    case "live":
      return "Live";
    case "reconnecting":
      return "Reconnecting…";
    case "stale":
      return `Stale since ${timeOf(staleSince)}, reconnecting…`;
    case "ended":
      return "Not connected";
  }
}

/** The line with the state, and the look of a board that is no longer the newest. */
export class StatusView {
  readonly #status: HTMLElement;
  readonly #words: HTMLElement;
  readonly #board: HTMLElement;

  constructor(root: ParentNode) {
    this.#status = find(root, ".status", HTMLElement);
    this.#words = find(root, ".words", HTMLElement);
    this.#board = find(root, ".board", HTMLElement);
  }

  /** Shows a state; answers its words where they are new. */
  show(state: BoardState): string | undefined {
    const words = describe(state);
    this.#status.dataset.state = state.name;
    this.#board.classList.toggle("aged", state.name === "stale" || state.name === "ended");
    if (this.#words.textContent === words) return undefined;
    this.#words.textContent = words;
    return words;
  }
}
