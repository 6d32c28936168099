/** Whether the board on the page is the newest one. */

import type { WatchState } from "../client";
import { byId } from "./elements";
import { explain } from "./refusal";

const WORDS = {
  connecting: "Connecting…",
  live: "Live",
  reconnecting: "Reconnecting…",
  stale: "Reconnecting…",
  ended: "Not connected",
};
const NOTES = {
  connecting: "Top 10, live",
  live: "Top 10, live",
  reconnecting: "May be old; it catches up by itself",
  stale: "May be old; it catches up by itself",
  ended: "As last seen",
};

/** Shows the state of the watch; the board is dimmed while it may be old. */
export function showConnection({
  name,
  error,
}: WatchState | { readonly name: "ended"; readonly error?: undefined }): void {
  const connection = byId("connection", HTMLElement);
  if (connection.dataset.state !== name) connection.textContent = WORDS[name];
  connection.dataset.state = name;
  connection.title = error ? explain(error) : "";
  byId("watch-note", HTMLElement).textContent = NOTES[name];
  byId("leaderboard", HTMLElement).classList.toggle("stale", name !== "live");
}
