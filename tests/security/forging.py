"""Tokens that nobody should write, written by hand."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from jwt.algorithms import RSAAlgorithm

from scorewire_server.tokens.fingerprint import fingerprint
from scorewire_server.tokens.sessions import GuestSigner
from scorewire_server.tokens.signing import SigningKey
from scorewire_server.tokens.signing_file import SigningFile
from tests.clocks import START, SetClock

Sign = Callable[[bytes], bytes]
# The order of the curve P-256.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ORDER_BYTES = _ORDER.to_bytes(32, "big")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def encoded(part: bytes | Mapping[str, Any]) -> str:
    """Base64url without padding, of JSON where it is no bytes."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact(header: bytes | Mapping[str, Any], claims: bytes | Mapping[str, Any], sign: Sign) -> str:
    """A compact JWT of any header and any payload."""
    signed = f"{encoded(header)}.{encoded(claims)}"
    return f"{signed}.{encoded(sign(signed.encode()))}"


def unsigned(_: bytes) -> bytes:
    """The signature of `none`."""
    return b""


def by(key: SigningKey) -> Sign:
    """Signs with a private key."""
    return lambda signed: key.private.Algorithm.sign(signed, key.private.key)


def by_secret(secret: bytes) -> Sign:
    """Signs with HMAC-SHA-256."""
    return lambda signed: hmac.digest(secret, signed, "sha256")


def public_pem(key: SigningKey) -> bytes:
    """What a confused verifier would take for the secret of an HMAC."""
    return key.private.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def public_der(key: SigningKey) -> bytes:
    """The same in the other form."""
    return key.private.key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


PUBLIC_FORMS: dict[str, Callable[[SigningKey], bytes]] = {
    "PEM": public_pem,
    "PEM without its last newline": lambda key: public_pem(key).strip(),
    "DER": public_der,
    "JWK": lambda key: json.dumps(key.public).encode(),
    "JWK without spaces": lambda key: json.dumps(key.public, separators=(",", ":")).encode(),
}
"""What a confused verifier may have in its hand when it verifies an HMAC."""


def by_rsa(signed: bytes) -> bytes:
    """Signs with an RSA key that nobody knows."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return RSAAlgorithm(RSAAlgorithm.SHA256).sign(signed, key)


def other_signature(token: str) -> str:
    """The same token with the other signature that ECDSA verifies just as well: (r, n - s) instead of (r, s)."""
    signed, _, signature = token.rpartition(".")
    raw = urlsafe_b64decode(signature + "==")
    r, s = raw[:32], int.from_bytes(raw[32:], "big")
    return f"{signed}.{encoded(r + (_ORDER - s).to_bytes(32, 'big'))}"


def resigned(token: str, change: Callable[[bytes], bytes]) -> str:
    """The token with the bytes of its signature changed."""
    return part(token, 2, encoded(change(urlsafe_b64decode(token.rpartition(".")[2] + "=="))))


def der_signature(token: str) -> str:
    """The token with its ECDSA signature as ASN.1, which is how most libraries make it."""
    return resigned(
        token,
        lambda raw: encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")),
    )


def spare_bits(token: str, position: int) -> str:
    """The token with bits set at the end of a part that mean nothing; the part must have some."""
    changed = token.split(".")[position]
    assert len(changed) % 4, "all bits of this part mean something"
    return part(token, position, changed[:-1] + _ALPHABET[_ALPHABET.index(changed[-1]) + 1])


def part(token: str, position: int, replacement: str) -> str:
    """The token with one of its parts replaced."""
    parts = token.split(".")
    parts[position] = replacement
    return ".".join(parts)


def answered() -> str:
    """Action data of a right answer, new each time."""
    return f'{{"actionId":"{uuid4().hex}","actionType":"quiz.answer","result":{{"correct":true}}}}'


@dataclass
class Forger:
    """Writes tickets for one string of action data; a good one, where nothing is changed."""

    key: SigningKey
    guests: SigningFile
    data: str

    def guest_session(self) -> str:
        return GuestSigner(self.guests, 60, SetClock()).sign_in("Mallory").token

    def header(self, **changes: Any) -> dict[str, Any]:
        return changed({"alg": "ES256", "kid": self.key.kid, "typ": "score-ticket+jwt"}, changes)

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(START)
        good = {
            "iss": "scorewire-action",
            "aud": "scorewire-score",
            "sub": "mallory",
            "iat": now,
            "exp": now + 10,
            "jti": fingerprint(self.data),
        }
        return changed(good, changes)

    def ticket(self, sign: Sign | None = None, **header: Any) -> str:
        return compact(self.header(**header), self.claims(), sign or by(self.key))

    def claiming(self, **claims: Any) -> str:
        return compact(self.header(), self.claims(**claims), by(self.key))


def changed(good: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """With the changes; `...` leaves a member out."""
    return {name: value for name, value in (good | changes).items() if value is not ...}


def twice(forger: Forger, header: str = "", claims: str = "") -> str:
    """A signed ticket whose header or claims begin with another member, which may be there again."""
    written = (json.dumps(forger.header()), json.dumps(forger.claims()))
    first, second = (
        f"{{{member},{text[1:]}".encode() if member else text.encode()
        for member, text in zip((header, claims), written, strict=True)
    )
    return compact(first, second, by(forger.key))


def standard_base64(forger: Forger) -> str:
    """A good ticket in the alphabet of base64 that is not for URLs."""
    while not {"-", "_"} & set(ticket := forger.ticket()):
        pass  # each has another signature
    return ticket.replace("-", "+").replace("_", "/")


def jwe(forger: Forger) -> str:
    """An encrypted token, of which nobody here has the key."""
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": forger.key.kid, "typ": "score-ticket+jwt"}
    return ".".join([encoded(header), "", encoded(bytes(12)), encoded(bytes(100)), encoded(bytes(16))])


def json_serialized(forger: Forger, *, general: bool) -> str:
    """A good ticket in one of the two other forms of RFC 7515."""
    protected, payload, signature = forger.ticket().split(".")
    signed = {"protected": protected, "signature": signature}
    return json.dumps({"payload": payload} | ({"signatures": [signed]} if general else signed))
