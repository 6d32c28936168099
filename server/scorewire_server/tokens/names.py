"""What claims may say: user ids, the names shown for them, and times."""

import itertools
import re
import unicodedata
from typing import TypeGuard

from scorewire.session.v1.session_pb2 import SignInAsGuestRequest
from scorewire_server.rpc.field_rules import broken_rules

USER_ID = re.compile(r"[A-Za-z0-9._:@-]{1,64}")
LONGEST_NAME = 32
LAST_SECOND = 2**53
"""A time in seconds since 1970 is less: beyond it, JSON numbers are not exact."""
# What the field rule of `display_name` takes nowhere: what is not to be seen, and what breaks the line.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# The same rule's list of what counts as a letter, a mark or a symbol, and is drawn as nothing.
_FILLERS = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0\U00013441\U00013442\U0001d159")
# What it does not begin with, besides white space.
_MARKS = frozenset({"Mn", "Mc", "Me"})


def is_user_id(value: object) -> TypeGuard[str]:
    """Whether it is a string that every part of Scorewire takes as a user id."""
    return isinstance(value, str) and USER_ID.fullmatch(value) is not None


def shown_name(name: object) -> str | None:
    """A display name as the field rules want it: without unseen characters, at most 32 long.

    Identity providers know other rules than a leaderboard. `None` where nothing is left to show, or it is no string.
    """
    if not isinstance(name, str):
        return None
    seen = "".join(character for character in name if _is_seen(character))
    begun = "".join(itertools.dropwhile(_begins_nothing, seen))
    shown = begun.strip()[:LONGEST_NAME].strip()
    return shown if shown and _keeps_the_rule(shown) else None


def _keeps_the_rule(name: str) -> bool:
    # The tables of the field rules may be of a newer Unicode than those of Python; an award without a name counts, and
    # one with a name that breaks the rule would not.
    return name.isascii() or broken_rules(SignInAsGuestRequest(display_name=name)) is None


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN and character not in _FILLERS


def _begins_nothing(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in _MARKS
