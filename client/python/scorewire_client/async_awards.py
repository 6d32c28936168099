"""Awards of concurrent tasks, put together into few calls."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from grpc import StatusCode

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire_client.awarding import DELAY_SECONDS, Batch, Outcome, check_room, for_each
from scorewire_client.errors import ScorewireError
from scorewire_client.results import Award

Send = Callable[[Sequence[ApplyScoreRequest]], Awaitable[list[Outcome]]]
"""Makes one call with many awards, and repeats it where that helps. Raises ScorewireError where all of it failed."""


class AsyncAwards:
    """Sends what came in this turn of the event loop in one call; while calls are under way, a moment later."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._outstanding = 0
        self._calls: set[asyncio.Task[None]] = set()
        self._start_over()

    def _start_over(self) -> None:
        self._batch = Batch()
        self._futures: list[asyncio.Future[Award]] = []
        self._departure: asyncio.Handle | None = None

    async def award(self, request: ApplyScoreRequest) -> Award:
        """Gives an award. Raises ScorewireError, for this one alone.

        Who is cancelled before it has left takes it out; after that it counts, or does not, and others go on.
        """
        check_room(self._outstanding)
        if not self._batch.has_room_for(request):
            self._depart()
        future: asyncio.Future[Award] = asyncio.get_running_loop().create_future()
        self._batch.add(request)
        self._futures.append(future)
        self._outstanding += 1
        self._departure = self._departure or self._plan()
        return await future

    async def close(self) -> None:
        """Ends the calls that are under way; who waits for one is told, and so is who has not left yet."""
        self._depart()
        await asyncio.sleep(0)  # a task that has not begun does not notice that it is cancelled
        calls = list(self._calls)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls)

    def _plan(self) -> asyncio.Handle:
        loop = asyncio.get_running_loop()
        return loop.call_later(DELAY_SECONDS, self._depart) if self._calls else loop.call_soon(self._depart)

    def _depart(self) -> None:
        if self._departure:
            self._departure.cancel()
        waiting = list(zip(self._batch.requests, self._futures, strict=True))
        self._start_over()
        wanted = [(request, future) for request, future in waiting if not future.done()]
        self._outstanding -= len(waiting) - len(wanted)
        if wanted:
            call = asyncio.get_running_loop().create_task(self._call(*zip(*wanted, strict=True)))
            self._calls.add(call)
            call.add_done_callback(self._arrived)

    def _arrived(self, call: asyncio.Task[None]) -> None:
        self._calls.remove(call)
        if self._futures and not self._calls:
            self._depart()

    async def _call(self, requests: Sequence[ApplyScoreRequest], futures: Sequence[asyncio.Future[Award]]) -> None:
        outcomes: Sequence[Award | Exception]
        try:
            outcomes = await self._send(requests)
        except ScorewireError as error:
            outcomes = for_each(error, requests)
        except asyncio.CancelledError:
            # Closing the channel looks to its callers as if their task were cancelled, and so does the end of the loop.
            closed = ScorewireError(StatusCode.CANCELLED, "the client was closed; the award may have counted")
            outcomes = for_each(closed, requests)
        except Exception as fault:  # noqa: BLE001 - whatever it was, nobody is left waiting
            outcomes = [fault] * len(requests)
        self._outstanding -= len(futures)
        for future, outcome in zip(futures, outcomes, strict=True):
            _answer(future, outcome)


def _answer(future: asyncio.Future[Award], outcome: Award | Exception) -> None:
    if future.done():
        return  # its caller has gone
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
