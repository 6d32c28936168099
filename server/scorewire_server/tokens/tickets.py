"""Tickets: the 10-second JWTs that redeem one action's points, once."""

from typing import Any, NamedTuple

from scorewire_server.clock import Clock
from scorewire_server.errors import (
    TicketAlgorithmNotAllowed,
    TicketAudienceInvalid,
    TicketClaimInvalid,
    TicketDataMismatch,
    TicketExpired,
    TicketFromFuture,
    TicketIssuerInvalid,
    TicketKeyUnknown,
    TicketLifetimeTooLong,
    TicketMalformed,
    TicketSignatureInvalid,
    TicketTypeInvalid,
)
from scorewire_server.tokens.fingerprint import fingerprint
from scorewire_server.tokens.jwks import JwksFile
from scorewire_server.tokens.names import is_user_id, shown_name
from scorewire_server.tokens.origin import UNKNOWN, Origin, address_mark
from scorewire_server.tokens.signed import Refusals, check_signature, read_token
from scorewire_server.tokens.signing import SigningKey

TYP = "score-ticket+jwt"
LIFETIME = 10
"""Seconds from `iat` to `exp`."""

_REFUSALS = Refusals("ticket", TicketMalformed, TicketKeyUnknown, TicketAlgorithmNotAllowed, TicketSignatureInvalid)


class VerifiedTicket(NamedTuple):
    """What a ticket proves: this user may redeem the award of this id."""

    award_id: str
    user_id: str
    display_name: str | None
    signed_in_at: int | None = None
    """When the user had signed in, in milliseconds since 1970, where that is known."""
    address_mark: str | None = None
    """What `tokens.origin.address_mark` makes of the address that the action came from, where that is known."""


class TicketIssuer:
    """Signs tickets."""

    def __init__(self, key: SigningKey, *, issuer: str, audience: str, clock: Clock) -> None:
        self._key = key
        self._issuer = issuer
        self._audience = audience
        self._clock = clock

    def issue(self, user_id: str, display_name: str | None, action_data: str, origin: Origin = UNKNOWN) -> str:
        """A ticket for this user and exactly this action data, which it does not contain."""
        now, jti = int(self._clock()), fingerprint(action_data)
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": user_id,
            "iat": now,
            "exp": now + LIFETIME,
            "jti": jti,
            "name": display_name,
            "auth_time": None if origin.signed_in_at is None else origin.signed_in_at // 1000,
            "adr": None if origin.address is None else address_mark(jti, origin.address),
        }
        return self._key.sign({name: value for name, value in claims.items() if value is not None}, TYP)


class TicketVerifier:
    """Checks tickets, by keys and claims alone.

    `tolerance` is how many seconds the issuer's clock may be ahead. It makes no ticket live longer.
    """

    def __init__(self, keys: JwksFile, *, issuer: str, audience: str, tolerance: float, clock: Clock) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._tolerance = tolerance
        self._clock = clock

    def verify(self, ticket: str, data: str) -> VerifiedTicket:
        """What the ticket proves about the action data. Whether it has counted already is the ledger's to say.

        Each check has its refusal, in this order. Raises TicketMalformed, TicketKeyUnknown, TicketAlgorithmNotAllowed,
        TicketSignatureInvalid, TicketTypeInvalid, TicketIssuerInvalid, TicketAudienceInvalid, TicketClaimInvalid (for
        any claim, when its turn comes), TicketFromFuture, TicketExpired, TicketLifetimeTooLong, TicketDataMismatch.
        """
        read = read_token(ticket, _REFUSALS)
        check_signature(read, self._keys, _REFUSALS)
        if read.header.get("typ") != TYP:
            raise TicketTypeInvalid(f"this JWT is no ticket: the typ of one is {TYP}")
        self._check_parties(read.claims)
        verified = _proven(read.claims)
        self._check_times(read.claims)
        if verified.award_id != fingerprint(data):
            raise TicketDataMismatch("the ticket was issued for other action data; send DoAction's result unchanged")
        return verified

    def _check_parties(self, claims: dict[str, Any]) -> None:
        if _text(claims, "iss") != self._issuer:
            raise TicketIssuerInvalid("the ticket is from another issuer")
        if _text(claims, "aud") != self._audience:
            raise TicketAudienceInvalid("the ticket is for another service")

    def _check_times(self, claims: dict[str, Any]) -> None:
        issued, expires, now = _seconds(claims, "iat"), _seconds(claims, "exp"), self._clock()
        if issued > now + self._tolerance:
            raise TicketFromFuture("the ticket was issued in the future; the clocks of the two servers differ")
        if now >= expires:
            raise TicketExpired("the ticket is over; do the action again")
        if expires - issued > LIFETIME:
            raise TicketLifetimeTooLong(f"the ticket is good for more than {LIFETIME} seconds")


def _proven(claims: dict[str, Any]) -> VerifiedTicket:
    user_id, name = _text(claims, "sub"), claims.get("name")
    if not is_user_id(user_id):
        raise _invalid("sub", "is no user id")
    if name is not None and shown_name(name) != name:
        raise _invalid("name", "is no display name")
    signed_in_at = _sign_in(claims) if "auth_time" in claims else None
    mark = _text(claims, "adr") if "adr" in claims else None
    return VerifiedTicket(_text(claims, "jti"), user_id, name, signed_in_at, mark)


def _sign_in(claims: dict[str, Any]) -> int:
    seconds = _seconds(claims, "auth_time")
    if not 0 <= seconds < 2**33:
        raise _invalid("auth_time", "is no time of these centuries")
    return seconds * 1000


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        raise _invalid(name, "is missing or no string")
    return value


def _seconds(claims: dict[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int:  # a bool is an int too
        raise _invalid(name, "is missing or no whole number of seconds")
    return value


def _invalid(claim: str, problem: str) -> TicketClaimInvalid:
    return TicketClaimInvalid(f"the claim {claim} of the ticket {problem}", claim=claim)
