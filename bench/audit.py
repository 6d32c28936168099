"""How long it takes to verify 1,000,000 awards, by the command, with and without a server to ask."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.results import Row
from bench.servers import score_server, wait_serving

VERIFY_SECONDS = 20


def audits(data: Path, users: int) -> Iterator[Row]:
    """Over the database of a data folder."""
    alone = _verify(data, "127.0.0.1:1")
    yield Row(f"Seconds to verify {users:,} awards", f"{alone:.1f} s", "", alone, VERIFY_SECONDS)
    with score_server(data) as server:
        wait_serving(server, time.monotonic())
        asked = _verify(data, server.address)
    yield Row("Seconds to verify them, and the boards of a server", f"{asked:.1f} s", "", asked, VERIFY_SECONDS)


def _verify(data: Path, server: str) -> float:
    command = [sys.executable, "-m", "scorewire_client.cli", "verify", "--server", server]
    began = time.monotonic()
    environment = os.environ | {"SCOREWIRE_DATA_DIR": str(data)}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - began
