"""What is said when nothing can be written for a while: once when it begins, and once when it is over."""

import structlog

from scorewire_server.errors import Refusal

log = structlog.get_logger()


class Trouble:
    """Trouble with a `receiver`, such as `the database`, that takes no `goods`, such as `awards`.

    `signs` are the exceptions that tell of it; any other is a fault of ours.
    """

    def __init__(self, receiver: str, goods: str, signs: tuple[type[Exception], ...] = (Refusal,)) -> None:
        self._begins = f"{receiver} takes no {goods}"
        self._ends = f"{receiver} takes {goods} again"
        self._signs = signs
        self._lasts = False

    def begun(self, failure: Exception) -> None:
        """Logs a failure: a sign of trouble once until that is over, a fault of ours every time."""
        if not isinstance(failure, self._signs):
            log.error("commit failed", exc_info=failure)
        elif not self._lasts:
            self._lasts = True
            problem = getattr(failure.__cause__, "orig", None) or failure
            log.error(self._begins, problem=str(problem))

    def over(self) -> None:
        """Logs that what was in trouble is not any more."""
        if self._lasts:
            self._lasts = False
            log.warning(self._ends)
