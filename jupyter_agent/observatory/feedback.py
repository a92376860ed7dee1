"""Grades of turns: one a turn, the last one counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_agent.api.errors import not_found
from jupyter_agent.api.models import Page
from jupyter_agent.observatory.models import Feedback, FeedbackGiven
from jupyter_agent.storage.search import clean_text
from jupyter_agent.turns.rows import turn_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import FeedbackRow


class FeedbackService:
    """Every change is told on the `turns` topic, so that other tabs show it."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, owner: str, turn_id: str) -> Feedback:
        """The grade. Raises ApiError 404 for a turn that is not the owner's, or has none."""
        return await self._services.db.read(lambda orm: _feedback(_row(orm, owner, turn_id)))

    async def put(self, owner: str, turn_id: str, body: FeedbackGiven) -> Feedback:
        """Gives a grade, or another one. Raises ApiError 404."""

        def write(orm: Orm) -> Feedback:
            from jupyter_agent.storage.tables import FeedbackRow, utcnow

            # Locked, so that two grades at the same moment are one after the other and not two rows.
            turn = turn_row(orm, owner, turn_id, lock=True)
            row = orm.get(FeedbackRow, turn.id)
            now = utcnow()
            if row is None:
                row = FeedbackRow(turn_id=turn.id, owner=owner, session_id=turn.session_id, created_at=now)
                orm.add(row)
            row.grade, row.comment, row.source, row.updated_at = body.grade, clean_text(body.comment), body.source, now
            return _feedback(row)

        given = await self._services.db.write(write)
        self._published(owner, given, given.grade)
        return given

    async def delete(self, owner: str, turn_id: str) -> None:
        """Takes a grade back. Raises ApiError 404 where there is none."""

        def write(orm: Orm) -> Feedback:
            row = _row(orm, owner, turn_id, lock=True)
            taken = _feedback(row)
            orm.delete(row)
            return taken

        self._published(owner, await self._services.db.write(write), None)

    async def page(self, owner: str, session_id: str, limit: int, offset: int) -> Page[Feedback]:
        """The grades of a session's turns, in the order of the turns. Raises ApiError 404."""

        def read(orm: Orm) -> Page[Feedback]:
            from sqlalchemy import func, select

            from jupyter_agent.storage.tables import FeedbackRow, TurnRow

            session = self._services.sessions.row(orm, owner, session_id)
            mine = FeedbackRow.session_id == session.id
            total = orm.scalar(select(func.count()).select_from(FeedbackRow).where(mine)) or 0
            rows = orm.scalars(
                select(FeedbackRow)
                .join(TurnRow, TurnRow.id == FeedbackRow.turn_id)
                .where(mine)
                .order_by(TurnRow.seq)
                .limit(limit)
                .offset(offset)
            )
            return Page(items=[_feedback(row) for row in rows], total=total, limit=limit, offset=offset)

        return await self._services.db.read(read)

    def _published(self, owner: str, feedback: Feedback, grade: int | None) -> None:
        self._services.bus.publish(
            "turns",
            owner,
            {
                "type": "feedback",
                "turn_id": feedback.turn_id,
                "session_id": feedback.session_id,
                "grade": grade,
                "comment": feedback.comment if grade is not None else "",
            },
        )


def _row(orm: Orm, owner: str, turn_id: str, *, lock: bool = False) -> FeedbackRow:
    from jupyter_agent.storage.tables import FeedbackRow

    row = orm.get(FeedbackRow, turn_row(orm, owner, turn_id, lock=lock).id)
    if row is None:
        raise not_found("feedback", turn_id)
    return row


def _feedback(row: FeedbackRow) -> Feedback:
    return Feedback(
        turn_id=row.turn_id,
        session_id=row.session_id,
        grade=row.grade,
        comment=row.comment,
        source=row.source,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
