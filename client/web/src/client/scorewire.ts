/** The browser client. */

import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { ActionService } from "#generated/scorewire/action/v1/action_pb";
import { ScoreService } from "#generated/scorewire/score/v1/score_pb";
import { SessionService } from "#generated/scorewire/session/v1/session_pb";
import { attempt, TIMEOUT_MS } from "./attempts.js";
import type { Random } from "./backoff.js";
import { decodeError } from "./errors.js";
import { newRequestId } from "./request-id.js";
import {
  type ActionOutcome,
  type Award,
  type Board,
  type Page,
  readAward,
  readBoard,
  readFirstAward,
  readOutcome,
  readPage,
  readSession,
  readStanding,
  type Session,
  type Standing,
} from "./results.js";
import { type WatchOptions, watch } from "./watching.js";
import { type AroundWindow, type BoardWindow, type OnBoard, type TopWindow, windowFields } from "./windows.js";

/** Which board, and how much of it at once. */
export interface PageOptions extends OnBoard {
  readonly pageSize?: number | undefined;
}

/**
 * Calls Scorewire through its gateway by gRPC-web.
 *
 * Every call throws ScorewireError, and is sent again while the server cannot be reached, but for sign-ins: whatever is
 * sent again counts once.
 */
export class Scorewire {
  /** The session JWT that actions need; `signInAsGuest` sets it. */
  session: string | undefined;

  readonly #sessions: Client<typeof SessionService>;
  readonly #actions: Client<typeof ActionService>;
  readonly #scores: Client<typeof ScoreService>;
  readonly #random: Random;

  /** A client of the gateway at `address`, such as `https://scores.example.com`. */
  static at(address: string): Scorewire {
    return new Scorewire(createGrpcWebTransport({ baseUrl: address, defaultTimeoutMs: TIMEOUT_MS }));
  }

  constructor(transport: Transport, random: Random = Math.random) {
    this.#sessions = createClient(SessionService, transport);
    this.#actions = createClient(ActionService, transport);
    this.#scores = createClient(ScoreService, transport);
    this.#random = random;
  }

  /** Makes a guest user, where development sign-in is on, and acts as that user from now on. */
  async signInAsGuest(displayName: string): Promise<Session> {
    const session = readSession(await once(this.#sessions.signInAsGuest({ displayName })));
    this.session = session.token;
    return session;
  }

  /**
   * Does an action with the JSON value `some`; without `actionType` the operator's default one.
   *
   * The same `requestId` again does nothing but bring the same outcome; without one, this is a new action.
   */
  act(some: JsonValue = null, actionType?: string, requestId: string = newRequestId()): Promise<ActionOutcome> {
    const request = { some: fromJson(ValueSchema, some), actionType, requestId };
    const user = bearer(this.session); // whoever signs in before it is sent again has not done it
    const send = async (timeoutMs: number) =>
      readOutcome(await this.#actions.doAction(request, { ...user, timeoutMs }), requestId);
    return attempt(send, this.#random, { hasRequestId: true });
  }

  /** Redeems an outcome's `token` with its `result`, within 10 seconds. */
  redeem(ticket: string, data: string): Promise<Award> {
    const send = async (timeoutMs: number) =>
      readAward(await this.#scores.updateScore({ data }, { ...bearer(ticket), timeoutMs }));
    return attempt(send, this.#random, { recover: readFirstAward });
  }

  /** The best of a board. */
  top(options: Pick<TopWindow, "limit" | "boardId"> = {}): Promise<Board> {
    return this.#read(options);
  }

  /** The standings around a user, with its own. */
  around(userId: string, options: Pick<AroundWindow, "radius" | "boardId"> = {}): Promise<Board> {
    return this.#read({ ...options, aroundUserId: userId });
  }

  /** The standings of some users, such as one's friends, of those who have one: 1-200 users, each once. */
  among(userIds: readonly string[], options: OnBoard = {}): Promise<Board> {
    return this.#read({ ...options, userIds });
  }

  /** One user's score and rank. */
  standing(userId: string, boardId?: string): Promise<Standing> {
    return attempt(
      async (timeoutMs) => readStanding((await this.#scores.getStanding({ userId, boardId }, { timeoutMs })).standing),
      this.#random,
    );
  }

  /** One page of a board, best first: `pageSize` standings, 1-1000, 100 unless set, after the page of `pageToken`. */
  page(options: PageOptions & { readonly pageToken?: string | undefined } = {}): Promise<Page> {
    return attempt(
      async (timeoutMs) => readPage(await this.#scores.listStandings(options, { timeoutMs })),
      this.#random,
    );
  }

  /** Every standing of a board, best first, read page by page. */
  async *standings(options: PageOptions = {}): AsyncGenerator<Standing, void> {
    let page: Page | undefined;
    do {
      page = await this.page({ ...options, pageToken: page?.nextPageToken });
      yield* page.standings;
    } while (page.nextPageToken);
  }

  #read(window: BoardWindow): Promise<Board> {
    return attempt(async (timeoutMs) => {
      const { leaderboard, resumeToken } = await this.#scores.getLeaderboard(windowFields(window), { timeoutMs });
      return readBoard(leaderboard, resumeToken);
    }, this.#random);
  }

  /** A window's newest state, again and again: whole boards, with what has changed from one to the next. */
  watch(options: WatchOptions = {}): AsyncGenerator<Board, void> {
    // A watch has no deadline: it is as long as whoever watches.
    return watch(
      (request, call) => this.#scores.watchLeaderboard(request, { ...call, timeoutMs: 0 }),
      options,
      this.#random,
    );
  }
}

/** The answer of a call that must not be sent twice. */
function once<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((thrown: unknown) => {
    throw decodeError(thrown);
  });
}

function bearer(token: string | undefined) {
  return token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
}
