"""Those who wait for a transaction: what each has brought, and how they are told."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from scorewire_server.errors import StorageUnavailable

Item = TypeVar("Item")
Result = TypeVar("Result")


class Group(NamedTuple, Generic[Item, Result]):
    """What one caller waits for."""

    items: Sequence[Item]
    future: "asyncio.Future[list[Result]]"


def answer(groups: Sequence[Group[Item, Result]], results: Sequence[Result]) -> None:
    """Answers each its part of the results, in order."""
    start = 0
    for items, future in groups:
        end = start + len(items)
        if not future.done():  # its caller has gone; what it wanted is written all the same
            future.set_result(list(results[start:end]))
        start = end


def ended() -> StorageUnavailable:
    """What whoever waits is told by a writer that ends."""
    return StorageUnavailable("this server ends; call again with the same ticket, award_id or request_id")


def fail(groups: Iterable[Group[Item, Result]], failure: Exception) -> None:
    """Tells all that wait of a failure."""
    for _, future in groups:
        if not future.done():
            future.set_exception(failure)
