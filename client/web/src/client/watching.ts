/** A watch across its streams: one that breaks, ends or falls silent is begun again where it stood. */

import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import type { WatchLeaderboardResponse } from "#generated/scorewire/score/v1/score_pb";
import { backoffMs, pause, type Random } from "./backoff";
import { decodeError, ScorewireError } from "./errors";
import { type Board, readBoard } from "./results";

// Servers send a heartbeat every 10 seconds; a stream that misses two is dead.
const SILENCE_MS = 20_000;
const LONGEST_PAUSE_MS = 5_000;

// What a new stream would be answered again.
const PERMANENT = new Set([
  Code.InvalidArgument,
  Code.NotFound,
  Code.PermissionDenied,
  Code.Unauthenticated,
  Code.Unimplemented,
]);

/** `live` while a stream is open, `reconnecting` from its end until the next one is. */
export type WatchState = "live" | "reconnecting";

/** What to watch. */
export interface Watched {
  /** Which board; the operator's default one unless set. */
  readonly boardId?: string;
  /** How many standings, 1-100; 10 unless set. */
  readonly limit?: number;
  /** Adds this user's own standing to every board. */
  readonly userId?: string | undefined;
  /** The `resumeToken` of a board; nothing is sent until the board is newer. */
  readonly resumeToken?: string;
}

/** What to watch, how long, and who is told how it stands. */
export interface WatchOptions extends Watched {
  /** Ends the watch. */
  readonly signal?: AbortSignal;
  /** Told when a stream opens, and with the error when one is over. */
  readonly onState?: (state: WatchState, error?: ScorewireError) => void;
}

/** Begins one stream. */
export type OpenStream = (watched: Watched, options: CallOptions) => AsyncIterable<WatchLeaderboardResponse>;

/** The boards of a watch until its signal is aborted. Throws ScorewireError where beginning again cannot help. */
export async function* watch(open: OpenStream, options: WatchOptions, random: Random): AsyncGenerator<Board, void> {
  const { signal = new AbortController().signal, onState, ...watched } = options;
  for (let failures = 0; !signal.aborted; ) {
    try {
      for await (const message of listen(open, watched, signal, () => onState?.("live"))) {
        failures = 0;
        watched.resumeToken = message.resumeToken;
        if (message.event.case === "leaderboard") {
          yield readBoard(message.event.value, message.resumeToken, message.standing);
        }
      }
      throw new ScorewireError("the server ended the watch", Code.Unavailable);
    } catch (thrown) {
      if (signal.aborted) return;
      const error = decodeError(thrown);
      if (PERMANENT.has(error.code)) throw error;
      onState?.("reconnecting", error);
      failures += 1;
      await pause(backoffMs(failures, LONGEST_PAUSE_MS, error.retryAfterMs ?? 0, random), signal);
    }
  }
}

async function* listen(open: OpenStream, watched: Watched, signal: AbortSignal, onHeader: () => void) {
  const stream = new AbortController();
  const cut = () => stream.abort(new ConnectError(`nothing was heard for ${SILENCE_MS / 1000} s`, Code.Unavailable));
  let watchdog = setTimeout(cut, SILENCE_MS);
  try {
    for await (const message of open(watched, { signal: AbortSignal.any([signal, stream.signal]), onHeader })) {
      clearTimeout(watchdog);
      yield message;
      watchdog = setTimeout(cut, SILENCE_MS);
    }
  } finally {
    clearTimeout(watchdog);
    // A stream whose reader walks away stays open until it is aborted.
    stream.abort();
  }
}
