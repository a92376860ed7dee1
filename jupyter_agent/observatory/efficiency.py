"""What models gave for what they took: from the ledger, its sums, the contexts that were sent, and grades.

How each number is made is said where it is made; docs/statistics.md has them all in one list."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from jupyter_agent.api.models import Usage
from jupyter_agent.observatory import periods
from jupyter_agent.observatory.grouping import Added, Answer, Question, dollars, steady
from jupyter_agent.observatory.models import (
    Attribution,
    Complexity,
    ContextPartName,
    EfficiencyCost,
    EfficiencyPoint,
    EfficiencyQuality,
    EfficiencyReport,
    EfficiencyTotals,
    EfficiencyTrend,
    GradeWith,
    ModelEfficiency,
)
from jupyter_agent.observatory.periods import Span
from jupyter_agent.observatory.statistics import quarter, ratio
from jupyter_agent.providers.pricing import money

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services

Model = tuple[str, str]
"""Provider and model."""
PRESSURE = 0.8
"""Share of the context budget from which on there is pressure."""
GOOD = 4
"""The least grade of a good turn."""
MEMORIES: tuple[ContextPartName, ...] = ("memory", "skills", "knowledge")
PARTS: tuple[ContextPartName, ...] = get_args(ContextPartName)
BILLION = 1_000_000_000


@dataclass
class Grades:
    """Grades of turns that are alike."""

    sum: int = 0
    count: int = 0

    def add(self, sum: int, count: int) -> None:
        self.sum += sum
        self.count += count

    @property
    def average(self) -> float | None:
        return ratio(self.sum, self.count)

    @property
    def shown(self) -> GradeWith:
        return GradeWith(average=self.average, count=self.count)


@dataclass
class Known:
    """What was read of a model."""

    halves: tuple[Added, Added] = field(default_factory=lambda: (Added(), Added()))
    turns: list[int] = field(default_factory=lambda: [0, 0])
    p95: float | None = None
    wasted: int = 0
    context: Any = None
    """Sums of its contexts."""
    grades: tuple[Grades, Grades] = field(default_factory=lambda: (Grades(), Grades()))
    graded_cost: int = 0
    by_complexity: dict[Complexity, Grades] = field(default_factory=lambda: defaultdict(Grades))
    by_memory: dict[bool, Grades] = field(default_factory=lambda: defaultdict(Grades))

    @property
    def all(self) -> Added:
        both = Added()
        for half in self.halves:
            both.join(half)
        return both


@dataclass
class Read:
    """All that was read."""

    models: dict[Model, Known] = field(default_factory=lambda: defaultdict(Known))
    points: dict[tuple[datetime, Model], Added] = field(default_factory=lambda: defaultdict(Added))
    point_turns: dict[tuple[datetime, Model], int] = field(default_factory=lambda: defaultdict(int))


class Efficiency:
    """What models gave for what they took."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def report(
        self, owner: str, *, period: str, provider: str | None, model: str | None, timezone: str | None
    ) -> EfficiencyReport:
        """Each model that was asked in the period, by day (by hour in the last hours). Raises ApiError 422 for a zone
        that there is not."""
        where = periods.zone(self._services.settings, timezone)
        span = periods.span(period, where)
        unit = "hour" if period in periods.HOURS else "day"
        question = Question(owner, span, where, (unit, "provider", "model"), {"provider": provider, "model": model})
        dialect = self._services.db.dialect
        found = await self._services.db.read(lambda orm: _read(steady(orm), question, dialect))
        # The price list is loaded from a file the first time.
        models = await asyncio.to_thread(
            lambda: {f"{key[0]}/{key[1]}": self._model(key, known) for key, known in sorted(found.models.items())}
        )
        return EfficiencyReport(
            period=period,
            timezone=periods.zone_name(where),
            models=models,
            time_series=[_point(found, *key) for key in sorted(found.points)],
            totals=_totals(models),
        )

    def _model(self, key: Model, known: Known) -> ModelEfficiency:
        provider, model = key
        sums, turns, context = known.all, sum(known.turns), known.context
        requests, tokens = sums.requests, int(context.total) if context is not None else 0
        attribution = self._attribution(key, sums, context) if tokens else {}
        grades = Grades()
        for half in known.grades:
            grades.add(half.sum, half.count)
        trend = _trend(known)
        return ModelEfficiency(
            provider=provider,
            model=model,
            total_turns=turns,
            requests=requests,
            error_rate=ratio(sums.errors, requests) or 0.0,
            output_density=_density(sums),
            budget_utilization=_float(context.utilization) if context is not None else None,
            memory_roi=ratio(int(context.good), int(context.graded)) if context is not None else None,
            system_prompt_weight=ratio(int(context.system_prompt), tokens) if context is not None else None,
            cache_hit_rate=_hit_rate(sums),
            context_pressure_rate=ratio(int(context.pressed), int(context.limited)) if context is not None else None,
            average_ms=ratio(sums.duration_ms, requests),
            p95_ms=known.p95,
            average_first_token_ms=ratio(sums.first_token_ms, sums.first_tokens),
            tokens_per_second=ratio(sums.output_tokens * 1000, sums.duration_ms),
            cost=EfficiencyCost(
                total=dollars(sums.cost),
                per_output_token=_each(sums.cost, sums.output_tokens),
                effective_per_turn=_each(sums.cost, turns),
                cache_savings=dollars(sums.saved),
                cumulative_trend=trend.cost_per_turn,
                attribution=attribution,
                wasted_budget_cost=dollars(known.wasted),
            ),
            trend=trend,
            quality=EfficiencyQuality(
                average_grade=grades.average,
                grade_count=grades.count,
                grade_coverage=ratio(grades.count, turns) or 0.0,
                cost_per_quality_point=_each(known.graded_cost, grades.sum),
                by_complexity={level: one.shown for level, one in sorted(known.by_complexity.items())},
                with_memory=known.by_memory[True].shown,
                without_memory=known.by_memory[False].shown,
                trend=_less(known.grades[1].average, known.grades[0].average),
            ),
        )

    def _attribution(self, key: Model, sums: Added, context: Any) -> dict[ContextPartName, Attribution]:
        """Each part's tokens, its share of all tokens sent, and the same share of what the input cost: what the
        requests cost less the price of the tokens that came back. What the cache saved is shared by all parts."""
        output = Usage(input=0, output=sums.output_tokens)
        price, _ = self._services.providers.price(*key, output)
        paid = None if price is None else max(Decimal(sums.cost) / BILLION - price, Decimal(0))
        total = int(context.total)
        found: dict[ContextPartName, Attribution] = {}
        for part in PARTS:
            if tokens := int(getattr(context, part)):
                cost = None if paid is None else money(paid * tokens / total)
                found[part] = Attribution(tokens=tokens, cost=cost, share=tokens / total)
        return found


def _read(orm: Orm, question: Question, dialect: str) -> Read:
    found = Read()
    middle = _middle(orm, question)
    for half, span in enumerate(_halves(question.span, middle)):
        answer = Answer(orm, replace(question, span=span))
        for row in orm.execute(answer.grouped()):
            key = (row.by_provider, row.by_model)
            found.models[key].halves[half].add(row)
            found.points[answer.moment(row.moment), key].add(row)
    answer = Answer(orm, question)
    _read_turns(orm, answer, dialect, middle, found)
    _read_requests(orm, question, found.models)
    _read_contexts(orm, question, found.models)
    _read_grades(orm, question, periods.moment_of(middle), found.models)
    return found


def _middle(orm: Orm, question: Question) -> int:
    """The bucket in the middle of the span; of all times, of those in which there is something."""
    first = question.span.first
    if first is None:
        from sqlalchemy import func, select

        from jupyter_agent.storage.tables import UsageQuarterRow

        first = orm.scalar(select(func.min(UsageQuarterRow.bucket)).where(UsageQuarterRow.owner == question.owner))
    return question.span.last if first is None else (first + question.span.last) // 2


def _halves(span: Span, middle: int) -> tuple[Span, Span]:
    moment = periods.moment_of(middle)
    return Span(span.start, moment), Span(moment, span.end)


def _kept(table: Any, question: Question) -> list[Any]:
    """What is asked for, of a table that has the columns of the ledger."""
    span = question.span
    kept = [table.owner == question.owner, table.created_at < span.end]
    if span.start is not None:
        kept.append(table.created_at >= span.start)
    return kept + [getattr(table, name) == value for name, value in question.filters.items() if value is not None]


def _read_turns(orm: Orm, answer: Answer, dialect: str, middle: int, found: Read) -> None:
    """Turns in which a model was asked, each where it was asked first. Of the ledger: it has those that are deleted,
    too."""
    from sqlalchemy import Integer, cast, func, select

    from jupyter_agent.storage.tables import ModelRequestRow as Row

    question = answer.question
    began = quarter(dialect, func.min(Row.created_at))
    turns = (
        select(Row.provider, Row.model, began.label("bucket"))
        .where(*_kept(Row, question), Row.turn_id.is_not(None))
        .group_by(Row.provider, Row.model, Row.turn_id)
        .subquery("turns")
    )
    unit = question.unit
    assert unit is not None
    query = select(
        turns.c.provider,
        turns.c.model,
        answer.sql_moment(turns.c.bucket, unit).label("moment"),
        cast(turns.c.bucket >= middle, Integer).label("half"),
        func.count().label("turns"),
    ).group_by(turns.c.provider, turns.c.model, "moment", "half")
    for row in orm.execute(query):
        key = (row.provider, row.model)
        found.models[key].turns[int(row.half)] += row.turns
        found.point_turns[answer.moment(int(row.moment)), key] += row.turns


def _read_requests(orm: Orm, question: Question, models: Mapping[Model, Known]) -> None:
    """What only single requests tell: 95 of 100 that succeeded were as fast as `p95`, or faster (nearest rank); what
    was paid for those that failed or were stopped."""
    from sqlalchemy import BigInteger, case, func, select, type_coerce

    from jupyter_agent.storage.tables import ModelRequestRow as Row

    kind = (Row.provider, Row.model)
    ranked = (
        select(
            *kind,
            Row.duration_ms,
            func.row_number().over(partition_by=kind, order_by=Row.duration_ms).label("at"),
            func.count().over(partition_by=kind).label("of"),
        )
        .where(*_kept(Row, question), Row.error_code.is_(None), Row.duration_ms.is_not(None))
        .subquery("ranked")
    )
    fast = select(ranked.c.provider, ranked.c.model, ranked.c.duration_ms).where(
        ranked.c.at == (ranked.c.of * 95 + 99) // 100
    )
    for provider, model, taken in orm.execute(fast):
        models[provider, model].p95 = float(taken)
    paid = func.sum(case((Row.error_code.is_not(None), type_coerce(Row.cost, BigInteger))))
    for provider, model, cost in orm.execute(select(*kind, paid).where(*_kept(Row, question)).group_by(*kind)):
        models[provider, model].wasted = int(cost or 0)


def _read_contexts(orm: Orm, question: Question, models: Mapping[Model, Known]) -> None:
    """Sums of what was sent: tokens by part; requests with a budget, those of them under pressure, how much of it they
    used; tokens of memories in turns with a grade, and in good ones."""
    from sqlalchemy import Float, and_, case, cast, func, select

    from jupyter_agent.storage.tables import ContextSnapshotRow as Row
    from jupyter_agent.storage.tables import FeedbackRow

    limited = and_(Row.budget.is_not(None), Row.budget > 0)
    used = cast(Row.total, Float) / Row.budget
    memories: Any = sum((_tokens(Row, part) for part in MEMORIES[1:]), _tokens(Row, MEMORIES[0]))
    query = (
        select(
            Row.provider,
            Row.model,
            func.sum(Row.total).label("total"),
            *(func.sum(_tokens(Row, part)).label(part) for part in PARTS),
            func.sum(case((limited, 1), else_=0)).label("limited"),
            func.sum(case((and_(limited, used > PRESSURE), 1), else_=0)).label("pressed"),
            func.avg(case((limited, used))).label("utilization"),
            func.sum(case((FeedbackRow.grade.is_not(None), memories), else_=0)).label("graded"),
            func.sum(case((FeedbackRow.grade >= GOOD, memories), else_=0)).label("good"),
        )
        .outerjoin(FeedbackRow, FeedbackRow.turn_id == Row.turn_id)
        .where(*_kept(Row, question))
        .group_by(Row.provider, Row.model)
    )
    for row in orm.execute(query):
        models[row.provider, row.model].context = row


def _tokens(row: Any, part: str) -> Any:
    from sqlalchemy import func

    return func.coalesce(row.tokens[part].as_integer(), 0)


def _read_grades(orm: Orm, question: Question, middle: datetime, models: Mapping[Model, Known]) -> None:
    """Grades of turns that began in the period, with the model that answered: by half, by the complexity of the turn's
    first request, and by whether any of its requests had something of a memory, skill or knowledge base."""
    from sqlalchemy import BigInteger, Integer, cast, func, select, type_coerce

    from jupyter_agent.storage.tables import ContextSnapshotRow as Sent
    from jupyter_agent.storage.tables import FeedbackRow, TurnRow

    memories: Any = sum((_tokens(Sent, part) for part in MEMORIES[1:]), _tokens(Sent, MEMORIES[0]))
    complexity = select(Sent.complexity).where(Sent.turn_id == TurnRow.id).order_by(Sent.step, Sent.id).limit(1)
    remembered = select(func.coalesce(func.max(memories), 0)).where(Sent.turn_id == TurnRow.id)
    graded = (
        select(
            TurnRow.provider,
            TurnRow.model,
            cast(TurnRow.created_at >= middle, Integer).label("half"),
            complexity.scalar_subquery().label("complexity"),
            cast(remembered.scalar_subquery() > 0, Integer).label("remembered"),
            FeedbackRow.grade,
            type_coerce(TurnRow.cost, BigInteger).label("cost"),
        )
        .join(FeedbackRow, FeedbackRow.turn_id == TurnRow.id)
        .where(*_kept(TurnRow, question))
        .subquery("graded")
    )
    keys = [graded.c[name] for name in ("provider", "model", "half", "complexity", "remembered")]
    sums = (func.sum(graded.c.grade), func.count(), func.coalesce(func.sum(graded.c.cost), 0))
    rows: Any = orm.execute(select(*keys, *sums).group_by(*keys))
    for provider, model, half, level, memory, grade, count, cost in rows:
        if (provider, model) not in models:
            continue  # nothing was asked of it in the period: the turn was being queued when it began
        known = models[provider, model]
        known.grades[int(half)].add(int(grade), count)
        known.graded_cost += int(cost)
        known.by_memory[bool(memory)].add(int(grade), count)
        if level is not None:
            known.by_complexity[level].add(int(grade), count)


def _point(found: Read, time: datetime, key: Model) -> EfficiencyPoint:
    sums = found.points[time, key]
    return EfficiencyPoint(
        time=time,
        model="/".join(key),
        turns=found.point_turns.get((time, key), 0),
        cost=dollars(sums.cost),
        output_density=_density(sums),
        cache_hit_rate=_hit_rate(sums),
    )


def _totals(models: Mapping[str, ModelEfficiency]) -> EfficiencyTotals:
    def paid(one: ModelEfficiency) -> Decimal:
        return Decimal(one.cost.total)

    def given(one: ModelEfficiency) -> tuple[bool, float]:
        """Output for a dollar; of a model that costs nothing that is more than of any other."""
        each = one.cost.per_output_token
        return (each is not None and Decimal(each) == 0, 0.0 if not each or not Decimal(each) else 1 / float(each))

    drivers: dict[ContextPartName, tuple[Decimal, int]] = {}
    for one in models.values():
        for part, share in one.cost.attribution.items():
            cost, tokens = drivers.get(part, (Decimal(0), 0))
            drivers[part] = (cost + Decimal(share.cost or 0), tokens + share.tokens)
    costly = [name for name, one in models.items() if paid(one)]
    giving = [name for name, one in models.items() if one.cost.per_output_token is not None]
    return EfficiencyTotals(
        total_cost=money(sum((paid(one) for one in models.values()), Decimal(0))) or "0",
        total_cache_savings=money(sum((Decimal(one.cost.cache_savings) for one in models.values()), Decimal(0))) or "0",
        total_turns=sum(one.total_turns for one in models.values()),
        most_expensive_model=max(costly, key=lambda name: paid(models[name]), default=None),
        most_efficient_model=max(giving, key=lambda name: given(models[name]), default=None),
        biggest_cost_driver=max(drivers, key=lambda part: drivers[part], default=None),
    )


def _trend(known: Known) -> EfficiencyTrend:
    """The second half against the first."""
    first, second = known.halves
    return EfficiencyTrend(
        output_density=_change(_density(first), _density(second)),
        cost_per_turn=_change(ratio(first.cost, known.turns[0]), ratio(second.cost, known.turns[1])),
        duration=_change(ratio(first.duration_ms, first.requests), ratio(second.duration_ms, second.requests)),
        cache_hit_rate=_change(_hit_rate(first), _hit_rate(second)),
    )


def _change(first: float | None, second: float | None) -> float | None:
    return None if not first or second is None else (second - first) / first


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _density(sums: Added) -> float | None:
    """Output tokens over input tokens."""
    return ratio(sums.output_tokens, sums.input_tokens)


def _hit_rate(sums: Added) -> float | None:
    """Requests that read from the provider's cache, over those whose tokens the provider counted."""
    return ratio(sums.cache_hits, sums.counted)


def _each(cost: int, count: int) -> str | None:
    """A cost in billionths of a dollar, for each of so many."""
    return money(Decimal(cost) / BILLION / count) if count else None


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
