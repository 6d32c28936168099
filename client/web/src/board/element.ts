/** `<scorewire-board>`: a leaderboard that keeps itself up to date, for any page. */

import { type Board, Scorewire } from "../client/index.js";
import markup from "./board.html?raw";
import { askedBy, rowsOf } from "./options.js";
import type { BoardState } from "./status.js";
import css from "./style/board.css?inline";
import { BoardView } from "./view.js";
import { Watch } from "./watch.js";

/** What its events carry as their `detail`. */
export interface ScorewireBoardEvents {
  "scorewire-board": CustomEvent<Board>;
  "scorewire-state": CustomEvent<BoardState>;
}

const STYLE = new CSSStyleSheet();
STYLE.replaceSync(css);
const MARKUP = document.createElement("template");
MARKUP.innerHTML = markup;

// What another of these makes another board, whose rows are not to be compared with those before.
const WHICH = new Set(["src", "board"]);

/**
 * A live board. Its attributes may be changed at any time:
 *
 * - `src`: the address of the gateway; that of the page unless set.
 * - `board`: the id of the board; the operator's default one unless set.
 * - `limit`: how many rows, 1-100; 10 unless set.
 * - `around`: the id of a user around whom the rows are, instead of the top.
 * - `users`: the ids of users, with spaces in between, who are shown instead of the top.
 * - `user`: the id of the reader, whose own row is marked and always in sight.
 * - `heading`: what stands above; `Leaderboard` unless set.
 * - `theme`: `light`, `dark` or `auto`, which is the system's; that of the page around it unless set.
 */
export class ScorewireBoard extends HTMLElement {
  static readonly observedAttributes = ["src", "board", "limit", "around", "users", "user", "heading"];

  readonly #view: BoardView;
  #watch: Watch | undefined;
  #due = false;
  #newest: Board | undefined;
  #state: BoardState = { name: "connecting" };
  // When the watch before this one had last heard the server.
  #heard: Date | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [STYLE];
    root.append(MARKUP.content.cloneNode(true));
    this.#view = new BoardView(root);
  }

  /** The newest board, `undefined` before the first. */
  get newest(): Board | undefined {
    return this.#newest;
  }

  /** How the newest board stands. */
  get state(): BoardState {
    return this.#state;
  }

  connectedCallback(): void {
    this.#begin();
  }

  disconnectedCallback(): void {
    this.#begin();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now) return;
    if (name === "heading") this.#view.heading = now ?? "Leaderboard";
    else this.#begin();
    if (WHICH.has(name)) {
      this.#newest = undefined;
      this.#view.clear();
    }
  }

  /** Watches what the attributes ask for now, once all that change together have changed; nothing, off the page. */
  #begin(): void {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      this.#heard = this.#state.name === "live" ? new Date() : (this.#state.staleSince ?? this.#heard);
      this.#watch?.end();
      this.#watch = this.isConnected ? this.#watchNow() : undefined;
    });
  }

  #watchNow(): Watch {
    const attribute = (name: string) => this.getAttribute(name);
    this.#view.makeRoom(rowsOf(attribute), attribute("user"));
    const gateway = new URL(attribute("src") ?? "/", location.href).href.replace(/\/$/, "");
    return new Watch(Scorewire.at(gateway), askedBy(attribute), {
      board: (board) => this.#show(board),
      state: (state) => this.#showState(state),
    });
  }

  #show(board: Board): void {
    this.#newest = board;
    this.#view.show(board);
    this.#tell("scorewire-board", board);
  }

  #showState(state: BoardState): void {
    this.#state = this.#ofWhatIsShown(state);
    this.#view.showState(this.#state);
    this.#tell("scorewire-state", this.#state);
  }

  // A watch that cannot begin leaves the board in sight that the one before it brought, and that ages.
  #ofWhatIsShown(state: BoardState): BoardState {
    if (state.name !== "connecting" || !state.error || !this.#newest || !this.#heard) return state;
    return { name: "stale", staleSince: this.#heard, error: state.error };
  }

  #tell<Name extends keyof ScorewireBoardEvents>(name: Name, detail: ScorewireBoardEvents[Name]["detail"]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "scorewire-board": ScorewireBoard;
  }
  interface HTMLElementEventMap extends ScorewireBoardEvents {}
}
