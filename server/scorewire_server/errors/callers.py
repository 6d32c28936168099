"""Who calls is not known, or may not."""

from scorewire_server.errors.base import Refusal


class CallerUnknown(Refusal):
    """The client certificate names no identity of the trust domain."""


class CallerNotAllowed(Refusal):
    """The identity of the client certificate is not on the service's allow list."""


class SessionMissing(Refusal):
    """The call brings no session JWT."""


class SessionInvalid(Refusal):
    """The session JWT is malformed, forged or from an issuer that is not configured."""


class SessionExpired(Refusal):
    """The session is over."""
