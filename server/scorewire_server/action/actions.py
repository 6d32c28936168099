"""Does actions for users: each once, however often it is asked for."""

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import orjson

from scorewire_server.action.flights import Flight, Flights
from scorewire_server.action.performer import Performer, Task, reused
from scorewire_server.action.registry import Registry
from scorewire_server.clock import Clock
from scorewire_server.storage.journal.records import Delivery, Entry
from scorewire_server.tokens.fingerprint import fingerprint
from scorewire_server.tokens.sessions import User


class Asked(NamedTuple):
    """What a user asks for: an action type or the default one, its input, and the request id, where there is one.

    `trace` is the id of the call, for the logs; `address` is where the call came from, where that is known.
    """

    user: User
    action_type: str | None
    some: Any
    request_id: str | None
    trace: str
    address: str | None = None


class Actions:
    """Every action type with the way its awards go."""

    def __init__(
        self,
        registry: Registry,
        deliveries: Mapping[str, Delivery],
        performer: Performer,
        flights: Flights,
        clock: Clock,
    ) -> None:
        self._registry = registry
        self._deliveries = deliveries
        self._performer = performer
        self._flights = flights
        self._clock = clock

    async def do(self, asked: Asked, seconds: float) -> Entry:
        """Does an action, or finds what it led to before; answers what it has come to after so many seconds.

        Raises ActionTypeUnknown, Overloaded, and what `Performer.perform` and `Flight.wait` raise.
        """
        task = self._task(asked)
        flight = self._flights.find(task.claim.key)
        if flight is None:
            flight = self._start(task)
        elif flight.input_hash != task.claim.input_hash:
            raise reused(task.claim)
        return await flight.wait(seconds)

    def _start(self, task: Task) -> Flight:
        return self._flights.start(task.claim.key, task.claim.input_hash, partial(self._performer.perform, task))

    def _task(self, asked: Asked) -> Task:
        handler = self._registry.find(asked.action_type)
        claim = Entry(
            user_id=asked.user.id,
            request_id=asked.request_id or secrets.token_urlsafe(24),
            action_type=handler.action_type,
            input_hash=_hash(handler.action_type, asked.some) if asked.request_id else "",
            action_id=secrets.token_urlsafe(16),
            display_name=asked.user.display_name,
            delivery=self._deliveries[handler.action_type],
            claimed_at=(now := int(self._clock() * 1000)),
            told_at=now,
            signed_in_at=asked.user.signed_in_at,
            address=asked.address,
        )
        return Task(claim, handler, asked.some, asked.request_id is not None, asked.trace)


def _hash(action_type: str, some: Any) -> str:
    return fingerprint(orjson.dumps([action_type, some], option=orjson.OPT_SORT_KEYS).decode())
