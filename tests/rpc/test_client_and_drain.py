"""What the Python client makes of a server that drains and cuts its call: the same call goes to the next server."""

import asyncio

import pytest
from structlog.testing import capture_logs

from scorewire_client import AsyncScorewire
from scorewire_server.clock import system_clock
from tests.pair import client_tls, running_actions, running_scores, session
from tests.processes import free_ports
from tests.rpc import trial_actions
from tests.rpc.trial_actions import RUNS
from tests.rpc.trials import prepare_trials
from tests.waiting import comes


@pytest.fixture
def settings(tmp_path, certs):
    return prepare_trials(tmp_path, certs, port=free_ports(1)[0], drain_seconds=0.1)


async def test_an_action_that_a_drain_cuts_is_asked_for_again_and_runs_once(settings, monkeypatch):
    gate = asyncio.Event()
    monkeypatch.setattr(trial_actions, "GATE", gate)
    RUNS.clear()
    tls = client_tls(settings)
    token = session(settings, system_clock)
    address = f"https://localhost:{settings.action.port}"

    async def begun() -> bool:
        return bool(RUNS)

    async def cut() -> bool:
        return any(line["event"] == "call" and line["code"] == "CANCELLED" for line in logs)

    with capture_logs() as logs:
        async with running_scores(settings, system_clock) as scores, AsyncScorewire(address, tls=tls) as client:
            client.session = token
            first = running_actions(settings, system_clock, scores.server.port)
            await first.__aenter__()
            acting = asyncio.create_task(client.act(7, "trial.gate"))
            await comes(begun, "an action under way")
            ending = asyncio.create_task(first.__aexit__(None, None, None))
            await comes(cut, "a call that is cut")
            gate.set()
            await ending
            async with running_actions(settings, system_clock, scores.server.port):
                assert (await acting).score == 7
    assert list(RUNS.values()) == [1]
