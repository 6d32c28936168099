"""Whose room a ticket takes, each time that it comes: its user's once, and then that of the address it comes from."""

import pytest

from scorewire_server.errors import RateLimited
from scorewire_server.rpc.call import Call, Method
from scorewire_server.score import presented
from scorewire_server.score.presented import Presented
from scorewire_server.tokens.keys import LIFETIME
from scorewire_server.tokens.tickets import VerifiedTicket
from tests.clocks import SetClock

METHOD = Method("scorewire.score.v1.ScoreService", "UpdateScore", streaming=False)
TOLERANCE = 2.0


class Counted:
    """A call that notes whose room it takes."""

    def __init__(self, *, full: bool = False) -> None:
        self.taken: list[str] = []
        self._full = full
        self.call = Call(METHOD, None, None, "", 0.0, count_user=self._user, count_wasted=self._wasted)

    def _user(self, user_id: str) -> None:
        if self._full:
            raise RateLimited("too many")
        self.taken.append(user_id)

    def _wasted(self, _: Call, user_id: str) -> None:
        self.taken.append(f"an address, for {user_id}")


def ticket(award_id: str = "award") -> VerifiedTicket:
    return VerifiedTicket(award_id, "ada", None)


def test_a_ticket_takes_its_users_room_once_for_as_long_as_any_is_good():
    clock, counted = SetClock(), Counted()
    seen = Presented(TOLERANCE, clock)
    seen.count(counted.call, ticket())
    clock.forward(LIFETIME + TOLERANCE)
    for award_id in ("award", "award", "another"):
        seen.count(counted.call, ticket(award_id))
    assert counted.taken == ["ada", "an address, for ada", "an address, for ada", "ada"]
    assert counted.call.user_id == "ada"


def test_a_ticket_that_found_no_room_comes_for_the_first_time_again():
    seen, full, later = Presented(TOLERANCE, SetClock()), Counted(full=True), Counted()
    with pytest.raises(RateLimited):
        seen.count(full.call, ticket())
    seen.count(later.call, ticket())
    assert later.taken == ["ada"]


def test_what_is_remembered_is_bounded_and_what_is_forgotten_counts_against_its_user(monkeypatch):
    monkeypatch.setattr(presented, "MOST", 10)
    seen, counted = Presented(TOLERANCE, SetClock()), Counted()
    for number in (*range(11), 0, 10):
        seen.count(counted.call, ticket(str(number)))
    assert counted.taken == [*["ada"] * 12, "an address, for ada"]
