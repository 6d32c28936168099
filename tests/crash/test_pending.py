"""The action server is killed between the outcome of an action and the delivery of its award: it is delivered once.

The servers are real processes. A frozen score server holds awards back, so that the action server always dies with
awards in its journal that nobody has; and whoever asks again afterwards is told what the journal has.
"""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import grpc
import pytest
import sqlalchemy as sa

from scorewire.action.v1.action_pb2 import DoActionRequest, DoActionResponse
from scorewire.action.v1.action_pb2_grpc import ActionServiceStub
from scorewire.session.v1.session_pb2 import SignInAsGuestRequest
from scorewire.session.v1.session_pb2_grpc import SessionServiceStub
from scorewire_server.tokens.fingerprint import fingerprint
from tests.awards import check_ledger, rows
from tests.processes import ServerProcess
from tests.waiting import until

CALLERS = 20


@pytest.fixture
def data_dir(tmp_path: Path, certs: Path, keys: Path) -> Path:
    (tmp_path / "certs").symlink_to(certs)
    (tmp_path / "keys").symlink_to(keys)
    return tmp_path


@pytest.fixture(params=["sqlite", "postgresql"])
def journal(request: pytest.FixtureRequest, data_dir: Path) -> tuple[sa.URL, dict[str, str]]:
    """Where the journal is, and the settings that say so."""
    if request.param == "sqlite":
        return sa.URL.create("sqlite", database=str(data_dir / "action.db")), {}
    url = request.getfixturevalue("postgres_url")
    (data_dir / "url").write_text(url.render_as_string(hide_password=False))
    return url, {"SCOREWIRE_ACTION__DATABASE_URL_FILE": str(data_dir / "url")}


@pytest.fixture
def score(data_dir: Path) -> Iterator[ServerProcess]:
    with running(ServerProcess("score", data_dir)) as server:
        yield server


@pytest.fixture
def action(data_dir: Path, score: ServerProcess, journal) -> Iterator[ServerProcess]:
    env = {"SCOREWIRE_ACTION__GUESTS": "true", "SCOREWIRE_ACTION__SCORE_ADDRESS": score.address}
    with running(ServerProcess("action", data_dir, env | journal[1])) as server:
        yield server


@contextmanager
def running(server: ServerProcess) -> Iterator[ServerProcess]:
    try:
        yield server.start().wait_ready()
    finally:
        server.kill()


@contextmanager
def frozen(server: ServerProcess) -> Iterator[None]:
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


class User:
    """A guest who rolls dice, each roll under a request id of its own."""

    def __init__(self, action: ServerProcess) -> None:
        self.action = action
        with action.channel("gateway") as channel:
            guest = SessionServiceStub(channel).SignInAsGuest(SignInAsGuestRequest(display_name="Ada"))
        self.user_id = guest.user_id
        self._session = (("authorization", f"Bearer {guest.token}"),)

    def roll(self, request_id: str, timeout: float) -> DoActionResponse:
        with self.action.channel("gateway") as channel:
            request = DoActionRequest(action_type="dice.roll", request_id=request_id)
            return ActionServiceStub(channel).DoAction(request, timeout=timeout, metadata=self._session)

    def rolls(self, request_ids: list[str], timeout: float = 30.0) -> list[DoActionResponse | grpc.RpcError]:
        """Rolls all at the same time."""

        def call(request_id: str) -> DoActionResponse | grpc.RpcError:
            try:
                return self.roll(request_id, timeout)
            except grpc.RpcError as error:
                return error

        with ThreadPoolExecutor(CALLERS) as threads:
            return list(threads.map(call, request_ids))


def score_url(data_dir: Path) -> sa.URL:
    return sa.URL.create("sqlite", database=str(data_dir / "score.db"))


def awards_in(data_dir: Path) -> int:
    """How many awards the ledger has; the rest is looked at when nothing is being written."""
    ((count,),) = rows(score_url(data_dir), "SELECT count(*) FROM awards")
    return count


def test_killed_between_outcome_and_delivery(data_dir, score, action, journal):
    user = User(action)
    assert user.roll("first", timeout=30).HasField("score")
    request_ids = [uuid4().hex for _ in range(CALLERS)]
    with frozen(score):
        told = user.rolls(request_ids, timeout=2.0)
        assert all(answer.score_pending and not answer.HasField("score") for answer in told)
        action.kill()
    action.start().wait_ready()
    until(lambda: awards_in(data_dir) == CALLERS + 1, "the awards that were pending")
    again = user.rolls(request_ids)
    assert [answer.result for answer in again] == [answer.result for answer in told]
    awards = {award.award_id: award for award in check_ledger(score_url(data_dir))}
    assert len(awards) == CALLERS + 1
    for answer in again:
        award = awards[fingerprint(answer.result)]
        assert (award.user_id, award.score, award.kind) == (user.user_id, answer.score, "internal")
        assert award.points == json.loads(answer.result)["result"]["rolled"]
    until(lambda: not rows(journal[0], "SELECT 1 FROM actions WHERE due IS NOT NULL"), "a journal with nothing due")


def test_killed_while_its_awards_are_under_way(data_dir, score, action, journal):
    """Nobody has been told anything: the callers ask again, and one award for each is all there is."""
    user, request_ids = User(action), [uuid4().hex for _ in range(CALLERS)]
    with frozen(score), ThreadPoolExecutor(1) as threads:
        calls = threads.submit(user.rolls, request_ids)
        until(lambda: len(rows(journal[0], "SELECT 1 FROM actions WHERE stage = 2")) == CALLERS, "the outcomes")
        action.kill()
        assert {error.code() for error in calls.result()} == {grpc.StatusCode.UNAVAILABLE}
    action.start().wait_ready()
    answers = user.rolls(request_ids)
    until(lambda: awards_in(data_dir) == CALLERS, "the awards")
    awards = {award.award_id for award in check_ledger(score_url(data_dir))}
    assert awards == {fingerprint(answer.result) for answer in answers}
