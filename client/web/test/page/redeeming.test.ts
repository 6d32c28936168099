import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Scorewire } from "../../src/client";
import { Acting } from "../../src/page/acting";
import { Redeeming } from "../../src/page/redeeming";
import { Tries } from "../../src/page/tries";
import { Peer, refusal } from "../client/peer";
import { newStore } from "./store";

const AWAY = new ConnectError("away", Code.Unavailable);
const EXPIRED = refusal(Code.Unauthenticated, "TICKET_EXPIRED");
const AWARD = { scoreIncrease: 10, score: 25n, rank: 3, revision: 7n };
const FIRST = { scoreIncrease: "10", score: "25", revision: "7" };
const COUNTED = refusal(Code.AlreadyExists, "TICKET_ALREADY_REDEEMED", { metadata: FIRST });
const MINUTE_MS = 60_000;

let peer: Peer;
let tries: Tries;
let store: ReturnType<typeof newStore>;
let redeeming: Redeeming;
let told: string[];

beforeEach(async () => {
  vi.useFakeTimers();
  peer = new Peer();
  store = newStore();
  tries = new Tries(store);
  tries.follow("ada");
  const scorewire = new Scorewire(peer.transport, () => 0);
  const acting = new Acting(scorewire, "quiz.answer", tries);
  peer.doAction.push({ token: "ticket", result: "data" });
  redeeming = new Redeeming(scorewire, acting, await acting.act("Canberra"), () => 0.5);
  told = [];
  redeeming.onWait = () => told.push("wait");
  redeeming.onFresh = (ticket) => told.push(ticket);
});

afterEach(() => {
  vi.useRealTimers();
});

/** What comes of redeeming, once all the time has passed that it takes. */
async function outcome(): Promise<unknown> {
  const settled = redeeming.redeem().catch((thrown: unknown) => thrown);
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  return settled;
}

function tickets(): unknown[] {
  const redeemed = peer.received.filter(({ request }) => "data" in (request as object));
  return redeemed.map(({ authorization }) => authorization);
}

function isForgotten(): boolean {
  return redeeming.isOver && store.size === 0;
}

test("a ticket that is redeemed is over", async () => {
  peer.updateScore.push(AWARD);
  expect(await outcome()).toEqual(AWARD);
  expect([isForgotten(), told]).toEqual([true, []]);
});

test.each([
  ["whose time is over", [EXPIRED]],
  ["that nobody took", Array(5).fill(AWAY)],
  ["whose call took too long", [refusal(Code.DeadlineExceeded, "DEADLINE_EXCEEDED")]],
])("a ticket %s is followed by a fresh one for the same action", async (_case, failures) => {
  peer.updateScore.push(...failures, AWARD);
  peer.doAction.push({ token: "fresh", result: "data" });
  expect(await outcome()).toEqual(AWARD);
  expect(told).toEqual(["wait", "fresh"]);
  expect(tickets()).toEqual([...failures.map(() => "Bearer ticket"), "Bearer fresh"]);
  const acted = peer.received.map(({ request }) => (request as { requestId?: string }).requestId).filter(Boolean);
  expect([acted.length, new Set(acted).size]).toEqual([2, 1]);
  expect(isForgotten()).toBe(true);
});

test("a ticket whose answer was lost has counted, which the fresh one finds", async () => {
  peer.updateScore.push(...Array(5).fill(AWAY), COUNTED);
  peer.doAction.push({ token: "fresh", result: "data" });
  expect(await outcome()).toEqual({ ...AWARD, rank: undefined });
  expect(isForgotten()).toBe(true);
});

test("an award that was taken back is none", async () => {
  const metadata = { ...FIRST, voided: "true" };
  peer.updateScore.push(refusal(Code.AlreadyExists, "TICKET_ALREADY_REDEEMED", { metadata }));
  expect(await outcome()).toMatchObject({ reason: "TICKET_ALREADY_REDEEMED" });
  expect(isForgotten()).toBe(true);
});

test("who cannot get a fresh ticket asks again", async () => {
  peer.updateScore.push(EXPIRED, AWARD);
  peer.doAction.push(...Array(5).fill(AWAY), { token: "fresh", result: "data" });
  expect(await outcome()).toEqual(AWARD);
  expect(told).toEqual(["wait", "wait", "fresh"]);
});

test("it gives up within a minute, and begins anew when it is asked to", async () => {
  const fresh = { token: "fresh", result: "data" };
  peer.updateScore.push(...Array(100).fill(EXPIRED));
  peer.doAction.push(...Array(100).fill(fresh));
  expect(await outcome()).toMatchObject({ reason: "TICKET_EXPIRED" });
  expect(tickets().length).toBeLessThan(25);
  expect([redeeming.isOver, tries.of("quiz.answer").length]).toEqual([false, 1]);
  peer.updateScore.splice(0, Number.POSITIVE_INFINITY, EXPIRED, AWARD);
  expect(await outcome()).toEqual(AWARD);
});

test("it gives up at once where it is asked to wait for longer", async () => {
  peer.updateScore.push(refusal(Code.ResourceExhausted, "COOLDOWN", { retryMs: 2 * MINUTE_MS }));
  expect(await outcome()).toMatchObject({ reason: "COOLDOWN" });
  expect([redeeming.isOver, told]).toEqual([false, []]);
});

test("a ticket that is refused for good is over", async () => {
  peer.updateScore.push(refusal(Code.FailedPrecondition, "SCORING_RULE_MISSING"));
  expect(await outcome()).toMatchObject({ reason: "SCORING_RULE_MISSING" });
  expect(isForgotten()).toBe(true);
});

test("a ticket that is over can be sent again, and is refused", async () => {
  peer.updateScore.push(AWARD, COUNTED);
  await outcome();
  expect(await outcome()).toMatchObject({ reason: "TICKET_ALREADY_REDEEMED" });
});

test("no fresh ticket is asked for where another user has signed in", async () => {
  peer.updateScore.push(EXPIRED, EXPIRED);
  redeeming.onWait = () => tries.follow("grace");
  expect(await outcome()).toMatchObject({ reason: "TICKET_EXPIRED" });
  expect([tickets().length, peer.received.length, redeeming.isOver]).toEqual([2, 3, true]);
});
