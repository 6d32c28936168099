"""The databases of a world: two files, or two databases of a PostgreSQL that is stopped and started."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import sqlalchemy as sa

Kind = Literal["sqlite", "postgresql"]
StopMode = Literal["fast", "immediate"]
SOCKET = ".s.PGSQL.5432"
"""The name of PostgreSQL's Unix socket, in a folder of ours."""
CONTROL = "tests.crash.postgres_control"


class Urls(NamedTuple):
    """Where the ledger and the journal are."""

    ledger: sa.URL
    journal: sa.URL

    def through(self, folder: Path) -> "Urls":
        """The same databases of a PostgreSQL, through a socket in `folder`."""
        return Urls._make(url.update_query_dict({"host": str(folder)}) for url in self)

    def environment(self, folder: Path) -> dict[str, str]:
        """The servers' settings, with files for the URLs in `folder`."""
        variables = {}
        for server, url in (("SCORE", self.ledger), ("ACTION", self.journal)):
            file = folder / f"{server.lower()}.url"
            file.write_text(url.render_as_string(hide_password=False))
            variables[f"SCOREWIRE_{server}__DATABASE_URL_FILE"] = str(file)
        return variables


def sqlite(folder: Path) -> Urls:
    """Files in `folder`, which the servers make."""
    ledger, journal = (sa.URL.create("sqlite", database=str(folder / f"{name}.db")) for name in ("score", "action"))
    return Urls(ledger, journal)


class Postgres:
    """A PostgreSQL with its data in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.socket = Path()

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator["Postgres"]:
        """Runs while entered."""
        postgres = cls(folder)
        try:
            yield postgres
        finally:
            postgres.stop("immediate")

    def create(self) -> Urls:
        """Makes two empty databases."""
        url = sa.make_url(self.start()).set(drivername="postgresql+psycopg")
        self.socket = Path(str(url.query["host"])) / SOCKET
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for name in Urls._fields:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return Urls._make(url.set(database=name) for name in Urls._fields)

    @property
    def pid(self) -> int:
        """The process that all the others are children of."""
        return int((self._folder / "postmaster.pid").read_text().splitlines()[0])

    def start(self) -> str:
        """Starts it, unless it runs; answers its URL."""
        return self._control("start")

    def stop(self, mode: StopMode) -> None:
        """Stops it, if it runs: `fast` cuts every connection, `immediate` does so without as much as a checkpoint."""
        self._control("stop", mode)

    def dump(self, url: sa.URL, file: Path) -> None:
        """Copies a database into a file, while it is used."""
        self._control("dump", _plain(url), str(file))

    def restore(self, url: sa.URL, file: Path) -> None:
        """Makes a database what a file has, while nobody uses it."""
        self._control("restore", _plain(url), str(file))

    def _control(self, *arguments: str) -> str:
        # In a process of its own: it forks, which gRPC in this one does not survive.
        command = [sys.executable, "-W", "ignore", "-m", CONTROL, str(self._folder), *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout.strip()


def _plain(url: sa.URL) -> str:
    """For PostgreSQL's own programs."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
