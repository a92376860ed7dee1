"""How a turn begins: in a session that is there, in a new one, or in a new version of a conversation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from jupyter_agent.api.errors import ApiError, conflict, invalid, not_found
from jupyter_agent.observatory import complexity
from jupyter_agent.providers.selection import Named
from jupyter_agent.storage.ids import new_id
from jupyter_agent.tools.offers import IN_KERNEL
from jupyter_agent.turns.models import ImagePart, Resend, Retry, Run, TextPart, Turn, TurnStart
from jupyter_agent.turns.rows import DEFAULT_AGENT, UNFINISHED, turn_of, turn_row, turns_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.observatory.models import Complexity
    from jupyter_agent.providers.selection import Choice
    from jupyter_agent.sessions.models import Session
    from jupyter_agent.storage.tables import MessageRow, SessionRow


class Began(NamedTuple):
    """A turn that is written down, and what is needed to run it."""

    turn: Turn
    start: TurnStart
    choice: Choice
    """The model that is asked, and why it."""
    started_at: datetime
    session: Session | None
    """The session, where it was made for this turn."""
    version_of: tuple[str, str] | None
    """The session and the message of which it is another version."""


class Replayed(NamedTuple):
    """The turn that an earlier request with the same key began."""

    turn: Turn


class Place(NamedTuple):
    """Where a turn begins."""

    row: SessionRow
    new: bool = False
    source: MessageRow | None = None
    """The message that is said again."""


class Again(NamedTuple):
    """A message that is to be sent again."""

    message_id: str
    turn_id: str | None
    """The turn that answered it, in this session or in the one it was copied from."""
    start: TurnStart
    provider: str | None
    model: str | None
    """Those of the session."""
    depth: int
    """How many messages are before it."""


class Starting:
    """The operations of `TurnService` that begin turns, up to their rows; documented there."""

    def __init__(self, services: Services, server_id: str) -> None:
        self._services = services
        self._server_id = server_id

    async def begin(self, owner: str, session_id: str, start: TurnStart, key: str | None) -> Began | Replayed:
        digest = _digest(session_id, start)
        if earlier := await self._replayed(owner, key, digest):
            return earlier
        # The row alone: what else the session shows is not needed for the first token.
        session = await self._services.db.read(lambda orm: self._services.sessions.row(orm, owner, session_id))
        return await self._begin(
            owner,
            start,
            lambda orm: Place(self._services.sessions.open_row(orm, owner, session_id)),
            session_id=session_id,
            provider=session.provider,
            model=session.model,
            depth=session.message_count,
            key=key,
            digest=digest,
        )

    async def run(self, owner: str, body: Run, key: str | None) -> Began | Replayed:
        start = TurnStart.model_validate(body.model_dump(exclude={"session_id", "title", "stream"}, exclude_unset=True))
        if body.session_id is not None:
            return await self.begin(owner, body.session_id, start, key)
        digest = _digest("run", body.title or "", start)
        if earlier := await self._replayed(owner, key, digest):
            return earlier

        def place(orm: Orm) -> Place:
            return Place(self._services.sessions.create_in(orm, owner, {"title": body.title}), new=True)

        return await self._begin(owner, start, place, key=key, digest=digest)

    async def retry(self, owner: str, turn_id: str, body: Retry, key: str | None) -> Began | Replayed:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import MessageRow

        digest = _digest("retry", turn_id, body)
        if earlier := await self._replayed(owner, key, digest):
            return earlier

        def read(orm: Orm) -> tuple[str, Again]:
            turn = turn_row(orm, owner, turn_id)
            if turn.status != "finished":
                raise conflict("The turn is still running.", turn_id=turn_id)
            message = orm.scalars(
                select(MessageRow).where(MessageRow.turn_id == turn_id).order_by(MessageRow.seq).limit(1)
            ).first()
            if message is None:
                raise conflict("The turn's messages were cleared.", turn_id=turn_id)
            return turn.session_id, self._again(orm, owner, turn.session_id, message.id, body)

        session_id, again = await self._services.db.read(read)
        return await self._say_again(owner, session_id, again, key, digest)

    async def resend(
        self, owner: str, session_id: str, message_id: str, body: Resend, key: str | None
    ) -> Began | Replayed:
        digest = _digest("resend", session_id, message_id, body)
        if earlier := await self._replayed(owner, key, digest):
            return earlier
        again = await self._services.db.read(lambda orm: self._again(orm, owner, session_id, message_id, body))
        return await self._say_again(owner, session_id, again, key, digest)

    def _again(self, orm: Orm, owner: str, session_id: str, message_id: str, body: Resend) -> Again:
        """What is said again, and how: as the message's turn was started, but for what the body changes."""
        from jupyter_agent.storage.tables import MessageRow, TurnRow

        session, message = self._message(orm, owner, session_id, message_id)
        origin = message
        if message.turn_id is None and message.origin_id is not None:
            origin = orm.get(MessageRow, message.origin_id) or message
        turn = orm.get(TurnRow, origin.turn_id) if origin.turn_id is not None else None
        parts = list(message.parts)
        text = parts.pop(0)["text"] if parts and parts[0]["type"] == "text" else ""
        fields: dict[str, Any] = {**(turn.request if turn is not None else {}), "message": text, "parts": parts}
        fields |= body.model_dump(exclude_none=True)
        _without_client(fields)
        if body.provider is not None and body.model is None:
            fields["model"] = None  # it belongs to the other provider
        try:
            start = TurnStart.model_validate(fields)
        except ValidationError as error:
            raise invalid("body", error.errors(include_url=False, include_input=False)[0]["msg"]) from error
        return Again(
            message_id, turn.id if turn is not None else None, start, session.provider, session.model, message.seq
        )

    def _message(self, orm: Orm, owner: str, session_id: str, message_id: str) -> tuple[SessionRow, MessageRow]:
        from jupyter_agent.storage.tables import MessageRow, TurnRow

        session = self._services.sessions.row(orm, owner, session_id)
        message = None if "\x00" in message_id else orm.get(MessageRow, message_id)
        if message is None or message.session_id != session.id:
            raise not_found("message", message_id)
        if message.role != "user":
            raise conflict("Only what the user said can be sent again.", role=message.role)
        turn = orm.get(TurnRow, message.turn_id) if message.turn_id is not None else None
        if turn is not None and turn.status != "finished":
            raise conflict("The turn is still running.", turn_id=turn.id)
        return session, message

    async def _say_again(
        self, owner: str, session_id: str, again: Again, key: str | None, digest: str
    ) -> Began | Replayed:
        def place(orm: Orm) -> Place:
            session, message = self._message(orm, owner, session_id, again.message_id)
            return Place(self._services.sessions.version_in(orm, session, message), new=True, source=message)

        return await self._begin(
            owner,
            again.start,
            place,
            session_id=session_id,
            provider=again.provider,
            model=again.model,
            depth=again.depth,
            key=key,
            digest=digest,
            retry_of=again.turn_id,
        )

    async def _begin(
        self,
        owner: str,
        start: TurnStart,
        place: Callable[[Orm], Place],
        *,
        session_id: str | None = None,
        provider: str | None = None,
        model: str | None = None,
        depth: int = 0,
        key: str | None,
        digest: str,
        retry_of: str | None = None,
    ) -> Began | Replayed:
        """Writes the turn's row and its message, and the session where `place` makes one: all or nothing.

        `provider` and `model` are the session's, `depth` is how many messages it has; `session_id` is the session whose
        offers count."""
        from sqlalchemy.exc import IntegrityError

        from jupyter_agent.storage.tables import utcnow

        if start.agent not in (None, DEFAULT_AGENT):
            raise invalid("body.agent", f"there is no agent {start.agent!r}")
        await self._services.tools.check_names(owner, session_id, start)
        choice = await self._choose(owner, start, Named(provider, model), depth)
        resolved = choice.resolved
        if not resolved.supports_images and any(isinstance(part, ImagePart) for part in start.parts):
            raise invalid("body.parts", f"the model {resolved.model_id} cannot see pictures; choose one that can")
        started_at = utcnow()

        def write(orm: Orm) -> Began | Replayed:
            where = place(orm)
            # A session that was there is locked now; one that was made goes again where the key is taken.
            if key is not None and not where.new and (earlier := self._earlier(orm, owner, key, digest)):
                return Replayed(earlier)
            turn = self._write(orm, where, start, choice, started_at, key, digest, retry_of)
            session = self._services.sessions.view(orm, where.row) if where.new else None
            version_of = (where.source.session_id, where.source.id) if where.source is not None else None
            return Began(turn, start, choice, started_at, session, version_of)

        try:
            return await self._services.db.write(write)
        except IntegrityError:
            # Another request was a moment faster with the same key.
            if earlier := await self._replayed(owner, key, digest):
                return earlier
            raise

    def _write(
        self,
        orm: Orm,
        place: Place,
        start: TurnStart,
        choice: Choice,
        started_at: datetime,
        key: str | None,
        digest: str,
        retry_of: str | None,
    ) -> Turn:
        from sqlalchemy import func, select

        from jupyter_agent.storage.tables import TurnRow

        row = place.row
        if not place.new:
            running = orm.scalar(
                select(TurnRow.id).where(TurnRow.session_id == row.id, TurnRow.status.in_(UNFINISHED)).limit(1)
            )
            if running is not None:
                raise conflict("A turn is running in this session.", turn_id=running)
        parts = self._services.sessions.store_parts(orm, row.owner, row.id, start.parts)
        said = [TextPart(text=start.message)] if start.message else []
        last = orm.scalar(select(func.max(TurnRow.seq)).where(TurnRow.session_id == row.id))
        turn = TurnRow(
            id=new_id("turn"),
            session_id=row.id,
            owner=row.owner,
            seq=0 if last is None else last + 1,
            status="running",
            request=start.model_copy(update={"parts": parts}).model_dump(mode="json", exclude_defaults=True),
            agent=start.agent or DEFAULT_AGENT,
            provider=choice.resolved.provider_id,
            model=choice.resolved.model_id,
            message=start.message[:500],
            retry_of=retry_of,
            idempotency_key=key,
            idempotency_hash=digest if key is not None else None,
            server_id=self._server_id,
            meta=start.metadata,
            created_at=started_at,
            started_at=started_at,
            steps=0,
            input_tokens=0,
            output_tokens=0,
            cache_read_tokens=0,
            cache_write_tokens=0,
            requests=0,
            event_count=0,
        )
        orm.add(turn)
        orm.flush()
        orm.add(choice.row(owner=row.owner, session_id=row.id, turn_id=turn.id, message=start.message))
        row.turn_count += 1
        self._services.sessions.append_in(
            orm, row, "user", [*said, *parts], turn_id=turn.id, another_version_of=place.source
        )
        return turn_of(turn)

    async def _choose(self, owner: str, start: TurnStart, session: Named, depth: int) -> Choice:
        """The model that is asked. `session`: what the session names."""
        attached = sum(not isinstance(part, TextPart) for part in start.parts)

        def level(tools: bool) -> Complexity:
            return complexity.level(start.message, attached, depth, int(tools))

        tools = start.tools != []
        try:
            choice = await self._services.providers.selection.choose(
                owner,
                Named(start.provider, start.model),
                session,
                complexity=level(tools),
                images=any(isinstance(part, ImagePart) for part in start.parts),
            )
            return choice if choice.resolved.supports_tools else replace(choice, complexity=level(False))
        except ApiError as error:
            if error.status == 404:
                # The provider is a field of the request here, not its address.
                named = start.provider or session.provider
                raise invalid("body.provider" if named else "body.model", error.message) from error
            raise

    async def _replayed(self, owner: str, key: str | None, digest: str) -> Replayed | None:
        if key is None:
            return None
        turn = await self._services.db.read(lambda orm: self._earlier(orm, owner, key, digest))
        return Replayed(turn) if turn is not None else None

    def _earlier(self, orm: Orm, owner: str, key: str, digest: str) -> Turn | None:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import TurnRow

        row = orm.scalars(select(TurnRow).where(TurnRow.owner == owner, TurnRow.idempotency_key == key)).one_or_none()
        if row is None:
            return None
        if row.idempotency_hash != digest:
            raise conflict("This Idempotency-Key was used for another request.", turn_id=row.id)
        return turns_of(orm, [row])[0]


def _without_client(fields: dict[str, Any]) -> None:
    """Takes out what only the client of the first time could do: nobody would answer for its tools now."""
    gone = {one["name"] for one in fields.pop("client_tools", [])} - IN_KERNEL
    fields.pop("waiting_kernel", None)
    if fields.get("tools"):
        fields["tools"] = [name for name in fields["tools"] if name not in gone]


def _digest(*said: Any) -> str:
    """What tells one request from another under the same key."""
    text = "\n".join(one if isinstance(one, str) else one.model_dump_json() for one in said)
    return hashlib.sha256(text.encode()).hexdigest()
