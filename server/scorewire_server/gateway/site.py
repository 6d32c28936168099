"""What a configuration is made from, and the files it is made of."""

import json
from dataclasses import dataclass
from pathlib import Path

from scorewire_server.files import OWNER_ONLY, replace_file
from scorewire_server.gateway.typed import Json
from scorewire_server.settings import Settings


@dataclass(frozen=True, slots=True)
class Site:
    """The settings of one gateway, the folder of its configuration, and the socket of Envoy's administration.

    The socket has a folder of its own, because the path of a socket may have no more than about 100 characters.
    """

    settings: Settings
    folder: Path
    admin_socket: Path

    @property
    def config_file(self) -> Path:
        """Where the configuration is written."""
        return self.folder / "envoy.json"

    def secret_file(self, name: str) -> Path:
        """Where the secret of that name is written."""
        return self.folder / f"secret-{name}.json"


def write_json(path: Path, content: Json) -> None:
    """Writes a file that its owner alone may read. Raises OSError."""
    replace_file(path, json.dumps(content, indent=2).encode(), OWNER_ONLY)
