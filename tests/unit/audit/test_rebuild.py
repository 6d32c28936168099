"""A rebuild mends standings whatever was done to them, and touches nothing where the ledger is damaged."""

import pytest
import sqlalchemy as sa

from scorewire_server.audit.rebuild import Rebuild
from scorewire_server.errors import LedgerDamaged
from tests.audits import ended, rebuild, verify
from tests.awards import check_ledger, new_award, rows
from tests.damage import DAMAGES, STANDINGS, Damage, fill

LEDGER_DAMAGES = {
    name: damage for name, damage in DAMAGES.items() if {"positions", "chain", "head"} & damage.finds.keys()
}


def everything(url: sa.URL) -> list[list[tuple[object, ...]]]:
    tables = ("ledger", "awards", "standings", "users")
    return [sorted(rows(url, f"SELECT * FROM {table}"), key=repr) for table in tables]


@pytest.mark.parametrize("damage", STANDINGS.values(), ids=STANDINGS)
def test_wrong_standings_are_mended(database, ledger, database_url, damage: Damage):
    fill(ledger)
    before, identity = check_ledger(database_url), ledger.database_id()
    damage.do(database_url)
    rebuilt = rebuild(database)
    ((_, wrong),) = damage.finds.values()
    assert (rebuilt.position, rebuilt.standings_mended) == (5, wrong)
    assert check_ledger(database_url) == before
    assert verify(database).right
    assert rebuilt.database_id == ledger.database_id() != identity


@pytest.mark.parametrize("damage", STANDINGS.values(), ids=STANDINGS)
def test_awards_that_come_in_meanwhile_are_kept(database, ledger, database_url, damage: Damage):
    """They are added to wrong standings, or to none, and come out right."""
    fill(ledger)
    damage.do(database_url)
    run = Rebuild(database)
    reading = run.read()
    next(reading)
    late = [new_award(user, 3) for user in ("bob", "eve", "ada", "new", "mallory")]
    ledger.append(late, {})
    ended(reading)
    ledger.append([award._replace(award_id=f"{award.award_id}-again") for award in late], {})
    rebuilt = run.mend(lambda _: [])
    assert rebuilt.position == 15
    assert verify(database).right
    assert len(check_ledger(database_url)) == 15


def test_nothing_is_written_where_nothing_is_wrong(database, ledger, database_url):
    fill(ledger)
    before = everything(database_url)
    rebuilt = rebuild(database)
    assert (rebuilt.position, rebuilt.standings_mended, rebuilt.database_id) == (5, 0, None)
    assert everything(database_url) == before


def test_an_empty_ledger_has_nothing_to_mend(database):
    assert rebuild(database).standings_mended == 0


@pytest.mark.parametrize("damage", LEDGER_DAMAGES.values(), ids=LEDGER_DAMAGES)
def test_nothing_is_made_from_a_damaged_ledger(database, ledger, database_url, damage: Damage):
    fill(ledger)
    damage.do(database_url)
    before = everything(database_url)
    with pytest.raises(LedgerDamaged, match="the ledger is damaged, so nothing was changed: ") as refused:
        rebuild(database)
    first = next(damage.finds[name] for name in ("positions", "chain", "head") if name in damage.finds)
    assert refused.value.metadata == {name: str(value) for name, value in first[0].items()}
    assert everything(database_url) == before


def test_a_ledger_that_is_damaged_meanwhile(database, ledger, database_url):
    fill(ledger)
    STANDINGS["changed standing"].do(database_url)
    run = Rebuild(database)
    ended(run.read())
    ledger.append([new_award("bob", 1)], {})
    Damage(("UPDATE awards SET points = 2 WHERE position = 6",), {}).do(database_url)
    before = everything(database_url)
    with pytest.raises(LedgerDamaged) as refused:
        run.mend(lambda _: [])
    assert refused.value.metadata["position"] == "6"
    assert everything(database_url) == before


def test_many_wrong_standings_in_many_chunks(database, ledger, database_url, monkeypatch):
    monkeypatch.setattr("scorewire_server.storage.inspection.CHUNK", 50)
    ledger.append([new_award(f"user-{number}", number) for number in range(700)], {})
    Damage(("UPDATE standings SET score = score + 1",), {}).do(database_url)
    assert rebuild(database).standings_mended == 700
    check_ledger(database_url)
