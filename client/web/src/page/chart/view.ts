/** The chart: scores of the top five over the last minutes. */

import type { ScorewireBoard } from "../../board";
import { find, make } from "../../board/elements";
import { change, count } from "../../board/format";
import { byId } from "../elements";
import { downOf, type Extent, extentOf, levelsOf, pathOf, spread } from "./geometry";
import { History, type Line } from "./history";
import { minutes, summarize, tell } from "./words";

const REDRAW_MS = 1_000;
const LABEL_GAP = 12;
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });

/** Draws what a board shows from now on, once a second while somebody sees it. */
export function showChart(board: ScorewireBoard): void {
  const history = new History();
  const opened = performance.now();
  const draw = () => {
    if (!document.hidden) new Drawing(history.lines(), opened, performance.now()).show();
  };
  board.addEventListener("scorewire-board", ({ detail }) => {
    const isFirst = history.lines().length === 0;
    history.record(performance.now(), detail.standings);
    if (isFirst) draw();
  });
  setInterval(draw, REDRAW_MS);
}

/** The chart at one time. */
class Drawing {
  readonly #figure = byId("chart", HTMLElement);
  readonly #extent: Extent;

  constructor(
    private readonly lines: readonly Line[],
    opened: number,
    now: number,
  ) {
    this.#extent = extentOf(lines, opened, now);
  }

  show(): void {
    if (this.lines.length === 0) return;
    const levels = levelsOf(this.#extent);
    find(this.#figure, "svg", SVGSVGElement).replaceChildren(
      ...levels.map((level) => path("level", `M0 ${downOf(level, this.#extent)}H100`)),
      ...this.lines.map(({ points, colour }) => path(`line colour-${colour}`, pathOf(points, this.#extent))).reverse(),
    );
    this.#place(
      ".levels",
      levels.map((level, index) => make("li", "", labelOf(level, levels[index - 1]))),
      levels.map((level) => downOf(level, this.#extent)),
    );
    this.#nameLines();
    this.#tell();
  }

  #nameLines(): void {
    const labels = this.lines.map(({ name, colour }) => {
      const label = make("li", `colour-${colour}`);
      const text = make("span", "", name);
      text.dir = "auto";
      label.append(text);
      return label;
    });
    const downs = this.lines.map(({ points }) => downOf(Number(points.at(-1)?.score ?? 0n), this.#extent));
    this.#place(".ends", labels, spread(downs, LABEL_GAP));
  }

  #place(list: string, labels: HTMLElement[], downs: number[]): void {
    for (const [index, label] of labels.entries()) label.style.translate = `0 ${downs[index] ?? 0}%`;
    find(this.#figure, list, HTMLElement).replaceChildren(...labels);
  }

  #tell(): void {
    const told = tell(this.lines);
    const spanMs = this.#extent.to - this.#extent.from;
    byId("chart-summary", HTMLElement).textContent = summarize(told, spanMs);
    byId("chart-span", HTMLElement).textContent = `Scores of the top five in ${minutes(spanMs)}`;
    const rows = told.map(({ name, before, now }) => {
      const row = make("tr", "");
      const head = make("th", "", name);
      head.scope = "row";
      head.dir = "auto";
      row.append(head, ...[count(before), count(now), change(now - before)].map((text) => make("td", "", text)));
      return row;
    });
    find(this.#figure, "tbody", HTMLTableSectionElement).replaceChildren(...rows);
  }
}

// Levels of large scores that are close together are told apart by the lines alone.
function labelOf(level: number, below: number | undefined): string {
  const label = compact.format(level);
  return below !== undefined && compact.format(below) === label ? "" : label;
}

function path(className: string, d: string): SVGPathElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", "path");
  element.setAttribute("class", className);
  element.setAttribute("d", d);
  return element;
}
