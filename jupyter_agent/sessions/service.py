"""Conversations: what is kept of them, found in them and made of them."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from jupyter_agent.api.errors import ApiError, conflict, invalid, not_found
from jupyter_agent.api.models import Page, Usage
from jupyter_agent.sessions.by_model import ByModel
from jupyter_agent.sessions.models import (
    Branch,
    Cleared,
    Message,
    MessageAppend,
    SearchHit,
    SearchPage,
    Session,
    SessionCreate,
    SessionExport,
    SessionPatch,
    SessionStatus,
    Share,
    SharedSession,
    Summarize,
    Summary,
    Terminated,
    Titles,
    TitlesResult,
)
from jupyter_agent.sessions.rows import (
    UNFINISHED,
    forget_turns,
    message_of,
    message_page,
    running_turns,
    session_of,
    stored,
)
from jupyter_agent.storage.blobs import Blob, check, decode_base64
from jupyter_agent.storage.ids import new_id
from jupyter_agent.storage.search import Kind, clean, clean_text
from jupyter_agent.turns.models import ImagePart, InputPart, Part, TextPart

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import MessageRow, SessionRow

log = logging.getLogger(__name__)

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
SNAPSHOT_SIZE = 50
INTERRUPT_SECONDS = 15.0
"""How long a running turn has to stop before its session is forgotten."""


class Filters(NamedTuple):
    status: Sequence[str] | None = None
    channel: str | None = None
    agent: str | None = None
    project: str | None = None
    notebook: str | None = None
    q: str | None = None


class SessionService:
    """All operations on sessions. Every method that takes an `owner` knows only that owner's sessions: others' are
    `not_found`. Methods that end in `_in`, and those that take `orm`, run inside a database function."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._by_model = ByModel(services, self)
        services.bus.snapshot("sessions", self._snapshot)

    # Reading

    async def require(self, owner: str, session_id: str) -> Session:
        """The session. Raises ApiError 404."""
        return await self._services.db.read(lambda orm: self.view(orm, self.row(orm, owner, session_id)))

    async def list_sessions(
        self,
        owner: str,
        filters: Filters = Filters(),
        *,
        sort: Sort = "-last_activity_at",
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Session]:
        """A page of sessions; archived and terminated ones only where the status filter asks for them."""
        statuses = _statuses(filters.status)

        def read(orm: Orm) -> Page[Session]:
            from sqlalchemy import func, select

            from jupyter_agent.storage.tables import SessionRow

            where = [SessionRow.owner == owner, self._has_status(owner, statuses)]
            for name in ("channel", "agent", "project", "notebook"):
                value = getattr(filters, name)
                if value is not None:
                    where.append(getattr(SessionRow, name) == clean_text(value))
            if filters.q is not None and filters.q.strip():
                where.append(SessionRow.id.in_(self._services.search.sessions(orm, owner, filters.q)))
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
            return Page(items=self._views(orm, rows), total=total, limit=limit, offset=offset)

        return await self._services.db.read(read)

    async def messages(
        self,
        owner: str,
        session_id: str,
        *,
        order: Literal["asc", "desc"] = "asc",
        after_seq: int | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[Message]:
        """A page of the session's messages; `after_seq` leaves out those up to it."""

        def read(orm: Orm) -> Page[Message]:
            self.row(orm, owner, session_id)
            return message_page(orm, session_id, order=order, after_seq=after_seq, limit=limit, offset=offset)

        return await self._services.db.read(read)

    async def search(
        self,
        owner: str,
        q: str,
        *,
        session_id: str | None = None,
        kind: Kind | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> SearchPage:
        """Titles, messages and tool results that hold the words, best first."""

        def read(orm: Orm) -> SearchPage:
            if session_id is not None:
                self.row(orm, owner, session_id)
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

    async def blob(self, owner: str, blob_id: str) -> Blob:
        """An attached picture or file. Raises ApiError 404."""
        blob = await self._services.blobs.get(blob_id, owner)
        if blob is None:
            raise not_found("blob", blob_id)
        return blob

    # Writing

    async def create(self, owner: str, body: SessionCreate) -> Session:
        def write(orm: Orm) -> Session:
            row = self._new_row(owner, clean(body.model_dump()))
            orm.add(row)
            orm.flush()
            self._services.search.set_title(orm, owner=owner, session_id=row.id, title=row.title)
            return self.view(orm, row)

        return self.published("session_created", await self._services.db.write(write))

    async def update(self, owner: str, session_id: str, body: SessionPatch) -> Session:
        """Changes the fields that were sent. Raises ApiError: 404, 409 for a terminated session."""
        changes = clean(body.model_dump(exclude_unset=True))

        def write(orm: Orm) -> Session:
            from jupyter_agent.storage.tables import utcnow

            row = self.open_row(orm, owner, session_id)
            if "title" in changes:
                row.title = (changes["title"] or "").strip()
                row.title_source = "user" if row.title else "none"
                self._services.search.set_title(orm, owner=owner, session_id=row.id, title=row.title)
            if changes.get("archived") is not None:
                row.archived_at = (row.archived_at or utcnow()) if changes["archived"] else None
            if "metadata" in changes:
                row.meta = changes["metadata"] or {}
            for name in ("project", "notebook", "provider", "model"):
                if name in changes:
                    setattr(row, name, changes[name])
            row.updated_at = utcnow()
            orm.flush()
            return self.view(orm, row)

        return self.published("session_updated", await self._services.db.write(write))

    async def terminate(self, owner: str, session_id: str, *, purge: bool = False) -> Terminated:
        """Ends the session, or forgets it; a running turn is interrupted first.

        Raises ApiError: 404; 409 where it is terminated already, or a running turn does not stop."""
        session = await self.require(owner, session_id)
        if session.status == "terminated" and not purge:
            raise conflict("The session is terminated already.", session_id=session_id)
        await self._stop(owner, session_id, wait=purge)

        def write(orm: Orm) -> Session:
            from sqlalchemy import delete, update

            from jupyter_agent.storage.tables import BlobRow, MessageRow, SessionRow, TurnRow, utcnow

            row = self.row(orm, owner, session_id, lock=True)
            if not purge:
                if row.terminated_at is not None:
                    raise conflict("The session is terminated already.", session_id=session_id)
                row.terminated_at = row.updated_at = utcnow()
                row.share_token = row.shared_at = None
                orm.flush()
                return self.view(orm, row)
            self.no_turn(orm, owner, session_id)
            row.terminated_at = row.terminated_at or utcnow()
            view = self.view(orm, row)
            self._services.search.remove(orm, session_id=session_id)
            orm.execute(
                update(SessionRow).where(SessionRow.parent_id == session_id).values(parent_id=None),
                execution_options={"synchronize_session": False},
            )
            forget_turns(orm, session_id, logs=True)
            for table in (TurnRow, MessageRow, BlobRow):
                orm.execute(
                    delete(table).where(table.session_id == session_id),
                    execution_options={"synchronize_session": False},
                )
            orm.delete(row)
            return view

        self.published("session_deleted", await self._services.db.write(write))
        return Terminated(id=session_id, status="purged" if purge else "terminated")

    async def append(self, owner: str, session_id: str, body: MessageAppend) -> Message:
        """Puts a message into the history; nothing runs. Raises ApiError: 404, 409 for a terminated session,
        413 and 422 for pictures."""

        def write(orm: Orm) -> tuple[Message, Session]:
            row = self.open_row(orm, owner, session_id)
            parts: Sequence[InputPart] = ([TextPart(text=body.text)] if body.text.strip() else []) + body.parts
            message = self.append_in(orm, row, body.role, self.store_parts(orm, owner, session_id, parts))
            return message_of(message), self.view(orm, row)

        message, session = await self._services.db.write(write)
        self.published("session_updated", session)
        return message

    async def clear(self, owner: str, session_id: str) -> Cleared:
        """Deletes what was said: messages, attachments, what the turns' logs hold. What it cost stays known.

        Raises ApiError: 404; 409 while a turn runs, or for a terminated session."""

        def write(orm: Orm) -> tuple[int, Session]:
            from sqlalchemy import delete, func, select

            from jupyter_agent.storage.tables import BlobRow, MessageRow, utcnow

            row = self.open_row(orm, owner, session_id)
            self.no_turn(orm, owner, session_id)
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
            return count or 0, self.view(orm, row)

        deleted, session = await self._services.db.write(write)
        self.published("session_updated", session)
        return Cleared(id=session_id, deleted_messages=deleted)

    async def branch(self, owner: str, session_id: str, body: Branch, *, before: bool = False) -> Session:
        """A new session with copies of the messages up to a turn or message (`before` leaves that one out too).

        Raises ApiError: 404; 409 where the turn still runs, or its messages are gone."""

        def write(orm: Orm) -> Session:
            from sqlalchemy import func, select

            from jupyter_agent.storage.tables import MessageRow, TurnRow

            row = self.row(orm, owner, session_id)
            query = select(MessageRow).where(MessageRow.session_id == session_id).order_by(MessageRow.seq)
            if body.turn_id is not None:
                turn = None if "\x00" in body.turn_id else orm.get(TurnRow, body.turn_id)
                if turn is None or turn.session_id != session_id:
                    raise not_found("turn", body.turn_id)
                if turn.status != "finished" and not before:
                    raise conflict("The turn is still running.", turn_id=body.turn_id)
                first, last = orm.execute(
                    select(func.min(MessageRow.seq), func.max(MessageRow.seq)).where(
                        MessageRow.session_id == session_id, MessageRow.turn_id == body.turn_id
                    )
                ).one()
                if first is None:
                    raise conflict("The turn's messages were cleared.", turn_id=body.turn_id)
                query = query.where(MessageRow.seq < first if before else MessageRow.seq <= last)
            elif body.message_id is not None:
                message = None if "\x00" in body.message_id else orm.get(MessageRow, body.message_id)
                if message is None or message.session_id != session_id:
                    raise not_found("message", body.message_id)
                query = query.where(MessageRow.seq < message.seq if before else MessageRow.seq <= message.seq)
            names = ("channel", "agent", "project", "notebook", "provider", "model")
            title = clean_text(body.title or "").strip()
            copy = self._new_row(
                owner,
                {"title": title or row.title, "metadata": row.meta, **{name: getattr(row, name) for name in names}},
            )
            copy.title_source = "user" if title else row.title_source
            copy.parent_id, copy.branched_from_turn_id = row.id, body.turn_id
            orm.add(copy)
            orm.flush()
            self._services.search.set_title(orm, owner=owner, session_id=copy.id, title=copy.title)
            blobs: dict[str, str | None] = {}
            for message in orm.scalars(query).all():
                parts = []
                for part in message.parts:
                    if part.get("type") == "image":
                        blob_id = part["blob_id"]
                        if blob_id not in blobs:
                            blobs[blob_id] = self._services.blobs.copy_in(orm, blob_id, owner, copy.id)
                        part = {**part, "blob_id": blobs[blob_id] or blob_id}
                    parts.append(part)
                # No turn of the new session made them, so they name none.
                self.append_row(
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
                    created_at=message.created_at,
                )
            orm.flush()
            return self.view(orm, copy)

        return self.published("session_created", await self._services.db.write(write))

    # What a model says about a conversation

    async def summarize(self, owner: str, session_id: str, body: Summarize) -> Summary:
        """Lets a model's summary stand for the older messages; these stay in the history, out of the context.

        Raises ApiError: 404; 409 while a turn runs, where nothing is left to summarize, or for a terminated session;
        and what the provider raises."""
        return await self._by_model.summarize(owner, session_id, body)

    async def titles(self, owner: str, body: Titles) -> TitlesResult:
        """Titles by the model for the untitled; one that fails stops no other."""
        return await self._by_model.titles(owner, body)

    async def title_session(self, session_id: str) -> str | None:
        """Gives an untitled session a title, as is done after its first turn: the model's, or, where that gives nothing
        sensible or cannot be reached, the first words of the user's message. The title, None where there was nothing
        to do. Raises nothing that a provider raises."""
        return await self._by_model.title_session(session_id)

    # Sharing, export, import

    async def share(self, owner: str, session_id: str) -> Share:
        """The session's share, made where there is none. Raises ApiError: 404, 409 for a terminated session."""

        def write(orm: Orm) -> tuple[Share, Session | None]:
            from jupyter_agent.storage.tables import utcnow

            row = self.open_row(orm, owner, session_id)
            changed = row.share_token is None
            if row.share_token is None or row.shared_at is None:
                row.share_token, row.shared_at = f"share_{secrets.token_urlsafe(32)}", utcnow()
                row.updated_at = row.shared_at
                orm.flush()
            share = Share(token=row.share_token, path=f"agent/v1/shared/{row.share_token}", created_at=row.shared_at)
            return share, self.view(orm, row) if changed else None

        share, session = await self._services.db.write(write)
        if session is not None:
            self.published("session_updated", session)
        return share

    async def unshare(self, owner: str, session_id: str) -> None:
        """Takes the share back: its token opens nothing any more. Raises ApiError 404, also where nothing is shared."""

        def write(orm: Orm) -> Session:
            from jupyter_agent.storage.tables import utcnow

            row = self.row(orm, owner, session_id, lock=True)
            if row.share_token is None:
                raise not_found("share of session", session_id)
            row.share_token = row.shared_at = None
            row.updated_at = utcnow()
            orm.flush()
            return self.view(orm, row)

        self.published("session_updated", await self._services.db.write(write))

    async def shared(self, token: str, *, limit: int = 100, offset: int = 0) -> SharedSession:
        """What everybody who knows the token may read. Raises ApiError 404."""

        def read(orm: Orm) -> SharedSession:
            row = self._shared_row(orm, token)
            page = message_page(orm, row.id, limit=limit, offset=offset)
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
        """A picture of a shared session. Raises ApiError 404."""

        def read(orm: Orm) -> Blob | None:
            row = self._shared_row(orm, token)
            return self._services.blobs.get_in(orm, blob_id, row.owner, session_id=row.id)

        blob = await self._services.db.read(read)
        if blob is None:
            raise not_found("blob", blob_id)
        return blob

    async def read_all(self, owner: str, session_id: str) -> tuple[Session, list[Message], dict[str, Blob]]:
        """The whole session, with the pictures that its messages name. Raises ApiError 404."""

        def read(orm: Orm) -> tuple[Session, list[Message], dict[str, Blob]]:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import MessageRow

            view = self.view(orm, self.row(orm, owner, session_id))
            rows = orm.scalars(
                select(MessageRow).where(MessageRow.session_id == session_id).order_by(MessageRow.seq)
            ).all()
            messages = [message_of(row) for row in rows]
            blobs: dict[str, Blob] = {}
            for message in messages:
                for part in message.parts:
                    if isinstance(part, ImagePart) and part.blob_id is not None and part.blob_id not in blobs:
                        blob = self._services.blobs.get_in(orm, part.blob_id, owner)
                        if blob is not None:
                            blobs[part.blob_id] = blob
            return view, messages, blobs

        return await self._services.db.read(read)

    async def import_file(self, owner: str, file: SessionExport) -> Session:
        """A new session of this owner from a file; ids in the file name things within the file only.

        Raises ApiError: 422 and 413 for its pictures."""
        from jupyter_agent.sessions.transfer import read_pictures

        pictures = await asyncio.to_thread(read_pictures, file)

        def write(orm: Orm) -> Session:
            from jupyter_agent.storage.tables import utcnow

            fields = clean(file.session.model_dump(exclude={"usage", "created_at", "title_source"}))
            row = self._new_row(owner, fields)
            row.title_source = (file.session.title_source if row.title else "none") or "none"
            orm.add(row)
            orm.flush()
            self._services.search.set_title(orm, owner=owner, session_id=row.id, title=row.title)
            blobs = {
                name: self._services.blobs.put_in(orm, owner, row.id, picture.media_type, picture.data, picture.name)
                for name, picture in pictures.items()
            }
            for message in file.messages:
                parts: list[Part] = [
                    part.model_copy(update={"blob_id": blobs[part.blob_id]})
                    if isinstance(part, ImagePart) and part.blob_id is not None
                    else part
                    for part in message.parts
                ]
                self.append_row(
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
            return self.view(orm, row)

        return self.published("session_created", await self._services.db.write(write))

    # For the turns room

    def row(self, orm: Orm, owner: str, session_id: str, *, lock: bool = False) -> SessionRow:
        """The row. With `lock` nobody else changes the session until this write is over. Raises ApiError 404."""
        from jupyter_agent.storage.tables import SessionRow

        # PostgreSQL has no NUL in its text, so no id has one.
        row = (
            None if "\x00" in session_id else orm.get(SessionRow, clean_text(session_id), with_for_update=lock or None)
        )
        if row is None or row.owner != owner:
            raise not_found("session", session_id)
        return row

    def open_row(self, orm: Orm, owner: str, session_id: str, *, lock: bool = True) -> SessionRow:
        """As `row`, locked; also raises ApiError 409 for a terminated session."""
        row = self.row(orm, owner, session_id, lock=lock)
        if row.terminated_at is not None:
            raise conflict("The session is terminated.", session_id=session_id)
        return row

    def store_parts(self, orm: Orm, owner: str, session_id: str, parts: Sequence[InputPart]) -> list[Part]:
        """The parts as they are kept: pictures as blobs of this session.

        Raises ApiError: 422 for what is no such picture, or a blob that this owner does not have; 413 over 10 MB."""
        kept: list[Part] = []
        for index, part in enumerate(parts):
            if not isinstance(part, ImagePart):
                kept.append(part)
                continue
            path = f"body.parts.{index}"
            if part.data is not None:
                data = decode_base64(f"{path}.data", part.data)
                check(part.media_type, data, f"{path}.data")
                blob_id: str | None = self._services.blobs.put_in(
                    orm, owner, session_id, part.media_type, data, part.name
                )
            else:
                blob_id = self._services.blobs.copy_in(orm, part.blob_id or "", owner, session_id)
                if blob_id is None:
                    raise invalid(f"{path}.blob_id", "there is no such blob")
            kept.append(ImagePart(media_type=part.media_type, blob_id=blob_id, name=part.name))
        return kept

    def append_in(
        self,
        orm: Orm,
        session_row: SessionRow,
        role: str,
        parts: Sequence[Part] | Sequence[dict[str, Any]],
        *,
        turn_id: str | None = None,
        provider: str | None = None,
        model: str | None = None,
        usage: Usage | None = None,
        stop_reason: str | None = None,
        duration_ms: int | None = None,
        in_context: bool = True,
        created_at: datetime | None = None,
    ) -> MessageRow:
        """Appends a message inside a write, and keeps what the session shows of its messages right: count, preview,
        last activity, what search finds. Pictures must be blobs already (`store_parts`)."""
        from sqlalchemy import func, select

        from jupyter_agent.storage.tables import MessageRow, utcnow

        # The next place is this write's alone: SQLite has one writer, PostgreSQL locks the session's row.
        orm.flush()
        orm.refresh(session_row, with_for_update=True)
        last = orm.scalar(select(func.max(MessageRow.seq)).where(MessageRow.session_id == session_row.id))
        message = self.append_row(
            orm,
            session_row,
            role,
            stored(parts),
            seq=0 if last is None else last + 1,
            turn_id=turn_id,
            provider=provider,
            model=model,
            usage=usage.model_dump(mode="json") if usage is not None else None,
            stop_reason=stop_reason,
            duration_ms=duration_ms,
            in_context=in_context,
            created_at=created_at,
        )
        session_row.last_activity_at = session_row.updated_at = utcnow()
        orm.flush()
        return message

    async def publish_updated(self, owner: str, session_id: str) -> None:
        """Tells listeners what the session is now, after a write that was not one of this service's operations."""
        self.published("session_updated", await self.require(owner, session_id))

    # Inside

    def append_row(
        self,
        orm: Orm,
        session_row: SessionRow,
        role: str,
        parts: list[dict[str, Any]],
        *,
        seq: int,
        turn_id: str | None = None,
        provider: str | None = None,
        model: str | None = None,
        usage: dict[str, Any] | None = None,
        stop_reason: str | None = None,
        duration_ms: int | None = None,
        in_context: bool = True,
        created_at: datetime | None = None,
    ) -> MessageRow:
        from jupyter_agent.storage.tables import MessageRow, utcnow

        text = "\n\n".join(part["text"] for part in parts if part["type"] == "text" and part["text"])
        message = MessageRow(
            id=new_id("msg"),
            session_id=session_row.id,
            turn_id=turn_id,
            seq=seq,
            role=role,
            parts=parts,
            text=text,
            provider=provider,
            model=model,
            usage=usage,
            stop_reason=stop_reason,
            duration_ms=duration_ms,
            in_context=in_context,
            created_at=created_at or utcnow(),
        )
        orm.add(message)
        session_row.message_count += 1
        preview = " ".join(text[:2000].split())[:200]
        if preview:
            session_row.preview = preview

        def index(kind: Kind, text: str) -> None:
            self._services.search.index(
                orm,
                owner=session_row.owner,
                session_id=session_row.id,
                kind=kind,
                text=text,
                turn_id=turn_id,
                message_id=message.id,
                role=role,
                created_at=message.created_at,
            )

        index("message", text)
        for part in parts:
            if part["type"] == "tool_result":
                index("tool_result", part["content"])
        return message

    def _new_row(self, owner: str, fields: dict[str, Any]) -> SessionRow:
        from jupyter_agent.storage.tables import SessionRow, utcnow

        now = utcnow()
        title = (fields.pop("title", None) or "").strip()
        return SessionRow(
            id=new_id("sess"),
            owner=owner,
            title=title,
            title_source="user" if title else "none",
            meta=fields.pop("metadata", None) or {},
            tasks=[],
            message_count=0,
            preview="",
            created_at=now,
            updated_at=now,
            last_activity_at=now,
            **fields,
        )

    def _shared_row(self, orm: Orm, token: str) -> SessionRow:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import SessionRow

        row = orm.scalars(select(SessionRow).where(SessionRow.share_token == clean_text(token))).one_or_none()
        if row is None or row.terminated_at is not None:
            raise ApiError(404, "not_found", "There is no such share.")  # a token is not repeated, even a wrong one
        return row

    def _idle_before(self) -> datetime:
        from jupyter_agent.storage.tables import utcnow

        return utcnow() - timedelta(seconds=self._services.settings.sessions.idle_seconds)

    def _has_status(self, owner: str, statuses: Sequence[SessionStatus]) -> ColumnElement[bool]:
        from sqlalchemy import and_, not_, or_, select

        from jupyter_agent.storage.tables import SessionRow, TurnRow

        standing = and_(SessionRow.terminated_at.is_(None), SessionRow.archived_at.is_(None))
        running = select(TurnRow.session_id).where(TurnRow.owner == owner, TurnRow.status.in_(UNFINISHED))
        awake = or_(SessionRow.last_activity_at >= self._idle_before(), SessionRow.id.in_(running))
        meaning: dict[SessionStatus, ColumnElement[bool]] = {
            "active": and_(standing, awake),
            "idle": and_(standing, not_(awake)),
            "archived": and_(SessionRow.terminated_at.is_(None), SessionRow.archived_at.is_not(None)),
            "terminated": SessionRow.terminated_at.is_not(None),
        }
        if {"active", "idle"} <= set(statuses):
            return or_(standing, *(meaning[status] for status in statuses if status not in ("active", "idle")))
        return or_(*(meaning[status] for status in statuses))

    def no_turn(self, orm: Orm, owner: str, session_id: str) -> None:
        """Raises ApiError 409 where a turn runs in the session."""
        if (turn_id := running_turns(orm, owner, [session_id]).get(session_id)) is not None:
            raise conflict("A turn is running in the session.", turn_id=turn_id)

    def view(self, orm: Orm, row: SessionRow) -> Session:
        return self._views(orm, [row])[0]

    def _views(self, orm: Orm, rows: Sequence[SessionRow]) -> list[Session]:
        running = running_turns(orm, rows[0].owner, [row.id for row in rows]) if rows else {}
        idle_before = self._idle_before()
        return [session_of(row, running.get(row.id), idle_before) for row in rows]

    async def _stop(self, owner: str, session_id: str, *, wait: bool) -> None:
        """Interrupts the session's running turn; with `wait` until it has ended."""

        async def running() -> str | None:
            turns: dict[str, str] = await self._services.db.read(lambda orm: running_turns(orm, owner, [session_id]))
            return turns.get(session_id)

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

    def published(self, type: str, session: Session) -> Session:
        self._services.bus.publish(
            "sessions", session.owner, {"type": type, "session": session.model_dump(mode="json")}
        )
        return session

    async def _snapshot(self, owner: str) -> dict[str, Any]:
        page = await self.list_sessions(owner, limit=SNAPSHOT_SIZE)
        return {"items": [session.model_dump(mode="json") for session in page.items], "total": page.total}


def _statuses(asked: Sequence[str] | None) -> list[SessionStatus]:
    """The statuses of repeated or comma-separated values. Raises ApiError 422."""
    names = [name.strip() for value in asked or () for name in value.split(",") if name.strip()]
    for name in names:
        if name not in STATUSES:
            raise invalid("query.status", f"one of {', '.join(STATUSES)}, not {name[:50]!r}")
    return cast("list[SessionStatus]", names) or ["active", "idle"]
