"""Turns: pieces of work, one at a time, with a look at everything else in between."""

import asyncio
from contextlib import suppress

import pytest

from scorewire_server.turns import PIECE, Turns


async def test_what_is_made_keeps_its_order():
    assert await Turns(lambda: True).each(lambda number: 2 * number, range(2 * PIECE + 1)) == list(
        range(0, 4 * PIECE + 2, 2)
    )
    assert await Turns(lambda: True).each(str, []) == []


async def test_everybody_has_a_turn_after_each_piece():
    turns, worked = Turns(lambda: True), []
    await asyncio.gather(*(turns.each(worked.append, [name] * 2 * PIECE) for name in "ab"))
    assert worked == [name for name in "abab" for _ in range(PIECE)]


async def test_between_two_pieces_the_loop_does_what_has_come_in():
    turns, worked, seen = Turns(lambda: True), [], []
    all_work = asyncio.gather(*(turns.each(worked.append, range(2 * PIECE)) for _ in range(2)))
    while not all_work.done():
        seen.append(len(worked))
        await asyncio.sleep(0)
    assert set(seen) == set(range(0, 4 * PIECE + 1, PIECE))


async def test_work_that_fails_or_is_given_up_leaves_its_turn_to_the_next():
    turns, worked = Turns(lambda: True), []

    def failing(_: int) -> None:
        raise ValueError("no such item")

    with pytest.raises(ValueError, match="no such item"):
        await turns.each(failing, [1])
    given_up = asyncio.create_task(turns.each(worked.append, range(2 * PIECE)))
    await asyncio.sleep(0)
    given_up.cancel()
    with suppress(asyncio.CancelledError):
        await given_up
    assert await turns.each(str, [3]) == ["3"]
    assert len(worked) == PIECE


async def test_without_pressure_nobody_waits():
    turns, worked = Turns(lambda: False), []
    await asyncio.gather(*(turns.each(worked.append, [name] * 2 * PIECE) for name in "ab"))
    assert worked == ["a"] * 2 * PIECE + ["b"] * 2 * PIECE
