"""How long it takes to verify 1,000,000 awards, by the command: alone, with a server to ask, with a journal as long."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.million import fill_journal
from bench.results import Row
from bench.servers import score_server, wait_serving

VERIFY_SECONDS = 20
_NOBODY = "127.0.0.1:1"


class _Taken(NamedTuple):
    seconds: float
    most_mib: float


def audits(data: Path, users: int) -> Iterator[Row]:
    """Over the database of a data folder; a journal comes beside it."""
    yield _row(f"verify {users:,} awards", _verify(data, _NOBODY))
    with score_server(data) as server:
        wait_serving(server, time.monotonic())
        yield _row("verify them, and the boards of a server", _verify(data, server.address))
    fill_journal(data, users)
    yield _row(f"verify them, and a journal of {users:,} actions", _verify(data, _NOBODY))
    with score_server(data) as server:
        wait_serving(server, time.monotonic())
        yield _row("verify them, and both", _verify(data, server.address))


def _row(what: str, taken: _Taken) -> Row:
    mib = f"{taken.most_mib:.0f} MiB at most"
    return Row(f"Seconds to {what}", f"{taken.seconds:.1f} s", mib, taken.seconds, VERIFY_SECONDS)


def _verify(data: Path, server: str) -> _Taken:
    command = [sys.executable, "-m", "scorewire_client.cli", "verify", "--server", server]
    environment = os.environ | {"SCOREWIRE_DATA_DIR": str(data)}
    began = time.monotonic()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return _Taken(time.monotonic() - began, usage.ru_maxrss / 1024)
