"""What the processes of a stack take: memory, and that they are still the same ones."""

import psutil

from tests.stack import Stack

MEBIBYTE = 1024 * 1024
MOST_GROWTH = 96 * MEBIBYTE


def memory(stack: Stack) -> int:
    """Bytes that the gateway and Envoy have in memory."""
    gateway = psutil.Process(stack.gateway.pid)
    return sum(process.memory_info().rss for process in (gateway, *gateway.children(recursive=True)))


def memory_of_servers(stack: Stack) -> int:
    """Bytes that both servers have in memory."""
    return sum(psutil.Process(pid).memory_info().rss for pid in (stack.score.pid, stack.action.pid))


def pids(stack: Stack) -> list[int]:
    """All processes of Scorewire that are running, Envoy too."""
    gateway = psutil.Process(stack.gateway.pid)
    envoy = [child.pid for child in gateway.children(recursive=True)]
    return [stack.score.pid, stack.action.pid, stack.gateway.pid, *envoy]
