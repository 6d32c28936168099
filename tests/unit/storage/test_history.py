"""A user's history on both databases: it is read by its index, however many rows others have."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from scorewire_server.storage.database import Database
from scorewire_server.storage.history import History
from tests.awards import decision, new_award

PLAN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
USERS, EACH = 200, 50


@pytest.fixture
def history(database, ledger) -> History:
    """Of users with fifty awards each, in turn, and one with a single decision."""
    for turn in range(EACH):
        ledger.append([new_award(f"user-{number}", turn) for number in range(USERS)], {})
    ledger.append([decision("quarantine", "eve")], {})
    with database.writing() as connection:
        connection.exec_driver_sql("ANALYZE")
    return History(database)


def plan_of(database: Database, read: Callable[[], Any]) -> str:
    """How the database goes about what `read` asks."""
    asked: list[tuple[str, Any]] = []

    def note(*call: Any) -> None:
        asked.append((call[2], call[3]))

    sa.event.listen(database.engine, "before_cursor_execute", note)
    read()
    sa.event.remove(database.engine, "before_cursor_execute", note)
    ((statement, parameters),) = [each for each in asked if "FROM awards" in each[0]]
    with database.reading() as connection:
        rows = connection.exec_driver_sql(PLAN[database.engine.dialect.name] + statement, parameters)
        return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("user_id", ["user-7", "eve", "nobody"])
@pytest.mark.parametrize("before", [None, 5_000])
def test_a_page_is_read_by_the_index_of_users(database, history, user_id, before):
    plan = plan_of(database, lambda: history.entries(user_id, before, 51))
    assert "awards_user" in plan, plan
    assert not [whole for whole in ("SCAN ", "Seq Scan") if whole in plan], plan


def test_pages_go_backwards_through_what_is_about_one_user(history):
    first = history.entries("user-7", None, 30)
    rest = history.entries("user-7", first[-1].position, 30)
    assert [entry.points for entry in (*first, *rest)] == list(reversed(range(EACH)))
    assert {entry.user_id for entry in (*first, *rest)} == {"user-7"}
    assert [entry.kind for entry in history.entries("eve", None, 30)] == ["quarantine"]
