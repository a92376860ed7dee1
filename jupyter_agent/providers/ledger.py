"""The ledger of model requests, and its sums: written in one transaction, so that they always agree."""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from sqlalchemy import Insert, Table
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.storage.tables import ModelRequestRow

BUCKET_SECONDS = 900
BUCKETS_AN_HOUR = 3_600 // BUCKET_SECONDS
BUCKETS_A_DAY = 24 * BUCKETS_AN_HOUR


def add_in(orm: Orm, row: ModelRequestRow) -> None:
    """Adds a request to the ledger and to its sums; one for a session that no turn made (a title, a summary) also
    counts in the session's totals, which a turn's own are added to when it ends."""
    from sqlalchemy import func, literal, update

    from jupyter_agent.storage.tables import Money, SessionRow, utcnow

    if row.created_at is None:
        row.created_at = utcnow()
    orm.add(row)
    _sum(orm, row)
    if row.session_id is None or row.turn_id is not None:
        return
    totals: dict[str, Any] = {"requests": SessionRow.requests + 1}
    for name in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"):
        totals[name] = getattr(SessionRow, name) + (getattr(row, name) or 0)
    if row.cost is not None:
        totals["cost"] = func.coalesce(SessionRow.cost, literal(Decimal(0), Money)) + row.cost
    orm.execute(
        update(SessionRow).where(SessionRow.id == row.session_id).values(totals),
        execution_options={"synchronize_session": False},
    )


def counts(row: ModelRequestRow) -> dict[str, Any]:
    """What a request adds to the sums of its bucket."""
    read = row.cache_read_tokens or 0
    used = (row.input_tokens or 0) + (row.output_tokens or 0)
    return {
        "requests": 1,
        "errors": int(row.error_code is not None),
        "input_tokens": row.input_tokens or 0,
        "output_tokens": row.output_tokens or 0,
        "cache_read_tokens": read,
        "cache_write_tokens": row.cache_write_tokens or 0,
        "cache_hits": int(read > 0),
        "counted": int(used > 0),
        "cost": row.cost or Decimal(0),
        "saved": row.saved or Decimal(0),
        "unpriced": int(row.cost is None and used > 0),
        "duration_ms": row.duration_ms or 0,
        "first_token_ms": row.first_token_ms or 0,
        "first_tokens": int(row.first_token_ms is not None),
    }


def _sum(orm: Orm, row: ModelRequestRow) -> None:
    """In the same order everywhere, and sums before the session's row and the turn's: transactions that wait for each
    other's rows then never do so in a circle."""
    bucket = int(row.created_at.timestamp() // BUCKET_SECONDS)
    added = counts(row)
    values = {
        "owner": row.owner,
        "session_id": row.session_id or "",
        "provider": row.provider,
        "model": row.model,
        "purpose": row.purpose or "turn",
        "hour": bucket // BUCKETS_AN_HOUR,
        "bucket": bucket,
        "day": bucket // BUCKETS_A_DAY,
        **added,
    }
    connection = orm.connection()
    for statement, names in _additions(connection.dialect.name, tuple(added)):
        connection.execute(statement, {name: values[name] for name in names})


@functools.cache
def _additions(dialect: str, added: tuple[str, ...]) -> list[tuple[Insert, list[str]]]:
    """How a request is added to each of the sums, and the values that takes. Made once: to build the statements takes
    longer than to carry them out."""
    from sqlalchemy.dialects import postgresql, sqlite

    from jupyter_agent.storage.tables import UsageBucketRow, UsageDayRow, UsageHourRow, UsageQuarterRow

    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    made: list[tuple[Insert, list[str]]] = []
    for row in (UsageHourRow, UsageQuarterRow, UsageDayRow, UsageBucketRow):
        table = cast("Table", row.__table__)
        key = [column.name for column in table.primary_key]
        statement = insert(table)
        summed = {name: table.c[name] + statement.excluded[name] for name in added}
        made.append((statement.on_conflict_do_update(index_elements=key, set_=summed), [*key, *added]))
    return made
