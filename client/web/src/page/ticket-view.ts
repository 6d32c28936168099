/** A ticket on the page: what it says, the time it has, and every call that redeems it with its answer. */

import { find, make, stamp } from "../board/elements";
import { change, count } from "../board/format";
import { explain } from "../board/refusal";
import { type Award, ScorewireError } from "../client";
import { pause } from "../client/backoff";
import { announce, byId } from "./elements";
import type { Performer } from "./performer";
import type { Redeeming } from "./redeeming";
import { readable, readClaims } from "./ticket-claims";

// Redeeming takes a few milliseconds; one shall see the ticket before it is used.
const SHOWN_MS = 900;
const TICK_MS = 250;

/** Shows a ticket and redeems it; a button redeems it again. */
export class TicketView {
  readonly #view = stamp(byId("ticket-template", HTMLTemplateElement), HTMLElement);
  readonly #again = find(this.#view, ".again", HTMLButtonElement);
  #ticking: number | undefined;

  constructor(
    place: HTMLElement,
    ticket: string,
    private readonly redeeming: Redeeming,
  ) {
    place.append(this.#view);
    this.#show(ticket);
    redeeming.onFresh = (fresh) => this.#show(fresh);
  }

  /** Redeems the ticket; resolves when that is done or refused, and the button is there to be clicked. */
  async redeem(performer: Performer, refusal: HTMLElement): Promise<void> {
    const again = () => this.#call(this.redeeming.redeem());
    this.#again.addEventListener("click", () => void performer.run(this.#again, refusal, again));
    await this.#call(pause(SHOWN_MS).then(() => this.redeeming.redeem()));
    this.#again.disabled = false;
  }

  #show(ticket: string): void {
    const claims = readClaims(ticket);
    const shown = Object.entries(claims).map(([name, value]) => claim(name, readable(name, value)));
    find(this.#view, ".claims", HTMLElement).replaceChildren(...shown);
    clearInterval(this.#ticking);
    this.#ticking = countDown(this.#view, claims.exp - claims.iat);
  }

  /** Adds a line for a call of UpdateScore, with its answer when that is there. */
  async #call(answer: Promise<Award>): Promise<void> {
    const line = stamp(byId("call-template", HTMLTemplateElement), HTMLLIElement);
    find(this.#view, ".calls", HTMLElement).append(line);
    this.redeeming.onWait = () => fill(line, "…", "Not redeemed yet. A fresh ticket is on its way.");
    try {
      fill(line, "OK", tell(await answer), "done");
      this.#view.dataset.state = "redeemed";
    } catch (thrown) {
      if (!(thrown instanceof ScorewireError)) throw thrown;
      const meaning = this.redeeming.isOver ? tellRefused(thrown) : tellOpen(thrown);
      fill(line, thrown.reason ?? "UNAVAILABLE", meaning, "refused");
    }
  }
}

function claim(name: string, value: string): HTMLElement {
  const pair = make("div", "claim");
  const text = make("dd", "", value);
  text.title = value;
  pair.dataset.name = name;
  pair.append(make("dt", "", name), text);
  return pair;
}

function fill(line: HTMLElement, answer: string, meaning: string, state?: "done" | "refused"): void {
  const place = find(line, ".meaning", HTMLElement);
  find(line, ".answer", HTMLElement).textContent = answer;
  if (state) line.dataset.state = state;
  if (place.textContent === meaning) return;
  place.textContent = meaning;
  announce(meaning);
}

function tell({ scoreIncrease, score, rank }: Award): string {
  const place = rank === undefined ? "" : `, rank ${count(rank)}`;
  return `${change(scoreIncrease)} points: score ${count(score)}${place}.`;
}

function tellRefused(error: ScorewireError): string {
  if (error.reason === "TICKET_ALREADY_REDEEMED") return tellCounted(error);
  return explain(error);
}

function tellOpen({ retryAfterMs }: ScorewireError): string {
  const when = retryAfterMs === undefined ? "" : ` in ${Math.ceil(retryAfterMs / 1000)} s`;
  return `It has not counted yet, and is not lost: redeem it again${when}.`;
}

function tellCounted({ metadata }: ScorewireError): string {
  if (metadata.voided) return "This award has been taken back: it earns nothing.";
  return `A ticket counts once: ${change(Number(metadata.scoreIncrease))} then, nothing now.`;
}

/** Shows how long it is good, and answers the interval at which it does so. */
function countDown(view: HTMLElement, seconds: number): number {
  const end = performance.now() + seconds * 1000;
  const left = find(view, ".left", HTMLElement);
  const bar = find(view, ".bar", HTMLElement);
  const ticking = setInterval(tick, TICK_MS);
  tick();
  return ticking;

  function tick() {
    const remaining = Math.max(0, end - performance.now()) / 1000;
    left.textContent = remaining > 0 ? `${Math.ceil(remaining)} s left` : "its time is over";
    bar.style.scale = `${remaining / seconds} 1`;
    if (remaining === 0 || !view.isConnected) clearInterval(ticking);
  }
}
