/** Doing actions so that trying again counts once, after a reload of the page too. */

import type { JsonValue } from "@bufbuild/protobuf";
import { type ActionOutcome, Code, type Scorewire, ScorewireError } from "../client";
import type { Tries, Try } from "./tries";

/**
 * Does actions of one type.
 *
 * One keeps its request id until it has come to its end: it was answered, and where it earned a ticket, that has counted
 * or never will. Until then the same again is no other action.
 */
export class Acting {
  // Whose outcomes this page has been told: what is left for them is to redeem their tickets.
  readonly #told = new Set<string>();

  constructor(
    private readonly scorewire: Scorewire,
    private readonly actionType: string,
    private readonly tries: Tries,
  ) {}

  /** Does the action with `some`, or learns what came of it where it was tried before. Throws ScorewireError. */
  act(some: JsonValue): Promise<ActionOutcome> {
    const input = JSON.stringify(some);
    const tried = this.#kept().find((one) => one.input === input);
    return this.#send(tried ?? this.tries.begin(this.actionType, input));
  }

  /** The inputs of actions that nobody knows the outcome of, on this page, oldest first. */
  untold(): JsonValue[] {
    return this.#untold().map(({ input }) => JSON.parse(input));
  }

  /** Forgets those: another one has been done in their place. */
  forgetUntold(): void {
    for (const { requestId } of this.#untold()) this.end(requestId);
  }

  /** Whether an action has not come to its end, and the servers still know it for the user who is signed in. */
  isOpen(requestId: string): boolean {
    return this.#kept().some((one) => one.requestId === requestId);
  }

  /** Asks again what came of an action that is open, which brings a fresh ticket; does nothing for any other. */
  async again(requestId: string): Promise<ActionOutcome | undefined> {
    const tried = this.#kept().find((one) => one.requestId === requestId);
    return tried && this.#send(tried);
  }

  /** Forgets an action whose ticket has counted, or never will. */
  end(requestId: string): void {
    this.tries.forget(requestId);
  }

  #untold(): readonly Try[] {
    return this.#kept().filter(({ requestId }) => !this.#told.has(requestId));
  }

  #kept(): readonly Try[] {
    return this.tries.of(this.actionType);
  }

  async #send({ input, requestId }: Try): Promise<ActionOutcome> {
    try {
      const outcome = await this.scorewire.act(JSON.parse(input), this.actionType, requestId);
      if (outcome.token === undefined) this.end(requestId);
      this.#told.add(requestId);
      return outcome;
    } catch (thrown) {
      if (isAnswer(thrown)) this.end(requestId);
      throw thrown;
    }
  }
}

/** Whether the servers have refused a call for good; after any other error nobody knows whether it was done. */
export function isAnswer(thrown: unknown): boolean {
  if (!(thrown instanceof ScorewireError)) return false;
  return thrown.reason !== undefined && !thrown.mayPass && thrown.code !== Code.DeadlineExceeded;
}
