"""Each signal: what makes it fire, what looks like it and does not, and what it adds up to."""

from collections.abc import Callable, Iterator
from itertools import count
from random import Random
from typing import Any

import pytest

from scorewire_server.detection.detector import Detector, Thresholds
from scorewire_server.detection.records import Finding, Seen
from scorewire_server.detection.signals import SIGNALS
from scorewire_server.tokens.origin import address_mark

NOW = 1_800_000_000_000
HOME, OTHER = "192.0.2.1", "198.51.100.7"


class Watched(Detector):
    """A detector that remembers what it says."""

    def __init__(self, **thresholds: Any) -> None:
        self.findings: list[Finding] = []
        self.verdicts: list[tuple[str, str, str]] = []
        super().__init__(
            Thresholds(**thresholds),
            self.findings.append,
            lambda user, verdict, why, _: self.verdicts.append((user, verdict, why)),
        )

    def fired(self, user_id: str | None = "ada") -> list[str]:
        return [finding.signal.name for finding in self.findings if finding.user_id == user_id]


_ids = count()


def seen(at: float = 0.0, user_id: str = "ada", address: str | None = HOME, **others: Any) -> Seen:
    """An award, so many seconds later; its ticket was for an action from the same address or another one."""
    award_id, acted_from = f"award-{next(_ids)}", others.pop("acted_from", address)
    mark = address_mark(award_id, acted_from) if acted_from else None
    now = NOW + round(at * 1000)
    return Seen(user_id, award_id, "game.level", now, now, address, mark, **({"bound": False} | others))


@pytest.fixture
def detector() -> Watched:
    return Watched()


def times(pauses: Iterator[float], number: int) -> Iterator[float]:
    now = 0.0
    for _ in range(number):
        yield now
        now += next(pauses)


def human(seed: int, seconds: float = 1.0, spread: float = 0.3) -> Iterator[float]:
    random = Random(seed)
    while True:
        yield max(random.gauss(seconds, seconds * spread), 0.05)


def evenly(seconds: float) -> Iterator[float]:
    while True:
        yield seconds


def test_an_ordinary_user_shows_nothing(detector):
    random = Random(1)
    for at in times(human(1), 500):
        detector.awarded(seen(at, bound=random.random() < 0.3))
    assert detector.findings == []


def test_a_lost_answer_is_no_replay_and_many_are(detector):
    detector.replayed(seen(0))
    detector.replayed(seen(1))
    assert detector.fired() == []
    for at in range(60):
        detector.replayed(seen(20 + at / 2))
    assert set(detector.fired()) == {"ticket_replay"}
    assert len(detector.findings) < 15, "a flood of the same is a handful of findings"
    assert detector.verdicts[0][:2] == ("ada", "quarantine")
    assert "tickets that had counted came again within 10 s" in detector.verdicts[0][2]


def test_who_presents_a_stolen_ticket_frames_nobody(detector):
    for at in range(100):
        detector.replayed(seen(at, acted_from=HOME, address=OTHER))
        detector.mismatched(seen(at, acted_from=HOME, address=OTHER))
    assert detector.fired() == []


def test_a_ticket_with_other_data_is_proof(detector):
    for at in range(3):
        detector.mismatched(seen(at * 11))
    assert [verdict for _, verdict, _ in detector.verdicts] == ["quarantine"]
    for at in range(3, 12):
        detector.mismatched(seen(at * 11))
    assert detector.verdicts[-1][1] == "block"


def test_a_forged_ticket_speaks_against_its_address_alone(detector):
    for at in range(100):
        detector.forged(HOME, "TICKET_SIGNATURE_INVALID", NOW + at * 500)
    assert detector.verdicts == []
    assert {finding.user_id for finding in detector.findings} == {None}
    assert [finding.why.partition(" came")[0] for finding in detector.findings[:2]] == [
        "1 forged ticket",
        "2 forged tickets",
    ]
    assert [finding.address for finding in detector.findings if finding.signal.name == "address_flagged"] == [HOME]
    detector.awarded(seen(60))
    assert detector.suspicion("ada", NOW + 60_000) == 0.0


def test_a_user_may_have_two_addresses(detector):
    """As one whose actions go by IPv4 and whose tickets by IPv6, always."""
    for at in range(100):
        detector.awarded(seen(at * 1.3 + at % 7 / 10, acted_from=HOME, address=OTHER if at % 3 else HOME))
    assert detector.fired() in ([], ["ticket_moved"])


@pytest.mark.parametrize("elsewhere", [OTHER, HOME], ids=["a way of its own", "a thief of every ticket"])
def test_tickets_that_always_turn_up_at_the_same_other_address_bring_nobody_down(detector, elsewhere):
    """As one whose calls to the two servers take two ways, or as one whose tickets somebody redeems for it."""
    acted_from = HOME if elsewhere == OTHER else "192.0.2.99"
    for at in range(200):
        detector.awarded(seen(at * 1.3 + at % 7 / 10, acted_from=acted_from, address=elsewhere))
    assert detector.verdicts == []


def test_tickets_that_turn_up_all_over_the_world_are_suspicious(detector):
    for at in range(100):
        detector.awarded(seen(at * 1.3 + at % 7 / 10, acted_from=HOME, address=f"198.51.100.{at}"))
    assert detector.suspicion("ada", NOW + 130_000) > 100


@pytest.mark.parametrize(("per_second", "is_suspicious"), [(5, False), (15, True)], ids=["quick", "too quick"])
def test_a_quick_hand_is_fine_and_ten_hands_are_not(detector, per_second, is_suspicious):
    for at in times(human(2, 1 / per_second), 40 * per_second):
        detector.awarded(seen(at))
    assert ("velocity_population" in detector.fired()) == is_suspicious
    assert bool(detector.verdicts) == is_suspicious


def test_where_everybody_is_quick_quick_is_not_suspicious():
    detector = Watched()
    hands = [(human(number, 1 / 8), f"user-{number}", f"10.0.0.{number}") for number in range(100)]
    for at, user_id, address in sorted((at, *whose) for hand, *whose in hands for at in times(hand, 300)):
        detector.awarded(seen(at, user_id=user_id, address=address, bound=None))
    assert detector.verdicts == []


def test_a_user_that_suddenly_plays_ten_times_as_much(detector):
    for window in range(40):
        detector.awarded(seen(window * 10 + window % 3))
        detector.awarded(seen(window * 10 + 4 + window % 5))
    for at in times(human(3, 0.2), 45):
        detector.awarded(seen(500 + at))
    assert detector.fired() == ["velocity_own"]
    assert "where this user has had 2.0" in detector.findings[0].why


@pytest.mark.parametrize(
    ("pauses", "is_suspicious"),
    [
        pytest.param(evenly(2.0), True, id="a timer"),
        pytest.param(human(4, 2.0, 0.025), True, id="a timer that varies a little"),
        pytest.param(human(5, 1.0, 0.07), False, id="a hand with rhythm"),
        pytest.param(human(6, 0.3, 0.05), False, id="a fast hand with rhythm"),
        pytest.param(human(7, 2.0, 0.3), False, id="a hand"),
    ],
)
def test_intervals_of_a_machine(detector, pauses, is_suspicious):
    for at in times(pauses, 200):
        detector.awarded(seen(at))
    assert ("regular_intervals" in detector.fired()) == is_suspicious
    assert bool(detector.verdicts) == is_suspicious


@pytest.mark.parametrize(("skill", "is_suspicious"), [(1.0, True), (0.7, False), (0.3, False)], ids=str)
def test_always_the_most_points(detector, skill, is_suspicious):
    random = Random(9)
    for at in times(human(8, 1.5), 150):
        detector.awarded(seen(at, bound=random.random() < skill))
    assert ("always_bound" in detector.fired()) == is_suspicious


def test_where_all_have_the_most_points_that_is_not_suspicious():
    detector = Watched()
    pauses = [human(number, 1.5) for number in range(200)]
    for step in range(100):
        for number, pause in enumerate(pauses):
            at = step * 1.5 + next(pause) / 10
            detector.awarded(seen(at, user_id=f"user-{number}", address=f"10.0.0.{number}", bound=True))
    assert len({user for user, _, _ in detector.verdicts}) <= 10


@pytest.mark.parametrize("bound", [None], ids=["always the same points"])
def test_awards_that_all_give_the_same_are_not_looked_at_for_habits(detector, bound):
    for at in times(evenly(5.0), 300):
        detector.awarded(seen(at, bound=bound))
    assert detector.findings == []


def test_a_service_that_awards_in_bulk_is_nobodys_hand(detector):
    for at in times(evenly(0.001), 5000):
        detector.awarded(seen(at, address=None, bound=True))
        detector.limited(seen(at, address=None), "COOLDOWN")
    assert detector.findings == []


def farm_of(detector: Watched, users: int, pause: Callable[[], float]) -> None:
    at = 0.0
    for turn in range(40 * users):
        detector.awarded(seen(at, user_id=f"bot-{turn % users}"))
        at += pause()


def test_accounts_that_one_script_plays_in_turn(detector):
    random = Random(11)
    farm_of(detector, 4, lambda: 0.6 + random.uniform(-0.03, 0.03))
    assert {user for user, _, _ in detector.verdicts} == {f"bot-{number}" for number in range(4)}
    assert "shared_address" in detector.fired("bot-2")
    assert any("users of this address act like machines" in why for _, _, why in detector.verdicts)


def test_an_office_of_two_hundred_beside_a_cheater_is_left_alone(detector):
    """All behind one address, with one who clicks too fast, and one who sends forged tickets and plays with its own."""
    hands = [(human(number, 2.5, 0.35), f"office-{number}") for number in range(200)]
    awards = [(at, user) for hand, user in hands for at in times(hand, 40)]
    awards += [(at, "clicker") for at in times(human(999, 0.06), 1500)]
    for at, user in sorted(awards):
        detector.awarded(seen(at, user_id=user))
        detector.forged(HOME, "TICKET_SIGNATURE_INVALID", NOW + round(at * 1000))
    for at in range(30):
        detector.mismatched(seen(at, user_id="forger"))
    assert {user for user, _, _ in detector.verdicts} == {"clicker", "forger"}


def test_two_at_home_who_play_together_are_left_alone(detector):
    random = Random(12)
    at = 0.0
    for turn in range(400):
        detector.awarded(seen(at, user_id=f"sibling-{turn % 2}"))
        at += random.uniform(0.5, 3.0)
    assert detector.verdicts == []


def test_refusals_by_rule_weigh_when_they_are_more_than_a_person_asks_for(detector):
    for at in times(human(13, 0.5), 60):
        detector.limited(seen(at), "COOLDOWN")
    assert detector.fired() == []
    for at in times(evenly(0.02), 1000):
        detector.limited(seen(100 + at), "COOLDOWN")
    assert set(detector.fired()) == {"rule_refusals"}
    assert "the last for COOLDOWN" in detector.findings[0].why


def test_what_many_show_is_the_fault_of_their_client():
    """A new version of a client changes the action data before it sends it, for everybody."""
    detector = Watched()
    for at in range(5):
        for number in range(400):
            detector.mismatched(seen(at * 11, user_id=f"user-{number}", address=f"10.0.{number % 2}.{number // 2}"))
    assert len({user for user, _, _ in detector.verdicts}) <= 20
    assert detector.findings[-1].weight == 0.0


def test_statistics_alone_never_block(detector):
    for at in times(evenly(0.05), 20 * 600):
        detector.awarded(seen(at, bound=True))
    assert detector.suspicion("ada", NOW + 600_000) > 300
    assert {verdict for _, verdict, _ in detector.verdicts} == {"quarantine"}


def test_suspicion_is_half_after_a_half_life():
    detector = Watched(half_life=60_000.0)
    detector.mismatched(seen(0))
    weight = SIGNALS["ticket_mismatch"].weight
    assert [round(detector.suspicion("ada", NOW + after * 1000) / weight, 3) for after in (0, 60, 120)] == [
        1.0,
        0.5,
        0.25,
    ]
    for hour in range(1, 100):
        detector.mismatched(seen(hour * 3600))
    assert detector.verdicts == []


def test_what_was_found_before_the_start_counts_on():
    before, after = Watched(), Watched()
    for at in range(2):
        before.mismatched(seen(at * 11))
    after.recall(before.findings)
    assert after.suspicion("ada", NOW + 11_000) == before.suspicion("ada", NOW + 11_000) > 0
    assert after.verdicts == []
    after.mismatched(seen(22))
    assert after.verdicts[0][1] == "quarantine"


def test_a_release_forgets_what_led_to_the_quarantine(detector):
    for at in range(4):
        detector.mismatched(seen(at * 11))
    detector.pardon("ada")
    assert detector.suspicion("ada", NOW + 44_000) == 0.0
    verdicts = len(detector.verdicts)
    detector.mismatched(seen(44))
    assert len(detector.verdicts) == verdicts


def test_memory_is_bounded():
    detector = Watched(users=100, addresses=50)
    for number in range(10_000):
        detector.awarded(seen(number / 100, user_id=f"user-{number}", address=f"10.0.{number // 250}.{number % 250}"))
        detector.forged(f"10.1.{number // 250}.{number % 250}", "TICKET_KEY_UNKNOWN", NOW)
    assert (len(detector._users), len(detector._addresses)) == (100, 50)


def test_a_forgotten_user_shows_nothing_any_more():
    detector = Watched(users=20, few=1)
    for number in range(200):
        detector.mismatched(seen(number, user_id=f"user-{number}", address=HOME))
    assert detector._showing["ticket_mismatch"] <= 20


def test_every_reason_is_one_line(detector):
    for at in times(evenly(0.05), 2000):
        detector.awarded(seen(at, bound=True))
    assert detector.findings
    assert all("\n" not in finding.why and len(finding.why) < 200 for finding in detector.findings)
