"""`verify` asks a running server for its boards, and holds each page against the ledger at the page's own revision."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire_server.audit.opening import verification
from scorewire_server.audit.verify import Verified
from scorewire_server.errors import StartError
from scorewire_server.settings import Settings
from scorewire_server.storage.database import Database
from scorewire_server.storage.ledger import Ledger
from tests.audits import ended, wrong
from tests.awards import new_award
from tests.damage import Damage
from tests.running import RunningServer
from tests.waiting import until

WITHOUT_JOURNAL = {"journal", "origins"}
ASKED = "asked of the running server"


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr("scorewire_server.audit.asking._PAGE_SIZE", 3)


def url(settings: Settings) -> sa.URL:
    return sa.URL.create("sqlite", database=str(settings.data_dir / "score.db"))


def verify(server: RunningServer) -> Verified:
    with verification(server.settings, server.address) as run:
        return ended(run.run())[0]


def skipped(verified: Verified) -> set[str]:
    return {check.name for check in verified.checks if check.skipped}


def give(server: RunningServer, users: int = 10) -> None:
    """Awards on both boards, with ties."""
    awards = [
        ApplyScoreRequest(user_id=f"user-{number}", points=number % 5 + 1, action_type=action_type)
        for number in range(users)
        for action_type in ("dice.roll", "dice.roll", None)
    ]
    server.internal().ApplyScores(ApplyScoresRequest(awards=awards))


@contextmanager
def awards_coming_in(server: RunningServer) -> Iterator[Callable[[], int]]:
    """Callers that award points without a pause; answers how many they have given."""
    given, stop = [0, 0, 0], threading.Event()

    def call(caller: int) -> None:
        stub = server.internal("action")
        while not stop.is_set():
            user, points = given[caller] % 11, given[caller] % 7 - 2
            stub.ApplyScore(ApplyScoreRequest(user_id=f"user-{user}", points=points))
            given[caller] += 1

    callers = [threading.Thread(target=call, args=(number,)) for number in range(len(given))]
    for caller in callers:
        caller.start()
    try:
        yield lambda: sum(given)
    finally:
        stop.set()
        for caller in callers:
            caller.join()


def test_the_boards_of_a_running_server_are_right(start_score):
    server = start_score()
    give(server)
    verified = verify(server)
    assert (verified.right, verified.ranking) == (True, ASKED)
    assert (verified.position, verified.standings) == (30, 20)
    assert skipped(verified) == WITHOUT_JOURNAL


def test_an_empty_server_is_right(start_score):
    assert verify(start_score()).right


def test_boards_are_right_while_awards_come_in(start_score):
    server = start_score()
    give(server)
    with awards_coming_in(server) as given:
        for _ in range(10):
            before = given()
            verified = verify(server)
            assert (wrong(verified), verified.ranking) == ({}, ASKED)
            assert skipped(verified) == WITHOUT_JOURNAL
            until(lambda before=before: given() > before, "awards coming in")
    assert verify(server).right


def mended_behind_its_back(server: RunningServer, sql: str) -> None:
    """The standings as they should be, under a server that was started on others."""
    Damage((sql,), {}).do(url(server.settings))


SHOWN_WRONG = {
    "another score": (
        "UPDATE standings SET score = score + 10 WHERE user_id = 'user-2' AND board_id = 'main'",
        "UPDATE standings SET score = score - 10 WHERE user_id = 'user-2' AND board_id = 'main'",
        {"boardId": "main", "revision": 30, "rank": 1},
    ),
    "another order of equals": (
        "UPDATE standings SET reached_position = 1 WHERE user_id = 'user-9' AND board_id = 'dice'",
        "UPDATE standings SET reached_position = 29 WHERE user_id = 'user-9' AND board_id = 'dice'",
        {"boardId": "dice", "revision": 30, "rank": 1},
    ),
    "somebody who has earned nothing": (
        "INSERT INTO standings VALUES ('main', 'mallory', -100, 3)",
        "DELETE FROM standings WHERE user_id = 'mallory'",
        {"boardId": "main", "revision": 30, "rank": 11},
    ),
    "the last one missing": (
        "UPDATE standings SET board_id = 'gone' WHERE user_id = 'user-5' AND board_id = 'main'",
        "UPDATE standings SET board_id = 'main' WHERE user_id = 'user-5' AND board_id = 'gone'",
        {"boardId": "main", "revision": 30},
    ),
    "somebody missing": (
        "UPDATE standings SET board_id = 'gone' WHERE user_id = 'user-0' AND board_id = 'main'",
        "UPDATE standings SET board_id = 'main' WHERE user_id = 'user-0' AND board_id = 'gone'",
        {"boardId": "main", "revision": 30, "rank": 9},
    ),
}


@pytest.mark.parametrize(("damage", "mend", "row"), SHOWN_WRONG.values(), ids=SHOWN_WRONG)
def test_a_board_that_is_shown_wrong_is_found(start_score, damage, mend, row):
    first = start_score()
    give(first)
    first.begin_to_stop()
    first.wait_stopped()
    Damage((damage,), {}).do(url(first.settings))
    server = start_score()
    Damage((mend,), {}).do(url(server.settings))
    found = wrong(verify(server))
    assert found.keys() == {"ranking"}
    assert found["ranking"][0] == row


def test_a_board_that_is_behind_the_ledger_is_found(start_score, monkeypatch):
    monkeypatch.setattr("scorewire_server.audit.ranking.PATIENCE_SECONDS", 0)
    server = start_score()
    give(server)
    database = Database(url(server.settings))
    Ledger(database).append([new_award("user-1", 1)], {})  # another writer
    database.close()
    verified = verify(server)
    assert wrong(verified) == {"ranking": ({"boardId": "main"}, 1)}
    (ranking,) = [check for check in verified.checks if check.name == "ranking"]
    assert "expected a revision from 31 to 31, found revision 30" in str(ranking.first)


def test_a_board_of_a_later_ledger_is_found(start_score):
    """The database was set back under the server."""
    server = start_score()
    give(server)
    newest = "(SELECT hash FROM awards WHERE position = 29)"
    Damage(
        (
            "DELETE FROM awards WHERE position = 30",
            f"UPDATE ledger SET position = 29, hash = {newest}",
            "UPDATE standings SET score = 10, reached_position = 29 WHERE user_id = 'user-9' AND board_id = 'main'",
        ),
        {},
    ).do(url(server.settings))
    assert wrong(verify(server)) == {"ranking": ({"boardId": "dice"}, 2)}


def test_a_server_of_another_database_is_not_asked(start_score, grpc_server):
    server = start_score()
    give(server)
    with verification(server.settings, grpc_server.address) as run:
        verified, _ = ended(run.run())
    assert verified.right
    assert verified.ranking == "built, because no server could be asked: the server there has another database"


def test_a_server_that_is_not_there_is_not_asked(start_score):
    server = start_score()
    give(server)
    server.begin_to_stop()
    server.wait_stopped()
    with verification(server.settings, server.address) as run:
        verified, _ = ended(run.run())
    assert verified.right
    assert verified.ranking.startswith("built, because no server could be asked: no score server answers at ")


def test_without_a_certificate_nobody_is_asked(start_score, tmp_path):
    server = start_score()
    give(server)
    with verification(server.settings.model_copy(update={"certs_dir": tmp_path / "none"}), server.address) as run:
        verified, _ = ended(run.run())
    assert verified.right
    assert "built, because no server could be asked: no certificate" in verified.ranking


def test_a_server_that_ends_meanwhile_is_told_of(start_score):
    server = start_score()
    give(server)
    with verification(server.settings, server.address) as run:
        steps = run.run()
        until(lambda: next(steps).rows == "places", "the first page")
        server.begin_to_stop()
        server.wait_stopped()
        verified, _ = ended(steps)
    (ranking,) = [check for check in verified.checks if check.name == "ranking"]
    assert ranking.skipped.startswith("the server was asked, and stopped answering: no score server answers at ")
    assert verified.right


def test_a_board_that_the_rules_no_longer_have_is_not_asked_for(start_score, tmp_path):
    first = start_score()
    give(first)
    first.begin_to_stop()
    first.wait_stopped()
    server = start_score(rules_file=without_dice(tmp_path))
    verified = verify(server)
    assert (verified.right, verified.ranking, verified.standings) == (True, ASKED, 20)


def without_dice(folder):
    rules = folder / "fewer.toml"
    direct = "[direct]\nminimum = 1\nmaximum = 9\nboards = ['main']\n"
    rules.write_text(f"default_board = 'main'\n[boards.main]\n{direct}")
    return rules


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        pytest.param(lambda _: None, "there is no database ", id="no database"),
        pytest.param(lambda path: path.touch(), "has no tables of Scorewire", id="an empty file"),
        pytest.param(
            lambda path: Damage(
                ("CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('0000')"), {}
            ).do(f"sqlite:///{path}"),
            "has tables of version 0000, which is not ours",
            id="another version",
        ),
    ],
)
def test_what_is_no_database_of_ours(score_settings, prepare, said):
    settings = score_settings()
    path = settings.data_dir / "score.db"
    prepare(path)
    with pytest.raises(StartError, match=said), verification(settings, None):
        pass
