/** The leaderboard on the page: one row for each user, which keeps its element while its place changes. */

import type { Board, Standing } from "../client";
import { countTo } from "./counting";
import { announce, byId, find, make, stamp } from "./elements";
import { change, count, hue } from "./format";
import { animate, glide } from "./motion";
import { type Movement, movements, ownBelowTop } from "./movement";

const CHIP_MS = 2_500;
const APPEAR = [{ opacity: 0 }, { opacity: 1 }];
const FLASH = [{ backgroundColor: "var(--flash)" }, {}];
const RISE = [
  { opacity: 0, translate: "0 0.4em" },
  { opacity: 1, translate: "0" },
];

/** Shows boards, newest last, and makes what changed between two of them seen. */
export class BoardView {
  readonly #top = byId("top", HTMLTableSectionElement);
  readonly #below = byId("below", HTMLTableSectionElement);
  readonly #rows = new Map<string, HTMLTableRowElement>();
  #shown = new Map<string, Standing>();

  /** Shows a board in place of the one before; the user whose own standing it has is marked. */
  show(board: Board): void {
    const below = ownBelowTop(board);
    const now = below ? [...board.standings, below] : board.standings;
    const moved = movements(this.#shown.values(), now);
    this.#arrange(board.standings, below);
    const leader = board.standings[0]?.score ?? 0n;
    for (const standing of now) fill(this.#row(standing), standing, leader, standing.userId === board.own?.userId);
    for (const [userId, movement] of moved) point(this.#rows.get(userId), movement);
    this.#announceOwn(board.own);
    this.#shown = new Map(now.map((standing) => [standing.userId, standing]));
    byId("empty", HTMLElement).hidden = now.length > 0;
    byId("revision", HTMLElement).textContent = count(board.revision);
    byId("total-users", HTMLElement).textContent = count(board.totalUsers);
  }

  #arrange(top: readonly Standing[], below: Standing | undefined): void {
    const staying = new Set(this.#rows.values());
    glide(staying, () => {
      this.#removeAllBut(new Set([...top, ...(below ? [below] : [])].map(({ userId }) => userId)));
      place(
        this.#top,
        top.map((standing) => this.#row(standing)),
      );
      place(this.#below, below ? [this.#row(below)] : []);
    });
    for (const row of this.#rows.values()) if (!staying.has(row)) void animate(row, APPEAR, { duration: 400 });
  }

  #row({ userId }: Standing): HTMLTableRowElement {
    const row = this.#rows.get(userId) ?? newRow(userId);
    this.#rows.set(userId, row);
    return row;
  }

  #removeAllBut(userIds: ReadonlySet<string>): void {
    for (const [userId, row] of this.#rows) {
      if (userIds.has(userId)) continue;
      row.remove();
      this.#rows.delete(userId);
    }
  }

  #announceOwn(own: Standing | undefined): void {
    const was = own && this.#shown.get(own.userId);
    if (own && was?.rank !== own.rank) announce(`You are at rank ${count(own.rank)}.`);
  }
}

function newRow(userId: string): HTMLTableRowElement {
  const row = stamp("row-template", HTMLTableRowElement);
  row.dataset.userId = userId;
  row.style.setProperty("--hue", String(hue(userId)));
  return row;
}

/** Puts rows into a section in this order, moving only those that stand elsewhere. */
function place(section: HTMLTableSectionElement, rows: HTMLTableRowElement[]): void {
  for (const [index, row] of rows.entries()) {
    const there = section.rows[index] ?? null;
    if (there !== row) section.insertBefore(row, there);
  }
}

function fill(
  row: HTMLTableRowElement,
  { rank, userId, displayName, score }: Standing,
  leader: bigint,
  own: boolean,
): void {
  const name = displayName ?? userId;
  row.classList.toggle("own", own);
  row.dataset.rank = String(rank);
  row.style.setProperty("--share", String(leader > 0n ? Number(score) / Number(leader) : 0));
  find(row, ".rank-number", HTMLElement).textContent = count(rank);
  find(row, ".initial", HTMLElement).textContent = [...name][0] ?? "";
  find(row, ".name", HTMLElement).textContent = name;
  find(row, ".tag", HTMLElement).hidden = !own;
  countTo(find(row, ".points", HTMLElement), score);
}

/** Makes a change seen for a moment: the points gained, and the ranks climbed. */
function point(row: HTMLTableRowElement | undefined, { climbed, gained }: Movement): void {
  if (!row) return;
  if (gained !== 0n) {
    attach(row, ".score", make("span", "gain", change(gained)));
    for (const cell of row.cells) void animate(cell, FLASH, { duration: 1_200, easing: "ease-out" });
  }
  if (climbed !== 0) attach(row, ".rank", make("span", climbed > 0 ? "climbed" : "fell", count(Math.abs(climbed))));
}

function attach(row: HTMLTableRowElement, cell: string, chip: HTMLElement): void {
  const host = find(row, cell, HTMLElement);
  for (const earlier of host.querySelectorAll(`.${chip.className}`)) earlier.remove();
  // The cells say the same in numbers; a moment later the chip is gone.
  chip.ariaHidden = "true";
  host.append(chip);
  void animate(chip, RISE, { duration: 200 });
  setTimeout(() => chip.remove(), CHIP_MS);
}
