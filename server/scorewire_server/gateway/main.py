"""The gateway: how it starts, and how it ends."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from scorewire_server.errors import StartError
from scorewire_server.gateway.admin import Admin
from scorewire_server.gateway.config import write_configuration
from scorewire_server.gateway.drain import drain
from scorewire_server.gateway.envoy_process import running
from scorewire_server.gateway.ports import check_ports
from scorewire_server.gateway.site import Site
from scorewire_server.gateway.sockets import socket_folder
from scorewire_server.rpc.live import followed
from scorewire_server.settings import Settings

log = structlog.get_logger()

_LOOK_SECONDS = 0.02


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serves until `stop` is set, and then drains.

    Raises StartError where it cannot start, and SystemExit where Envoy ends by itself, with its last lines.
    """
    gateway = settings.gateway
    check_ports(gateway)
    with _site(settings) as site:
        secrets = write_configuration(site)
        admin = Admin(site.admin_socket)
        async with (
            running(site.config_file, settings.log.level, gateway) as envoy,
            followed(secrets.look),
        ):
            if not await envoy.outlives(_until_ready(admin, stop)):
                raise StartError(envoy.last_words())
            if not stop.is_set():
                log.info("serving", **await admin.ports())
            if not await envoy.outlives(stop.wait()):
                raise SystemExit(f"scorewire: the gateway ended: {envoy.last_words()}")
            log.info("draining")
            await drain(admin, gateway.drain_seconds)
    log.info("stopped")


@contextmanager
def _site(settings: Settings) -> Iterator[Site]:
    with socket_folder(settings.data_dir) as sockets:
        yield Site(settings, settings.data_dir.absolute() / "gateway", sockets / "admin.sock")


async def _until_ready(admin: Admin, stop: asyncio.Event) -> None:
    while not (stop.is_set() or await admin.is_ready()):  # noqa: ASYNC110 - Envoy tells nobody
        await asyncio.sleep(_LOOK_SECONDS)
