"""What models were sent, read. Written by `contexts`, in the transaction of each request's line in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jupyter_agent.api.errors import not_found
from jupyter_agent.api.redaction import redact
from jupyter_agent.observatory import tokens
from jupyter_agent.observatory.models import CacheUse, ContextItem, ContextSnapshot, TurnContext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import ContextSnapshotRow, ModelRequestRow


class Snapshots:
    """What models were sent."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def of_turn(self, owner: str, turn_id: str) -> TurnContext:
        """Every request of a turn, the first one first, without contents. Raises ApiError: 404."""

        def read(orm: Orm) -> TurnContext:
            from jupyter_agent.turns.rows import turn_row

            id = turn_row(orm, owner, turn_id).id
            rows = _rows(orm, id)
            return TurnContext(turn_id=id, items=[_snapshot(row, request, rows) for row, request in rows.values()])

        return await self._services.db.read(read)

    async def get(self, owner: str, turn_id: str, request_id: str) -> ContextSnapshot:
        """One request with what was sent. Raises ApiError: 404 for a turn or request that is not there, or somebody
        else's."""

        def read(orm: Orm) -> ContextSnapshot:
            from jupyter_agent.turns.rows import turn_row

            rows = _rows(orm, turn_row(orm, owner, turn_id).id)
            if request_id not in rows:
                raise not_found("model request", request_id)
            row, request = rows[request_id]
            snapshot = _snapshot(row, request, rows)
            contents = _contents(orm, row.session_id, {item.sha256 for item in snapshot.items})
            for item in snapshot.items:
                text = contents.get(item.sha256)
                # Once more: a key may have become known since.
                item.content = redact(text) if text is not None else None
            return snapshot

        return await self._services.db.read(read)


Rows = dict[str, "tuple[ContextSnapshotRow, ModelRequestRow | None]"]


def _rows(orm: Orm, turn_id: str) -> Rows:
    from sqlalchemy import select

    from jupyter_agent.storage.tables import ContextSnapshotRow, ModelRequestRow

    found = orm.execute(
        select(ContextSnapshotRow, ModelRequestRow)
        .outerjoin(ModelRequestRow, ModelRequestRow.id == ContextSnapshotRow.id)
        .where(ContextSnapshotRow.turn_id == turn_id)
        .order_by(ContextSnapshotRow.created_at, ContextSnapshotRow.id)
    )
    return {row.id: (row, request) for row, request in found}


def _contents(orm: Orm, session_id: str, wanted: set[str]) -> dict[str, str]:
    from sqlalchemy import select

    from jupyter_agent.storage.tables import ContextContentRow

    found: dict[str, str] = {}
    hashes = list(wanted)
    for at in range(0, len(hashes), 500):
        rows = orm.execute(
            select(ContextContentRow.sha256, ContextContentRow.data).where(
                ContextContentRow.session_id == session_id, ContextContentRow.sha256.in_(hashes[at : at + 500])
            )
        )
        found |= {row.sha256: row.data for row in rows}
    return found


def _items(row: ContextSnapshotRow, rows: Rows) -> list[dict[str, Any]]:
    """All items, those too that are written down with an earlier request."""
    if not row.items or "of" not in row.items[0]:
        return list(row.items)
    first, own = row.items[0], row.items[1:]
    earlier = rows.get(first["of"])
    before: Sequence[dict[str, Any]] = _items(earlier[0], rows)[: first["first"]] if earlier is not None else []
    return [*before, *own]


def _snapshot(row: ContextSnapshotRow, request: ModelRequestRow | None, rows: Rows) -> ContextSnapshot:
    from jupyter_agent.api.models import Usage
    from jupyter_agent.providers.pricing import money

    items = _items(row, rows)
    counts = tokens.in_proportion([item["tokens"] for item in items], row.total)
    read = request.cache_read_tokens if request is not None else 0
    sent = request.input_tokens if request is not None else 0
    usage = Usage()
    if request is not None:
        usage = Usage(
            input=request.input_tokens,
            output=request.output_tokens,
            cache_read=request.cache_read_tokens,
            cache_write=request.cache_write_tokens,
            requests=1,
            cost=money(request.cost),
        )
    return ContextSnapshot(
        id=row.id,
        turn_id=row.turn_id,
        session_id=row.session_id,
        step=row.step,
        purpose=row.purpose,
        provider=row.provider,
        model=row.model,
        complexity=row.complexity,
        budget=row.budget,
        context_window=row.context_window,
        tokens=row.tokens,
        total=row.total,
        source=row.source,
        tokenizer=row.tokenizer,
        history_depth=row.history_depth,
        history_total=row.history_total,
        left_out=row.left_out,
        retrieved=row.retrieved,
        compaction=row.compaction,
        cache=CacheUse(read=read, write=usage.cache_write, hit_rate=round(min(1.0, read / sent), 4) if sent else None),
        usage=usage,
        settings=row.settings,
        duration_ms=request.duration_ms if request is not None else None,
        first_token_ms=request.first_token_ms if request is not None else None,
        error_code=request.error_code if request is not None else None,
        items=[ContextItem(**{**item, "tokens": count}) for item, count in zip(items, counts, strict=True)],
        created_at=row.created_at,
    )
