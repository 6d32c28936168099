/** What a ticket says about itself. Reading is no checking: that is ScoreService's. */

/** The claims of a ticket that the page knows; it may hold more. Times are in seconds since 1970, by the server's clock. */
export interface TicketClaims {
  readonly iat: number;
  readonly exp: number;
}

/** The claims of a compact JWT. */
export function readClaims(ticket: string): TicketClaims & Readonly<Record<string, unknown>> {
  const [, payload = ""] = ticket.split(".");
  const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (byte) => byte.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** A claim as people read it: the times of the clock on the wall. */
export function readable(name: string, value: unknown): string {
  const isTime = name === "iat" || name === "exp" || name === "auth_time";
  return isTime ? new Date(Number(value) * 1000).toLocaleTimeString() : String(value);
}
