"""How many unary calls get any further at a time, for each server and port.

A cluster's circuit breaker would refuse what comes on top too, but at the very end of the way, for a quarter more.
Envoy's filter adapts its limit to how long calls take. A shortest time that no call ever exceeds keeps it where it is.
"""

from scorewire_server.gateway.typed import DISABLED, Json, extension
from scorewire_server.gateway.upstreams import ACTION, BATCH, INTERNAL, SCORE

REFUSED = 507
"""The HTTP status of what is refused, which nothing else here answers; callers get another one (`problems.py`)."""

_MESSAGE = "filters.http.adaptive_concurrency.v3.AdaptiveConcurrency"
_LONGER_THAN_ANY = "3600s"
_SELDOM = "60s"
_LIMITED = (ACTION, SCORE, INTERNAL, BATCH)


def concurrency_limit(cluster: str, most_calls: int) -> Json:
    """The filter for a cluster."""
    limit = {
        "concurrency_limit_params": {"max_concurrency_limit": most_calls, "concurrency_update_interval": _SELDOM},
        # The limit begins at the least, which is the most too.
        "min_rtt_calc_params": {"fixed_value": _LONGER_THAN_ANY, "min_concurrency": most_calls},
    }
    always = {"default_value": True, "runtime_key": "unused"}
    status = {"code": REFUSED}
    controller = {"gradient_controller_config": limit}
    return extension(_name(cluster), _MESSAGE, enabled=always, concurrency_limit_exceeded_status=status, **controller)


def of_limited(cluster: str | None) -> Json:
    """What a route to that cluster has, and one that has no limit: no filter for others."""
    return {_name(other): DISABLED for other in _LIMITED if other != cluster}


def unlimited(route: Json) -> Json:
    """The route, without a limit where it says nothing of any."""
    of_none, filters = of_limited(None), route.get("typed_per_filter_config", {})
    return {**route, "typed_per_filter_config": (of_none if of_none.keys().isdisjoint(filters) else {}) | filters}


def _name(cluster: str) -> str:
    return f"scorewire.concurrency.{cluster}"
