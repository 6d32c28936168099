"""The database itself: its tables, its lock, and what becomes of its failures."""

import sqlite3
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from scorewire_server.errors import StartError, StorageUnavailable
from scorewire_server.settings import ScoreSettings
from scorewire_server.storage.database import LEDGER, Database, DatabaseInUseError, DatabaseMistake
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.opening import chosen_url, opened
from scorewire_server.storage.tables import metadata
from tests.awards import new_award


def test_migrations_make_the_tables_of_the_code(database):
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(database, ledger):
    ledger.append([new_award()], {})
    identity = ledger.database_id()
    database.migrate()
    assert (ledger.database_id(), ledger.position()) == (identity, 1)


def test_a_second_server_is_refused_while_the_first_is_there(database, database_url):
    other = Database(database_url)
    with database.exclusive():
        with pytest.raises(DatabaseInUseError, match="another score server uses") as refused, other.exclusive():
            pass
        assert isinstance(refused.value, StartError)
    with other.exclusive():
        pass
    other.close()


def test_a_second_server_is_refused_that_knows_the_file_by_another_name(tmp_path):
    (tmp_path / "link.db").symlink_to(tmp_path / "score.db")
    database, other = (Database(sa.URL.create("sqlite", database=str(tmp_path / f"{n}.db"))) for n in ("score", "link"))
    database.migrate()
    with database.exclusive(), pytest.raises(DatabaseInUseError), other.exclusive():
        pass
    for each in (database, other):
        each.close()


def test_a_file_with_a_hard_link_is_not_used(tmp_path):
    """SQLite would not see that it is the same file, and its log of one name is not that of the other."""
    database = Database(sa.URL.create("sqlite", database=str(tmp_path / "score.db")))
    database.migrate()
    (tmp_path / "other.db").hardlink_to(tmp_path / "score.db")
    with pytest.raises(DatabaseMistake, match="has a hard link"), database.exclusive():
        pass
    (tmp_path / "other.db").unlink()
    with database.exclusive():
        pass
    database.close()


def test_the_lock_does_not_keep_its_own_server_from_writing(database, ledger):
    with database.exclusive():
        ledger.append([new_award()], {})
        assert ledger.position() == 1


def test_the_password_is_never_shown():
    database = Database("postgresql+psycopg://user:secret@localhost/scores")
    assert "secret" not in database.shown_url()
    assert "user" in database.shown_url()
    database.close()


def test_awards_are_durable_on_sqlite(tmp_path):
    database = Database(sa.URL.create("sqlite", database=str(tmp_path / "score.db")))
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    database.close()


def test_a_failing_write_leaves_nothing(database, ledger, database_url):
    ledger.append([new_award("ada", 1)], {})
    with pytest.raises(sa.exc.IntegrityError):
        ledger.append([new_award("ada", 1), new_award(None, 1)], {})
    assert ledger.position() == 1
    assert [row.score for row in ledger.standings("main")] == [1]


@pytest.mark.parametrize(("asked", "used"), [("off", "on"), ("on", "on"), ("remote_apply", "remote_apply")])
def test_postgres_answers_no_commit_before_the_disk_has_it_whatever_it_is_set_to(postgres_url, asked, used):
    database = Database(postgres_url.update_query_dict({"options": f"-c synchronous_commit={asked}"}))
    with database.writing() as connection:
        assert connection.scalar(sa.text("SHOW synchronous_commit")) == used
    database.close()


def test_a_lost_postgres_connection_is_unavailable_once(postgres_url):
    database = Database(postgres_url)
    database.migrate()
    with pytest.raises(StorageUnavailable) as failure:
        end_own_connection(database)
    assert failure.value.retry_after
    assert failure.value.__cause__
    assert Ledger(database).append([new_award()], {}).newest.position == 1
    database.close()


def end_own_connection(database: Database) -> None:
    with database.writing() as connection:
        own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with database.engine.connect() as other:
            other.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (own,))
        connection.exec_driver_sql("SELECT 1")


def test_a_postgres_that_is_not_there_is_unavailable(tmp_path):
    database = Database(sa.URL.create("postgresql+psycopg", query={"host": str(tmp_path)}))
    with pytest.raises(StorageUnavailable):
        Ledger(database).position()
    with pytest.raises(StorageUnavailable), database.exclusive():
        pass
    database.close()


def test_a_sqlite_that_another_program_holds_is_unavailable(tmp_path, monkeypatch):
    monkeypatch.setattr("scorewire_server.storage.database._PRAGMAS", ("PRAGMA busy_timeout=1",))
    database = Database(sa.URL.create("sqlite", database=str(tmp_path / "score.db")))
    database.migrate()
    holder = sqlite3.connect(tmp_path / "score.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable):
        Ledger(database).append([new_award()], {})
    holder.execute("ROLLBACK")
    assert Ledger(database).append([new_award()], {}).newest.position == 1
    holder.close()
    database.close()


def test_a_file_that_is_no_database_stops_the_start(tmp_path):
    file = tmp_path / "score.db"
    file.write_bytes(b"no database " * 1000)
    with pytest.raises(StartError, match="damaged: file is not a database; stop"), opened(sqlite_url(file), LEDGER):
        pass


def test_wrong_bytes_in_a_database_stop_the_start(tmp_path):
    file = tmp_path / "score.db"
    with opened(sqlite_url(file), LEDGER) as database:
        Ledger(database).append([new_award(user_id) for user_id in map(str, range(500))], {})
    content = bytearray(file.read_bytes())
    content[4096 * 3 :] = b"\xff" * (len(content) - 4096 * 3)
    file.write_bytes(content)
    with opened(sqlite_url(file), LEDGER) as database, pytest.raises(StartError, match="damaged"):
        list(Ledger(database).standings("main"))


def test_the_folder_of_a_database_is_for_its_owner_alone(tmp_path):
    folder = tmp_path / "data"
    with opened(chosen_url(ScoreSettings(), folder / "score.db"), LEDGER):
        pass
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def sqlite_url(file: Path) -> sa.URL:
    return sa.URL.create("sqlite", database=str(file))


def test_readers_see_one_state_while_a_writer_goes_on(database, ledger, monkeypatch):
    monkeypatch.setattr("scorewire_server.storage.ledger._READ_ROWS", 1)
    ledger.append([new_award() for _ in range(3)], {})
    reading = ledger.awards()
    assert next(reading).position == 1
    ledger.append([new_award()], {})
    assert [award.position for award in reading] == [2, 3]
