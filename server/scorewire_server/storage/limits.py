"""What the rules of plausibility allow a user, held against the ledger inside the award's own transaction.

The ledger has one writer at a time, so calls at the same time are judged one after the other and none slips past.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from scorewire_server.errors import CapReached, Cooldown, Refusal, TooSoonAfterSignIn
from scorewire_server.storage.many import ManyRows, compiled
from scorewire_server.storage.records import Limits, NewAward
from scorewire_server.storage.tables import awards

TOGETHER_MS = 100
"""Awards that were earned within this time are looked up together; no cooldown is shorter."""


class Window(NamedTuple):
    """What a cap's time holds already: how many awards, the points they gave, and when the first was earned."""

    awards: int = 0
    points: int = 0
    first: int | None = None


class Past(NamedTuple):
    """A user's awards of one action type around a moment: the nearest on both sides, and the window of each cap."""

    before: int | None
    after: int | None
    windows: Sequence[Window]


class Pasts:
    """Reads the past of users from the index of limited awards; the SQL is compiled once for each number of caps."""

    def __init__(self, dialect: sa.Dialect, many: ManyRows) -> None:
        self._many = many
        self._statement = cache(lambda caps: _statement(dialect, many, caps))

    def of(self, connection: sa.Connection, new: Sequence[NewAward]) -> "Allowance":
        """What the users of `new` may still be given."""
        together: dict[tuple[str, int], list[NewAward]] = defaultdict(list)
        for award in new:
            if award.limited and award.limited.limits.look_back:
                together[award.action_type, award.limited.acted_at // TOGETHER_MS].append(award)
        allowance = Allowance()
        for group in together.values():
            allowance.know(group, self._read(connection, group))
        return allowance

    def _read(self, connection: sa.Connection, group: Sequence[NewAward]) -> dict[str, Past]:
        at = min(acted_at(award) for award in group)
        limits = limits_of(group[0])
        starts = [at - cap.per for cap in limits.caps for _ in range(3)]
        ids = self._many.ids({award.user_id for award in group})
        parameters = (at, at, *starts, group[0].action_type, at - limits.look_back, ids)
        rows = self._many.rows(connection.exec_driver_sql(self._statement(len(limits.caps)), parameters))
        return {user_id: _past(before, after, columns) for user_id, before, after, *columns in rows}


class Allowance:
    """What users may still be given in one transaction: what they have, and what it has given them before."""

    def __init__(self) -> None:
        self._pasts: dict[str, Past] = {}
        self._given: dict[tuple[str, str], list[NewAward]] = defaultdict(list)

    def know(self, group: Iterable[NewAward], pasts: dict[str, Past]) -> None:
        """Takes in the past of the users of some awards."""
        for award in group:
            if award.user_id in pasts:
                self._pasts[award.award_id] = pasts[award.user_id]

    def refusal(self, new: NewAward) -> Refusal | None:
        """Why the rules do not allow this award."""
        if new.limited is None:
            return None
        return _too_soon(new) or self._cooling(new) or self._capped(new)

    def give(self, new: NewAward) -> None:
        """Remembers that the transaction gives this award."""
        if new.limited:
            self._given[new.user_id, new.action_type].append(new)

    def _cooling(self, new: NewAward) -> Refusal | None:
        at, cooldown = acted_at(new), limits_of(new).cooldown
        past = self._pasts.get(new.award_id)
        times = [past.before, past.after] if past else []
        times += [acted_at(given) for given in self._given_to(new)]
        # Both ways: an award that waited for its delivery may have been earned before one that counts already.
        near = [time for time in times if time is not None and abs(at - time) < cooldown]
        if not near:
            return None
        seconds = f"{cooldown / 1000:g} s"
        return _refusal(Cooldown, new, max(near) + cooldown, f"one award of {new.action_type} counts in {seconds}")

    def _capped(self, new: NewAward) -> Refusal | None:
        at, past = acted_at(new), self._pasts.get(new.award_id)
        for number, cap in enumerate(limits_of(new).caps):
            window = past.windows[number] if past else Window()
            inside = [given for given in self._given_to(new) if acted_at(given) > at - cap.per]
            points = window.points + sum(max(given.points, 0) for given in inside) + new.points
            over_awards = cap.awards is not None and window.awards + len(inside) >= cap.awards
            over_points = cap.points is not None and new.points > 0 and points > cap.points
            if over_awards or over_points:
                first = min([acted_at(given) for given in inside] + [window.first or at])
                most = f"{cap.awards} awards" if over_awards else f"{cap.points} points"
                said = f"at most {most} of {new.action_type} count in {cap.per / 1000:g} s"
                return _refusal(CapReached, new, first + cap.per, said, perSeconds=f"{cap.per / 1000:g}")
        return None

    def _given_to(self, new: NewAward) -> list[NewAward]:
        return self._given.get((new.user_id, new.action_type), [])


def acted_at(award: NewAward) -> int:
    """When a limited award was earned, in milliseconds since 1970."""
    assert award.limited  # noqa: S101 - only limited awards come here
    return award.limited.acted_at


def limits_of(award: NewAward) -> Limits:
    """The limits of a limited award."""
    assert award.limited  # noqa: S101 - only limited awards come here
    return award.limited.limits


def _too_soon(new: NewAward) -> Refusal | None:
    signed_in, wait = new.limited.signed_in_at if new.limited else None, limits_of(new).after_sign_in
    if signed_in is None or acted_at(new) - signed_in >= wait:
        return None
    said = f"awards of {new.action_type} count from {wait / 1000:g} s after the sign-in"
    return _refusal(TooSoonAfterSignIn, new, signed_in + wait, said)


def _refusal(kind: type[Refusal], new: NewAward, not_before: int, said: str, **metadata: Any) -> Refusal:
    when = datetime.fromtimestamp(not_before / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = f"{said}; nothing was awarded, and the next one counts from {when}"
    wait = max(not_before - new.awarded_at, 1) / 1000
    return kind(told, retry_after=wait, actionType=new.action_type, notBefore=when, **metadata)


def _past(before: int | None, after: int | None, columns: Sequence[int]) -> Past:
    return Past(before, after, [Window(*columns[at : at + 3]) for at in range(0, len(columns), 3)])


def _statement(dialect: sa.Dialect, many: ManyRows, caps: int) -> str:
    acted, points = awards.c.acted_at, awards.c.points
    names, nothing = ["until", "since"], sa.literal_column("0", sa.Integer)
    columns: list[sa.ColumnElement[int]] = [
        sa.func.max(acted).filter(acted <= sa.bindparam("until")),
        sa.func.min(acted).filter(acted > sa.bindparam("since")),
    ]
    for number in range(caps):
        counted, summed, first = (f"{name}_{number}" for name in ("counted", "summed", "first"))
        names += [counted, summed, first]
        given = sa.func.sum(points).filter(acted > sa.bindparam(summed), points > nothing)
        columns += [
            sa.func.count().filter(acted > sa.bindparam(counted)),
            sa.func.coalesce(given, nothing),
            sa.func.min(acted).filter(acted > sa.bindparam(first)),
        ]
    labelled = [column.label(f"column_{number}") for number, column in enumerate(columns)]
    limited = (
        sa.select(awards.c.user_id, *labelled)
        .where(awards.c.action_type == sa.bindparam("action_type"), acted > sa.bindparam("horizon"))
        .where(many.among(awards.c.user_id))
        .group_by(awards.c.user_id)
    )
    return compiled(many.gathered(limited), dialect, [*names, "action_type", "horizon", "ids"])
