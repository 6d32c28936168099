/** How long to wait before a failed call is sent again. */

/** A number in [0, 1), like `Math.random`. */
export type Random = () => number;

/** How long the first pause and every pause may be at most. */
export interface Pauses {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Exponential backoff with full jitter after `failures` ≥ 1, on top of what the server asked for (`RetryInfo`): clients
 * that failed together come back apart.
 */
export function backoffMs(failures: number, { firstMs, longestMs }: Pauses, askedMs: number, random: Random): number {
  return askedMs + random() * Math.min(longestMs, firstMs * 2 ** (failures - 1));
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
