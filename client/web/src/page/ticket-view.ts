/** A ticket on the page: what it says, the time it has, and every call that redeems it with its answer. */

import { find, make, stamp } from "../board/elements";
import { change, count } from "../board/format";
import { explain } from "../board/refusal";
import { type ActionOutcome, type Award, type Scorewire, ScorewireError } from "../client";
import { pause } from "../client/backoff";
import { announce, byId } from "./elements";
import type { Performer } from "./performer";
import { readable, readClaims } from "./ticket-claims";

// Redeeming takes a few milliseconds; one shall see the ticket before it is used.
const SHOWN_MS = 900;
const TICK_MS = 250;

/** Shows the ticket of an outcome in `place` and redeems it; a button redeems it again. */
export async function showTicket(
  place: HTMLElement,
  { token = "", result }: ActionOutcome,
  scorewire: Scorewire,
  performer: Performer,
  refusal: HTMLElement,
): Promise<void> {
  const view = stamp(byId("ticket-template", HTMLTemplateElement), HTMLElement);
  const claims = readClaims(token);
  const list = find(view, ".claims", HTMLElement);
  for (const [name, value] of Object.entries(claims)) list.append(claim(name, readable(name, value)));
  place.append(view);
  countDown(view, claims.exp - claims.iat);

  const again = find(view, ".again", HTMLButtonElement);
  const redeem = () => scorewire.redeem(token, result);
  again.addEventListener("click", () => void performer.run(again, refusal, () => showCall(view, redeem())));
  await showCall(view, pause(SHOWN_MS).then(redeem));
  again.disabled = false;
}

function claim(name: string, value: string): HTMLElement {
  const pair = make("div", "claim");
  const text = make("dd", "", value);
  text.title = value;
  pair.dataset.name = name;
  pair.append(make("dt", "", name), text);
  return pair;
}

/** Adds a line for a call of UpdateScore, with its answer when that is there. */
async function showCall(view: HTMLElement, answer: Promise<Award>): Promise<void> {
  const line = stamp(byId("call-template", HTMLTemplateElement), HTMLLIElement);
  find(view, ".calls", HTMLElement).append(line);
  try {
    fill(line, "OK", tell(await answer), "done");
    view.dataset.state = "redeemed";
  } catch (thrown) {
    if (!(thrown instanceof ScorewireError)) throw thrown;
    fill(line, thrown.reason ?? "UNAVAILABLE", tellRefused(thrown), "refused");
  }
}

function fill(line: HTMLElement, answer: string, meaning: string, state: "done" | "refused"): void {
  find(line, ".answer", HTMLElement).textContent = answer;
  find(line, ".meaning", HTMLElement).textContent = meaning;
  line.dataset.state = state;
  announce(meaning);
}

function tell({ scoreIncrease, score, rank }: Award): string {
  const place = rank === undefined ? "" : `, rank ${count(rank)}`;
  return `${change(scoreIncrease)} points: score ${count(score)}${place}.`;
}

function tellRefused(error: ScorewireError): string {
  if (error.reason === "TICKET_ALREADY_REDEEMED") return tellCounted(error);
  // It has a few seconds, and after them does not count.
  if (error.mayPass) return "It has not been redeemed: do it again while the ticket has time.";
  return explain(error);
}

function tellCounted({ metadata }: ScorewireError): string {
  if (metadata.voided) return "This award has been taken back: it earns nothing.";
  return `A ticket counts once: ${change(Number(metadata.scoreIncrease))} then, nothing now.`;
}

function countDown(view: HTMLElement, seconds: number): void {
  const end = performance.now() + seconds * 1000;
  const left = find(view, ".left", HTMLElement);
  const bar = find(view, ".bar", HTMLElement);
  const ticking = setInterval(tick, TICK_MS);
  tick();

  function tick() {
    const remaining = Math.max(0, end - performance.now()) / 1000;
    left.textContent = remaining > 0 ? `${Math.ceil(remaining)} s left` : "its time is over";
    bar.style.scale = `${remaining / seconds} 1`;
    if (remaining === 0 || !view.isConnected) clearInterval(ticking);
  }
}
