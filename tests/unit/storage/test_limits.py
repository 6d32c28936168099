"""The rules of plausibility on both databases: cooldown, caps and sign-in, held in the award's own transaction."""

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorewire_server.errors import CapReached, Cooldown, Refusal, TooSoonAfterSignIn
from scorewire_server.storage.database import Database
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.records import Appended, Cap, Limited, Limits, NewAward, Recorded
from tests.awards import check_ledger, new_award

NOW = 1_800_000_000_000
SECOND = 1_000


def limited(limits: Limits, at: int = NOW, user_id: str = "ada", points: int = 1, **others: object) -> NewAward:
    """An award that is earned and given at the same moment."""
    signed_in_at = others.pop("signed_in_at", None)
    values = {"awarded_at": at} | others
    return new_award(user_id, points, limited=Limited(limits, at, signed_in_at), **values)


def given_to(appended: Appended) -> list[bool]:
    return [isinstance(each, Recorded) and each.fresh for each in appended.recorded]


def refused(appended: Appended) -> Refusal:
    (refusal,) = appended.recorded
    assert isinstance(refusal, Refusal)
    return refusal


@pytest.fixture
def give(ledger) -> Callable[..., Appended]:
    return lambda *awards: ledger.append(awards, {})


COOLDOWN = Limits(cooldown=5 * SECOND)
THREE = Limits(caps=(Cap(60 * SECOND, awards=3),))
TEN_POINTS = Limits(caps=(Cap(60 * SECOND, points=10),))


@pytest.mark.parametrize(
    ("after", "counts"), [(0, False), (1, False), (4999, False), (5000, True), (60_000, True)], ids=str
)
def test_a_cooldown_keeps_awards_apart(give, database_url, after, counts):
    assert given_to(give(limited(COOLDOWN))) == [True]
    appended = give(limited(COOLDOWN, NOW + after))
    assert given_to(appended) == [counts]
    assert len(check_ledger(database_url)) == 1 + counts
    if not counts:
        refusal = refused(appended)
        assert isinstance(refusal, Cooldown)
        assert refusal.metadata == {"actionType": "dice.roll", "notBefore": "2027-01-15T08:00:05.000Z"}
        assert refusal.retry_after == (5000 - after) / 1000


def test_limits_are_of_one_user_and_one_action_type(give):
    give(limited(COOLDOWN))
    others = [limited(COOLDOWN, user_id="bob"), limited(COOLDOWN, action_type="quiz.answer")]
    assert given_to(give(*others)) == [True, True]


def test_within_a_batch_earlier_awards_count(give, database_url):
    batch = [limited(COOLDOWN), limited(COOLDOWN, NOW + 1), limited(COOLDOWN, user_id="bob")]
    assert given_to(give(*batch)) == [True, False, True]
    assert given_to(give(*[limited(THREE, user_id="eve") for _ in range(5)])) == [True, True, True, False, False]
    check_ledger(database_url)


def test_a_cap_of_awards_slides(give):
    for after in (0, 10, 20):
        assert given_to(give(limited(THREE, NOW + after * SECOND))) == [True]
    refusal = refused(give(limited(THREE, NOW + 59 * SECOND)))
    assert isinstance(refusal, CapReached)
    assert (refusal.retry_after, refusal.metadata["perSeconds"]) == (1.0, "60")
    assert given_to(give(limited(THREE, NOW + 60 * SECOND))) == [True]
    assert refused(give(limited(THREE, NOW + 60 * SECOND))).retry_after == 10.0


def test_a_cap_of_points_counts_what_is_given_and_not_what_is_taken(give):
    for points in (6, -5, 4):
        assert given_to(give(limited(TEN_POINTS, points=points))) == [True]
    assert isinstance(refused(give(limited(TEN_POINTS, points=1))), CapReached)
    assert given_to(give(limited(TEN_POINTS, points=-1), limited(TEN_POINTS, points=0))) == [True, True]


def test_each_cap_is_held(give):
    both = Limits(caps=(Cap(SECOND, awards=2), Cap(60 * SECOND, awards=4)))
    assert given_to(give(*[limited(both) for _ in range(3)])) == [True, True, False]
    assert given_to(give(*[limited(both, NOW + SECOND) for _ in range(3)])) == [True, True, False]
    assert refused(give(limited(both, NOW + 2 * SECOND))).metadata["perSeconds"] == "60"


@pytest.mark.parametrize(
    ("signed_in_at", "counts"),
    [(None, True), (NOW - 3 * SECOND, True), (NOW - 3 * SECOND + 1, False), (NOW + SECOND, False)],
    ids=["not known", "long enough ago", "too recent", "in the future"],
)
def test_after_the_sign_in_some_time_must_pass(give, signed_in_at, counts):
    appended = give(limited(Limits(after_sign_in=3 * SECOND), signed_in_at=signed_in_at))
    assert given_to(appended) == [counts]
    if not counts:
        refusal = refused(appended)
        assert isinstance(refusal, TooSoonAfterSignIn)
        assert refusal.retry_after == (signed_in_at + 3 * SECOND - NOW) / SECOND


ALL = Limits(5 * SECOND, 3 * SECOND, (Cap(60 * SECOND, awards=1, points=1),))


def test_a_repeat_is_never_refused(give):
    award = limited(ALL)
    assert given_to(give(award)) == [True]
    (again,) = give(award).recorded
    (late,) = give(award._replace(limited=Limited(ALL, NOW, NOW))).recorded
    assert [again.fresh, late.fresh] == [False, False]


def test_a_refused_award_may_be_asked_for_again(give, database_url):
    give(limited(COOLDOWN))
    award = limited(COOLDOWN, NOW + SECOND)
    assert given_to(give(award)) == [False]
    assert given_to(give(award._replace(limited=Limited(COOLDOWN, NOW + 5 * SECOND)))) == [True]
    check_ledger(database_url)


def test_what_is_delivered_late_counts_from_when_it_was_earned(give):
    """As the relay does after an outage: out of order, all at once, and each long after it was earned."""
    late = NOW + 3600 * SECOND
    assert given_to(give(limited(COOLDOWN, late))) == [True]
    earned = [NOW + number * 5 * SECOND for number in (4, 0, 2, 1, 3)]
    assert given_to(give(*[limited(COOLDOWN, at, awarded_at=late) for at in earned])) == [True] * 5
    between = [limited(COOLDOWN, NOW + after, awarded_at=late) for after in (1, 7 * SECOND, 24 * SECOND)]
    assert given_to(give(*between)) == [False] * 3


def test_awards_without_limits_are_not_looked_at(give):
    free = [new_award("ada") for _ in range(4)]
    assert given_to(give(*free)) == [True] * 4
    assert given_to(give(limited(THREE))) == [True]


@pytest.mark.parametrize(
    ("limits", "most"), [(THREE, 3), (TEN_POINTS, 10), (COOLDOWN, 1)], ids=["awards", "points", "one"]
)
def test_writers_at_the_same_time_give_exactly_the_cap(database, database_url, limits, most):
    """Two ledgers, as two servers would be if the lock had failed: the database itself keeps the cap."""
    counts: list[int] = []
    gate = threading.Barrier(4)

    def write() -> None:
        other = Database(database_url)
        gate.wait()
        awards = [limited(limits, NOW + number) for number in range(10)]
        counts.extend(sum(given_to(Ledger(other).append([award], {}))) for award in awards)
        other.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(counts), sum(counts)) == (40, most)
    assert len(check_ledger(database_url)) == most


def test_only_limited_awards_are_in_the_index(give, database):
    give(new_award("ada"), limited(THREE))
    with database.reading() as connection:
        acted_at = connection.execute(sa.text("SELECT acted_at FROM awards ORDER BY position")).scalars()
        assert list(acted_at) == [None, NOW]


def plainly(awards: list[tuple[str, int, int]], limits: Limits) -> list[bool]:
    """The rules as one would say them: one award after the other, against all that count."""
    counting: list[tuple[str, int, int]] = []
    outcome = []
    for user_id, at, points in awards:
        own = [(when, worth) for user, when, worth in counting if user == user_id]
        allowed = all(abs(at - when) >= limits.cooldown for when, _ in own)
        for cap in limits.caps:
            inside = [worth for when, worth in own if when > at - cap.per]
            allowed &= cap.awards is None or len(inside) < cap.awards
            gained = sum(max(worth, 0) for worth in inside) + points
            allowed &= cap.points is None or points <= 0 or gained <= cap.points
        outcome.append(allowed)
        if allowed:
            counting.append((user_id, at, points))
    return outcome


TIMES = st.integers(0, 40).map(lambda step: NOW + step * 500)
BATCHES = st.lists(
    st.lists(st.tuples(st.sampled_from(["ada", "bob"]), TIMES, st.integers(-2, 4)), min_size=1, max_size=6),
    min_size=1,
    max_size=6,
)
LIMITS = st.sampled_from(
    [
        Limits(cooldown=1500),
        Limits(caps=(Cap(4000, awards=3),)),
        Limits(cooldown=500, caps=(Cap(3000, points=6), Cap(9000, awards=5, points=12))),
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES, limits=LIMITS)
def test_any_batches_are_judged_as_the_rules_say(database, ledger, batches, limits):
    with database.writing() as connection:
        for table in ("awards", "standings"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.execute(sa.text("UPDATE ledger SET position = 0, hash = :hash"), {"hash": bytes(32)})
    given = []
    for batch in batches:
        awards = [limited(limits, at, user_id, points) for user_id, at, points in batch]
        given += given_to(ledger.append(awards, {}))
    assert given == plainly([award for batch in batches for award in batch], limits)
