"""The channel of a client: when there is a new one, and when the old one is closed."""

import logging
import shutil
from pathlib import Path

import pytest

from scorewire_client import Tls, connection
from scorewire_client.connection import Connection
from scorewire_server.certs import make_certificates
from tests.processes import TRUST_DOMAIN

FILES = ("ca.pem", "ops.pem", "ops.key")


class Channel:
    """One of many."""


@pytest.fixture(autouse=True)
def looked_at_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LOOK_SECONDS", 0.0)


@pytest.fixture
def tls(tmp_path: Path, certs: Path) -> Tls:
    for name in FILES:
        shutil.copy(certs / name, tmp_path)
    return Tls(*(tmp_path / name for name in FILES))


def replace(folder: Path) -> None:
    make_certificates(folder / "elsewhere", TRUST_DOMAIN)
    for name in FILES:
        (folder / "elsewhere" / name).replace(folder / name)


def test_a_channel_is_for_all_calls(tls: Tls) -> None:
    closed: list[Channel] = []
    used = Connection("https://localhost", tls, lambda _: Channel(), closed.append)
    with used.lent() as one, used.lent() as other:
        assert one is other
    assert (used.drain(), closed) == ([one], [])


def test_new_files_mean_a_new_channel_and_the_old_one_ends_with_its_last_call(tls: Tls, tmp_path: Path) -> None:
    closed: list[Channel] = []
    used = Connection("https://localhost", tls, lambda _: Channel(), closed.append)
    with used.lent() as old:
        replace(tmp_path)
        with used.lent() as new:
            assert (new is old, closed) == (False, [])
        assert set(used.drain()) == {old, new}
    used = Connection("https://localhost", tls, lambda _: Channel(), closed.append)
    with used.lent() as old, used.lent():
        replace(tmp_path)
        with used.lent():
            pass
        assert closed == []
    assert closed == [old]


def test_an_old_channel_without_calls_is_closed_at_once(tls: Tls, tmp_path: Path) -> None:
    closed: list[Channel] = []
    used = Connection("https://localhost", tls, lambda _: Channel(), closed.append)
    with used.lent() as old:
        pass
    replace(tmp_path)
    with used.lent() as new:
        assert closed == [old]
    assert used.drain() == [new]


@pytest.mark.parametrize("broken", FILES)
def test_files_that_are_no_good_are_said_and_not_taken(
    tls: Tls, tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    used = Connection("https://localhost", tls, lambda _: Channel(), lambda _: None)
    with used.lent() as old:
        pass
    good = (tmp_path / broken).read_bytes()
    (tmp_path / broken).write_bytes(good[:40])
    with caplog.at_level(logging.WARNING, "scorewire_client"), used.lent() as channel:
        assert (channel is old, broken in caplog.text) == (True, True)
    (tmp_path / broken).write_bytes(good + b"\n")
    with used.lent() as channel:
        assert channel is not old
