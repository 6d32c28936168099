"""`award()`: the one function in which both ways to a score end."""

from collections.abc import Sequence
from typing import NamedTuple

import structlog
from prometheus_client import Counter

from scorewire_server.score.committer import Committer
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.storage.records import Award, NewAward

log = structlog.get_logger("award")
AWARDS = Counter("scorewire_awards", "Awards that count, by source.", ["source"])
POINTS = Counter("scorewire_award_points", "Points awarded or, negative, taken.", ["source", "sign"])


class Receipt(NamedTuple):
    """What became of an award: the ledger's row, the rank it led to, and whether it is new."""

    award: Award
    rank: int
    fresh: bool


class Awards:
    """Awards, from a decision about points to a receipt."""

    def __init__(self, committer: Committer, scoreboard: Scoreboard) -> None:
        self._committer = committer
        self._scoreboard = scoreboard

    async def award(self, new: Sequence[NewAward]) -> list[Receipt]:
        """Gives awards, all in one transaction; one that the ledger has already is answered from there.

        Raises Overloaded where nothing was awarded, StorageUnavailable where that is not known.
        """
        recorded = await self._committer.commit(new)
        receipts = []
        for award, fresh in recorded:
            if fresh:
                _report(award)
            receipts.append(Receipt(award, self._rank(award), fresh))
        return receipts

    def _rank(self, award: Award) -> int:
        board = self._scoreboard.board(award.boards.partition(",")[0])
        place = board.ranking.place(award.user_id)
        return place.rank if place else 0


def _report(award: Award) -> None:
    AWARDS.labels(award.source).inc()
    POINTS.labels(award.source, "negative" if award.points < 0 else "positive").inc(abs(award.points))
    log.info(
        "award",
        position=award.position,
        award_id=award.award_id,
        user=award.user_id,
        action_type=award.action_type,
        points=award.points,
        score=award.score,
        source=award.source,
    )
