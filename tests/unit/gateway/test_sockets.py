"""The folder of Envoy's socket: used again after a kill, and nobody else's."""

import stat
import subprocess
import sys

import pytest

from scorewire_server.errors import StartError
from scorewire_server.gateway.sockets import socket_folder


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_it_is_for_its_owner_alone_and_gone_at_the_end(tmp_path):
    with socket_folder(tmp_path / "data") as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert len(f"/tmp/{folder.name}/admin.sock") < 100
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_gateway_left_is_used_again(tmp_path):
    script = (
        "import os, signal, sys, tempfile; from pathlib import Path; tempfile.tempdir = sys.argv[1]\n"
        "from scorewire_server.gateway.sockets import socket_folder\n"
        "with socket_folder(Path(sys.argv[1], 'data')) as folder:\n"
        "    (folder / 'admin.sock').touch(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    (left,) = tmp_path.iterdir()
    assert (left / "admin.sock").exists()
    with socket_folder(tmp_path / "data") as folder:
        assert folder == left
        assert not (folder / "admin.sock").exists()
    assert list(tmp_path.iterdir()) == []


def test_each_data_folder_has_one_of_its_own(tmp_path):
    with socket_folder(tmp_path / "one") as one, socket_folder(tmp_path / "two") as two:
        assert one != two


def test_a_second_gateway_of_a_data_folder_is_refused(tmp_path):
    with socket_folder(tmp_path / "data") as folder:
        with pytest.raises(StartError, match="another gateway uses "), socket_folder(tmp_path / "data"):
            pass
        assert folder.exists()


def others_may_look(folder):
    folder.mkdir()
    folder.chmod(0o755)


def points_elsewhere(folder):
    elsewhere = folder.with_name("elsewhere")
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)


@pytest.mark.parametrize("make", [others_may_look, points_elsewhere])
def test_a_folder_that_is_not_ours_alone_stops_the_start(tmp_path, make):
    with socket_folder(tmp_path / "data") as folder:
        pass
    make(folder)
    with pytest.raises(StartError, match="is no folder of ours alone: remove it"), socket_folder(tmp_path / "data"):
        pass
