"""A command in a real terminal, whose screen can be read."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pyte

from tests.waiting import until

SECONDS = 60.0


class Terminal:
    """A command line that runs in a terminal of that size; `raw` is all that it has sent there."""

    def __init__(self, *arguments: str, env: Mapping[str, str], columns: int = 80, lines: int = 24) -> None:
        self.raw = b""
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        own = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "scorewire_client.cli", *arguments],
            env=own | {"TERM": "xterm-256color"} | dict(env),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def screen(self) -> list[str]:
        """The lines that can be seen, without the empty ones."""
        with self._lock:
            return [line.rstrip() for line in self._screen.display if line.strip()]

    @property
    def text(self) -> str:
        """The same as one text."""
        return "\n".join(self.screen)

    def row_of(self, name: str) -> str:
        """The line on which a name stands, when it does."""
        return until(lambda: next((line for line in self.screen if name in line), ""), f"{name} on {self.text}")

    def is_marked(self, name: str) -> bool:
        """Whether the line with that name stands out from the others."""
        with self._lock:
            lines = self._screen.display
            row = next(number for number, line in enumerate(lines) if name in line)
            return self._screen.buffer[row][lines[row].index(name)].reverse

    def has_cursor(self) -> bool:
        """Whether the cursor can be seen."""
        return not self._screen.cursor.hidden

    def wait_for(self, text: str) -> "Terminal":
        """Returns when the screen shows a text."""
        until(lambda: text in self.text, f"{text} on {self.text}")
        return self

    def end(self, signum: signal.Signals = signal.SIGINT) -> int:
        """Presses Ctrl-C, or sends another signal; answers the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signum)
        status = self._process.wait(SECONDS)
        self._reader.join(SECONDS)
        return status

    def close(self) -> None:
        """Ends it, where it has not ended."""
        self._process.kill()
        self._process.wait(SECONDS)
        self._reader.join(SECONDS)
        os.close(self._ours)

    def _read(self) -> None:
        while sent := self._sent():
            with self._lock:
                self.raw += sent
                self._stream.feed(sent)

    def _sent(self) -> bytes:
        try:
            return os.read(self._ours, 65536)
        except OSError:  # how a terminal ends
            return b""


@contextmanager
def terminal(*arguments: str, env: Mapping[str, str], columns: int = 80, lines: int = 24) -> Iterator[Terminal]:
    """Runs a command in a terminal while entered."""
    running = Terminal(*arguments, env=env, columns=columns, lines=lines)
    try:
        yield running
    finally:
        running.close()
