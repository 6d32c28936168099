"""Calls that have run for too long are cancelled, each once, and no others; time is given."""

import asyncio
from types import SimpleNamespace

from scorewire_server.errors import DeadlineExceeded
from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.policies.deadline import Deadlines

METHOD = Method("a.v1.A", "Get", streaming=False)


def call(started: float) -> Call:
    return Call(METHOD, None, SimpleNamespace(), "id", started)


async def test_only_what_is_overdue_is_cancelled():
    deadlines = Deadlines(longest=10)
    old, new = call(started=0), call(started=5)
    tasks = [asyncio.create_task(asyncio.Event().wait()) for _ in range(2)]
    for task, each in zip(tasks, (old, new), strict=True):
        deadlines.enter(task, each)
    deadlines.cancel_overdue(now=10)
    assert (old.cut, new.cut) == (None, None)
    deadlines.cancel_overdue(now=10.1)
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    assert isinstance(old.cut, DeadlineExceeded)
    assert (tasks[0].cancelled(), new.cut, tasks[1].done()) == (True, None, False)
    deadlines.leave(tasks[0])
    deadlines.cancel_overdue(now=16)
    await asyncio.wait([tasks[1]])
    assert isinstance(new.cut, DeadlineExceeded)


async def test_a_call_that_takes_its_time_to_end_is_cancelled_once():
    deadlines = Deadlines(longest=1)
    cancelled, released = [], asyncio.Event()

    async def ends_slowly() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                cancelled.append(True)

    task = asyncio.create_task(ends_slowly())
    await asyncio.sleep(0)
    deadlines.enter(task, call(started=0))
    for now in (2, 3, 4):
        deadlines.cancel_overdue(now)
        await asyncio.sleep(0)
    released.set()
    await task
    assert cancelled == [True]


async def test_a_call_that_has_ended_is_forgotten():
    deadlines = Deadlines(longest=1)
    task = asyncio.create_task(asyncio.sleep(0))
    ended = call(started=0)
    deadlines.enter(task, ended)
    deadlines.leave(task)
    deadlines.cancel_overdue(now=100)
    await task
    assert ended.cut is None
