"""An action server whose score server is away, or does not know it: actions are done, and their awards follow."""

import asyncio
import socket
import sqlite3
from contextlib import closing

import httpx
import pytest
from structlog.testing import capture_logs

from scorewire.action.v1.action_pb2 import DoActionResponse
from scorewire_server.settings import Settings
from tests.pair import prepare, refusal, running_actions, running_scores
from tests.processes import free_ports
from tests.rpc.trials import prepare_trials
from tests.waiting import comes

INTERNAL = "scorewire.score.v1.ScoreInternalService"


@pytest.fixture
def settings(tmp_path, certs) -> Settings:
    """Both servers at ports of their own, so that either can be started again where it was."""
    port, metrics_port = free_ports(2)
    return prepare_trials(tmp_path, certs, score_port=port, guests=True, metrics_port=metrics_port)


def is_pending(done: DoActionResponse) -> bool:
    """Whether the answer promises a score; it says that in one way."""
    assert done.HasField("score_pending") != done.HasField("score")
    return done.score_pending


async def brought(actions, token: str, *asked, request_id: str) -> DoActionResponse:
    """The answer with the score, which the same call brings in the end."""

    async def ask() -> DoActionResponse | None:
        done = await actions.do(token, *asked, request_id=request_id)
        return None if is_pending(done) else done

    return await comes(ask, "the score")


async def test_an_action_is_done_while_the_score_server_is_away_and_its_score_follows(settings, clock):
    port = settings.score.port
    async with running_actions(settings, clock, port) as actions:
        guest = await actions.sign_in()
        first = await actions.do(guest.token, "trial.earn", 5, request_id="r1")
        assert is_pending(first)
        assert first.message == "Successfully"
        again = await actions.do(guest.token, "trial.earn", 5, request_id="r1")
        assert is_pending(again)
        assert again.result == first.result
        async with running_scores(settings, clock) as scores:
            done = await brought(actions, guest.token, "trial.earn", 5, request_id="r1")
            assert (done.score, done.result) == (5, first.result)
            assert (await board(scores)) == {guest.user_id: 5}
        assert is_pending(await actions.do(guest.token, "trial.earn", 5))
        assert await actions.do(guest.token, "trial.earn", 5, request_id="r1") == done


async def test_the_relay_delivers_in_the_order_of_the_actions_though_nobody_asks_again(settings, clock):
    port = settings.score.port
    async with running_actions(settings, clock, port) as actions:
        guests = [await actions.sign_in() for _ in range(3)]
        for points in (7, -3, 2):
            for guest in guests:
                assert is_pending(await actions.do(guest.token, "trial.earn", points, request_id=f"r{points}"))
        clock.forward(2)
        async with running_scores(settings, clock) as scores:
            await shows(scores, {guest.user_id: 6 for guest in guests})
            for guest in guests:
                scores_then = [
                    (await actions.do(guest.token, "trial.earn", points, request_id=f"r{points}")).score
                    for points in (7, -3, 2)
                ]
                assert scores_then == [7, 4, 6]


async def test_behind_an_award_that_the_score_server_fails_at_its_user_waits_and_nobody_else(settings, clock):
    async with running_scores(settings, clock):
        pass  # its database is there
    with closing(sqlite3.connect(settings.data_dir / "score.db")) as ledger:
        ledger.execute(
            "CREATE TRIGGER fault BEFORE INSERT ON awards WHEN NEW.points = 7 BEGIN SELECT RAISE(ABORT, ''); END"
        )
    async with running_actions(settings, clock, settings.score.port) as actions:
        ada, bob = [await actions.sign_in() for _ in range(2)]
        for guest, points in ((ada, 1), (ada, 7), (ada, 2), (bob, 4)):
            assert is_pending(await actions.do(guest.token, "trial.earn", points, request_id=f"r{points}"))
        clock.forward(2)
        with capture_logs():  # tracebacks take longer to show than the relay waits for an answer
            async with running_scores(settings, clock) as scores:
                await shows(scores, {ada.user_id: 1, bob.user_id: 4})
                with closing(sqlite3.connect(settings.data_dir / "score.db")) as ledger:
                    ledger.execute("DROP TRIGGER fault")
                clock.forward(60)
                await shows(scores, {ada.user_id: 10, bob.user_id: 4})
                told = [
                    await actions.do(ada.token, "trial.earn", points, request_id=f"r{points}") for points in (1, 7, 2)
                ]
                assert [done.score for done in told] == [1, 8, 10]


async def test_what_is_pending_survives_a_restart_of_both(settings, clock):
    async with running_actions(settings, clock, settings.score.port) as actions:
        guest = await actions.sign_in()
        calls = [actions.do(guest.token, "trial.earn", 1, request_id=f"r{number}") for number in range(20)]
        assert all(map(is_pending, await asyncio.gather(*calls)))
    clock.forward(2)
    async with (
        running_scores(settings, clock) as scores,
        running_actions(settings, clock, scores.server.port) as actions,
    ):
        await shows(scores, {guest.user_id: 20})
        calls = [actions.do(guest.token, "trial.earn", 1, request_id=f"r{number}") for number in range(20)]
        assert sorted(done.score for done in await asyncio.gather(*calls)) == list(range(1, 21))
        assert await board(scores) == {guest.user_id: 20}


async def test_an_award_that_the_relay_finds_refused_for_good_is_recorded_and_told(settings, clock):
    async with running_actions(settings, clock, settings.score.port) as actions:
        guest = await actions.sign_in()
        assert is_pending(await actions.do(guest.token, "trial.earn", 11, request_id="bad"))
        assert is_pending(await actions.do(guest.token, "trial.earn", 10, request_id="good"))
        clock.forward(2)
        with capture_logs() as logs:
            async with running_scores(settings, clock) as scores:
                await shows(scores, {guest.user_id: 10})
        refused = await refusal(actions.do(guest.token, "trial.earn", 11, request_id="bad"))
        assert (refused.reason, refused.metadata) == ("POINTS_OUT_OF_BOUNDS", {"minimum": "-10", "maximum": "10"})
        (line,) = [line for line in logs if line["event"] == "award refused for good"]
        assert (line["reason"], line["user"], line["points"]) == ("POINTS_OUT_OF_BOUNDS", guest.user_id, 11)
        metrics = await read_metrics(settings)
        assert metrics['scorewire_relay_attempts_total{outcome="refused"}'] >= 1
        assert metrics['scorewire_relay_attempts_total{outcome="delivered"}'] >= 1
        assert metrics["scorewire_journal_pending"] >= 0
        assert metrics["scorewire_journal_oldest_pending_seconds"] >= 0


@pytest.mark.parametrize(
    "score",
    [
        pytest.param({"allow": {INTERNAL: ["ops"]}}, id="this server is not allowed"),
        pytest.param({"max_message_bytes": 10}, id="messages are too large"),
    ],
)
async def test_what_is_between_the_servers_keeps_awards_waiting_until_it_is_mended(tmp_path, certs, clock, score):
    (port,) = free_ports(1)
    settings = prepare(tmp_path, certs, action={"guests": True}, score={"port": port} | score)
    async with running_actions(settings, clock, port) as actions:
        guest = await actions.sign_in()
        async with running_scores(settings, clock):
            with capture_logs() as logs:
                assert is_pending(await actions.do(guest.token, request_id="r1"))
                assert is_pending(await actions.do(guest.token, request_id="r1"))
            assert len([line for line in logs if line["event"] == "the score server takes no awards"]) == 1
        mended = prepare(tmp_path, certs, score={"port": port})
        async with running_scores(mended, clock) as scores:
            done = await brought(actions, guest.token, request_id="r1")
            assert await board(scores) == {guest.user_id: done.score}


async def test_another_identity_at_the_score_servers_address_gets_nothing(tmp_path, certs, clock):
    action = {"guests": True}
    async with (
        running_actions(prepare(tmp_path / "impostor", certs, action=action), clock, score_port=1) as impostor,
        running_actions(prepare(tmp_path, certs, action=action), clock, impostor.server.port) as actions,
    ):
        assert is_pending(await actions.do((await actions.sign_in()).token))


async def test_a_caller_with_little_time_is_told_that_the_action_is_done(tmp_path, certs, clock):
    """The address is of somebody who takes connections and never answers."""
    settings = prepare(tmp_path, certs, action={"guests": True})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with running_actions(settings, clock, silent.getsockname()[1]) as actions:
            guest = await actions.sign_in()
            assert is_pending(await actions.do(guest.token, request_id="r1", timeout=0.5))


async def shows(scores, expected: dict[str, int]) -> None:
    """Waits for a board."""

    async def shown() -> bool:
        return await board(scores) == expected

    await comes(shown, f"a board with {expected}")


async def board(scores) -> dict[str, int]:
    return {standing.user_id: standing.score for standing in (await scores.board()).standings}


async def read_metrics(settings: Settings) -> dict[str, float]:
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"http://127.0.0.1:{settings.action.metrics_port}/metrics")).text
    samples = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}
