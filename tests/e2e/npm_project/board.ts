/** A program that uses the element with its types; it is checked, and runs in browsers alone. */

import "@scorewire/client/board";
import type { Board, ScorewireBoard } from "@scorewire/client/board";

const board: ScorewireBoard = document.createElement("scorewire-board");
board.addEventListener("scorewire-board", ({ detail }) => console.log(detail.standings.map(({ score }) => score)));
board.addEventListener("scorewire-state", ({ detail }) => console.log(detail.name, detail.staleSince?.getTime()));
export const newest: Board | undefined = board.newest;
