"""Tickets: the 10-second JWTs that redeem one action's points, once."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeGuard

from scorewire_server.clock import Clock
from scorewire_server.errors import (
    TicketAlgorithmNotAllowed,
    TicketAudienceInvalid,
    TicketClaimInvalid,
    TicketClaimMissing,
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
from scorewire_server.tokens.jwks import KeySource
from scorewire_server.tokens.keys import LIFETIME
from scorewire_server.tokens.names import LAST_SECOND, is_user_id, shown_name
from scorewire_server.tokens.origin import UNKNOWN, Origin, address_mark
from scorewire_server.tokens.signed import Refusals, check_signature, read_token
from scorewire_server.tokens.signing_file import SigningFile

TYP = "score-ticket+jwt"
NO_SESSION = "redeem the token that DoAction answered: a session is no ticket"
"""What to do for whoever has sent something else."""

_REFUSALS = Refusals(
    "ticket",
    *(TicketMalformed, TicketKeyUnknown, TicketAlgorithmNotAllowed, TicketSignatureInvalid),
    instead=NO_SESSION,
)


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

    def __init__(self, keys: SigningFile, *, issuer: str, audience: str, clock: Clock) -> None:
        self._keys = keys
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
        return self._keys.current().sign({name: value for name, value in claims.items() if value is not None}, TYP)


class TicketVerifier:
    """Checks tickets, by keys and claims alone.

    `tolerance` is how many seconds the issuer's clock may be ahead. It makes no ticket live longer.
    """

    def __init__(self, keys: KeySource, *, issuer: str, audience: str, tolerance: float, clock: Clock) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self.tolerance = tolerance
        self._clock = clock

    async def verify(self, ticket: str, data: str) -> VerifiedTicket:
        """What the ticket proves about the action data. Whether it has counted already is the ledger's to say.

        Each check has its refusal, in this order. Raises TicketMalformed, TicketKeyUnknown, TicketAlgorithmNotAllowed,
        TicketSignatureInvalid, TicketTypeInvalid, TicketIssuerInvalid, TicketAudienceInvalid, TicketClaimMissing,
        TicketClaimInvalid, TicketFromFuture, TicketExpired, TicketLifetimeTooLong, TicketDataMismatch.
        UpstreamUnavailable, where the keys could not be fetched yet.
        """
        verified = await self.proven(ticket)
        check_data(verified, data)
        return verified

    async def proven(self, ticket: str) -> VerifiedTicket:
        """What the ticket proves, whatever data it may come with. Raises what `verify` does, but TicketDataMismatch."""
        read = read_token(ticket, _REFUSALS)
        await check_signature(read, self._keys, _REFUSALS)
        if read.header.get("typ") != TYP:
            raise TicketTypeInvalid(f"this JWT is no ticket: the typ of one is {TYP}")
        self._check_parties(read.claims)
        _check_claims(read.claims)
        self._check_times(read.claims)
        return _proven(read.claims)

    def _check_parties(self, claims: dict[str, Any]) -> None:
        # What is absent is not wrong but missing, which is the next rule.
        if claims.get("iss", self._issuer) != self._issuer:
            raise TicketIssuerInvalid("the ticket is from another issuer")
        if claims.get("aud", self._audience) != self._audience:
            raise TicketAudienceInvalid("the ticket is for another service")

    def _check_times(self, claims: dict[str, Any]) -> None:
        issued, expires, now = claims["iat"], claims["exp"], self._clock()
        if issued > now + self.tolerance:
            raise TicketFromFuture("the ticket was issued in the future; the clocks of the two servers differ")
        if now >= expires:
            raise TicketExpired(
                "the ticket is over; if it was redeemed before, that has counted, "
                "else ask for the action again under the same requestId, which gives a fresh ticket"
            )
        if expires - issued > LIFETIME:
            raise TicketLifetimeTooLong(f"the ticket is good for more than {LIFETIME} seconds")


def _check_claims(claims: dict[str, Any]) -> None:
    """Raises TicketClaimMissing, TicketClaimInvalid."""
    for claim in _REQUIRED:
        if claim not in claims:
            raise TicketClaimMissing(f"the ticket lacks the claim {claim}", claim=claim)
    for claim, (is_good, problem) in _KINDS.items():
        if claim in claims and not is_good(claims[claim]):
            raise TicketClaimInvalid(f"the claim {claim} of the ticket is no {problem}", claim=claim)


def check_data(verified: VerifiedTicket, data: str) -> None:
    """Raises TicketDataMismatch where the ticket was issued for other action data."""
    if verified.award_id != fingerprint(data):
        raise TicketDataMismatch("the ticket was issued for other action data; send DoAction's result unchanged")


def _proven(claims: dict[str, Any]) -> VerifiedTicket:
    signed_in = claims.get("auth_time")
    return VerifiedTicket(
        award_id=claims["jti"],
        user_id=claims["sub"],
        display_name=claims.get("name"),
        signed_in_at=None if signed_in is None else signed_in * 1000,
        address_mark=claims.get("adr"),
    )


def _is_time(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < LAST_SECOND  # a bool is an int too


def _is_sign_in(value: object) -> bool:
    return _is_time(value) and value < 2**33  # kept in milliseconds


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_name(value: object) -> bool:
    return value is None or (isinstance(value, str) and shown_name(value) == value)


_REQUIRED = ("iss", "aud", "sub", "iat", "exp", "jti")
_KINDS: dict[str, tuple[Callable[[object], bool], str]] = {
    "sub": (is_user_id, "user id"),
    "iat": (_is_time, "whole number of seconds since 1970"),
    "exp": (_is_time, "whole number of seconds since 1970"),
    "jti": (_is_text, "string"),
    "name": (_is_name, "display name"),
    "auth_time": (_is_sign_in, "time of these centuries"),
    "adr": (_is_text, "string"),
}
