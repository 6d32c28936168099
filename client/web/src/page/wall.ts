/** The wall: the board alone, large, on a screen that stays on. `?wall=1`, with `board` and `limit` where they matter. */

import type { ScorewireBoard } from "../board";

/** Whether this page is on a wall. */
export function isWall(): boolean {
  return document.documentElement.dataset.wall !== undefined;
}

/** Makes of the page's board one for a wall. */
export function hang(board: ScorewireBoard): void {
  board.removeAttribute("user");
  const limit = new URLSearchParams(location.search).get("limit");
  if (limit !== null) board.setAttribute("limit", limit);
  document.body.style.setProperty("--rows", board.getAttribute("limit"));
  void stayAwake();
  // A lock ends when the page is out of sight.
  document.addEventListener("visibilitychange", () => void stayAwake());
}

async function stayAwake(): Promise<void> {
  // Not there over plain HTTP; and a screen that is low on power may refuse.
  if (document.visibilityState !== "visible") return;
  await navigator.wakeLock?.request("screen").catch(() => undefined);
}
