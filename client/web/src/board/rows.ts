/** All rows of the board, in their order. */

import type { Board, Standing } from "../client/index.js";
import { find } from "./elements.js";
import { movements, ownBelowTop } from "./movement.js";
import { marks } from "./namesakes.js";
import { Row } from "./row.js";

/** Shows the standings of boards, newest last. */
export class Rows {
  readonly #template: HTMLTemplateElement;
  readonly #window: HTMLTableSectionElement;
  readonly #below: HTMLTableSectionElement;
  readonly #rows = new Map<string, Row>();
  #shown = new Map<string, Standing>();

  constructor(root: ParentNode) {
    this.#template = find(root, "template", HTMLTemplateElement);
    this.#window = find(root, ".window", HTMLTableSectionElement);
    this.#below = find(root, ".own-place", HTMLTableSectionElement);
  }

  /** Shows a board in place of the one before; the user whose own standing it has is marked. */
  show(board: Board): void {
    const below = ownBelowTop(board);
    const now = below ? [...board.standings, below] : board.standings;
    const moved = movements(this.#shown.values(), now);
    this.#removeAllBut(new Set(now.map(({ userId }) => userId)));
    this.#arrange(this.#window, board.standings);
    this.#arrange(this.#below, below ? [below] : []);
    this.#fill(now, board.own?.userId);
    for (const [userId, movement] of moved) this.#rows.get(userId)?.point(movement);
    this.#shown = new Map(now.map((standing) => [standing.userId, standing]));
  }

  /** Shows nobody. */
  clear(): void {
    this.#removeAllBut(new Set());
    this.#shown.clear();
  }

  #fill(standings: readonly Standing[], own: string | undefined): void {
    const best = standings[0]?.score ?? 0n;
    const marked = marks(standings);
    for (const standing of standings) {
      const share = best > 0n ? Math.max(0, Number(standing.score) / Number(best)) : 0;
      const row = this.#row(standing.userId);
      row.show(standing, share, standing.userId === own);
      row.mark(marked.get(standing.userId));
    }
  }

  /** Puts rows into a section in this order, moving only those that stand elsewhere. */
  #arrange(section: HTMLTableSectionElement, standings: readonly Standing[]): void {
    for (const [place, { userId }] of standings.entries()) {
      const row = this.#row(userId);
      const there = section.rows[place] ?? null;
      const isNew = row.element.parentElement !== section;
      if (row.element !== there) section.insertBefore(row.element, there);
      if (isNew) row.appear();
      row.standAt(place);
    }
  }

  #row(userId: string): Row {
    const row = this.#rows.get(userId) ?? new Row(this.#template, userId);
    this.#rows.set(userId, row);
    return row;
  }

  #removeAllBut(userIds: ReadonlySet<string>): void {
    for (const [userId, row] of this.#rows) {
      if (userIds.has(userId)) continue;
      row.element.remove();
      this.#rows.delete(userId);
    }
  }
}
