/** The action `dice.roll` on the page. */

import { animate } from "../board/motion";
import type { ActionOutcome, Scorewire } from "../client";
import { Acting } from "./acting";
import { byId } from "./elements";
import { OutcomeView } from "./outcome-view";
import type { Performer } from "./performer";
import { Redeeming } from "./redeeming";
import type { Tries } from "./tries";

const TUMBLE = [
  { rotate: "0deg", scale: 1 },
  { rotate: "200deg", scale: 0.8 },
  { rotate: "360deg", scale: 1 },
];

/** The die and its button. */
export class Dice {
  readonly #button = byId("roll", HTMLButtonElement);
  readonly #die = byId("die", HTMLElement);
  readonly #refusal = byId("dice-refusal", HTMLElement);
  readonly #outcome: OutcomeView;
  readonly #acting: Acting;

  constructor(scorewire: Scorewire, performer: Performer, tries: Tries) {
    this.#acting = new Acting(scorewire, "dice.roll", tries);
    const redeeming = (outcome: ActionOutcome) => new Redeeming(scorewire, this.#acting, outcome);
    this.#outcome = new OutcomeView(byId("dice-outcome", HTMLElement), this.#refusal, redeeming, performer);
    const roll = () => this.#outcome.replace(() => this.#roll());
    this.#button.addEventListener("click", () => void performer.run(this.#button, this.#refusal, roll));
  }

  /** Lets the user roll, or not. */
  enable(enabled: boolean): void {
    this.#button.disabled = !enabled;
    this.#outcome.clear();
  }

  /** Moves the keyboard to the button. */
  focus(): void {
    this.#button.focus();
  }

  async #roll(): Promise<void> {
    const tumbling = animate(this.#die, TUMBLE, { duration: 500, easing: "ease-in-out" });
    const outcome = await this.#acting.act(null);
    await tumbling;
    const { rolled } = JSON.parse(outcome.result).result;
    this.#die.dataset.face = String(rolled);
    await this.#outcome.show(`You rolled ${rolled}.`, outcome);
  }
}
