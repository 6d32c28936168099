"""Watches of several boards that do whatever watches do, for long: the waves keep their count, and all see the end."""

from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from scorewire_server.score.board import Board
from scorewire_server.score.ranking import Ranking
from scorewire_server.score.waves import Wakeable, Waves
from tests.fuzzing import examples
from tests.unit.score.looping import SetTime
from tests.unit.score.readers import Reader, in_loop, settle, wait
from tests.unit.score.test_waves import Sender
from tests.unit.score.watching import change, newest

AT_ONCE = 8
FEW = AT_ONCE // 4
DELAYS = st.sampled_from([0.0, 0.0, 0.05, 0.3, 1.0])
SECONDS = st.sampled_from([0.0, 0.01, 0.1, 0.5])
BOARDS = st.integers(0, 2)


class WavesForLong(RuleBasedStateMachine):
    """Every rule is something that a client, an operator or time does; what holds is looked at in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = SetTime()
        self.waves = Waves(AT_ONCE, burst=0)
        self.boards = [Board(f"board-{number}", {}, "d" * 32, self.waves, 0.1) for number in range(3)]
        for board in self.boards:
            in_loop(self.loop, partial(board.restore, _ranking(), newest(2)))
        self.readers: list[Reader] = []

    @rule(board=BOARDS, count=st.integers(1, 12), delay=DELAYS, min_interval=st.sampled_from([0.0, 0.0, 0.3]))
    def open_some(self, board: int, count: int, delay: float, min_interval: float) -> None:
        """Clients come."""
        self.readers += [Reader(self.loop, self.boards[board], delay, min_interval) for _ in range(count)]

    @rule(board=BOARDS, settles=st.booleans())
    def change_one(self, board: int, settles: bool) -> None:
        """An award."""
        in_loop(self.loop, partial(change, self.boards[board]))
        if settles:
            settle(self.loop)

    @rule(board=BOARDS)
    def rebuild_one(self, board: int) -> None:
        """What was shown was wrong."""
        wrong = self.boards[board]
        in_loop(self.loop, partial(wrong.rebuild, _ranking(), newest(wrong.revision)))

    @precondition(lambda self: self.readers)
    @rule(data=st.data(), how=st.sampled_from(["cancelled", "drained"]))
    def end_some(self, data: st.DataObject, how: str) -> None:
        """Clients go, or are told to."""
        for reader in data.draw(st.lists(st.sampled_from(self.readers), max_size=5)):
            in_loop(self.loop, reader.cancel if how == "cancelled" else reader.places.end)

    @precondition(lambda self: self.readers)
    @rule(data=st.data(), delay=DELAYS)
    def read_otherwise(self, data: st.DataObject, delay: float) -> None:
        """A client reads sooner or later than before."""
        data.draw(st.sampled_from(self.readers)).delay = delay

    @rule(seconds=SECONDS)
    def go_on(self, seconds: float) -> None:
        """Time passes, with all that is due or without some of it."""
        self.loop.pass_time(seconds)

    def teardown(self) -> None:
        """All read on: each has the last state of its board, and the waves have as much room as at the start."""
        try:
            shown = self._last_shown()
            in_time, late = self._woken(AT_ONCE, FEW, late=0), self._woken(FEW, 0, late=1)
        finally:
            self.loop.close()
        assert all(seen == last for seen, last in shown)
        assert in_time == [AT_ONCE, AT_ONCE, 2 * AT_ONCE]
        assert late == [FEW, FEW, 2 * FEW]

    def _last_shown(self) -> list[tuple[int, int]]:
        """What those who watch to the end have seen, and what they should have; then all of them go."""
        for reader in self.readers:
            reader.delay = 0.0
        wait(self.loop, 5, step=0.25)
        shown = [(reader.revision, reader.board.revision) for reader in self.readers if reader.is_open]
        in_loop(self.loop, *(reader.cancel for reader in self.readers))
        settle(self.loop)
        return shown

    def _woken(self, at_once: int, few: int, late: int) -> list[int]:
        """How many of twice as many as fit are woken at first, with one more left than few, and with few left."""
        senders: list[Sender] = [Sender() for _ in range(2 * at_once)]
        for sender in senders:
            sender.late = late
        watchers: list[Wakeable] = list(senders)
        in_loop(self.loop, partial(self.waves.roll, iter(watchers), lambda: None))
        counts = [_count(senders)]
        for sent in (at_once - few - 1, at_once - few):
            self._send(senders[:sent])
            counts.append(_count(senders))
        self._send(senders)
        return counts

    def _send(self, senders: list[Sender]) -> None:
        in_loop(self.loop, *(sender.sent for sender in senders))
        settle(self.loop)


def _ranking() -> Ranking:
    return Ranking([("ada", 5, 1), ("bob", 3, 2)])


def _count(senders: list[Sender]) -> int:
    return sum(sender.woken for sender in senders)


WavesForLong.TestCase.settings = settings(examples(60), stateful_step_count=30)
TestWavesForLong = WavesForLong.TestCase
