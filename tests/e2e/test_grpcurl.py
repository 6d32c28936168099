"""The real grpcurl against the public port, by reflection, with nothing else to help it."""

import json
import subprocess
from collections.abc import Callable

import pytest

from scorewire_server.up.banner import GRPCURL
from tests.e2e.players import Player
from tests.needs import need
from tests.stack import Stack

Grpcurl = Callable[..., subprocess.CompletedProcess[str]]

REASON = "and only it shows that gRPC users need no proto files"
COMMAND = f"go install {GRPCURL}"


@pytest.fixture(scope="module")
def grpcurl(stack: Stack) -> Grpcurl:
    program = need("grpcurl", REASON, COMMAND)

    def run(*arguments: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        command = [program, "-plaintext", "-max-time", "20", *options, stack.gateway.address, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    return run


def test_listing_the_public_services_of_both_servers(grpcurl: Grpcurl) -> None:
    assert grpcurl("list").stdout.split() == [
        "grpc.reflection.v1alpha.ServerReflection",
        "scorewire.action.v1.ActionService",
        "scorewire.action.v1.KeyService",
        "scorewire.score.v1.ScoreService",
        "scorewire.session.v1.SessionService",
    ]


def test_a_whole_turn(grpcurl: Grpcurl) -> None:
    guest = json.loads(
        grpcurl("scorewire.session.v1.SessionService/SignInAsGuest", options=("-d", '{"displayName": "Curl"}')).stdout
    )
    session = ("-H", f"authorization: Bearer {guest['token']}")
    rolled = json.loads(grpcurl("scorewire.action.v1.ActionService/DoAction", options=session).stdout)
    assert rolled["message"] == "Successfully"
    asked = ("-d", json.dumps({"userId": guest["userId"]}))
    standing = json.loads(grpcurl("scorewire.score.v1.ScoreService/GetStanding", options=asked).stdout)
    assert standing["standing"]["score"] == rolled["score"]


def test_redeeming_a_ticket(grpcurl: Grpcurl, player: Player) -> None:
    outcome = player.answer_quiz().json()
    options = ("-H", f"authorization: Bearer {outcome['token']}", "-d", json.dumps({"data": outcome["result"]}))
    award = json.loads(grpcurl("scorewire.score.v1.ScoreService/UpdateScore", options=options).stdout)
    assert award["scoreIncrease"] == 10


def test_a_refusal_has_its_details(grpcurl: Grpcurl) -> None:
    refused = grpcurl("scorewire.score.v1.ScoreService/UpdateScore", options=("-d", '{"data": "x"}'))
    assert refused.returncode != 0
    assert "Unauthenticated" in refused.stderr
    assert '"reason": "TICKET_MISSING"' in refused.stderr


def test_the_internal_service_is_not_there(grpcurl: Grpcurl) -> None:
    refused = grpcurl("scorewire.score.v1.ScoreInternalService/ApplyScore", options=("-d", '{"userId": "u"}'))
    assert "Unimplemented" in refused.stderr
    assert '"reason": "ROUTE_UNKNOWN"' in refused.stderr


def test_a_watch(grpcurl: Grpcurl, player: Player) -> None:
    player.do()
    watched = grpcurl("scorewire.score.v1.ScoreService/WatchLeaderboard", options=("-max-time", "2"))
    assert '"leaderboard"' in watched.stdout
    assert "DeadlineExceeded" in watched.stderr
