"""What every refusal is made of, and what ends a process."""

import re
from typing import ClassVar


class ServerFailed(Exception):
    """A server cannot go on: it ends, and whoever looks after it starts it again."""


class StartError(Exception):
    """A process that cannot start; the message says what to change."""


class Refusal(Exception):
    """A call that is answered with an error the caller can act on.

    `metadata` goes to the caller as it stands, so it holds nothing internal. `fields` names the request's fields at
    fault and what is wrong with each. `retry_after` is in seconds; `None` where waiting does not help. Its class has
    what holds where nothing better is known.
    """

    reason: ClassVar[str]
    retry_after: float | None = None

    def __init_subclass__(cls) -> None:
        cls.reason = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).upper()

    def __init__(
        self,
        message: str,
        *,
        fields: dict[str, str] | None = None,
        retry_after: float | None = None,
        **metadata: object,
    ) -> None:
        super().__init__(message)
        if retry_after is not None:
            self.retry_after = retry_after
        self.message = message
        self.fields = fields or {}
        self.metadata = {name: str(value) for name, value in metadata.items()}
