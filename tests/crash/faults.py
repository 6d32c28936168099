"""What breaks, at a moment that the round chooses; each leaves everything mended, and servers ready."""

import asyncio
import random

from tests.crash.databases import StopMode
from tests.crash.fault import Fault
from tests.crash.load import Load
from tests.crash.proxy import Direction, Proxy
from tests.crash.setting_back import SetBack
from tests.crash.world import POSTGRES, SERVERS, World
from tests.waiting import becomes


class Kill(Fault):
    """kill -9 of servers; in one of three rounds again while they start."""

    def __init__(self, *names: str) -> None:
        self.name = f"kill -9 of the {names[0]} server" if len(names) == 1 else "kill -9 of all three"
        self._names = names

    async def strike(self, world: World, load: Load, choose: random.Random) -> None:
        """See Fault."""
        await world.kill(self._names)
        await load.felt(choose.randint(1, 20))
        if choose.random() < 0.33:
            for name in self._names:
                world.server(name).start()
            await asyncio.sleep(choose.uniform(0, 2))
            await world.kill(self._names)
        await world.start(self._names)


class Restart(Fault):
    """SIGTERM of servers under load, as an update does it; each has to end well."""

    name = "SIGTERM of all three, one after the other"

    async def strike(self, world: World, load: Load, choose: random.Random) -> None:
        """See Fault."""
        for name in choose.sample(SERVERS, len(SERVERS)):
            await world.stop(name)
            await world.start([name])
            await load.answered(choose.randint(1, 40))


class Freeze(Fault):
    """SIGSTOP of a server until every call that it has under way is overdue, and then SIGCONT."""

    def __init__(self, name: str) -> None:
        self.name = f"SIGSTOP of the {name} server" if name in SERVERS else f"SIGSTOP of {name}"
        self._name = name

    def possible(self, world: World) -> bool:
        """See Fault."""
        return self._name in SERVERS or world.postgres is not None

    async def strike(self, world: World, load: Load, choose: random.Random) -> None:
        """See Fault."""
        world.freeze(self._name)
        try:
            await load.felt(choose.randint(1, 20))
            await load.calls_under_way()
        finally:
            world.thaw(self._name)


class KillWithPending(Fault):
    """kill -9 of the action server while awards are pending, because the score server answers nobody."""

    name = "kill -9 of the action server with awards pending"

    async def strike(self, world: World, load: Load, choose: random.Random) -> None:
        """See Fault."""
        world.freeze("score")
        try:
            await load.pending(choose.randint(1, 20))
            await world.kill(["action"])
        finally:
            world.thaw("score")
        await world.start(["action"])


class StopPostgres(Fault):
    """PostgreSQL stopped and started."""

    def __init__(self, mode: StopMode) -> None:
        self.name = f"PostgreSQL stopped ({mode}) and started"
        self._mode = mode

    def possible(self, world: World) -> bool:
        """See Fault."""
        return world.postgres is not None

    async def strike(self, world: World, load: Load, choose: random.Random) -> None:
        """See Fault."""
        assert world.postgres
        await asyncio.to_thread(world.postgres.stop, self._mode)
        await load.felt(choose.randint(1, 40))
        await asyncio.to_thread(world.postgres.start)


class FillDisk(Fault):
    """A full disk, under the databases and the logs, and then space again."""

    name = "the disk is full"
    needs = "a small disk, which takes Linux and root to mount"

    def possible(self, world: World) -> bool:
        """See Fault."""
        return world.disk.is_small

    async def strike(self, world: World, load: Load, choose: random.Random) -> None:
        """See Fault."""
        enough = load.book.felt + choose.randint(1, 60)

        def filled() -> bool:
            world.disk.fill()  # again and again, because servers give blocks back
            return load.book.felt >= enough

        try:
            await becomes(filled, "a caller who feels that the disk is full")
        finally:
            world.disk.free()
        if world.postgres:
            await asyncio.to_thread(world.postgres.start)


class Cut(Fault):
    """Connections reset in the middle of calls, in either direction, as often as a number up to `most`."""

    def __init__(self, name: str, proxy: str, most: int) -> None:
        self.name = f"connections cut between {name}"
        self._proxy = proxy
        self._most = most
        self._places: list[tuple[Direction, bytes]] = [("requests", b""), ("answers", b"")]
        if proxy == "behind":
            self._places.append(("answers", b"COMMIT"))  # an award may count, and nobody knows

    def possible(self, world: World) -> bool:
        """See Fault."""
        return self._proxy != "behind" or world.postgres is not None

    async def strike(self, world: World, load: Load, choose: random.Random) -> None:
        """See Fault."""
        proxy: Proxy = getattr(world.proxies, self._proxy)
        for _ in range(choose.randint(3, self._most)):
            cuts = proxy.cuts
            direction, word = choose.choice(self._places)
            proxy.arm(direction, choose.choice([0.0, choose.random(), 1.0]), word)
            await becomes(lambda: proxy.cuts > cuts, "a connection to cut")  # noqa: B023 - awaited in its round
            await load.answered(choose.randint(0, 20))


FAULTS: tuple[Fault, ...] = (
    Kill("score"),
    Kill("action"),
    Kill("gateway"),
    Kill(*SERVERS),
    Freeze("score"),
    Freeze("action"),
    Freeze("gateway"),
    KillWithPending(),
    Restart(),
    FillDisk(),
    Cut("clients and gateway", "front", 12),
    Cut("action server and score server", "between", 12),
    Cut("servers and PostgreSQL", "behind", 60),
    StopPostgres("fast"),
    StopPostgres("immediate"),
    Freeze(POSTGRES),
    SetBack(),
)
