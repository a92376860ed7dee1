"""How a turn is closed in its row, its conversation and its session's totals: after a normal end and after a crash."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from jupyter_agent.turns.models import StopReason, TurnError
from jupyter_agent.turns.parts import MessagesBuilder
from jupyter_agent.turns.rows import usage_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import TurnRow


def finish_in(
    services: Services,
    orm: Orm,
    row: TurnRow,
    builder: MessagesBuilder,
    reason: StopReason,
    error: TurnError | None,
    event_count: int,
) -> None:
    """Closes a turn in its row, its conversation and its session's totals."""
    from jupyter_agent.storage.tables import SessionRow, utcnow

    now = utcnow()
    row.status, row.stop_reason, row.finished_at = "finished", reason, now
    row.error = error.model_dump() if error is not None else None
    row.event_count = event_count
    # Locked: a title's or summary's request may be counted at the same moment.
    session = orm.get(SessionRow, row.session_id, with_for_update=True)
    assert session is not None, "a turn's row goes with its session's"
    messages = builder.finished()
    for index, message in enumerate(messages):
        is_last = index == len(messages) - 1 and message.role == "assistant"
        agents = message.role == "assistant"
        services.sessions.append_in(
            orm,
            session,
            message.role,
            message.parts,
            turn_id=row.id,
            usage=usage_of(row) if is_last else None,
            stop_reason=reason if is_last else None,
            duration_ms=int((now - (row.started_at or now)).total_seconds() * 1000) if is_last else None,
            provider=row.provider if agents else None,
            model=row.model if agents else None,
        )
    session.input_tokens += row.input_tokens
    session.output_tokens += row.output_tokens
    session.cache_read_tokens += row.cache_read_tokens
    session.cache_write_tokens += row.cache_write_tokens
    session.requests += row.requests
    if row.cost is not None:
        session.cost = (session.cost or Decimal(0)) + row.cost
    session.last_activity_at = session.updated_at = now
