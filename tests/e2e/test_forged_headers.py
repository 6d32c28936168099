"""Headers that no honest client sends: they change nothing."""

import json
from collections.abc import Mapping

import httpx
import pytest

from tests.e2e.players import Player

# What Envoy does for callers that it trusts. It trusts none.
AGAIN = {
    "x-envoy-retry-on": "5xx,gateway-error,retriable-4xx,retriable-status-codes,reset",
    "x-envoy-retry-grpc-on": "cancelled,deadline-exceeded,internal,resource-exhausted,unavailable",
    "x-envoy-retriable-status-codes": "200",
    "x-envoy-max-retries": "5",
}
IN_LESS_TIME = [
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-rq-per-try-timeout-ms",
    "x-envoy-upstream-stream-duration-ms",
]


def test_no_caller_has_one_action_done_again_and_again(player: Player) -> None:
    acted = act(player, AGAIN).json()
    rolled = json.loads(acted["result"])["result"]["rolled"]
    assert acted["score"] == str(rolled)
    assert player.standing().json()["standing"]["score"] == str(rolled)


@pytest.mark.parametrize("header", IN_LESS_TIME)
def test_no_caller_sets_the_times_of_the_gateway(player: Player, header: str) -> None:
    assert act(player, {header: "1"}).status_code == httpx.codes.OK


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("déjà vu".encode(), id="UTF-8"),
        pytest.param(b"\xff\xfe", id="no text at all"),
        pytest.param(b"a\tb", id="a tab"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"x" * 15_000, id="far too long"),
    ],
)
def test_a_request_id_that_cannot_be_passed_on_is_replaced(player: Player, value: bytes) -> None:
    assert act(player, {"x-request-id": value}).status_code == httpx.codes.OK


@pytest.mark.parametrize("size", [9_000, 17_000, 50_000])
def test_large_headers_are_taken_or_refused_by_the_gateway_alone(player: Player, size: int) -> None:
    assert act(player, {"x-large": b"x" * size}).status_code == httpx.codes.OK


def act(player: Player, headers: Mapping[str, str | bytes]) -> httpx.Response:
    both = [*player.session.items(), *headers.items()]
    return player.rest.post("/api/action/do-some", json={}, headers=both)
