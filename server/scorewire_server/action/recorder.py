"""The journal for callers on the event loop: their entries are written together, and then they are answered."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from scorewire_server.storage.group_commit import Bounds, GroupCommit, Meters
from scorewire_server.storage.journal.journal import Journal
from scorewire_server.storage.journal.records import Entry
from scorewire_server.storage.trouble import Trouble

METERS = Meters.named("scorewire_journal", "Actions")


class Recorder(GroupCommit[Entry, Entry]):
    """Records entries; answers each with what stands in the journal, as `Journal.record` does."""

    def __init__(self, journal: Journal, bounds: Bounds) -> None:
        super().__init__(bounds, METERS, Trouble("the journal", "actions"))
        self._journal = journal
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    async def run(self) -> None:
        """See GroupCommit."""
        try:
            await super().run()
        finally:
            self._thread.shutdown()

    async def has(self, entry: Entry) -> bool:
        """Whether the journal knows the action of that key."""
        return await asyncio.to_thread(self._journal.has, entry.key)

    async def tell(self, entry: Entry, now: int) -> None:
        """See `Journal.tell`."""
        await asyncio.to_thread(self._journal.tell, [entry.key], now)

    async def _write(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._journal.record, entries)
