"""Another CA for development, in three steps, between which everybody takes certificates of both.

1. `trust_new`: the bundle `ca.pem` has the old CA and the new one; certificates stay.
2. `use_new`: the new CA has made every certificate; the bundle stays.
3. `forget_old`: the bundle has the new CA alone.

Before each next step every process has to have read what the last one wrote, which takes a running one two seconds.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from scorewire_server.certs import Pair, make_authority, make_certificates, write_certificates
from scorewire_server.clock import Clock, system_clock
from scorewire_server.errors import StartError
from scorewire_server.settings import IDENTITIES

_NEXT = "ca-next"
"""`ca-next.key` is the key of the new CA while its certificate is in the bundle and signs nothing."""


class RotationMistake(StartError):
    """A step that is not the next one."""


def trust_new(folder: Path, trust_domain: str, clock: Clock = system_clock) -> None:
    """Makes another CA, which is trusted and signs nothing yet. Raises RotationMistake, OSError."""
    _current(folder)
    if len(_bundle(folder)) > 1:
        raise RotationMistake("a rotation is under way: end it with `use-new` and `forget-old`")
    new = make_authority(trust_domain, datetime.fromtimestamp(clock(), UTC))
    new.write_key(folder, _NEXT)
    write_certificates(folder, "ca", [*_bundle(folder), new.certificate])


def use_new(
    folder: Path, trust_domain: str, days: float, clock: Clock = system_clock, others: Sequence[str] = ()
) -> list[str]:
    """Has the new CA make every certificate, those of `others` too; answers the identities.

    Raises RotationMistake, OSError.
    """
    if len(_bundle(folder)) == 1:
        raise RotationMistake("there is no new CA yet: begin with `trust-new`")
    key = folder / f"{_NEXT}.key"
    if key.exists():
        key.replace(folder / "ca.key")
    return make_certificates(folder, trust_domain, clock, days, others)


def forget_old(folder: Path, others: Sequence[str] = ()) -> int:
    """Takes every CA out of the bundle but the one that signs; answers how many. Raises RotationMistake, OSError."""
    current = _current(folder)
    leaves = [Pair.read(folder, identity) for identity in (*IDENTITIES, *others)]
    if (folder / f"{_NEXT}.key").exists() or not all(leaf and current.has_signed(leaf) for leaf in leaves):
        raise RotationMistake("the new CA has not made every certificate yet: `use-new` comes first")
    forgotten = [each for each in _bundle(folder) if each != current.certificate]
    write_certificates(folder, "ca", [current.certificate])
    return len(forgotten)


def _current(folder: Path) -> Pair:
    current = Pair.read(folder, "ca")
    if current is None:
        raise RotationMistake(f"{folder} has no CA of ours: `scorewire certs make` makes one where there is none")
    return current


def _bundle(folder: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates((folder / "ca.pem").read_bytes())
