"""Counts and times every call under the metric names of go-grpc-prometheus, which dashboards know."""

from collections.abc import Callable

from grpc import StatusCode
from prometheus_client import Counter, Histogram

from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.policies import Check, Observer, Outcome

_METHOD = ["grpc_type", "grpc_service", "grpc_method"]
STARTED = Counter("grpc_server_started", "Calls started.", _METHOD)
HANDLED = Counter("grpc_server_handled", "Calls ended, by code.", [*_METHOD, "grpc_code"])
RECEIVED = Counter("grpc_server_msg_received", "Messages received.", _METHOD)
SENT = Counter("grpc_server_msg_sent", "Messages sent.", _METHOD)
SECONDS = Histogram("grpc_server_handling_seconds", "Time to answer a call.", _METHOD)
REFUSED = Counter("scorewire_refusals", "Calls refused, by reason.", ["reason"])


def counting_started(method: Method) -> Check:
    """Counts calls, and their one request each, as they come in."""
    started, received = STARTED.labels(*_labels(method)), RECEIVED.labels(*_labels(method))

    def check(_: Call) -> None:
        started.inc()
        received.inc()

    return check


def monitoring(method: Method) -> Observer:
    """Counts calls by method and code and refusals by reason, and times them."""
    labels = _labels(method)
    seconds = SECONDS.labels(*labels)
    handled = {code.name: HANDLED.labels(*labels, code.name) for code in StatusCode}

    def observe(_: Call, outcome: Outcome) -> None:
        handled[outcome.code].inc()
        seconds.observe(outcome.seconds)
        if outcome.reason:
            REFUSED.labels(outcome.reason).inc()

    return observe


def counting_sent(method: Method) -> Callable[[], None]:
    """Counts one answer."""
    return SENT.labels(*_labels(method)).inc


def _labels(method: Method) -> tuple[str, str, str]:
    return "server_stream" if method.streaming else "unary", method.service, method.name
