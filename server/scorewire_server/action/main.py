"""The action server: how it starts, and how it ends."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from scorewire.action.v1 import action_pb2, action_pb2_grpc, keys_pb2, keys_pb2_grpc
from scorewire.session.v1 import session_pb2, session_pb2_grpc
from scorewire_server.action.actions import Actions
from scorewire_server.action.doing import Doing
from scorewire_server.action.guests import SessionService
from scorewire_server.action.keys import KeyService
from scorewire_server.action.registry import Registry, load_handlers
from scorewire_server.action.reports import expect
from scorewire_server.action.score_client import ScoreClient
from scorewire_server.action.service import ActionService
from scorewire_server.action.telling import Teller
from scorewire_server.clock import Clock, system_clock
from scorewire_server.rpc.allow import Service
from scorewire_server.rpc.channel import LiveChannel
from scorewire_server.rpc.limit import By, Limit
from scorewire_server.rpc.live import LiveTls
from scorewire_server.rpc.metrics import metrics_endpoint
from scorewire_server.rpc.server import RpcServer, serve_until, serving
from scorewire_server.rpc.tls import Trust
from scorewire_server.settings import ActionSettings, Settings
from scorewire_server.storage.journal.journal import JOURNAL
from scorewire_server.storage.journal.records import Delivery
from scorewire_server.storage.opening import journal_url, opened
from scorewire_server.tokens.jwks import JwksFile
from scorewire_server.tokens.keys import jwks_file, signing_file
from scorewire_server.tokens.sessions import GuestSigner, Issuer, SessionVerifier
from scorewire_server.tokens.signing import OURS
from scorewire_server.tokens.signing_file import SigningFile
from scorewire_server.tokens.sources import issuer_keys
from scorewire_server.tokens.tickets import TicketIssuer

log = structlog.get_logger()

ACTION = action_pb2.DESCRIPTOR.services_by_name["ActionService"].full_name
KEYS = keys_pb2.DESCRIPTOR.services_by_name["KeyService"].full_name
SESSION = session_pb2.DESCRIPTOR.services_by_name["SessionService"].full_name
CALLERS = ("gateway", "ops")
LIMITS = {
    "DoAction": Limit(By.USER, "600/minute"),
    "GetPublicKeys": Limit(By.ADDRESS, "600/minute"),
    "SignInAsGuest": Limit(By.ADDRESS, "600/minute"),
}


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serves until `stop` is set, and then drains. Raises what `action_server` raises."""
    await serve_until(stop, action_server(settings))


@asynccontextmanager
async def action_server(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[RpcServer]:
    """An action server that is ready; it drains at the end. It starts whether or not the score server is there.

    Raises StartError and OSError where it cannot start.
    """
    action = settings.action
    registry = load_handlers(action)
    tls = LiveTls(Trust.of(settings, "action"))
    async with AsyncExitStack() as stack:
        stack.enter_context(metrics_endpoint(action))
        database = stack.enter_context(opened(journal_url(settings), JOURNAL))
        score = LiveChannel(action.score_address, tls, f"score.{settings.trust_domain}")
        await stack.enter_async_context(score)
        scores = ScoreClient(score.current, action.score_timeout_seconds)
        doing = await stack.enter_async_context(Doing.start(action, database, scores, clock))
        deliveries = delivery_of_each(action, registry)
        expect(deliveries)
        actions = Actions(registry, deliveries, doing.performer, doing.flights, clock)
        verifier = SessionVerifier(await issuers(settings, clock, stack), clock)
        services = list(make_services(settings, verifier, actions, clock))
        reflected = [service.name for service in services]
        server = await stack.enter_async_context(serving(services, action, tls, reflected=reflected, clock=clock))
        await server.health.serving()
        yield server


def delivery_of_each(action: ActionSettings, registry: Registry) -> dict[str, Delivery]:
    """The way of each action type's awards."""
    return {each: action.delivery.get(each, action.default_delivery) for each in registry}


def make_services(settings: Settings, verifier: SessionVerifier, actions: Actions, clock: Clock) -> Iterator[Service]:
    """The services, and who may call each by default. Raises StartError."""
    action = settings.action
    keys = SigningFile(signing_file(settings.keys, "tickets"), clock)
    tickets = TicketIssuer(keys, issuer=action.ticket_issuer, audience=action.ticket_audience, clock=clock)
    users = ActionService(verifier, actions, Teller(tickets), action.default_deadline_seconds)
    yield Service(ACTION, action_pb2_grpc.add_ActionServiceServicer_to_server, users, CALLERS, limits=LIMITS)
    yield Service(KEYS, keys_pb2_grpc.add_KeyServiceServicer_to_server, KeyService(keys), CALLERS, limits=LIMITS)
    if action.guests:
        log.warning("guest sign-in is on: anybody may become a user; use it for development only")
        guest_keys = SigningFile(signing_file(settings.keys, "guests"), clock)
        guests = SessionService(GuestSigner(guest_keys, action.guest_session_seconds, clock))
        yield Service(SESSION, session_pb2_grpc.add_SessionServiceServicer_to_server, guests, CALLERS, limits=LIMITS)


async def issuers(settings: Settings, clock: Clock, stack: AsyncExitStack) -> list[Issuer]:
    """Whose sessions are accepted; their keys are kept fresh until the stack ends. Raises JwksMistake."""
    action = settings.action
    accepted = [
        Issuer.configured(issuer, await stack.enter_async_context(issuer_keys(issuer, clock)))
        for issuer in action.session_issuers
    ]
    if action.guests:
        accepted.append(Issuer.guests(JwksFile(jwks_file(settings.keys, "guests"), OURS, clock)))
    elif not accepted:
        log.warning("no sessions are accepted, so nobody can act: set action.session_issuers")
    return accepted
