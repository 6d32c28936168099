/** Redeeming a ticket for as long as it takes: whoever could not within its ten seconds asks for a fresh one. */

import { type ActionOutcome, type Award, type Scorewire, ScorewireError } from "../client";
import { backoffMs, pause, type Random } from "../client/backoff";
import { readFirstAward } from "../client/results";
import { type Acting, isAnswer } from "./acting";

// How long one goes on for by oneself.
const TRYING_MS = 60_000;
const PAUSES = { firstMs: 1_000, longestMs: 8_000 };

/** The ticket of an outcome, and those that come after it for the same award: whichever is redeemed, it counts once. */
export class Redeeming {
  /** Learns that the ticket has not been redeemed yet and will be tried again. */
  onWait: () => void = () => undefined;
  /** Learns of each fresh ticket. */
  onFresh: (ticket: string) => void = () => undefined;

  readonly #requestId: string;
  readonly #data: string;
  #ticket: string;
  #isOver = false;

  constructor(
    private readonly scorewire: Scorewire,
    private readonly acting: Acting,
    { token = "", result, requestId }: ActionOutcome,
    private readonly random: Random = Math.random,
  ) {
    this.#ticket = token;
    this.#data = result;
    this.#requestId = requestId;
  }

  /** Whether there is nothing more to redeem. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Redeems the ticket, or a fresh one where that may help, for a minute at most. Once it has counted, or has been refused
   * for good, this is one call of whoever wants to see it refused. Throws ScorewireError.
   */
  async redeem(): Promise<Award> {
    if (this.#isOver) return this.scorewire.redeem(this.#ticket, this.#data);
    const end = performance.now() + TRYING_MS;
    for (let failures = 0; ; ) {
      try {
        if (failures > 0) await this.#renew();
        return this.#over(await this.#redeemOnce());
      } catch (thrown) {
        if (!mayCountLater(thrown) || !this.acting.isOpen(this.#requestId)) throw this.#over(thrown);
        failures += 1;
        const waitMs = backoffMs(failures, PAUSES, thrown.retryAfterMs ?? 0, this.random);
        if (performance.now() + waitMs >= end) throw thrown;
        this.onWait();
        await pause(waitMs);
      }
    }
  }

  async #renew(): Promise<void> {
    const { token } = (await this.acting.again(this.#requestId)) ?? {};
    if (token === undefined) return;
    this.#ticket = token;
    this.onFresh(token);
  }

  /** Finds the award where the ticket has counted and the answer was lost, by this page or before it was loaded again. */
  async #redeemOnce(): Promise<Award> {
    try {
      return await this.scorewire.redeem(this.#ticket, this.#data);
    } catch (thrown) {
      const first = thrown instanceof ScorewireError && !thrown.metadata.voided ? readFirstAward(thrown) : undefined;
      if (first) return first;
      throw thrown;
    }
  }

  #over<Result>(result: Result): Result {
    this.#isOver = true;
    this.acting.end(this.#requestId);
    return result;
  }
}

/** Whether it may count later: this ticket, or a fresh one. */
function mayCountLater(thrown: unknown): thrown is ScorewireError {
  return thrown instanceof ScorewireError && (!isAnswer(thrown) || thrown.reason === "TICKET_EXPIRED");
}
