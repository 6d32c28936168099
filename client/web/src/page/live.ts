/** The page's watch: the top of the board, with the standing of whoever is signed in. */

import { type Board, type Scorewire, ScorewireError } from "../client";
import { showConnection } from "./connection";
import { byId } from "./elements";
import { showRefusal } from "./refusal";

const LIMIT = 10;

/** One watch at a time. */
export class Live {
  #watching = new AbortController();

  constructor(
    private readonly scorewire: Scorewire,
    private readonly show: (board: Board) => void,
  ) {}

  /** Watches from now on with this user's standing. Ends only with the page, or where watching is refused. */
  async follow(userId: string | undefined): Promise<void> {
    this.#watching.abort();
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    try {
      for await (const board of this.scorewire.watch({ limit: LIMIT, userId, signal, onState: showConnection })) {
        this.show(board);
      }
    } catch (thrown) {
      showConnection({ name: "ended" });
      showRefusal(byId("watch-refusal", HTMLElement), thrown);
      if (!(thrown instanceof ScorewireError)) throw thrown;
    }
  }
}
