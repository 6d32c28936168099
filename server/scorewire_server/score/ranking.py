"""Who stands where: an order-statistics structure over every standing of a board.

A place is one integer, so that a million of them sort and compare at the speed of integers and share no tuples: the
higher score first and, of equal scores, the one reached at the lower ledger position.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sortedcontainers import SortedList

_POSITION_BITS = 63
_POSITION_MASK = (1 << _POSITION_BITS) - 1


class Place(NamedTuple):
    """One user's place; `rank` counts from 1."""

    rank: int
    user_id: str
    score: int
    reached_position: int


class Ranking:
    """Every standing of one board, ordered; a user who is hidden keeps its standing and has no place."""

    def __init__(self, standings: Iterable[tuple[str, int, int]] = (), hidden: Iterable[str] = ()) -> None:
        """Takes user id, score and reached position of each standing, in any order, and the users to hide."""
        # `_pack` written out: a call for each of a million standings takes as long as all else.
        self._user_of = {(-score << _POSITION_BITS) | position: user_id for user_id, score, position in standings}
        self._place_of = {user_id: place for place, user_id in self._user_of.items()}
        self._places = SortedList(self._user_of)
        self._hidden: dict[str, int | None] = {}
        for user_id in hidden:
            self.hide(user_id)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, user_id: str) -> bool:
        return user_id in self._place_of

    def __iter__(self) -> Iterator[str]:
        return (self._user_of[place] for place in self._places)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranking) and (self._place_of, self._hidden) == (other._place_of, other._hidden)

    __hash__ = None  # type: ignore[assignment] # it changes

    def update(self, user_id: str, score: int, reached_position: int) -> None:
        """Moves a user to a new place, or gives it a first one; one who is hidden will have it when it is shown."""
        new, old = _pack(score, reached_position), self._place_of.get(user_id)
        if new == old:
            return
        if old is not None:
            self._places.remove(old)
            del self._user_of[old]
        elif user_id in self._hidden:
            self._hidden[user_id] = new
            return
        self._add(user_id, new)

    def hide(self, user_id: str) -> bool:
        """Takes a user out of the ranking, now or when it comes; answers whether it had a place."""
        if user_id in self._hidden:
            return False
        place = self._hidden[user_id] = self._place_of.pop(user_id, None)
        if place is None:
            return False
        self._places.remove(place)
        del self._user_of[place]
        return True

    def show(self, user_id: str) -> bool:
        """Puts a hidden user where its standing belongs; answers whether it has one."""
        place = self._hidden.pop(user_id, None)
        if place is None:
            return False
        self._add(user_id, place)
        return True

    def _add(self, user_id: str, place: int) -> None:
        self._places.add(place)
        self._user_of[place] = user_id
        self._place_of[user_id] = place

    def place(self, user_id: str) -> Place | None:
        """The place of a user; `None` where it has no standing."""
        place = self._place_of.get(user_id)
        return None if place is None else self._unpack(self._places.bisect_left(place), place)

    def top(self, count: int) -> list[Place]:
        """The first `count` places."""
        return list(self._from(0, count))

    def after(self, score: int, reached_position: int, count: int) -> list[Place]:
        """The first `count` places behind the one with this score, whether or not somebody holds it now."""
        return list(self._from(self._places.bisect_right(_pack(score, reached_position)), count))

    def around(self, user_id: str, radius: int) -> list[Place]:
        """A user's place, with `radius` places above and below at most; nothing where it has no standing."""
        place = self._place_of.get(user_id)
        if place is None:
            return []
        index = self._places.bisect_left(place)
        start = max(0, index - radius)
        return list(self._from(start, index + radius + 1 - start))

    def among(self, user_ids: Iterable[str]) -> list[Place]:
        """The places of these users, of those who have one, best first."""
        return sorted(place for user_id in user_ids if (place := self.place(user_id)))

    def _from(self, start: int, count: int) -> Iterator[Place]:
        for index, place in enumerate(self._places.islice(start, start + count), start):
            yield self._unpack(index, place)

    def _unpack(self, index: int, place: int) -> Place:
        return Place(index + 1, self._user_of[place], -(place >> _POSITION_BITS), place & _POSITION_MASK)


def _pack(score: int, reached_position: int) -> int:
    return (-score << _POSITION_BITS) | reached_position
