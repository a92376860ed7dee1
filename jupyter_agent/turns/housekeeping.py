"""What the turns' room does by itself: signs its process in, reads what other processes ask of its turns, closes what
dead processes have left behind, forgets uploads that no message took."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_agent.turns.finishing import finish_in
from jupyter_agent.turns.models import StopReason, TurnError
from jupyter_agent.turns.parts import MessagesBuilder
from jupyter_agent.turns.rows import UNFINISHED, usage_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import ServerRow
    from jupyter_agent.tools.models import Approval
    from jupyter_agent.turns.resuming import Resumption
    from jupyter_agent.turns.running import Running

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
HEARTBEAT_SECONDS = 5.0
UPLOADS_SECONDS = 3600.0
LEASE_SECONDS = 30.0
"""A server on another machine that was silent for so long is taken for dead."""


def machine_id() -> str:
    """Where a process id means something: this host, this boot, this container."""
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):  # not Linux
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8])
        parts.append(str(os.stat("/proc/self/ns/pid").st_ino))
    return ":".join(parts)


def process_started(pid: int) -> str | None:
    """When the process of this id began; None where there is none. Ids are used again, moments are not."""
    import psutil

    try:
        return f"{psutil.Process(pid).create_time():.2f}"
    except psutil.Error:
        return None


class Housekeeping:
    def __init__(
        self,
        services: Services,
        server_id: str,
        running: Mapping[str, Running],
        *,
        closed: Callable[[str, str], Awaitable[None]],
        resume: Callable[[Resumption], object],
    ) -> None:
        """`closed` is told the owner and id of a turn that was closed for a dead process; `resume` goes on with one
        that this process has taken over."""
        self._services = services
        self._server_id = server_id
        self._running = running
        self._closed = closed
        self._resume = resume
        self._waking = asyncio.Lock()
        self._machine = machine_id()
        self._ticker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Signs this process in and closes what dead ones have left behind."""
        from jupyter_agent.storage.tables import ServerRow

        started = await asyncio.to_thread(process_started, os.getpid()) or ""
        row = ServerRow(id=self._server_id, host=self._machine, pid=os.getpid(), process_started=started)
        await self._services.db.write(lambda orm: orm.add(row))
        await self._services.tools.approvals.expire()
        await self._look_around()
        self._ticker = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """No more of it; the process stays signed in."""
        if self._ticker is not None:
            self._ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticker

    async def sign_out(self) -> None:
        def write(orm: Orm) -> None:
            from jupyter_agent.storage.tables import ServerRow

            row = orm.get(ServerRow, self._server_id)
            if row is not None:
                orm.delete(row)

        await self._services.db.write(write)

    async def _tick(self) -> None:
        """Heartbeat; words and interrupts that came in through other processes; turns that dead ones left behind;
        uploads that nothing came of."""
        loop = asyncio.get_running_loop()
        beat = uploads = -math.inf
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                if self._running:
                    await self._read_signals()
                    if not all(running.waiting for running in self._running.values()):
                        self._services.report_activity()
                if self._services.tools.approvals.waiting:
                    await self._services.tools.approvals.expire()
                    await self._services.tools.approvals.poll()
                if loop.time() - beat >= HEARTBEAT_SECONDS:
                    beat = loop.time()
                    await self._heartbeat()
                    await self._services.tools.approvals.expire()
                    await self._look_around()
                if loop.time() - uploads >= UPLOADS_SECONDS:
                    uploads = loop.time()
                    await self._services.blobs.remove_unused()
            except Exception:
                log.exception("the turns' housekeeping failed; trying again")

    async def _heartbeat(self) -> None:
        from jupyter_agent.storage.tables import ServerRow, utcnow

        def write(orm: Orm) -> None:
            row = orm.get(ServerRow, self._server_id)
            if row is not None:
                row.heartbeat_at = utcnow()

        await self._services.db.write(write)

    async def _read_signals(self) -> None:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import GuidanceRow, TurnRow
        from jupyter_agent.turns.loop import Guide

        ids = list(self._running)

        def read(orm: Orm) -> tuple[list[Any], list[Any], list[str]]:
            interrupts = orm.execute(
                select(TurnRow.id, TurnRow.interrupt_message).where(
                    TurnRow.id.in_(ids), TurnRow.interrupt_requested_at.is_not(None)
                )
            ).all()
            guides = orm.execute(
                select(GuidanceRow.id, GuidanceRow.turn_id, GuidanceRow.message)
                .where(GuidanceRow.turn_id.in_(ids), GuidanceRow.delivered_at.is_(None))
                .order_by(GuidanceRow.id)
            ).all()
            there = list(orm.scalars(select(TurnRow.id).where(TurnRow.id.in_(ids))))
            return list(interrupts), list(guides), there

        interrupts, guides, there = await self._services.db.read(read)
        for id, message in interrupts:
            if (running := self._running.get(id)) is not None:
                running.stop_with("interrupted", message)
        for id, turn_id, message in guides:
            running = self._running.get(turn_id)
            if running is not None and running.loop is not None and id not in running.guides_seen:
                running.guides_seen.add(id)
                running.loop.guide(Guide(id, message))
        for id in set(ids) - set(there):
            # Its session was purged meanwhile.
            if (running := self._running.get(id)) is not None:
                running.stop_with("interrupted")

    async def wake(self) -> None:
        """Looks around now: a turn that nobody runs may have been answered."""
        await self._look_around()

    async def _look_around(self) -> None:
        """Closes the turns that dead processes have left behind; of those that wait for a person, goes on with the ones
        that were answered."""
        async with self._waking:
            await self._look()

    async def _look(self) -> None:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import ApprovalRow, ServerRow, ToolCallRow, TurnRow, utcnow

        def read(orm: Orm) -> tuple[list[ServerRow], list[Any], set[str]]:
            turns = orm.execute(
                select(TurnRow.id, TurnRow.server_id, TurnRow.status, TurnRow.interrupt_requested_at).where(
                    TurnRow.status.in_(UNFINISHED), TurnRow.server_id.is_distinct_from(self._server_id)
                )
            ).all()
            if not turns:
                return list(orm.scalars(select(ServerRow))), [], set()
            answered = orm.scalars(
                select(ApprovalRow.turn_id)
                .join(ToolCallRow, ToolCallRow.id == ApprovalRow.call_id)
                .where(
                    ApprovalRow.turn_id.in_([turn.id for turn in turns if turn.status == "waiting"]),
                    ApprovalRow.status != "pending",
                    ToolCallRow.status == "waiting",
                )
            )
            return list(orm.scalars(select(ServerRow))), list(turns), set(answered)

        servers, turns, answered = await self._services.db.read(read)
        silent_since = utcnow() - timedelta(seconds=LEASE_SECONDS)

        def dead(server: ServerRow) -> bool:
            if server.id == self._server_id:
                return False
            if server.host == self._machine:
                return process_started(server.pid) != server.process_started
            return server.heartbeat_at < silent_since

        gone = {server.id for server in await asyncio.to_thread(lambda: [one for one in servers if dead(one)])}
        alive = {server.id for server in servers} - gone
        for turn in turns:
            if turn.server_id in alive:
                continue
            if turn.status != "waiting":
                await self.close_left(turn.id, "server_restart")
            elif turn.interrupt_requested_at is not None:
                await self.close_left(turn.id, "interrupted")
            elif turn.id in answered:
                await self._take_over(turn.id, turn.server_id)

        def forget(orm: Orm) -> None:
            for id in gone:
                row = orm.get(ServerRow, id)
                if row is not None:
                    orm.delete(row)

        if gone:
            await self._services.db.write(forget)

    async def _take_over(self, turn_id: str, left_by: str | None) -> None:
        from jupyter_agent.turns.resuming import claim

        resumption = await self._services.db.write(lambda orm: claim(orm, turn_id, left_by, self._server_id))
        if resumption is not None:
            self._resume(resumption)

    async def close_left(self, turn_id: str, reason: StopReason, error: TurnError | None = None) -> None:
        """Closes a turn that no process runs, with what its log has."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import TurnEventRow, TurnRow

        def write(orm: Orm) -> tuple[str, str, list[Approval]] | None:
            import json

            row = orm.get(TurnRow, turn_id, with_for_update=True)
            if row is None or row.status == "finished":
                return None  # another process was faster
            events = orm.execute(
                select(TurnEventRow.type, TurnEventRow.data)
                .where(TurnEventRow.turn_id == turn_id)
                .order_by(TurnEventRow.index)
            ).all()
            builder = MessagesBuilder()
            for type, data in events:
                builder.feed(type, json.loads(data))
            count = len(events)
            if not events:
                first = {
                    "turn_id": row.id,
                    "session_id": row.session_id,
                    "agent": row.agent,
                    "provider": row.provider,
                    "model": row.model,
                }
                orm.add(TurnEventRow(turn_id=turn_id, index=0, type="turn_started", data=json.dumps(first)))
                count = 1
            if error is not None:
                said = json.dumps(error.model_dump())
                orm.add(TurnEventRow(turn_id=turn_id, index=count, type="error", data=said))
                count += 1
            usage = usage_of(row)
            last = {"stop_reason": reason, "usage": usage.model_dump(), "cost": usage.cost}
            if reason == "interrupted" and row.interrupt_message:
                last["message"] = row.interrupt_message
            orm.add(TurnEventRow(turn_id=turn_id, index=count, type="turn_finished", data=json.dumps(last)))
            cancelled = finish_in(self._services, orm, row, builder, reason, error, count + 1)
            return row.owner, row.session_id, cancelled

        closed = await self._services.db.write(write)
        if closed is not None:
            owner, session_id, cancelled = closed
            fields = {"turn_id": turn_id, "session_id": session_id, "reason": reason}
            log.info("closed a turn that no server ran any more", extra=fields)
            self._services.tools.approvals.cancelled(owner, cancelled)
            await self._closed(owner, turn_id)
