"""All of Scorewire as real processes: score server, action server and gateway, on free ports."""

import json
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import httpx

from scorewire_server.certs import make_certificates
from scorewire_server.tokens.keys import make_keys
from tests.processes import START_SECONDS, STOP_SECONDS, TRUST_DOMAIN, ServerProcess, free_ports

PLAINTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that do without TLS: to load the authorities of the system takes them longer than a call."""
DELIVERY = {"dice.roll": "internal", "quiz.answer": "ticket"}


class GatewayProcess(ServerProcess):
    """A `scorewire serve gateway` in front of servers at those addresses."""

    def __init__(self, data_dir: Path, score: str, action: str, env: Mapping[str, str] | None = None) -> None:
        super().__init__("gateway", data_dir)
        (self.internal_port,) = free_ports(1)
        self.env = {
            "SCOREWIRE_DATA_DIR": str(data_dir),
            "SCOREWIRE_ACTION__GUESTS": "true",
            "SCOREWIRE_SCORE__REFLECTION": "true",
            "SCOREWIRE_GATEWAY__PORT": str(self.port),
            "SCOREWIRE_GATEWAY__INTERNAL_PORT": str(self.internal_port),
            "SCOREWIRE_GATEWAY__ADMIN_PORT": str(self.metrics_port),
            "SCOREWIRE_GATEWAY__SCORE_ADDRESS": score,
            "SCOREWIRE_GATEWAY__ACTION_ADDRESS": action,
        } | dict(env or {})

    @property
    def url(self) -> str:
        """The address of the page and of REST."""
        return f"http://{self.address}"

    @property
    def internal_url(self) -> str:
        """The address of the internal listener."""
        return f"https://127.0.0.1:{self.internal_port}"

    def client_tls(self, identity: str | None) -> ssl.SSLContext:
        """What a client of the internal listener trusts, and the certificate it shows."""
        return client_tls(self.data_dir / "certs", identity)

    def wait_ready(self) -> Self:
        """Returns when both servers answer through it; fails with its log when it ends before."""
        return self._wait_until(self._both_answer)

    def wait_listening(self) -> Self:
        """Returns when it listens, whether or not there is anybody behind it; fails with its log when it ends."""
        return self._wait_until(lambda: '"event":"serving"' in self.log())

    def wait_ended(self) -> int:
        """Returns its exit code when it has ended by itself."""
        assert self._process is not None
        return self._process.wait(STOP_SECONDS)

    def _wait_until(self, condition: Callable[[], bool]) -> Self:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process is not None and self._process.poll() is None:
            if condition():
                return self
            time.sleep(0.02)
        raise AssertionError(f"the gateway is not ready: {self.log()}")

    def _both_answer(self) -> bool:
        try:
            with httpx.Client(base_url=self.url, verify=PLAINTEXT) as client:
                score, action = client.get("/api/leaderboard"), client.post("/api/action/do-some", json={})
        except httpx.TransportError:
            return False
        return score.status_code == httpx.codes.OK and action.status_code == httpx.codes.UNAUTHORIZED


class Stack:
    """Entered: all three are ready, with data, certificates and keys in `folder`. Left: all have ended."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        make_certificates(folder / "certs", TRUST_DOMAIN)
        make_keys(folder / "keys")
        env = {"SCOREWIRE_ACTION__GUESTS": "true", "SCOREWIRE_ACTION__DELIVERY": json.dumps(DELIVERY)} | env
        self.score = ServerProcess("score", folder, env)
        score_address = {"SCOREWIRE_ACTION__SCORE_ADDRESS": self.score.address}
        self.action = ServerProcess("action", folder, score_address | env)
        self.gateway = GatewayProcess(folder, self.score.address, self.action.address, env)

    @property
    def url(self) -> str:
        """The address of the page and of REST."""
        return self.gateway.url

    def __enter__(self) -> Self:
        processes = (self.score, self.action, self.gateway)
        try:
            for process in processes:
                process.start()
            for process in processes:
                process.wait_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self.gateway, self.action, self.score):
            process.kill()

    def logs(self) -> str:
        """The ends of all three logs."""
        return "\n".join(each.log()[-2000:] for each in (self.score, self.action, self.gateway))


def client_tls(certs: Path, identity: str | None) -> ssl.SSLContext:
    """TLS of a client that trusts the CA in a folder of certificates, and shows that of `identity`."""
    context = ssl.create_default_context(cafile=certs / "ca.pem")
    if identity:
        context.load_cert_chain(certs / f"{identity}.pem", certs / f"{identity}.key")
    return context
