"""Sessions that come as tickets: whoever mixes the two up is told so, and is not taken for a forger.

They are known by public keys in files. Nothing is fetched for them: whoever sends tokens could keep calls waiting.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import structlog

from scorewire_server.clock import Clock
from scorewire_server.errors import TicketKeyUnknown, TicketTypeInvalid
from scorewire_server.settings import Settings
from scorewire_server.tokens.jwks import JwksFile
from scorewire_server.tokens.keys import jwks_file
from scorewire_server.tokens.public_keys import JwksMistake
from scorewire_server.tokens.sessions import Issuer, SessionVerifier
from scorewire_server.tokens.signing import OURS
from scorewire_server.tokens.tickets import NO_SESSION, TicketVerifier, VerifiedTicket

log = structlog.get_logger()


class TellingApart:
    """Checks tickets as `tickets` does, and refuses a genuine session by another reason than a forged ticket."""

    def __init__(self, tickets: TicketVerifier, sessions: SessionVerifier) -> None:
        self._tickets = tickets
        self._sessions = sessions
        self.tolerance = tickets.tolerance

    async def proven(self, token: str) -> VerifiedTicket:
        """See TicketVerifier; raises TicketTypeInvalid for a session."""
        try:
            return await self._tickets.proven(token)
        except TicketKeyUnknown:
            # What a token says of itself anybody can write: its signature tells.
            if await self._sessions.knows(token):
                raise TicketTypeInvalid(f"this is a session; {NO_SESSION}") from None
            raise


def sessions_known_here(settings: Settings, clock: Clock) -> SessionVerifier:
    """Checks sessions whose keys are in files that this server can read; others are strange to it. Raises StartError.

    The settings are those of the action server, where both have the same.
    """
    return SessionVerifier(list(_issuers(settings, clock)), clock)


def _issuers(settings: Settings, clock: Clock) -> Iterator[Issuer]:
    action = settings.action
    if action.guests and (keys := _keys(jwks_file(settings.keys, "guests"), OURS, clock)):
        yield Issuer.guests(keys)
    for issuer in action.session_issuers:
        if issuer.jwks_file and (keys := _keys(issuer.jwks_file, issuer.algorithms, clock)):
            yield Issuer.configured(issuer, keys)


def _keys(path: Path, algorithms: Collection[str], clock: Clock) -> JwksFile | None:
    try:
        return JwksFile(path, algorithms, clock)
    except JwksMistake as mistake:
        log.info("sessions that come as tickets are taken for forged ones", problem=str(mistake))
        return None
