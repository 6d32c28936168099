"""What tickets and sessions have in common: the form of a JWT, its key, and its signature.

PyJWT verifies. Which key checks a token is its `kid`'s matter alone, and which algorithm is the key's: the headers
`jwk`, `jku`, `x5u` and `x5c`, with which a token would bring its own key, are never looked at.
"""

from dataclasses import dataclass

from scorewire_server.errors import Refusal
from scorewire_server.tokens.jwks import KeySource
from scorewire_server.tokens.parts import FormMistake, Parts, take_apart


@dataclass(frozen=True, slots=True)
class Refusals:
    """How the checks refuse one kind of token, which is called `noun` in messages.

    Whoever has sent a token that no key of ours can have signed is told to do what `instead` says, if it says anything.
    """

    noun: str
    malformed: type[Refusal]
    key_unknown: type[Refusal]
    algorithm: type[Refusal]
    signature: type[Refusal]
    instead: str = ""


def read_token(token: str, refusals: Refusals) -> Parts:
    """Takes a compact JWT apart. Raises `refusals.malformed`."""
    try:
        return take_apart(token)
    except FormMistake as mistake:
        raise refusals.malformed(f"the {refusals.noun} {mistake}") from mistake


async def check_signature(parts: Parts, keys: KeySource, refusals: Refusals) -> None:
    """Raises `refusals.key_unknown`, `refusals.algorithm` or `refusals.signature` unless a known key has signed it.

    Raises UpstreamUnavailable where there are no keys yet.
    """
    kid = parts.header.get("kid")
    key = await keys.find(kid) if kid is not None else None
    if key is None:
        instead = f"; {refusals.instead}" if refusals.instead else ""
        raise refusals.key_unknown(f"no configured key has the kid of the {refusals.noun}{instead}")
    algorithm = parts.header.get("alg")
    check = key.checks.get(algorithm) if isinstance(algorithm, str) else None
    if check is None:
        allowed = " or ".join(key.checks)
        raise refusals.algorithm(f"the {refusals.noun} is to be signed by {allowed}, the algorithm of its key")
    if not check.Algorithm.verify(parts.signed, check.key, parts.signature):
        raise refusals.signature(f"the signature of the {refusals.noun} does not verify")
