"""Each kind of damage is found and named, on both databases, and an undamaged one is right."""

import pytest
import sqlalchemy as sa

from scorewire_server.audit.checks import Step
from scorewire_server.audit.verify import Verification
from scorewire_server.storage.database import Database
from scorewire_server.storage.ledger import Ledger
from tests.audits import ended, rebuild, verify, wrong
from tests.awards import new_award
from tests.damage import DAMAGES, STANDINGS, Damage, at, fill, of


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_is_found_and_its_first_row_named(database, ledger, damage: Damage):
    fill(ledger)
    assert verify(database).right
    damage.do(database.url)
    verified = verify(database)
    assert wrong(verified) == damage.finds
    assert not verified.right


def without_keys(database: Database) -> None:
    """The awards in a table that takes any row."""
    statements = ["ALTER TABLE awards RENAME TO kept", "CREATE TABLE awards AS SELECT * FROM kept", "DROP TABLE kept"]
    Damage(tuple(statements), {}).do(database.url)


@pytest.mark.parametrize(
    ("sql", "finds"),
    [
        pytest.param(
            "UPDATE awards SET award_id = 'b1' WHERE position = 4",
            {"award ids": (at(4, "b1"), 1), "chain": (at(4, "b1"), 1)},
            id="an award_id twice",
        ),
        pytest.param(
            "INSERT INTO awards SELECT * FROM awards WHERE position = 5",
            {
                "positions": (at(5, "a2"), 1),
                "award ids": (at(5, "a2"), 1),
                "chain": (at(5, "a2"), 1),
                "scores": (at(5, "a2"), 1),
                "standings": (of("ada"), 1),
            },
            id="a position twice",
        ),
    ],
)
def test_what_the_keys_would_prevent(database, ledger, sql, finds):
    fill(ledger)
    without_keys(database)
    assert verify(database).right
    Damage((sql,), {}).do(database.url)
    assert wrong(verify(database)) == finds


@pytest.mark.parametrize("column", ["award_id", "user_id", "points", "boards", "score", "awarded_at", "hash"])
@pytest.mark.parametrize("value", ["'text'", "x'00ff'", "1.5"], ids=["text", "bytes", "a fraction"])
def test_sqlite_takes_any_value_in_any_column(tmp_path, column, value):
    database = Database(sa.URL.create("sqlite", database=str(tmp_path / "score.db")))
    database.migrate()
    fill(Ledger(database))
    Damage((f"UPDATE awards SET {column} = {value} WHERE position = 3",), {}).do(database.url)
    (row, _) = wrong(verify(database))["chain"]
    assert row["position"] == 3
    without_keys(database)
    ends = ("UPDATE awards SET hash = 'text', position = 'text' WHERE position = 5", "UPDATE ledger SET hash = 'text'")
    Damage(ends, {}).do(database.url)
    assert wrong(verify(database))["positions"][0]["position"] == "text"
    database.close()


def test_scores_of_before_a_rebuild_are_told_of_and_not_wrong(database, ledger):
    """The award at 6 was given while the standing was wrong, and says so for good."""
    fill(ledger)
    STANDINGS["changed standing"].do(database.url)
    ledger.append([new_award("bob", 1, award_id="b3")], {})
    assert wrong(verify(database)).keys() == {"standings", "scores"}
    rebuild(database)
    ledger.append([new_award("bob", 1, award_id="b4")], {})
    verified = verify(database)
    assert verified.right
    assert wrong(verified) == {"earlier scores": (at(6, "b3"), 1)}


def test_more_awards_than_are_read_at_once(database, ledger, monkeypatch):
    monkeypatch.setattr("scorewire_server.storage.inspection.CHUNK", 7)
    ledger.append([new_award(f"user-{number}", number) for number in range(30)], {})
    verified, steps = ended(Verification(database, None, "built").run())
    assert (verified.right, verified.position, verified.standings) == (True, 30, 30)
    assert [step.done for step in steps if step.rows == "rows of the ledger"] == [7, 14, 21, 28, 30]


def test_awards_that_come_in_meanwhile_are_not_looked_at(database, ledger, monkeypatch):
    monkeypatch.setattr("scorewire_server.storage.inspection.CHUNK", 2)
    fill(ledger)
    run = Verification(database, None, "built").run()
    next(run)
    ledger.append([new_award("bob", 100), new_award("mallory", 100, display_name="M")], {})
    verified, _ = ended(run)
    assert (verified.right, verified.position) == (True, 5)
    assert verify(database).right


def test_an_empty_database_is_right(database):
    verified = verify(database)
    assert (verified.right, verified.position, verified.standings) == (True, 0, 0)


def test_what_was_verified_is_told(database, ledger):
    fill(ledger)
    verified, steps = ended(Verification(database, None, "built").run())
    assert (verified.position, verified.standings) == (5, 4)
    with database.reading() as connection:
        assert bytes.fromhex(verified.hash) == bytes(connection.scalar(sa.text("SELECT hash FROM ledger")))
    assert steps == [Step("rows of the ledger", 5, 5), Step("standings", 4, 4)]
    assert {check.name for check in verified.checks if check.skipped} == {"journal", "origins"}
    assert verified.journal == "not read: it was not asked for"


def test_a_ranking_is_not_built_from_wrong_standings(database, ledger):
    fill(ledger)
    DAMAGES["changed standing"].do(database.url)
    (ranking,) = [check for check in verify(database).checks if check.name == "ranking"]
    assert ranking.skipped == "it would be built from wrong standings"
