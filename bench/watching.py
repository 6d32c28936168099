"""A load process: opens watches, notes when which revision reaches each of them, and tells what came of it.

The plan comes as JSON on the command line. The process says `ready` when each watch has its first message. Then it gets
the awards on its standard input, as JSON: when each was sent, by its revision. When every watch shows the last of them
it prints what came of it, as JSON, and ends.
"""

import asyncio
import json
import ssl
import sys
import time
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import uvloop

from bench.http2 import encoded_headers
from bench.streams import Streams
from scorewire.score.v1.score_pb2 import Standing, WatchLeaderboardRequest, WatchLeaderboardResponse

OF_A_CONNECTION = 900
"""A server takes 1,000 calls over a connection."""
PATIENCE_SECONDS = 60.0
TIMED = 100_000
"""About so many deliveries are told of, evenly picked."""


@dataclass(frozen=True)
class Plan:
    """How many watches of the top `limit` to open, where, and with whose certificate."""

    host: str
    port: int
    name: str
    certs: str
    watches: int
    limit: int


@dataclass(frozen=True)
class Told:
    """What came of it.

    How many messages there were after the first of each watch and their bytes, the seconds from each award to each
    watch, and the JSON of the last states, each with the number of watches that it was the last one of.
    """

    messages: int
    size: int
    seconds: list[float]
    last: dict[str, int]


class State(NamedTuple):
    """What a watch shows: its revision, and the standings by user."""

    revision: int
    total_users: int
    standings: Mapping[str, Standing]

    def after(self, message: WatchLeaderboardResponse) -> "State":
        """The state that a message makes of this one."""
        if message.HasField("leaderboard"):
            board = message.leaderboard
            return State(board.revision, board.total_users, {each.user_id: each for each in board.standings})
        if not message.HasField("update"):
            return self
        update = message.update
        assert update.previous_revision == self.revision, "an update of another state"
        kept = {user: each for user, each in self.standings.items() if user not in set(update.left_user_ids)}
        return State(update.revision, update.total_users, kept | {each.user_id: each for each in update.standings})

    def told(self) -> str:
        """The state as JSON."""
        rows = sorted((each.rank, each.user_id, each.score) for each in self.standings.values())
        return json.dumps([self.revision, self.total_users, rows])


EMPTY = State(-1, 0, {})


class Watcher:
    """One watch: its state, and when it came to which revision."""

    def __init__(self) -> None:
        self.state = 0
        self.revisions = array("q")
        self.times = array("d")


class Watchers:
    """All watches of this process. Most get the same bytes, which are read once for each state that they meet."""

    def __init__(self, count: int) -> None:
        self._states = [EMPTY]
        self._next: dict[tuple[int, bytes], int] = {}
        self.each = [Watcher() for _ in range(count)]
        self.messages = self.size = 0

    def took(self, number: int, message: bytes) -> None:
        """A watch has a message."""
        watcher = self.each[number]
        key = (watcher.state, message)
        state = self._next.get(key)
        if state is None:
            self._states.append(self._states[watcher.state].after(WatchLeaderboardResponse.FromString(message)))
            state = self._next[key] = len(self._states) - 1
        if state != watcher.state:
            watcher.state = state
            watcher.revisions.append(self._states[state].revision)
            watcher.times.append(time.monotonic())
            self.messages += 1
            self.size += len(message)

    def state(self, watcher: Watcher) -> State:
        """What a watch shows."""
        return self._states[watcher.state]

    def told(self, sent: Mapping[int, float]) -> Told:
        """What came of it, with the times at which awards were sent, by their revisions."""
        revisions, times = np.array(list(sent)), np.array(list(sent.values()))
        seconds = []
        for watcher in self.each:
            reached = np.searchsorted(np.array(watcher.revisions), revisions)
            seconds.append(np.array(watcher.times)[reached] - times)
        last = Counter(self.state(watcher).told() for watcher in self.each)
        every = np.concatenate(seconds)
        told = every[:: max(1, len(every) // TIMED)].round(5).tolist()
        return Told(self.messages, self.size, told, dict(last))


async def run(plan: Plan) -> Told:
    """Opens the watches, and tells what came of them."""
    watchers = Watchers(plan.watches)
    connections = [await _connect(plan, watchers, first) for first in range(0, plan.watches, OF_A_CONNECTION)]
    request = WatchLeaderboardRequest(limit=plan.limit).SerializeToString()
    for number in range(plan.watches):
        connections[number // OF_A_CONNECTION].open(request)
    await _all_show(watchers, connections, 0)
    watchers.messages = watchers.size = 0
    print("ready", flush=True)
    sent = {int(revision): at for revision, at in json.loads(await asyncio.to_thread(sys.stdin.readline)).items()}
    await _all_show(watchers, connections, max(sent, default=0))
    for connection in connections:
        connection.close()
    return watchers.told(sent)


async def _connect(plan: Plan, watchers: Watchers, first: int) -> Streams:
    headers = encoded_headers("https", plan.name, "/scorewire.score.v1.ScoreService/WatchLeaderboard", None)
    tls = ssl.create_default_context(cafile=Path(plan.certs) / "ca.pem")
    tls.load_cert_chain(Path(plan.certs) / "ops.pem", Path(plan.certs) / "ops.key")
    tls.set_alpn_protocols(["h2"])
    _, streams = await asyncio.get_running_loop().create_connection(
        lambda: Streams(headers, lambda number, message: watchers.took(first + number, message)),
        plan.host,
        plan.port,
        ssl=tls,
        server_hostname=plan.name,
    )
    await streams.ready
    return streams


async def _all_show(watchers: Watchers, connections: Sequence[Streams], revision: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while any(watchers.state(each).revision < revision for each in watchers.each):
            assert not any(streams.ended for streams in connections), "a watch has ended"
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        json.dump(asdict(runner.run(run(Plan(**json.loads(sys.argv[1]))))), sys.stdout)
