"""What ties a ticket to its action data, and an award to its action."""

from base64 import urlsafe_b64encode
from hashlib import sha256


def fingerprint(action_data: str) -> str:
    """The base64url SHA-256 of the action data, without padding: 43 characters.

    It is the ticket's `jti` and the `award_id` of both deliveries. Raises UnicodeEncodeError for lone surrogates.
    """
    return urlsafe_b64encode(sha256(action_data.encode()).digest()).rstrip(b"=").decode()
