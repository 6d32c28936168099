"""What a person sees of the three processes: that they start, what they warn of, that they stop."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.text import Text

SHOWN_LEVELS = {"warning": "yellow", "error": "red", "critical": "red"}
EVERYDAY_LEVELS = {"debug", "info"}
UNSAID = {"process", "level", "event", "timestamp", "exception"}


class Screen:
    """The terminal. The logs go to files; only what needs a person's eye comes here."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(soft_wrap=True, highlight=False)
        self._shown_levels = SHOWN_LEVELS

    def say(self, text: str, style: str = "") -> None:
        """Prints lines as they are, however long, so that they can be pasted."""
        self._console.print(Text(text, style=style), soft_wrap=True)

    @contextmanager
    def waiting(self, names: Sequence[str]) -> Iterator[Callable[[str], None]]:
        """Shows which processes are not ready yet; the function it gives says that one is."""
        left = list(names)
        with self._console.status(_starting(left)) as status:

            def ready(name: str) -> None:
                left.remove(name)
                status.update(_starting(left))

            yield ready

    def stopping(self) -> None:
        """Says that all is stopped; from now on, what processes warn of is that they are."""
        self.say("Stopping...")
        self._shown_levels = {level: style for level, style in SHOWN_LEVELS.items() if level != "warning"}

    def last_words(self, problem: str, lines: Iterable[str]) -> None:
        """Shows how a process has ended, with those of its last lines that may say why."""
        telling = [line for line in lines if _parsed(line).get("level") not in EVERYDAY_LEVELS]
        self.say("\n".join([f"{problem}. Its last lines:", *telling] if telling else [f"{problem}."]), "red")

    def tell(self, name: str, line: str) -> None:
        """Shows a line of a process's log where it is a warning or worse."""
        entry = _parsed(line)
        level = str(entry.get("level"))
        if level in self._shown_levels:
            rest = " ".join(f"{key}={value}" for key, value in entry.items() if key not in UNSAID)
            self.say(f"{name}: {level}: {entry.get('event')} {rest}".rstrip(), self._shown_levels[level])


def _starting(names: Sequence[str]) -> str:
    return f"Starting {', '.join(names)}"


def _parsed(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
