"""How much hostile input is made: a fixed, small number of examples by default, as many as asked for by `make fuzz`."""

import os
from typing import Any

from hypothesis import HealthCheck, settings

ASKED = os.environ.get("FUZZ_EXAMPLES")


def examples(count: int) -> Any:
    """Settings for that many examples, always the same ones; `FUZZ_EXAMPLES` asks for another number, at random."""
    return settings(
        max_examples=int(ASKED) if ASKED else count,
        derandomize=not ASKED,
        database=None,
        deadline=None,
        print_blob=True,
        # Examples come through a server, and fixtures are shared by all of them on purpose.
        suppress_health_check=list(HealthCheck),
    )
