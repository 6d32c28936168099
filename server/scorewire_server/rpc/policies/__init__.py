"""What holds for every call, one idea a file; `rpc/compose.py` has their order and wraps them around the handlers.

A policy is made once for each method, at start, and answers what to enter around a call of it, or `None` where it does
not concern the method. Synchronous context managers serve unary and streaming calls alike.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from scorewire_server.rpc.call import Call, Method

Around = Callable[[Call], AbstractContextManager[None]]
Policy = Callable[[Method], Around | None]
