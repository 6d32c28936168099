"""Time as an argument, so that tests set it instead of waiting for it."""

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Answers the wall-clock time in seconds since 1970."""

system_clock: Clock = time.time
