/** A watch across its streams: one that breaks, ends or falls silent is begun again where it stood. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import type { WatchLeaderboardRequestSchema, WatchLeaderboardResponse } from "#generated/scorewire/score/v1/score_pb";
import { backoffMs, pause, type Random } from "./backoff.js";
import { Boards } from "./boards.js";
import { decodeError, ScorewireError } from "./errors.js";
import type { Board } from "./results.js";
import { type BoardWindow, windowFields } from "./windows.js";

// Servers send a heartbeat every 10 seconds; a stream that misses two is dead.
const SILENCE_MS = 20_000;
const SILENCE = new ConnectError(`nothing was heard for ${SILENCE_MS / 1000} s`, Code.Unavailable);
// A thousand watches that were cut off at once are back within a second, not at its beginning.
const PAUSES = { firstMs: 1_000, longestMs: 10_000 };

// What a new stream would be answered again.
const PERMANENT = new Set([
  Code.InvalidArgument,
  Code.NotFound,
  Code.PermissionDenied,
  Code.Unauthenticated,
  Code.Unimplemented,
]);

/**
 * How a watch stands.
 *
 * - `connecting`: its first stream is not open yet; `error` says why the last try failed.
 * - `live`: a stream is open, and the newest board is the newest there is.
 * - `reconnecting`: that stream is over, and the next one is tried in a moment.
 * - `stale`: that was tried in vain, or the server fell silent; it is tried again and again.
 *
 * From `staleSince` on, when the server was last heard, the newest board may be out of date.
 */
export type WatchState =
  | { readonly name: "connecting"; readonly staleSince?: undefined; readonly error?: ScorewireError }
  | { readonly name: "live"; readonly staleSince?: undefined; readonly error?: undefined }
  | { readonly name: "reconnecting" | "stale"; readonly staleSince: Date; readonly error: ScorewireError };

/** What to watch, how, how long, and who is told how it stands. */
export type WatchOptions = BoardWindow & {
  /** Adds this user's own standing to every board, whether or not it is in the window. */
  readonly userId?: string | undefined;
  /** How much time shall be between two boards at least, up to 60,000, where that is more than the operator's setting. */
  readonly minIntervalMs?: number | undefined;
  /** Whether the server shall send whole boards only, and no updates; what is yielded is whole in any case. */
  readonly wholeBoards?: boolean | undefined;
  /** The `resumeToken` of a board; nothing comes until the board is newer. */
  readonly resumeToken?: string | undefined;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
  /** Told of every change of the state. */
  readonly onState?: ((state: WatchState) => void) | undefined;
};

type WatchRequest = MessageInitShape<typeof WatchLeaderboardRequestSchema>;

/** Begins one stream. */
export type OpenStream = (request: WatchRequest, options: CallOptions) => AsyncIterable<WatchLeaderboardResponse>;

/** The boards of a watch until its signal is aborted. Throws ScorewireError where beginning again cannot help. */
export async function* watch(open: OpenStream, options: WatchOptions, random: Random): AsyncGenerator<Board, void> {
  const { signal = new AbortController().signal } = options;
  const watching = new Watching(options, random);
  while (!signal.aborted) {
    try {
      for await (const message of listen(open, watching.request, signal, () => watching.opened())) {
        const board = watching.take(message);
        if (board) yield board;
      }
      throw new ScorewireError("the server ended the watch", Code.Unavailable);
    } catch (thrown) {
      if (signal.aborted) return;
      await pause(watching.failed(decodeError(thrown)), signal);
    }
  }
}

/** Where a watch stands. `request` begins its next stream. */
class Watching {
  request: WatchRequest;

  readonly #boards = new Boards();
  readonly #random: Random;
  readonly #tell: (state: WatchState) => void;
  #failures = 0;
  #heard: Date | undefined;

  constructor(options: WatchOptions, random: Random) {
    this.request = requestOf(options);
    this.#random = random;
    this.#tell = (state) => options.onState?.(state);
    this.#tell({ name: "connecting" });
  }

  opened(): void {
    this.#heard = new Date();
    this.#tell({ name: "live" });
  }

  /** The board that a message makes. */
  take(message: WatchLeaderboardResponse): Board | undefined {
    this.#failures = 0;
    this.#heard = new Date();
    const board = this.#boards.take(message);
    this.request = { ...this.request, resumeToken: message.resumeToken };
    return board;
  }

  /** How long to wait before the next stream, in milliseconds. Throws the error where that would end the same way. */
  failed(error: ScorewireError): number {
    if (PERMANENT.has(error.code)) throw error;
    if (error.code === Code.DataLoss) this.#startOver();
    this.#failures += 1;
    this.#tell(this.#interrupted(error));
    return backoffMs(this.#failures, PAUSES, error.retryAfterMs ?? 0, this.#random);
  }

  #interrupted(error: ScorewireError): WatchState {
    if (!this.#heard) return { name: "connecting", error };
    const isBlip = this.#failures === 1 && error.cause !== SILENCE;
    return { name: isBlip ? "reconnecting" : "stale", staleSince: this.#heard, error };
  }

  // Whoever sends updates that do not fit is not asked for updates again.
  #startOver(): void {
    this.request = { ...this.request, resumeToken: undefined, wholeBoards: true };
  }
}

function requestOf({ userId, minIntervalMs, wholeBoards = false, resumeToken, ...window }: WatchOptions): WatchRequest {
  const minInterval = minIntervalMs === undefined ? undefined : durationFromMs(minIntervalMs);
  return { ...windowFields(window), userId, minInterval, wholeBoards, resumeToken };
}

async function* listen(open: OpenStream, request: WatchRequest, signal: AbortSignal, onHeader: () => void) {
  const stream = new AbortController();
  const cut = () => stream.abort(SILENCE);
  let watchdog = setTimeout(cut, SILENCE_MS);
  try {
    for await (const message of open(request, { signal: AbortSignal.any([signal, stream.signal]), onHeader })) {
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
