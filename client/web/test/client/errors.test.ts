import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { Scorewire, ScorewireError } from "../../src/client";
import { decodeError } from "../../src/client/errors";
import { Peer, refusal } from "./peer";

async function refusedWith(step: ConnectError): Promise<ScorewireError> {
  const peer = new Peer();
  peer.signInAsGuest.push(step);
  const thrown = await new Scorewire(peer.transport).signInAsGuest("Ada").catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ScorewireError);
  return thrown as ScorewireError;
}

describe("an error", () => {
  test("carries what the server said", async () => {
    const error = await refusedWith(
      refusal(Code.InvalidArgument, "INVALID_FIELD", { metadata: { board: "main" }, fields: { limit: "too large" } }),
    );
    expect(error).toMatchObject({
      code: Code.InvalidArgument,
      message: "refused, INVALID_FIELD",
      reason: "INVALID_FIELD",
      metadata: { board: "main" },
      fieldViolations: { limit: "too large" },
      retryAfterMs: undefined,
    });
  });

  test("names how long to wait", async () => {
    const error = await refusedWith(refusal(Code.ResourceExhausted, "OVERLOADED", { retryMs: 500 }));
    expect(error.retryAfterMs).toBe(500);
  });

  test("has no reason of another domain", async () => {
    const error = await refusedWith(refusal(Code.PermissionDenied, "CALLER_UNKNOWN", { domain: "proxy.example.com" }));
    expect(error.reason).toBeUndefined();
  });

  test("has no reason where nothing answered", async () => {
    const error = decodeError(ConnectError.from(new TypeError("Failed to fetch")));
    expect(error).toMatchObject({ code: Code.Unavailable, reason: undefined });
    expect(error.message).toBe("the server cannot be reached");
  });

  test("keeps a status without details", async () => {
    expect(await refusedWith(new ConnectError("as it is", Code.Unknown))).toMatchObject({ code: Code.Unknown });
  });

  test("is decoded once", () => {
    const error = new ScorewireError("refused", Code.Aborted);
    expect(decodeError(error)).toBe(error);
  });
});

describe("an error that may pass", () => {
  test.each([
    ["the server is away", new ScorewireError("", Code.Unavailable), true],
    ["the server asks to wait", new ScorewireError("", Code.ResourceExhausted, { retryAfterMs: 0 }), true],
    ["the server refuses", new ScorewireError("", Code.ResourceExhausted), false],
  ])("%s", (_case, error, mayPass) => {
    expect(error.mayPass).toBe(mayPass);
  });
});
