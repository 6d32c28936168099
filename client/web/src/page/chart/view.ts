/** The chart: scores of the top five over the last minutes. */

import type { ScorewireBoard } from "../../board";
import { find, make } from "../../board/elements";
import { change, count } from "../../board/format";
import { byId } from "../elements";
import { downOf, type Extent, extentOf, levelsOf, pathOf, spread } from "./geometry";
import { History, type Line } from "./history";
import { lastMinutes, summarize, tell } from "./words";

const REDRAW_MS = 1_000;
// Of the plot's height: as much as a label has.
const LABEL_GAP = 9.5;
const LONG = 100_000;
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 3 });

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
    this.#drawLevels();
    this.#drawLines();
    this.#tell();
  }

  #drawLevels(): void {
    const levels = levelsOf(this.#extent);
    const labels = levels.map((level, index) => make("li", "", labelOf(level, levels[index - 1])));
    const downs = levels.map((level) => downOf(level, this.#extent));
    this.#place(".levels", labels, downs);
    this.#fill(
      ".lines",
      downs.map((down) => path("level", `M0 ${down}H100`)),
    );
  }

  /** Lines with a dot at their ends, and from there a lead to the name; the best lies on top. */
  #drawLines(): void {
    const ends = this.lines.map(({ points }) => downOf(Number(points.at(-1)?.score ?? 0n), this.#extent));
    const places = spread(ends, LABEL_GAP);
    const drawn = this.lines.map(({ points, colour }, index) => [
      path(`line colour-${colour}`, pathOf(points, this.#extent)),
      path(`end colour-${colour}`, `M100 ${ends[index]}h0`),
    ]);
    find(this.#figure, ".lines", SVGSVGElement).append(...drawn.reverse().flat());
    this.#fill(
      ".leads",
      this.lines.map(({ colour }, index) => path(`lead colour-${colour}`, `M0 ${ends[index]}L100 ${places[index]}`)),
    );
    this.#place(".ends", this.lines.map(nameLabel), places);
  }

  #fill(svg: string, paths: readonly SVGPathElement[]): void {
    find(this.#figure, svg, SVGSVGElement).replaceChildren(...paths);
  }

  #place(list: string, labels: readonly HTMLElement[], downs: readonly number[]): void {
    for (const [index, label] of labels.entries()) label.style.translate = `0 ${downs[index] ?? 0}%`;
    find(this.#figure, list, HTMLElement).replaceChildren(...labels);
  }

  #tell(): void {
    const told = tell(this.lines);
    const spanMs = this.#extent.to - this.#extent.from;
    byId("chart-summary", HTMLElement).textContent = summarize(told, spanMs);
    byId("chart-span", HTMLElement).textContent = lastMinutes(spanMs);
    byId("chart-from", HTMLElement).textContent = `${Math.round(spanMs / 60_000)} min ago`;
    const rows = told.map(({ name, before, now }) => {
      const row = make("tr", "");
      const head = make("th", "", name);
      head.scope = "row";
      head.dir = "auto";
      head.title = name;
      row.append(head, ...[count(before), count(now), change(now - before)].map((text) => make("td", "", text)));
      return row;
    });
    find(this.#figure, "tbody", HTMLTableSectionElement).replaceChildren(...rows);
  }
}

function nameLabel({ name, colour }: Line): HTMLElement {
  const label = make("li", `colour-${colour}`);
  const text = make("span", "", name);
  text.dir = "auto";
  text.title = name;
  label.append(text);
  return label;
}

// Levels of large scores that are close together are told apart by the lines alone.
function labelOf(level: number, below: number | undefined): string {
  const label = inShort(level);
  return below !== undefined && inShort(below) === label ? "" : label;
}

function inShort(level: number): string {
  return Math.abs(level) < LONG ? count(level) : compact.format(level);
}

function path(className: string, d: string): SVGPathElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", "path");
  element.setAttribute("class", className);
  element.setAttribute("d", d);
  return element;
}
