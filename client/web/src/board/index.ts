/** Defines `<scorewire-board>`: the one script that a page needs to show a board. */

import { ScorewireBoard } from "./element";

// Two scripts of one page may both bring it.
if (!customElements.get("scorewire-board")) customElements.define("scorewire-board", ScorewireBoard);

export { ScorewireBoard, type ScorewireBoardEvents } from "./element";
export type { BoardState } from "./status";
