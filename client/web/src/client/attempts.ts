/** The life of one call that may be sent again: how often it is sent, and how long it waits in between. */

import { Code } from "@connectrpc/connect";
import { backoffMs, pause, type Random } from "./backoff.js";
import { decodeError, type ScorewireError } from "./errors.js";

/** The time of a call, with its retries. */
export const TIMEOUT_MS = 10_000;

const ATTEMPTS = 5;
const PAUSES = { firstMs: 200, longestMs: 2_000 };

/** What is particular to a call. */
export interface Repeating<T> {
  /**
   * Finds the answer in the refusal of a call that was sent before, if it is there: only a client that sent the call may
   * take "already done" for its own lost answer.
   */
  readonly recover?: (error: ScorewireError) => T | undefined;
  /** Whether the call has a request id, under which the server knows it even where its time was over. */
  readonly hasRequestId?: boolean;
}

/**
 * Sends a call with the time it has left, and again while the server cannot be reached, 5 times at most and within that
 * time. Throws ScorewireError.
 */
export async function attempt<T>(
  send: (timeoutMs: number) => Promise<T>,
  random: Random,
  { recover, hasRequestId = false }: Repeating<T> = {},
): Promise<T> {
  const end = performance.now() + TIMEOUT_MS;
  for (let failures = 0; ; ) {
    try {
      return await send(Math.max(1, Math.ceil(end - performance.now()))); // 0 would be no limit
    } catch (thrown) {
      const error = decodeError(thrown);
      const answer = failures > 0 ? recover?.(error) : undefined;
      if (answer !== undefined) return answer;
      failures += 1;
      const waitMs = backoffMs(failures, PAUSES, error.retryAfterMs ?? 0, random);
      const worthIt = error.mayPass || (hasRequestId && error.code === Code.DeadlineExceeded);
      if (!worthIt || failures === ATTEMPTS || performance.now() + waitMs >= end) throw error;
      await pause(waitMs);
    }
  }
}
