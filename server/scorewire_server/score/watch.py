"""The watch: the newest state of a board to whoever wants to see it, with the promises that the proto names."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from scorewire_server.errors import BoardRebuilt, Draining
from scorewire_server.score.board import Board
from scorewire_server.score.forms import PROTOBUF, Form
from scorewire_server.score.places import Places
from scorewire_server.score.states import Row, State
from scorewire_server.score.views import Frame
from scorewire_server.score.waves import PATIENCE_SECONDS, Wave
from scorewire_server.score.windows import Window

_JITTER = 0.1
_LATE_FOR = 10
"""How many messages of a watch make up for one that its client read late."""


@dataclass(frozen=True, slots=True)
class Times:
    """In seconds: of quiet before a heartbeat on average, and of a message that is not read before its watch ends."""

    heartbeat: float
    stalled: float

    def next_heartbeat(self) -> float:
        """Seconds of quiet, jittered so that a thousand streams do not beat as one."""
        return self.heartbeat * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret


@dataclass(frozen=True, slots=True)
class Asked:
    """What a watch is asked for.

    `seen` is the revision that its client has; -1 for none. `min_interval` are the seconds between two messages that
    are not the operator's but the client's; 0 where it leaves that to the operator. `address` is whose watch it is,
    where that is known.
    """

    window: Window
    seen: int = -1
    own_user_id: str | None = None
    whole_boards: bool = False
    min_interval: float = 0.0
    form: Form = PROTOBUF
    address: str | None = None


class Watch:
    """One watch, open while entered. It remembers the state that it has sent last, and has no queue.

    Whoever reads its messages awaits one future for each. One timer, which nothing resets, looks now and then whether
    it has been quiet for too long, or its message unread: then it calls `stall`. A thousand of these are to be small:
    hence the slots, and one context manager for all that it takes.
    """

    __slots__ = (
        "_asked",
        "_board",
        "_due",
        "_edition",
        "_ends",
        "_frame",
        "_held",
        "_loop",
        "_own",
        "_own_seen",
        "_places",
        "_quiet",
        "_resume_token",
        "_revision",
        "_seen",
        "_sending",
        "_since",
        "_stall",
        "_timer",
        "_times",
        "_waiting",
        "_wave",
        "late",
        "own_user_id",
    )

    def __init__(self, board: Board, asked: Asked, times: Times, places: Places, stall: Callable[[], None]) -> None:
        self.own_user_id = asked.own_user_id
        self.late = 0
        self._board = board
        self._asked = asked
        self._times = times
        self._places = places
        self._stall = stall
        self._loop = asyncio.get_running_loop()
        self._seen: State | None = None
        self._revision, self._edition = asked.seen, board.edition
        self._resume_token = board.resume_token()  # of what its client has, or else the board is sent at once
        self._own_seen: Row | None = None
        self._own: Row | None = None
        self._frame: Frame | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._wave: Wave | None = None
        self._sending = False
        self._since = self._loop.time()
        self._quiet = times.next_heartbeat()
        self._due = False
        self._held: asyncio.TimerHandle | None = None
        self._ends: Draining | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        """Takes a place, and is shown what there is. Raises TooManyWatches."""
        self._places.take(self, self._asked.address)
        self._board.show(self._asked.window, self)
        self._timer = self._loop.call_later(min(self._quiet, self._times.stalled), self._look)
        return self

    def __exit__(self, *_: object) -> None:
        self._places.leave(self, self._asked.address)
        self._board.show_no_more(self._asked.window, self)
        for timer in (self._timer, self._held):
            if timer:
                timer.cancel()
        self._leave_wave()

    def show(self, frame: Frame, own: Row | None) -> None:
        """Has it send this frame when it is woken, in place of any before that it has not sent."""
        self._frame, self._own = frame, own

    def wake(self, wave: Wave) -> bool:
        """Lets it send what it has been shown, unless it is too soon for its client, or sends as it is."""
        if self._held or self._waiting is None or self._waiting.done():
            return False
        self._wave = wave
        self._wake()
        return True

    def end(self, draining: Draining) -> None:
        """Lets it end as soon as what it sends is read."""
        self._ends = draining
        self._wake()

    async def messages(self, begin: Callable[[], Awaitable[object]] | None = None) -> AsyncGenerator[bytes]:
        """What it sends, for ever; it is open meanwhile, and says `begin` when it is.

        Raises TooManyWatches, Draining, and BoardRebuilt where the state sent last was wrong.
        """
        loop = self._loop
        with self:
            if begin:
                await begin()
                del begin  # this frame lasts as long as the watch
            while self._ends is None:
                message = self._next()
                if message is None:
                    self._leave_wave()
                    self._waiting = loop.create_future()
                    await self._waiting
                else:
                    self._sending, self._since = True, loop.time()
                    yield message
                    self._sending = False
                    self._has_been_read()
            raise self._ends

    def _next(self) -> bytes | None:
        frame = self._frame
        if frame is not None:
            state = frame.state
            if state.revision > self._revision:
                if not self._held:
                    return self._send(frame, state)
            elif state.edition > self._edition:
                raise BoardRebuilt("what this watch has sent was wrong, and is right now; watch again")
        if self._due:
            self._due = False
            return self._asked.form.heartbeat(self._resume_token)
        return None

    def _send(self, frame: Frame, state: State) -> bytes:
        asked = self._asked
        encoded = frame.after(self._seen, asked.form, asked.whole_boards)
        if asked.own_user_id:
            if self._own:
                encoded = asked.form.with_own(encoded, self._own.since(self._own_seen))
            self._own_seen = self._own
        self._seen, self._due = state, False
        self._revision, self._edition, self._resume_token = state.revision, state.edition, state.resume_token
        if asked.min_interval:
            self._held = self._loop.call_later(asked.min_interval, self._release)
        return encoded

    def _has_been_read(self) -> None:
        if self._loop.time() - self._since > PATIENCE_SECONDS:
            self.late = _LATE_FOR
        elif self.late:
            self.late -= 1

    def _release(self) -> None:
        self._held = None
        self._wake()

    def _wake(self) -> None:
        waiting = self._waiting
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _leave_wave(self) -> None:
        if self._wave is not None:
            self._wave.passed()
            self._wave = None

    def _look(self) -> None:
        patience = self._times.stalled if self._sending else self._quiet
        left = self._since + patience - self._loop.time()
        if left <= 0:
            if self._sending:
                self._stall()
                return
            self._due, self._quiet = True, self._times.next_heartbeat()
            self._wake()
            left = self._quiet
        self._timer = self._loop.call_later(min(left, self._quiet, self._times.stalled), self._look)
