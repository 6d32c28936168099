/** What a project does that has installed the package: plays, and prints what it sees as JSON. */

import { type Board, Code, type Reason, Scorewire, ScorewireError, type WatchState } from "@scorewire/client";

declare const process: { readonly argv: readonly string[] };

const [address, question, answer] = process.argv.slice(2) as [string, string, string];

const scorewire = Scorewire.at(address);
const { userId } = await scorewire.signInAsGuest("Packed");
const rolled = await scorewire.act(null, "dice.roll");
const { token, result } = await scorewire.act({ question, answer }, "quiz.answer");
if (token === undefined) throw new Error("a right answer has a ticket");
const award = await scorewire.redeem(token, result);
const again = await scorewire.redeem(token, result).catch(refused);

const states: WatchState["name"][] = [];
let watched: Board | undefined;
for await (const board of scorewire.watch({ limit: 100, userId, onState: ({ name }) => states.push(name) })) {
  watched = board;
  if (board.revision >= award.revision) break;
}

function refused(thrown: unknown): Reason | undefined {
  if (thrown instanceof ScorewireError && thrown.code === Code.AlreadyExists) return thrown.reason;
  throw thrown;
}

const seen = {
  userId,
  rolled: Number(rolled.score),
  score: Number(award.score),
  again,
  standing: Number((await scorewire.standing(userId)).score),
  top: (await scorewire.top({ limit: 100 })).standings.map((standing) => standing.userId),
  around: (await scorewire.around(userId, { radius: 1 })).standings.map((standing) => standing.userId),
  among: (await scorewire.among([userId, "nobody"])).standings.map((standing) => standing.userId),
  own: Number(watched?.own?.score),
  states,
};
console.log(JSON.stringify(seen));
