"""One writer of the ledger: the score server that came last, whatever those before it believe.

The lock that keeps a second server away is lost when PostgreSQL starts anew, and nobody is told. So the ledger's head
says who may write. A server writes itself there when it starts, and every transaction that locks the head looks.
"""

import uuid

from scorewire_server.errors import ServerFailed
from scorewire_server.storage.database import Database
from scorewire_server.storage.tables import ledger


class TakenOver(ServerFailed):
    """Another server has the database now."""


def take_over(database: Database) -> None:
    """Makes `database` the one that may write. Raises StorageUnavailable."""
    holder = uuid.uuid4().hex
    with database.writing() as connection:
        connection.execute(ledger.update().values(holder=holder))
    database.holder = holder


def check_holder(database: Database, holder: str | None) -> None:
    """Raises TakenOver where `holder`, as it stands in the head, is another than this database was taken over by.

    Who has not taken the database over, such as a tool beside a stopped server, is not looked at.
    """
    if database.holder not in (None, holder):
        raise TakenOver(f"another score server has taken over {database.shown_url()}; only one may write to it")
