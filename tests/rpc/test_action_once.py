"""One `request_id`, one action: however often it is asked for, by however many, and whatever it led to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import grpc
import jwt
import pytest
import pytest_asyncio
import sqlalchemy as sa
from structlog.testing import capture_logs

from scorewire.score.v1.score_pb2 import GetStandingRequest
from scorewire_server.action.courier import REFUSED
from scorewire_server.action.upkeep import Upkeep
from scorewire_server.storage.database import Database
from scorewire_server.storage.journal.journal import JOURNAL, Journal
from scorewire_server.storage.journal.records import Entry
from tests.clocks import SetClock
from tests.pair import prepare, refusal, running_actions, session
from tests.rpc import trial_actions
from tests.rpc.trial_actions import GATE, RUNS
from tests.rpc.trials import prepare_trials
from tests.waiting import comes

pytestmark = pytest.mark.asyncio(loop_scope="module")


def settings_in(folder, certs, **action):
    return prepare_trials(folder, certs, guests=True, **action)


@pytest.fixture(scope="module")
def clock():
    return SetClock()


@pytest.fixture(scope="module")
def settings(tmp_path_factory, certs):
    return settings_in(tmp_path_factory.mktemp("servers"), certs)


@pytest_asyncio.fixture(loop_scope="module")
async def guest(actions):
    return await actions.sign_in("Grace")


@pytest.fixture(autouse=True)
def shut_gate():
    yield
    GATE.set()
    trial_actions.GATE.clear()


def runs(guest) -> int:
    return sum(count for (user_id, _), count in RUNS.items() if user_id == guest.user_id)


async def score_of(scores, guest) -> int:
    return (await scores.public.GetStanding(GetStandingRequest(user_id=guest.user_id))).standing.score


async def under_way(call, guest):
    """A call whose handler runs."""
    before = runs(guest)
    task = asyncio.ensure_future(call)

    async def ran() -> bool:
        return runs(guest) > before

    await comes(ran, "the handler")
    return task


async def test_internally_the_same_request_brings_the_same_score_and_runs_nothing(actions, scores, guest):
    first = await actions.do(guest.token, "trial.earn", 7, request_id="r1")
    await actions.do(guest.token, "trial.earn", 1)
    assert await actions.do(guest.token, "trial.earn", 7, request_id="r1") == first
    assert (first.score, await score_of(scores, guest), runs(guest)) == (7, 8, 2)


async def test_by_ticket_the_same_request_brings_another_ticket_for_the_same_award(actions, scores, guest, clock):
    first = await actions.do(guest.token, "trial.ticket", 5, request_id="r1")
    clock.forward(60)
    again = await actions.do(guest.token, "trial.ticket", 5, request_id="r1")
    assert again.token != first.token
    assert again.result == first.result
    claims = [jwt.decode(each.token, options={"verify_signature": False}) for each in (first, again)]
    assert claims[0]["jti"] == claims[1]["jti"]
    assert claims[0]["iat"] + 60 == claims[1]["iat"]
    assert (await scores.redeem(again.token, again.result)).score == 5
    assert (await refusal(scores.redeem(again.token, again.result))).reason == "TICKET_ALREADY_REDEEMED"


async def test_fifty_calls_that_arrive_together_run_once(actions, scores, guest):
    calls = [actions.do(guest.token, "trial.earn", 3, request_id="together") for _ in range(50)]
    answers = await asyncio.gather(*calls)
    assert {answer.SerializeToString() for answer in answers} == {answers[0].SerializeToString()}
    assert (answers[0].score, await score_of(scores, guest), runs(guest)) == (3, 3, 1)


async def test_an_action_that_earned_nothing_is_repeated_as_such(actions, guest):
    first = await actions.do(guest.token, "trial.earn", 0, request_id="nothing")
    assert await actions.do(guest.token, "trial.earn", 0, request_id="nothing") == first
    assert runs(guest) == 1


@pytest.mark.parametrize(
    ("action_type", "some"),
    [("trial.earn", 8), ("trial.ticket", 7), ("trial.refuse", 7)],
    ids=["other input", "another type", "one that would be refused"],
)
@pytest.mark.parametrize("ended", [True, False], ids=["ended", "under way"])
async def test_another_action_under_the_same_request_id(actions, scores, guest, action_type, some, ended):
    GATE.set() if ended else GATE.clear()
    first = await under_way(actions.do(guest.token, "trial.gate", 7, request_id="r1"), guest)
    if ended:
        await first
    refused = await refusal(actions.do(guest.token, action_type, some, request_id="r1"))
    assert (refused.code, refused.reason) == ("ALREADY_EXISTS", "REQUEST_ID_REUSED")
    assert refused.metadata == {"requestId": "r1"}
    GATE.set()
    assert (await first).score == 7
    assert (await score_of(scores, guest), runs(guest)) == (7, 1)


async def test_the_order_of_an_objects_members_makes_no_other_input(actions, guest):
    first = await actions.do(guest.token, "trial.echo", {"a": 1, "b": {"c": [1, 2], "d": None}}, request_id="r1")
    again = await actions.do(guest.token, "trial.echo", {"b": {"d": None, "c": [1, 2]}, "a": 1}, request_id="r1")
    assert again == first
    other = actions.do(guest.token, "trial.echo", {"b": {"d": None, "c": [2, 1]}, "a": 1}, request_id="r1")
    assert (await refusal(other)).reason == "REQUEST_ID_REUSED"


async def test_request_ids_are_each_users_own(actions, guest):
    other = await actions.sign_in("Other")
    answers = [await actions.do(each.token, "trial.earn", 2, request_id="r1") for each in (guest, other)]
    assert [answer.score for answer in answers] == [2, 2]
    assert (runs(guest), runs(other)) == (1, 1)


async def test_without_a_request_id_every_call_is_an_action(actions, guest):
    assert [(await actions.do(guest.token, "trial.earn", 2)).score for _ in range(3)] == [2, 4, 6]


@pytest.mark.parametrize("request_id", ["", "a b", "a/b", "x" * 65, "ü"])
async def test_what_is_no_request_id(actions, guest, request_id):
    refused = await refusal(actions.do(guest.token, "trial.earn", 2, request_id=request_id))
    assert refused.reason == "INVALID_FIELD"
    assert "request_id" in refused.fields


async def test_a_refusal_is_an_outcome_and_stays(actions, guest):
    refusals = [await refusal(actions.do(guest.token, "trial.refuse", 1, request_id="r1")) for _ in range(2)]
    assert refusals[0] == refusals[1]
    assert (refusals[0].reason, refusals[0].metadata) == ("ACTION_REFUSED", {"refusal": "NOT_TODAY"})
    assert runs(guest) == 1


async def test_a_fault_is_never_run_again(actions, guest):
    first = await refusal(actions.do(guest.token, "trial.fail", 1, request_id="r1"))
    again = await refusal(actions.do(guest.token, "trial.fail", 1, request_id="r1"))
    assert (first.reason, again.reason, again.code) == ("INTERNAL", "ACTION_INTERRUPTED", "ABORTED")
    assert runs(guest) == 1


async def test_an_award_refused_for_good_is_recorded_with_its_reason(actions, settings, guest):
    counted = REFUSED.labels("POINTS_OUT_OF_BOUNDS")._value
    before = counted.get()
    with capture_logs() as logs:
        refusals = [await refusal(actions.do(guest.token, "trial.earn", 11, request_id="r1")) for _ in range(2)]
    assert refusals[0] == refusals[1]
    assert (refusals[0].reason, refusals[0].metadata) == ("POINTS_OUT_OF_BOUNDS", {"minimum": "-10", "maximum": "10"})
    (line,) = [line for line in logs if line["event"] == "award refused for good"]
    assert (line["log_level"], line["reason"], line["user"]) == ("error", "POINTS_OUT_OF_BOUNDS", guest.user_id)
    assert counted.get() == before + 1
    entry = await settled(settings, guest.user_id, "r1")
    assert json.loads(entry.rejection)["reason"] == "POINTS_OUT_OF_BOUNDS"


async def test_an_action_goes_on_when_its_caller_has_gone(actions, scores, guest):
    first = await under_way(actions.do(guest.token, "trial.gate", 4, request_id="r1"), guest)
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    again = asyncio.ensure_future(actions.do(guest.token, "trial.gate", 4, request_id="r1"))
    GATE.set()
    assert (await again).score == 4
    assert (await score_of(scores, guest), runs(guest)) == (4, 1)


async def test_time_that_is_over_does_not_end_the_action(actions, guest):
    late = await refusal(actions.do(guest.token, "trial.gate", 4, request_id="r1", timeout=0.3))
    assert late.code == "DEADLINE_EXCEEDED"
    GATE.set()
    assert (await actions.do(guest.token, "trial.gate", 4, request_id="r1")).score == 4
    assert runs(guest) == 1


async def test_a_handler_that_takes_too_long_is_stopped_and_earned_nothing(tmp_path, certs, clock, scores):
    settings = settings_in(tmp_path, certs, default_deadline_seconds=0.4)
    async with running_actions(settings, clock, scores.server.port) as actions:
        guest = await actions.sign_in()
        assert (await refusal(actions.do(guest.token, "trial.stuck", request_id="r1"))).code == "DEADLINE_EXCEEDED"
        while (again := await refusal(actions.do(guest.token, "trial.stuck", request_id="r1"))).code != "ABORTED":
            assert again.reason == "DEADLINE_EXCEEDED"
        assert again.reason == "ACTION_INTERRUPTED"


async def test_what_was_done_is_known_after_a_restart(tmp_path, certs, clock, scores):
    settings = settings_in(tmp_path, certs)
    async with running_actions(settings, clock, scores.server.port) as actions:
        guest = await actions.sign_in()
        first = await actions.do(guest.token, "trial.earn", 6, request_id="r1")
    async with running_actions(settings, clock, scores.server.port) as actions:
        assert await actions.do(guest.token, "trial.earn", 6, request_id="r1") == first
    assert runs(guest) == 1


async def test_what_was_interrupted_is_not_run_again_after_a_restart(tmp_path, certs, clock, scores):
    settings = settings_in(tmp_path, certs)
    async with running_actions(settings, clock, scores.server.port) as actions:
        guest = await actions.sign_in()
        first = await under_way(actions.do(guest.token, "trial.gate", 6, request_id="r1"), guest)
    with suppress(asyncio.CancelledError):
        await first
    clock.forward(0.01)
    GATE.set()
    async with running_actions(settings, clock, scores.server.port) as actions:
        for _ in range(2):
            refused = await refusal(actions.do(guest.token, "trial.gate", 6, request_id="r1"))
            assert (refused.code, refused.reason) == ("ABORTED", "ACTION_INTERRUPTED")
        assert (await actions.do(guest.token, "trial.gate", 6, request_id="r2")).score == 6
    assert runs(guest) == 2


async def test_request_ids_are_honoured_for_their_time(tmp_path, certs, scores):
    clock = SetClock()
    settings = settings_in(tmp_path, certs, request_id_seconds=60)
    async with running_actions(settings, clock, scores.server.port) as actions:
        guest = await actions.sign_in()
        database = Database(sa.URL.create("sqlite", database=str(tmp_path / "action.db")), JOURNAL)
        upkeep = Upkeep(Journal(database), clock, settings.action.request_id_seconds)
        for seconds, score in [(0, 1), (60, 1), (1, 2)]:
            clock.forward(seconds)
            upkeep.forget()
            assert (await actions.do(guest.token, "trial.earn", 1, request_id="r1")).score == score
            await settled(settings, guest.user_id, "r1")
        database.close()


async def settled(settings, user_id: str, request_id: str) -> Entry:
    """What the journal has when nothing is owed any more, which is written a moment after the answer."""

    async def journaled() -> Entry | None:
        entry = await asyncio.to_thread(read_entry, settings, (user_id, request_id))
        return None if entry.is_owed else entry

    return await comes(journaled, "the settled entry")


def read_entry(settings, key: tuple[str, str]) -> Entry:
    database = Database(sa.URL.create("sqlite", database=str(settings.data_dir / "action.db")), JOURNAL)
    with database.reading() as connection:
        entry = Journal(database)._read(connection, [key])[key]
    database.close()
    return entry


# Several action servers may share a journal on PostgreSQL.


@asynccontextmanager
async def two_servers(tmp_path, certs, clock, scores, postgres_url) -> AsyncIterator[list]:
    url_file = tmp_path / "url"
    url_file.write_text(postgres_url.render_as_string(hide_password=False))
    settings = settings_in(tmp_path, certs, database_url_file=url_file)
    port = scores.server.port
    async with running_actions(settings, clock, port) as one, running_actions(settings, clock, port) as other:
        yield [one, other]


async def test_of_many_servers_one_runs_the_action(tmp_path, certs, clock, scores, postgres_url, settings):
    token = session(prepare(tmp_path, certs), clock, sub=f"user-{uuid4().hex}")
    user_id = jwt.decode(token, options={"verify_signature": False})["sub"]
    async with two_servers(tmp_path, certs, clock, scores, postgres_url) as servers:

        async def call(number: int):
            while True:
                try:
                    return await servers[number % 2].do(token, "trial.earn", 3, request_id="r1")
                except grpc.aio.AioRpcError as error:
                    assert "call again in a moment" in (error.details() or "")  # noqa: PT017

        answers = await asyncio.gather(*map(call, range(50)))
        assert {answer.score for answer in answers} == {3}
    assert RUNS[user_id, 3] == 1


async def test_an_action_under_way_at_another_server(tmp_path, certs, scores, postgres_url):
    clock = SetClock()
    async with two_servers(tmp_path, certs, clock, scores, postgres_url) as (one, other):
        guest = await one.sign_in()
        first = await under_way(one.do(guest.token, "trial.gate", 5, request_id="r1"), guest)
        refused = await refusal(other.do(guest.token, "trial.gate", 5, request_id="r1"))
        assert (refused.code, refused.reason, refused.retry_after) == ("UNAVAILABLE", "ACTION_UNDER_WAY", 0.5)
        again = await refusal(other.do(guest.token, "trial.gate", 6, request_id="r1"))
        assert again.reason == "REQUEST_ID_REUSED"
        GATE.set()
        assert (await first).score == 5
        assert (await other.do(guest.token, "trial.gate", 5, request_id="r1")).score == 5
    assert runs(guest) == 1


async def test_a_server_that_was_believed_gone_earns_nothing_when_it_comes_back(tmp_path, certs, scores, postgres_url):
    clock = SetClock()
    async with two_servers(tmp_path, certs, clock, scores, postgres_url) as (one, other):
        guest = await one.sign_in()
        first = await under_way(one.do(guest.token, "trial.gate", 5, request_id="r1"), guest)
        clock.forward(12.1)
        refused = await refusal(other.do(guest.token, "trial.gate", 5, request_id="r1"))
        assert (refused.code, refused.reason) == ("ABORTED", "ACTION_INTERRUPTED")
        GATE.set()
        assert (await refusal(first)).reason == "ACTION_INTERRUPTED"
        assert (await refusal(one.do(guest.token, "trial.gate", 5, request_id="r1"))).reason == "ACTION_INTERRUPTED"
    assert runs(guest) == 1
