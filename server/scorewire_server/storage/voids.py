"""What the row that takes an award back is called: its id follows from the award's, so that there is one."""

import base64
import hashlib


def void_id(award_id: str) -> str:
    """The id of the void of an award: with a tilde, which is in no id that a caller may use."""
    digest = hashlib.sha256(award_id.encode()).digest()
    return "void~" + base64.urlsafe_b64encode(digest).decode().rstrip("=")
