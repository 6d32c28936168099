"""What has to be there before the processes start: a data folder of our own, certificates, keys."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scorewire_server.certs import make_certificates
from scorewire_server.files import make_folder
from scorewire_server.settings import Settings
from scorewire_server.tokens.keys import make_keys
from scorewire_server.up.command import command
from scorewire_server.up.problems import UpProblem


@contextmanager
def prepared(settings: Settings) -> Iterator[None]:
    """Keeps the data folder from every other `scorewire up` while entered, and makes what is missing in it.

    Folders of certificates and keys that the settings name are their owner's: nothing is made there. Raises UpProblem
    where another one has the folder, StartError where a key cannot be read, and OSError.
    """
    make_folder(settings.data_dir)
    with _alone_in(settings.data_dir):
        renew_certificates(settings)
        if settings.keys_dir is None:
            make_keys(settings.keys)
        yield


def renew_certificates(settings: Settings) -> None:
    """Makes what is missing or ends soon, unless the settings name a folder. Raises StartError, OSError."""
    if settings.certs_dir is None:
        days, others = settings.certificate_days, settings.identities
        make_certificates(settings.certs, settings.trust_domain, days=days, others=others)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    with (folder / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise UpProblem(_in_use(folder, file.read())) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _in_use(folder: Path, process_id: str) -> str:
    return (
        f"Scorewire already runs on the data folder {folder}, as process {process_id or '?'}: stop it,\n"
        f"or give this one a folder and ports of its own: {command(SCOREWIRE_DATA_DIR=f'{folder}-2')}"
    )
