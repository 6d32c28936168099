"""Holds the ledger against the journals of the action servers: each award of an action is in both.

The two are read one after the other, while servers may go on. The journals come first, so that what they say is
delivered is in the ledger; awards that they did not know then are looked for in them again at the end.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from scorewire_server.audit.checks import Checks, Step
from scorewire_server.errors import StorageUnavailable
from scorewire_server.storage.database import Database
from scorewire_server.storage.inspection import Rows
from scorewire_server.storage.journal.inspection import Earned, JournalInspection
from scorewire_server.storage.journal.records import Stage
from scorewire_server.storage.records import Award
from scorewire_server.storage.voids import void_id

ACTION_SERVER = "action"
"""The identity of action servers."""


class Journals(NamedTuple):
    """The journals of all action servers; where there are none to read, `missing` says why."""

    databases: Sequence[Database]
    missing: str = ""


NOT_ASKED_FOR = Journals([], "it was not asked for")


class JournalCheck:
    """One run: `begin`, then `follow` with every award of the ledger, then `end`."""

    def __init__(self, journals: Journals, checks: Checks) -> None:
        self._journals = journals
        self._checks = checks
        self._earned: dict[str, Earned] = {}
        self._strange: list[tuple[object, object, object]] = []
        self._told_otherwise: dict[str, tuple[Earned, Award]] = {}
        self._since = 0
        self._refused: Counter[str] = Counter()
        self._actions = self._not_judged = 0
        self._reading = True
        if journals.missing:
            self._skip(journals.missing)

    def begin(self) -> Iterator[Step]:
        """Reads the journals; the ledger must not have been read yet."""
        if not self._reading:
            return
        try:
            for database in self._journals.databases:
                yield from self._read(database)
        except StorageUnavailable as failure:
            self._skip(f"the journal stopped answering: {failure.__cause__}")
        self._actions = len(self._earned)

    def _read(self, database: Database) -> Iterator[Step]:
        with database.reading() as connection:
            inspection = JournalInspection(connection)
            self._since = max(self._since, inspection.knows_since())
            for rows in inspection.earned():
                self._earned.update((row.award_id, row) for row in rows)
                yield Step("actions", len(self._earned), len(self._earned))

    def follow(self, rows: Rows) -> None:
        """Goes on over the next awards: the columns of Award, and the hash."""
        if not self._reading:
            return
        take = self._earned.pop
        for row in rows:
            earned = take(row[1], None)
            if earned is not None:
                if not _has_content(row, earned):
                    self._compare(earned, Award._make(row[:-1]))
            elif row[6] == "void" and self._told_otherwise:
                self._compare_void(Award._make(row[:-1]))
            elif row[6] == "ticket" or row[9] == ACTION_SERVER:
                self._strange.append((row[0], row[1], row[8]))

    def end(self) -> Iterator[Step]:
        """Reports what is in one of them alone."""
        if not self._reading:
            return
        for earned in self._earned.values():
            self._check_undelivered(earned)
        self._earned.clear()
        for earned, award in self._told_otherwise.values():
            self._differ(earned, award)
        try:
            yield from self._check_strange()
        except StorageUnavailable as failure:
            self._checks.origins.skipped = f"the journal stopped answering: {failure.__cause__}"

    def told(self) -> str:
        """Where the journal came from, and what could not be judged."""
        if self._checks.journal.skipped:
            return f"not read: {self._checks.journal.skipped}"
        since = datetime.fromtimestamp(self._since / 1000, UTC).isoformat(timespec="seconds")
        shown = " and ".join(database.shown_url() for database in self._journals.databases)
        read = f"read from {shown}, {self._actions:,} actions that earned points{self._told_refused()}"
        older = "it no longer knows, or never knew, the actions of"
        awards = "1 award" if self._not_judged == 1 else f"{self._not_judged:,} awards"
        return f"{read}; {older} {awards} from before {since}" if self._not_judged else read

    def _told_refused(self) -> str:
        counts = ", ".join(f"{reason} {count:,}" for reason, count in self._refused.most_common())
        return f", awards refused for good: {counts}" if counts else ""

    def _compare(self, earned: Earned, award: Award) -> None:
        expected, found = _content(earned), _content_there(earned, award)
        if earned.rejection is None and expected | {"score": award.score} == found:
            self._told_otherwise[void_id(award.award_id)] = earned, award
        elif earned.rejection is None:
            self._differ(earned, award)
        elif award.kind == "ticket" or award.actor == ACTION_SERVER:
            row = {"position": award.position, **_named(earned)}
            refused = "none of this action, whose award was refused for good"
            self._checks.origins.found(row, expected=refused, found=_shown(found))

    def _compare_void(self, void: Award) -> None:
        """An award that was delivered again after it was voided has led to the score as of the void."""
        earned, _ = self._told_otherwise.get(void.award_id, (None, None))
        if earned and earned.score == void.score:
            del self._told_otherwise[void.award_id]

    def _differ(self, earned: Earned, award: Award) -> None:
        row = {"position": award.position, **_named(earned)}
        expected, found = _content(earned), _content_there(earned, award)
        self._checks.journal.found(row, expected=_shown(expected), found=_shown(found))

    def _check_undelivered(self, earned: Earned) -> None:
        if earned.rejection is not None:
            if reason := _reason(earned.rejection):
                self._refused[reason] += 1
            else:
                self._report(earned, "the reason for which its award was refused", earned.rejection)
        elif earned.due is None and earned.delivery == "internal":
            delivered = "delivered" if earned.stage == Stage.SETTLED else "neither delivered, nor pending, nor refused"
            there = f"none, and the journal says that it is {delivered}"
            self._report(earned, f"its award of {earned.points} points", there)

    def _report(self, earned: Earned, expected: str, found: str) -> None:
        self._checks.journal.found(_named(earned), expected=expected, found=found)

    def _check_strange(self) -> Iterator[Step]:
        known: set[str] = set()
        ids = [award_id for _, award_id, _ in self._strange if isinstance(award_id, str)]
        for database in self._journals.databases if ids else ():
            with database.reading() as connection:
                inspection = JournalInspection(connection)
                self._since = max(self._since, inspection.knows_since())
                known |= inspection.known(ids)
            yield Step("awards of actions", len(known), len(ids))
        for position, award_id, awarded_at in self._strange:
            if award_id in known:
                continue
            if isinstance(awarded_at, int) and awarded_at < self._since:
                self._not_judged += 1
                continue
            row: dict[str, object] = {"position": position, "awardId": award_id}
            self._checks.origins.found(row, expected="an action in the journal that earned it", found="none")

    def _skip(self, reason: str) -> None:
        self._reading = False
        reason = " ".join(reason.split())
        self._checks.journal.skipped = self._checks.origins.skipped = reason


def _has_content(row: Sequence[Any], earned: Earned) -> bool:
    """Whether a row of the ledger is the award of an action; without what it takes to tell of one that is not."""
    _, _, user_id, action_type, points, _, kind, score, *_ = row
    if (user_id, action_type, kind) != (earned.user_id, earned.action_type, earned.delivery):
        return False
    return kind == "ticket" or (points == earned.points and (earned.score is None or score == earned.score))


def _content(earned: Earned) -> dict[str, Any]:
    content = {"user": earned.user_id, "action type": earned.action_type, "kind": earned.delivery}
    if earned.delivery == "ticket":  # ScoreService works its points out by itself
        return content
    return content | {"points": earned.points} | ({} if earned.score is None else {"score": earned.score})


def _content_there(earned: Earned, award: Award) -> dict[str, Any]:
    there = {
        "user": award.user_id,
        "action type": award.action_type,
        "kind": award.kind,
        "points": award.points,
        "score": award.score,
    }
    return {name: there[name] for name in _content(earned)}


def _shown(content: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in content.items())


def _named(earned: Earned) -> dict[str, object]:
    return {"userId": earned.user_id, "requestId": earned.request_id, "awardId": earned.award_id}


def _reason(rejection: str) -> str:
    """The reason in a rejection; empty where there is none."""
    try:
        told = orjson.loads(rejection)
    except orjson.JSONDecodeError:
        return ""
    return str(told.get("reason") or "") if isinstance(told, dict) else ""
