/** Signing in as a guest, and out again. */

import { Counter } from "../board/counting";
import { find } from "../board/elements";
import { count, hue, initial } from "../board/format";
import { showRefusal } from "../board/refusal";
import { Code, type Scorewire, ScorewireError, type Session, type Standing } from "../client";
import { byId } from "./elements";
import { holdToLimit } from "./name-limit";
import type { Performer } from "./performer";
import { forgetSession, keepSession, keptSession } from "./stored-session";

/** The card to sign in with, and the one of who is signed in. `onChange` learns who that is now. */
export class SignIn {
  readonly #card = byId("sign-in", HTMLElement);
  readonly #name = byId("display-name", HTMLInputElement);
  readonly #refusal = byId("sign-in-refusal", HTMLElement);
  readonly #you = byId("you", HTMLElement);
  readonly #score = new Counter(byId("you-score", HTMLElement));

  constructor(
    private readonly scorewire: Scorewire,
    performer: Performer,
    private readonly onChange: (session: Session | undefined) => void,
  ) {
    holdToLimit(this.#name, byId("name-limit", HTMLElement));
    const form = byId("sign-in-form", HTMLFormElement);
    const button = find(form, "button", HTMLButtonElement);
    form.addEventListener("submit", (submit) => {
      submit.preventDefault();
      void performer.run(button, this.#refusal, () => this.#signIn());
    });
    byId("sign-out", HTMLButtonElement).addEventListener("click", () => this.signOut());
  }

  /** Goes on with the session of this tab, if there is one. */
  resume(): void {
    const session = keptSession();
    this.scorewire.session = session?.token;
    this.#show(session);
  }

  /** Ends the session, for a reason where the server gave one. */
  signOut(why?: ScorewireError): void {
    forgetSession();
    this.scorewire.session = undefined;
    this.#show(undefined);
    if (why) showRefusal(this.#refusal, why);
    this.#name.focus();
  }

  /** Shows where the user stands. */
  showStanding(standing: Standing | undefined): void {
    this.#score.show(standing?.score ?? 0n);
    byId("you-rank", HTMLElement).textContent = standing ? count(standing.rank) : "–";
  }

  async #signIn(): Promise<void> {
    try {
      const session = await this.scorewire.signInAsGuest(this.#name.value.trim());
      keepSession(session);
      this.#show(session);
      byId("roll", HTMLButtonElement).focus({ preventScroll: true });
    } catch (thrown) {
      if (thrown instanceof ScorewireError && thrown.code === Code.Unimplemented) this.#sayItIsOff();
      else throw thrown;
    }
  }

  #sayItIsOff(): void {
    byId("sign-in-form", HTMLFormElement).hidden = true;
    byId("sign-in-on", HTMLElement).hidden = true;
    byId("sign-in-off", HTMLElement).hidden = false;
  }

  #show(session: Session | undefined): void {
    this.#card.hidden = session !== undefined;
    this.#you.hidden = session === undefined;
    const name = session?.displayName ?? "";
    byId("you-name", HTMLElement).textContent = name;
    byId("you-name", HTMLElement).title = name;
    find(this.#you, ".initial", HTMLElement).textContent = initial(name);
    this.#you.style.setProperty("--hue", String(hue(session?.userId ?? "")));
    this.showStanding(undefined);
    this.onChange(session);
  }
}
