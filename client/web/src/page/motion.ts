/** Movement, for those who want it. */

const reduced = matchMedia("(prefers-reduced-motion: reduce)");
const GLIDE = "glide";
const GLIDE_TIMING = { duration: 550, easing: "cubic-bezier(0.2, 0.8, 0.2, 1)", id: GLIDE };

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

/** Lets rows glide from where they are seen now to where `rearrange` puts them; those that climb pass over the others. */
export function glide(rows: Iterable<HTMLElement>, rearrange: () => void): void {
  const seen = new Map([...rows].map((row) => [row, row.getBoundingClientRect().top]));
  for (const row of seen.keys()) {
    for (const animation of row.getAnimations()) if (animation.id === GLIDE) animation.cancel();
  }
  rearrange();
  const moved = [...seen].map(([row, top]) => [row, top - row.getBoundingClientRect().top] as const);
  for (const [row, offset] of moved) {
    if (offset === 0 || !row.isConnected) continue;
    const zIndex = offset > 0 ? 2 : 1;
    void animate(
      row,
      [
        { translate: `0 ${offset}px`, zIndex },
        { translate: "0", zIndex },
      ],
      GLIDE_TIMING,
    );
  }
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
