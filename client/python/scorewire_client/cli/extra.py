"""The servers' part of Scorewire, the extra `server`, without which the client can be installed."""

import re
from importlib.metadata import PackageNotFoundError, distribution, requires

from scorewire_client.cli.output import fail

OF_THE_SERVERS = re.compile(r"""^([\w.-]+).*extra == ["']server["']""")
"""A requirement of the servers' part in the metadata of a package, with the name of what is required."""


def need_servers() -> None:
    """Ends the command, and says what to install, where something of the servers' part is missing."""
    of_the_servers = filter(None, map(OF_THE_SERVERS.match, requires("scorewire") or ()))
    if not all(_is_installed(requirement[1]) for requirement in of_the_servers):
        fail("this command needs the servers' part of Scorewire. Install it: pip install 'scorewire[server]'")


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
