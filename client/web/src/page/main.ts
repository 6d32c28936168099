/** The live page: puts its parts together. */

import { Scorewire, type Session } from "../client";
import { BoardView } from "./board-view";
import { Dice } from "./dice";
import { Live } from "./live";
import { Performer } from "./performer";
import { Quiz } from "./quiz";
import { SignIn } from "./sign-in";

const scorewire = Scorewire.at(location.origin);
const performer = new Performer((error) => signIn.signOut(error));
const signIn = new SignIn(scorewire, performer, play);
const dice = new Dice(scorewire, performer);
const quiz = new Quiz(scorewire, performer);
const boardView = new BoardView();
const live = new Live(scorewire, (board) => {
  boardView.show(board);
  signIn.showStanding(board.own);
});

function play(session: Session | undefined): void {
  dice.enable(session !== undefined);
  quiz.enable(session !== undefined);
  void live.follow(session?.userId);
}

signIn.resume();
