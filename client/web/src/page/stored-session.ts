/** The session of this tab, kept until it ends or the tab is closed. */

import type { Session } from "../client";

const KEY = "scorewire.session";

/** Keeps a session for the next load of the page. */
export function keepSession(session: Session): void {
  sessionStorage.setItem(KEY, JSON.stringify(session));
}

/** The session kept, unless it is over. */
export function keptSession(): Session | undefined {
  const text = sessionStorage.getItem(KEY);
  if (text === null) return undefined;
  const kept = JSON.parse(text);
  const session: Session = { ...kept, expireTime: new Date(kept.expireTime) };
  return session.expireTime.getTime() > Date.now() ? session : undefined;
}

/** Forgets the session. */
export function forgetSession(): void {
  sessionStorage.removeItem(KEY);
}
