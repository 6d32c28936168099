"""Sessions: the JWTs by which users of ActionService prove who they are."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scorewire_server.clock import Clock
from scorewire_server.errors import SessionExpired, SessionInvalid, SessionMissing, StartError, UpstreamUnavailable
from scorewire_server.settings import SessionIssuer
from scorewire_server.tokens.jwks import KeySource
from scorewire_server.tokens.names import LAST_SECOND, is_user_id, shown_name
from scorewire_server.tokens.parts import Parts
from scorewire_server.tokens.signed import Refusals, check_signature, read_token
from scorewire_server.tokens.signing_file import SigningFile
from scorewire_server.tokens.tickets import TYP as TICKET

TYP = "session+jwt"
GUEST_ISSUER = "scorewire-guests"
GUEST_AUDIENCE = "scorewire-action"
GUEST_PREFIX = "guest-"
TOLERANCE = 2.0
"""Seconds by which the clocks of an identity provider and this server may differ."""

_REFUSALS = Refusals("session", SessionInvalid, SessionInvalid, SessionInvalid, SessionInvalid)
# What identity providers write: nothing, the generic type, or that of an access token (RFC 9068). Any other is for
# another use.
_PROVIDER_TYPES = frozenset({None, "jwt", "at+jwt", TYP})


class User(NamedTuple):
    """Who acts: the id, the name to show where one is known, and the time of the sign-in."""

    id: str
    display_name: str | None
    signed_in_at: int | None = None
    """Milliseconds since 1970, where the session says it."""


class GuestSession(NamedTuple):
    """A guest and its session JWT, which ends at `expires` (seconds since 1970)."""

    user: User
    token: str
    expires: int


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose sessions are accepted, and how they are known; a user's id is `prefix` and the `sub` of the session."""

    name: str
    audience: str
    keys: KeySource
    types: frozenset[str | None]
    prefix: str

    @classmethod
    def guests(cls, keys: KeySource) -> "Issuer":
        """The guest sign-in of this server."""
        return cls(GUEST_ISSUER, GUEST_AUDIENCE, keys, frozenset({TYP}), GUEST_PREFIX)

    @classmethod
    def configured(cls, settings: SessionIssuer, keys: KeySource) -> "Issuer":
        """An identity provider of the operator's. Raises StartError for one that would have guests among its users."""
        prefix = settings.user_prefix or ""
        if prefix.startswith(GUEST_PREFIX):
            raise StartError(
                f"action.session_issuers: {settings.issuer} has the user_prefix {prefix}, but ids that begin with "
                f"{GUEST_PREFIX} are those of guests; choose another"
            )
        return cls(settings.issuer, settings.audience, keys, _PROVIDER_TYPES, prefix)


class SessionVerifier:
    """Checks sessions of any of the issuers. Raises StartError.

    Issuers of one prefix share their users. Of others a user id has one issuer, that with the longest prefix of it.
    """

    def __init__(self, issuers: Sequence[Issuer], clock: Clock) -> None:
        self._issuers = {issuer.name: issuer for issuer in issuers}
        self._clock = clock
        if len(self._issuers) < len(issuers):
            raise StartError("action.session_issuers: an issuer is named twice")
        self._not_its_own = {issuer.name: _longer_prefixes(issuer, issuers) for issuer in issuers}

    async def verify(self, token: str | None) -> User:
        """Who the session's user is. Raises SessionMissing, SessionInvalid, SessionExpired, UpstreamUnavailable."""
        if token is None:
            raise SessionMissing("send `authorization: Bearer <session JWT>`, once")
        read = read_token(token, _REFUSALS)
        if _type(read.header) == TICKET:
            raise SessionInvalid("a ticket is no session; send that of the sign-in, and the ticket to UpdateScore")
        issuer = self._issuer(read)
        await check_signature(read, issuer.keys, _REFUSALS)
        if _type(read.header) not in issuer.types:
            raise SessionInvalid("this JWT is no session: its typ is that of something else")
        if issuer.audience not in _audiences(read.claims):
            raise SessionInvalid("the session is for another service")
        self._check_times(read.claims)
        signed_in_at = _signed_in_at(read.claims, self._clock())
        return User(self._user_id(issuer, read.claims), shown_name(read.claims.get("name")), signed_in_at)

    async def knows(self, token: str) -> bool:
        """Whether one of the issuers has signed the token as a session, which may be over."""
        try:
            await self.verify(token)
        except SessionExpired:
            return True
        except (SessionInvalid, UpstreamUnavailable):
            return False
        return True

    def _user_id(self, issuer: Issuer, claims: dict[str, Any]) -> str:
        sub = claims.get("sub")
        user_id = f"{issuer.prefix}{sub}"
        if not (is_user_id(sub) and is_user_id(user_id)):
            behind = f" with {issuer.prefix!r} before it" if issuer.prefix else ""
            raise SessionInvalid(f"the claim sub of the session is no user id{behind}: 1-64 of A-Z a-z 0-9 . _ : @ -")
        if user_id.startswith(self._not_its_own[issuer.name]):
            raise SessionInvalid("the claim sub of the session is that of another issuer's user")
        return user_id

    def _issuer(self, read: Parts) -> Issuer:
        # The claim is not proven yet; it only chooses the keys that are to prove it.
        name = read.claims.get("iss")
        issuer = self._issuers.get(name) if isinstance(name, str) else None
        if issuer is None:
            raise SessionInvalid("the session is from an issuer that is not configured")
        return issuer

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = self._clock()
        if now >= _seconds(claims, "exp") + TOLERANCE:
            raise SessionExpired("the session is over; sign in again")
        for begin in ("iat", "nbf"):
            if begin in claims and _seconds(claims, begin) > now + TOLERANCE:
                raise SessionInvalid(f"the session is not good yet: its {begin} lies in the future")


class GuestSigner:
    """Signs new guests in."""

    def __init__(self, keys: SigningFile, lifetime: int, clock: Clock) -> None:
        self._keys = keys
        self._lifetime = lifetime
        self._clock = clock

    def sign_in(self, display_name: str) -> GuestSession:
        """A new user of that name, and a session for it."""
        now = int(self._clock())
        sub = secrets.token_hex(8)
        user = User(f"{GUEST_PREFIX}{sub}", shown_name(display_name), now * 1000)
        expires = now + self._lifetime
        claims = {
            "iss": GUEST_ISSUER,
            "aud": GUEST_AUDIENCE,
            "sub": sub,
            "iat": now,
            "exp": expires,
            "name": user.display_name,
        }
        return GuestSession(user, self._keys.current().sign(claims, TYP), expires)


def _type(header: dict[str, Any]) -> str | None:
    # Media types have no case, and RFC 7515 lets `application/` be left out.
    typ = header.get("typ")
    return None if typ is None else str(typ).lower().removeprefix("application/")


def _audiences(claims: dict[str, Any]) -> list[Any]:
    audience = claims.get("aud")
    return audience if isinstance(audience, list) else [audience]


def _longer_prefixes(issuer: Issuer, issuers: Sequence[Issuer]) -> tuple[str, ...]:
    longer = {other.prefix for other in issuers if other.prefix != issuer.prefix}
    return tuple(sorted(prefix for prefix in longer if prefix.startswith(issuer.prefix)))


def _signed_in_at(claims: dict[str, Any], now: float) -> int | None:
    # `iat` grows whenever a session is renewed; `auth_time` of OpenID Connect does not.
    name = next((name for name in ("auth_time", "iat") if name in claims), None)
    return int(min(_seconds(claims, name), now) * 1000) if name else None


def _seconds(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    # A bool is an int too, and neither comparisons nor people can make anything of a time beyond all numbers.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LAST_SECOND:
        raise SessionInvalid(f"the claim {name} of the session is missing or no time in seconds since 1970")
    return value
