"""A client that asks by reflection what is served, and stays."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from scorewire_server.gateway.routes import REFLECTION_PATH


@contextmanager
def asking_what_is_served(address: str) -> Iterator[None]:
    """A stream of reflection that has been answered, and is open while entered."""
    over = threading.Event()

    def questions() -> Iterator[bytes]:
        yield b""
        over.wait()

    with grpc.insecure_channel(address) as channel:
        answers = channel.stream_stream(REFLECTION_PATH)(questions())
        assert next(answers)
        try:
            yield
        finally:
            over.set()
            answers.cancel()
