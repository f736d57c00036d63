"""Members on their way out: collected by level, written as packs on a thread of its own."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from modelhub.pas.limits import Limits
from modelhub.pas.pack import WrittenPack
from modelhub.pas.packing import Pending, batches, cost, level_order, write_pack
from modelhub.pas.store import ObjectStore


class Outbox:
    """Holds unwritten members, within bounds; used by one thread."""

    def __init__(self, store: ObjectStore, limits: Limits) -> None:
        self.packs: list[WrittenPack] = []
        self.pending = 0  # bytes that are in memory, waiting or being written
        self._store = store
        self._limits = limits
        self._levels: dict[int, list[Pending]] = {}
        self._sizes: dict[int, int] = {}
        self._writes: deque[tuple[int, Future[WrittenPack]]] = deque()
        self._thread = ThreadPoolExecutor(1, "modelhub-write")

    def add(self, member: Pending) -> None:
        """Take a member; levels that are full are sent, and too much of everything is, too."""
        level, size = level_order(member), cost(member)
        self._levels.setdefault(level, []).append(member)
        self._sizes[level] = self._sizes.get(level, 0) + size
        self.pending += size
        if self._sizes[level] >= self._limits.level_pack:
            self._send([level])
        while self.pending > self._limits.pending:
            if self._writes:
                self._await_write()
            else:
                self._send([max(self._sizes, key=self._sizes.__getitem__)])

    def flush(self) -> None:
        """Write everything, and wait until it is durable."""
        self._send(list(self._levels))
        while self._writes:
            self._await_write()

    def close(self) -> None:
        """Drop what is not being written yet, and end the thread."""
        self._thread.shutdown(cancel_futures=True)

    def _send(self, levels: Sequence[int]) -> None:
        members = [member for level in levels for member in self._levels.pop(level)]
        for level in levels:
            del self._sizes[level]
        for batch in batches(members, limit=self._limits.pack):
            size = sum(map(cost, batch))
            self._writes.append((size, self._thread.submit(write_pack, self._store, batch)))
        while self._writes and self._writes[0][1].done():
            self._await_write()

    def _await_write(self) -> None:
        size, future = self._writes.popleft()
        self.packs.append(future.result())
        self.pending -= size
