"""The operator's commands: what they print, how they exit, and who does the work."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire_server.storage.database import Database
from scorewire_server.storage.journal.journal import JOURNAL
from tests.damage import STANDINGS, Damage
from tests.processes import ServerProcess, free_ports, run_cli

RIGHT, NOT_FOUND_OUT, WRONG = 0, 1, 3
RAISED = Damage(("UPDATE standings SET score = 100",), {})
CHANGED = Damage(("UPDATE awards SET points = 9 WHERE position = 2",), {})


class Operator:
    """A score server over a folder, and the commands beside it."""

    def __init__(self, folder: Path) -> None:
        self.server = ServerProcess("score", folder)
        self.url = f"sqlite:///{folder}/score.db"
        self._env = {"SCOREWIRE_DATA_DIR": str(folder), "SCOREWIRE_SCORE__PORT": str(self.server.port)}

    def run(self, *arguments: str, **env: str) -> tuple[int, str, str]:
        ended = run_cli(*arguments, env=self._env | env)
        return ended.returncode, ended.stdout, ended.stderr

    def json(self, *arguments: str) -> tuple[int, dict]:
        code, out, _ = self.run(*arguments, "--json")
        return code, json.loads(out)


@pytest.fixture(scope="module")
def two_awards(tmp_path_factory: pytest.TempPathFactory, certs: Path, keys: Path) -> Path:
    """The folder of a score server that has given ada two awards, and has stopped."""
    folder = tmp_path_factory.mktemp("two-awards")
    (folder / "certs").symlink_to(certs)
    (folder / "keys").symlink_to(keys)
    server = ServerProcess("score", folder).start().wait_ready()
    with server.channel("action") as channel:
        for points in (3, 4):
            ScoreInternalServiceStub(channel).ApplyScore(ApplyScoreRequest(user_id="ada", points=points))
    server.stop()
    return folder


@pytest.fixture
def operator(tmp_path: Path, two_awards: Path) -> Iterator[Operator]:
    """With two awards of ada's, and the server stopped."""
    shutil.copytree(two_awards, tmp_path, symlinks=True, dirs_exist_ok=True)
    operator = Operator(tmp_path)
    yield operator
    operator.server.stop()


@pytest.fixture(params=["running", "stopped"])
def either(request, operator: Operator) -> Callable[[], Operator]:
    """Answers the operator with the server running or stopped, as of then."""

    def start() -> Operator:
        if request.param == "running":
            operator.server.start().wait_ready()
        return operator

    return start


def test_all_is_right(either):
    operator = either()
    code, out, err = operator.run("verify")
    assert (code, err) == (RIGHT, "")
    assert out.endswith("All is right.\n")
    assert "Rows of the ledger: 2, awards: 2, standings: 1, newest hash: " in out


def test_what_is_wrong_is_named(either, operator):
    CHANGED.do(operator.url)
    operator = either()
    code, out, err = operator.run("verify")
    assert (code, err) == (WRONG, "")
    assert "chain          WRONG: 1 row: position 2, awardId " in out
    assert out.endswith("Something is wrong.\n")


def test_what_is_wrong_is_told_to_programs(operator):
    CHANGED.do(operator.url)
    code, verified = operator.json("verify")
    assert (code, verified["right"]) == (WRONG, False)
    (chain,) = [check for check in verified["checks"] if check["name"] == "chain"]
    assert (chain["wrong"], chain["first"]["row"]["position"]) == (1, 2)
    assert chain["first"]["expected"] != chain["first"]["found"]


def test_the_running_server_is_asked(operator):
    operator.server.start().wait_ready()
    code, verified = operator.json("verify")
    assert (code, verified["right"], verified["position"], verified["standings"]) == (RIGHT, True, 2, 1)
    assert {check["wrong"] for check in verified["checks"]} == {0}
    assert verified["ranking"] == "asked of the running server"
    elsewhere = f"127.0.0.1:{free_ports(1)[0]}"
    assert operator.json("verify", "--server", elsewhere)[1]["ranking"].startswith("built, because ")


def test_a_copy_of_its_database_is_not_held_against_the_server(operator, tmp_path):
    """The server goes on, and what it shows is not of the copy."""
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(tmp_path / "score.db", copy)
    operator.server.start().wait_ready()
    with operator.server.channel("action") as channel:
        ScoreInternalServiceStub(channel).ApplyScore(ApplyScoreRequest(user_id="ada", points=5))
    folders = {"SCOREWIRE_DATA_DIR": str(copy), "SCOREWIRE_CERTS_DIR": str(tmp_path / "certs")}
    assert operator.run("verify", **folders)[0] == WRONG
    code, out, _ = operator.run("verify", "--no-ask", **folders)
    assert code == RIGHT
    assert "Ranking: built.\n" in out


def made_journal(operator: Operator, folder: Path) -> str:
    """A journal that knows of nothing, and of all that has ever been; its URL."""
    url = f"sqlite:///{folder}/action.db"
    database = Database(url, JOURNAL)
    database.migrate()
    database.close()
    Damage(("UPDATE journal SET knows_since = 0",), {}).do(url)
    return url


def test_a_journal_that_is_not_there_is_told_of(operator, tmp_path):
    code, out, _ = operator.run("verify")
    missing = f"there is no database sqlite:///{tmp_path}/action.db; the action server makes it when it starts"
    assert code == RIGHT
    assert f"journal        not checked: {missing}\norigins        not checked: {missing}\n" in out
    assert f"Journal: not read: {missing}.\n" in out
    assert "Say where the journal is with --journal URL, " in out
    _, verified = operator.json("verify")
    assert verified["journal"] == f"not read: {missing}"


def test_awards_are_held_against_the_journal_of_the_settings(operator, tmp_path):
    made_journal(operator, tmp_path)
    code, verified = operator.json("verify")
    wrong = {check["name"]: check["wrong"] for check in verified["checks"] if check["wrong"]}
    assert (code, wrong) == (WRONG, {"origins": 2})
    assert verified["journal"].startswith("read from sqlite:///")
    code, out, _ = operator.run("verify", "--no-journal")
    assert code == RIGHT
    assert "Journal: not read: it was not asked for.\n" in out


def test_awards_are_held_against_journals_that_are_named(operator, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    url = made_journal(operator, elsewhere)
    assert operator.run("verify")[0] == RIGHT
    assert operator.run("verify", "--journal", url)[0] == WRONG
    code, out, err = operator.run("verify", "--journal", url, "--journal", f"sqlite:///{tmp_path}/none.db")
    assert (code, out) == (NOT_FOUND_OUT, "")
    assert err.startswith("scorewire: there is no database ")


def test_nothing_is_delivered_again_where_a_journal_cannot_be_read(operator, tmp_path):
    url = made_journal(operator, tmp_path)
    code, out, err = operator.run("redeliver", "--yes", "--journal", url, "--journal", f"sqlite:///{tmp_path}/none.db")
    assert (code, out) == (NOT_FOUND_OUT, "")
    assert err.startswith(f"scorewire: there is no database sqlite:///{tmp_path}/none.db; ")


def test_standings_are_mended(either, operator):
    RAISED.do(operator.url)
    operator = either()
    code, out, err = operator.run("rebuild")
    assert (code, err) == (RIGHT, "")
    assert out.startswith("Standings mended: 1, restrictions: 0, as of position 2.\nBoards that were shown wrong: ")
    nothing = {"position": 2, "standingsMended": 0, "boardsMended": [], "restrictionsMended": 0}
    assert operator.json("rebuild") == (RIGHT, nothing)
    assert operator.run("verify")[0] == RIGHT


def test_a_damaged_ledger_is_not_built_on(either, operator):
    CHANGED.do(operator.url)
    code, out, err = either().run("rebuild")
    assert (code, out) == (WRONG, "")
    assert err.startswith("scorewire: the ledger is damaged, so nothing was changed: position 2, awardId ")


def test_a_server_that_has_the_database_and_does_not_answer(operator):
    STANDINGS["changed standing"].do(operator.url)
    operator.server.start().wait_ready()
    code, _, err = operator.run("rebuild", SCOREWIRE_SCORE__PORT=str(free_ports(1)[0]))
    assert code == NOT_FOUND_OUT
    assert "another score server uses" in err
    assert "it could not be asked: no score server answers at 127.0.0.1:" in err
    assert err.count("\n") == 1


def test_a_server_that_is_named_and_does_not_answer(operator):
    code, _, err = operator.run("rebuild", "--server", f"127.0.0.1:{free_ports(1)[0]}")
    assert code == NOT_FOUND_OUT
    assert err.startswith("scorewire: no score server answers at 127.0.0.1:")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["verify", "rebuild", "redeliver"])
def test_no_database_is_made(tmp_path, command):
    ended = run_cli(command, env={"SCOREWIRE_DATA_DIR": str(tmp_path / "data")})
    assert (ended.returncode, ended.stdout) == (NOT_FOUND_OUT, "")
    assert "there is no database " in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["verify", "rebuild", "redeliver"])
def test_a_database_that_does_not_answer(tmp_path, command):
    url = f"postgresql://nobody@127.0.0.1:{free_ports(1)[0]}/scores"
    ended = run_cli(command, env={"SCOREWIRE_DATA_DIR": str(tmp_path), "SCOREWIRE_SCORE__DATABASE_URL": url})
    assert (ended.returncode, ended.stdout) == (NOT_FOUND_OUT, "")
    assert "onnection refused" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["verify", "rebuild", "redeliver"])
def test_what_is_no_database(tmp_path, command):
    (tmp_path / "score.db").write_text("these are not the tables that you are looking for" * 100)
    ended = run_cli(command, env={"SCOREWIRE_DATA_DIR": str(tmp_path)})
    assert (ended.returncode, ended.stdout) == (NOT_FOUND_OUT, "")
    assert ended.stderr.startswith("scorewire: the database is damaged: file is not a database; ")
    assert ended.stderr.count("\n") == 1
