/** The board as one sees it: heading, state, rows, and what is below them. */

import type { Board } from "../client/index.js";
import { Announcer } from "./announcer.js";
import { find } from "./elements.js";
import { count } from "./format.js";
import { Newest } from "./frames.js";
import { clearRefusal, showRefusal } from "./refusal.js";
import { Rows } from "./rows.js";
import { chase, news } from "./sentences.js";
import { type BoardState, StatusView } from "./status.js";

/** Shows boards and states in a copy of board.html. */
export class BoardView {
  readonly #rows: Rows;
  readonly #status: StatusView;
  readonly #announcer: Announcer;
  readonly #frames = new Newest<Board>((board) => this.#draw(board));
  #drawn: Board | undefined;
  #hasReader = false;

  constructor(private readonly root: ParentNode) {
    this.#rows = new Rows(root);
    this.#status = new StatusView(root);
    const heard = this.#part(".heard");
    this.#announcer = new Announcer((sentence) => {
      heard.textContent = sentence;
    });
  }

  /** The heading above the board. */
  set heading(text: string) {
    this.#part("#heading").textContent = text;
  }

  /**
   * Makes room for so many rows, and for the own row of the reader: nothing jumps when they come. `user` is empty for a
   * reader who is not known yet, and null where there is to be none.
   */
  makeRoom(rows: number, user: string | null): void {
    const board = this.#part(".board");
    board.style.setProperty("--rows", String(rows));
    board.classList.toggle("with-own", user !== null);
    board.classList.toggle("with-reader", Boolean(user));
    this.#part(".invite").hidden = user !== "";
    this.#hasReader = Boolean(user);
  }

  /** Has a board shown in the next frame, unless a newer one comes before. */
  show(board: Board): void {
    this.#frames.offer(board);
  }

  /** Shows whether the board is the newest. */
  showState(state: BoardState): void {
    const words = this.#status.show(state);
    if (words && state.name !== "connecting") this.#announcer.announce(words);
    const refusal = this.#part(".refusal");
    if (state.name === "ended") showRefusal(refusal, state.error);
    else clearRefusal(refusal);
    // Until a board is there after all: a watch that only tries again shall move nothing.
    if (state.name === "ended" && !this.#drawn) this.#setBare(true);
  }

  /** Forgets the board, for another one. */
  clear(): void {
    this.#frames.drop();
    this.#rows.clear();
    this.#drawn = undefined;
    this.#part(".empty").hidden = true;
    this.#setBare(false);
  }

  #draw(board: Board): void {
    this.#setBare(false);
    this.#rows.show(board);
    this.#part(".empty").hidden = board.standings.length > 0;
    const chased = board.own || !this.#hasReader ? chase(board) : "No points yet";
    this.#part(".chase").hidden = chased === "";
    this.#part(".chase").textContent = chased;
    this.#part(".total").textContent = `${count(board.totalUsers)} ${board.totalUsers === 1 ? "user" : "users"}`;
    this.#part(".revision").textContent = `revision ${count(board.revision)}`;
    const told = news(this.#drawn, board);
    if (told) this.#announcer.announce(told);
    this.#drawn = board;
  }

  /** Takes the room for rows away where none will come, or gives it back. */
  #setBare(isBare: boolean): void {
    this.#part(".board").classList.toggle("bare", isBare);
  }

  #part(selector: string): HTMLElement {
    return find(this.root, selector, HTMLElement);
  }
}
