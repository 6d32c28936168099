"""Work that a server cannot be without: where it fails, the server ends and says so, instead of waiting for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from scorewire_server.errors import ServerFailed

log = structlog.get_logger()


@asynccontextmanager
async def lasting(what: str, task: "asyncio.Task[None]") -> AsyncIterator[None]:
    """Cancels whoever has entered, and so lets them drain, where `task` fails. Raises ServerFailed then."""
    owner = asyncio.current_task()
    assert owner  # noqa: S101 - whoever enters is a task

    def ended(_: object) -> None:
        if failure := _failure(task):
            log.critical("the server ends", failed=what, problem=str(failure), exc_info=_unknown(failure))
            owner.cancel()

    task.add_done_callback(ended)
    try:
        yield
    except asyncio.CancelledError:
        if _failure(task) is None:
            raise
        owner.uncancel()
    finally:
        task.remove_done_callback(ended)
    if failure := _failure(task):
        if isinstance(failure, ServerFailed):
            raise failure
        raise ServerFailed(f"{what} has failed: {failure!r}") from failure


def _failure(task: "asyncio.Task[None]") -> BaseException | None:
    return task.exception() if task.done() and not task.cancelled() else None


def _unknown(failure: BaseException) -> BaseException | None:
    """What the log has a traceback of."""
    return None if isinstance(failure, ServerFailed) else failure
