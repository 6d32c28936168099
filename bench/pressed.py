"""What is pressed: all three processes, as an operator would run them, and where they are called."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bench.caller import Place
from bench.servers import TRUST_DOMAIN
from scorewire_server.rpc.limit import NO_LIMIT
from tests.stack import Stack

_DO_ACTION = "scorewire.action.v1.ActionService/DoAction"


@dataclass(frozen=True)
class Pressable:
    """Places to call, and the processes whose memory is looked at."""

    direct: Place
    internal: Place
    public: Place
    processes: dict[str, psutil.Process]


@contextmanager
def all_three(folder: Path) -> Iterator[Pressable]:
    """Score server, action server and gateway, over databases of their own; one user may call as often as it can."""
    often, cores = "10000000/second", len(os.sched_getaffinity(0))
    settings = {
        "action__limits": json.dumps({_DO_ACTION: NO_LIMIT}),
        "gateway__address_requests": often,
        "gateway__total_requests": often,
        "gateway__workers": str(max(1, cores // 2)),
    }
    folder.mkdir()
    for name in ("score", "action", "gateway"):
        # The log is written, as it would be, and read by nobody.
        (folder / f"{name}.log").symlink_to(os.devnull)
    with Stack(folder, **{f"SCOREWIRE_{name.upper()}": value for name, value in settings.items()}) as stack:
        certs = str(folder / "certs")
        token = httpx.post(f"{stack.url}/api/session/guest", json={"displayName": "Bench"}).json()["token"]
        gateway = psutil.Process(stack.gateway.pid)
        (envoy,) = gateway.children()
        _apart([stack.score.pid, stack.action.pid, gateway.pid], [envoy.pid, os.getpid()])
        yield Pressable(
            Place("127.0.0.1", stack.score.port, f"score.{TRUST_DOMAIN}", certs),
            Place("127.0.0.1", stack.gateway.internal_port, "127.0.0.1", certs),
            Place("127.0.0.1", stack.gateway.port, "127.0.0.1", token=token),
            {
                "score server": psutil.Process(stack.score.pid),
                "action server": psutil.Process(stack.action.pid),
                "Envoy": envoy,
                "process that runs Envoy": gateway,
            },
        )


def _apart(servers: Sequence[int], others: Sequence[int]) -> None:
    """Half of the cores are for what is written in Python, the other half for Envoy and for those who call."""
    cores = sorted(os.sched_getaffinity(0))
    half = len(cores) // 2
    if half:
        for process in servers:
            _keep_to(process, cores[:half])
        for process in others:
            _keep_to(process, cores[half:])


def _keep_to(process: int, cores: Sequence[int]) -> None:
    for thread in psutil.Process(process).threads():
        os.sched_setaffinity(thread.id, cores)
