"""The action server, and what the handlers of actions are written with."""

from scorewire_server.action.handlers import ActionCall, Outcome, Refused, action
from scorewire_server.tokens.sessions import User

__all__ = ["ActionCall", "Outcome", "Refused", "User", "action"]
