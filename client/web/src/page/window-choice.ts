/** Which rows the page's board shows: the top, or those around whoever is signed in. */

import type { ScorewireBoard } from "../board";
import { byId } from "./elements";

/** The two choices above the board. */
export class WindowChoice {
  readonly #fieldset = byId("window", HTMLFieldSetElement);
  #userId: string | undefined;

  constructor(private readonly board: ScorewireBoard) {
    this.#fieldset.addEventListener("change", () => this.#apply());
  }

  /** Shows the board to this user, or to somebody who has not signed in. */
  follow(userId: string | undefined): void {
    this.#userId = userId;
    this.#fieldset.disabled = userId === undefined;
    this.board.setAttribute("user", userId ?? "");
    this.#apply();
  }

  #apply(): void {
    const chosen = this.#fieldset.querySelector<HTMLInputElement>("input:checked");
    if (this.#userId !== undefined && chosen?.value === "around") this.board.setAttribute("around", this.#userId);
    else this.board.removeAttribute("around");
  }
}
