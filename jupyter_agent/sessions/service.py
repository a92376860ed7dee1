"""Conversations: what is kept of them, found in them and made of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from jupyter_agent.api.errors import conflict, invalid, not_found
from jupyter_agent.api.models import Page, Usage
from jupyter_agent.sessions.branching import Branching
from jupyter_agent.sessions.by_model import ByModel
from jupyter_agent.sessions.ending import Ending
from jupyter_agent.sessions.listing import Filters, Listing, Sort
from jupyter_agent.sessions.models import (
    BlobInfo,
    BlobUpload,
    Branch,
    Cleared,
    Message,
    MessageAppend,
    SearchPage,
    Session,
    SessionCreate,
    SessionExport,
    SessionPatch,
    Share,
    SharedSession,
    Summarize,
    Summary,
    Terminated,
    Titles,
    TitleSource,
    TitlesResult,
)
from jupyter_agent.sessions.rows import message_of, message_page, running_turns, session_of, stored
from jupyter_agent.sessions.sharing import Sharing
from jupyter_agent.sessions.versions import branches_among, group_of, version_counts, versions_in
from jupyter_agent.storage.blobs import Blob, check, decode_base64
from jupyter_agent.storage.ids import new_id
from jupyter_agent.storage.search import Kind, clean, clean_text
from jupyter_agent.turns.models import ImagePart, InputPart, Part, TextPart

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import MessageRow, SessionRow

SNAPSHOT_SIZE = 50


class SessionService:
    """All operations on sessions. Every method that takes an `owner` knows only that owner's sessions: others' are
    `not_found`. Methods that end in `_in`, and those that take `orm`, run inside a database function."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._branching = Branching(services, self)
        self._by_model = ByModel(services, self)
        self._ending = Ending(services, self)
        self._listing = Listing(services, self)
        self._sharing = Sharing(services, self)
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
        """A page of sessions; archived and terminated ones only where the status filter asks for them. With
        `filters.latest` one of each conversation: of those that match, the one with the newest activity."""
        return await self._listing.list_sessions(owner, filters, sort=sort, limit=limit, offset=offset)

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
            row = self.row(orm, owner, session_id)
            return message_page(orm, row, versions=True, order=order, after_seq=after_seq, limit=limit, offset=offset)

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
        return await self._listing.search(owner, q, session_id=session_id, kind=kind, limit=limit, offset=offset)

    async def blob(self, owner: str, blob_id: str) -> Blob:
        """An attached picture or file. Raises ApiError 404."""
        blob = await self._services.blobs.get(blob_id, owner)
        if blob is None:
            raise not_found("blob", blob_id)
        return blob

    async def upload(self, owner: str, body: BlobUpload) -> BlobInfo:
        """Keeps a picture for a message that is not written yet; after a day without one it is forgotten.

        Raises ApiError: 413 over 10 MB, 422 for what is no such picture."""
        data = await asyncio.to_thread(decode_base64, "body.data", body.data)
        name = clean_text(body.name) if body.name else None
        id = await self._services.blobs.put(owner, None, body.media_type, data, name)
        return BlobInfo(id=id, media_type=body.media_type, name=name, size=len(data))

    # Writing

    async def create(self, owner: str, body: SessionCreate) -> Session:
        """A new session."""
        fields = clean(body.model_dump())
        view = await self._services.db.write(lambda orm: self.view(orm, self.create_in(orm, owner, fields)))
        return self.published("session_created", view)

    async def update(self, owner: str, session_id: str, body: SessionPatch) -> Session:
        """Changes the fields that were sent: title and archive of all versions of the conversation, the others of this
        session. Raises ApiError: 404, 409 for a terminated session."""
        changes = clean(body.model_dump(exclude_unset=True))

        def write(orm: Orm) -> list[Session]:
            from jupyter_agent.storage.tables import utcnow

            row = self.open_row(orm, owner, session_id, lock=False)
            rows = versions_in(orm, row)
            if row not in rows:
                raise conflict("The session is terminated.", session_id=session_id)
            changed = rows if {"title", "archived"} & set(changes) else [row]
            for one in changed:
                if "title" in changes:
                    self.set_title_in(orm, one, changes["title"] or "", "user")
                if changes.get("archived") is not None:
                    one.archived_at = (one.archived_at or utcnow()) if changes["archived"] else None
                one.updated_at = utcnow()
            if "metadata" in changes:
                row.meta = changes["metadata"] or {}
            for name in ("project", "notebook", "provider", "model", "mode"):
                if name in changes:
                    setattr(row, name, changes[name])
            orm.flush()
            return self.views(orm, changed)

        views = await self._services.db.write(write)
        for view in views:
            self.published("session_updated", view)
        return next(view for view in views if view.id == session_id)

    async def terminate(
        self, owner: str, session_id: str, *, purge: bool = False, versions: bool = False
    ) -> Terminated:
        """Ends the session (with `versions` all of the conversation), or forgets it; a running turn is interrupted
        first.

        Raises ApiError: 404; 409 where it is terminated already, or a running turn does not stop."""
        return await self._ending.terminate(owner, session_id, purge=purge, versions=versions)

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
        return await self._ending.clear(owner, session_id)

    async def branch(self, owner: str, session_id: str, body: Branch) -> Session:
        """A new conversation with copies of the messages up to a turn or message.

        Raises ApiError: 404; 409 where the turn still runs, or its messages are gone."""
        return await self._branching.branch(owner, session_id, body)

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
        return await self._sharing.share(owner, session_id)

    async def unshare(self, owner: str, session_id: str) -> None:
        """Takes the share back: its token opens nothing any more. Raises ApiError 404, also where nothing is shared."""
        await self._sharing.unshare(owner, session_id)

    async def shared(self, token: str, *, limit: int = 100, offset: int = 0) -> SharedSession:
        """What everybody who knows the token may read. Raises ApiError 404."""
        return await self._sharing.shared(token, limit=limit, offset=offset)

    async def shared_blob(self, token: str, blob_id: str) -> Blob:
        """A picture of a shared session. Raises ApiError 404."""
        return await self._sharing.shared_blob(token, blob_id)

    async def read_all(self, owner: str, session_id: str) -> tuple[Session, list[Message], dict[str, Blob]]:
        """The whole session, with the pictures that its messages name. Raises ApiError 404."""
        return await self._sharing.read_all(owner, session_id)

    async def import_file(self, owner: str, file: SessionExport) -> Session:
        """A new session of this owner from a file; ids in the file name things within the file only.

        Raises ApiError: 422 and 413 for its pictures."""
        return await self._sharing.import_file(owner, file)

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
        another_version_of: MessageRow | None = None,
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
            version_of=group_of(another_version_of) if another_version_of is not None else None,
            created_at=created_at,
        )
        session_row.last_activity_at = session_row.updated_at = utcnow()
        orm.flush()
        return message

    def summarized_in(self, orm: Orm, session_id: str, last_id: str, text: str) -> None:
        """A summary takes the place of the messages up to `last_id` in the context, inside a write; they stay in the
        conversation. Nothing happens where they are not there any more."""
        from jupyter_agent.storage.tables import MessageRow, SessionRow

        row = orm.get(SessionRow, session_id, with_for_update=True)
        last = orm.get(MessageRow, last_id)
        if row is None or last is None or last.session_id != session_id:
            return
        preview = row.preview
        self._by_model.replace_in(orm, row, last.seq, text, None)
        row.preview = preview
        orm.flush()

    def create_in(self, orm: Orm, owner: str, fields: dict[str, Any]) -> SessionRow:
        """A new session inside a write, of fields of `SessionCreate`."""
        row = self.new_row(owner, fields)
        orm.add(row)
        orm.flush()
        self._services.search.set_title(orm, owner=owner, session_id=row.id, title=row.title)
        return row

    def version_in(self, orm: Orm, row: SessionRow, message: MessageRow) -> SessionRow:
        """A new version of the conversation: a session with copies of what stands before the message. Tell of it with
        `published_version`."""
        return self._branching.version_in(orm, row, message)

    def published_version(self, session: Session, *, of_session: str, of_message: str) -> Session:
        """Tells listeners of a new version of the conversation, and what was sent again."""
        resent = {"session_id": of_session, "message_id": of_message}
        return self.published("session_created", session, version_of=resent)

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
        origin_id: str | None = None,
        version_of: str | None = None,
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
            origin_id=origin_id,
            version_of=version_of,
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

    def new_row(self, owner: str, fields: dict[str, Any]) -> SessionRow:
        from jupyter_agent.storage.tables import SessionRow, utcnow

        now = utcnow()
        title = (fields.pop("title", None) or "").strip()
        id = new_id("sess")
        return SessionRow(
            id=id,
            conversation_id=id,
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

    def set_title_in(self, orm: Orm, row: SessionRow, title: str, source: TitleSource) -> None:
        """Gives the title inside a write; an empty one takes it away."""
        row.title = title.strip()
        row.title_source = source if row.title else "none"
        self._services.search.set_title(orm, owner=row.owner, session_id=row.id, title=row.title)

    def idle_before(self) -> datetime:
        from jupyter_agent.storage.tables import utcnow

        return utcnow() - timedelta(seconds=self._services.settings.sessions.idle_seconds)

    def no_turn(self, orm: Orm, owner: str, session_id: str) -> None:
        """Raises ApiError 409 where a turn runs in the session."""
        if (turn := running_turns(orm, owner, [session_id]).get(session_id)) is not None:
            raise conflict("A turn is running in the session.", turn_id=turn.id)

    def view(self, orm: Orm, row: SessionRow) -> Session:
        return self.views(orm, [row])[0]

    def views(self, orm: Orm, rows: Sequence[SessionRow]) -> list[Session]:
        """The rows, all of one owner, as they go over the wire."""
        if not rows:
            return []
        owner, idle_before = rows[0].owner, self.idle_before()
        running = running_turns(orm, owner, [row.id for row in rows])
        conversations = [row.conversation_id for row in rows]
        standing = version_counts(orm, owner, conversations)
        branches = branches_among(orm, owner, conversations)
        return [
            session_of(
                row,
                running.get(row.id),
                idle_before,
                standing.get(row.conversation_id, 0),
                branched=row.conversation_id in branches,
            )
            for row in rows
        ]

    def published(self, type: str, session: Session, **more: Any) -> Session:
        self._services.bus.publish(
            "sessions", session.owner, {"type": type, "session": session.model_dump(mode="json"), **more}
        )
        return session

    async def _snapshot(self, owner: str) -> dict[str, Any]:
        page = await self.list_sessions(owner, limit=SNAPSHOT_SIZE)
        return {"items": [session.model_dump(mode="json") for session in page.items], "total": page.total}
