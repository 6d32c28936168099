"""Only the score server that came last may write, and one before it finds out in its next transaction."""

import pytest

from scorewire_server.audit.rebuild import Rebuild
from scorewire_server.storage.database import Database
from scorewire_server.storage.fence import TakenOver, take_over
from scorewire_server.storage.ledger import Ledger
from tests.audits import ended
from tests.awards import check_ledger, new_award


@pytest.fixture
def servers(database_url):
    databases = [Database(database_url) for _ in range(2)]
    databases[0].migrate()
    yield databases
    for database in databases:
        database.close()


def test_a_server_that_has_been_replaced_writes_nothing(servers, database_url):
    first, second = servers
    take_over(first)
    Ledger(first).append([new_award("ada", 1)], {})
    take_over(second)
    with pytest.raises(TakenOver, match="another score server has taken over "):
        Ledger(first).append([new_award("bob", 1)], {})
    Ledger(second).append([new_award("eve", 1)], {})
    assert [award.user_id for award in check_ledger(database_url)] == ["ada", "eve"]
    take_over(first)
    Ledger(first).append([new_award("bob", 1)], {})


def test_nor_does_it_mend_anything(servers):
    first, second = servers
    take_over(first)
    rebuild = Rebuild(first)
    ended(rebuild.read())
    take_over(second)
    with pytest.raises(TakenOver):
        rebuild.mend(lambda _: [])


def test_a_database_that_nobody_has_taken_over_may_be_written_by_tools(servers, database_url):
    Ledger(servers[0]).append([new_award("ada", 1)], {})
    assert len(check_ledger(database_url)) == 1
