"""Places for watches: counted, bounded, and all given up in a drain, each with a time of its own to come back."""

import pytest

from scorewire_server.errors import Draining, TooManyWatches
from scorewire_server.score.places import WATCHERS, Places


class Sent:
    """Somebody who has a place, and what it is told."""

    told: Draining | None = None

    def end(self, draining: Draining) -> None:
        self.told = draining


def test_open_watches_are_counted_and_no_more_than_there_are_places_for():
    before, places, one = WATCHERS._value.get(), Places(1, 1), Sent()
    places.take(one, None)
    assert WATCHERS._value.get() == before + 1
    with pytest.raises(TooManyWatches):
        places.take(Sent(), None)
    places.leave(one, None)
    assert WATCHERS._value.get() == before
    places.take(Sent(), None)


def test_an_address_has_places_of_its_own():
    places, one = Places(10, 1), Sent()
    places.take(one, "192.0.2.1")
    with pytest.raises(TooManyWatches):
        places.take(Sent(), "192.0.2.1")
    places.take(Sent(), "192.0.2.2")
    places.leave(one, "192.0.2.1")
    places.take(Sent(), "192.0.2.1")
    assert dict(places._taken_of) == {"192.0.2.1": 1, "192.0.2.2": 1}


def test_a_refused_watch_has_taken_nothing():
    before, places = WATCHERS._value.get(), Places(10, 1)
    places.take(Sent(), "192.0.2.1")
    for _ in range(3):
        with pytest.raises(TooManyWatches):
            places.take(Sent(), "192.0.2.1")
    assert (WATCHERS._value.get() - before, places._taken_of["192.0.2.1"]) == (1, 1)


@pytest.mark.parametrize("count", [1, 100, 1_000, 20_000])
def test_those_who_are_sent_away_come_back_at_a_rate_that_a_server_can_take(count):
    watches, places = [Sent() for _ in range(count)], Places(count, count)
    for watch in watches:
        places.take(watch, None)
    places.end()
    back = sorted(watch.told.retry_after for watch in watches)
    longest = 0.5 + min(max(1.0, count / 500), 30.0)
    assert back[0] >= 0.5
    assert back[-1] <= longest
    # In no second come many more than in the others.
    most = max(500, count / 30)
    for second in range(int(longest) + 1):
        assert sum(second <= each < second + 1 for each in back) < most * 1.5


def test_who_comes_in_a_drain_is_sent_away():
    places, late = Places(10, 10), Sent()
    places.end()
    places.take(late, None)
    assert late.told
