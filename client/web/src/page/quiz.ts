/** The action `quiz.answer` on the page. */

import type { JsonValue } from "@bufbuild/protobuf";
import { make } from "../board/elements";
import type { Scorewire } from "../client";
import { Acting } from "./acting";
import { byId } from "./elements";
import { OutcomeView } from "./outcome-view";
import type { Performer } from "./performer";

const SIGNED_OUT = "Sign in to get a question. The right answer earns points.";

/** A question as the server asks it. */
interface Question {
  readonly question: string;
  readonly text: string;
  readonly choices: readonly string[];
}

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
  ) {
    this.#acting = new Acting(scorewire, "quiz.answer");
    this.#outcome = new OutcomeView(byId("quiz-outcome", HTMLElement), this.#refusal, scorewire, performer);
    this.#next.addEventListener("click", () => void this.#goOn());
  }

  /** Begins the quiz, or takes it away. */
  enable(enabled: boolean): void {
    this.#outcome.clear();
    this.#choices.replaceChildren();
    this.#text.textContent = SIGNED_OUT;
    this.#next.disabled = !enabled;
    this.#next.hidden = !enabled;
    if (enabled) void this.#run(this.#next, () => this.#ask());
  }

  async #goOn(): Promise<void> {
    await this.#run(this.#next, () => this.#ask());
    this.#choices.querySelector("button")?.focus();
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
    this.#choices.replaceChildren(...result.choices.map((choice) => this.#choice(result.question, choice)));
    this.#fieldset.disabled = false;
    this.#next.hidden = true;
  }

  #choice(question: string, answer: string): HTMLButtonElement {
    const button = make("button", "choice", answer);
    button.type = "button";
    button.addEventListener(
      "click",
      () => void this.#run(this.#fieldset, () => this.#answer(button, question, answer)),
    );
    return button;
  }

  async #answer(chosen: HTMLButtonElement, question: string, answer: string): Promise<void> {
    const { outcome, result } = await this.#act<{ correct: boolean }>({ question, answer });
    chosen.classList.add(result.correct ? "right" : "wrong");
    this.#fieldset.disabled = true;
    this.#next.hidden = false;
    this.#next.focus();
    await this.#outcome.show(result.correct ? `${answer}: right.` : `${answer}: wrong.`, outcome);
  }
}
