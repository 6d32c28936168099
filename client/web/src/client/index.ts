/**
 * The browser client of Scorewire.
 *
 *     const scorewire = Scorewire.at("http://localhost:8080");
 *     await scorewire.signInAsGuest("Ada");
 *     const { token, result } = await scorewire.act({ question: "…", answer: "…" }, "quiz.answer");
 *     if (token) console.log((await scorewire.redeem(token, result)).score);
 *     for await (const board of scorewire.watch()) console.log(board.standings);
 */

export { Code } from "@connectrpc/connect";
export { type Reason, ScorewireError } from "./errors.js";
export type { ActionOutcome, Award, Board, Page, Session, Standing } from "./results.js";
export { type PageOptions, Scorewire } from "./scorewire.js";
export type { WatchOptions, WatchState } from "./watching.js";
export type { AmongWindow, AroundWindow, BoardWindow, OnBoard, TopWindow } from "./windows.js";
