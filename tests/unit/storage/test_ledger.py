"""The ledger on both databases: awards in order, each once, and standings that are their sum."""

import threading
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorewire_server.storage.chain import GENESIS
from scorewire_server.storage.database import Database
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.records import NewAward, Newest, StandingRow
from tests.awards import check_ledger, new_award, rows

MOST = 2**31 - 1
LEAST = -(2**31)


def standings(ledger: Ledger, board_id: str = "main") -> dict[str, tuple[int, int]]:
    return {row.user_id: (row.score, row.reached_position) for row in ledger.standings(board_id)}


def test_an_empty_ledger_stands_at_nothing(ledger, database_url):
    assert ledger.position() == 0
    assert list(ledger.awards()) == []
    assert list(ledger.standings("main")) == []
    assert list(ledger.names()) == []
    assert check_ledger(database_url) == []


def test_positions_have_no_gaps_over_batches(ledger, database_url):
    for size in (1, 3, 1, 40):
        before = ledger.position()
        appended = ledger.append([new_award() for _ in range(size)], {})
        assert (appended.previous, appended.newest.position) == (before, before + size)
        assert [entry.award.position for entry in appended.recorded] == list(range(before + 1, before + size + 1))
    assert len(check_ledger(database_url)) == 45


def test_the_newest_row_is_known_after_each_transaction(ledger):
    assert ledger.newest() == Newest(0, 0, GENESIS)
    award = new_award("ada", 5)
    for batch in ([award], [new_award("bob"), new_award("eve")]):
        appended = ledger.append(batch, {})
        assert appended.newest == ledger.newest()
    again = ledger.append([award], {}).newest
    assert again == appended.newest._replace(recorded_at=0)


def test_awards_read_back_as_they_were_recorded(ledger):
    appended = ledger.append([new_award("ada", 5, kind="ticket"), new_award("bob", -7)], {})
    assert list(ledger.awards()) == [entry.award for entry in appended.recorded]
    assert list(ledger.awards(after=1)) == [appended.recorded[1].award]


def test_an_award_id_counts_once_within_a_batch(ledger, database_url):
    award = new_award("ada", 5)
    appended = ledger.append([award, new_award("bob"), award], {})
    assert [entry.fresh for entry in appended.recorded] == [True, True, False]
    assert appended.recorded[2].award == appended.recorded[0].award
    assert standings(ledger)["ada"] == (5, 1)
    assert len(check_ledger(database_url)) == 2


def test_an_award_id_counts_once_over_batches(ledger, database_url):
    award = new_award("ada", 5)
    first = ledger.append([award], {})
    again = ledger.append([new_award("bob"), award], {})
    assert [entry.fresh for entry in again.recorded] == [True, False]
    assert again.recorded[1].award == first.recorded[0].award
    assert standings(ledger) == {"ada": (5, 1), "bob": (1, 2)}
    assert len(check_ledger(database_url)) == 2


def test_a_batch_of_nothing_new_leaves_no_trace(ledger, database_url):
    award = new_award()
    ledger.append([award], {})
    before = check_ledger(database_url)
    again = ledger.append([award, award], {})
    assert (again.previous, again.newest.position, again.standings) == (1, 1, [])
    assert check_ledger(database_url) == before


def test_the_same_award_by_another_service_is_the_first_one(ledger):
    award = new_award("ada", 5, actor="action")
    ledger.append([award], {})
    (entry,) = ledger.append([award._replace(actor="ops")], {}).recorded
    assert (entry.fresh, entry.award.actor) == (False, "action")
    assert entry.award.same_content(award._replace(actor="ops"))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"user_id": "bob"}, id="user"),
        pytest.param({"points": 6}, id="points"),
        pytest.param({"action_type": "quiz.answer"}, id="action type"),
        pytest.param({"kind": "ticket"}, id="kind"),
    ],
)
def test_an_award_id_with_other_content_answers_the_first_award(ledger, other):
    award = new_award("ada", 5)
    ledger.append([award], {})
    changed = award._replace(**other)
    (entry,) = ledger.append([changed], {}).recorded
    assert not entry.fresh
    assert entry.award.same_content(award)
    assert not entry.award.same_content(changed)


def test_time_and_name_are_not_content(ledger):
    award = new_award("ada", 5)
    (entry,) = ledger.append([award], {}).recorded
    assert entry.award.same_content(award._replace(awarded_at=1, display_name="Ada"))


def test_an_award_counts_on_each_of_its_boards(ledger, database_url):
    first = ledger.append([new_award("ada", 5, boards=("main", "dice"))], {})
    second = ledger.append([new_award("ada", -9, boards=("dice",)), new_award("bob", 2, boards=("dice", "main"))], {})
    assert standings(ledger) == {"ada": (5, 1), "bob": (2, 3)}
    assert standings(ledger, "dice") == {"ada": (-4, 2), "bob": (2, 3)}
    assert [entry.award.score for entry in first.recorded + second.recorded] == [5, -4, 2]
    assert sorted(second.standings) == [
        StandingRow("dice", "ada", -4, 2),
        StandingRow("dice", "bob", 2, 3),
        StandingRow("main", "bob", 2, 3),
    ]
    check_ledger(database_url)


def test_an_award_of_no_points_reaches_nothing_new(ledger, database_url):
    ledger.append([new_award("ada", 5), new_award("bob", 5), new_award("ada", 0), new_award("eve", 0)], {})
    assert standings(ledger) == {"ada": (5, 1), "bob": (5, 2), "eve": (0, 4)}
    check_ledger(database_url)


def test_who_returns_to_a_score_reached_it_later(ledger):
    ledger.append([new_award("ada", 5), new_award("bob", 5), new_award("ada", -1), new_award("ada", 1)], {})
    assert standings(ledger) == {"ada": (5, 4), "bob": (5, 2)}


def test_scores_pass_32_bits_in_both_directions(ledger, database_url):
    ledger.append([new_award("up", MOST) for _ in range(3)] + [new_award("down", LEAST) for _ in range(3)], {})
    assert standings(ledger) == {"up": (3 * MOST, 3), "down": (3 * LEAST, 6)}
    check_ledger(database_url)


@pytest.mark.parametrize("score", [2**63 - 1 - MOST, -(2**63) - LEAST], ids=["most", "least"])
def test_scores_use_all_64_bits(database, ledger, score):
    ledger.append([new_award("ada", 1)], {})
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE standings SET score = :score"), {"score": score})
    points = MOST if score > 0 else LEAST
    (entry,) = ledger.append([new_award("ada", points)], {}).recorded
    assert entry.award.score == score + points
    assert standings(ledger) == {"ada": (score + points, 2)}


def test_names_are_kept_and_replaced(ledger):
    ledger.append([new_award("ada", display_name="Ada")], {})
    ledger.append([new_award("bob", display_name="日本 💯 Ünïcødé")], {})
    assert dict(ledger.names()) == {"ada": "Ada", "bob": "日本 💯 Ünïcødé"}
    appended = ledger.append([new_award("ada", display_name="Countess")], {"ada": "Ada"})
    assert appended.names == {"ada": "Countess"}
    assert dict(ledger.names()) == {"ada": "Countess", "bob": "日本 💯 Ünïcødé"}


def test_the_last_name_of_a_batch_stays(ledger):
    names = ["Ada", "Countess", "Ada"]
    appended = ledger.append([new_award("ada", display_name=name) for name in names], {"ada": "Ada"})
    assert {"ada": "Ada"} | appended.names == {"ada": "Ada"}
    assert dict(ledger.names()).get("ada", "Ada") == "Ada"


def test_a_repeated_award_changes_no_name(ledger):
    award = new_award("ada", display_name="Ada")
    ledger.append([award], {})
    for repeated in (award._replace(display_name="Eve"), award._replace(user_id="bob", display_name="Eve")):
        assert ledger.append([repeated], {"ada": "Ada"}).names == {}
    assert dict(ledger.names()) == {"ada": "Ada"}


def test_what_has_changed_after_a_position(ledger):
    ledger.append([new_award("ada", 1, boards=("main", "dice"), display_name="Ada"), new_award("bob", 2)], {})
    ledger.append([new_award("bob", 3, display_name="Bob"), new_award("eve", 4)], {})
    changed, restrictions, names = ledger.changed_after(2)
    assert restrictions == []
    assert sorted(changed) == [StandingRow("main", "bob", 5, 3), StandingRow("main", "eve", 4, 4)]
    assert names == {"bob": "Bob"}
    assert ledger.changed_after(0)[2] == {"ada": "Ada", "bob": "Bob"}
    assert ledger.changed_after(4) == ([], [], {})


def test_more_rows_than_are_read_at_once(ledger, database_url, monkeypatch):
    monkeypatch.setattr("scorewire_server.storage.ledger._READ_ROWS", 7)
    ledger.append([new_award(f"user-{number}", number) for number in range(30)], {})
    assert [award.points for award in ledger.awards()] == list(range(30))
    assert standings(ledger) == {f"user-{number}": (number, number + 1) for number in range(30)}


def test_a_reader_may_stop_early(ledger):
    ledger.append([new_award() for _ in range(3)], {})
    reading = ledger.awards()
    assert next(reading).position == 1
    reading.close()
    ledger.append([new_award()], {})
    assert ledger.position() == 4


def test_writers_at_the_same_time_leave_no_gap_and_no_double(database_url, database):
    """Two ledgers, as two servers would be if the lock had failed: the database itself keeps the order."""
    shared = [new_award(f"user-{number % 3}", number) for number in range(30)]
    failures: list[BaseException] = []

    def write(awards: list[NewAward]) -> None:
        other = Database(database_url)
        try:
            for award in awards:
                Ledger(other).append([award], {})
        except BaseException as failure:  # noqa: BLE001 - shown by the assertion below
            failures.append(failure)
        finally:
            other.close()

    threads = [threading.Thread(target=write, args=(batch,)) for batch in (shared, shared[::-1], shared[10:20])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {award.award_id for award in check_ledger(database_url)} == {award.award_id for award in shared}


def test_what_was_recorded_is_there_after_opening_again(database, ledger, database_url):
    ledger.append([new_award("ada", 5, display_name="Ada")], {})
    identity = ledger.database_id()
    database.close()
    again = Database(database_url)
    again.migrate()
    opened = Ledger(again)
    assert (opened.database_id(), opened.position()) == (identity, 1)
    assert standings(opened) == {"ada": (5, 1)}
    again.close()


AWARDS = st.builds(
    new_award,
    user_id=st.sampled_from(["ada", "bob", "eve"]),
    points=st.one_of(st.integers(-3, 3), st.integers(LEAST, MOST)),
    award_id=st.integers(0, 12).map(str),
    boards=st.lists(st.sampled_from(["main", "dice", "quiz"]), min_size=1, unique=True).map(tuple),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(AWARDS, min_size=1, max_size=8), min_size=1, max_size=5))
def test_any_batches_fold_into_the_standings(database, ledger, database_url, batches):
    with database.writing() as connection:
        for table in ("awards", "standings"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.execute(sa.text("UPDATE ledger SET position = 0, hash = :hash"), {"hash": bytes(32)})
    first: dict[str, NewAward] = {}
    for batch in batches:
        for award in batch:
            first.setdefault(award.award_id, award)
        ledger.append(batch, {})
    awards = check_ledger(database_url)
    assert [award.award_id for award in awards] == list(first)
    assert all(award.same_content(first[award.award_id]) for award in awards)


def test_the_hash_holds_every_column(ledger, database, database_url):
    ledger.append([new_award("ada", 5), new_award("bob", 6)], {})
    before = dict(rows(database_url, "SELECT position, hash FROM awards"))
    assert len(set(map(bytes, before.values()))) == 2
    for column, value in [("points", "7"), ("user_id", "'eve'"), ("awarded_at", "1"), ("boards", "'other'")]:
        with database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE awards SET {column} = {value} WHERE position = 1")
        with pytest.raises(AssertionError, match="hash of position 1"):
            check_ledger(database_url)


def test_database_ids_differ(database, ledger, tmp_path):
    other = Database(sa.URL.create("sqlite", database=str(tmp_path / "other.db")))
    other.migrate()
    ids = [ledger.database_id(), Ledger(other).database_id()]
    other.close()
    assert all(first != second for first, second in pairwise(ids))
