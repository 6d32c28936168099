/** A page of your own: signs in, does actions, redeems tickets, and watches the board. No bundler. */

import { Scorewire, ScorewireError } from "./standalone.js";

const scorewire = Scorewire.at(document.querySelector('meta[name="scorewire"]').content);
const [signIn, play, roll, answer, quiz, outcome, connection, board] = [
  "sign-in",
  "play",
  "roll",
  "answer",
  "quiz",
  "outcome",
  "connection",
  "board",
].map((id) => document.getElementById(id));

let watching = new AbortController();

signIn.addEventListener("submit", (event) => {
  event.preventDefault();
  say(async () => {
    const session = await scorewire.signInAsGuest(signIn.elements.name.value);
    play.disabled = false;
    void watch(session.userId);
    return `Signed in as ${session.displayName}.`;
  });
});

// Delivered internally: the answer has the score.
roll.addEventListener("click", () =>
  say(async () => `Rolled. Your score is ${(await scorewire.act(null, "dice.roll")).score}.`),
);

// Delivered by ticket: a right answer has one, which this page redeems.
quiz.addEventListener("click", () =>
  say(async () => {
    const some = { question: "capital-of-australia", answer: answer.value };
    const { token, result } = await scorewire.act(some, "quiz.answer");
    if (token === undefined) return "Wrong: no ticket, no points.";
    const award = await scorewire.redeem(token, result);
    return `Right: +${award.scoreIncrease}. Your score is ${award.score}.`;
  }),
);

/** Shows what `act` says, or why it was refused. */
async function say(act) {
  try {
    outcome.textContent = await act();
  } catch (error) {
    if (!(error instanceof ScorewireError)) throw error;
    outcome.textContent = `${error.message} (${error.reason ?? "no answer"})`;
  }
}

/** Watches the board, with a user's own standing once somebody has signed in. */
async function watch(userId) {
  watching.abort();
  watching = new AbortController();
  const { signal } = watching;
  const onState = ({ name, staleSince }) => {
    connection.textContent = staleSince ? `${name}, as of ${staleSince.toLocaleTimeString()}` : name;
  };
  for await (const { standings, own } of scorewire.watch({ userId, signal, onState })) {
    board.replaceChildren(...standings.map((standing) => row(standing, standing.userId === own?.userId)));
  }
}

function row({ rank, displayName, userId, score }, isOwn) {
  const tr = document.createElement("tr");
  tr.classList.toggle("own", isOwn);
  for (const text of [rank, displayName ?? userId, score]) tr.insertCell().textContent = text;
  return tr;
}

void watch();
