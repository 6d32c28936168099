"""The npm package as a project has it: packed, installed, checked by tsc, and run by Node against the real gateway."""

import json
import shutil
import tarfile
from pathlib import Path

import pytest

from scorewire_server.action.samples.quiz import QUESTIONS
from tests import node
from tests.stack import Stack

DEPENDENCIES = ("@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-web")
PROJECT = Path(__file__).parent / "npm_project"


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    node.run("npm", "pack", "--silent", "--pack-destination", folder, cwd=copied(tmp_path_factory.mktemp("checkout")))
    (packed,) = folder.iterdir()
    return packed


def copied(checkout: Path) -> Path:
    """The package's folder in a checkout of its own: packing builds it anew, and other tests use what is built."""
    shutil.copytree(node.ROOT / "generated/web", checkout / "generated/web")
    shutil.copy(node.ROOT / "LICENSE", checkout)
    web = checkout / "client/web"
    shutil.copytree(node.WEB, web, ignore=shutil.ignore_patterns("node_modules", "dist*", "LICENSE"))
    (web / "node_modules").symlink_to(node.WEB / "node_modules")
    return web


@pytest.fixture(scope="module")
def project(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with nothing but the package and its dependencies, which are installed from where they are already."""
    folder = tmp_path_factory.mktemp("project") / "player"
    shutil.copytree(PROJECT, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    there = [node.WEB / "node_modules" / name for name in DEPENDENCIES]
    alone = ("--offline", "--cache", folder.with_name("cache"))
    node.run("npm", "install", *alone, "--install-links", "--silent", tarball, *there, cwd=folder)
    return folder


def test_the_package_has_the_library_and_nothing_else(tarball: Path) -> None:
    with tarfile.open(tarball) as packed:
        names = {name.removeprefix("package/") for name in packed.getnames()}
    assert {"package.json", "README.md", "LICENSE", "dist-lib/index.js", "dist-lib/index.d.ts"} <= names
    assert {name for name in names if "/" not in name} == {"package.json", "README.md", "LICENSE"}
    assert {name.split("/")[0] for name in names if "/" in name} == {"dist-lib"}
    assert {Path(name).suffix for name in names if "/" in name} == {".js", ".ts"}


def test_a_strict_program_runs_on_it(project: Path, stack: Stack) -> None:
    node.run("node", node.WEB / "node_modules/typescript/bin/tsc", "--project", ".", cwd=project)
    name, question = next(iter(QUESTIONS.items()))
    seen = json.loads(node.run("node", "player.js", stack.url, name, question.answer, cwd=project))
    score = seen["score"]
    assert score == seen["rolled"] + 10
    assert (seen["standing"], seen["own"]) == (score, score)
    assert seen["userId"] in seen["top"]
    assert seen["userId"] in seen["around"]
    assert seen["among"] == [seen["userId"]]
    assert seen["again"] == "TICKET_ALREADY_REDEEMED"
    assert seen["states"] == ["connecting", "live"]


def test_a_bundler_leaves_out_what_is_not_used(project: Path) -> None:
    whole, part = (bundled(project, name) for name in ("Scorewire", "ScorewireError"))
    assert "createGrpcWebTransport" in whole
    assert "ScorewireError" in part
    assert len(part) < len(whole) / 50


def bundled(project: Path, name: str) -> str:
    """The module that a bundler makes for a page which uses one name of the package."""
    (project / f"{name}.js").write_text(f'export {{ {name} }} from "@scorewire/client";')
    bundler = node.WEB / "node_modules/.bin/rolldown"
    node.run(bundler, f"{name}.js", "--platform", "browser", "--file", f"{name}.bundle.js", cwd=project)
    return (project / f"{name}.bundle.js").read_text()
