"""Commands for the files that processes trust: certificates and keys, made, listed, changed."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from scorewire_client.cli.output import fail
from scorewire_client.cli.serving import load_settings

if TYPE_CHECKING:
    from scorewire_server.settings import Settings

certs = typer.Typer(help="Certificates, by which the processes know each other.", no_args_is_help=True)
keys = typer.Typer(help="Keys that sign tickets and guest sessions.", no_args_is_help=True)

Purpose = Annotated[Literal["tickets", "guests"], typer.Argument(help="What the key signs.")]
Algorithm = Annotated[Literal["ES256", "EdDSA"], typer.Option(help="How a new key signs.")]


@certs.command("make")
def make_certs() -> None:
    """Make what is missing, for development.

    A certificate that ends within a week is made anew; the others are kept.
    """
    with _settings() as settings:
        from scorewire_server.certs import make_certificates

        made = make_certificates(settings.certs, settings.trust_domain)
        typer.echo(_told(made, settings.certs))


@certs.command("list")
def list_certs() -> None:
    """List them: whose, and until when."""
    with _settings() as settings:
        for path in _found(settings.certs, "*.pem", "scorewire certs make"):
            typer.echo(_certificate_line(path))


@keys.command("make")
def make_keys(algorithm: Algorithm = "ES256") -> None:
    """Make what is missing; keep the others."""
    with _settings() as settings:
        from scorewire_server.tokens import keys as files

        typer.echo(_told(files.make_keys(settings.keys, algorithm=algorithm), settings.keys))


@keys.command("list")
def list_keys() -> None:
    """List the public keys, and which of them signs."""
    with _settings() as settings:
        for path in _found(settings.keys, "*.jwks.json", "scorewire keys make"):
            for line in _key_lines(path):
                typer.echo(line)


@keys.command("rotate")
def rotate_key(purpose: Purpose, algorithm: Algorithm = "ES256") -> None:
    """Make a new key.

    It signs from the action server's next start on; what the old one signed stays good.
    """
    with _settings() as settings:
        from scorewire_server.tokens import keys as files

        kid = files.rotate_key(settings.keys, purpose, algorithm=algorithm)
    typer.echo(f"New key for {purpose}: {kid}. Restart the action server, so that it signs with it.")
    typer.echo(f"When what the old key signed has ended: scorewire keys forget {purpose}")


@keys.command("forget")
def forget_old_keys(purpose: Purpose) -> None:
    """Refuse what the old keys signed, from now on."""
    with _settings() as settings:
        from scorewire_server.tokens import keys as files

        forgotten = files.forget_old_keys(settings.keys, purpose)
        kid = files.signing_kid(settings.keys, purpose)
    typer.echo(
        f"Forgot {forgotten} old {'key' if forgotten == 1 else 'keys'} for {purpose}. The key that signs: {kid}."
    )
    if forgotten:
        typer.echo(
            f"An action server that runs since before the last `keys rotate {purpose}` signs with a forgotten key, "
            "and nobody takes what it signs: restart it now."
        )


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


def _certificate_line(path: Path) -> str:
    from cryptography import x509

    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        identity = " ".join(names.get_values_for_type(x509.UniformResourceIdentifier))
    except x509.ExtensionNotFound:
        identity = certificate.subject.rfc4514_string()
    return f"{path.stem:<18}until {certificate.not_valid_after_utc:%Y-%m-%d}  {identity}"


def _key_lines(path: Path) -> Iterator[str]:
    from scorewire_server.tokens.keys import signing_kid

    purpose = path.name.removesuffix(".jwks.json")
    signing = signing_kid(path.parent, purpose)
    for jwk in json.loads(path.read_text())["keys"]:
        made = f"{datetime.fromtimestamp(jwk['iat'], UTC):%Y-%m-%d}" if "iat" in jwk else "?"
        use = "signs" if jwk["kid"] == signing else "is taken"
        yield f"{purpose:<9}{jwk['kid']}  {jwk.get('alg', '?'):<7}made {made}  {use}"
