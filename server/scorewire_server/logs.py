"""Structured logs on standard output: JSON lines for machines, or coloured ones for a person."""

import logging
import sys
from typing import Any

import orjson
import structlog

from scorewire_server.settings import LogSettings


def configure_logs(settings: LogSettings, process: str) -> None:
    """Sets up structlog for this process; every line says which `process` wrote it."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]

    def name_process(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
        event["process"] = process
        return event

    shared: list[Any] = [
        name_process,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if settings.format == "console":
        last: list[Any] = [structlog.dev.ConsoleRenderer()]
        factory: Any = structlog.PrintLoggerFactory(sys.stdout)
    else:
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=orjson.dumps)]
        factory = structlog.BytesLoggerFactory(sys.stdout.buffer)
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=factory,
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format=f"{process}: %(name)s: %(message)s")
