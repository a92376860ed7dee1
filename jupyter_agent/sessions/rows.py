"""From rows to what goes over the wire, and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from jupyter_agent.api.models import Page, Usage
from jupyter_agent.sessions.models import Message, MessageVersion, Session, SessionStatus
from jupyter_agent.sessions.versions import versions_of
from jupyter_agent.storage.search import clean
from jupyter_agent.turns.models import Part, TurnStatus

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.storage.tables import MessageRow, SessionRow
    from jupyter_agent.tools.models import Mode

UNFINISHED: tuple[TurnStatus, ...] = ("queued", "running", "waiting")


class RunningTurn(NamedTuple):
    id: str
    waiting: bool
    """For a person."""


def running_turns(orm: Orm, owner: str, session_ids: Sequence[str]) -> dict[str, RunningTurn]:
    """The turn that is not finished, by session. Reads no finished turn, however many there are."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import TurnRow

    if not session_ids:
        return {}
    rows = orm.execute(
        select(TurnRow.session_id, TurnRow.id, TurnRow.status)
        .where(TurnRow.owner == owner, TurnRow.status.in_(UNFINISHED), TurnRow.session_id.in_(session_ids))
        .order_by(TurnRow.seq.desc())
    )
    return {row.session_id: RunningTurn(row.id, row.status == "waiting") for row in rows}


def session_of(
    row: SessionRow, running: RunningTurn | None, idle_before: datetime, standing: int, *, branched: bool
) -> Session:
    """`standing`: versions of the conversation that are not terminated."""
    status: SessionStatus = "active"
    if row.terminated_at is not None:
        status = "terminated"
    elif row.archived_at is not None:
        status = "archived"
    elif row.last_activity_at < idle_before and running is None:
        status = "idle"
    return Session(
        id=row.id,
        owner=row.owner,
        title=row.title,
        title_source=cast("Any", row.title_source),
        status=status,
        channel=row.channel,
        agent=row.agent,
        project=row.project,
        notebook=row.notebook,
        provider=row.provider,
        model=row.model,
        parent_id=row.parent_id,
        branched_from_turn_id=row.branched_from_turn_id,
        branched=branched,
        conversation_id=row.conversation_id,
        version_count=standing + (row.terminated_at is not None),
        message_count=row.message_count,
        turn_count=row.turn_count or 0,
        running_turn_id=running.id if running is not None else None,
        waiting=running is not None and running.waiting,
        mode=cast("Mode | None", row.mode),
        usage=Usage(
            input=row.input_tokens or 0,
            output=row.output_tokens or 0,
            cache_read=row.cache_read_tokens or 0,
            cache_write=row.cache_write_tokens or 0,
            requests=row.requests or 0,
            cost=money(row.cost),
        ),
        preview=row.preview,
        shared=row.share_token is not None,
        metadata=row.meta,
        created_at=row.created_at,
        updated_at=row.updated_at,
        last_activity_at=row.last_activity_at,
    )


def message_of(row: MessageRow, versions: tuple[list[MessageVersion], int] = ([], 0)) -> Message:
    return Message(
        id=row.id,
        session_id=row.session_id,
        turn_id=row.turn_id,
        seq=row.seq,
        role=cast("Any", row.role),
        parts=row.parts,
        text=row.text,
        provider=row.provider,
        model=row.model,
        usage=Usage.model_validate(row.usage) if row.usage else None,
        stop_reason=row.stop_reason,
        duration_ms=row.duration_ms,
        in_context=row.in_context,
        versions=versions[0],
        version=versions[1],
        created_at=row.created_at,
    )


def message_page(
    orm: Orm,
    session: SessionRow,
    *,
    versions: bool = False,
    order: Literal["asc", "desc"] = "asc",
    after_seq: int | None = None,
    limit: int,
    offset: int,
) -> Page[Message]:
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import MessageRow

    where = [MessageRow.session_id == session.id]
    if after_seq is not None:
        where.append(MessageRow.seq > after_seq)
    total = orm.scalar(select(func.count()).select_from(MessageRow).where(*where)) or 0
    by = MessageRow.seq.asc() if order == "asc" else MessageRow.seq.desc()
    rows = orm.scalars(select(MessageRow).where(*where).order_by(by).limit(limit).offset(offset)).all()
    found = versions_of(orm, session, rows) if versions else {}
    items = [message_of(row, found.get(row.id, ([], 0))) for row in rows]
    return Page(items=items, total=total, limit=limit, offset=offset)


def forget_turns(orm: Orm, session_id: str, *, logs: bool = False) -> None:
    """Takes what was said and done out of the session's turns. Without `logs`, their logs keep the one line that says
    how each ended, so that a reader of the log comes to its end.

    What they changed in notebooks and files stays as long as the turns, so that it can be undone."""
    from sqlalchemy import delete, select, update

    from jupyter_agent.storage.tables import (
        AnalysisRow,
        ContextContentRow,
        ContextSnapshotRow,
        FeedbackRow,
        GuidanceRow,
        ModelSelectionRow,
        ToolCallRow,
        TurnEventRow,
        TurnRow,
    )

    turns = select(TurnRow.id).where(TurnRow.session_id == session_id).scalar_subquery()
    unsynchronized = {"synchronize_session": False}
    for table in (GuidanceRow, ToolCallRow):  # approvals go with their calls
        orm.execute(delete(table).where(table.turn_id.in_(turns)), execution_options=unsynchronized)
    # The numbers stay, not what was sent, nor what a model made of it.
    for kept in (ContextContentRow, AnalysisRow):
        orm.execute(delete(kept).where(kept.session_id == session_id), execution_options=unsynchronized)
    for text in (FeedbackRow.comment, ModelSelectionRow.excerpt):
        orm.execute(
            update(text.class_).where(text.class_.session_id == session_id).values({text: ""}),
            execution_options=unsynchronized,
        )
    orm.execute(
        update(ContextSnapshotRow)
        .where(ContextSnapshotRow.session_id == session_id)
        .values(items=[], retrieved=[], settings={}),
        execution_options=unsynchronized,
    )
    orm.execute(
        delete(TurnEventRow).where(
            TurnEventRow.turn_id.in_(turns), *([] if logs else [TurnEventRow.type != "turn_finished"])
        ),
        execution_options=unsynchronized,
    )
    orm.execute(
        update(TurnEventRow).where(TurnEventRow.turn_id.in_(turns)).values(index=0), execution_options=unsynchronized
    )
    orm.execute(
        update(TurnRow)
        .where(TurnRow.session_id == session_id)
        .values(message="", request={}, interrupt_message=None, meta={}, event_count=1),
        execution_options=unsynchronized,
    )


def stored(parts: Sequence[Part] | Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts as JSON values that every database takes. Raises ValueError for a picture that is no blob yet."""
    kept = []
    for part in parts:
        value = part if isinstance(part, dict) else part.model_dump(mode="json", exclude_none=True)
        if value["type"] == "image" and value.get("data") is not None:
            raise ValueError("a picture is kept as a blob")
        kept.append(clean(value))
    return kept


def money(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount.normalize(), "f")
