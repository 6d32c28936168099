/** How long to wait before a failed call is sent again. */

/** A number in [0, 1), like `Math.random`. */
export type Random = () => number;

const FIRST_MS = 100;

/** What the server asked for (`RetryInfo`) and, on top, exponential backoff with full jitter, after `failures` ≥ 1. */
export function backoffMs(failures: number, longestMs: number, askedMs: number, random: Random): number {
  return askedMs + random() * Math.min(longestMs, FIRST_MS * 2 ** failures);
}

/** Waits; resolves at once when `signal` is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
