"""Two real actions, as examples of handlers and for `make run`."""

from scorewire_server.action.samples.dice import roll
from scorewire_server.action.samples.quiz import answer

__all__ = ["answer", "roll"]
