"""Time that a test sets."""

START = 1_800_000_000.0


class SetClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        """Lets time pass."""
        self.now += seconds
