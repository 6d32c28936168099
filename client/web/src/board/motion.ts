/** Movement, for those who want it. */

const reduced = matchMedia("(prefers-reduced-motion: reduce)");
const GLIDE_MS = 550;

/** Whether the reader has not asked for less movement. */
export function movementWanted(): boolean {
  return !reduced.matches;
}

/** Animates an element where movement is wanted; resolves when it has ended. */
export async function animate(
  element: Element,
  keyframes: Keyframe[],
  timing: KeyframeAnimationOptions,
): Promise<void> {
  if (!movementWanted()) return;
  // Cancelled with its element: nothing is left to wait for.
  await element.animate(keyframes, timing).finished.catch(() => undefined);
}

/**
 * Lets a row glide to the place where it stands by now, from one that was `places` rows further down (up, where negative).
 *
 * It adds to the glides that are under way, so a row that is sent elsewhere in the middle of one changes its course
 * without a jump, and no place has to be measured. Rows that climb pass over the others.
 */
export function glide(row: HTMLElement, places: number): void {
  if (!movementWanted()) return;
  const zIndex = places > 0 ? 2 : 1;
  const from = { translate: `0 ${places * 100}%`, zIndex };
  const timing = { duration: GLIDE_MS, easing: "cubic-bezier(0.2, 0.8, 0.2, 1)", id: "glide" };
  row.animate([from, { translate: "0 0", zIndex }], { ...timing, composite: "add" });
}
