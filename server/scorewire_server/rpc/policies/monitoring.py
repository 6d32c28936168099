"""Counts and times every call under the metric names of go-grpc-prometheus, which dashboards know."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate

import prometheus_client
from grpc import StatusCode
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.policies import Check, Observer, Outcome
from scorewire_server.rpc.status import REASONS

_METHOD = ("grpc_type", "grpc_service", "grpc_method")
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
REFUSED = prometheus_client.Counter("scorewire_refusals", "Calls refused, by reason.", ["reason"])
# A rate that an alert looks at begins with a zero, or the first time goes unseen.
for _reason in REASONS:
    REFUSED.labels(_reason)


class Tally:
    """The numbers of one method. Only the event loop writes them, so they need none of the library's locks."""

    def __init__(self) -> None:
        self.started = 0
        self.sent = 0
        self.handled = Counter({code.name: 0 for code in StatusCode})
        self.slots = [0] * (len(_BOUNDS) + 1)
        self.seconds = 0.0


class Tallies(Collector):
    """Every method's tally, as metrics."""

    def __init__(self) -> None:
        self._tallies: dict[Method, Tally] = {}

    def of(self, method: Method) -> Tally:
        """The tally of a method."""
        return self._tallies.setdefault(method, Tally())

    def collect(self) -> Iterator[Metric]:
        """What a scrape gets."""
        started = CounterMetricFamily("grpc_server_started", "Calls started.", labels=_METHOD)
        received = CounterMetricFamily("grpc_server_msg_received", "Messages received.", labels=_METHOD)
        sent = CounterMetricFamily("grpc_server_msg_sent", "Messages sent.", labels=_METHOD)
        handled = CounterMetricFamily("grpc_server_handled", "Calls ended, by code.", labels=[*_METHOD, "grpc_code"])
        seconds = HistogramMetricFamily("grpc_server_handling_seconds", "Time to answer a call.", labels=_METHOD)
        for method, tally in self._tallies.items():
            labels = _labels(method)
            started.add_metric(labels, tally.started)
            received.add_metric(labels, tally.started)  # but for reflection, every method takes one request
            sent.add_metric(labels, tally.sent)
            for code, count in list(tally.handled.items()):  # the scrape has a thread of its own
                handled.add_metric([*labels, code], count)
            seconds.add_metric(labels, _buckets(tally), tally.seconds)
        yield from (started, received, sent, handled, seconds)


TALLIES = Tallies()
REGISTRY.register(TALLIES)


def counting_started(method: Method) -> Check:
    """Counts calls, and their one request each, as they come in."""
    tally = TALLIES.of(method)

    def check(_: Call) -> None:
        tally.started += 1

    return check


def monitoring(method: Method) -> Observer:
    """Counts calls by method and code and refusals by reason, and times them."""
    tally = TALLIES.of(method)
    handled, slots = tally.handled, tally.slots

    def observe(_: Call, outcome: Outcome) -> None:
        handled[outcome.code] += 1
        slots[bisect_left(_BOUNDS, outcome.seconds)] += 1
        tally.seconds += outcome.seconds
        if outcome.reason:
            REFUSED.labels(outcome.reason).inc()

    return observe


def counting_refused(method: Method, reason: str) -> Callable[[], None]:
    """Counts one call that no policy has seen."""
    tally, refused, code = TALLIES.of(method), REFUSED.labels(reason), "RESOURCE_EXHAUSTED"

    def count() -> None:
        tally.started += 1
        tally.handled[code] += 1
        tally.slots[0] += 1
        refused.inc()

    return count


def counting_sent(method: Method) -> Callable[[], None]:
    """Counts one answer."""
    tally = TALLIES.of(method)

    def count() -> None:
        tally.sent += 1

    return count


def _buckets(tally: Tally) -> list[tuple[str, float]]:
    return list(zip([*map(str, _BOUNDS), "+Inf"], accumulate(tally.slots), strict=True))


def _labels(method: Method) -> tuple[str, str, str]:
    return "server_stream" if method.streaming else "unary", method.service, method.name
