"""Watches that are read late, and rounds that fail: nobody else waits for them, and every board is shown again."""

from collections.abc import Iterator

from structlog.testing import capture_logs

from scorewire_server.score.board import Board
from scorewire_server.score.views import Frame
from scorewire_server.score.waves import AT_ONCE, PATIENCE_SECONDS, Waves
from scorewire_server.score.windows import Top
from tests.unit.score.looping import SetTime, on_a_loop
from tests.unit.score.readers import Reader, in_loop, reading, settle, wait
from tests.unit.score.test_waves import Sender
from tests.unit.score.watching import TEN, change, make_board

TOO_LATE = 2 * PATIENCE_SECONDS
ROUNDS = 5


def test_nobody_waits_for_many_who_read_late():
    def test(loop: SetTime) -> None:
        board = make_board()
        with reading(loop) as readers:
            late, others = some_late_and_others(loop, board, readers)
            for _ in range(ROUNDS):
                in_loop(loop, lambda: change(board))
                settle(loop)
                assert {reader.revision for reader in others} == {board.revision}
                wait(loop, 1)
            wait(loop, 5)
            assert {reader.revision for reader in late} == {board.revision}

    on_a_loop(test)


def test_a_few_messages_read_in_time_do_not_make_up_for_a_late_one():
    def test(loop: SetTime) -> None:
        board = make_board()
        with reading(loop) as readers:
            late, others = some_late_and_others(loop, board, readers)
            for number in range(ROUNDS):
                for reader in late:
                    reader.delay = TOO_LATE if number % 2 else 0.0
                in_loop(loop, lambda: change(board))
                settle(loop)
                assert {reader.revision for reader in others} == {board.revision}
                wait(loop, 5)

    on_a_loop(test)


def some_late_and_others(loop: SetTime, board: Board, readers: list[Reader]) -> tuple[list[Reader], list[Reader]]:
    """Readers that have the board as it is, of whom the first are known to be late."""
    late = [Reader(loop, board, TOO_LATE) for _ in range(4 * AT_ONCE)]
    others = [Reader(loop, board) for _ in range(AT_ONCE)]
    readers += [*late, *others]
    wait(loop, 2 * TOO_LATE)
    return late, others


def test_who_reads_in_time_again_is_woken_with_the_others():
    def test(loop: SetTime) -> None:
        waves = Waves(burst=0)
        watchers = [Sender() for _ in range(AT_ONCE)]
        for watcher in watchers:
            watcher.late = 1
        in_loop(loop, lambda: waves.roll(iter(watchers), lambda: None))
        assert sum(watcher.woken for watcher in watchers) == AT_ONCE // 4, "few of those who are late at a time"
        for _ in range(4):
            in_loop(loop, *(watcher.sent for watcher in watchers))
            settle(loop)
        assert all(watcher.woken == 1 for watcher in watchers)
        for watcher in watchers:
            watcher.late = 0
        in_loop(loop, lambda: waves.roll(iter(watchers), lambda: None))
        assert all(watcher.woken == 2 for watcher in watchers)

    on_a_loop(test)


def test_a_round_that_fails_has_ended():
    def test(loop: SetTime) -> None:
        waves, ended, others = Waves(burst=0), [], [Sender() for _ in range(2 * AT_ONCE - 1)]

        def failing() -> Iterator[Sender]:
            yield from others[:AT_ONCE]
            raise ArithmeticError

        with capture_logs() as logs:
            in_loop(loop, lambda: waves.roll(failing(), lambda: ended.append("failing")))
            in_loop(loop, *(sender.sent for sender in others))
            settle(loop)
        assert ended == ["failing"]
        assert [line["log_level"] for line in logs] == ["error"]
        in_loop(loop, lambda: waves.roll(iter(others[AT_ONCE:]), lambda: ended.append("others")))
        settle(loop)
        assert all(sender.woken for sender in others)
        assert ended == ["failing", "others"]

    on_a_loop(test)


class Faulty(Sender):
    """A watcher that cannot be shown anything while it `fails`."""

    fails = False

    def show(self, frame: Frame, own: object) -> None:
        if self.fails:
            raise ArithmeticError
        super().show(frame, own)


def test_a_window_that_fails_keeps_no_other_from_being_shown():
    def test(loop: SetTime) -> None:
        board, faulty, other = make_board(), Faulty(), Sender()
        board.show(Top(5), faulty)
        board.show(TEN, other)
        faulty.fails = True
        with capture_logs() as logs:
            for _ in range(ROUNDS):
                in_loop(loop, lambda: change(board))
                in_loop(loop, other.sent)
        assert other.looked == list(range(3, 3 + ROUNDS))
        assert len(logs) == ROUNDS
        faulty.fails = False
        in_loop(loop, lambda: change(board))
        assert faulty.looked == [board.revision]

    on_a_loop(test)
