/** The live page: puts its parts together. */

import { ScorewireBoard } from "../board";
import { Scorewire, type Session } from "../client";
import { showAsked } from "./asked-board";
import { showChart } from "./chart/view";
import { Dice } from "./dice";
import { byId } from "./elements";
import { Performer } from "./performer";
import { Quiz } from "./quiz";
import { SignIn } from "./sign-in";
import { offerThemes } from "./theme";
import { Tries } from "./tries";
import { hang, isWall } from "./wall";
import { WindowChoice } from "./window-choice";

const board = byId("leaderboard", ScorewireBoard);
showAsked(board);
if (isWall()) hang(board);
else play();

function play(): void {
  const scorewire = Scorewire.at(location.origin);
  const performer = new Performer((error) => signIn.signOut(error));
  const signIn = new SignIn(scorewire, performer, follow);
  const tries = new Tries(sessionStorage);
  const dice = new Dice(scorewire, performer, tries);
  const quiz = new Quiz(scorewire, performer, tries);
  const choice = new WindowChoice(board);
  offerThemes();
  showChart(board);
  board.addEventListener("scorewire-board", ({ detail }) => signIn.showStanding(detail.own));
  signIn.resume();

  function follow(session: Session | undefined): void {
    tries.follow(session?.userId);
    dice.enable(session !== undefined);
    quiz.enable(session !== undefined);
    choice.follow(session?.userId);
  }
}
