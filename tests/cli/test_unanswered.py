"""Commands at ports that do not speak what the address says: what is told, and what to give instead."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest

from tests.cli.conftest import RunScorewire
from tests.cli.running import Up

OF_SERVICES = "{} speaks TLS with client certificates: it is a port of services, and users have none."


def told(scorewire: RunScorewire, *arguments: str) -> str:
    """The one line of a command that fails."""
    failed = scorewire(*arguments)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.count("\n") == 1
    return failed.stderr


@pytest.fixture
def internal(up: Up) -> str:
    """The gateway's listener for services, as `host:port`."""
    printed = next(word for line in up.lines_to_paste for word in line.split() if word.startswith("https://"))
    return printed.split("/")[2]


@pytest.mark.parametrize("command", ["top", "watch"])
def test_a_port_of_services_is_said_to_be_one(scorewire: RunScorewire, internal: str, command: str):
    line = told(scorewire, command, "--address", internal)
    assert OF_SERVICES.format(internal) in line
    assert line.endswith("Give the gateway's public port: --address HOST:PORT (SCOREWIRE_ADDRESS).\n")


def test_with_tls_too(up: Up, scorewire: RunScorewire, internal: str):
    ca = str(up.data_dir / "certs" / "ca.pem")
    line = told(scorewire, "top", "--address", f"https://{internal}", "--ca", ca)
    assert OF_SERVICES.format(f"https://{internal}") in line


def test_a_server_behind_the_gateway_is_said_to_be_none_for_users(start_score, scorewire: RunScorewire):
    address = start_score().address
    assert OF_SERVICES.format(address) in told(scorewire, "top", "--address", address)


def test_a_port_without_tls_is_said_to_have_none(up: Up, scorewire: RunScorewire):
    assert f"https://{up.address} speaks no TLS. " in told(scorewire, "top", "--address", f"https://{up.address}")


@pytest.fixture
def tls_alone(certs: Path) -> Iterator[str]:
    """Somebody's proxy that speaks TLS and nothing else, as `host:port`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs / "gateway.pem", certs / "gateway.key")

    class Encrypted(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), context.wrap_socket(self.request, server_side=True) as encrypted:
                encrypted.recv(1)

    class Proxy(ThreadingTCPServer):
        daemon_threads = True

    with Proxy(("127.0.0.1", 0), Encrypted) as proxy:
        serving = threading.Thread(target=proxy.serve_forever, args=(0.02,))
        serving.start()
        host, port = proxy.server_address[:2]
        yield f"{host!s}:{port}"
        proxy.shutdown()
        serving.join()


def test_a_port_of_tls_alone_is_told_with_how_to_speak_it(scorewire: RunScorewire, tls_alone: str):
    line = told(scorewire, "top", "--address", tls_alone)
    assert f"{tls_alone} speaks TLS. Give --address https://HOST:PORT (SCOREWIRE_ADDRESS)" in line
