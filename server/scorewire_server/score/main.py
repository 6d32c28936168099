"""The score server: how it starts, and how it ends."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager

import sqlalchemy as sa
import structlog

from scorewire.action.v1 import action_pb2
from scorewire.score.v1 import internal_pb2, internal_pb2_grpc, score_pb2, score_pb2_grpc
from scorewire.session.v1 import session_pb2
from scorewire_server.clock import system_clock
from scorewire_server.errors import StartError, StorageUnavailable
from scorewire_server.rpc.metrics import metrics_endpoint
from scorewire_server.rpc.server import RpcServer, Service, serving
from scorewire_server.rpc.tls import Trust
from scorewire_server.score.apply import Applier
from scorewire_server.score.awards import Awards
from scorewire_server.score.committer import Committer
from scorewire_server.score.internal import ScoreInternalService
from scorewire_server.score.redeem import Redeemer
from scorewire_server.score.rules import SAMPLES, Rules, load_rules
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.score.service import ScoreService
from scorewire_server.score.watch import Pace, Watches
from scorewire_server.settings import ScoreSettings, Settings
from scorewire_server.storage.database import Database
from scorewire_server.storage.ledger import Ledger
from scorewire_server.tokens.jwks import JwksFile
from scorewire_server.tokens.tickets import TicketVerifier

log = structlog.get_logger()

SCORE = score_pb2.DESCRIPTOR.services_by_name["ScoreService"].full_name
INTERNAL = internal_pb2.DESCRIPTOR.services_by_name["ScoreInternalService"].full_name
ACTION = action_pb2.DESCRIPTOR.services_by_name["ActionService"].full_name
SESSION = session_pb2.DESCRIPTOR.services_by_name["SessionService"].full_name


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serves until `stop` is set, and then drains. Raises what `score_server` raises."""
    async with score_server(settings) as server:
        log.info("serving", port=server.port)
        await stop.wait()
        log.info("draining")
    log.info("stopped")


@asynccontextmanager
async def score_server(settings: Settings) -> AsyncIterator[RpcServer]:
    """A score server that is ready; it drains at the end.

    Raises StartError and OSError where it cannot start.
    """
    score = settings.score
    rules = load_rules(score.rules_file or SAMPLES)
    async with AsyncExitStack() as stack:
        stack.enter_context(metrics_endpoint(score.host, score.metrics_port))
        ledger = Ledger(stack.enter_context(open_database(settings)))
        scoreboard = Scoreboard(rules.board_ids(), rules.default_board, ledger.database_id())
        committer = await stack.enter_async_context(committing(ledger, scoreboard, score))
        watches = Watches(Pace(score.watch_min_interval_seconds, score.heartbeat_seconds))
        services = make_services(settings, rules, Awards(committer, scoreboard), scoreboard, watches)

        def end_watches() -> None:
            watches.end()
            scoreboard.wake_watchers()

        trust = Trust.of(settings, "score")
        server = await stack.enter_async_context(serving(services, score, trust, end_watches, reflected(settings)))
        await asyncio.to_thread(scoreboard.load, ledger)
        gc.freeze()  # a million standings stay for good; collecting garbage shall not walk them each time
        await server.health.serving()
        yield server


def make_services(
    settings: Settings, rules: Rules, awards: Awards, scoreboard: Scoreboard, watches: Watches
) -> Sequence[Service]:
    """The two services, and who may call each by default."""
    score = settings.score
    verifier = TicketVerifier(
        JwksFile(score.ticket_jwks_file or settings.keys / "tickets.jwks.json"),
        issuer=score.ticket_issuer,
        audience=score.ticket_audience,
        tolerance=score.clock_tolerance_seconds,
        clock=system_clock,
    )
    public = ScoreService(Redeemer(verifier, rules, awards, system_clock), scoreboard, watches)
    internal = ScoreInternalService(Applier(rules, awards, system_clock))
    return [
        Service(SCORE, score_pb2_grpc.add_ScoreServiceServicer_to_server, public, ["gateway", "ops"]),
        Service(INTERNAL, internal_pb2_grpc.add_ScoreInternalServiceServicer_to_server, internal, ["action", "ops"]),
    ]


def reflected(settings: Settings) -> list[str]:
    """What reflection lists: the public services of both servers, because the gateway sends it here alone."""
    return [ACTION, SCORE, *([SESSION] if settings.action.guests else [])]


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The migrated database, for this server alone."""
    database = Database(database_url(settings))
    try:
        with exclusively(database):
            yield database
    finally:
        database.close()


@contextmanager
def exclusively(database: Database) -> Iterator[None]:
    """Locks and migrates the database. Raises StartError."""
    with ExitStack() as stack:
        try:
            stack.enter_context(database.exclusive())
            database.migrate()
        except StorageUnavailable as failure:
            raise StartError(f"the database {database.shown_url()} does not answer: {failure.__cause__}") from failure
        yield


def database_url(settings: Settings) -> str | sa.URL:
    """The URL in the settings or in their file; by default SQLite in the data folder, which is made."""
    score = settings.score
    if score.database_url_file:
        return score.database_url_file.read_text().strip()
    if score.database_url:
        return score.database_url
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return sa.URL.create("sqlite", database=str(settings.data_dir / "score.db"))


@asynccontextmanager
async def committing(ledger: Ledger, scoreboard: Scoreboard, score: ScoreSettings) -> AsyncIterator[Committer]:
    """A running committer; what waits at the end is committed before the database closes."""
    committer = Committer(ledger, scoreboard, score.commit_queue, score.commit_batch)
    task = asyncio.create_task(committer.run())
    try:
        yield committer
    finally:
        committer.close()
        await task
