/** Which board the page shows: `?board=` names another than the operator's default one. */

import type { ScorewireBoard } from "../board";
import { find, make } from "../board/elements";
import type { ScorewireError } from "../client";
import { byId } from "./elements";

/** Has the page's board show the one that was asked for; where it is refused, the page has links to those there are. */
export function showAsked(board: ScorewireBoard): void {
  const asked = new URLSearchParams(location.search).get("board");
  if (asked) {
    board.setAttribute("board", asked);
    board.setAttribute("heading", `Leaderboard · ${asked}`);
    for (const address of document.querySelectorAll<HTMLElement>("footer [data-board]")) lead(address, asked);
  }
  board.addEventListener("scorewire-state", ({ detail }) =>
    offer(detail.name === "ended" && asked ? detail.error : undefined),
  );
  chartOnlyWhatIsThere(board);
}

/** Takes the chart away while there is no board for it; a watch that only tries again does not bring it back. */
function chartOnlyWhatIsThere(board: ScorewireBoard): void {
  const chart = byId("chart", HTMLElement);
  board.addEventListener("scorewire-state", ({ detail }) => {
    if (detail.name === "ended" && !board.newest) chart.hidden = true;
  });
  board.addEventListener("scorewire-board", () => {
    chart.hidden = false;
  });
}

/** Makes an address that the footer shows one of that board; `data-board` is the name of its parameter. */
function lead(address: HTMLElement, boardId: string): void {
  const url = new URL(address.textContent ?? "", location.origin);
  url.searchParams.set(address.dataset.board ?? "", boardId);
  address.textContent = url.pathname + url.search;
  if (address instanceof HTMLAnchorElement) address.href = url.href;
}

function offer(error: ScorewireError | undefined): void {
  const place = byId("boards", HTMLElement);
  place.hidden = error === undefined;
  const known = (error?.metadata.boards ?? "").split(", ").filter(Boolean);
  const links = known.length > 0 ? known.map((boardId) => link(boardId, boardId)) : [link("The default board")];
  find(place, "ul", HTMLUListElement).replaceChildren(...links);
}

/** A link to this page with that board, or with the default one. */
function link(text: string, boardId?: string): HTMLLIElement {
  const asked = new URLSearchParams(location.search);
  if (boardId === undefined) asked.delete("board");
  else asked.set("board", boardId);
  const anchor = make("a", "", text);
  anchor.href = `/?${asked}`;
  const item = make("li", "");
  item.append(anchor);
  return item;
}
