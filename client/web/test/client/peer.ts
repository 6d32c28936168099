/** A peer that plays what a test wrote down, through the encoding that real calls go through. */

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createRouterTransport, type HandlerContext } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "#generated/google/rpc/error_details_pb";
import { ActionService, type DoActionResponseSchema } from "#generated/scorewire/action/v1/action_pb";
import {
  type GetLeaderboardResponseSchema,
  type GetStandingResponseSchema,
  type ListStandingsResponseSchema,
  ScoreService,
  type UpdateScoreResponseSchema,
  type WatchLeaderboardResponseSchema,
} from "#generated/scorewire/score/v1/score_pb";
import { SessionService, type SignInAsGuestResponseSchema } from "#generated/scorewire/session/v1/session_pb";

/** What a call gets: an answer, or an error. */
type Step<Schema extends Parameters<typeof create>[0]> = MessageInitShape<Schema> | ConnectError;

/** What a stream does next; `silence` lasts until the client goes away. */
type StreamStep = Step<typeof WatchLeaderboardResponseSchema> | "silence";

/** The steps of each method, in order, and the calls that came. */
export class Peer {
  readonly signInAsGuest: Step<typeof SignInAsGuestResponseSchema>[] = [];
  readonly doAction: Step<typeof DoActionResponseSchema>[] = [];
  readonly updateScore: Step<typeof UpdateScoreResponseSchema>[] = [];
  readonly getLeaderboard: Step<typeof GetLeaderboardResponseSchema>[] = [];
  readonly getStanding: Step<typeof GetStandingResponseSchema>[] = [];
  readonly listStandings: Step<typeof ListStandingsResponseSchema>[] = [];
  readonly watchLeaderboard: (StreamStep[] | "unreachable")[] = [];

  /** How many clients have gone while a stream was open. */
  gone = 0;

  /** What was sent, and with which `authorization`. */
  readonly received: { readonly request: unknown; readonly authorization: string | null }[] = [];

  /** Leads to this peer. */
  readonly transport = createRouterTransport(
    ({ service }) => {
      service(SessionService, { signInAsGuest: this.#plays(this.signInAsGuest) });
      service(ActionService, { doAction: this.#plays(this.doAction) });
      service(ScoreService, {
        updateScore: this.#plays(this.updateScore),
        getLeaderboard: this.#plays(this.getLeaderboard),
        getStanding: this.#plays(this.getStanding),
        listStandings: this.#plays(this.listStandings),
        watchLeaderboard: (request, context) => this.#stream(request, context),
      });
    },
    { transport: { interceptors: [(next) => (request) => this.#reach(request.stream) ?? next(request)] } },
  );

  #reach(stream: boolean): undefined {
    if (!stream || this.watchLeaderboard[0] !== "unreachable") return;
    this.watchLeaderboard.shift();
    throw new ConnectError("away", Code.Unavailable);
  }

  #plays<Answer>(steps: (Answer | ConnectError)[]) {
    return (request: unknown, context: HandlerContext): Answer => {
      this.#note(request, context);
      const step = next(steps);
      if (step instanceof ConnectError) throw step;
      return step;
    };
  }

  async *#stream(request: unknown, context: HandlerContext) {
    this.#note(request, context);
    context.signal.addEventListener("abort", () => this.gone++);
    for (const step of next(this.watchLeaderboard) as StreamStep[]) {
      if (step instanceof ConnectError) throw step;
      if (step === "silence") await gone(context.signal);
      else yield step;
    }
  }

  #note(request: unknown, { requestHeader }: HandlerContext): void {
    this.received.push({ request, authorization: requestHeader.get("authorization") });
  }
}

/** An error as the servers of Scorewire send it. */
export function refusal(
  code: Code,
  reason: string,
  { metadata = {}, fields = {}, retryMs, domain = "scorewire" }: RefusalDetails = {},
): ConnectError {
  const details = [{ desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { reason, domain, metadata }) }];
  const fieldViolations = Object.entries(fields).map(([field, description]) => ({ field, description }));
  const asked = retryMs === undefined ? [] : [{ retryDelay: durationFromMs(retryMs) }];
  return new ConnectError(`refused, ${reason}`, code, undefined, [
    ...details,
    { desc: BadRequestSchema, value: { fieldViolations } },
    ...asked.map((value) => ({ desc: RetryInfoSchema, value })),
  ]);
}

interface RefusalDetails {
  readonly metadata?: Record<string, string>;
  readonly fields?: Record<string, string>;
  readonly retryMs?: number;
  readonly domain?: string;
}

function next<Step>(steps: Step[]): Step {
  const step = steps.shift();
  if (step === undefined) throw new Error("the test wrote no step for this call");
  return step;
}

function gone(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
