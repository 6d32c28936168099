/** What an action earned, and which way it was delivered: the server's setting, so either may come. */

import { make } from "../board/elements";
import { count } from "../board/format";
import type { ActionOutcome } from "../client";
import { announce } from "./elements";
import type { Performer } from "./performer";
import type { Redeeming } from "./redeeming";
import { TicketView } from "./ticket-view";

/** Where outcomes are shown, and the means to redeem. */
export class OutcomeView {
  constructor(
    private readonly place: HTMLElement,
    private readonly refusal: HTMLElement,
    private readonly redeeming: (outcome: ActionOutcome) => Redeeming,
    private readonly performer: Performer,
  ) {}

  /** Takes away what is shown. */
  clear(): void {
    this.#put();
  }

  /** Runs a new try: what the one before led to is out of sight meanwhile, and gone where this one fails. */
  async replace(task: () => Promise<void>): Promise<void> {
    this.place.classList.add("earlier");
    try {
      await task();
    } catch (thrown) {
      this.clear();
      throw thrown;
    }
  }

  /** Shows what happened, in words, and its award; resolves when that is redeemed or refused. */
  async show(said: string, outcome: ActionOutcome): Promise<void> {
    this.#put(make("p", "said", said));
    if (outcome.token !== undefined) {
      announce(`${said} You have a ticket.`);
      const view = new TicketView(this.place, outcome.token, this.redeeming(outcome));
      await view.redeem(this.performer, this.refusal);
    } else {
      const earned = tell(outcome);
      announce(`${said} ${earned}`);
      this.place.append(make("p", "delivered", earned));
    }
  }

  #put(...what: HTMLElement[]): void {
    this.place.replaceChildren(...what);
    this.place.classList.remove("earlier");
  }
}

function tell({ score, scorePending }: ActionOutcome): string {
  if (scorePending) return "Your score follows: the points are yours, and the board shows them in a moment.";
  if (score === undefined) return "It earned nothing: no ticket, no points.";
  return `Delivered internally, from server to server. It made your score ${count(score)}.`;
}
