"""Lines of Envoy, retold."""

from collections.abc import Callable

import pytest
import structlog
from structlog.testing import capture_logs

from scorewire_server.gateway import envoy_log


@pytest.fixture
def retell(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    monkeypatch.setattr(envoy_log, "log", structlog.get_logger())
    reteller = envoy_log.Reteller()
    return lambda line: reteller.retell(line.encode())


@pytest.mark.parametrize(
    ("line", "level", "event"),
    [
        pytest.param('{"level":"info","event":"request","status":200}', "info", "request", id="a request"),
        pytest.param('{"level":"warning","event":"careful"}', "warning", "careful", id="a warning"),
        pytest.param('{"level":"critical","event":"broken"}', "error", "broken", id="a failure"),
        pytest.param('{"level":"trace","event":"much"}', "debug", "much", id="much detail"),
        pytest.param("no JSON", "info", "no JSON", id="something else"),
        pytest.param("[1]", "info", "[1]", id="other JSON"),
    ],
)
def test_a_line_keeps_its_level_and_words(retell: Callable[[str], str], line: str, level: str, event: str) -> None:
    with capture_logs() as logged:
        assert retell(line) == event
    assert (logged[0]["log_level"], logged[0]["event"]) == (level, event)


def test_fields_are_kept(retell: Callable[[str], str]) -> None:
    with capture_logs() as logged:
        retell('{"event":"request","path":"/","status":404}')
    assert (logged[0]["path"], logged[0]["status"]) == ("/", 404)


@pytest.mark.parametrize(("sent", "told"), [("0", "OK"), ("13", "INTERNAL"), ("99", "99"), ("x", "x")])
def test_a_status_of_grpc_has_its_name(retell: Callable[[str], str], sent: str, told: str) -> None:
    with capture_logs() as logged:
        retell(f'{{"event":"request","grpc_status":"{sent}"}}')
    assert logged[0]["grpc_status"] == told


def test_a_status_that_was_not_sent_is_not_told(retell: Callable[[str], str]) -> None:
    with capture_logs() as logged:
        retell('{"event":"request","grpc_status":""}')
    assert "grpc_status" not in logged[0]
