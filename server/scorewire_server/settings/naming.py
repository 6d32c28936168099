"""Names in allow lists are those of somebody: a typo would let nobody in, or leave somebody out, without a word."""

from collections.abc import Iterator, Mapping, Sequence

from scorewire_server.mistakes import meant
from scorewire_server.settings.section import IDENTITIES

_TAKEN = {*IDENTITIES, "ca", "ca-next"}
"""Our own, and what else is in the folder of certificates."""


def wrong_names(own: Sequence[str], lists: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What is wrong with the names of users' own services, and with those in lists, which are by their settings."""
    yield from (f"identities: {name} has a meaning already; name it otherwise" for name in own if name in _TAKEN)
    known = [*IDENTITIES, *own]
    for setting, names in lists.items():
        yield from (_stranger(setting, name, known) for name in names if name not in known)


def _stranger(setting: str, name: str, known: Sequence[str]) -> str:
    near = meant(name, known)
    hint = f"did you mean {near}?" if near else "a service of your own has to be in `identities`"
    return f"{setting}: there is no identity {name}; {hint}"
