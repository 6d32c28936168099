/** What an action is known by when it is sent again. */

/** A request id that nobody else has. */
export function newRequestId(): string {
  // Not `crypto.randomUUID`, which pages have over HTTPS alone.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
