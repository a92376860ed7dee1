"""From a turn's row to what goes over the wire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from jupyter_agent.api.errors import not_found
from jupyter_agent.api.models import Usage
from jupyter_agent.turns.models import Turn

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.storage.tables import TurnRow

DEFAULT_AGENT = "default"
UNFINISHED = ("queued", "running", "waiting")


def turn_row(orm: Orm, owner: str, turn_id: str, *, lock: bool = False) -> TurnRow:
    """The row. Raises ApiError 404."""
    from jupyter_agent.storage.tables import TurnRow

    row = None if "\x00" in turn_id else orm.get(TurnRow, turn_id, with_for_update=lock or None)
    if row is None or row.owner != owner:
        raise not_found("turn", turn_id)
    return row


def usage_of(row: TurnRow) -> Usage:
    from jupyter_agent.providers.pricing import money

    return Usage(
        input=row.input_tokens,
        output=row.output_tokens,
        cache_read=row.cache_read_tokens,
        cache_write=row.cache_write_tokens,
        requests=row.requests,
        cost=money(row.cost),
    )


def turns_of(orm: Orm, rows: Iterable[TurnRow]) -> list[Turn]:
    """The rows as they go over the wire, without the answers."""
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import ApprovalRow

    rows = list(rows)
    waiting = [row.id for row in rows if row.status == "waiting"]
    pending: dict[str, int] = {}
    if waiting:
        found = orm.execute(
            select(ApprovalRow.turn_id, func.count().label("pending"))
            .where(ApprovalRow.turn_id.in_(waiting), ApprovalRow.status == "pending")
            .group_by(ApprovalRow.turn_id)
        )
        pending = {row.turn_id: row.pending for row in found}
    return [turn_of(row, pending.get(row.id, 0)) for row in rows]


def turn_of(row: TurnRow, pending_approvals: int = 0) -> Turn:
    """A row as it goes over the wire, without the answer."""
    return Turn.model_validate(
        {
            "id": row.id,
            "session_id": row.session_id,
            "status": row.status,
            "stop_reason": row.stop_reason,
            "error": row.error,
            "agent": row.agent,
            "provider": row.provider,
            "model": row.model,
            "usage": usage_of(row),
            "steps": row.steps,
            "message": row.message,
            "retry_of": row.retry_of,
            "pending_approvals": pending_approvals,
            "event_count": row.event_count,
            "created_at": row.created_at,
            "started_at": row.started_at,
            "finished_at": row.finished_at,
            "metadata": row.meta,
        }
    )
