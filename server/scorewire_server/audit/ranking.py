"""Holds the pages of boards against the standings that the awards add up to.

A running server goes on while it is asked, so each page is of a revision of its own. The walk through the ledger goes
on with it: a page of revision 7 is held against the standings after the award at position 7.
"""

import time
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple, Protocol

from scorewire_server.audit.checks import Check, Step
from scorewire_server.audit.walk import Walk
from scorewire_server.score.ranking import Place, Ranking
from scorewire_server.storage.database import Database
from scorewire_server.storage.decisions import STATES
from scorewire_server.storage.inspection import Inspection, Rows

PATIENCE_SECONDS = 5.0
"""How long a server may take to show what it has just committed."""
_PAUSE_SECONDS = 0.05

_Wrong = tuple[dict[str, object], str, str]
"""What names the row, what was expected, what was found."""


class Page(NamedTuple):
    """One page of a board, best first: rank, user and score of each standing. `next_token` is empty on the last one."""

    revision: int
    total_users: int
    standings: list[tuple[int, str, int]]
    next_token: str


class Pages(Protocol):
    """A running server's boards."""

    def page(self, board_id: str, token: str) -> Page | None:
        """The page that a token asks for, an empty one for the first; `None` where there is no such board."""


class RankingCheck:
    """Holds the boards of a running server against the ledger; `walk` goes on in the meantime."""

    def __init__(self, walk: Walk, database: Database, pages: Pages, check: Check) -> None:
        self._walk = walk
        self._database = database
        self._pages = pages
        self._check = check

    def run(self) -> Iterator[Step]:
        """Every board, to its end or to its first wrong page. Raises what the pages raise, and StorageUnavailable."""
        total, before = sum(map(len, self._walk.standings.values())), 0
        for board_id in sorted(self._walk.standings):
            for done in self._board(board_id):
                yield Step("places", before + done, total)
            before += len(self._walk.standings[board_id])

    def _board(self, board_id: str) -> Iterator[int]:
        ranking = ranking_of(self._walk, board_id)
        last: Place | None = None
        token, more = "", True
        while more:
            page = self._page(board_id, token)
            if page is None:  # a board that the rules no longer have keeps its standings, unseen
                return
            self._go_on(board_id, ranking, page.revision)
            expected = _places(ranking, last, len(page.standings))
            if not self._agree(board_id, page, expected, ranking):
                return
            token, last = page.next_token, expected[-1] if expected else None
            more = bool(token)
            yield expected[-1].rank if expected else 0

    def _page(self, board_id: str, token: str) -> Page | None:
        """The page, as soon as the server shows every award that the walk has seen."""
        latest = time.monotonic() + PATIENCE_SECONDS
        while True:
            page = self._pages.page(board_id, token)
            if page is None or page.revision >= self._walk.newest[board_id] or time.monotonic() > latest:
                return page
            time.sleep(_PAUSE_SECONDS)

    def _go_on(self, board_id: str, ranking: Ranking, revision: int) -> None:
        if revision <= self._walk.position:
            return
        with self._database.reading() as connection:
            for rows in Inspection(connection).awards(self._walk.position, revision):
                self._walk.follow(rows)
                bring_up(ranking, board_id, self._walk, rows)

    def _agree(self, board_id: str, page: Page, expected: list[Place], ranking: Ranking) -> bool:
        wrong = list(self._wrong(board_id, page, expected, ranking))
        for row, right, there in wrong:
            self._check.found({"boardId": board_id, **row}, expected=right, found=there)
        return not wrong

    def _wrong(self, board_id: str, page: Page, expected: list[Place], ranking: Ranking) -> Iterator[_Wrong]:
        newest, read = self._walk.newest[board_id], self._walk.position
        if not newest <= page.revision <= read:
            yield {}, f"a revision from {newest} to {read}", f"revision {page.revision}"
            return
        at: dict[str, object] = {"revision": page.revision}
        places = [place[:3] for place in expected]
        for right, there in zip_longest(places, page.standings):
            if right != there:
                yield at | {"rank": (right or there)[0]}, _shown(right), _shown(there)
        shown = places[-1][0] if places else 0
        if not page.next_token and {shown, page.total_users} != {len(ranking)}:
            yield at, f"{len(ranking)} users", f"{shown} on its pages and {page.total_users} by its count"


def _places(ranking: Ranking, last: Place | None, count: int) -> list[Place]:
    return ranking.top(count) if last is None else ranking.after(last.score, last.reached_position, count)


def _shown(standing: tuple[int, str, int] | None) -> str:
    if standing is None:
        return "nobody"
    rank, user_id, score = standing
    return f"{user_id} at rank {rank} with score {score}"


def check_built(walk: Walk, board_id: str, check: Check) -> None:
    """Holds the ranking that a server would build from right standings against their plain order."""
    users = walk.standings[board_id]
    built, hidden = list(ranking_of(walk, board_id)), set(walk.hidden())
    ordered = sorted(users.keys() - hidden, key=lambda user_id: users[user_id][1])
    ordered.sort(key=lambda user_id: users[user_id][0], reverse=True)  # equal scores stay as they are
    if built == ordered:
        return
    for rank, (right, there) in enumerate(zip_longest(ordered, built), 1):
        if right != there:
            check.found({"boardId": board_id, "rank": rank}, expected=str(right), found=str(there))


def ranking_of(walk: Walk, board_id: str) -> Ranking:
    """The ranking of a board as far as a walk has come."""
    users = walk.standings[board_id]
    return Ranking(((user_id, score, position) for user_id, (score, position) in users.items()), walk.hidden())


def bring_up(ranking: Ranking, board_id: str, walk: Walk, rows: Rows) -> None:
    """Brings a ranking to where a walk has come over `rows`."""
    users = walk.standings[board_id]
    for _, _, user_id, _, _, boards, kind, *_ in rows:
        if kind in STATES:
            (ranking.show if walk.state(user_id) == "clear" else ranking.hide)(user_id)
        elif user_id in users and board_id in str(boards).split(","):
            ranking.update(user_id, *users[user_id])
