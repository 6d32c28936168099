"""Limits: no window has more than is allowed, refusals count for nothing, and the memory is bounded."""

import psutil
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from scorewire_server.errors import RateLimited
from scorewire_server.rpc.allow import Service, SettingsMistake
from scorewire_server.rpc.limit import By, Limit
from scorewire_server.rpc.limiting import MethodLimits, limits_of
from scorewire_server.rpc.windows import Windows
from tests.clocks import SetClock

SCORES = "scorewire.score.v1.ScoreService"
PATH = f"{SCORES}/GetStanding"
SERVICES = [
    Service(SCORES, lambda _, __: None, None, [], limits={"GetStanding": Limit(By.ADDRESS, "3/minute")}),
    Service("scorewire.score.v1.ScoreInternalService", lambda _, __: None, None, []),
]


def limits(most: str, clock: SetClock, places: int = 100) -> MethodLimits:
    return limits_of(SERVICES, {PATH: most}, places, clock)[PATH]


def taken(limit: MethodLimits, key: str = "ada") -> bool:
    try:
        limit.take(key)
    except RateLimited:
        return False
    return True


@settings(deadline=None)
@example([1.0313629785216962, 10.0], 1)  # the end of a window, to the last bit
@given(st.lists(st.floats(min_value=0, max_value=30), max_size=60), st.integers(min_value=1, max_value=5))
def test_no_window_has_more_than_the_limit_and_none_that_has_room_is_refused(pauses, most):
    clock = SetClock(0.0)
    limit, accepted = limits(f"{most}/10 seconds", clock), []
    for pause in pauses:
        clock.forward(pause)
        within = [at for at in accepted if at > clock.now - 10]
        assert taken(limit) == (len(within) < most)
        if len(within) < most:
            accepted.append(clock.now)


def test_who_waits_as_long_as_it_is_told_is_taken_and_not_before():
    clock = SetClock()
    limit = limits("2/minute", clock)
    limit.take("ada")
    clock.forward(10)
    limit.take("ada")
    clock.forward(5)
    with pytest.raises(RateLimited) as refused:
        limit.take("ada")
    assert refused.value.retry_after == pytest.approx(45)
    assert refused.value.metadata == {"limit": "2", "window": "60", "method": PATH}
    clock.forward(refused.value.retry_after - 0.01)
    assert not taken(limit)
    clock.forward(0.01)
    assert taken(limit)


def test_of_several_limits_each_holds_and_a_refusal_counts_in_none():
    clock = SetClock()
    limit = limits("2/second; 3/minute", clock)
    assert [taken(limit) for _ in range(5)] == [True, True, False, False, False]
    clock.forward(1)
    assert [taken(limit) for _ in range(2)] == [True, False]
    clock.forward(59)
    assert [taken(limit) for _ in range(3)] == [True, True, False]


def test_keys_do_not_share():
    limit = limits("1/minute", SetClock())
    assert [taken(limit, key) for key in ("ada", "bob", "ada")] == [True, True, False]


def test_a_million_callers_take_no_more_memory_than_the_places_that_there_are():
    clock = SetClock()
    windows = Windows(60, 10_000, clock)
    process, sizes = psutil.Process(), []
    for number in range(1_000_000):
        assert windows.acquire_entry(f"2001:db8::{number:x}", 600, 60)
        if number in (100_000, 999_999):
            sizes.append(process.memory_info().rss)
    assert len(windows) == 10_000
    assert sizes[1] - sizes[0] < 16 * 2**20


def test_who_has_not_called_for_a_window_is_forgotten():
    clock = SetClock()
    windows = Windows(60, 10_000, clock)
    for number in range(100):
        windows.acquire_entry(str(number), 5, 60)
    clock.forward(62)
    windows.acquire_entry("ada", 5, 60)
    assert len(windows) == 1


def test_methods_have_their_defaults_and_the_others_none():
    assert set(limits_of(SERVICES, {}, 10, SetClock())) == {PATH}
    assert limits_of(SERVICES, {PATH: "none"}, 10, SetClock()) == {}
    (limit,) = limits_of(
        SERVICES[1:], {"scorewire.score.v1.ScoreInternalService/ApplyScore": "5/second"}, 10, SetClock()
    ).values()
    assert limit.by is By.CALLER


def test_every_mistake_is_named_at_once():
    wrong = {f"{SCORES}/GetStandin": "1/second", PATH: "often", f"{SCORES}/ListStandings": "0/second"}
    with pytest.raises(SettingsMistake) as stopped:
        limits_of(SERVICES, wrong, 10, SetClock())
    assert f"did you mean {PATH}?" in str(stopped.value)
    assert "'often' is no limit" in str(stopped.value)
    assert "'0/second' is no limit" in str(stopped.value)


def test_a_flood_is_counted_whole_and_told_of_once_in_ten_seconds():
    clock = SetClock()
    limit = limits("1/hour", clock)
    labels = {"method": PATH, "limit": "1 per 1 hour"}
    before = REGISTRY.get_sample_value("scorewire_rate_limited_total", labels) or 0
    limit.take("ada")
    with capture_logs() as lines:
        for _ in range(1000):
            taken(limit)
        clock.forward(10)
        taken(limit)
    assert [(line["event"], line["calls"]) for line in lines] == [("rate limited", 1), ("rate limited", 1000)]
    assert lines[0]["last"] == {"address": "ada"}
    assert REGISTRY.get_sample_value("scorewire_rate_limited_total", labels) == before + 1001
