"""Logs that cannot be written stop nobody."""

import errno

import pytest
import structlog

from scorewire_server.logs import BufferedLogger, Unfailing


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
