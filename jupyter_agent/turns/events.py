"""The log of each turn: append-only, stored before anybody sees it, read by whoever wants to from any index on.

A reader takes what it can from the database and goes on with what running turns publish. It pulls: a slow one costs
nothing but its own time, and there is no queue that could overflow."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_agent.storage.search import clean
from jupyter_agent.turns.parts import MessagesBuilder

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.storage.database import Database

log = logging.getLogger(__name__)

T = TypeVar("T")

DELTAS = frozenset({"content", "thinking"})
RECENT = 1000
"""Events of a running turn that are kept in memory for its readers."""
PAGE = 2000
POLL_SECONDS = 0.25
"""How often the log of a turn that another process runs is read."""
RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class Stored:
    """An event as it is in the database and goes over the wire."""

    index: int
    type: str
    data: str

    def encode(self) -> bytes:
        return f"id: {self.index}\nevent: {self.type}\ndata: {self.data}\n\n".encode()


def _is_half(character: str) -> bool:
    return "\ud800" <= character <= "\udbff"


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


@dataclass
class LiveLog:
    """The log of a turn that this process runs."""

    turn_id: str
    builder: MessagesBuilder = field(default_factory=MessagesBuilder)
    pending: list[tuple[str, Any]] = field(default_factory=list)
    """Not stored yet; the data of a delta is a list of texts."""
    next_index: int = 0
    """Of the next event to be stored."""
    recent: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=RECENT))
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False
    spoken: bool = False

    def behind(self, after: int) -> list[bytes] | None:
        """The events behind an index, encoded; None where some of them are not kept any more."""
        if not self.recent or self.recent[0][0] > after + 1:
            return None
        # Indexes have no gaps.
        return [encoded for _, encoded in islice(self.recent, after + 1 - self.recent[0][0], None)]

    def wake(self) -> None:
        """Readers wait on the event that was there when they looked."""
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()


class EventLog:
    """The logs of all turns."""

    def __init__(self, db: Database, flush_seconds: Callable[[], float]) -> None:
        self._db = db
        self._flush_seconds = flush_seconds
        self._live: dict[str, LiveLog] = {}
        self._dirty: set[str] = set()
        self._work = asyncio.Event()
        self._urgent = asyncio.Event()
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._readers: Counter[str] = Counter()

    # Writing ---------------------------------------------------------------------------------------------------------

    def open(self, turn_id: str) -> LiveLog:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        live = self._live[turn_id] = LiveLog(turn_id)
        return live

    def append(self, live: LiveLog, type: str, data: dict[str, Any]) -> None:
        """Puts an event at the end; it is stored and published within `flush_seconds`, most at once."""
        if live.closed:
            return
        if type not in DELTAS:
            # What models and tools say is not always text that a database takes.
            data = clean(data)
        live.builder.feed(type, data)
        if type in DELTAS:
            if live.pending and live.pending[-1][0] == type:
                live.pending[-1][1].append(data["delta"])
            else:
                live.pending.append((type, [data["delta"]]))
            if not live.spoken:
                live.spoken = True
                self._urgent.set()
        else:
            live.pending.append((type, data))
            self._urgent.set()
        if live.turn_id not in self._dirty:
            self._dirty.add(live.turn_id)
            self._work.set()

    async def _run(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            self._urgent.clear()
            try:
                await self._flush()
            except Exception:
                log.exception("events could not be stored; trying again")
                await asyncio.sleep(RETRY_SECONDS)
                self._work.set()
                continue
            # Small deltas are collected meanwhile; whatever is not one cuts the wait short.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._urgent.wait(), self._flush_seconds())

    async def _flush(self) -> None:
        async with self._lock:
            batches = [(live, self._take(live)) for id in self._dirty if (live := self._live.get(id)) is not None]
            self._dirty.clear()
            batches = [(live, events) for live, events in batches if events]
            if not batches:
                return
            try:
                await self._db.write(lambda orm: self._insert(orm, batches))
            except BaseException:
                for live, events in batches:
                    live.pending[:0] = [_untaken(event) for event in events]
                    self._dirty.add(live.turn_id)
                raise
            for live, events in batches:
                self._publish(live, events)

    def _take(self, live: LiveLog) -> list[Stored]:
        taken, live.pending = live.pending, []
        if taken and taken[-1][0] in DELTAS and _is_half(taken[-1][1][-1][-1]):
            # Half of a character; the next delta has the other one.
            type, texts = taken[-1]
            live.pending = [(type, [texts[-1][-1]])]
            texts[-1] = texts[-1][:-1]
            if not any(texts):
                taken.pop()
        return [
            Stored(live.next_index + offset, type, _json({"delta": clean("".join(data))} if type in DELTAS else data))
            for offset, (type, data) in enumerate(taken)
        ]

    def _publish(self, live: LiveLog, events: list[Stored]) -> None:
        live.next_index = events[-1].index + 1
        live.recent.extend((event.index, event.encode()) for event in events)
        live.wake()

    @staticmethod
    def _insert(orm: Orm, batches: list[tuple[LiveLog, list[Stored]]]) -> None:
        from sqlalchemy import insert

        from jupyter_agent.storage.tables import TurnEventRow, utcnow

        now = utcnow()
        # On the connection, past the ORM, and for all turns at once: every word of an answer costs this.
        orm.connection().execute(
            insert(TurnEventRow),
            [
                {"turn_id": live.turn_id, "idx": one.index, "type": one.type, "data": one.data, "created_at": now}
                for live, events in batches
                for one in events
            ],
        )

    def resume(self, turn_id: str, events: list[Stored]) -> LiveLog:
        """The log of a turn that another process has begun, of which these are all events: it goes on behind them."""
        live = self.open(turn_id)
        for event in events:
            live.builder.feed(event.type, json.loads(event.data))
        live.next_index = len(events)
        live.spoken = True
        return live

    async def write(self, live: LiveLog, type: str | None, data: dict[str, Any], write: Callable[[Orm], T]) -> T:
        """Stores what waits to be, and an event where there is a type, in one transaction with `write`; gives what that
        gives. Not to be cancelled: nobody would know what was stored."""
        async with self._lock:
            if type is not None:
                self.append(live, type, data)
            events = self._take(live)

            def transaction(orm: Orm) -> T:
                if events:
                    self._insert(orm, [(live, events)])
                return write(orm)

            try:
                given = await self._db.write(transaction)
            except BaseException:
                live.pending[:0] = [_untaken(event) for event in events]
                raise
            if events:
                self._publish(live, events)
            return given

    async def detach(self, live: LiveLog) -> None:
        """Stores what waits to be and leaves the log open for another process to go on with."""
        await self.write(live, None, {}, lambda orm: None)
        live.closed = True
        live.wake()
        self._live.pop(live.turn_id, None)

    async def close(self, live: LiveLog, data: dict[str, Any], write: Callable[[Orm, int], None]) -> None:
        """Appends `turn_finished` and calls `write(orm, event_count)` in the same transaction, so that a turn is closed
        in its log and in its row or in neither."""
        async with self._lock:
            self.append(live, "turn_finished", data)
            self._dirty.discard(live.turn_id)
            events = self._take(live)

            def transaction(orm: Orm) -> None:
                self._insert(orm, [(live, events)])
                write(orm, events[-1].index + 1)

            try:
                await self._db.write(transaction)
            except BaseException:
                live.pending[:0] = [_untaken(event) for event in events[:-1]]
                raise
            live.closed = True
            self._publish(live, events)
            del self._live[live.turn_id]

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    # Reading ---------------------------------------------------------------------------------------------------------

    async def read(self, turn_id: str, after: int, limit: int = PAGE) -> list[Stored]:
        """Stored events behind an index (-1 for all), at most `limit`."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import TurnEventRow

        def read(orm: Orm) -> list[Stored]:
            rows = orm.execute(
                select(TurnEventRow.index, TurnEventRow.type, TurnEventRow.data)
                .where(TurnEventRow.turn_id == turn_id, TurnEventRow.index > after)
                .order_by(TurnEventRow.index)
                .limit(limit)
            )
            return [Stored(*row) for row in rows]

        return await self._db.read(read)

    async def _ended(self, turn_id: str) -> bool:
        """Whether nothing more comes: the turn has ended, in one transaction with its last event, or was purged."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import TurnRow

        status = await self._db.read(lambda orm: orm.scalar(select(TurnRow.status).where(TurnRow.id == turn_id)))
        return status in (None, "finished")

    def is_followed(self, turn_id: str) -> bool:
        """Whether anybody reads the turn's events as they come, from this process."""
        return self._readers[turn_id] > 0

    async def follow(self, turn_id: str, after: int, finished: bool) -> AsyncIterator[bytes]:
        """The events behind an index, encoded, several in one piece; ends behind `turn_finished`.

        `finished` says that the turn had ended before this was called."""
        self._readers[turn_id] += 1
        try:
            async with contextlib.aclosing(self._follow(turn_id, after, finished)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self._readers[turn_id] -= 1
            if not self._readers[turn_id]:
                del self._readers[turn_id]

    async def _follow(self, turn_id: str, after: int, finished: bool) -> AsyncGenerator[bytes]:
        while True:
            live = self._live.get(turn_id)
            changed = live.changed if live is not None else None
            if live is not None and (pieces := live.behind(after)) is not None:
                if pieces:
                    after = live.recent[-1][0]
                    yield b"".join(pieces)
                    continue
            else:
                events = await self.read(turn_id, after)
                if events:
                    after = events[-1].index
                    yield b"".join(event.encode() for event in events)
                    if events[-1].type == "turn_finished":
                        return
                    continue
                if finished:
                    return
            if live is None or changed is None:
                # Another process runs it, or it has just ended here; either way the log will tell.
                await asyncio.sleep(POLL_SECONDS)
                finished = await self._ended(turn_id)
            elif live.closed:
                if after >= live.next_index - 1:
                    return
            else:
                await changed.wait()
                if live.closed and (pieces := live.behind(after)) is not None:
                    if pieces:
                        yield b"".join(pieces)
                    return


def _untaken(event: Stored) -> tuple[str, Any]:
    data = json.loads(event.data)
    return (event.type, [data["delta"]]) if event.type in DELTAS else (event.type, data)


def now_ms(since: float) -> int:
    """Milliseconds since a moment of the monotonic clock."""
    return int((time.monotonic() - since) * 1000)
