/** The action `quiz.answer` on the page. */

import type { JsonValue } from "@bufbuild/protobuf";
import { make } from "../board/elements";
import type { ActionOutcome, Scorewire } from "../client";
import { Acting } from "./acting";
import { byId } from "./elements";
import { OutcomeView } from "./outcome-view";
import type { Performer } from "./performer";
import { Redeeming } from "./redeeming";
import type { Tries } from "./tries";

const UNTOLD = "What came of your last answer:";
const SIGNED_OUT = "Sign in to get a question. The right answer earns points.";

/** A question as the server asks it. */
interface Question {
  readonly question: string;
  readonly text: string;
  readonly choices: readonly string[];
}

/** An answer as one gives it. */
type Answer = { readonly question: string; readonly answer: string };

/** The question, its choices, and what the answer earned. */
export class Quiz {
  readonly #fieldset = byId("quiz", HTMLFieldSetElement);
  readonly #text = byId("question", HTMLElement);
  readonly #choices = byId("choices", HTMLElement);
  readonly #next = byId("next-question", HTMLButtonElement);
  readonly #refusal = byId("quiz-refusal", HTMLElement);
  readonly #outcome: OutcomeView;
  readonly #acting: Acting;

  constructor(
    scorewire: Scorewire,
    private readonly performer: Performer,
    tries: Tries,
  ) {
    this.#acting = new Acting(scorewire, "quiz.answer", tries);
    const redeeming = (outcome: ActionOutcome) => new Redeeming(scorewire, this.#acting, outcome);
    this.#outcome = new OutcomeView(byId("quiz-outcome", HTMLElement), this.#refusal, redeeming, performer);
    this.#next.addEventListener("click", () => void this.#click());
  }

  /** Begins the quiz, or takes it away. */
  enable(enabled: boolean): void {
    this.#outcome.clear();
    this.#choices.replaceChildren();
    this.#text.textContent = SIGNED_OUT;
    this.#next.disabled = !enabled;
    this.#next.hidden = !enabled;
    if (enabled) void this.#goOn();
  }

  async #click(): Promise<void> {
    await this.#goOn();
    this.#choices.querySelector("button")?.focus();
  }

  // What came of an answer is told before the next question is asked.
  #goOn(): Promise<void> {
    const untold = this.#acting.untold().find((some) => some !== null);
    return this.#run(this.#next, () => (untold ? this.#tell(untold as Answer) : this.#ask()));
  }

  #run(busy: HTMLElement, task: () => Promise<void>): Promise<void> {
    return this.performer.run(busy, this.#refusal, () => this.#outcome.replace(task));
  }

  async #act<Result>(some: JsonValue) {
    const outcome = await this.#acting.act(some);
    return { outcome, result: JSON.parse(outcome.result).result as Result };
  }

  // Doing the action without an answer earns nothing but the question.
  async #ask(): Promise<void> {
    const { result } = await this.#act<Question>(null);
    this.#outcome.clear();
    this.#text.textContent = result.text;
    const { question, choices } = result;
    this.#choices.replaceChildren(...choices.map((answer) => this.#choice({ question, answer })));
    this.#fieldset.disabled = false;
    this.#next.hidden = true;
  }

  async #tell(given: Answer): Promise<void> {
    const choice = this.#choice(given);
    this.#text.textContent = UNTOLD;
    this.#choices.replaceChildren(choice);
    this.#fieldset.disabled = true;
    await this.#answer(choice, given);
  }

  #choice(given: Answer): HTMLButtonElement {
    const button = make("button", "choice", given.answer);
    button.type = "button";
    const answer = async () => {
      await this.#answer(button, given);
      this.#acting.forgetUntold(); // a question takes one answer
      this.#next.focus();
    };
    button.addEventListener("click", () => void this.#run(this.#fieldset, answer));
    return button;
  }

  async #answer(chosen: HTMLButtonElement, given: Answer): Promise<void> {
    const { outcome, result } = await this.#act<{ correct: boolean }>(given);
    chosen.classList.add(result.correct ? "right" : "wrong");
    this.#fieldset.disabled = true;
    this.#next.hidden = false;
    // Nobody has to wait for the ticket to go on.
    void this.#outcome.show(`${given.answer}: ${result.correct ? "right" : "wrong"}.`, outcome);
  }
}
