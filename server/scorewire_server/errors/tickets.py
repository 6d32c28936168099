"""The ticket proves nothing, or has counted."""

from scorewire_server.errors.base import Refusal


class TicketMissing(Refusal):
    """The call brings no ticket."""


class TicketMalformed(Refusal):
    """The ticket is not a compact JWT."""


class TicketKeyUnknown(Refusal):
    """No configured key has the ticket's `kid`."""


class TicketAlgorithmNotAllowed(Refusal):
    """The ticket's `alg` is not the one of its key."""


class TicketSignatureInvalid(Refusal):
    """The signature does not verify."""


class TicketTypeInvalid(Refusal):
    """`typ` is not that of a ticket."""


class TicketIssuerInvalid(Refusal):
    """`iss` is not the configured issuer."""


class TicketAudienceInvalid(Refusal):
    """`aud` is not this service."""


class TicketClaimMissing(Refusal):
    """The ticket lacks a claim; metadata `claim` names it."""


class TicketClaimInvalid(Refusal):
    """A claim is of the wrong kind; metadata `claim` names it."""


class TicketFromFuture(Refusal):
    """`iat` lies in the future."""


class TicketExpired(Refusal):
    """The ticket's ten seconds are over."""


class TicketLifetimeTooLong(Refusal):
    """`exp` is more than ten seconds after `iat`."""


class TicketDataMismatch(Refusal):
    """The action data is not what the ticket was issued for."""


class TicketAlreadyRedeemed(Refusal):
    """The ticket has counted; metadata has the award's `scoreIncrease`, `score` and `revision`, or `voided`."""
