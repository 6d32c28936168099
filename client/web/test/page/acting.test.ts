import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, expect, test } from "vitest";
import { Scorewire } from "../../src/client";
import { Acting } from "../../src/page/acting";
import { Peer, refusal } from "../client/peer";

const AWAY = new ConnectError("away", Code.Unavailable);

let peer: Peer;
let acting: Acting;

beforeEach(() => {
  peer = new Peer();
  acting = new Acting(new Scorewire(peer.transport, () => 0), "quiz.answer");
});

function requestIds(): Set<string> {
  return new Set(peer.received.map(({ request }) => (request as { requestId: string }).requestId));
}

test("an action without an answer has the same request id when it is tried again, and the next one another", async () => {
  peer.doAction.push(...Array(5).fill(AWAY), ...Array(5).fill(AWAY), { result: "{}" }, { result: "{}" });
  await expect(acting.act("Canberra")).rejects.toMatchObject({ code: Code.Unavailable });
  await expect(acting.act("Canberra")).rejects.toMatchObject({ code: Code.Unavailable });
  await acting.act("Canberra");
  expect(requestIds().size).toBe(1);
  await acting.act("Canberra");
  expect(requestIds().size).toBe(2);
});

test("another input is another action", async () => {
  peer.doAction.push(...Array(5).fill(AWAY), { result: "{}" });
  await expect(acting.act("Sydney")).rejects.toMatchObject({ code: Code.Unavailable });
  await acting.act("Canberra");
  expect(requestIds().size).toBe(2);
});

test("an action that was refused is done anew", async () => {
  peer.doAction.push(refusal(Code.Aborted, "ACTION_INTERRUPTED"), { result: "{}" });
  await expect(acting.act(null)).rejects.toMatchObject({ reason: "ACTION_INTERRUPTED" });
  await acting.act(null);
  expect(requestIds().size).toBe(2);
});
