/** Defines `<scorewire-board>`: the one script that a page needs to show a board. */

import { ScorewireBoard } from "./element.js";

// Two scripts of one page may both bring it.
if (!customElements.get("scorewire-board")) customElements.define("scorewire-board", ScorewireBoard);

export type { Board, Standing } from "../client/index.js";
export { ScorewireBoard, type ScorewireBoardEvents } from "./element.js";
export type { BoardState } from "./status.js";
