"""Why models were asked: what `turns` and `providers` wrote down when they chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_agent.api.models import Page
from jupyter_agent.observatory.models import Candidate, ModelName, ModelSelection, TurnModelSelection

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import ModelSelectionRow


class Selections:
    """Why models were asked."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def of_turn(self, owner: str, turn_id: str) -> TurnModelSelection:
        """A turn's, in their order. Raises ApiError 404 for a turn that is not the owner's."""

        def read(orm: Orm) -> list[ModelSelection]:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import ModelSelectionRow
            from jupyter_agent.turns.rows import turn_row

            turn_row(orm, owner, turn_id)
            rows = orm.scalars(
                select(ModelSelectionRow)
                .where(ModelSelectionRow.turn_id == turn_id)
                .order_by(ModelSelectionRow.created_at, ModelSelectionRow.id)
            )
            return [selection_of(row) for row in rows]

        return TurnModelSelection(turn_id=turn_id, items=await self._services.db.read(read))

    async def page(
        self, owner: str, limit: int, offset: int, *, provider: str | None, model: str | None, strategy: str | None
    ) -> Page[ModelSelection]:
        """All of the owner's that fit, newest first."""

        def read(orm: Orm) -> tuple[list[ModelSelection], int]:
            from sqlalchemy import func, select

            from jupyter_agent.storage.tables import ModelSelectionRow as Row

            wanted = {"provider": provider, "model": model, "strategy": strategy}
            where = [Row.owner == owner]
            where += [getattr(Row, name) == value for name, value in wanted.items() if value is not None]
            rows = orm.scalars(
                select(Row).where(*where).order_by(Row.created_at.desc(), Row.id.desc()).limit(limit).offset(offset)
            ).all()
            total = orm.scalar(select(func.count()).select_from(Row).where(*where)) or 0
            return [selection_of(row) for row in rows], total

        items, total = await self._services.db.read(read)
        return Page(items=items, total=total, limit=limit, offset=offset)


def selection_of(row: ModelSelectionRow) -> ModelSelection:
    """A row as it goes over the wire."""
    return ModelSelection(
        id=row.id,
        session_id=row.session_id,
        turn_id=row.turn_id,
        step=row.step,
        purpose=row.purpose,
        provider=row.provider,
        model=row.model,
        strategy=row.strategy,
        reason=row.reason,
        complexity=row.complexity,
        primary=_name(row.primary_model),
        override=_name(row.override),
        fallback_from=_name(row.fallback_from),
        candidates=[Candidate.model_validate(one) for one in row.candidates],
        excerpt=row.excerpt,
        created_at=row.created_at,
    )


def _name(value: dict[str, Any] | None) -> ModelName | None:
    return ModelName.model_validate(value) if value is not None else None
