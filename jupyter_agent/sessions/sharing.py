"""Sessions that leave: shares, exports; and come back: imports."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from jupyter_agent.api.errors import ApiError, not_found
from jupyter_agent.sessions.models import Message, Session, SessionExport, Share, SharedSession
from jupyter_agent.sessions.rows import message_of, message_page, stored
from jupyter_agent.storage.blobs import Blob
from jupyter_agent.storage.search import clean, clean_text
from jupyter_agent.turns.models import ImagePart, Part, ToolResultPart

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.sessions.service import SessionService
    from jupyter_agent.storage.tables import SessionRow


class Sharing:
    """The operations of `SessionService` that show a session to others; documented there."""

    def __init__(self, services: Services, sessions: SessionService) -> None:
        self._services = services
        self._sessions = sessions

    async def share(self, owner: str, session_id: str) -> Share:
        def write(orm: Orm) -> tuple[Share, Session | None]:
            from jupyter_agent.storage.tables import utcnow

            row = self._sessions.open_row(orm, owner, session_id)
            changed = row.share_token is None
            if row.share_token is None or row.shared_at is None:
                row.share_token, row.shared_at = f"share_{secrets.token_urlsafe(32)}", utcnow()
                row.updated_at = row.shared_at
                orm.flush()
            share = Share(token=row.share_token, path=f"agent/v1/shared/{row.share_token}", created_at=row.shared_at)
            return share, self._sessions.view(orm, row) if changed else None

        share, session = await self._services.db.write(write)
        if session is not None:
            self._sessions.published("session_updated", session)
        return share

    async def unshare(self, owner: str, session_id: str) -> None:
        def write(orm: Orm) -> Session:
            from jupyter_agent.storage.tables import utcnow

            row = self._sessions.row(orm, owner, session_id, lock=True)
            if row.share_token is None:
                raise not_found("share of session", session_id)
            row.share_token = row.shared_at = None
            row.updated_at = utcnow()
            orm.flush()
            return self._sessions.view(orm, row)

        self._sessions.published("session_updated", await self._services.db.write(write))

    async def shared(self, token: str, *, limit: int = 100, offset: int = 0) -> SharedSession:
        def read(orm: Orm) -> SharedSession:
            row = self._shared_row(orm, token)
            page = message_page(orm, row, limit=limit, offset=offset)
            # What it cost is the owner's business.
            messages = [message.model_copy(update={"usage": None}) for message in page.items]
            return SharedSession(
                title=row.title,
                created_at=row.created_at,
                messages=messages,
                total=page.total,
                limit=limit,
                offset=offset,
            )

        return await self._services.db.read(read)

    async def shared_blob(self, token: str, blob_id: str) -> Blob:
        def read(orm: Orm) -> Blob | None:
            row = self._shared_row(orm, token)
            return self._services.blobs.get_in(orm, blob_id, row.owner, session_id=row.id)

        blob = await self._services.db.read(read)
        if blob is None:
            raise not_found("blob", blob_id)
        return blob

    async def read_all(self, owner: str, session_id: str) -> tuple[Session, list[Message], dict[str, Blob]]:
        def read(orm: Orm) -> tuple[Session, list[Message], dict[str, Blob]]:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import MessageRow

            view = self._sessions.view(orm, self._sessions.row(orm, owner, session_id))
            rows = orm.scalars(
                select(MessageRow).where(MessageRow.session_id == session_id).order_by(MessageRow.seq)
            ).all()
            messages = [message_of(row) for row in rows]
            blobs: dict[str, Blob] = {}
            for message in messages:
                for part in message.parts:
                    for id in _pictures(part):
                        if id not in blobs and (blob := self._services.blobs.get_in(orm, id, owner)) is not None:
                            blobs[id] = blob
            return view, messages, blobs

        return await self._services.db.read(read)

    async def import_file(self, owner: str, file: SessionExport) -> Session:
        from jupyter_agent.sessions.transfer import read_pictures

        pictures = await asyncio.to_thread(read_pictures, file)

        def write(orm: Orm) -> Session:
            from jupyter_agent.storage.tables import utcnow

            fields = clean(file.session.model_dump(exclude={"usage", "created_at", "title_source"}))
            row = self._sessions.new_row(owner, fields)
            row.title_source = (file.session.title_source if row.title else "none") or "none"
            orm.add(row)
            orm.flush()
            self._services.search.set_title(orm, owner=owner, session_id=row.id, title=row.title)
            blobs = {
                name: self._services.blobs.put_in(orm, owner, row.id, picture.media_type, picture.data, picture.name)
                for name, picture in pictures.items()
            }
            for message in file.messages:
                parts = [_with_blobs(part, blobs) for part in message.parts]
                self._sessions.append_row(
                    orm,
                    row,
                    message.role,
                    stored(parts),
                    seq=row.message_count,
                    provider=clean(message.provider),
                    model=clean(message.model),
                    usage=message.usage.model_dump(mode="json") if message.usage else None,
                    stop_reason=clean(message.stop_reason),
                    duration_ms=message.duration_ms,
                    in_context=message.in_context,
                    created_at=message.created_at,
                )
            row.last_activity_at = utcnow()
            orm.flush()
            return self._sessions.view(orm, row)

        return self._sessions.published("session_created", await self._services.db.write(write))

    def _shared_row(self, orm: Orm, token: str) -> SessionRow:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import SessionRow

        row = orm.scalars(select(SessionRow).where(SessionRow.share_token == clean_text(token))).one_or_none()
        if row is None or row.terminated_at is not None:
            raise ApiError(404, "not_found", "There is no such share.")  # a token is not repeated, even a wrong one
        return row


def _pictures(part: Part) -> list[str]:
    """The blobs of the pictures that a part shows."""
    if isinstance(part, ImagePart):
        return [part.blob_id] if part.blob_id is not None else []
    return [image.blob_id for image in part.images] if isinstance(part, ToolResultPart) else []


def _with_blobs(part: Part, blobs: Mapping[str, str]) -> Part:
    """A part of a file with the blobs that were made of those in the file."""
    if isinstance(part, ImagePart) and part.blob_id is not None:
        return part.model_copy(update={"blob_id": blobs[part.blob_id]})
    if isinstance(part, ToolResultPart):
        images = [
            image.model_copy(update={"blob_id": blobs[image.blob_id]})
            for image in part.images
            if image.blob_id in blobs
        ]
        # A file has what was said of a long result; the rest of it stays where it was.
        return part.model_copy(update={"images": images, "blob_id": None})
    return part
