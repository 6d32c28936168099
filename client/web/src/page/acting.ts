/** Doing actions so that trying again counts once. */

import type { JsonValue } from "@bufbuild/protobuf";
import { type ActionOutcome, Code, type Scorewire, ScorewireError } from "../client";
import { newRequestId } from "../client/request-id";

/** Does actions of one type. One that got no answer keeps its request id: the same again is no other action. */
export class Acting {
  #unanswered: { readonly input: string; readonly requestId: string } | undefined;

  constructor(
    private readonly scorewire: Scorewire,
    private readonly actionType: string,
  ) {}

  /** Does the action with `some`, or learns what came of it where it was tried before. Throws ScorewireError. */
  async act(some: JsonValue): Promise<ActionOutcome> {
    const input = JSON.stringify(some);
    const tried = this.#unanswered?.input === input ? this.#unanswered : { input, requestId: newRequestId() };
    this.#unanswered = undefined;
    try {
      return await this.scorewire.act(some, this.actionType, tried.requestId);
    } catch (thrown) {
      if (mayBeDone(thrown)) this.#unanswered = tried;
      throw thrown;
    }
  }
}

function mayBeDone(thrown: unknown): boolean {
  return thrown instanceof ScorewireError && (thrown.mayPass || thrown.code === Code.DeadlineExceeded);
}
