/** Prints each board as one line of JSON, and what befalls the watch on standard error. Ctrl-C ends it. */

import { parseArgs } from "node:util";
import { watch } from "./watching.js";

const values = given({
  address: { type: "string", default: "127.0.0.1:50052" },
  certs: { type: "string", default: new URL("../../data/certs", import.meta.url).pathname },
  identity: { type: "string", default: "watcher" },
  server: { type: "string", default: "spiffe://scorewire.local/score" },
  board: { type: "string" },
  limit: { type: "string" },
  around: { type: "string" },
  radius: { type: "string" },
  user: { type: "string", multiple: true },
  resume: { type: "string" },
  // Servers send a heartbeat every 10 seconds; a stream that misses two is dead.
  silence: { type: "string", default: "20" },
});

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());

const request = {
  board_id: values.board,
  limit: values.limit && Number(values.limit),
  around_user_id: values.around,
  radius: values.radius && Number(values.radius),
  user_ids: values.user ?? [],
  resume_token: values.resume,
  // Updates save bytes, and cost code: a program of this size asks for whole boards.
  whole_boards: true,
};

const silenceMs = Number(values.silence) * 1_000;

try {
  for await (const message of watch(values, request, silenceMs, stop.signal, said)) console.log(line(message));
} catch (/** @type {any} */ error) {
  console.error(`the watch is over: ${error.message}`);
  process.exitCode = 1;
}

/**
 * The options of the command line; ends the program where there are others.
 *
 * @param {import("node:util").ParseArgsConfig["options"]} options
 * @returns {any}
 */
function given(options) {
  try {
    return parseArgs({ options }).values;
  } catch (/** @type {any} */ error) {
    console.error(`${error.message} examples/README.md has the options.`);
    process.exit(2);
  }
}

/**
 * A board on one line, with the token that goes on after it, by the names of the contract.
 *
 * @param {any} message
 */
function line({ leaderboard, resume_token }) {
  const { revision = "0", total_users = 0, update_time: time, ...rest } = leaderboard;
  const update_time = time && new Date(Number(time.seconds) * 1_000 + (time.nanos ?? 0) / 1e6);
  return JSON.stringify({ revision, total_users, ...rest, update_time, resume_token });
}

/**
 * @param {any} error
 * @param {number} pauseMs
 */
function said(error, pauseMs) {
  console.error(`reconnecting in ${Math.round(pauseMs)} ms: ${error.message}`);
}
