"""The page's files, each with a route, and no other."""

from pathlib import Path

import pytest

from scorewire_server.gateway.page import page_routes
from scorewire_server.gateway.typed import Json


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "assets/index-a1.js").write_text("1")
    (folder / "assets/index-a1.css").write_text("b{}")
    (folder / "assets/icon-a1.svg").write_text("<svg/>")
    (folder / "robots.txt").write_text("")
    (folder / "scorewire-board.js").write_text("1")
    (folder / "data.unknown").write_text("")
    (tmp_path / "secret").write_text("secret")
    return folder


def served(folder: Path) -> dict[str, dict[str, str]]:
    return {route["match"]["path"]: headers(route) for route in page_routes(folder)}


def headers(route: Json) -> dict[str, str]:
    return {each["header"]["key"]: each["header"]["value"] for each in route["response_headers_to_add"]}


def test_each_file_has_its_path_and_type(built: Path) -> None:
    assert {path: told["content-type"] for path, told in served(built).items()} == {
        "/": "text/html; charset=utf-8",
        "/assets/index-a1.js": "text/javascript; charset=utf-8",
        "/assets/index-a1.css": "text/css; charset=utf-8",
        "/assets/icon-a1.svg": "image/svg+xml",
        "/robots.txt": "text/plain; charset=utf-8",
        "/scorewire-board.js": "text/javascript; charset=utf-8",
        "/data.unknown": "application/octet-stream",
    }


def test_only_what_never_changes_is_kept_by_browsers(built: Path) -> None:
    kept = {path for path, told in served(built).items() if "immutable" in told["cache-control"]}
    assert kept == {"/assets/index-a1.js", "/assets/index-a1.css", "/assets/icon-a1.svg"}


def test_every_file_may_load_only_its_own_kind(built: Path) -> None:
    for told in served(built).values():
        assert "default-src 'self'" in told["content-security-policy"]
        assert "frame-ancestors 'none'" in told["content-security-policy"]
        assert told["referrer-policy"] == "no-referrer"


def test_the_board_alone_may_be_loaded_by_pages_of_other_hosts(built: Path) -> None:
    shared = {path: told.get("access-control-allow-origin") for path, told in served(built).items()}
    assert {path for path, origin in shared.items() if origin} == {"/scorewire-board.js"}
    assert shared["/scorewire-board.js"] == "*"


def test_links_that_lead_away_are_not_served(built: Path) -> None:
    (built / "outside").symlink_to(built.parent / "secret")
    (built / "inside.txt").symlink_to(built / "robots.txt")
    (built / "folder").symlink_to(built.parent)
    paths = set(served(built))
    assert "/inside.txt" in paths
    assert not {path for path in paths if "outside" in path or "secret" in path}


def test_a_page_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    (route,) = page_routes(tmp_path)
    assert "make web" in route["direct_response"]["body"]["inline_string"]
