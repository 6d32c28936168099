/** The one error of the client, decoded from the status and the details of a failed call. */

import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "#generated/google/rpc/error_details_pb";
import type { ErrorReason } from "#generated/scorewire/errors/v1/errors_pb";

/** The reasons of `scorewire.errors.v1.ErrorReason`. */
export type Reason = Exclude<keyof typeof ErrorReason, "UNSPECIFIED">;

interface Details {
  readonly reason?: Reason | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly fieldViolations?: Readonly<Record<string, string>> | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** A call that was refused, or that got no answer. */
export class ScorewireError extends Error {
  override readonly name = "ScorewireError";
  /** The gRPC status. */
  readonly code: Code;
  /** Why; `undefined` where no server of Scorewire answered (nothing listens, the connection broke). */
  readonly reason: Reason | undefined;
  /** What belongs to the reason. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What is wrong with each field, by its name. */
  readonly fieldViolations: Readonly<Record<string, string>>;
  /** How long the server asks to wait before the next call; `undefined` where waiting does not help. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, code: Code, details: Details = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.reason = details.reason;
    this.metadata = details.metadata ?? {};
    this.fieldViolations = details.fieldViolations ?? {};
    this.retryAfterMs = details.retryAfterMs;
  }

  /** Whether the same call may succeed a little later. */
  get mayPass(): boolean {
    return this.code === Code.Unavailable || this.retryAfterMs !== undefined;
  }
}

/** The ScorewireError for whatever a call threw. */
export function decodeError(thrown: unknown): ScorewireError {
  if (thrown instanceof ScorewireError) return thrown;
  const error = ConnectError.from(thrown);
  if (error.code === Code.Unknown && error.cause !== undefined) return unreachable(error);
  const info = error.findDetails(ErrorInfoSchema).find(({ domain }) => domain === "scorewire");
  const [retry] = error.findDetails(RetryInfoSchema);
  const violations = error.findDetails(BadRequestSchema).flatMap((detail) => detail.fieldViolations);
  return new ScorewireError(
    error.rawMessage,
    error.code,
    {
      reason: info?.reason as Reason | undefined,
      metadata: info?.metadata,
      fieldViolations: Object.fromEntries(violations.map(({ field, description }) => [field, description])),
      retryAfterMs: retry?.retryDelay && durationMs(retry.retryDelay),
    },
    { cause: error },
  );
}

// A broken connection reaches us as whatever `fetch` made of it, wrapped: no status, only a cause.
function unreachable(error: ConnectError): ScorewireError {
  return new ScorewireError("the server cannot be reached", Code.Unavailable, {}, { cause: error });
}
