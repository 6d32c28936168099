/** Why something was refused, and what to do next. */

import { Code, ScorewireError } from "../client/index.js";
import { make } from "./elements.js";

const NEXT: Partial<Record<NonNullable<ScorewireError["reason"]>, string>> = {
  INVALID_FIELD: "Change it and try again.",
  ACTION_REFUSED: "Try something else.",
  ACTION_INTERRUPTED: "It earned nothing. Try again.",
  DEADLINE_EXCEEDED: "Nothing counts twice: try again.",
  ACTION_TYPE_UNKNOWN: "Whoever runs this server can add it.",
  SCORING_RULE_MISSING: "Whoever runs this server can add a rule for it.",
  RESUME_TOKEN_INVALID: "Load this page again.",
  TICKET_ALREADY_REDEEMED: "Do the action again to earn more.",
};

/** Shows an error in `place`, with its reason as the contract names it. */
export function showRefusal(place: HTMLElement, thrown: unknown): void {
  place.replaceChildren(explain(thrown));
  if (thrown instanceof ScorewireError && thrown.reason) place.append(" ", make("code", "reason", thrown.reason));
  place.hidden = false;
}

/** Takes a refusal back. */
export function clearRefusal(place: HTMLElement): void {
  place.hidden = true;
  place.replaceChildren();
}

/** An error in two sentences: what happened, and what to do. */
export function explain(thrown: unknown): string {
  if (!(thrown instanceof ScorewireError)) return "This page made a mistake. Load it again.";
  return `${sentence(happened(thrown))} ${next(thrown)}`;
}

/** The server's own words, without what it advises programs to do; a handler's words are for people. */
function happened({ message, reason, fieldViolations }: ScorewireError): string {
  const [field] = Object.keys(fieldViolations);
  if (field) return `the ${field.replaceAll("_", " ")} is not accepted as it is`;
  return reason === "ACTION_REFUSED" ? message : message.replace(/;.*/s, "");
}

function next({ code, reason, retryAfterMs, metadata }: ScorewireError): string {
  if (retryAfterMs !== undefined) return `Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
  if (reason === "BOARD_UNKNOWN") return `Choose one that there is: ${metadata.boards}.`;
  if (reason && NEXT[reason]) return NEXT[reason];
  if (reason?.startsWith("SESSION_")) return "Sign in again.";
  if (reason?.startsWith("TICKET_")) return "Do the action again for a new ticket.";
  if (code === Code.Unavailable) return "Nothing was lost: try again in a moment.";
  const id = metadata.errorId ? ` the id ${metadata.errorId}` : "";
  return `Try again; if it stays, tell whoever runs this server${id}.`;
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
