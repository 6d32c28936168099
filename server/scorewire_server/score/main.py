"""The score server: how it starts, and how it ends."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import sqlalchemy as sa

from scorewire.action.v1 import action_pb2, keys_pb2
from scorewire.score.v1 import (
    admin_pb2,
    admin_pb2_grpc,
    events_pb2,
    events_pb2_grpc,
    internal_pb2,
    internal_pb2_grpc,
    score_pb2,
    score_pb2_grpc,
)
from scorewire.session.v1 import session_pb2
from scorewire_server.clock import Clock, system_clock
from scorewire_server.errors import StartError, StorageUnavailable
from scorewire_server.rpc.allow import Service
from scorewire_server.rpc.limit import By, Limit
from scorewire_server.rpc.live import LiveTls
from scorewire_server.rpc.metrics import metrics_endpoint
from scorewire_server.rpc.server import RpcServer, serve_until, serving
from scorewire_server.rpc.tls import Trust
from scorewire_server.score.admin import Office, ScoreAdminService
from scorewire_server.score.apply import Applier
from scorewire_server.score.committer import Committer
from scorewire_server.score.correcting import Corrector
from scorewire_server.score.events import ScoreEventService
from scorewire_server.score.internal import ScoreInternalService
from scorewire_server.score.looking import Lookout
from scorewire_server.score.mistaken import TellingApart, sessions_known_here
from scorewire_server.score.places import Places
from scorewire_server.score.rebuild import Rebuilder
from scorewire_server.score.redeem import Redeemer
from scorewire_server.score.rules import SAMPLES, Rules, load_rules
from scorewire_server.score.service import ScoreService
from scorewire_server.score.watch import Times
from scorewire_server.score.watching import Watching
from scorewire_server.score.write_path import WritePath, write_path
from scorewire_server.settings import ScoreSettings, Settings
from scorewire_server.storage.database import LEDGER, Database
from scorewire_server.storage.fence import take_over
from scorewire_server.storage.history import History
from scorewire_server.storage.opening import chosen_url, opened
from scorewire_server.tokens.jwks import KeySource
from scorewire_server.tokens.sources import ticket_keys
from scorewire_server.tokens.tickets import TicketVerifier
from scorewire_server.turns import Turns

SCORE = score_pb2.DESCRIPTOR.services_by_name["ScoreService"].full_name
EVENTS = events_pb2.DESCRIPTOR.services_by_name["ScoreEventService"].full_name
INTERNAL = internal_pb2.DESCRIPTOR.services_by_name["ScoreInternalService"].full_name
ADMIN = admin_pb2.DESCRIPTOR.services_by_name["ScoreAdminService"].full_name
KEYS = keys_pb2.DESCRIPTOR.services_by_name["KeyService"].full_name
ACTION = action_pb2.DESCRIPTOR.services_by_name["ActionService"].full_name
SESSION = session_pb2.DESCRIPTOR.services_by_name["SessionService"].full_name

PUBLIC = ("gateway", "ops")
_COLLECT_AFTER = 20_000
READS = Limit(By.ADDRESS, "6000/minute")
LIMITS = {
    "UpdateScore": Limit(By.USER, "600/minute"),
    "GetLeaderboard": READS,
    "GetStanding": READS,
    "ListStandings": READS,
    "WatchLeaderboard": READS,
}


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serves until `stop` is set, and then drains. Raises what `score_server` raises."""
    await serve_until(stop, score_server(settings))


@asynccontextmanager
async def score_server(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[RpcServer]:
    """A score server that is ready; it drains at the end.

    Raises StartError and OSError where it cannot start.
    """
    score = settings.score
    rules = load_rules(score.rules_file or SAMPLES)
    tls = LiveTls(Trust.of(settings, "score"))
    async with AsyncExitStack() as stack:
        # The database first: where this server runs already, that is said, and not that its port is taken.
        database = stack.enter_context(open_database(settings))
        stack.enter_context(metrics_endpoint(score))
        path = await stack.enter_async_context(write_path(database, rules, score, clock))
        places = Places(score.max_watches, score.max_watches_per_address)
        times = Times(score.heartbeat_seconds, score.watch_stalled_seconds)
        watching = Watching(path.scoreboard, places, times, score.watch_min_interval_seconds)
        keys = await stack.enter_async_context(ticket_keys(settings, clock))
        verifier = TellingApart(ticket_verifier(score, keys, clock), sessions_known_here(settings, clock))
        redeemer = Redeemer(verifier, rules, path.awards, clock, path.guard)
        rebuilder = await stack.enter_async_context(Rebuilder(database, path.committer, path.scoreboard).running())
        public = ScoreService(redeemer, path.scoreboard, watching), ScoreEventService(watching)
        turns = Turns(path.committer.is_pressed)
        internal = ScoreInternalService(Applier(rules, path.awards, clock, turns), turns)
        office = make_office(database, rules, path, rebuilder, clock)
        services = make_services(public, internal, path.committer, office)
        server = await stack.enter_async_context(
            serving(services, score, tls, end_watches=places.end, reflected=reflected(settings), clock=clock)
        )
        with collecting_later():
            await asyncio.to_thread(path.scoreboard.load, path.ledger)
        await server.health.serving()
        yield server


def ticket_verifier(score: ScoreSettings, keys: KeySource, clock: Clock) -> TicketVerifier:
    """Checks tickets as the settings say."""
    return TicketVerifier(
        keys,
        issuer=score.ticket_issuer,
        audience=score.ticket_audience,
        tolerance=score.clock_tolerance_seconds,
        clock=clock,
    )


def make_office(database: Database, rules: Rules, path: WritePath, rebuilder: Rebuilder, clock: Clock) -> Office:
    """Those who do what the operator asks for."""
    history = History(database)
    corrector = Corrector(history, rules, path.scoreboard, path.awards, clock)
    return Office(rebuilder, path.decider, corrector, Lookout(history, path.scoreboard))


def make_services(
    public: tuple[ScoreService, ScoreEventService],
    internal: ScoreInternalService,
    committer: Committer,
    office: Office,
) -> Sequence[Service]:
    """The services, and who may call each by default; awards of services are refused where there is no room."""
    scores, events = public
    add_events = events_pb2_grpc.add_ScoreEventServiceServicer_to_server
    is_full = {"ApplyScore": committer.is_full, "ApplyScores": committer.is_full_for_many}
    add_internal = internal_pb2_grpc.add_ScoreInternalServiceServicer_to_server
    admin = ScoreAdminService(office)
    return [
        Service(SCORE, score_pb2_grpc.add_ScoreServiceServicer_to_server, scores, PUBLIC, limits=LIMITS),
        Service(EVENTS, add_events, events, PUBLIC, limits={"WatchLeaderboardEvents": READS}),
        Service(INTERNAL, add_internal, internal, ["action", "ops"], is_full=is_full),
        Service(ADMIN, admin_pb2_grpc.add_ScoreAdminServiceServicer_to_server, admin, ["ops"], always=True),
    ]


def reflected(settings: Settings) -> list[str]:
    """What reflection lists: the public services of both servers, because the gateway sends it here alone."""
    return [ACTION, KEYS, SCORE, *([SESSION] if settings.action.guests else [])]


@contextmanager
def collecting_later() -> Iterator[None]:
    """Keeps the garbage collector from walking a million standings again and again, while they come and ever after.

    After that it looks only when there is more than a thousand woken watches have under way for a moment. What it costs
    a message of theirs by default is a tenth of the whole.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])
        gc.enable()


def database_url(settings: Settings) -> str | sa.URL:
    """Where the ledger is. Raises OSError."""
    return chosen_url(settings.score, settings.data_dir / "score.db")


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The migrated database, for this server alone: one that had it before can write no more. Raises StartError."""
    with opened(database_url(settings), LEDGER) as database:
        try:
            take_over(database)
        except StorageUnavailable as failure:
            raise StartError(f"{database.shown_url()} cannot be written: {failure.__cause__}") from failure
        yield database
