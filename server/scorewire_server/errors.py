"""Why a call is refused: one plain exception for each reason of `scorewire.errors.v1.ErrorReason`.

Business code raises these and knows nothing of gRPC; `rpc/status.py` has the table that gives each its code.
"""

import re
from typing import ClassVar


class ServerFailed(Exception):
    """A server cannot go on: it ends, and whoever looks after it starts it again."""


class StartError(Exception):
    """A process that cannot start; the message says what to change."""


class Refusal(Exception):
    """A call that is answered with an error the caller can act on.

    `metadata` goes to the caller as it stands, so it holds nothing internal. `fields` names the request's fields at
    fault and what is wrong with each. `retry_after` is in seconds; `None` where waiting does not help. Its class has
    what holds where nothing better is known.
    """

    reason: ClassVar[str]
    retry_after: float | None = None

    def __init_subclass__(cls) -> None:
        cls.reason = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).upper()

    def __init__(
        self,
        message: str,
        *,
        fields: dict[str, str] | None = None,
        retry_after: float | None = None,
        **metadata: object,
    ) -> None:
        super().__init__(message)
        if retry_after is not None:
            self.retry_after = retry_after
        self.message = message
        self.fields = fields or {}
        self.metadata = {name: str(value) for name, value in metadata.items()}


class InvalidField(Refusal):
    """A field breaks its rule; `fields` names each."""


class RequestMalformed(Refusal):
    """The bytes of the request are not a message of its type."""


class MessageTooLarge(Refusal):
    """The request is larger than a server takes."""


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


class ActionTypeUnknown(Refusal):
    """No handler is registered for the action type."""


class ActionRefused(Refusal):
    """The handler of the action refused; metadata `refusal` is its own reason."""


class RequestIdReused(Refusal):
    """The `request_id` stands for another action or other input."""


class ActionInterrupted(Refusal):
    """The action was begun under this `request_id` and did not come to its end; it earned nothing."""


class ActionUnderWay(Refusal):
    """The action of this `request_id` was begun, perhaps by another server, and its end is not known yet."""

    retry_after = 0.5


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


class ActionDataInvalid(Refusal):
    """The action data lacks what the scoring rule reads; metadata `field` names it."""


class ScoringRuleMissing(Refusal):
    """There is no scoring rule for the action type."""


class PointsOutOfBounds(Refusal):
    """The points are outside the rule's bounds; metadata has `minimum` and `maximum`."""


class Cooldown(Refusal):
    """The user's last award of the action type is too recent; metadata `notBefore` says when the next one counts."""

    retry_after = 1.0


class CapReached(Refusal):
    """The user has been given as much as the rule allows in its time; metadata `notBefore` says when more counts."""

    retry_after = 1.0


class TooSoonAfterSignIn(Refusal):
    """The user has signed in too recently for an award; metadata `notBefore` says when one counts."""

    retry_after = 1.0


class AwardIdReused(Refusal):
    """The `award_id` stands for an award with other content."""


class UserBlocked(Refusal):
    """The user is blocked: it earns nothing."""


class UserUnknown(Refusal):
    """The ledger has nothing about the user."""


class AwardUnknown(Refusal):
    """There is no award of that id."""


class AwardAlreadyVoided(Refusal):
    """The award was voided before; metadata has the void's `revision` and `reason`, and the `score` after it."""


class BoardUnknown(Refusal):
    """There is no such board."""


class StandingNotFound(Refusal):
    """The user has no award on the board yet."""


class PageTokenInvalid(Refusal):
    """The page token is not one of this board and database."""


class ResumeTokenInvalid(Refusal):
    """The resume token is not one of this board."""


class RateLimited(Refusal):
    """The user, address or service calls too often; metadata has `limit` calls, `window` in seconds, and `method`."""

    retry_after = 1.0


class Overloaded(Refusal):
    """More is in progress or waiting to be written than the server takes; nothing was done."""

    retry_after = 0.5


class TooManyWatches(Refusal):
    """As many watches are open as the server takes, in all or of one address."""

    retry_after = 5.0


class StorageUnavailable(Refusal):
    """The database did not take the award, or its answer was lost."""

    retry_after = 1.0


class BoardRebuilt(Refusal):
    """A board was wrong, this watch has shown it, and it is right now."""

    retry_after = 0.1


class LedgerDamaged(Refusal):
    """The ledger is not as it was written, so nothing can be made from it; the metadata names the first wrong row."""


class UpstreamUnavailable(Refusal):
    """The server behind this one cannot be reached."""

    retry_after = 1.0


class Starting(Refusal):
    """This server is not ready yet."""

    retry_after = 1.0


class Draining(Refusal):
    """This server is shutting down."""

    retry_after = 1.0


class DeadlineExceeded(Refusal):
    """The call's time was over before its answer."""
