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
    from jupyter_agent.tools.models import Approval


def finish_in(
    services: Services,
    orm: Orm,
    row: TurnRow,
    builder: MessagesBuilder,
    reason: StopReason,
    error: TurnError | None,
    event_count: int,
) -> list[Approval]:
    """Closes a turn in its row, its conversation and its session's totals; gives the approvals that nobody waits for
    any more."""
    from sqlalchemy import delete, update

    from jupyter_agent.storage.tables import SessionRow, ToolCallRow, TurnStateRow, utcnow

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
    unsynchronized = {"synchronize_session": False}
    orm.execute(delete(TurnStateRow).where(TurnStateRow.turn_id == row.id), execution_options=unsynchronized)
    orm.execute(
        update(ToolCallRow)
        .where(ToolCallRow.turn_id == row.id, ToolCallRow.status.in_(("waiting", "running")))
        .values(status="cancelled", finished_at=now),
        execution_options=unsynchronized,
    )
    return services.tools.approvals.cancel_in(orm, row.id)
