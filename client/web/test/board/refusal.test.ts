import { describe, expect, test } from "vitest";
import { explain } from "../../src/board/refusal";
import { Code, type Reason, ScorewireError } from "../../src/client";

function refused(code: Code, reason: Reason | undefined, message: string, more = {}): ScorewireError {
  return new ScorewireError(message, code, { reason, ...more });
}

describe("an error in words says what happened and what to do", () => {
  test.each([
    [
      "the session is over",
      refused(Code.Unauthenticated, "SESSION_EXPIRED", "the session is over; sign in again"),
      "The session is over. Sign in again.",
    ],
    [
      "the ticket is over",
      refused(
        Code.Unauthenticated,
        "TICKET_EXPIRED",
        "the ticket is over; if it was redeemed before, that has counted",
      ),
      "The ticket is over. Do the action again for a new ticket.",
    ],
    [
      "the server asks to wait",
      refused(Code.Unavailable, "UPSTREAM_UNAVAILABLE", "the score server cannot be reached", { retryAfterMs: 900 }),
      "The score server cannot be reached. Try again in 1 s.",
    ],
    [
      "nothing answered",
      refused(Code.Unavailable, undefined, "the server cannot be reached"),
      "The server cannot be reached. Nothing was lost: try again in a moment.",
    ],
    [
      "a handler refused, in words of its own",
      refused(Code.FailedPrecondition, "ACTION_REFUSED", "you have answered this; the first answer counts"),
      "You have answered this; the first answer counts. Try something else.",
    ],
    [
      "a field is wrong",
      refused(Code.InvalidArgument, "INVALID_FIELD", "mend it", { fieldViolations: { display_name: "too long" } }),
      "The display name is not accepted as it is. Change it and try again.",
    ],
    [
      "there is no such board",
      refused(Code.NotFound, "BOARD_UNKNOWN", "there is no board nope; there are: levels, main", {
        metadata: { boards: "levels, main" },
      }),
      "There is no board nope. Choose one that there is: levels, main.",
    ],
    [
      "the server is at fault",
      refused(Code.Internal, "INTERNAL", "a fault of the server", { metadata: { errorId: "4f2" } }),
      "A fault of the server. Try again; if it stays, tell whoever runs this server the id 4f2.",
    ],
    ["the page is at fault", new TypeError("undefined"), "This page made a mistake. Load it again."],
  ])("%s", (_case, thrown, words) => {
    expect(explain(thrown)).toBe(words);
  });
});
