"""The channel between the servers, when the certificate that it shows is renewed."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import WatchLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.certs import make_certificates
from scorewire_server.rpc.channel import LiveChannel
from scorewire_server.rpc.live import LiveTls
from scorewire_server.rpc.tls import TlsFiles, Trust
from tests.processes import TRUST_DOMAIN


@pytest.fixture
def folder(tmp_path: Path, certs: Path) -> Path:
    return Path(shutil.copytree(certs, tmp_path / "certs"))


async def test_new_calls_show_the_new_one_and_calls_under_way_go_on(start_score, folder):
    server = start_score()
    tls = LiveTls(Trust(TlsFiles.of(folder, "ops"), TRUST_DOMAIN, "ops"))
    async with LiveChannel(server.address, tls, f"score.{TRUST_DOMAIN}") as channel:
        old = channel.current()
        watch: Any = ScoreServiceStub(old).WatchLeaderboard(WatchLeaderboardRequest(whole_boards=True))
        assert (await watch.read()).leaderboard.revision == 0
        assert channel.current() is old

        (folder / "ops.pem").unlink()
        assert make_certificates(folder, TRUST_DOMAIN) == ["ops"]
        tls.look()
        new = channel.current()
        assert new is not old
        assert channel.current() is new

        award = ApplyScoreRequest(user_id="ada", points=5)
        assert (await ScoreInternalServiceStub(new).ApplyScore(award)).score == 5
        assert (await watch.read()).leaderboard.revision == 1
        watch.cancel()
