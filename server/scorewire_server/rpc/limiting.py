"""How many calls of a method are taken in a time, from one user, address or service."""

from collections.abc import Mapping, Sequence

import structlog
from limits import RateLimitItem, parse_many
from limits.strategies import MovingWindowRateLimiter
from prometheus_client import Counter

from scorewire_server.clock import Clock
from scorewire_server.errors import RateLimited
from scorewire_server.mistakes import meant
from scorewire_server.rpc.allow import Service, SettingsMistake
from scorewire_server.rpc.limit import NO_LIMIT, By, Limit
from scorewire_server.rpc.windows import Windows

log = structlog.get_logger()
LIMITED = Counter("scorewire_rate_limited", "Calls refused by a rate limit.", ["method", "limit"])
TOLD_EVERY_SECONDS = 10.0


class MethodLimits:
    """The limits of one method; a call is taken where each of them has room."""

    def __init__(self, path: str, by: By, items: Sequence[RateLimitItem], places: int, clock: Clock) -> None:
        self.by = by
        self._path = path
        self._items = items
        self._places = places
        self._clock = clock
        self._limits = [(item, MovingWindowRateLimiter(Windows(item.get_expiry(), places, clock))) for item in items]
        self._counts = {item: LIMITED.labels(path, str(item)) for item in items}
        self._refused = 0
        self._tell_at = 0.0

    def apart(self, by: By) -> "MethodLimits":
        """As many calls again, counted together as `by` says."""
        return MethodLimits(self._path, by, self._items, self._places, self._clock)

    def take(self, key: str) -> None:
        """Counts a call of `key`. Raises RateLimited, and counts nothing, where there is no room."""
        (first, limiter), *others = self._limits
        for item, other in others:
            if not other.test(item, key):
                raise self._refusal(item, other, key)
        if not limiter.hit(first, key):
            raise self._refusal(first, limiter, key)
        for item, other in others:
            other.hit(item, key)

    def _refusal(self, item: RateLimitItem, limiter: MovingWindowRateLimiter, key: str) -> RateLimited:
        self._counts[item].inc()
        self._tell(item, key)
        wait = max(limiter.get_window_stats(item, key).reset_time - self._clock(), 0.001)
        return RateLimited(
            f"this {self.by.value} may call {self._path} {item.amount} times in {item.get_expiry()} seconds; "
            "nothing was done, call again when RetryInfo says",
            retry_after=wait,
            limit=item.amount,
            window=item.get_expiry(),
            method=self._path,
        )

    def _tell(self, item: RateLimitItem, key: str) -> None:
        """One line for the first refusal, and then one each ten seconds at most: who floods shall not flood the log."""
        self._refused += 1
        now = self._clock()
        if now >= self._tell_at:
            log.warning(
                "rate limited", method=self._path, limit=str(item), calls=self._refused, last={self.by.value: key}
            )
            self._refused, self._tell_at = 0, now + TOLD_EVERY_SECONDS


def limits_of(
    services: Sequence[Service], settings: Mapping[str, str], places: int, clock: Clock
) -> dict[str, MethodLimits]:
    """The limits of each method that has any, by its path.

    `settings` has limits by path, in the notation of the library, such as `20/second; 600/minute`, or `none`; each
    limit remembers `places` callers. Raises SettingsMistake, with every limit that is none.
    """
    defaults = {
        path: service.limits.get(path.rpartition("/")[2], Limit(By.CALLER))
        for service in services
        for path in service.methods()
    }
    mistakes = [mistake for path, most in settings.items() if (mistake := _mistake(path, most, defaults))]
    if mistakes:
        raise SettingsMistake("\n  ".join(["`limits` has what cannot be meant:", *mistakes]))
    chosen = {path: (limit.by, settings.get(path, limit.most)) for path, limit in defaults.items()}
    return {
        path: MethodLimits(path, by, parse_many(most), places, clock)
        for path, (by, most) in chosen.items()
        if most != NO_LIMIT
    }


def _mistake(path: str, most: str, paths: Mapping[str, Limit]) -> str | None:
    if path not in paths:
        near = meant(path, paths)
        return f"{path}: no such method" + (f"; did you mean {near}?" if near else "")
    if most == NO_LIMIT:
        return None
    try:
        items = parse_many(most)
    except ValueError:
        items = []
    if not items or any(item.amount < 1 or item.get_expiry() < 1 for item in items):
        return f'{path}: {most!r} is no limit; write "600/minute", "20/second; 600/minute", or "none"'
    return None
