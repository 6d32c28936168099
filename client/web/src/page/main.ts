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
  const dice = new Dice(scorewire, performer);
  const quiz = new Quiz(scorewire, performer);
  const choice = new WindowChoice(board);
  offerThemes();
  showChart(board);
  board.addEventListener("scorewire-board", ({ detail }) => signIn.showStanding(detail.own));
  signIn.resume();

  function follow(session: Session | undefined): void {
    dice.enable(session !== undefined);
    quiz.enable(session !== undefined);
    choice.follow(session?.userId);
  }
}
