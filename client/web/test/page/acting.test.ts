import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, expect, test } from "vitest";
import { Scorewire } from "../../src/client";
import { Acting } from "../../src/page/acting";
import { Tries } from "../../src/page/tries";
import { Peer, refusal } from "../client/peer";
import { newStore } from "./store";

const AWAY = new ConnectError("away", Code.Unavailable);
const LATE = refusal(Code.DeadlineExceeded, "DEADLINE_EXCEEDED");
const CUT = new ConnectError("cut", Code.Canceled);

let peer: Peer;
let store: ReturnType<typeof newStore>;
let acting: Acting;

beforeEach(() => {
  peer = new Peer();
  store = newStore();
  acting = loaded("ada");
});

/** What acts on a page that has just been loaded. */
function loaded(userId: string): Acting {
  const tries = new Tries(store);
  tries.follow(userId);
  return new Acting(new Scorewire(peer.transport, () => 0), "quiz.answer", tries);
}

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

test.each([
  ["that got no answer", Array(5).fill(AWAY)],
  ["whose time was over", Array(5).fill(LATE)],
  ["that was cut off", [CUT]],
])("an action %s has the same request id after a reload", async (_case, failures) => {
  peer.doAction.push(...failures, { result: "{}" });
  await expect(acting.act("Canberra")).rejects.toBeDefined();
  await loaded("ada").act("Canberra");
  expect(requestIds().size).toBe(1);
});

test("an action that is under way has the same request id after a reload", async () => {
  peer.doAction.push({ result: "{}" }, { result: "{}" });
  const first = acting.act("Canberra");
  await Promise.all([first, loaded("ada").act("Canberra")]);
  expect(requestIds().size).toBe(1);
  expect(store.size).toBe(0);
});

test("the same action of another user has another request id", async () => {
  peer.doAction.push(...Array(5).fill(AWAY), { result: "{}" });
  await expect(acting.act("Canberra")).rejects.toBeDefined();
  await loaded("grace").act("Canberra");
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

test("an action with a ticket is open until its ticket has come to its end, and untold after a reload", async () => {
  peer.doAction.push({ token: "ticket", result: "{}" }, { token: "fresh", result: "{}" }, { result: "{}" });
  const { requestId } = await acting.act("Canberra");
  expect([acting.isOpen(requestId), acting.untold()]).toEqual([true, []]);
  const next = loaded("ada");
  expect([next.isOpen(requestId), next.untold()]).toEqual([true, ["Canberra"]]);
  expect((await next.act("Canberra")).token).toBe("fresh");
  next.end(requestId);
  expect([next.isOpen(requestId), loaded("ada").untold()]).toEqual([false, []]);
  await next.act("Canberra");
  expect(requestIds().size).toBe(2);
});

test("an action that nobody was told of is forgotten where another was done in its place, and no other is", async () => {
  peer.doAction.push({ token: "ticket", result: "{}" }, CUT, { result: "{}" });
  const { requestId } = await acting.act("Canberra");
  await expect(acting.act("Sydney")).rejects.toBeDefined();
  await acting.act("Perth");
  acting.forgetUntold();
  expect([acting.isOpen(requestId), acting.untold(), loaded("ada").untold()]).toEqual([true, [], ["Canberra"]]);
});

test("an action that is not open is not done when it is asked for again", async () => {
  peer.doAction.push({ token: "ticket", result: "{}" });
  const { requestId } = await acting.act("Canberra");
  expect(await loaded("grace").again(requestId)).toBeUndefined();
  expect(peer.received).toHaveLength(1);
});
