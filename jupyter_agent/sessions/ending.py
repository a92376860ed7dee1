"""How sessions are terminated, forgotten and emptied."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from jupyter_agent.api.errors import ApiError, conflict
from jupyter_agent.sessions.models import Cleared, Session, Terminated
from jupyter_agent.sessions.rows import forget_turns, running_turns
from jupyter_agent.sessions.versions import versions_in

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.sessions.service import SessionService
    from jupyter_agent.storage.tables import SessionRow

INTERRUPT_SECONDS = 15.0
"""How long a running turn has to stop before its session is forgotten."""


class Ending:
    """The operations of `SessionService` that take something away; documented there."""

    def __init__(self, services: Services, sessions: SessionService) -> None:
        self._services = services
        self._sessions = sessions

    async def terminate(self, owner: str, session_id: str, *, purge: bool, versions: bool) -> Terminated:
        def choose(orm: Orm) -> list[SessionRow]:
            """What is to end, locked; fails where nothing is."""
            row = self._sessions.row(orm, owner, session_id, lock=not versions)
            rows = versions_in(orm, row, terminated=True) if versions else [row]
            if not purge:
                rows = [one for one in rows if one.terminated_at is None]
            if not rows:
                raise conflict("The session is terminated already.", session_id=session_id)
            return rows

        ids = await self._services.db.read(lambda orm: [row.id for row in choose(orm)])
        for id in ids:
            await self._stop(owner, id, wait=purge)

        def write(orm: Orm) -> list[Session]:
            rows = choose(orm)
            for row in rows:
                self._purge(orm, row) if purge else self._terminate(row)
            orm.flush()
            return self._sessions.views(orm, rows)

        ended = await self._services.db.write(write)
        for session in ended:
            if session.id not in ids:  # a version that was made meanwhile
                await self._stop(owner, session.id, wait=False)
            self._sessions.published("session_deleted", session)
        return Terminated(id=session_id, status="purged" if purge else "terminated")

    def _terminate(self, row: SessionRow) -> None:
        from jupyter_agent.storage.tables import utcnow

        row.terminated_at = row.updated_at = utcnow()
        row.share_token = row.shared_at = None

    def _purge(self, orm: Orm, row: SessionRow) -> None:
        from sqlalchemy import delete, update

        from jupyter_agent.storage.tables import BlobRow, MessageRow, SessionRow, TurnRow, utcnow

        unsynchronized = {"synchronize_session": False}
        self._sessions.no_turn(orm, row.owner, row.id)
        row.terminated_at = row.terminated_at or utcnow()
        self._services.search.remove(orm, session_id=row.id)
        orm.execute(
            update(SessionRow).where(SessionRow.parent_id == row.id).values(parent_id=None),
            execution_options=unsynchronized,
        )
        forget_turns(orm, row.id, logs=True)
        self._services.observatory.budgets.forget_session_in(orm, row.id)
        for table in (TurnRow, MessageRow, BlobRow):
            orm.execute(delete(table).where(table.session_id == row.id), execution_options=unsynchronized)
        orm.delete(row)

    async def clear(self, owner: str, session_id: str) -> Cleared:
        def write(orm: Orm) -> tuple[int, Session]:
            from sqlalchemy import delete, func, select

            from jupyter_agent.storage.tables import BlobRow, MessageRow, utcnow

            row = self._sessions.open_row(orm, owner, session_id)
            self._sessions.no_turn(orm, owner, session_id)
            count = orm.scalar(select(func.count()).select_from(MessageRow).where(MessageRow.session_id == session_id))
            for table in (MessageRow, BlobRow):
                orm.execute(
                    delete(table).where(table.session_id == session_id),
                    execution_options={"synchronize_session": False},
                )
            forget_turns(orm, session_id)
            self._services.search.remove(orm, session_id=session_id, kinds=["message", "tool_result"])
            if row.title_source in ("model", "message"):  # it was made of what is forgotten now
                row.title, row.title_source = "", "none"
                self._services.search.set_title(orm, owner=owner, session_id=session_id, title="")
            row.message_count, row.preview, row.tasks, row.tasks_turn_id = 0, "", [], None
            row.updated_at = row.last_activity_at = utcnow()
            orm.flush()
            return count or 0, self._sessions.view(orm, row)

        deleted, session = await self._services.db.write(write)
        self._sessions.published("session_updated", session)
        return Cleared(id=session_id, deleted_messages=deleted)

    async def _stop(self, owner: str, session_id: str, *, wait: bool) -> None:
        """Interrupts the session's running turn; with `wait` until it has ended."""

        async def running() -> str | None:
            turns = await self._services.db.read(lambda orm: running_turns(orm, owner, [session_id]))
            return turns[session_id].id if session_id in turns else None

        turn_id = await running()
        if turn_id is None:
            return
        try:
            await self._services.turns.interrupt(owner, turn_id, "The session was deleted.")
        except ApiError as error:
            if error.status != 409:  # it ended by itself meanwhile
                raise
        if not wait:
            return
        deadline = asyncio.get_running_loop().time() + INTERRUPT_SECONDS
        while await running() is not None:
            if asyncio.get_running_loop().time() > deadline:
                raise conflict("The running turn did not stop.", turn_id=turn_id)
            await asyncio.sleep(0.05)
