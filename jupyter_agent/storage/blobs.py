"""Attached pictures and files. A blob belongs to an owner and, mostly, to a session, and is forgotten with it."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from jupyter_agent.api.errors import ApiError, invalid
from jupyter_agent.storage.ids import new_id
from jupyter_agent.turns.models import picture_type

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from jupyter_agent.storage.database import Database

MAX_BYTES = 10 * 1024 * 1024
UNUSED_SECONDS = 24 * 3600.0
"""How long a blob waits for the message that it was uploaded for."""
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True, slots=True)
class Blob:
    id: str
    session_id: str | None
    media_type: str
    name: str | None
    data: bytes
    created_at: datetime

    @property
    def is_picture(self) -> bool:
        """Whether the bytes were checked to be a picture that a browser may show."""
        return self.media_type in PICTURES


def decode_base64(path: str, data: str) -> bytes:
    """The bytes. Raises ApiError: 413 over the limit of a blob, 422 for what is not base64."""
    if len(data) > MAX_BYTES * 4 // 3 + 4:
        raise _too_large()
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):  # ValueError: characters that are not ASCII
        raise invalid(path, "this is not base64") from None


def check(media_type: str, data: bytes, path: str = "body.data", limit: int = MAX_BYTES) -> None:
    """Raises ApiError: 413 over the limit, 422 for a picture type whose bytes are not such a picture."""
    if len(data) > limit:
        raise _too_large()
    if media_type.startswith("image/"):
        found = picture_type(data)
        if found != media_type:
            raise invalid(path, f"the bytes are not {media_type}" + (f" but {found}" if found else ""))


def _too_large() -> ApiError:
    return ApiError(413, "too_large", "A picture or file holds 10 MB at the most.", details={"limit_bytes": MAX_BYTES})


class Blobs:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def put(
        self,
        owner: str,
        session_id: str | None,
        media_type: str,
        data: bytes,
        name: str | None = None,
        *,
        limit: int = MAX_BYTES,
    ) -> str:
        """Keeps the bytes and gives the blob's id; the same bytes in the same session are kept once. Without a session
        they wait for a message that takes them (`copy_in`), `UNUSED_SECONDS` at the most.

        Raises ApiError: 413 over the limit, 422 for a picture type whose bytes are not such a picture."""
        check(media_type, data, limit=limit)
        put = partial(self.put_in, limit=limit)
        return await self._db.write(lambda orm: put(orm, owner, session_id, media_type, data, name))

    async def get(self, id: str, owner: str) -> Blob | None:
        """The blob; None where there is none, or it is somebody else's."""
        return await self._db.read(lambda orm: self.get_in(orm, id, owner))

    async def remove_unused(self) -> int:
        """Forgets what was uploaded and no message has taken; gives how many."""

        def write(orm: Session) -> int:
            from sqlalchemy import CursorResult, delete

            from jupyter_agent.storage.tables import BlobRow, utcnow

            result = orm.execute(
                delete(BlobRow).where(
                    BlobRow.session_id.is_(None), BlobRow.created_at < utcnow() - timedelta(seconds=UNUSED_SECONDS)
                ),
                execution_options={"synchronize_session": False},
            )
            assert isinstance(result, CursorResult)
            return result.rowcount

        return await self._db.write(write)

    def put_in(
        self,
        orm: Session,
        owner: str,
        session_id: str | None,
        media_type: str,
        data: bytes,
        name: str | None = None,
        *,
        limit: int = MAX_BYTES,
    ) -> str:
        """As `put`, inside a database function."""
        from jupyter_agent.storage.search import clean_text
        from jupyter_agent.storage.tables import BlobRow

        check(media_type, data, limit=limit)
        sha256 = hashlib.sha256(data).hexdigest()
        same = session_id and self._same_in(orm, owner, session_id, media_type, sha256)
        if same:
            return same
        row = BlobRow(
            id=new_id("blob"),
            owner=owner,
            session_id=session_id,
            media_type=clean_text(media_type)[:128],
            name=clean_text(name)[:255] if name else None,
            size=len(data),
            sha256=sha256,
            data=data,
        )
        orm.add(row)
        orm.flush()
        return row.id

    def get_in(self, orm: Session, id: str, owner: str, session_id: str | None = None) -> Blob | None:
        """As `get`, inside a database function; with `session_id` only a blob of that session."""
        from jupyter_agent.storage.tables import BlobRow

        row = None if "\x00" in id else orm.get(BlobRow, id)
        if row is None or row.owner != owner or (session_id is not None and row.session_id != session_id):
            return None
        blob = Blob(row.id, row.session_id, row.media_type, row.name, row.data, row.created_at)
        orm.expunge(row)  # the bytes need not be held a second time
        return blob

    def _same_in(self, orm: Session, owner: str, session_id: str, media_type: str, sha256: str) -> str | None:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import BlobRow

        return orm.scalars(
            select(BlobRow.id)
            .where(
                BlobRow.owner == owner,
                BlobRow.session_id == session_id,
                BlobRow.sha256 == sha256,
                BlobRow.media_type == media_type,
            )
            .limit(1)
        ).first()

    def copy_in(self, orm: Session, id: str, owner: str, session_id: str) -> str | None:
        """The same bytes in a session of this owner: one that was only uploaded moves there, one of another session is
        copied. The bytes do not leave the database. Gives the id there, None where this owner has no such blob."""
        from sqlalchemy import CursorResult, insert, literal, select, update

        from jupyter_agent.storage.tables import BlobRow

        if "\x00" in id:
            return None
        source = orm.execute(
            select(BlobRow.session_id, BlobRow.sha256, BlobRow.media_type).where(
                BlobRow.id == id, BlobRow.owner == owner
            )
        ).one_or_none()
        if source is None:
            return None
        if source.session_id == session_id:
            return id
        same = self._same_in(orm, owner, session_id, source.media_type, source.sha256)
        if same is not None:
            return same
        if source.session_id is None:
            moved = orm.execute(
                update(BlobRow).where(BlobRow.id == id, BlobRow.session_id.is_(None)).values(session_id=session_id),
                execution_options={"synchronize_session": False},
            )
            assert isinstance(moved, CursorResult)
            if moved.rowcount == 1:  # else another message has taken it meanwhile
                return id
        copy = new_id("blob")
        kept = ("owner", "media_type", "name", "size", "sha256", "data", "created_at")
        orm.execute(
            insert(BlobRow).from_select(
                ["id", "session_id", *kept],
                select(literal(copy), literal(session_id), *(getattr(BlobRow, name) for name in kept)).where(
                    BlobRow.id == id
                ),
                include_defaults=False,
            )
        )
        return copy
