/** One user's row. It keeps its element while its place and its score change, and makes the changes seen. */

import type { Standing } from "../client/index.js";
import { Counter } from "./counting.js";
import { find, make, stamp } from "./elements.js";
import { change, count, hue, initial } from "./format.js";
import { animate, glide } from "./motion.js";
import type { Movement } from "./movement.js";
import { nameOf } from "./namesakes.js";

const CHIP_MS = 2_500;
// Nothing on the board flashes more than once in a second, however fast scores change.
const FLASH_MS = 1_200;
const RISE = [
  { opacity: 0, translate: "0 0.4em" },
  { opacity: 1, translate: "0" },
];

/** A row of the board. */
export class Row {
  readonly element: HTMLTableRowElement;
  readonly #number: HTMLElement;
  readonly #name: HTMLElement;
  readonly #mark: HTMLElement;
  readonly #light: HTMLElement;
  readonly #points: Counter;
  readonly #chips = new Map<string, { value: bigint; element: HTMLElement; timer: ReturnType<typeof setTimeout> }>();
  #place: number | undefined;
  #digits = 0;
  #flashed = Number.NEGATIVE_INFINITY;

  constructor(template: HTMLTemplateElement, userId: string) {
    this.element = stamp(template, HTMLTableRowElement);
    this.element.dataset.userId = userId;
    this.element.style.setProperty("--hue", String(hue(userId)));
    this.#number = find(this.element, ".number", HTMLElement);
    this.#name = find(this.element, ".name", HTMLElement);
    this.#mark = find(this.element, ".mark", HTMLElement);
    this.#light = find(this.element, ".flash", HTMLElement);
    this.#points = new Counter(find(this.element, ".points", HTMLElement));
  }

  /** Shows a standing; `share` is how much of the best score it has, 0-1, and `own` whether it is the reader's. */
  show(standing: Standing, share: number, own: boolean): void {
    const { rank, score } = standing;
    const name = nameOf(standing);
    this.element.dataset.rank = String(rank);
    this.element.style.setProperty("--share", String(share));
    this.element.part.toggle("own", own);
    this.element.classList.toggle("own", own);
    this.element.ariaCurrent = own ? "true" : null;
    setText(this.#number, count(rank));
    if (setText(this.#name, name)) find(this.element, ".initial", HTMLElement).textContent = initial(name);
    find(this.element, ".tag", HTMLElement).hidden = !own;
    this.#points.show(score);
    // The name ends where the score begins.
    this.#digits = count(score).length;
    this.element.style.setProperty("--digits", String(this.#digits));
  }

  /** Tells the user apart from others of that name by a part of the id; by nothing where there are none. */
  mark(mark: string | undefined): void {
    setText(this.#mark, mark ?? "");
    this.#mark.hidden = mark === undefined;
    // Whole, where there is no room for it.
    this.#name.title = [this.#name.textContent, mark && this.element.dataset.userId].filter(Boolean).join(" · ");
  }

  /** Stands at this place from the top, 0 being the first; glides there from the one where it stood. */
  standAt(place: number): void {
    if (this.#place === place) return;
    this.element.style.setProperty("--place", String(place));
    if (this.#place !== undefined) glide(this.element, this.#place - place);
    this.#place = place;
  }

  /** Comes into sight where it was not, at no place that it could glide from. */
  appear(): void {
    this.#place = undefined;
    void animate(this.element, [{ opacity: 0 }, { opacity: 1 }], { duration: 400 });
  }

  /** Makes a change seen for a moment: the points gained, and the ranks climbed. Changes in that moment add up. */
  point({ climbed, gained }: Movement): void {
    if (gained !== 0n) {
      this.#chip(".score", "gain", gained, change);
      this.#flash();
    }
    if (climbed !== 0) this.#chip(".rank", "climb", BigInt(climbed), (by) => count(by < 0n ? -by : by));
  }

  #flash(): void {
    const now = performance.now();
    if (now - this.#flashed < FLASH_MS) return;
    this.#flashed = now;
    // An element and no `::after`, whose animation would have the whole page laid out at once, to know that it is there.
    void animate(this.#light, [{ opacity: 1 }, { opacity: 0 }], { duration: FLASH_MS, easing: "ease-out" });
  }

  #chip(cell: string, name: string, by: bigint, text: (value: bigint) => string): void {
    const earlier = this.#chips.get(name);
    clearTimeout(earlier?.timer);
    earlier?.element.remove();
    const value = (earlier?.value ?? 0n) + by;
    this.#chips.delete(name);
    if (value === 0n) return;
    // A new element each time, with a place of its own: one that grew or moved would be a layout that shifts.
    const element = make("span", `${name} ${value > 0n ? "up" : "down"}`, text(value));
    element.style.setProperty("--digits", String(this.#digits));
    element.part.add(name);
    // The cells say the same in numbers; a moment later it is gone.
    element.ariaHidden = "true";
    find(this.element, cell, HTMLElement).append(element);
    if (!earlier) void animate(element, RISE, { duration: 200 });
    const timer = setTimeout(() => this.#endChip(name), CHIP_MS);
    this.#chips.set(name, { value, element, timer });
  }

  #endChip(name: string): void {
    this.#chips.get(name)?.element.remove();
    this.#chips.delete(name);
  }
}

/** Shows a text; whether it is another one than before. */
function setText(element: HTMLElement, text: string): boolean {
  if (element.textContent === text) return false;
  element.textContent = text;
  return true;
}
