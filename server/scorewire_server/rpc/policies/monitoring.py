"""Counts and times every call under the metric names of go-grpc-prometheus, which dashboards know."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from grpc import StatusCode
from prometheus_client import Counter, Histogram

from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.policies import Around
from scorewire_server.rpc.policies.errors import Refused
from scorewire_server.rpc.status import STATUS_CODES

_METHOD = ["grpc_type", "grpc_service", "grpc_method"]
STARTED = Counter("grpc_server_started", "Calls started.", _METHOD)
HANDLED = Counter("grpc_server_handled", "Calls ended, by code.", [*_METHOD, "grpc_code"])
RECEIVED = Counter("grpc_server_msg_received", "Messages received.", _METHOD)
SENT = Counter("grpc_server_msg_sent", "Messages sent.", _METHOD)
SECONDS = Histogram("grpc_server_handling_seconds", "Time to answer a call.", _METHOD)
REFUSED = Counter("scorewire_refusals", "Calls refused, by reason.", ["reason"])


def type_and_name(method: Method) -> tuple[str, str, str]:
    """The labels of a method."""
    return "server_stream" if method.streaming else "unary", method.service, method.name


def monitoring(method: Method) -> Around:
    """Counts calls by method and code, and refusals by reason."""
    labels = type_and_name(method)
    started, received, seconds = STARTED.labels(*labels), RECEIVED.labels(*labels), SECONDS.labels(*labels)
    handled = {code.name: HANDLED.labels(*labels, code.name) for code in StatusCode}

    @contextmanager
    def around(_: Call) -> Iterator[None]:
        started.inc()
        received.inc()
        begin = time.perf_counter()
        code = "OK"
        try:
            yield
        except Refused as refused:
            code = STATUS_CODES[refused.status.code].name
            REFUSED.labels(refused.reason).inc()
            raise
        except (asyncio.CancelledError, GeneratorExit):
            code = "CANCELLED"
            raise
        finally:
            handled[code].inc()
            seconds.observe(time.perf_counter() - begin)

    return around
