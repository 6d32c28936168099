"""The page: each built file a route of its own, so that no other file can be asked for."""

import mimetypes
from collections.abc import Iterator, Sequence
from pathlib import Path

from scorewire_server.gateway.typed import Json, header

_BUILT = Path(__file__).resolve().parents[3] / "client/web/dist"
_TYPES = mimetypes.MimeTypes()  # of Python alone: what the machine has configured shall not matter
_TYPES.add_type("text/javascript", ".js")  # as Python has it from 3.12 on
_TYPES.add_type("font/woff2", ".woff2")
_NOT_BUILT = (
    "The page is not built: run `make web` and start the gateway again, or set gateway.page_dir "
    "(SCOREWIRE_GATEWAY__PAGE_DIR) to the folder of a built one. The API is here without it.\n"
)
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
_HEADERS = [
    header("content-security-policy", _POLICY),
    header("referrer-policy", "no-referrer"),
    header("cross-origin-opener-policy", "same-origin"),
]
# `<scorewire-board>` for pages of any host. Whether their calls are answered is `gateway.allowed_origins`.
_FOR_ALL = {"scorewire-board.js"}
_SHARED = [header("access-control-allow-origin", "*"), header("cross-origin-resource-policy", "cross-origin")]


def page_routes(folder: Path | None) -> Iterator[Json]:
    """A route for each file of the page; where it is not built, one that says how to build it."""
    root = (folder or _BUILT).absolute()
    if not (root / "index.html").is_file():
        yield _route(
            "/", {"status": 501, "body": {"inline_string": _NOT_BUILT}}, "text/plain; charset=utf-8", "no-store"
        )
        return
    for path in sorted(root.rglob("*")):
        # A link that leads out of the folder is not of the page.
        if path.is_file() and path.resolve().is_relative_to(root.resolve()):
            yield _file(root, path)


def _file(root: Path, path: Path) -> Json:
    name = path.relative_to(root).as_posix()
    # The names of assets change with their content; those of other files do not.
    cached = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
    body = {"status": 200, "body": {"filename": str(path)}}
    shared = _SHARED if name in _FOR_ALL else []
    return _route("/" if name == "index.html" else f"/{name}", body, _content_type(name), cached, shared)


def _route(path: str, response: Json, content_type: str, cached: str, more: Sequence[Json] = ()) -> Json:
    reading = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}
    return {
        "match": {"path": path, "headers": [reading]},
        "direct_response": response,
        "response_headers_to_add": [
            header("content-type", content_type),
            header("cache-control", cached),
            *_HEADERS,
            *more,
        ],
    }


def _content_type(name: str) -> str:
    kind = _TYPES.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
