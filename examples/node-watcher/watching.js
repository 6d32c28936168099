/** A watch across its streams: one that breaks, ends or falls silent is begun again where it stood. */

import { setTimeout as wait } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { askedMs, connect, Unusable } from "./scores.js";

// At random within these, so that watchers that were cut off together come back apart.
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

// What a new stream would be answered again.
const PERMANENT = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
  status.UNIMPLEMENTED,
]);

/**
 * The messages of a watch that have a board, until `signal` is aborted. Throws the error of gRPC where beginning again
 * cannot help, and `Unusable` where there is no certificate to begin with.
 *
 * @param {import("./scores.js").Connection} connection
 * @param {object} request the fields of a `WatchLeaderboardRequest`
 * @param {number} silenceMs after so long without even a heartbeat a stream is taken for dead
 * @param {AbortSignal} signal
 * @param {(error: any, pauseMs: number) => void} onPause told when a stream is over, and when the next one begins
 * @returns {AsyncGenerator<any, void>}
 */
export async function* watch(connection, request, silenceMs, signal, onPause) {
  let resume = {};
  let heard = false; // certificates that were good once may just be being renewed
  for (let failures = 0; !signal.aborted; ) {
    try {
      for await (const message of stream(connection, { ...request, ...resume }, silenceMs, signal)) {
        failures = 0;
        heard = true;
        resume = { resume_token: message.resume_token };
        if (message.leaderboard) yield message;
      }
      throw new Error("the server ended the watch");
    } catch (/** @type {any} */ error) {
      if (signal.aborted) return;
      if (PERMANENT.has(error.code) || (error instanceof Unusable && !heard)) throw error;
      const longestMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
      const pauseMs = askedMs(error) + Math.random() * longestMs;
      failures += 1;
      onPause(error, pauseMs);
      await wait(pauseMs, undefined, { signal }).catch(() => {});
    }
  }
}

/**
 * The messages of one stream, over a connection of its own.
 *
 * @param {import("./scores.js").Connection} connection
 * @param {object} request
 * @param {number} silenceMs
 * @param {AbortSignal} signal
 */
async function* stream(connection, request, silenceMs, signal) {
  const scores = connect(connection);
  const call = scores.watchLeaderboard(request);
  const cut = () => call.cancel();
  const giveUp = () => call.destroy(new Error(`nothing was heard for ${silenceMs / 1_000} s`));
  call.on("error", () => {}); // what comes after the last message was read is nobody's
  signal.addEventListener("abort", cut);
  let watchdog = setTimeout(giveUp, silenceMs);
  try {
    for await (const message of call) {
      clearTimeout(watchdog);
      yield message;
      watchdog = setTimeout(giveUp, silenceMs);
    }
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener("abort", cut);
    call.cancel();
    scores.close();
  }
}
