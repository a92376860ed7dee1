"""What a model says about a conversation: summaries and titles."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from jupyter_agent.api.errors import ApiError, conflict
from jupyter_agent.api.models import Usage
from jupyter_agent.providers.selection import AUTO
from jupyter_agent.sessions import wording
from jupyter_agent.sessions.models import (
    Message,
    Session,
    Summarize,
    Summary,
    TitledSession,
    Titles,
    TitlesResult,
)
from jupyter_agent.sessions.rows import message_of, money
from jupyter_agent.sessions.versions import versions_in
from jupyter_agent.storage.search import clean_text
from jupyter_agent.turns.models import ContextPart, ImagePart, TextPart, ToolResultPart

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.sessions.service import SessionService
    from jupyter_agent.storage.tables import MessageRow, SessionRow

log = logging.getLogger(__name__)

SUMMARY_CHUNKS = 12
"""Model requests a summary makes at the most."""


class Beginning(NamedTuple):
    """How a conversation began, and whom to ask about it."""

    user: str
    """What the user said first; what was attached, where nothing was said."""
    assistant: str
    provider: str | None
    model: str | None


class ByModel:
    """The operations of `SessionService` that ask a model; documented there."""

    def __init__(self, services: Services, sessions: SessionService) -> None:
        self._services = services
        self._sessions = sessions

    async def summarize(self, owner: str, session_id: str, body: Summarize) -> Summary:
        def read(orm: Orm) -> tuple[str | None, str | None, list[Message]]:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import MessageRow

            row = self._sessions.open_row(orm, owner, session_id, lock=False)
            self._sessions.no_turn(orm, owner, session_id)
            rows = orm.scalars(
                select(MessageRow)
                .where(MessageRow.session_id == session_id, MessageRow.in_context.is_(True))
                .order_by(MessageRow.seq)
            ).all()
            older = rows[: max(0, len(rows) - body.keep_last)]
            if not any(message.role != "system" for message in older):
                raise conflict("There is nothing to summarize.", messages=len(rows), keep_last=body.keep_last)
            provider, model = row.provider, row.model
            if model == AUTO or (provider is None and model is None):
                provider, model = _last_asked(rows)
            if body.provider and body.provider != provider:
                model = None  # it belongs to the other provider
            return body.provider or provider, body.model or model, [message_of(message) for message in older]

        provider, model, older = await self._services.db.read(read)
        text, usage = await self._summary(owner, session_id, older, body.instructions, provider, model)

        def write(orm: Orm) -> tuple[Message, Session]:
            from sqlalchemy import func, select

            from jupyter_agent.storage.tables import MessageRow

            row = self._sessions.open_row(orm, owner, session_id)
            self._sessions.no_turn(orm, owner, session_id)
            mine = MessageRow.session_id == session_id
            count, last = orm.execute(
                select(func.count(), func.max(MessageRow.seq)).where(
                    mine, MessageRow.in_context.is_(True), MessageRow.seq <= older[-1].seq
                )
            ).one()
            if count != len(older) or orm.get(MessageRow, older[-1].id) is None:
                raise conflict("The messages were changed meanwhile.", session_id=session_id)
            preview = row.preview
            message = self.replace_in(orm, row, last, text, usage)
            if body.keep_last and preview:
                row.preview = preview
            orm.flush()
            return message_of(message), self._sessions.view(orm, row)

        message, session = await self._services.db.write(write)
        self._sessions.published("session_updated", session)
        return Summary(session_id=session_id, message=message, summarized_messages=len(older), usage=usage)

    def replace_in(self, orm: Orm, row: SessionRow, last: int, text: str, usage: Usage | None) -> MessageRow:
        """Takes the messages up to place `last` out of the context; the summary stands where they stood, before those
        that stay."""
        from sqlalchemy import update

        from jupyter_agent.storage.tables import MessageRow

        mine, unsynchronized = MessageRow.session_id == row.id, {"synchronize_session": False}
        orm.execute(
            update(MessageRow).where(mine, MessageRow.seq <= last).values(in_context=False),
            execution_options=unsynchronized,
        )
        # Two steps, so that no two messages ever have the same place.
        orm.execute(
            update(MessageRow).where(mine, MessageRow.seq > last).values(seq=-MessageRow.seq - 2),
            execution_options=unsynchronized,
        )
        orm.execute(
            update(MessageRow).where(mine, MessageRow.seq < 0).values(seq=-MessageRow.seq - 1),
            execution_options=unsynchronized,
        )
        return self._sessions.append_row(
            orm,
            row,
            "system",
            [{"type": "text", "text": text}],
            seq=last + 1,
            usage=usage.model_dump(mode="json") if usage is not None else None,
        )

    async def _summary(
        self,
        owner: str,
        session_id: str,
        messages: Sequence[Message],
        instructions: str | None,
        provider: str | None,
        model: str | None,
    ) -> tuple[str, Usage]:
        """A conversation longer than the model's context is summarized piece by piece."""
        resolved = await self._services.providers.resolve(provider, model)
        window = resolved.context_window or 32_000
        # About 3 characters a token, and half of the window for the summary so far, the instructions and the answer.
        size = min(max(2_000, window * 3 // 2), 400_000)
        lines = [f"{message.role.title()}: {_said(message)}" for message in messages]
        pieces = list(wording.chunks(lines, size))
        if len(pieces) > SUMMARY_CHUNKS:  # longer messages lose their middle rather than old ones everything
            share = max(200, size * SUMMARY_CHUNKS // len(lines))
            lines = [line if len(line) <= share else next(wording.chunks([line], share)) for line in lines]
            pieces = list(wording.chunks(lines, size))[-SUMMARY_CHUNKS:]
        text, total = "", Usage()
        for piece in pieces:
            try:
                text, usage = await self._services.providers.ask(
                    owner,
                    wording.summary_prompt(text, piece, instructions),
                    system=wording.SUMMARY_SYSTEM,
                    purpose="summary",
                    provider=provider,
                    model=model,
                    session_id=session_id,
                    max_output_tokens=min(1024, max(128, window // 8)),
                )
            except ApiError:
                raise
            except Exception as error:  # whatever a provider raises; explain() takes secrets out
                told = self._services.providers.explain(error)
                raise ApiError(
                    503,
                    "provider_error",
                    told.message,
                    details={"code": told.code, "retryable": told.retryable},
                ) from error
            text = clean_text(text).strip()
            total = _sum(total, usage)
            if not text:
                raise ApiError(503, "unavailable", "The model gave no summary.")
        return text, total

    async def titles(self, owner: str, body: Titles) -> TitlesResult:
        def read(orm: Orm) -> list[str]:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import SessionRow

            return list(
                orm.scalars(
                    select(SessionRow.id)
                    .where(
                        SessionRow.owner == owner,
                        SessionRow.title == "",
                        SessionRow.message_count > 0,
                        SessionRow.terminated_at.is_(None),
                    )
                    .order_by(SessionRow.last_activity_at.desc())
                    .limit(body.limit)
                ).all()
            )

        ids = await self._services.db.read(read) if body.session_ids is None else list(dict.fromkeys(body.session_ids))
        items: list[TitledSession] = []
        failed: dict[str, str] = {}
        for session_id in ids[: body.limit]:
            try:
                session = await self._sessions.require(owner, session_id)
                if session.title_source == "user":
                    raise conflict("A person gave the title.")
                if session.status == "terminated":
                    raise conflict("The session is terminated.")
                title = await self._title(session)
            except ApiError as error:
                failed[clean_text(session_id)] = error.message
                continue
            except Exception as error:  # whatever a provider raises; explain() takes secrets out
                failed[session_id] = self._services.providers.explain(error).message
                continue
            if title is None:
                failed[session_id] = "The session has no message to make a title of."
            else:
                items.append(TitledSession(id=session_id, title=title))
        for session_id in ids[body.limit :]:
            failed[clean_text(session_id)] = "Over the limit; ask again."
        return TitlesResult(items=items, failed=failed)

    async def title_session(self, session_id: str) -> str | None:
        def read(orm: Orm) -> Session | None:
            from jupyter_agent.storage.tables import SessionRow

            row = orm.get(SessionRow, session_id)
            return (
                self._sessions.view(orm, row)
                if row is not None and not row.title and row.terminated_at is None
                else None
            )

        session = await self._services.db.read(read)
        if session is None:
            return None
        try:
            return await self._title(session)
        except Exception as error:  # whatever a provider raises; explain() takes secrets out
            log.info("no title by the model for %s: %s", session_id, self._services.providers.explain(error).message)
            said = await self._beginning(session)
            return await self._set_title(session, wording.first_words(said.user), "message")

    async def _title(self, session: Session) -> str | None:
        said = await self._beginning(session)
        if not said.user.strip():
            return None
        text, _ = await self._services.providers.ask(
            session.owner,
            wording.title_prompt(said.user, said.assistant),
            system=wording.TITLE_SYSTEM,
            purpose="title",
            provider=said.provider,
            model=said.model,
            session_id=session.id,
            max_output_tokens=64,
        )
        title = wording.clean_title(clean_text(text))
        if title is not None:
            return await self._set_title(session, title, "model")
        return await self._set_title(session, wording.first_words(said.user), "message")

    async def _beginning(self, session: Session) -> Beginning:
        def read(orm: Orm) -> Beginning:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import MessageRow

            first: dict[str, MessageRow] = {}
            for role in ("user", "assistant"):
                row = orm.scalars(
                    select(MessageRow)
                    .where(MessageRow.session_id == session.id, MessageRow.role == role)
                    .order_by(MessageRow.seq)
                    .limit(1)
                ).first()
                if row is not None:
                    first[role] = row
            provider, model = session.provider, session.model
            if model == AUTO or (provider is None and model is None):
                provider, model = _last_asked(list(first.values()))
            said = {}
            for role, row in first.items():
                names = [part.get("name") or "" for part in row.parts if part.get("type") in ("image", "context")]
                said[role] = row.text.strip() or " ".join(name for name in names if name)
            return Beginning(said.get("user", ""), said.get("assistant", ""), provider, model)

        return await self._services.db.read(read)

    async def _set_title(self, session: Session, title: str | None, source: Literal["model", "message"]) -> str | None:
        if title is None:
            return None

        def write(orm: Orm) -> list[Session]:
            from jupyter_agent.storage.tables import SessionRow, utcnow

            row = orm.get(SessionRow, session.id)
            rows = versions_in(orm, row) if row is not None else []
            # A person may have been faster.
            if row not in rows or any(one.title_source == "user" for one in rows):
                return []
            for one in rows:
                self._sessions.set_title_in(orm, one, title, source)
                one.updated_at = utcnow()
            orm.flush()
            return self._sessions.views(orm, rows)

        views = await self._services.db.write(write)
        for view in views:
            self._sessions.published("session_updated", view)
        return title if views else None


def _last_asked(rows: Sequence[MessageRow]) -> tuple[str | None, str | None]:
    """The provider and model that spoke last. A session without a choice of its own is told to nobody else: what was
    said to an embedded model does not go to the default provider's."""
    return next(((row.provider, row.model) for row in reversed(rows) if row.provider), (None, None))


def _said(message: Message) -> str:
    """What of a message a summary is made of."""
    lines = []
    for part in message.parts:
        if isinstance(part, TextPart):
            lines.append(part.text)
        elif isinstance(part, ContextPart):
            lines.append(f"[attached {part.kind} {part.name}]\n{part.text}")
        elif isinstance(part, ImagePart):
            lines.append(f"[picture {part.name or ''}]")
        elif isinstance(part, ToolResultPart):
            lines.append(f"[result of {part.name or 'a tool'}] {part.content}")
        elif part.type == "tool_call":
            lines.append(f"[called {part.name} with {part.args}]")
    return "\n".join(lines)


def _sum(first: Usage, second: Usage) -> Usage:
    costs = [Decimal(usage.cost) for usage in (first, second) if usage.cost is not None]
    return Usage(
        input=first.input + second.input,
        output=first.output + second.output,
        cache_read=first.cache_read + second.cache_read,
        cache_write=first.cache_write + second.cache_write,
        requests=first.requests + second.requests,
        cost=money(sum(costs, Decimal(0))) if costs else None,
    )
