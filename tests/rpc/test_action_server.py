"""The action server: how it starts, what it serves to whom, how it ends."""

import asyncio

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2
from structlog.testing import capture_logs

from scorewire.action.v1.action_pb2 import DoActionRequest
from scorewire.action.v1.action_pb2_grpc import ActionServiceStub
from scorewire.session.v1.session_pb2 import SignInAsGuestRequest
from scorewire.session.v1.session_pb2_grpc import SessionServiceStub
from scorewire_server.action.main import action_server, run
from scorewire_server.errors import StartError
from scorewire_server.rpc.channel import secure_channel
from scorewire_server.rpc.tls import TlsFiles
from scorewire_server.settings import Settings
from scorewire_server.tokens.keys import jwks_file, signing_file
from tests.clocks import SetClock
from tests.health import health_of
from tests.pair import prepare, refusal, running_actions, running_scores
from tests.processes import TRUST_DOMAIN, free_ports

NOBODY_THERE = 1


@pytest.fixture
def settings(tmp_path, certs) -> Settings:
    return prepare(tmp_path, certs, action={"guests": True})


@pytest.mark.parametrize("service", ["", "scorewire.action.v1.ActionService", "scorewire.session.v1.SessionService"])
async def test_health_says_serving(settings, service):
    async with action_server(settings) as server, calling(settings, server.port, "ops") as channel:
        health = health_of(channel)
        answer = await health.Check(health_pb2.HealthCheckRequest(service=service))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        ("gateway", "SESSION_MISSING"),
        ("ops", "SESSION_MISSING"),
        ("action", "CALLER_NOT_ALLOWED"),
        ("score", "CALLER_NOT_ALLOWED"),
        ("gateway-internal", "CALLER_UNKNOWN"),
    ],
)
async def test_who_may_call(settings, identity, reason):
    async with action_server(settings) as server, calling(settings, server.port, identity) as channel:
        refused = await refusal(ActionServiceStub(channel).DoAction(DoActionRequest()))
        assert refused.reason == reason


async def test_guests_exist_only_where_they_are_switched_on(tmp_path, certs):
    settings = prepare(tmp_path, certs)
    async with action_server(settings) as server, calling(settings, server.port, "ops") as channel:
        sign_in = SessionServiceStub(channel).SignInAsGuest(SignInAsGuestRequest(display_name="Ada"))
        assert (await refusal(sign_in)).code == "UNIMPLEMENTED"


async def test_a_guests_session_is_worth_nothing_where_guests_are_off(tmp_path, certs, settings):
    clock = SetClock()
    async with running_actions(settings, clock, NOBODY_THERE) as actions:
        guest = await actions.sign_in()
    async with running_actions(prepare(tmp_path, certs), clock, NOBODY_THERE) as actions:
        assert (await refusal(actions.do(guest.token))).reason == "SESSION_INVALID"


@pytest.mark.parametrize("guests", [True, False], ids=["guests", "nobody"])
async def test_the_log_says_what_is_odd_about_who_may_act(tmp_path, certs, guests):
    with capture_logs() as logs:
        async with action_server(prepare(tmp_path, certs, action={"guests": guests, "session_issuers": []})):
            pass
    (warning,) = [line["event"] for line in logs if line["log_level"] == "warning"]
    assert ("anybody" if guests else "nobody") in warning


NAMES = ["", " Ada", "\u3000", "Ada\u00a0", "Ada\n", "x" * 33]


@pytest.mark.parametrize("name", NAMES, ids=["empty", "space", "wide space", "no-break space", "line end", "too long"])
async def test_a_guests_name_keeps_its_rule(settings, name):
    async with running_actions(settings, SetClock(), NOBODY_THERE) as actions:
        refused = await refusal(actions.sign_in(name))
        assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "INVALID_FIELD")


async def test_metrics_count_actions(tmp_path, certs):
    (metrics_port,) = free_ports(1)
    settings = prepare(tmp_path, certs, action={"guests": True, "metrics_port": metrics_port})
    clock = SetClock()
    sample = 'scorewire_actions_total{action_type="dice.roll",delivery="internal",outcome="earned"}'
    async with (
        running_scores(settings, clock) as scores,
        running_actions(settings, clock, scores.server.port) as actions,
        httpx.AsyncClient() as client,
    ):
        await actions.do((await actions.sign_in()).token)
        text = (await client.get(f"http://127.0.0.1:{metrics_port}/metrics")).text
    (value,) = [line.removeprefix(sample) for line in text.splitlines() if line.startswith(sample)]
    assert float(value) >= 1


async def test_it_serves_until_it_is_told_to_stop(tmp_path, certs):
    (port,) = free_ports(1)
    settings = prepare(tmp_path, certs, action={"guests": True, "port": port})
    stop = asyncio.Event()
    serving = asyncio.create_task(run(settings, stop))
    async with calling(settings, port, "ops") as channel:
        guest = SignInAsGuestRequest(display_name="Ada")
        assert (await SessionServiceStub(channel).SignInAsGuest(guest, wait_for_ready=True)).user_id
        stop.set()
        await serving


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        pytest.param(
            lambda s: signing_file(s.keys, "tickets").unlink(),
            "tickets.signing.json.*scorewire keys make",
            id="no key of tickets",
        ),
        pytest.param(
            lambda s: signing_file(s.keys, "guests").unlink(),
            "guests.signing.json.*scorewire keys make",
            id="no key of guests",
        ),
        pytest.param(
            lambda s: jwks_file(s.keys, "guests").unlink(),
            "guests.jwks.json.*scorewire keys make",
            id="no public keys of guests",
        ),
        pytest.param(
            lambda s: jwks_file(s.keys, "provider").write_text("{}"),
            "provider.jwks.json: not a JWKS",
            id="broken keys of a provider",
        ),
    ],
)
async def test_a_spoilt_key_file_stops_the_start(settings, spoil, problem):
    spoil(settings)
    with pytest.raises(StartError, match=problem):
        await started(settings)


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        pytest.param({"handlers": ["no_such_module"]}, "no_such_module cannot be imported", id="no module"),
        pytest.param({"default_action_type": "chess.win"}, "no handler for chess.win", id="no default"),
        pytest.param({"delivery": {"chess.win": "ticket"}}, "no handler for chess.win", id="delivery of nothing"),
        pytest.param(
            {"allow": {"scorewire.session.v1.SessionService": ["ops"]}}, "does not serve", id="allow of nothing"
        ),
    ],
)
async def test_settings_that_cannot_be_meant_stop_the_start(tmp_path, certs, action, problem):
    with pytest.raises(StartError, match=problem):
        await started(prepare(tmp_path, certs, action=action))


async def test_a_missing_certificate_stops_the_start(tmp_path):
    with pytest.raises(StartError, match=r"no certificate.*scorewire certs make"):
        await started(prepare(tmp_path, tmp_path / "nowhere"))


async def test_a_taken_port_stops_the_start(settings, tmp_path, certs):
    async with action_server(settings) as server:
        with pytest.raises(StartError, match=f"port {server.port} of .* in use"):
            await started(prepare(tmp_path / "other", certs, action={"port": server.port}))


async def test_a_journal_that_another_server_has_stops_the_start(settings):
    async with action_server(settings):
        with pytest.raises(StartError, match=r"another action server uses .*action\.db"):
            await started(settings)


async def test_a_journal_that_cannot_be_reached_stops_the_start(tmp_path, certs):
    url = f"postgresql://somebody@localhost/scores?host={tmp_path}"
    with pytest.raises(StartError, match=r"the database postgresql.* does not answer"):
        await started(prepare(tmp_path, certs, action={"database_url": url}))


async def started(settings: Settings) -> None:
    async with action_server(settings):
        pass


def calling(settings: Settings, port: int, identity: str) -> grpc.aio.Channel:
    return secure_channel(f"127.0.0.1:{port}", TlsFiles.of(settings.certs, identity), f"action.{TRUST_DOMAIN}")
