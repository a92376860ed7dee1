"""New sessions out of the messages of others: branches that somebody asked for, and versions of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_agent.api.errors import conflict, not_found
from jupyter_agent.sessions.models import Branch, Session
from jupyter_agent.sessions.versions import group_of, origin_of
from jupyter_agent.storage.search import clean_text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.sessions.service import SessionService
    from jupyter_agent.storage.tables import MessageRow, SessionRow

TAKEN_OVER = ("channel", "agent", "project", "notebook", "provider", "model", "mode")


class Branching:
    """The operations of `SessionService` that copy messages; documented there."""

    def __init__(self, services: Services, sessions: SessionService) -> None:
        self._services = services
        self._sessions = sessions

    async def branch(self, owner: str, session_id: str, body: Branch) -> Session:
        def write(orm: Orm) -> Session:
            row = self._sessions.row(orm, owner, session_id)
            title = clean_text(body.title or "").strip()
            copy = self._copy(orm, row, end=_end_of(orm, row, body), title=title)
            copy.branched_from_turn_id = body.turn_id
            orm.flush()
            return self._sessions.view(orm, copy)

        return self._sessions.published("session_created", await self._services.db.write(write))

    def version_in(self, orm: Orm, row: SessionRow, message: MessageRow) -> SessionRow:
        copy = self._copy(orm, row, end=message.seq)
        copy.branched_from_turn_id = message.turn_id
        copy.conversation_id, copy.archived_at = row.conversation_id, row.archived_at
        orm.flush()
        return copy

    def _copy(self, orm: Orm, row: SessionRow, *, end: int | None, title: str = "") -> SessionRow:
        """A new session with copies of the messages before a place; null for all."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import MessageRow

        fields: dict[str, Any] = {name: getattr(row, name) for name in TAKEN_OVER}
        copy = self._sessions.new_row(row.owner, {"title": title or row.title, "metadata": row.meta, **fields})
        copy.title_source = "user" if title else row.title_source
        copy.parent_id = row.id
        orm.add(copy)
        orm.flush()
        self._services.search.set_title(orm, owner=row.owner, session_id=copy.id, title=copy.title)
        query = select(MessageRow).where(MessageRow.session_id == row.id).order_by(MessageRow.seq)
        if end is not None:
            query = query.where(MessageRow.seq < end)
        blobs: dict[str, str] = {}

        def copied(blob_id: str) -> str:
            if blob_id not in blobs:
                blobs[blob_id] = self._services.blobs.copy_in(orm, blob_id, row.owner, copy.id) or blob_id
            return blobs[blob_id]

        for message in orm.scalars(query).all():
            parts = []
            for part in message.parts:
                if part.get("type") == "image":
                    part = {**part, "blob_id": copied(part["blob_id"])}
                elif part.get("type") == "tool_result":
                    images = [{**image, "blob_id": copied(image["blob_id"])} for image in part.get("images", ())]
                    part = {**part, **({"images": images} if images else {})}
                    if part.get("blob_id"):
                        part["blob_id"] = copied(part["blob_id"])
                parts.append(part)
            # No turn of the new session made them, so they name none.
            self._sessions.append_row(
                orm,
                copy,
                message.role,
                parts,
                seq=copy.message_count,
                provider=message.provider,
                model=message.model,
                usage=message.usage,
                stop_reason=message.stop_reason,
                duration_ms=message.duration_ms,
                in_context=message.in_context,
                origin_id=origin_of(message),
                version_of=group_of(message) if message.role == "user" else None,
                created_at=message.created_at,
            )
        return copy


def _end_of(orm: Orm, row: SessionRow, body: Branch) -> int | None:
    """The place behind the last message that a branch takes over; None where it takes all."""
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import MessageRow, TurnRow

    if body.turn_id is not None:
        turn = None if "\x00" in body.turn_id else orm.get(TurnRow, body.turn_id)
        if turn is None or turn.session_id != row.id:
            raise not_found("turn", body.turn_id)
        if turn.status != "finished":
            raise conflict("The turn is still running.", turn_id=body.turn_id)
        last = orm.scalar(
            select(func.max(MessageRow.seq)).where(MessageRow.session_id == row.id, MessageRow.turn_id == body.turn_id)
        )
        if last is None:
            raise conflict("The turn's messages were cleared.", turn_id=body.turn_id)
        return last + 1
    if body.message_id is not None:
        message = None if "\x00" in body.message_id else orm.get(MessageRow, body.message_id)
        if message is None or message.session_id != row.id:
            raise not_found("message", body.message_id)
        return message.seq + 1
    return None
