"""`award()`: the one function in which both ways to a score end."""

from collections.abc import Sequence
from typing import NamedTuple

from scorewire_server.score.committer import Committer
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.storage.records import Award, NewAward


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
        return [Receipt(award, self._rank(award), fresh) for award, fresh in recorded]

    def _rank(self, award: Award) -> int:
        return self._scoreboard.rank(award.boards.partition(",")[0], award.user_id)
