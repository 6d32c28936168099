"""What claims may say: user ids, the names shown for them, and times."""

import re
import unicodedata
from typing import TypeGuard

USER_ID = re.compile(r"[A-Za-z0-9._:@-]{1,64}")
LONGEST_NAME = 32
LAST_SECOND = 2**53
"""A time in seconds since 1970 is less: beyond it, JSON numbers are not exact."""
# What RE2 calls \p{C} in the field rule of `display_name`: characters that are assigned and not to be seen.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})


def is_user_id(value: object) -> TypeGuard[str]:
    """Whether it is a string that every part of Scorewire takes as a user id."""
    return isinstance(value, str) and USER_ID.fullmatch(value) is not None


def shown_name(name: object) -> str | None:
    """A display name as the field rules want it: without unseen characters, at most 32 long.

    Identity providers know other rules than a leaderboard. `None` where nothing is left to show, or it is no string.
    """
    if not isinstance(name, str):
        return None
    seen = "".join(character for character in name if unicodedata.category(character) not in _UNSEEN)
    return seen.strip()[:LONGEST_NAME].strip() or None
