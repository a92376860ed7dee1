"""Turns: started, followed, guided, stopped; closed exactly once, by this process or by the next."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from jupyter_agent.api.errors import ApiError, conflict
from jupyter_agent.api.models import Page
from jupyter_agent.storage.ids import new_id
from jupyter_agent.turns.events import EventLog
from jupyter_agent.turns.finishing import finish_in
from jupyter_agent.turns.housekeeping import Housekeeping
from jupyter_agent.turns.models import (
    GuidanceAccepted,
    Resend,
    Retry,
    Run,
    StopReason,
    TaskList,
    Turn,
    TurnError,
    TurnStart,
)
from jupyter_agent.turns.reading import Reading
from jupyter_agent.turns.rows import DEFAULT_AGENT, turn_row, turns_of
from jupyter_agent.turns.running import Clock, Running
from jupyter_agent.turns.starting import Began, Replayed, Starting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.tools.models import Approval
    from jupyter_agent.turns.context import ContextSource
    from jupyter_agent.turns.loop import TurnLoop
    from jupyter_agent.turns.resuming import Resumption

log = logging.getLogger(__name__)

CLOSE_SECONDS = 5.0
FINISH_ATTEMPTS = 5


class TurnService:
    def __init__(self, services: Services) -> None:
        self._services = services
        self.server_id = new_id("srv")
        self.events = EventLog(services.db, lambda: services.settings.turns.flush_seconds)
        self._running: dict[str, Running] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.sources: list[ContextSource] = []
        """What finds memories, skills and knowledge for a question."""
        self._starting = Starting(services, self.server_id)
        self._reading = Reading(services)
        self._housekeeping = Housekeeping(
            services,
            self.server_id,
            self._running,
            closed=lambda owner, turn_id: self._tell(owner, turn_id, "turn_finished"),
            resume=lambda resumption: self._background(self._resume(resumption)),
        )
        services.bus.snapshot("turns", self._snapshot)

    # The process

    @property
    def running_count(self) -> int:
        """Turns that work. One that waits for a person does so just as well without this process."""
        return sum(not running.waiting for running in self._running.values())

    async def start(self) -> None:
        """Signs this process in and closes what dead ones have left behind."""
        await self._housekeeping.start()

    async def close(self) -> None:
        """Ends what runs, with what it has said, and signs this process out."""
        await self._housekeeping.stop()
        running = list(self._running.values())
        for one in running:
            if one.waiting:
                one.suspend()
            else:
                one.stop_with("server_restart")
        if running:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(*(one.done.wait() for one in running)), CLOSE_SECONDS)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.events.stop()
        await self._housekeeping.sign_out()

    def _background(self, work: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # Starting

    async def begin(
        self, owner: str, session_id: str, start: TurnStart, *, idempotency_key: str | None = None
    ) -> tuple[Turn, bool]:
        """Starts a turn; gives it and whether it is one that an earlier request with the same key started.

        Raises ApiError: 404 for a session that is not the owner's; 409 where a turn runs, the session is terminated,
        or the key was used for something else; 422 for a provider, model, tool or agent that is not there."""
        return self._launch(owner, await self._starting.begin(owner, session_id, start, idempotency_key))

    async def run(self, owner: str, body: Run, idempotency_key: str | None = None) -> tuple[Turn, bool]:
        """Starts a turn in a session of its own, or in the one that is named. Raises as `begin`."""
        return self._launch(owner, await self._starting.run(owner, body, idempotency_key))

    async def retry(
        self, owner: str, turn_id: str, body: Retry, idempotency_key: str | None = None
    ) -> tuple[Turn, bool]:
        """The same input again, in a new version of the conversation that ends before the turn.

        Raises ApiError: 404; 409 while the turn runs or where its messages were cleared; and as `begin`."""
        return self._launch(owner, await self._starting.retry(owner, turn_id, body, idempotency_key))

    async def resend(
        self, owner: str, session_id: str, message_id: str, body: Resend, idempotency_key: str | None = None
    ) -> tuple[Turn, bool]:
        """A user's message again, also one that was copied or put in, in a new version of the conversation that ends
        before it.

        Raises ApiError: 404; 409 for a message that is not the user's, or while its turn runs; and as `begin`."""
        return self._launch(owner, await self._starting.resend(owner, session_id, message_id, body, idempotency_key))

    def _launch(self, owner: str, began: Began | Replayed) -> tuple[Turn, bool]:
        """Runs a turn that is written down, and tells of it."""
        turn = began.turn
        if isinstance(began, Replayed):
            return turn, True
        live = self.events.open(turn.id)
        choice = began.choice
        running = Running(
            owner, turn.session_id, turn.id, began.start, choice.resolved, live, began.started_at, choice=choice
        )
        self._running[turn.id] = running
        self._background(self._run(running))
        sessions = self._services.sessions
        if began.session is not None and began.version_of is not None:
            of_session, of_message = began.version_of
            sessions.published_version(began.session, of_session=of_session, of_message=of_message)
        elif began.session is not None:
            sessions.published("session_created", began.session)
        self._services.bus.publish("turns", owner, {"type": "turn_started", "turn": turn.model_dump(mode="json")})
        if began.session is None:
            self._background(self._publish_session(owner, turn.session_id, turn.id))
        return turn, False

    async def _run(self, running: Running) -> None:
        """The turn's task: supervises the loop, which may be stopped, and closes the turn whatever happens."""
        from jupyter_agent.turns.loop import Outcome

        loop = running.loop = self._loop(running)
        work = asyncio.create_task(loop.run())
        try:
            await self._until_stopped(running, work)
            if not work.done():
                work.cancel()
            try:
                outcome = await work
            except asyncio.CancelledError:
                if running.suspending and await self._suspend(running, loop):
                    return
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

    def _loop(self, running: Running) -> TurnLoop:
        """The loop of a turn that begins, or that goes on."""
        from jupyter_agent.turns.loop import Guide, Resumed, TurnLoop

        start, resumed = running.start, running.resumed
        loop = TurnLoop(
            services=self._services,
            events=self.events,
            live=running.live,
            owner=running.owner,
            session_id=running.session_id,
            turn_id=running.turn_id,
            start=start,
            resolved=running.resolved,
            choice=running.choice,
            waiting_changed=lambda waits: self._waiting_changed(running, waits),
            pending_changed=lambda: running.clock.stand(running.waiting),
            elapsed=lambda: running.clock.elapsed,
        )
        if resumed is None:
            loop.emit(
                "turn_started",
                turn_id=running.turn_id,
                session_id=running.session_id,
                agent=start.agent or DEFAULT_AGENT,
                provider=running.resolved.provider_id,
                model=running.resolved.model_id,
            )
            return loop
        calls, results, decided = resumed.told()
        loop.steps, loop.usage, loop.cost = resumed.steps, resumed.usage, resumed.cost
        loop.resumed = Resumed(
            messages=resumed.messages,
            instructions=resumed.state["instructions"],
            calls=resumed.state["calls"],
            told=calls,
            results=results,
            decided=decided,
            context=resumed.state.get("context"),
        )
        for id, message in resumed.guides:
            running.guides_seen.add(id)
            loop.guide(Guide(id, message))
        return loop

    async def _until_stopped(self, running: Running, work: asyncio.Task[Any]) -> None:
        """Waits until the loop has ended, is to be stopped, or has worked for too long."""
        seconds = running.start.timeout_seconds or self._services.settings.turns.timeout_seconds
        stopping = asyncio.create_task(running.stopping.wait())
        try:
            while True:
                running.clock.changed.clear()
                changed = asyncio.create_task(running.clock.changed.wait())
                done, _ = await asyncio.wait(
                    {work, stopping, changed},
                    timeout=running.clock.left(seconds),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                changed.cancel()
                if work in done or stopping in done:
                    return
                if not done:
                    running.stop_with("timeout")
                    return
        finally:
            stopping.cancel()

    def _waiting_changed(self, running: Running, waits: bool) -> None:
        """What is told follows the turn's row."""
        if waits != running.told_waiting:
            running.told_waiting = waits
            self._background(self._tell(running.owner, running.turn_id, "turn_updated"))

    async def _suspend(self, running: Running, loop: TurnLoop) -> bool:
        """Leaves a turn that waits to another process; False where it does not wait any more."""
        from jupyter_agent.storage.tables import TurnRow

        if loop.writes:
            await asyncio.wait(set(loop.writes))

        def leave(orm: Orm) -> bool:
            row = orm.get(TurnRow, running.turn_id, with_for_update=True)
            if row is None or row.status != "waiting":
                return False
            row.server_id = None
            return True

        try:
            # What waits to be stored first: from the moment on that the row names no server, another one may go on.
            if not await self.events.write(running.live, None, {}, leave):
                return False
            await self.events.detach(running.live)
            return True
        except Exception:
            # It stays as after a crash: the next server goes on with it all the same.
            log.exception("a waiting turn could not be left in order", extra={"turn_id": running.turn_id})
            return True

    async def _resume(self, resumption: Resumption) -> None:
        """Goes on with a turn that this process has just taken over."""
        fields = {"turn_id": resumption.turn_id, "session_id": resumption.session_id}
        try:
            resolved = await self._services.providers.resolve(resumption.provider, resumption.model)
        except ApiError as error:
            log.warning("a turn that waited cannot go on: %s", error.message, extra=fields)
            told = TurnError(code="not_configured", message=error.message)
            await self._housekeeping.close_left(resumption.turn_id, "provider_error", told)
            return
        except Exception as error:
            log.exception("a turn that waited cannot go on", extra=fields)
            told = self._services.providers.explain(error)
            await self._housekeeping.close_left(resumption.turn_id, "provider_error", told)
            return
        log.info("a turn that waited goes on", extra=fields)
        live = self.events.resume(resumption.turn_id, resumption.events)
        running = self._running[resumption.turn_id] = Running(
            resumption.owner,
            resumption.session_id,
            resumption.turn_id,
            resumption.start,
            resolved,
            live,
            resumption.started_at,
            clock=Clock(float(resumption.state["elapsed"])),
            resumed=resumption,
            told_waiting=True,
        )
        await self._run(running)

    async def wake(self) -> None:
        """Goes on with turns whose approvals were answered and that no process runs."""
        await self._housekeeping.wake()

    async def _finish(self, running: Running, loop: TurnLoop, reason: StopReason, error: TurnError | None) -> None:
        from jupyter_agent.storage.tables import TurnRow

        if error is not None:
            loop.emit("error", **error.model_dump())
        data = {"stop_reason": reason, "usage": loop.usage.model_dump(), "cost": loop.usage.cost}
        if running.stop is not None and running.stop[1]:
            data["message"] = running.stop[1]

        reached = await self._budget(running, loop)
        if reason == "budget" and reached is not None:
            data["budget"] = reached

        cancelled: list[Approval] = []

        def write(orm: Orm, event_count: int) -> None:
            row = orm.get(TurnRow, running.turn_id, with_for_update=True)
            if row is None:
                return  # purged
            for name, value in loop.counters().items():
                setattr(row, name, value)
            cancelled[:] = finish_in(self._services, orm, row, running.live.builder, reason, error, event_count)

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
        self._services.tools.approvals.cancelled(running.owner, cancelled)
        await self._tell(running.owner, running.turn_id, "turn_finished")
        if self._services.settings.sessions.auto_title and reason == "completed":
            self._background(self._title(running.session_id))

    async def _budget(self, running: Running, loop: TurnLoop) -> dict[str, Any] | None:
        """The hard limit that the turn came to; warns of soft ones that its last request has reached."""
        try:
            return await self._services.observatory.budgets.ending(
                running.owner,
                session_id=running.session_id,
                turn_id=running.turn_id,
                budget=running.start.budget,
                spent_in_turn=loop.cost,
                emit=loop.emit,
            )
        except Exception:
            # Not to be able to warn is no reason not to end.
            log.exception("budgets could not be read", extra={"turn_id": running.turn_id})
            return None

    async def _tell(self, owner: str, turn_id: str, type: str) -> None:
        if type == "turn_finished":
            self._services.observatory.traces.ended(owner, turn_id)
        try:
            turn = await self.get(owner, turn_id)
            self._services.bus.publish("turns", owner, {"type": type, "turn": turn.model_dump(mode="json")})
            await self._services.sessions.publish_updated(owner, turn.session_id)
        except ApiError:
            log.debug("nobody is told of a turn that was purged", extra={"turn_id": turn_id})

    async def _publish_session(self, owner: str, session_id: str, turn_id: str) -> None:
        """In the background: that a turn runs is told by the `turns` topic at once."""
        with contextlib.suppress(ApiError):  # purged meanwhile
            await self._services.sessions.publish_updated(owner, session_id)

    async def _title(self, session_id: str) -> None:
        try:
            await self._services.sessions.title_session(session_id)
        except Exception:
            log.exception("no title", extra={"session_id": session_id})

    # Reading

    async def get(self, owner: str, turn_id: str) -> Turn:
        """The turn with its answer. Raises ApiError 404."""
        return await self._reading.get(owner, turn_id)

    async def page(self, owner: str, session_id: str, limit: int, offset: int) -> Page[Turn]:
        """The session's turns, oldest first. Raises ApiError 404."""
        return await self._reading.page(owner, session_id, limit, offset)

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
        return await self._reading.active(owner)

    async def _snapshot(self, owner: str) -> dict[str, Any]:
        return {"items": [turn.model_dump(mode="json") for turn in await self.active(owner)]}

    async def tasks(self, owner: str, session_id: str) -> TaskList:
        """The session's newest task list. Raises ApiError 404."""
        return await self._reading.tasks(owner, session_id)

    # While it runs

    async def interrupt(self, owner: str, turn_id: str, message: str | None = None) -> Turn:
        """Ends a running turn; what it has said stays. The turn may end a moment later.

        Raises ApiError: 404; 409 where it has ended."""
        from jupyter_agent.storage.tables import utcnow

        def write(orm: Orm) -> Turn:
            row = turn_row(orm, owner, turn_id, lock=True)
            if row.status == "finished":
                raise conflict("The turn has ended.", turn_id=turn_id, stop_reason=row.stop_reason)
            if row.interrupt_requested_at is None:
                row.interrupt_requested_at, row.interrupt_message = utcnow(), message
            return turns_of(orm, [row])[0]

        turn = await self._services.db.write(write)
        if (running := self._running.get(turn_id)) is not None:
            running.stop_with("interrupted", message)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running.done.wait(), 1.0)
            return await self.get(owner, turn_id)
        if turn.status == "waiting":
            await self.wake()  # nobody may run it
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
            row = turn_row(orm, owner, turn_id)
            if row.status == "finished":
                raise conflict("The turn has ended.", turn_id=turn_id, stop_reason=row.stop_reason)
            orm.add(GuidanceRow(id=guide.id, turn_id=turn_id, message=message, created_at=guide.created_at))

        await self._services.db.write(write)
        if running is not None and running.loop is not None and not running.loop.guide(Guide(guide.id, message)):
            raise conflict("The turn has made its last step.", turn_id=turn_id)
        return guide
