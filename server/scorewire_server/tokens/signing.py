"""A private key, and the tokens it signs."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, Self

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from scorewire_server.errors import StartError

Algorithm = Literal["ES256", "EdDSA"]
ALGORITHMS: dict[tuple[str, str], Algorithm] = {("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}
"""The one algorithm of each kind of key that is taken, by `kty` and `crv`."""

OURS = tuple(ALGORITHMS.values())
"""The algorithms of what Scorewire signs."""

_JWS = jwt.PyJWS(algorithms=list(OURS))


class SigningKeyMissing(StartError):
    """A signing key that is not there or cannot be read."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key; `public` is the JWK that checks what it signs."""

    kid: str
    algorithm: Algorithm
    private: jwt.PyJWK
    public: dict[str, Any]

    @classmethod
    def of(cls, jwk: dict[str, Any]) -> Self:
        """The key of a private JWK. Raises KeyError, TypeError, ValueError and `jwt.PyJWTError` for any other."""
        if not isinstance(jwk["d"], str):
            raise TypeError("d")
        algorithm = ALGORITHMS[jwk["kty"], jwk["crv"]]
        kid = thumbprint(jwk)
        described = {"kid": kid, "alg": algorithm, "use": "sig"}
        public = {name: value for name, value in jwk.items() if name != "d"} | described
        return cls(kid, algorithm, jwt.PyJWK(jwk, algorithm), public)

    def sign(self, claims: dict[str, Any], typ: str) -> str:
        """A compact JWT of these claims."""
        headers = {"kid": self.kid, "typ": typ}
        return _JWS.encode(orjson.dumps(claims), self.private, self.algorithm, headers)


def new_jwk(algorithm: Algorithm, made_at: float) -> dict[str, Any]:
    """A new private key as a JWK, which says when it was made."""
    if algorithm == "ES256":
        members = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
    else:
        members = OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate(), as_dict=True)
    return {**members, "iat": int(made_at)}


def thumbprint(jwk: dict[str, Any]) -> str:
    """The RFC 7638 thumbprint of a key, which is its `kid`. Raises KeyError where a member is missing."""
    members = ("crv", "kty", "x", "y") if jwk["kty"] == "EC" else ("crv", "kty", "x")
    canonical = orjson.dumps({name: jwk[name] for name in members})
    return urlsafe_b64encode(sha256(canonical).digest()).rstrip(b"=").decode()
