"""What is usual: quantiles over what all users do, of lately, in a few hundred bytes."""

from math import log2

_STEPS = 4
"""Slots for each doubling."""
_FADE = 20_000
"""Samples after which older ones count half."""


class Crowd:
    """A fading histogram of numbers from 0 up, in slots that grow with them; quantiles are the lower end of a slot."""

    def __init__(self, quantile: float, enough: int, unknown: float) -> None:
        self._quantile = quantile
        self._enough = enough
        self._slots = [0.0] * 96
        self._samples = 0.0
        self._unread = 0
        self.usual = unknown
        """The quantile, as of a while ago; `unknown` until there are enough samples."""

    def add(self, number: float) -> None:
        """Takes in one sample."""
        self._slots[min(int(_STEPS * log2(number + 1)), len(self._slots) - 1)] += 1
        self._samples += 1
        self._unread += 1
        if self._samples >= self._enough and self._unread >= self._samples / 50:
            self._read()

    def _read(self) -> None:
        self._unread, passed = 0, 0.0
        for number, slot in enumerate(self._slots):
            passed += slot
            if passed >= self._quantile * self._samples:
                self.usual = 2 ** (number / _STEPS) - 1
                break
        if self._samples > _FADE:
            self._slots = [slot / 2 for slot in self._slots]
            self._samples /= 2
