"""Whether a port of this machine can be listened on."""

import socket


def why_not_free(host: str, port: int) -> str | None:
    """What the system says against listening on `port` of `host`; `None` where nothing does."""
    try:
        _bound(host, port).close()
    except OSError as taken:
        return (taken.strerror or str(taken)).lower()
    return None


def another(process: str, name: str) -> str:
    """What to do about a port that cannot be used, by the setting that chooses it."""
    return f"set another {process}.{name} (SCOREWIRE_{process.upper()}__{name.upper()})"


def free_port() -> int:
    """A port that nobody listens on. Raises OSError."""
    with _bound("127.0.0.1", 0) as bound:
        return int(bound.getsockname()[1])


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        # As servers do: a connection of the last run that is still closing does not count.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
