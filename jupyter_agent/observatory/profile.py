"""How somebody worked in a period: sums of the whole of it, and the facts of its newest turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from jupyter_agent.observatory.facts import TurnFacts, mean
from jupyter_agent.observatory.grouping import Answer, Question
from jupyter_agent.observatory.models import Profile
from jupyter_agent.observatory.periods import Span
from jupyter_agent.observatory.reading import Prices, read_turns
from jupyter_agent.observatory.recommendations import Work
from jupyter_agent.providers.pricing import money

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.config import BudgetSettings

NEWEST = 500
"""Turns that the rules look at: enough to tell, and read in a moment however many there are."""
OF_TURNS = ("turn", "reflection")
BILLION = Decimal(1_000_000_000)
FAILED = "provider_error"


def read_work(
    orm: Orm, owner: str, span: Span, prices: Prices, settings: BudgetSettings, now: datetime | None = None
) -> Work:
    """What the rules look at. The sums are read from the buckets, so that a year takes no longer than a week."""
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import TurnRow

    mine = [TurnRow.owner == owner]
    if span.start is not None:
        mine.append(TurnRow.created_at >= span.start)
    ids = orm.scalars(select(TurnRow.id).where(*mine).order_by(TurnRow.created_at.desc()).limit(NEWEST)).all()
    turns = [turn for turn in read_turns(orm, ids, prices) if turn.stop_reason is not None] if ids else []
    count, first = len(turns), min((turn.created_at for turn in turns if turn.created_at is not None), default=None)
    sessions = len({turn.session_id for turn in turns})
    if len(ids) == NEWEST:
        count, first = orm.execute(select(func.count(), func.min(TurnRow.created_at)).where(*mine)).one()
        asked = Answer(orm, Question(owner, span, UTC, ("session",), {"purpose": "turn"}))
        sessions = orm.scalar(select(func.count()).select_from(asked.grouped(()).subquery())) or 0
    costs: Counter[str] = Counter()
    requests: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for row in orm.execute(Answer(orm, Question(owner, span, UTC, ("purpose",))).grouped()):
        costs[row.by_purpose] += row.cost
        requests[row.by_purpose] += row.requests
        if row.by_purpose in OF_TURNS:
            sums.update(
                {
                    name: getattr(row, name)
                    for name in ("cost", "input_tokens", "output_tokens", "cache_hits", "counted")
                }
            )
    first = min(filter(None, (first, _first_request(orm, owner, span))), default=None)
    seconds = ((now or datetime.now(UTC)) - first).total_seconds() if first is not None else 0
    return Work(
        profile=_profile(turns, count, sessions, sum(costs.values()), sums),
        turns=turns,
        days=max(seconds / 86_400, 1.0),
        costs={purpose: cost / BILLION for purpose, cost in costs.items()},
        requests=requests,
        prices={(turn.provider, turn.model): prices.of(turn.provider, turn.model) for turn in turns if turn.model},
        offered=_offered(orm, turns),
        has_budget=_has_budget(orm, owner, settings),
    )


def _first_request(orm: Orm, owner: str, span: Span) -> datetime | None:
    """When the period's first request was made, to the hour: its turn may be gone with its session."""
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import UsageHourRow

    hours = select(func.min(UsageHourRow.hour)).where(UsageHourRow.owner == owner)
    if span.start is not None:
        hours = hours.where(UsageHourRow.hour >= int(span.start.timestamp()) // 3600)
    hour = orm.scalar(hours)
    if hour is None:
        return None
    began = datetime.fromtimestamp(hour * 3600, UTC)
    return began if span.start is None else max(began, span.start)


def _profile(turns: Sequence[TurnFacts], count: int, sessions: int, cost: int, sums: Counter[str]) -> Profile:
    pressures = [turn.pressure for turn in turns if turn.pressure is not None]
    seen = [turn for turn in turns if turn.first]
    grades = [turn.grade for turn in turns if turn.grade is not None]
    calls = sum(turn.tool_calls for turn in turns)
    failures = sum(turn.tool_failures for turn in turns)
    return Profile.model_validate(
        {
            "turns": count,
            "sessions": sessions,
            "total_cost": money(cost / BILLION),
            "average_cost": money((sums["cost"] / BILLION / count).quantize(Decimal("1e-9"))) if count else None,
            "average_input_tokens": sums["input_tokens"] / count if count else 0,
            "average_output_tokens": sums["output_tokens"] / count if count else 0,
            "average_message_characters": mean(turn.message_characters for turn in turns) or 0,
            "turns_per_session": count / sessions if sessions else 0,
            "models": dict(Counter(turn.key for turn in turns if turn.key).most_common()),
            "complexity": dict(sorted(Counter(turn.complexity for turn in turns if turn.complexity).items())),
            "tool_calls": calls,
            "tool_success_rate": (calls - failures) / calls if calls else None,
            "cache_hit_rate": sums["cache_hits"] / sums["counted"] if sums["counted"] else None,
            "average_budget_utilization": mean(pressures),
            "context_pressure_rate": mean(pressure > 0.8 for pressure in pressures),
            "memory_rate": mean(turn.remembered > 0 for turn in seen),
            "average_grade": mean(grades),
            "grade_coverage": len(grades) / len(turns) if turns else 0,
            "retry_rate": mean(turn.retry_of is not None for turn in turns) or 0,
            "error_rate": mean(turn.stop_reason == FAILED for turn in turns) or 0,
        }
    )


def _offered(orm: Orm, turns: Sequence[TurnFacts]) -> list[str]:
    """The tools that the newest turn with any was given."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import ContextSnapshotRow as Row

    newest = next((turn for turn in reversed(turns) if turn.first.get("tools")), None)
    if newest is None:
        return []
    # The first request's: later ones refer to it.
    items = orm.scalars(
        select(Row.items).where(Row.turn_id == newest.turn_id, Row.purpose == "turn").order_by(Row.id).limit(1)
    ).one()
    return sorted({item["title"] for item in items if item.get("part") == "tools"})


def _has_budget(orm: Orm, owner: str, settings: BudgetSettings) -> bool:
    from sqlalchemy import select

    from jupyter_agent.storage.tables import BudgetRow

    names = (f"{scope}_{kind}" for scope in ("turn", "session", "day", "month", "user") for kind in ("soft", "hard"))
    if any(getattr(settings, name) for name in names):
        return True
    return orm.scalars(select(BudgetRow.owner).where(BudgetRow.owner == owner).limit(1)).first() is not None
