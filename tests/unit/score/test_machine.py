"""Awards against the plainest model of them: whatever is asked, lost, repeated and restarted, both agree to the row.

A machine drives the whole way from a request to the boards: awards that arrive together and repeat each other, ids that
come back with other content, points that are taken, boards where users stand level, transactions that fail, answers
that are lost on their way, voids, adjustments and decisions about users, and restarts in between.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire_server.errors import AwardIdReused, Refusal, StorageUnavailable, UserBlocked
from scorewire_server.score.apply import Applier
from scorewire_server.score.awards import Awards, Receipt
from scorewire_server.score.committer import Committer
from scorewire_server.score.correcting import Adjustment, Corrector, Why
from scorewire_server.score.decider import Decider
from scorewire_server.score.rules import Rules, load_rules
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.storage.database import Database
from scorewire_server.storage.group_commit import Bounds
from scorewire_server.storage.history import History
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.records import Appended, Decision, NewAward
from scorewire_server.turns import Turns
from tests.awards import STATE_AFTER, check_ledger
from tests.clocks import SetClock
from tests.running import RULES
from tests.unit.score.plain_model import BLOCKED, Given, Model
from tests.unit.score.reading import leaderboard, shown


def _rolled(request: ApplyScoreRequest) -> ApplyScoreRequest:
    request.action_type, request.points = "dice.roll", abs(request.points) + 1
    return request


AWARD_IDS = st.integers(0, 60).map("award-{}".format)  # few ids, users and points, so that they meet again
REQUESTS = st.builds(
    ApplyScoreRequest,
    award_id=AWARD_IDS,
    user_id=st.integers(0, 5).map("user-{}".format),
    points=st.integers(-3, 3),
    action_type=st.none(),
    display_name=st.sampled_from([None, "Ada", "Bob"]),
)
DICE = REQUESTS.map(_rolled)
USERS = st.integers(0, 5).map("user-{}".format)
WHY = Why("a reason", "ops")
DECISIONS = st.sampled_from(["quarantine", "release", "block", "unblock"])
CALLS = st.lists(st.one_of(REQUESTS, DICE), min_size=1, max_size=6)


class UnsteadyLedger(Ledger):
    """Fails once before or after a transaction, where it is told to."""

    fails: str | None = None

    def append(self, new: Sequence[NewAward], known_names: Mapping[str, str]) -> Appended:
        fails, self.fails = self.fails, None
        if fails == "before":
            raise StorageUnavailable("the database is gone")
        appended = super().append(new, known_names)
        if fails == "after":
            raise StorageUnavailable("the answer was lost")
        return appended


class Server:
    """From a request to the boards, over the database in a file."""

    def __init__(self, file: Path) -> None:
        self.url = sa.URL.create("sqlite", database=str(file))
        self._database = Database(self.url)
        sa.event.listen(self._database.engine, "connect", _in_memory_of_the_system)
        self.ledger = UnsteadyLedger(self._database)
        self.scoreboard = Scoreboard(rules().board_ids(), rules().default_board, self.ledger.database_id())
        self.scoreboard.load(self.ledger)
        self._loop = asyncio.new_event_loop()
        self._committer = Committer(self.ledger, self.scoreboard, Bounds(queue=1000, batch=4, patience=0.0))
        self._running = self._loop.create_task(self._committer.run())
        awards = Awards(self._committer, self.scoreboard, lambda _: None)
        self._applier = Applier(rules(), awards, SetClock(), Turns(lambda: True))
        self._decider = Decider(self._committer, SetClock())
        self._corrector = Corrector(History(self._database), rules(), self.scoreboard, awards, SetClock())

    def apply(self, *calls: Sequence[ApplyScoreRequest]) -> list[list[Receipt | Refusal]]:
        """What each of several callers at once is answered."""

        async def all_at_once() -> list[list[Receipt | Refusal]]:
            return await asyncio.gather(*[self._applier.apply_all(call, "ops") for call in calls])

        return self._loop.run_until_complete(all_at_once())

    def void(self, award_id: str) -> Receipt | str:
        """What voiding an award is answered."""
        return self._corrected(self._corrector.void(award_id, WHY))

    def adjust(self, adjustment: Adjustment) -> Receipt | str:
        """What adjusting a score is answered."""
        return self._corrected(self._corrector.adjust(adjustment, WHY))

    def _corrected(self, correction: Coroutine[Any, Any, Receipt]) -> Receipt | str:
        try:
            return self._loop.run_until_complete(correction)
        except Refusal as refusal:
            return refusal.reason

    def decide(self, kind: Decision, user_id: str) -> str:
        """The state that a user is in after a decision, or why there is none."""
        try:
            decided = self._loop.run_until_complete(self._decider.decide(kind, user_id, "a reason", "ops"))
        except UserBlocked:
            return BLOCKED
        return decided.restriction.state

    def stop(self) -> None:
        """Ends as a server does."""
        self._committer.close()
        self._loop.run_until_complete(self._running)
        self._loop.close()
        self._database.close()


def _in_memory_of_the_system(connection, _):
    connection.execute("PRAGMA synchronous=OFF")  # nothing here pulls the plug, and a disk takes its time


@cache
def rules() -> Rules:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.toml"
        file.write_text(RULES)
        return load_rules(file)


class AwardsLikeTheirModel(RuleBasedStateMachine):
    new_database: Callable[[Path], None]

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="scorewire-machine-"))
        self.new_database(self.folder / "score.db")
        self.model = Model()
        self.behind = False
        self.revisions = dict.fromkeys(self.model.boards, 0)
        self.start()

    def start(self):
        self.server = Server(self.folder / "score.db")
        self.behind = False

    def teardown(self):
        self.server.stop()
        shutil.rmtree(self.folder)

    @rule(call=CALLS)
    def ask(self, call):
        expected = [self.model.ask(request) for request in call]
        (answers,) = self.server.apply(call)
        self.behind = False
        assert list(map(told, answers)) == expected
        for answer in answers:
            if isinstance(answer, Receipt):
                assert answer.rank == self.model.rank(Given.of(answer.award))

    @rule(calls=st.lists(CALLS, min_size=2, max_size=6))
    def ask_together(self, calls):
        expected = [[self.model.ask(request) for request in call] for call in calls]
        answers = self.server.apply(*calls)
        self.behind = False
        assert [list(map(told, each)) for each in answers] == expected

    @rule(call=CALLS)
    def ask_in_vain(self, call):
        self.server.ledger.fails = "before"
        with pytest.raises(StorageUnavailable):
            self.server.apply(call)

    @rule(call=CALLS)
    def ask_and_lose_the_answer(self, call):
        self.server.ledger.fails = "after"
        with pytest.raises(StorageUnavailable):
            self.server.apply(call)
        before = self.model.position
        for request in call:
            self.model.ask(request)
        self.behind |= self.model.position > before

    @rule(kind=DECISIONS, user=USERS)
    def decide(self, kind, user):
        expected = self.model.decide(kind, user)
        assert self.server.decide(kind, user) == expected
        self.behind = False

    @rule(award_id=AWARD_IDS)
    def void(self, award_id):
        expected = self.model.void(award_id)
        answer = self.server.void(award_id)
        assert (answer if isinstance(answer, str) else Given.of(answer.award)) == expected
        self.behind &= expected == "AWARD_UNKNOWN"

    @rule(
        award_id=AWARD_IDS, user=USERS, points=st.integers(-3, 3).filter(bool), board=st.sampled_from(["main", "dice"])
    )
    def adjust(self, award_id, user, points, board):
        expected = self.model.adjust(award_id, user, points, board)
        answer = self.server.adjust(Adjustment(user, points, board, award_id=award_id))
        assert (answer if isinstance(answer, str) else Given.of(answer.award)) == expected
        self.behind &= expected == "USER_UNKNOWN"

    @rule()
    def restart(self):
        self.server.stop()
        self.start()

    @invariant()
    def the_ledger_has_what_was_given(self):
        awards = [award for award in check_ledger(self.server.url) if award.kind not in STATE_AFTER]
        assert list(map(Given.of, awards)) == list(self.model.given.values())

    @precondition(lambda self: not self.behind)
    @invariant()
    def the_boards_show_it(self):
        for board_id in self.model.boards:
            board = self.server.scoreboard.board(board_id)
            assert shown(board) == self.model.shown(board_id)
            assert leaderboard(board).total_users == len(self.model.shown(board_id))

    @invariant()
    def revisions_never_go_down(self):
        for board_id, before in self.revisions.items():
            self.revisions[board_id] = self.server.scoreboard.board(board_id).revision
            assert before <= self.revisions[board_id] <= self.model.position


def told(answer: Receipt | Refusal) -> tuple[Given, bool] | str:
    if isinstance(answer, AwardIdReused | UserBlocked):
        return answer.reason
    assert isinstance(answer, Receipt), answer
    return Given.of(answer.award), answer.fresh


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    file = tmp_path_factory.mktemp("machine") / "score.db"
    database = Database(sa.URL.create("sqlite", database=str(file)))
    database.migrate()
    database.close()
    return file


def test_awards_are_like_their_model(migrated, monkeypatch):
    monkeypatch.setattr("scorewire_server.score.committer.LOOK_SECONDS", 3600)  # the next caller shall find it

    class OverNewDatabases(AwardsLikeTheirModel):
        def new_database(self, file):
            shutil.copy(migrated, file)

    run_state_machine_as_test(
        OverNewDatabases, settings=settings(max_examples=40, stateful_step_count=20, deadline=None)
    )
