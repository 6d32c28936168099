"""From the settings to what is done: which database, and which running server."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import sqlalchemy as sa

from scorewire.score.v1.admin_pb2 import RebuildStandingsRequest
from scorewire.score.v1.admin_pb2_grpc import ScoreAdminServiceStub
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.audit.asking import ServerPages
from scorewire_server.audit.checks import Step
from scorewire_server.audit.journal import NOT_ASKED_FOR, Journals
from scorewire_server.audit.rebuild import Rebuild, Rebuilt
from scorewire_server.audit.redelivery import Redelivery
from scorewire_server.audit.verify import Verification
from scorewire_server.errors import StartError, StorageUnavailable
from scorewire_server.rpc.certificates import CertificateMissing
from scorewire_server.rpc.operator import NoAnswer, answered, operator_channel, score_address
from scorewire_server.score.main import database_url, open_database
from scorewire_server.settings import Settings
from scorewire_server.storage.database import LEDGER, Database, DatabaseInUseError, Schema
from scorewire_server.storage.journal.journal import JOURNAL
from scorewire_server.storage.opening import journal_url


@contextmanager
def verification(
    settings: Settings, server: str | None, *, ask: bool = True, journals: Sequence[str] | None = None
) -> Iterator[Verification]:
    """A verification of the score server's database and, where it is to be asked, of the boards of the server.

    Without `server` it is the one of the settings. `journals` are URLs of the journals of all action servers; without
    them it is the one of the settings, as far as it can be read. Raises StartError, OSError, StorageUnavailable.
    """
    with ExitStack() as stack:
        database = _checked(database_url(settings), LEDGER, stack)
        read = _journals(settings, journals, stack)
        if not ask:
            yield Verification(database, None, "built", read)
            return
        address = server or score_address(settings)
        try:
            channel = stack.enter_context(operator_channel(address, settings, "score"))
        except CertificateMissing as missing:
            yield Verification(database, None, f"built, because no server could be asked: {missing}", read)
        else:
            yield Verification(database, ServerPages(ScoreServiceStub(channel), address), journals=read)


def _journals(settings: Settings, urls: Sequence[str] | None, stack: ExitStack) -> Journals:
    if urls is not None:
        return Journals([_checked(url, JOURNAL, stack) for url in urls]) if urls else NOT_ASKED_FOR
    try:
        return Journals([_checked(journal_url(settings), JOURNAL, stack)])
    except (StartError, OSError, StorageUnavailable) as reason:
        return Journals([], f"{reason.__cause__ if isinstance(reason, StorageUnavailable) else reason}")


def _checked(url: str | sa.URL, schema: Schema, stack: ExitStack) -> Database:
    database = Database(url, schema)
    stack.callback(database.close)
    database.check_version()
    return database


@contextmanager
def redelivery(settings: Settings, journals: Sequence[str] | None) -> Iterator[Redelivery]:
    """A search in the score server's database for what journals call delivered: in that of the settings, or of URLs.

    Raises StartError, OSError, StorageUnavailable.
    """
    with ExitStack() as stack:
        ledger = _checked(database_url(settings), LEDGER, stack)
        urls: Sequence[str | sa.URL] = journals or [journal_url(settings)]
        yield Redelivery(ledger, [_checked(url, JOURNAL, stack) for url in urls])


def rebuilding(settings: Settings, server: str | None) -> Generator[Step, None, Rebuilt]:
    """Has the running server rebuild; where none runs, and none is named, rebuilds by itself.

    Raises LedgerDamaged, StartError, OSError, StorageUnavailable, and NoAnswer of a server that is named.
    """
    try:
        return (yield from _by_server(settings, server or score_address(settings)))
    except (NoAnswer, CertificateMissing) as none:
        if server:
            raise
        unanswered = none
    try:
        return (yield from _by_ourselves(settings))
    except DatabaseInUseError as in_use:
        raise StartError(f"{in_use}; it could not be asked: {unanswered}") from in_use


def _by_server(settings: Settings, address: str) -> Generator[Step, None, Rebuilt]:
    with operator_channel(address, settings, "score") as channel, answered(address):
        for response in ScoreAdminServiceStub(channel).RebuildStandings(RebuildStandingsRequest()):
            if response.HasField("result"):
                done = response.result
                return Rebuilt(done.position, done.standings_mended, list(done.boards_mended), done.restrictions_mended)
            yield Step(response.progress.rows, response.progress.done, response.progress.total)
    raise NoAnswer("the server ended without a result")


def _by_ourselves(settings: Settings) -> Generator[Step, None, Rebuilt]:
    Database(database_url(settings)).check_exists()
    with open_database(settings) as database:
        rebuild = Rebuild(database)
        yield from rebuild.read()
        return rebuild.mend(lambda _: [])
