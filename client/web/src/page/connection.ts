/** Whether the board on the page is the newest one. */

import type { ScorewireError, WatchState } from "../client";
import { byId } from "./elements";
import { explain } from "./refusal";

const WORDS = { connecting: "Connecting…", live: "Live", reconnecting: "Reconnecting…", ended: "Not connected" };
const NOTES = {
  connecting: "Top 10, live",
  live: "Top 10, live",
  reconnecting: "May be old; it catches up by itself",
  ended: "As last seen",
};

/** Shows the state of the watch; the board is dimmed while it may be old. */
export function showConnection(state: keyof typeof WORDS | WatchState, error?: ScorewireError): void {
  const connection = byId("connection", HTMLElement);
  if (connection.dataset.state !== state) connection.textContent = WORDS[state];
  connection.dataset.state = state;
  connection.title = error ? explain(error) : "";
  byId("watch-note", HTMLElement).textContent = NOTES[state];
  byId("leaderboard", HTMLElement).classList.toggle("stale", state !== "live");
}
