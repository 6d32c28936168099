"""Another host, which serves `examples/embed`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[3] / "examples/embed"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
GATEWAY = "http://127.0.0.1:8080"
"""Where the example says the gateway is."""


class Host(ThreadingHTTPServer):
    """Another host, with a policy as strict as can be; `gateway` is where its page gets the board."""

    gateway = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Files)

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.server_port}"


class Files(BaseHTTPRequestHandler):
    """The files of the example, with the gateway of the test."""

    server: Host

    def do_GET(self) -> None:
        file = EXAMPLE / ("index.html" if self.path == "/" else self.path.lstrip("/"))
        if file.is_file():
            self._send(file)
        else:
            self.send_error(404)

    def _send(self, file: Path) -> None:
        gateway = self.server.gateway
        own = "default-src 'none'; style-src 'self'; img-src 'self'"
        policy = f"{own}; script-src 'self' {gateway}; connect-src {gateway}"
        self.send_response(200)
        self.send_header("content-type", TYPES[file.suffix])
        self.send_header("content-security-policy", policy)
        self.end_headers()
        self.wfile.write(file.read_text().replace(GATEWAY, gateway).encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Host]:
    """A host that is up until the block ends."""
    with Host() as host:
        threading.Thread(target=host.serve_forever, daemon=True).start()
        yield host
        host.shutdown()
