"""The action server: how it starts, and how it ends."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from scorewire.action.v1 import action_pb2, action_pb2_grpc
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.session.v1 import session_pb2, session_pb2_grpc
from scorewire_server.action.actions import Actions
from scorewire_server.action.doing import Doing
from scorewire_server.action.guests import SessionService
from scorewire_server.action.registry import Registry, load_handlers
from scorewire_server.action.score_client import ScoreClient
from scorewire_server.action.service import ActionService
from scorewire_server.action.telling import Teller
from scorewire_server.clock import Clock, system_clock
from scorewire_server.rpc.allow import Service
from scorewire_server.rpc.channel import secure_channel
from scorewire_server.rpc.limit import By, Limit
from scorewire_server.rpc.metrics import metrics_endpoint
from scorewire_server.rpc.server import RpcServer, serving
from scorewire_server.rpc.tls import Trust
from scorewire_server.settings import ActionSettings, Settings
from scorewire_server.storage.journal.journal import JOURNAL
from scorewire_server.storage.journal.records import Delivery
from scorewire_server.storage.opening import journal_url, opened
from scorewire_server.tokens.jwks import JwksFile
from scorewire_server.tokens.keys import jwks_file, signing_file
from scorewire_server.tokens.sessions import GuestSigner, Issuer, SessionVerifier
from scorewire_server.tokens.signing import SigningKey
from scorewire_server.tokens.tickets import TicketIssuer

log = structlog.get_logger()

ACTION = action_pb2.DESCRIPTOR.services_by_name["ActionService"].full_name
SESSION = session_pb2.DESCRIPTOR.services_by_name["SessionService"].full_name
CALLERS = ("gateway", "ops")
LIMITS = {"DoAction": Limit(By.USER, "600/minute"), "SignInAsGuest": Limit(By.ADDRESS, "600/minute")}


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serves until `stop` is set, and then drains. Raises what `action_server` raises."""
    async with action_server(settings) as server:
        log.info("serving", port=server.port)
        await stop.wait()
        log.info("draining")
    log.info("stopped")


@asynccontextmanager
async def action_server(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[RpcServer]:
    """An action server that is ready; it drains at the end. It starts whether or not the score server is there.

    Raises StartError and OSError where it cannot start.
    """
    action = settings.action
    registry = load_handlers(action)
    trust = Trust.of(settings, "action")
    async with AsyncExitStack() as stack:
        stack.enter_context(metrics_endpoint(action))
        database = stack.enter_context(opened(journal_url(settings), JOURNAL))
        score = secure_channel(action.score_address, trust.files, f"score.{settings.trust_domain}")
        stub = ScoreInternalServiceStub(await stack.enter_async_context(score))
        scores = ScoreClient(stub, action.score_timeout_seconds)
        doing = await stack.enter_async_context(Doing.start(action, database, scores, clock))
        actions = Actions(registry, delivery_of_each(action, registry), doing.performer, doing.flights, clock)
        services = list(make_services(settings, actions, clock))
        reflected = [service.name for service in services]
        server = await stack.enter_async_context(serving(services, action, trust, reflected=reflected, clock=clock))
        await server.health.serving()
        yield server


def delivery_of_each(action: ActionSettings, registry: Registry) -> dict[str, Delivery]:
    """The way of each action type's awards."""
    return {each: action.delivery.get(each, action.default_delivery) for each in registry}


def make_services(settings: Settings, actions: Actions, clock: Clock) -> Iterator[Service]:
    """The services, and who may call each by default. Raises StartError."""
    verifier = SessionVerifier(list(issuers(settings)), clock)
    teller = Teller(ticket_issuer(settings, clock))
    users = ActionService(verifier, actions, teller, settings.action.default_deadline_seconds)
    yield Service(ACTION, action_pb2_grpc.add_ActionServiceServicer_to_server, users, CALLERS, limits=LIMITS)
    if settings.action.guests:
        log.warning("guest sign-in is on: anybody may become a user; use it for development only")
        key = SigningKey.read(signing_file(settings.keys, "guests"))
        guests = SessionService(GuestSigner(key, settings.action.guest_session_seconds, clock))
        yield Service(SESSION, session_pb2_grpc.add_SessionServiceServicer_to_server, guests, CALLERS, limits=LIMITS)


def ticket_issuer(settings: Settings, clock: Clock) -> TicketIssuer:
    """Signs tickets as the settings say. Raises SigningKeyMissing."""
    key = SigningKey.read(signing_file(settings.keys, "tickets"))
    action = settings.action
    return TicketIssuer(key, issuer=action.ticket_issuer, audience=action.ticket_audience, clock=clock)


def issuers(settings: Settings) -> Iterator[Issuer]:
    """Whose sessions are accepted. Raises JwksMistake."""
    action: ActionSettings = settings.action
    yield from map(Issuer.configured, action.session_issuers)
    if action.guests:
        yield Issuer.guests(JwksFile(jwks_file(settings.keys, "guests")))
    elif not action.session_issuers:
        log.warning("no sessions are accepted, so nobody can act: set action.session_issuers")
