"""Lists of sessions, and what is found in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from jupyter_agent.api.errors import invalid
from jupyter_agent.api.models import Page
from jupyter_agent.sessions.models import SearchHit, SearchPage, Session, SessionStatus
from jupyter_agent.sessions.rows import UNFINISHED
from jupyter_agent.storage.search import Kind, clean_text

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.sessions.service import SessionService

Sort = Literal[
    "last_activity_at",
    "-last_activity_at",
    "created_at",
    "-created_at",
    "title",
    "-title",
    "message_count",
    "-message_count",
    "cost",
    "-cost",
]
STATUSES: tuple[SessionStatus, ...] = ("active", "idle", "archived", "terminated")


class Filters(NamedTuple):
    status: Sequence[str] | None = None
    channel: str | None = None
    agent: str | None = None
    project: str | None = None
    notebook: str | None = None
    q: str | None = None
    latest: bool = False


class Listing:
    """The operations of `SessionService` that look over many sessions; documented there."""

    def __init__(self, services: Services, sessions: SessionService) -> None:
        self._services = services
        self._sessions = sessions

    async def list_sessions(
        self, owner: str, filters: Filters, *, sort: Sort, limit: int, offset: int
    ) -> Page[Session]:
        statuses = _statuses(filters.status)

        def read(orm: Orm) -> Page[Session]:
            from sqlalchemy import func, select

            from jupyter_agent.storage.tables import SessionRow

            where = [SessionRow.owner == owner]
            for name in ("channel", "agent", "project", "notebook"):
                value = getattr(filters, name)
                if value is not None:
                    where.append(getattr(SessionRow, name) == clean_text(value))
            if filters.q is not None and filters.q.strip():
                where.append(SessionRow.id.in_(self._services.search.sessions(orm, owner, filters.q)))
            if filters.latest:
                # The newest of those that match, whether it is active or idle: an idle version is not shown for a
                # conversation that goes on in another.
                broad = _broad(statuses)
                where.append(self._has_status(owner, broad))
                place = func.row_number().over(
                    partition_by=SessionRow.conversation_id,
                    order_by=[SessionRow.last_activity_at.desc(), SessionRow.id.desc()],
                )
                ranked = select(SessionRow.id, place.label("place")).where(*where).subquery()
                where = [SessionRow.id.in_(select(ranked.c.id).where(ranked.c.place == 1))]
                if set(broad) != set(statuses):
                    where.append(self._has_status(owner, statuses))
            else:
                where.append(self._has_status(owner, statuses))
            name = sort.removeprefix("-")
            column: Any = func.lower(SessionRow.title) if name == "title" else getattr(SessionRow, name)
            descending = sort.startswith("-")
            order = [
                *([SessionRow.cost.is_(None)] if name == "cost" else []),  # unknown costs stand last either way
                column.desc() if descending else column.asc(),
                SessionRow.id.desc() if descending else SessionRow.id.asc(),
            ]
            total = orm.scalar(select(func.count()).select_from(SessionRow).where(*where)) or 0
            rows = orm.scalars(select(SessionRow).where(*where).order_by(*order).limit(limit).offset(offset)).all()
            return Page(items=self._sessions.views(orm, rows), total=total, limit=limit, offset=offset)

        return await self._services.db.read(read)

    async def search(
        self, owner: str, q: str, *, session_id: str | None, kind: Kind | None, limit: int, offset: int
    ) -> SearchPage:
        def read(orm: Orm) -> SearchPage:
            if session_id is not None:
                self._sessions.row(orm, owner, session_id)
            found = self._services.search.query(
                orm, owner, q, session_id=session_id, kind=kind, limit=limit, offset=offset
            )
            return SearchPage(
                items=[
                    SearchHit(**{name: getattr(hit, name) for name in SearchHit.model_fields}) for hit in found.hits
                ],
                total=found.total,
                limit=limit,
                offset=offset,
                capped=found.capped,
            )

        return await self._services.db.read(read)

    def _has_status(self, owner: str, statuses: Sequence[SessionStatus]) -> ColumnElement[bool]:
        from sqlalchemy import and_, not_, or_, select

        from jupyter_agent.storage.tables import SessionRow, TurnRow

        standing = and_(SessionRow.terminated_at.is_(None), SessionRow.archived_at.is_(None))
        running = select(TurnRow.session_id).where(TurnRow.owner == owner, TurnRow.status.in_(UNFINISHED))
        awake = or_(SessionRow.last_activity_at >= self._sessions.idle_before(), SessionRow.id.in_(running))
        meaning: dict[SessionStatus, ColumnElement[bool]] = {
            "active": and_(standing, awake),
            "idle": and_(standing, not_(awake)),
            "archived": and_(SessionRow.terminated_at.is_(None), SessionRow.archived_at.is_not(None)),
            "terminated": SessionRow.terminated_at.is_not(None),
        }
        if {"active", "idle"} <= set(statuses):
            return or_(standing, *(meaning[status] for status in statuses if status not in ("active", "idle")))
        return or_(*(meaning[status] for status in statuses))


def _statuses(asked: Sequence[str] | None) -> list[SessionStatus]:
    """The statuses of repeated or comma-separated values. Raises ApiError 422."""
    names = [name.strip() for value in asked or () for name in value.split(",") if name.strip()]
    for name in names:
        if name not in STATUSES:
            raise invalid("query.status", f"one of {', '.join(STATUSES)}, not {name[:50]!r}")
    return cast("list[SessionStatus]", names) or ["active", "idle"]


def _broad(statuses: Sequence[SessionStatus]) -> list[SessionStatus]:
    """With both of active and idle where there is one of them."""
    if {"active", "idle"} & set(statuses):
        return [*dict.fromkeys([*statuses, "active", "idle"])]
    return list(statuses)
