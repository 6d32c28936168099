"""Files with secrets: who may read them, and what is said where others can."""

import os
import stat
from pathlib import Path

import pytest

from scorewire_server.files import OWNER_ONLY, SecretExposed, is_exposed, make_folder, read_secret, replace_file
from scorewire_server.settings import ServerSettings
from scorewire_server.storage.opening import chosen_url
from scorewire_server.tokens.keys import make_keys, signing_file
from scorewire_server.tokens.signing_file import read_signing

ME, SOMEBODY, ROOT = 1000, 1001, 0


@pytest.mark.parametrize(
    ("mode", "owner", "reader", "exposed"),
    [
        pytest.param(0o600, ME, ME, False, id="for its owner alone"),
        pytest.param(0o400, ME, ME, False, id="for its owner to read"),
        pytest.param(0o640, ME, ME, True, id="for a group"),
        pytest.param(0o604, ME, ME, True, id="for everybody"),
        pytest.param(0o602, ME, ME, True, id="for everybody to write"),
        pytest.param(0o620, ME, ME, True, id="for a group to write"),
        pytest.param(0o640, SOMEBODY, ME, True, id="of another, for a group"),
        pytest.param(0o440, ROOT, ME, False, id="mounted, for the group of the reader"),
        pytest.param(0o460, ROOT, ME, True, id="mounted, for a group to write"),
        pytest.param(0o444, ROOT, ME, True, id="mounted, for everybody"),
        pytest.param(0o640, ROOT, ROOT, True, id="of root for root, and for a group"),
    ],
)
def test_who_is_another(mode: int, owner: int, reader: int, exposed: bool) -> None:
    assert is_exposed(stat.S_IFREG | mode, owner, reader) == exposed


def test_a_secret_for_its_owner_is_read(tmp_path: Path) -> None:
    replace_file(tmp_path / "secret", b"hush", OWNER_ONLY)
    assert read_secret(tmp_path / "secret") == b"hush"


def test_an_exposed_secret_comes_with_the_line_that_hides_it(tmp_path: Path) -> None:
    path = tmp_path / "a secret"
    path.write_bytes(b"hush")
    path.chmod(0o644)
    with pytest.raises(SecretExposed) as refused:
        read_secret(path)
    line = next(line.strip() for line in str(refused.value).splitlines() if "chmod" in line)
    assert (line, "hush" in str(refused.value)) == (f"chmod 600 '{path}'", False)
    assert os.system(line) == 0
    assert read_secret(path) == b"hush"


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_a_folder_is_its_owners_and_those_above_it_that_are_new(tmp_path: Path, umask: int) -> None:
    tmp_path.chmod(0o755)
    before = os.umask(umask)
    try:
        make_folder(tmp_path / "a/b")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path, tmp_path / "a", tmp_path / "a/b")]
    assert modes == [0o755, 0o700, 0o700]


def test_a_signing_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    make_keys(tmp_path)
    path = signing_file(tmp_path, "tickets")
    path.chmod(0o640)
    with pytest.raises(SecretExposed, match=f"chmod 600 {path}"):
        read_signing(path)


@pytest.mark.parametrize(
    ("url", "exposed"),
    [
        pytest.param("postgresql+psycopg://scores:hush@localhost/scores", True, id="a password"),
        pytest.param("postgresql+psycopg://localhost/scores?password=hush", True, id="a password as an option"),
        pytest.param("postgresql+psycopg:///scores?host=/run/postgresql", False, id="none"),
    ],
)
def test_a_url_with_a_password_is_a_secret(tmp_path: Path, url: str, exposed: bool) -> None:
    file = tmp_path / "url"
    file.write_text(url)
    file.chmod(0o644)
    settings = ServerSettings(port=0, metrics_port=0, database_url_file=file)
    if exposed:
        with pytest.raises(SecretExposed, match="chmod 600"):
            chosen_url(settings, tmp_path / "none.db")
    else:
        assert chosen_url(settings, tmp_path / "none.db") == url
