"""Structured logs on standard output: JSON lines for machines, or coloured ones for a person."""

import asyncio
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import IO, Any, TextIO, cast

import orjson
import structlog

from scorewire_server.settings import LogSettings

FLUSH_SECONDS = 0.02
"""How long a line may wait to be written together with others."""
Say = Callable[..., None]
"""Takes the fields of a line."""


def configure_logs(settings: LogSettings, process: str) -> None:
    """Sets up structlog for this process; every line says which `process` wrote it."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    as_text = settings.format == "console"
    logger = _printing() if as_text else BufferedLogger(Unfailing(sys.stdout.buffer))
    structlog.configure(
        processors=[_Stamp(process), *(_TEXT if as_text else _JSON)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_shared(logger),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format=f"{process}: %(name)s: %(message)s")


def often(event: str) -> Say:
    """Says `event`, at the level `info`, for what is said at every call.

    As JSON it goes straight into the log: a line of structlog costs a call 30 to 70 µs of a running server's time, more
    than everything else that is not gRPC, and this one 5.
    """
    config, log = structlog.get_config(), structlog.get_logger().bind()
    processors, logger = config["processors"], config["logger_factory"]()
    if processors[-1] is not _RENDER_JSON or not log.is_enabled_for(logging.INFO):
        return partial(log.info, event)
    stamp = processors[0]

    def say(**fields: Any) -> None:
        if processors[-1] is not _RENDER_JSON:  # structlog lets tests capture what is logged
            log.info(event, **fields)
            return
        fields["event"] = event
        logger.info(_as_json(stamp(None, "info", fields)))

    return say


class Unfailing:
    """A stream that drops what cannot be written: on a full disk, or where its reader has gone, servers go on."""

    def __init__(self, stream: IO[Any]) -> None:
        self._stream = stream

    def write(self, data: bytes | str) -> None:
        """Writes, where it can."""
        with suppress(OSError):
            self._stream.write(data)

    def flush(self) -> None:
        """Flushes, where it can."""
        with suppress(OSError):
            self._stream.flush()


class BufferedLogger:
    """Writes lines and flushes them together; a system call for each line costs more than the line itself."""

    def __init__(self, stream: Unfailing) -> None:
        self._stream = stream
        self._loop: asyncio.AbstractEventLoop | None = None

    def msg(self, line: bytes) -> None:
        """Writes a line, which is flushed soon."""
        self._stream.write(line + b"\n")
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._stream.flush()
            return
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(FLUSH_SECONDS, self._flush)

    def urgent(self, line: bytes) -> None:
        """Writes a line at once: it may be the last."""
        self._stream.write(line + b"\n")
        self._stream.flush()

    def _flush(self) -> None:
        self._loop = None
        self._stream.flush()

    debug = info = msg
    warning = error = critical = exception = urgent


def _printing() -> structlog.PrintLogger:
    return structlog.PrintLogger(cast("TextIO", Unfailing(sys.stdout)))


def _shared(logger: Any) -> Callable[..., Any]:
    return lambda *_: logger


class _Stamp:
    """Says which process a line is of, its level and its time."""

    def __init__(self, process: str) -> None:
        self._process = process

    def __call__(self, _: Any, level: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["process"] = self._process
        event["level"] = level
        event["timestamp"] = datetime.now(UTC)
        return event


def _time_of_day(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event["timestamp"] = f"{event['timestamp']:%H:%M:%S.%f}"
    return event


_as_json = partial(orjson.dumps, option=orjson.OPT_UTC_Z)
_RENDER_JSON = structlog.processors.JSONRenderer(serializer=_as_json)
_JSON: list[Any] = [structlog.processors.format_exc_info, _RENDER_JSON]
_TEXT: list[Any] = [_time_of_day, structlog.dev.ConsoleRenderer()]
