"""What is read of turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_agent.api.models import Page
from jupyter_agent.turns.models import Task, TaskList, Turn
from jupyter_agent.turns.parts import last_text
from jupyter_agent.turns.rows import UNFINISHED, turn_row, turns_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services


class Reading:
    """The operations of `TurnService` that read; documented there."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, owner: str, turn_id: str) -> Turn:
        def read(orm: Orm) -> Turn:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import MessageRow

            row = turn_row(orm, owner, turn_id)
            (turn,) = turns_of(orm, [row])
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
        def read(orm: Orm) -> Page[Turn]:
            from sqlalchemy import func, select

            from jupyter_agent.storage.tables import TurnRow

            self._services.sessions.row(orm, owner, session_id)
            where = TurnRow.session_id == session_id
            rows = orm.scalars(select(TurnRow).where(where).order_by(TurnRow.seq).limit(limit).offset(offset))
            total = orm.scalar(select(func.count()).select_from(TurnRow).where(where)) or 0
            return Page[Turn](items=turns_of(orm, rows), total=total, limit=limit, offset=offset)

        return await self._services.db.read(read)

    async def active(self, owner: str) -> list[Turn]:
        def read(orm: Orm) -> list[Turn]:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import TurnRow

            rows = orm.scalars(
                select(TurnRow).where(TurnRow.owner == owner, TurnRow.status.in_(UNFINISHED)).order_by(TurnRow.id)
            )
            return turns_of(orm, rows)

        return await self._services.db.read(read)

    async def tasks(self, owner: str, session_id: str) -> TaskList:
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
