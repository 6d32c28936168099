"""Wraps the policies around every handler, once, at start.

gRPC's interceptors would do the same at 15-40 µs a call more, and do not see the caller's certificate.
"""

import asyncio
import inspect
import itertools
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import grpc
from grpc.aio import AbortError

from scorewire_server.rpc.admission import Admission
from scorewire_server.rpc.allow import Service
from scorewire_server.rpc.call import Call, Method, enter
from scorewire_server.rpc.decoding import decoder, encode
from scorewire_server.rpc.field_rules import broken_rules
from scorewire_server.rpc.limiting import MethodLimits
from scorewire_server.rpc.metadata import request_id
from scorewire_server.rpc.policies import Check, MakeCheck, MakeObserver, Observer, Outcome
from scorewire_server.rpc.policies.access_log import access_log
from scorewire_server.rpc.policies.deadline import Deadlines
from scorewire_server.rpc.policies.errors import refused
from scorewire_server.rpc.policies.fit import fit
from scorewire_server.rpc.policies.monitoring import counting_sent, counting_started, monitoring
from scorewire_server.rpc.policies.rate_limit import rate_limit
from scorewire_server.rpc.policies.ready import ready
from scorewire_server.rpc.status import STATUS_CODES, headers_of

Context = grpc.aio.ServicerContext[Any, Any]
Answer = Callable[..., Any]
_RUN, _numbers = secrets.token_hex(4), itertools.count(1)


@dataclass(frozen=True, slots=True)
class Policies:
    """What is made for every method."""

    checks: Sequence[MakeCheck]
    observers: Sequence[MakeObserver]
    deadlines: Deadlines
    message_bytes: int


def standard_policies(
    known: MakeCheck,
    is_ready: Callable[[], bool],
    limits: Mapping[str, MethodLimits],
    deadlines: Deadlines,
    message_bytes: int,
) -> Policies:
    """The policies of every server, in their order; `known` is the one that finds out who calls."""
    checks: list[MakeCheck] = [
        counting_started,  # first, so that it counts what the others refuse
        known,  # who it is decides before anything of the request is looked at
        ready(is_ready),  # only those who may call learn that it is not
        rate_limit(limits),  # a flood shall cost little, so before the request is looked at
        fit,  # last, because only somebody allowed learns what is wrong with a request
    ]
    return Policies(checks, [monitoring, access_log], deadlines, message_bytes)


class Composer:
    """Stands in for the server when generated code registers a servicer, and registers wrapped handlers with it."""

    def __init__(
        self, server: grpc.aio.Server, policies: Policies, admission: Admission, services: Sequence[Service]
    ) -> None:
        self._server = server
        self._policies = policies
        self._admission = admission
        self._services = {service.name: service for service in services}
        server.add_generic_rpc_handlers((admission,))

    def add_generic_rpc_handlers(self, _: object) -> None:
        """Takes nothing: `add_registered_method_handlers` gets the same handlers with their names."""

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Registers the wrapped handlers of a service: unary ones behind the admission, others straight.

        gRPC keeps a queue for each method that it is told of, and one for all others. What is straight has a queue of
        its own, and does not stand behind what waits to be refused.
        """
        wrapped = {name: self._wrap(Method(service, name, h.response_streaming), h) for name, h in handlers.items()}
        served = self._services[service]
        straight = {name for name, h in wrapped.items() if h.response_streaming or served.always}
        self._server.add_registered_method_handlers(service, {name: wrapped[name] for name in straight})
        guarded = {name: h for name, h in wrapped.items() if name not in straight}
        self._admission.add(service, guarded, served.is_full)

    def _wrap(self, method: Method, handler: Any) -> Any:
        policed = Policed(method, self._policies)
        if handler.request_streaming:  # gRPC's reflection alone, which looks at each request by itself
            both = policed.stream(handler.stream_stream)
            return grpc.stream_stream_rpc_method_handler(both, handler.request_deserializer, encode)
        rules = broken_rules if method.service.startswith("scorewire.") else _no_rules
        decode = decoder(handler.request_deserializer, self._policies.message_bytes, rules)
        if method.streaming:
            stream = policed.stream(handler.unary_stream)
            return grpc.unary_stream_rpc_method_handler(stream, decode, encode)
        return grpc.unary_unary_rpc_method_handler(policed.unary(handler.unary_unary), decode, encode)


def _no_rules(_: Any) -> None:
    """gRPC's own services have none."""


class Policed:
    """One method inside its policies."""

    def __init__(self, method: Method, policies: Policies) -> None:
        self._method = method
        self._checks: list[Check] = [check for make in policies.checks if (check := make(method))]
        self._observers: list[Observer] = [make(method) for make in policies.observers]
        self._deadlines = policies.deadlines
        self._sent = counting_sent(method)

    def unary(self, answer: Answer) -> Answer:
        """The handler of one request and one answer."""
        deadlines = self._deadlines

        async def handle(request: Any, context: Context) -> Any:
            call, task = self._begin(request, context), asyncio.current_task()
            assert task is not None  # noqa: S101 - gRPC gives every call a task
            deadlines.enter(task, call)
            try:
                self._check(call)
                response = await answer(request, context)
            except BaseException as raised:  # noqa: BLE001 - whatever it was, the call ends with a status
                await self._refuse(call, raised)
            finally:
                deadlines.leave(task)
            self._sent()
            self._end(call, "OK")
            return response

        return handle

    def stream(self, answer: Answer) -> Answer:
        """The handler of many answers, to one request or to a stream of them."""
        sent = self._sent

        async def handle(request: Any, context: Context) -> None:
            call = self._begin(request, context)
            try:
                self._check(call)
                responses = answer(request, context)
                if inspect.iscoroutine(responses):  # gRPC's own health servicer, which writes by itself
                    await responses
                else:
                    async with aclosing(responses):
                        async for response in responses:
                            sent()
                            await context.write(response)
            except grpc.aio.InternalError as gone:
                # All that gRPC says of a stream that ends while it is written to; not always does it cancel the task.
                await self._refuse(call, asyncio.CancelledError(*gone.args))
            except BaseException as raised:  # noqa: BLE001 - whatever it was, the call ends with a status
                await self._refuse(call, raised)
            else:
                self._end(call, "OK")

        return handle

    def _begin(self, request: Any, context: Context) -> Call:
        name = request_id(context) or f"{_RUN}-{next(_numbers)}"
        call = Call(self._method, request, context, name, time.perf_counter())
        enter(call)
        return call

    def _check(self, call: Call) -> None:
        for check in self._checks:
            check(call)

    async def _refuse(self, call: Call, raised: BaseException) -> None:
        """Ends the call with a status; raises what ended it where its caller has gone or been answered."""
        if isinstance(raised, AbortError):
            self._end(call, call.context.code().name)  # one of gRPC's own servicers, such as health, has answered
            raise raised
        reason, status = refused(call, raised)
        if status is None:
            self._end(call, "CANCELLED")
            raise raised
        code = STATUS_CODES[status.code]
        self._end(call, code.name, reason, status)
        details = ("grpc-status-details-bin", status.SerializeToString())
        await call.context.abort(code, status.message, (details, *headers_of(raised)))

    def _end(self, call: Call, code: str, reason: str | None = None, status: Any = None) -> None:
        outcome = Outcome(code, reason, time.perf_counter() - call.started, status)
        for observe in self._observers:
            observe(call, outcome)
