"""Logs that cannot be written stop nobody."""

import errno
import io

import orjson
import pytest
import structlog
from structlog.testing import capture_logs

from scorewire_server.logs import BufferedLogger, Unfailing, configure_logs, often
from scorewire_server.settings import LogSettings


class FullDisk:
    """A stream on a disk that is full."""

    def write(self, _: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        self.write(b"")


@pytest.mark.parametrize("level", ["info", "error"])
async def test_json_that_cannot_be_written_is_dropped(level):
    logger = BufferedLogger(Unfailing(FullDisk()))
    getattr(logger, level)(b"a line")
    logger._flush()


def test_text_that_cannot_be_written_is_dropped():
    structlog.PrintLogger(Unfailing(FullDisk())).info("a line")


def test_lines_are_written(tmp_path):
    with (tmp_path / "log").open("wb") as stream:
        BufferedLogger(Unfailing(stream)).info(b"one")
        BufferedLogger(Unfailing(stream)).error(b"two")
        assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"


@pytest.fixture
def configured(monkeypatch):
    """Sets structlog up as a server does, with a log to read."""
    stream = io.BytesIO()
    text, before = io.TextIOWrapper(stream), structlog.get_config()

    def configure(**settings):
        monkeypatch.setattr("sys.stdout", text)
        configure_logs(LogSettings(**settings), "score")
        return stream

    yield configure
    structlog.configure(**before)


def test_what_is_said_often_is_a_line_like_any_other(configured):
    stream = configured()
    often("call")(method="x", ms=1.5)
    structlog.get_logger().info("call", method="x", ms=1.5)
    straight, usual = (orjson.loads(line) for line in stream.getvalue().splitlines())
    assert straight.pop("timestamp") <= usual.pop("timestamp")
    assert straight == usual == {"event": "call", "method": "x", "ms": 1.5, "process": "score", "level": "info"}


def test_what_is_said_often_keeps_to_the_level(configured):
    stream = configured(level="warning")
    often("call")(method="x")
    assert stream.getvalue() == b""


def test_what_is_said_often_can_be_captured(configured):
    stream = configured()
    say = often("call")
    with capture_logs() as logs:
        say(method="x")
    assert logs == [{"event": "call", "method": "x", "log_level": "info"}]
    assert stream.getvalue() == b""
