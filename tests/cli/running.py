"""`scorewire up` as a person runs it: a process, what it says, and how it ends."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

PORTS = {
    f"SCOREWIRE_{name}": "0"
    for name in (
        "GATEWAY__PORT",
        "GATEWAY__INTERNAL_PORT",
        "GATEWAY__ADMIN_PORT",
        "ACTION__PORT",
        "ACTION__METRICS_PORT",
        "SCORE__PORT",
        "SCORE__METRICS_PORT",
    )
}
"""Every port chosen by the system."""

READY = "Scorewire runs."
SECONDS = 60.0


# As from a terminal: the tests themselves may be run by make.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "MAKELEVEL"}


class Up:
    """A `scorewire up` that was started, over the data folder `data_dir`."""

    def __init__(self, data_dir: Path, env: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self._said: list[str] = []
        self._heard = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "scorewire_client.cli", "up"],
            env=_ENVIRONMENT | PORTS | {"SCOREWIRE_DATA_DIR": str(data_dir)} | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=data_dir.parent,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def said(self) -> str:
        """What it has printed."""
        return "".join(self._said)

    @property
    def lines_to_paste(self) -> list[str]:
        """The indented lines: what a person may type."""
        return [line.strip() for line in self.said.splitlines() if line.startswith("  ")]

    @property
    def url(self) -> str:
        """The page's address, as printed."""
        return next(line for line in self.said.splitlines() if line.startswith(READY)).split()[-1]

    @property
    def address(self) -> str:
        """The gateway's `host:port`."""
        return self.url.removeprefix("http://")

    def child(self, name: str) -> psutil.Process:
        """One of its processes, by name."""
        children = psutil.Process(self.pid).children()
        return next(child for child in children if ["serve", name] == child.cmdline()[3:5])

    def descendants(self) -> list[psutil.Process]:
        """Every process that it has started, directly or not."""
        return psutil.Process(self.pid).children(recursive=True)

    def wait_until_said(self, text: str) -> "Up":
        """Returns when it has printed `text`; fails when it ends before."""
        with self._heard:
            self._heard.wait_for(lambda: text in self.said or not self._listener.is_alive(), SECONDS)
        assert text in self.said, self.said
        return self

    def stop(self, signum: signal.Signals = signal.SIGINT) -> int:
        """Presses Ctrl-C, or sends another signal; answers the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signum)
        return self.wait()

    def kill(self) -> None:
        """Ends it, with no time to clean up."""
        self._process.kill()
        self._process.wait()

    def wait(self) -> int:
        """Waits until it has ended; answers the exit status."""
        status = self._process.wait(SECONDS)
        self._listener.join(SECONDS)
        return status

    def _listen(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                with self._heard:
                    self._said.append(line)
                    self._heard.notify_all()
        with self._heard:
            self._heard.notify_all()


@contextmanager
def running(data_dir: Path, env: Mapping[str, str] | None = None) -> Iterator[Up]:
    """A Scorewire that is ready; stopped at the end, where the test has not."""
    up = Up(data_dir, env)
    try:
        yield up.wait_until_said("watch --address")
    finally:
        up.stop()


def wait_until_gone(processes: list[psutil.Process]) -> None:
    """Returns when all of them have ended; fails where one has not."""
    _, left = psutil.wait_procs(processes, timeout=SECONDS)
    assert not left
