/** One watch of a board, from its beginning until it is ended or refused. */

import { type Board, type Scorewire, ScorewireError, type WatchOptions } from "../client/index.js";
import type { BoardState } from "./status.js";

/** Who is told. */
export interface Told {
  readonly board: (board: Board) => void;
  readonly state: (state: BoardState) => void;
}

/** Watches from now on. */
export class Watch {
  readonly #over = new AbortController();

  constructor(scorewire: Scorewire, asked: WatchOptions, told: Told) {
    void this.#go(scorewire, asked, told);
  }

  /** Ends it; nobody is told of anything after that. */
  end(): void {
    this.#over.abort();
  }

  async #go(scorewire: Scorewire, asked: WatchOptions, told: Told): Promise<void> {
    const { signal } = this.#over;
    const onState = (state: BoardState) => {
      if (!signal.aborted) told.state(state);
    };
    try {
      for await (const board of scorewire.watch({ ...asked, signal, onState })) if (!signal.aborted) told.board(board);
    } catch (thrown) {
      if (!(thrown instanceof ScorewireError)) throw thrown;
      onState({ name: "ended", error: thrown });
    }
  }
}
