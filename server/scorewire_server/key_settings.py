"""What settings may say of keys: the algorithms of sessions, and the addresses of key sets."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AnyHttpUrl

FETCH_SECONDS = 10.0
"""How long keys may be on their way from the action server, caches and a slow answer included."""
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


def _only_safe(url: str) -> str:
    """Whoever can change what keys are fetched can sign: without TLS that is everybody on the way."""
    parsed = AnyHttpUrl(url)
    if parsed.scheme == "http" and parsed.host not in {"127.0.0.1", "localhost", "[::1]"}:
        raise ValueError("keys are fetched over https; http is for addresses of this machine alone")
    return url


JwksUrl = Annotated[str, AfterValidator(_only_safe)]
