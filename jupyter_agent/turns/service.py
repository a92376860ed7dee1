"""Turns: started, followed, guided, stopped; closed exactly once, by this process or by the next."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_agent.api.errors import ApiError, conflict, invalid, not_found
from jupyter_agent.api.models import Page, Usage
from jupyter_agent.storage.ids import new_id
from jupyter_agent.turns import toolset
from jupyter_agent.turns.events import EventLog, LiveLog
from jupyter_agent.turns.models import (
    GuidanceAccepted,
    ImagePart,
    Retry,
    Run,
    StopReason,
    Task,
    TaskList,
    TextPart,
    Turn,
    TurnError,
    TurnStart,
)
from jupyter_agent.turns.parts import MessagesBuilder, last_text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.providers.service import ResolvedModel
    from jupyter_agent.storage.tables import ServerRow, TurnRow
    from jupyter_agent.turns.loop import TurnLoop

log = logging.getLogger(__name__)

DEFAULT_AGENT = "default"
UNFINISHED = ("queued", "running", "waiting")
TICK_SECONDS = 1.0
HEARTBEAT_SECONDS = 5.0
LEASE_SECONDS = 30.0
"""A server on another machine that was silent for so long is taken for dead."""
CLOSE_SECONDS = 5.0
FINISH_ATTEMPTS = 5


@dataclass
class Running:
    """A turn that this process runs."""

    owner: str
    session_id: str
    turn_id: str
    start: TurnStart
    resolved: ResolvedModel
    live: LiveLog
    started_at: datetime
    loop: TurnLoop | None = None
    stop: tuple[StopReason, str | None] | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    guides_seen: set[str] = field(default_factory=set)

    def stop_with(self, reason: StopReason, message: str | None = None) -> None:
        """The first reason counts."""
        if self.stop is None:
            self.stop = (reason, message)
            self.stopping.set()


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


class TurnService:
    def __init__(self, services: Services) -> None:
        self._services = services
        self.server_id = new_id("srv")
        self.events = EventLog(services.db, lambda: services.settings.turns.flush_seconds)
        self._running: dict[str, Running] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ticker: asyncio.Task[None] | None = None
        self._machine = machine_id()
        services.bus.snapshot("turns", self._snapshot)

    # The process -----------------------------------------------------------------------------------------------------

    @property
    def running_count(self) -> int:
        return len(self._running)

    async def start(self) -> None:
        """Signs this process in and closes what dead ones have left behind."""
        from jupyter_agent.storage.tables import ServerRow

        started = await asyncio.to_thread(process_started, os.getpid()) or ""
        row = ServerRow(id=self.server_id, host=self._machine, pid=os.getpid(), process_started=started)
        await self._services.db.write(lambda orm: orm.add(row))
        await self._close_orphans()
        self._ticker = asyncio.create_task(self._tick())

    async def close(self) -> None:
        """Ends what runs, with what it has said, and signs this process out."""
        if self._ticker is not None:
            self._ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticker
        running = list(self._running.values())
        for one in running:
            one.stop_with("server_restart")
        if running:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(*(one.done.wait() for one in running)), CLOSE_SECONDS)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.events.stop()

        def write(orm: Orm) -> None:
            from jupyter_agent.storage.tables import ServerRow

            row = orm.get(ServerRow, self.server_id)
            if row is not None:
                orm.delete(row)

        await self._services.db.write(write)

    def _background(self, work: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _tick(self) -> None:
        """Heartbeat; words and interrupts that came in through other processes; turns that dead ones left behind."""
        loop = asyncio.get_running_loop()
        beat = 0.0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                if self._running:
                    await self._read_signals()
                    self._services.report_activity()
                if loop.time() - beat >= HEARTBEAT_SECONDS:
                    beat = loop.time()
                    await self._heartbeat()
                    await self._close_orphans()
            except Exception:
                log.exception("the turns' housekeeping failed; trying again")

    async def _heartbeat(self) -> None:
        from jupyter_agent.storage.tables import ServerRow, utcnow

        def write(orm: Orm) -> None:
            row = orm.get(ServerRow, self.server_id)
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

    async def _close_orphans(self) -> None:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import ServerRow, TurnRow, utcnow

        def read(orm: Orm) -> tuple[list[ServerRow], list[tuple[str, str | None]]]:
            turns = orm.execute(
                select(TurnRow.id, TurnRow.server_id).where(
                    TurnRow.status.in_(UNFINISHED), TurnRow.server_id.is_distinct_from(self.server_id)
                )
            ).all()
            return list(orm.scalars(select(ServerRow))), [(row.id, row.server_id) for row in turns]

        servers, turns = await self._services.db.read(read)
        silent_since = utcnow() - timedelta(seconds=LEASE_SECONDS)

        def dead(server: ServerRow) -> bool:
            if server.id == self.server_id:
                return False
            if server.host == self._machine:
                return process_started(server.pid) != server.process_started
            return server.heartbeat_at < silent_since

        gone = {server.id for server in await asyncio.to_thread(lambda: [one for one in servers if dead(one)])}
        alive = {server.id for server in servers} - gone
        for turn_id, server_id in turns:
            if server_id not in alive:
                await self._close_orphan(turn_id)

        def forget(orm: Orm) -> None:
            for id in gone:
                row = orm.get(ServerRow, id)
                if row is not None:
                    orm.delete(row)

        if gone:
            await self._services.db.write(forget)

    async def _close_orphan(self, turn_id: str) -> None:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import TurnEventRow, TurnRow

        def write(orm: Orm) -> tuple[str, str] | None:
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
            usage = usage_of(row)
            last = {"stop_reason": "server_restart", "usage": usage.model_dump(), "cost": usage.cost}
            orm.add(TurnEventRow(turn_id=turn_id, index=count, type="turn_finished", data=json.dumps(last)))
            self._finish_in(orm, row, builder, "server_restart", None, count + 1)
            return row.owner, row.session_id

        closed = await self._services.db.write(write)
        if closed is not None:
            log.info("closed a turn whose server had died", extra={"turn_id": turn_id, "session_id": closed[1]})
            await self._tell(closed[0], turn_id, "turn_finished")

    # Starting --------------------------------------------------------------------------------------------------------

    async def begin(
        self,
        owner: str,
        session_id: str,
        start: TurnStart,
        *,
        idempotency_key: str | None = None,
        retry_of: str | None = None,
    ) -> tuple[Turn, bool]:
        """Starts a turn; gives it and whether it is one that an earlier request with the same key started.

        Raises ApiError: 404 for a session that is not the owner's; 409 where a turn runs, the session is terminated,
        or the key was used for something else; 422 for a provider, model, tool or agent that is not there."""
        from jupyter_agent.storage.tables import TurnRow, utcnow

        digest = hashlib.sha256(f"{session_id}\n{start.model_dump_json()}".encode()).hexdigest()
        if idempotency_key is not None:
            if not 1 <= len(idempotency_key) <= 255 or "\x00" in idempotency_key:
                raise invalid("header.Idempotency-Key", "must have 1 to 255 characters")
            earlier = await self._services.db.read(lambda orm: self._earlier(orm, owner, idempotency_key, digest))
            if earlier is not None:
                return earlier, True
        session = await self._services.sessions.require(owner, session_id)
        if start.agent not in (None, DEFAULT_AGENT):
            raise invalid("body.agent", f"there is no agent {start.agent!r}")
        for index, name in enumerate(start.tools or []):
            if name not in toolset.NAMES:
                raise invalid(f"body.tools.{index}", f"there is no tool {name!r}")
        # A model of the session's is a model at the session's provider.
        provider = start.provider or session.provider
        model = start.model or (session.model if provider == session.provider else None)
        resolved = await self._resolve(provider, model)
        if not resolved.supports_images and any(isinstance(part, ImagePart) for part in start.parts):
            raise invalid("body.parts", f"the model {resolved.model_id} cannot see pictures; choose one that can")
        turn_id = new_id("turn")
        started_at = utcnow()

        def write(orm: Orm) -> tuple[Turn, bool]:
            from sqlalchemy import func, select

            row = self._services.sessions.open_row(orm, owner, session_id)
            if idempotency_key is not None:
                earlier = self._earlier(orm, owner, idempotency_key, digest)
                if earlier is not None:
                    return earlier, True
            running = orm.scalar(
                select(TurnRow.id).where(TurnRow.session_id == session_id, TurnRow.status.in_(UNFINISHED)).limit(1)
            )
            if running is not None:
                raise conflict("A turn is running in this session.", turn_id=running)
            parts = self._services.sessions.store_parts(orm, owner, session_id, start.parts)
            said = [TextPart(text=start.message)] if start.message else []
            kept = start.model_copy(update={"parts": parts})
            last = orm.scalar(select(func.max(TurnRow.seq)).where(TurnRow.session_id == session_id))
            turn = TurnRow(
                id=turn_id,
                session_id=session_id,
                owner=owner,
                seq=0 if last is None else last + 1,
                status="running",
                request=kept.model_dump(mode="json", exclude_defaults=True),
                agent=start.agent or DEFAULT_AGENT,
                provider=resolved.provider_id,
                model=resolved.model_id,
                message=start.message[:500],
                retry_of=retry_of,
                idempotency_key=idempotency_key,
                idempotency_hash=digest if idempotency_key is not None else None,
                server_id=self.server_id,
                meta=start.metadata,
                created_at=started_at,
                started_at=started_at,
                steps=0,
                input_tokens=0,
                output_tokens=0,
                cache_read_tokens=0,
                cache_write_tokens=0,
                requests=0,
                event_count=0,
            )
            orm.add(turn)
            row.turn_count += 1
            self._services.sessions.append_in(orm, row, "user", [*said, *parts], turn_id=turn_id)
            return turn_of(turn), False

        turn, replayed = await self._services.db.write(write)
        if replayed:
            return turn, True
        running = Running(owner, session_id, turn_id, start, resolved, self.events.open(turn_id), started_at)
        self._running[turn_id] = running
        self._background(self._run(running))
        self._services.bus.publish("turns", owner, {"type": "turn_started", "turn": turn.model_dump(mode="json")})
        self._background(self._publish_session(owner, session_id))
        return turn, False

    async def _resolve(self, provider: str | None, model: str | None) -> ResolvedModel:
        try:
            return await self._services.providers.resolve(provider, model)
        except ApiError as error:
            if error.status == 404:
                # The provider is a field of the request here, not its address.
                raise invalid("body.provider" if provider else "body.model", error.message) from error
            raise

    def _earlier(self, orm: Orm, owner: str, key: str, digest: str) -> Turn | None:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import TurnRow

        row = orm.scalars(select(TurnRow).where(TurnRow.owner == owner, TurnRow.idempotency_key == key)).one_or_none()
        if row is None:
            return None
        if row.idempotency_hash != digest:
            raise conflict("This Idempotency-Key was used for another request.", turn_id=row.id)
        return turn_of(row)

    async def _run(self, running: Running) -> None:
        """The turn's task: supervises the loop, which may be stopped, and closes the turn whatever happens."""
        from jupyter_agent.turns.loop import Outcome, TurnLoop

        start = running.start
        loop = running.loop = TurnLoop(
            services=self._services,
            events=self.events,
            live=running.live,
            owner=running.owner,
            session_id=running.session_id,
            turn_id=running.turn_id,
            start=start,
            resolved=running.resolved,
        )
        loop.emit(
            "turn_started",
            turn_id=running.turn_id,
            session_id=running.session_id,
            agent=start.agent or DEFAULT_AGENT,
            provider=running.resolved.provider_id,
            model=running.resolved.model_id,
        )
        work = asyncio.create_task(loop.run())
        stopping = asyncio.create_task(running.stopping.wait())
        seconds = start.timeout_seconds or self._services.settings.turns.timeout_seconds
        try:
            done, _ = await asyncio.wait({work, stopping}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if work not in done:
                running.stop_with("timeout")
                work.cancel()
            stopping.cancel()
            try:
                outcome = await work
            except asyncio.CancelledError:
                reason, _ = running.stop or ("server_restart", None)
                outcome = Outcome(reason)
            except Exception:
                # The loop tells of every failure itself; a turn ends even where it is the loop that is wrong.
                log.exception("turn failed", extra={"turn_id": running.turn_id, "session_id": running.session_id})
                message = "Something went wrong in the server; its log tells more."
                outcome = Outcome("provider_error", TurnError(code="internal_error", message=message))
            if loop.writes:
                await asyncio.wait(set(loop.writes))
            await self._finish(running, loop, outcome.reason, outcome.error)
        finally:
            self._running.pop(running.turn_id, None)
            running.done.set()

    async def _finish(self, running: Running, loop: TurnLoop, reason: StopReason, error: TurnError | None) -> None:
        from jupyter_agent.storage.tables import TurnRow

        if error is not None:
            loop.emit("error", **error.model_dump())
        data = {"stop_reason": reason, "usage": loop.usage.model_dump(), "cost": loop.usage.cost}
        if running.stop is not None and running.stop[1]:
            data["message"] = running.stop[1]

        def write(orm: Orm, event_count: int) -> None:
            row = orm.get(TurnRow, running.turn_id, with_for_update=True)
            if row is None:
                return  # purged
            for name, value in loop.counters().items():
                setattr(row, name, value)
            self._finish_in(orm, row, running.live.builder, reason, error, event_count)

        for attempt in range(FINISH_ATTEMPTS):
            try:
                await self.events.close(running.live, data, write)
                break
            except Exception:
                log.exception("a turn could not be closed", extra={"turn_id": running.turn_id})
                if attempt == FINISH_ATTEMPTS - 1:
                    return  # the next server that opens the database closes it
                await asyncio.sleep(2.0**attempt)
        self._services.report_activity()
        await self._tell(running.owner, running.turn_id, "turn_finished")
        if self._services.settings.sessions.auto_title and reason == "completed":
            self._background(self._title(running.session_id))

    def _finish_in(
        self,
        orm: Orm,
        row: TurnRow,
        builder: MessagesBuilder,
        reason: StopReason,
        error: TurnError | None,
        event_count: int,
    ) -> None:
        """Closes a turn in its row, its conversation and its session's totals."""
        from jupyter_agent.storage.tables import SessionRow, utcnow

        now = utcnow()
        row.status, row.stop_reason, row.finished_at = "finished", reason, now
        row.error = error.model_dump() if error is not None else None
        row.event_count = event_count
        session = orm.get(SessionRow, row.session_id)
        assert session is not None, "a turn's row goes with its session's"
        messages = builder.finished()
        for index, message in enumerate(messages):
            is_last = index == len(messages) - 1 and message.role == "assistant"
            agents = message.role == "assistant"
            self._services.sessions.append_in(
                orm,
                session,
                message.role,
                message.parts,
                turn_id=row.id,
                usage=usage_of(row) if is_last else None,
                stop_reason=reason if is_last else None,
                duration_ms=int((now - (row.started_at or now)).total_seconds() * 1000) if is_last else None,
                provider=row.provider if agents else None,
                model=row.model if agents else None,
            )
        session.input_tokens += row.input_tokens
        session.output_tokens += row.output_tokens
        session.cache_read_tokens += row.cache_read_tokens
        session.cache_write_tokens += row.cache_write_tokens
        session.requests += row.requests
        if row.cost is not None:
            session.cost = (session.cost or Decimal(0)) + row.cost
        session.last_activity_at = session.updated_at = now

    async def _tell(self, owner: str, turn_id: str, type: str) -> None:
        try:
            turn = await self.get(owner, turn_id)
            self._services.bus.publish("turns", owner, {"type": type, "turn": turn.model_dump(mode="json")})
            await self._services.sessions.publish_updated(owner, turn.session_id)
        except ApiError:
            log.debug("nobody is told of a turn that was purged", extra={"turn_id": turn_id})

    async def _publish_session(self, owner: str, session_id: str) -> None:
        with contextlib.suppress(ApiError):  # purged meanwhile
            await self._services.sessions.publish_updated(owner, session_id)

    async def _title(self, session_id: str) -> None:
        try:
            await self._services.sessions.title_session(session_id)
        except Exception:
            log.exception("no title", extra={"session_id": session_id})

    # Reading ---------------------------------------------------------------------------------------------------------

    def _row(self, orm: Orm, owner: str, turn_id: str, *, lock: bool = False) -> TurnRow:
        from jupyter_agent.storage.tables import TurnRow

        row = orm.get(TurnRow, turn_id, with_for_update=lock)
        if row is None or row.owner != owner:
            raise not_found("turn", turn_id)
        return row

    async def get(self, owner: str, turn_id: str) -> Turn:
        """The turn with its answer. Raises ApiError 404."""

        def read(orm: Orm) -> Turn:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import MessageRow

            row = self._row(orm, owner, turn_id)
            turn = turn_of(row)
            if row.status == "finished":
                parts = orm.scalars(
                    select(MessageRow.parts)
                    .where(MessageRow.turn_id == turn_id, MessageRow.role == "assistant")
                    .order_by(MessageRow.seq.desc())
                    .limit(1)
                ).first()
                turn.answer = last_text(parts) if parts else None
            return turn

        return await self._services.db.read(read)

    async def page(self, owner: str, session_id: str, limit: int, offset: int) -> Page[Turn]:
        """The session's turns, oldest first. Raises ApiError 404."""

        def read(orm: Orm) -> Page[Turn]:
            from sqlalchemy import func, select

            from jupyter_agent.storage.tables import TurnRow

            self._services.sessions.row(orm, owner, session_id)
            where = TurnRow.session_id == session_id
            rows = orm.scalars(select(TurnRow).where(where).order_by(TurnRow.seq).limit(limit).offset(offset))
            total = orm.scalar(select(func.count()).select_from(TurnRow).where(where)) or 0
            return Page[Turn](items=[turn_of(row) for row in rows], total=total, limit=limit, offset=offset)

        return await self._services.db.read(read)

    async def follow(self, owner: str, turn_id: str, after: int) -> AsyncIterator[bytes]:
        """The turn's events behind an index, encoded for SSE. Raises ApiError 404 before the first one."""
        turn = await self.get(owner, turn_id)
        return self.events.follow(turn_id, after, turn.status == "finished")

    def follow_started(self, turn: Turn) -> AsyncIterator[bytes]:
        """The events of a turn that the caller has just got, from the first one."""
        return self.events.follow(turn.id, -1, turn.status == "finished")

    async def wait(self, owner: str, turn_id: str) -> Turn:
        """The turn, once it has ended."""
        running = self._running.get(turn_id)
        if running is not None:
            await running.done.wait()
        else:
            async for _ in await self.follow(owner, turn_id, -1):
                continue
        return await self.get(owner, turn_id)

    async def active(self, owner: str) -> list[Turn]:
        """Every turn of this owner that has not ended, oldest first."""

        def read(orm: Orm) -> list[Turn]:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import TurnRow

            rows = orm.scalars(
                select(TurnRow).where(TurnRow.owner == owner, TurnRow.status.in_(UNFINISHED)).order_by(TurnRow.id)
            )
            return [turn_of(row) for row in rows]

        return await self._services.db.read(read)

    async def _snapshot(self, owner: str) -> dict[str, Any]:
        return {"items": [turn.model_dump(mode="json") for turn in await self.active(owner)]}

    async def tasks(self, owner: str, session_id: str) -> TaskList:
        """The session's newest task list. Raises ApiError 404."""

        def read(orm: Orm) -> TaskList:
            row = self._services.sessions.row(orm, owner, session_id)
            items = [Task.model_validate(item) for item in row.tasks]
            counted = [item for item in items if item.status != "cancelled"]
            done = sum(item.status == "completed" for item in counted)
            return TaskList(
                session_id=session_id,
                turn_id=row.tasks_turn_id,
                items=items,
                progress=done / len(counted) if counted else 0,
            )

        return await self._services.db.read(read)

    # While it runs ---------------------------------------------------------------------------------------------------

    async def interrupt(self, owner: str, turn_id: str, message: str | None = None) -> Turn:
        """Ends a running turn; what it has said stays. The turn may end a moment later.

        Raises ApiError: 404; 409 where it has ended."""
        from jupyter_agent.storage.tables import utcnow

        def write(orm: Orm) -> Turn:
            row = self._row(orm, owner, turn_id, lock=True)
            if row.status == "finished":
                raise conflict("The turn has ended.", turn_id=turn_id, stop_reason=row.stop_reason)
            if row.interrupt_requested_at is None:
                row.interrupt_requested_at, row.interrupt_message = utcnow(), message
            return turn_of(row)

        turn = await self._services.db.write(write)
        if (running := self._running.get(turn_id)) is not None:
            running.stop_with("interrupted", message)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running.done.wait(), 1.0)
            return await self.get(owner, turn_id)
        return turn

    async def guide(self, owner: str, turn_id: str, message: str) -> GuidanceAccepted:
        """Takes the user's words for the model's next step.

        Raises ApiError: 404; 409 where the turn has ended or made its last step."""
        from jupyter_agent.storage.tables import GuidanceRow, utcnow
        from jupyter_agent.turns.loop import Guide

        guide = GuidanceAccepted(id=new_id("guid"), turn_id=turn_id, message=message, created_at=utcnow())
        running = self._running.get(turn_id)
        if running is not None:
            running.guides_seen.add(guide.id)

        def write(orm: Orm) -> None:
            row = self._row(orm, owner, turn_id)
            if row.status == "finished":
                raise conflict("The turn has ended.", turn_id=turn_id, stop_reason=row.stop_reason)
            orm.add(GuidanceRow(id=guide.id, turn_id=turn_id, message=message, created_at=guide.created_at))

        await self._services.db.write(write)
        if running is not None and running.loop is not None and not running.loop.guide(Guide(guide.id, message)):
            raise conflict("The turn has made its last step.", turn_id=turn_id)
        return guide

    async def retry(
        self, owner: str, turn_id: str, body: Retry, idempotency_key: str | None = None
    ) -> tuple[Turn, bool]:
        """The same input again, in a branch of the session that ends before the turn.

        Raises ApiError: 404; 409 while the turn runs or where its messages were cleared."""
        from jupyter_agent.sessions.models import Branch

        def read(orm: Orm) -> tuple[str, dict[str, Any]]:
            row = self._row(orm, owner, turn_id)
            if row.status != "finished":
                raise conflict("The turn is still running.", turn_id=turn_id)
            return row.session_id, row.request

        session_id, request = await self._services.db.read(read)
        if not request:
            raise conflict("The turn's messages were cleared.", turn_id=turn_id)
        changes = body.model_dump(exclude_none=True)
        start = TurnStart.model_validate({**request, **changes})
        if body.provider is not None and body.model is None:
            start.model = None
        if idempotency_key is not None:
            earlier = await self._services.db.read(lambda orm: self._retried(orm, owner, idempotency_key, turn_id))
            if earlier is not None:
                return earlier, True
        await self._resolve(start.provider, start.model)
        branch = await self._services.sessions.branch(owner, session_id, Branch(turn_id=turn_id), before=True)
        return await self.begin(owner, branch.id, start, idempotency_key=idempotency_key, retry_of=turn_id)

    def _retried(self, orm: Orm, owner: str, key: str, turn_id: str) -> Turn | None:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import TurnRow

        row = orm.scalars(select(TurnRow).where(TurnRow.owner == owner, TurnRow.idempotency_key == key)).one_or_none()
        if row is not None and row.retry_of != turn_id:
            raise conflict("This Idempotency-Key was used for another request.", turn_id=row.id)
        return turn_of(row) if row is not None else None

    async def run(self, owner: str, body: Run, idempotency_key: str | None = None) -> tuple[Turn, bool]:
        """Starts a turn in a session of its own, or in the one that is named. Raises as `begin`."""
        from jupyter_agent.sessions.models import SessionCreate

        start = TurnStart.model_validate(body.model_dump(exclude={"session_id", "title", "stream"}, exclude_unset=True))
        session_id = body.session_id
        if session_id is None:
            await self._resolve(start.provider, start.model)
            if idempotency_key is not None:
                key = idempotency_key
                found = await self._services.db.read(lambda orm: self._started(orm, owner, key, start))
                if found is not None:
                    return found, True
            session_id = (await self._services.sessions.create(owner, SessionCreate(title=body.title))).id
        return await self.begin(owner, session_id, start, idempotency_key=idempotency_key)

    def _started(self, orm: Orm, owner: str, key: str, start: TurnStart) -> Turn | None:
        """The turn that a one-shot with this key started; its session is not known beforehand."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import TurnRow

        row = orm.scalars(select(TurnRow).where(TurnRow.owner == owner, TurnRow.idempotency_key == key)).one_or_none()
        if row is None:
            return None
        digest = hashlib.sha256(f"{row.session_id}\n{start.model_dump_json()}".encode()).hexdigest()
        if digest != row.idempotency_hash:
            raise conflict("This Idempotency-Key was used for another request.", turn_id=row.id)
        return turn_of(row)


def usage_of(row: TurnRow) -> Usage:
    from jupyter_agent.providers.pricing import money

    return Usage(
        input=row.input_tokens,
        output=row.output_tokens,
        cache_read=row.cache_read_tokens,
        cache_write=row.cache_write_tokens,
        requests=row.requests,
        cost=money(row.cost),
    )


def turn_of(row: TurnRow) -> Turn:
    """A row as it goes over the wire, without the answer."""
    return Turn.model_validate(
        {
            "id": row.id,
            "session_id": row.session_id,
            "status": row.status,
            "stop_reason": row.stop_reason,
            "error": row.error,
            "agent": row.agent,
            "provider": row.provider,
            "model": row.model,
            "usage": usage_of(row),
            "steps": row.steps,
            "message": row.message,
            "retry_of": row.retry_of,
            "event_count": row.event_count,
            "created_at": row.created_at,
            "started_at": row.started_at,
            "finished_at": row.finished_at,
            "metadata": row.meta,
        }
    )
