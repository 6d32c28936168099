"""Commands for the files that processes trust: certificates and keys, made, listed, changed."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from scorewire_client.cli.output import fail
from scorewire_client.cli.serving import load_settings

if TYPE_CHECKING:
    from scorewire_server.settings import Settings
    from scorewire_server.tokens.signing_file import Scheduled

certs = typer.Typer(help="Certificates, by which the processes know each other.", no_args_is_help=True)
keys = typer.Typer(help="Keys that sign tickets and guest sessions.", no_args_is_help=True)

Purpose = Annotated[Literal["tickets", "guests"], typer.Argument(help="What the key signs.")]
Step = Annotated[Literal["trust-new", "use-new", "forget-old"], typer.Argument(help="The next of the three steps.")]
Days = Annotated[
    float | None,
    typer.Option(min=0.01, max=397, help="How long a new certificate is good; certificate_days if not given."),
]
Algorithm = Annotated[Literal["ES256", "EdDSA"], typer.Option(help="How a new key signs.")]


@certs.command("make")
def make_certs(days: Days = None) -> None:
    """Make what is missing, for development: for our processes, and for each of `identities`.

    A certificate with less than a third of its time left is made anew; the others are kept.
    """
    with _settings() as settings:
        from scorewire_server.certs import make_certificates

        days = days or settings.certificate_days
        made = make_certificates(settings.certs, settings.trust_domain, days=days, others=settings.identities)
        typer.echo(_told(made, settings.certs))


@certs.command("rotate-ca")
def rotate_ca(step: Step) -> None:
    """Change the development CA, while everything runs.

    Three steps, two seconds or more apart: trust-new, use-new, forget-old.
    """
    with _settings() as settings:
        from scorewire_server import rotation

        if step == "trust-new":
            rotation.trust_new(settings.certs, settings.trust_domain)
            typer.echo("The new CA is trusted, beside the old one. When every process has read that: use-new")
        elif step == "use-new":
            days, others = settings.certificate_days, settings.identities
            made = rotation.use_new(settings.certs, settings.trust_domain, days, others=others)
            typer.echo(f"The new CA made {', '.join(made)}. When every process has read that: forget-old")
        else:
            forgotten = rotation.forget_old(settings.certs, settings.identities)
            typer.echo(f"Forgot {forgotten} old {'CA' if forgotten == 1 else 'CAs'}; certificates of it are refused.")


@certs.command("list")
def list_certs() -> None:
    """List them: whose, and until when."""
    with _settings() as settings:
        for path in _found(settings.certs, "*.pem", "scorewire certs make"):
            for line in _certificate_lines(path):
                typer.echo(line)


@keys.command("make")
def make_keys(algorithm: Algorithm = "ES256") -> None:
    """Make what is missing; keep the others."""
    with _settings() as settings:
        from scorewire_server.tokens import keys as files

        typer.echo(_told(files.make_keys(settings.keys, algorithm=algorithm), settings.keys))


@keys.command("list")
def list_keys() -> None:
    """List the keys: which signs now, which will, and until when the others are taken."""
    with _settings() as settings:
        for path in _found(settings.keys, "*.signing.json", "scorewire keys make"):
            for line in _key_lines(path):
                typer.echo(line)


@keys.command("rotate")
def rotate_key(
    purpose: Purpose,
    algorithm: Algorithm = "ES256",
    now: Annotated[bool, typer.Option("--now", help="After a leak: refuse what the old keys signed, at once.")] = False,
) -> None:
    """Make a new key, which follows the old one without anybody being refused.

    It is published now and signs a little later; what the old one signed stays good until it ends. Nothing is
    restarted.
    """
    with _settings() as settings:
        from scorewire_server.tokens import keys as files

        pace = files.AT_ONCE if now else files.pace_of(purpose, settings.action)
        new = files.rotate_key(settings.keys, purpose, algorithm=algorithm, pace=pace)
    typer.echo(f"New key for {purpose}: {new.key.kid}.")
    if now:
        typer.echo("It signs now; what the old ones signed is refused.")
    else:
        typer.echo(f"It is published now, and signs from {_time(new.begins)} on.")
        typer.echo(f"What the old one signed is taken until {_time(new.begins + pace.stays)}.")


@contextmanager
def _settings() -> Iterator["Settings"]:
    """The settings; what goes wrong with the files that they name ends the command with one line."""
    settings = load_settings()
    from scorewire_server.errors import StartError

    try:
        yield settings
    except (StartError, OSError, ValueError) as problem:
        fail(str(problem))


def _told(made: Sequence[str], folder: Path) -> str:
    return f"Made {', '.join(made)} in {folder}." if made else f"Nothing to make: all are there, in {folder}."


def _found(folder: Path, pattern: str, maker: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        fail(f"there is nothing in {folder} yet: {maker}")
    return found


def _certificate_lines(path: Path) -> Iterator[str]:
    from cryptography import x509

    from scorewire_server.rpc.certificates import uris

    for certificate in x509.load_pem_x509_certificates(path.read_bytes()):
        identity = " ".join(uris(certificate)) or certificate.subject.rfc4514_string()
        yield f"{path.stem:<18}until {certificate.not_valid_after_utc:%Y-%m-%d %H:%M}  {identity}"


def _key_lines(path: Path) -> Iterator[str]:
    from scorewire_server.tokens.keys import jwks_file
    from scorewire_server.tokens.signing_file import read_signing, signing_now

    purpose, now = path.name.removesuffix(".signing.json"), time.time()
    schedule = read_signing(path)
    published = {jwk.get("kid") for jwk in _published(jwks_file(path.parent, purpose))}
    for each in schedule:
        made = datetime.fromtimestamp(each.jwk["iat"], UTC)
        use = _use(each, signs=each is signing_now(schedule, now), now=now)
        missing = "" if each.key.kid in published or each.is_over(now) else ", NOT PUBLISHED: run `scorewire keys make`"
        yield f"{purpose:<9}{each.key.kid}  {each.key.algorithm:<7}made {made:%Y-%m-%d}  {use}{missing}"


def _use(key: "Scheduled", *, signs: bool, now: float) -> str:
    """What a key is good for at this moment, by the rule that the servers follow."""
    if key.is_over(now):
        return "has ended"
    if key.begins > now and not signs:
        return f"signs from {_time(key.begins)} on"
    end = f"taken until {_time(key.ends)}" if key.ends else ""
    return ", ".join(filter(None, ("signs" if signs else "", end)))


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _published(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text())["keys"]) if path.exists() else []
