"""Has awards delivered again that the journals call delivered and a ledger lacks, because it was set back to a copy."""

from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass

from scorewire_server.audit.checks import Step
from scorewire_server.storage.database import Database
from scorewire_server.storage.inspection import CHUNK, Inspection
from scorewire_server.storage.journal.inspection import Earned, JournalInspection
from scorewire_server.storage.journal.journal import Journal


@dataclass(frozen=True, slots=True)
class Redelivered:
    """How many awards are missing, of how many users, and their points; whether they were made pending."""

    awards: int
    users: int
    points: int
    pending: bool


class Redelivery:
    """What is missing in a ledger by the journals of its action servers. Servers of either kind may run meanwhile."""

    def __init__(self, ledger: Database, journals: Sequence[Database]) -> None:
        self._ledger = ledger
        self._journals = journals

    def run(self, due: int | None) -> Generator[Step, None, Redelivered]:
        """Makes what is missing pending from the time `due` on, in milliseconds since 1970; `None` only counts it.

        The action servers deliver what is pending, and an award counts once under its id, whoever delivers it how
        often. Raises StorageUnavailable.
        """
        missing: list[Earned] = []
        for database in self._journals:
            of_this_one: list[Earned] = []
            for read, lost in self._search(database):
                of_this_one += lost
                yield Step("actions", read, read)
            if due is not None:
                _make_pending(Journal(database), of_this_one, due)
            missing += of_this_one
        users = {earned.user_id for earned in missing}
        return Redelivered(len(missing), len(users), sum(earned.points for earned in missing), due is not None)

    def _search(self, database: Database) -> Iterator[tuple[int, list[Earned]]]:
        """How many actions were read, and which of the last ones have lost their awards."""
        read = 0
        with database.reading() as connection:
            for delivered in JournalInspection(connection).delivered():
                # The ledger after the journal: what is delivered in the one has been in the other since.
                there = self._there([earned.award_id for earned in delivered])
                read += len(delivered)
                yield read, [earned for earned in delivered if earned.award_id not in there]

    def _there(self, award_ids: Collection[str]) -> set[str]:
        with self._ledger.reading() as connection:
            return Inspection(connection).known(award_ids)


def _make_pending(journal: Journal, missing: Sequence[Earned], due: int) -> None:
    for start in range(0, len(missing), CHUNK):
        journal.deliver_again([(row.user_id, row.request_id) for row in missing[start : start + CHUNK]], due)
