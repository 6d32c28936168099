"""The memory of a limit: bounded however many call, and on a clock of ours; the library's own is neither.

`limits` has the strategy and the notation, and takes any storage. `cachetools` forgets who has not called for a whole
window, and when all places are taken who has not called for longest.
"""

from cachetools import TTLCache
from limits.storage import MovingWindowSupport, Storage

from scorewire_server.clock import Clock


class Windows(Storage, MovingWindowSupport):
    """When each of the last `most` keys was taken, for one limit of `seconds`."""

    def __init__(self, seconds: int, most: int, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        # A second longer than the window, so that forgetting never decides whether there is room.
        self._taken: TTLCache[str, list[float]] = TTLCache(most, seconds + 1, timer=clock)

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._taken)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Takes `amount` where no more than `limit` are taken within `expiry` seconds."""
        if amount > limit:
            return False
        now, taken = self._clock(), self._taken.get(key, [])
        first = len(taken) + amount - limit
        if first > 0 and taken[first - 1] > now - expiry:
            return False
        del taken[: max(first, 0)]
        taken.extend([now] * amount)
        self._taken[key] = taken
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002
        """When the first of those within the last `expiry` seconds was taken, and how many they are."""
        now = self._clock()
        within = [at for at in self._taken.get(key, []) if at > now - expiry]
        return (within[0] if within else now), len(within)

    @property
    def base_exceptions(self) -> type[Exception]:
        """Of the library: what this storage raises."""
        return ValueError

    def clear(self, key: str) -> None:
        """Forgets a key."""
        self._taken.pop(key, None)

    def reset(self) -> int:
        """Forgets every key; answers how many there were."""
        forgotten = len(self._taken)
        self._taken.clear()
        return forgotten

    def check(self) -> bool:
        """Of the library: memory is always there."""
        return True

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Of the library, for windows that do not move; there are none here."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        """Of the library, for windows that do not move; there are none here."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Of the library, for windows that do not move; there are none here."""
        raise NotImplementedError
