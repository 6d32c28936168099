"""How the gateway ends: new clients are sent elsewhere, and calls under way are answered."""

import asyncio
from http.client import HTTPException

import structlog

from scorewire_server.gateway.admin import Admin
from scorewire_server.gateway.upstreams import REFLECTION, WATCH

log = structlog.get_logger()

LOOK_SECONDS = 0.05
_REQUESTS = ("http.public.downstream_rq_active", "http.internal.downstream_rq_active")
_STREAMS = tuple(f"cluster.{name}.upstream_rq_active" for name in (WATCH, REFLECTION))
_PATTERN = f"^({'|'.join([*_REQUESTS, *_STREAMS])})$"


async def drain(admin: Admin, seconds: float) -> None:
    """Waits until all that is under way are streams, at most `seconds`: they would never end by themselves."""
    try:
        async with asyncio.timeout(seconds):
            await admin.drain()
            while await _calls_under_way(admin):  # noqa: ASYNC110 - Envoy tells nobody
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        log.warning("calls were cut: they took longer than the drain", seconds=seconds)
    except (OSError, HTTPException) as problem:
        log.warning("no drain: envoy does not answer", problem=str(problem))


async def _calls_under_way(admin: Admin) -> bool:
    gauges = await admin.gauges(_PATTERN)
    calls, streams = (sum(gauges.get(name, 0) for name in names) for names in (_REQUESTS, _STREAMS))
    return calls > streams
