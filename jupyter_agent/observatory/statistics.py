"""Sums of the ledger. What each number means is in docs/statistics.md."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_agent.api.models import Page
from jupyter_agent.observatory import periods
from jupyter_agent.observatory.grouping import SUMS, Added, Answer, Question, dollars, groups, steady
from jupyter_agent.observatory.models import (
    CacheStatistics,
    Consumption,
    CostReport,
    CostRow,
    DayConsumption,
    ModelCache,
    ModelConsumption,
    ProviderConsumption,
    SessionConsumption,
    TimeSeries,
    Totals,
    Transaction,
    UsageSummary,
    UserConsumption,
)
from jupyter_agent.providers.ledger import BUCKET_SECONDS, BUCKETS_AN_HOUR
from jupyter_agent.providers.pricing import money

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm
    from sqlalchemy.sql import ColumnElement

    from jupyter_agent.app import Services
    from jupyter_agent.observatory.periods import Span
    from jupyter_agent.storage.tables import ModelRequestRow

K = TypeVar("K", str, tuple[str, str])

SESSIONS = 50
"""How many sessions a report of consumption names."""
TOTALS = {
    "requests": "requests",
    "errors": "errors",
    "input": "input_tokens",
    "output": "output_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write": "cache_write_tokens",
    "unpriced": "unpriced",
}


def spent(
    orm: Orm, owner: str, start: datetime | None, end: datetime | None = None, session_id: str | None = None
) -> tuple[Decimal, int]:
    """US dollars that an owner's model requests cost between two quarters of an hour, or since ever and until now; and
    how many requests there were whose price nobody knows. With `session_id`, in that session."""
    from sqlalchemy import func, literal, select

    from jupyter_agent.storage.tables import Money, UsageBucketRow, UsageHourRow, UsageQuarterRow

    edges = [None if edge is None else periods.bucket_of(edge) for edge in (start, end)]
    table: Any = UsageQuarterRow if session_id is None else UsageBucketRow
    time = table.__table__.c.bucket
    if session_id is None and not any(edge is not None and edge % BUCKETS_AN_HOUR for edge in edges):
        table, time = UsageHourRow, UsageHourRow.__table__.c.hour
        edges = [None if edge is None else edge // BUCKETS_AN_HOUR for edge in edges]
    query = select(
        func.coalesce(func.sum(table.cost, type_=Money), literal(Decimal(0), Money)),
        func.coalesce(func.sum(table.unpriced), 0),
    ).where(table.owner == owner)
    if session_id is not None:
        query = query.where(table.session_id == session_id)
    if edges[0] is not None:
        query = query.where(time >= edges[0])
    if edges[1] is not None:
        query = query.where(time < edges[1])
    cost, unpriced = orm.execute(query).one()
    return cost, int(unpriced)


def totals(sums: Any) -> dict[str, Any]:
    """The fields of `Totals` from a row of sums."""
    found: dict[str, Any] = {name: int(getattr(sums, column)) for name, column in TOTALS.items()}
    found["cost"], found["saved"] = dollars(int(sums.cost)), dollars(int(sums.saved))
    return found


def ratio(part: float, whole: float) -> float | None:
    """A share; None of nothing."""
    return part / whole if whole else None


def cost_rows(answer: Answer, rows: Sequence[Any]) -> list[CostRow]:
    """Rows of sums as they go over the wire."""
    asked = answer.question
    titles = answer.titles(rows) if "session" in asked.by else {}
    moment = functools.cache(answer.moment)
    keys = [{"owner": "user"}.get(key, key) for key in asked.keys]
    first = 0 if asked.unit is None else 1
    found = []
    for row in rows:
        # By their places: a report has thousands of rows.
        sums = dict(zip(SUMS, map(int, row[-len(SUMS) :]), strict=True))
        values: dict[str, Any] = {name: sums[column] for name, column in TOTALS.items()}
        values["cost"], values["saved"] = dollars(sums["cost"]), dollars(sums["saved"])
        for place, key in enumerate(keys, first):
            values[key] = row[place] or None
        if first:
            values["time"] = moment(row[0])
        if titles:
            values["title"] = titles.get(row.by_session_id)
        values["average_ms"] = ratio(sums["duration_ms"], sums["requests"])
        values["average_first_token_ms"] = ratio(sums["first_token_ms"], sums["first_tokens"])
        found.append(CostRow(**values))
    return found


def transaction(row: ModelRequestRow) -> Transaction:
    """A row of the ledger as it goes over the wire."""
    return Transaction(
        id=row.id,
        session_id=row.session_id,
        turn_id=row.turn_id,
        step=row.step,
        purpose=row.purpose,
        provider=row.provider,
        model=row.model,
        input=row.input_tokens,
        output=row.output_tokens,
        cache_read=row.cache_read_tokens,
        cache_write=row.cache_write_tokens,
        cost=money(row.cost),
        saved=money(row.saved),
        price_source=row.price_source,
        cached=row.cache_read_tokens > 0,
        first_token_ms=row.first_token_ms,
        duration_ms=row.duration_ms,
        error_code=row.error_code,
        created_at=row.created_at,
    )


def within(span: Span) -> list[ColumnElement[bool]]:
    """What rows of the ledger are in a span."""
    from jupyter_agent.storage.tables import ModelRequestRow

    found = [ModelRequestRow.created_at < span.end]
    return found if span.start is None else [ModelRequestRow.created_at >= span.start, *found]


def quarter(dialect: str, moment: ColumnElement[Any]) -> ColumnElement[int]:
    """SQL for the quarter of an hour that a moment of the ledger is in."""
    from sqlalchemy import BigInteger, String, cast, func, type_coerce

    if dialect == "postgresql":
        seconds = func.floor(func.extract("epoch", moment))
    else:
        # Without its fraction, which SQLite rounds up to the next second.
        seconds = func.strftime("%s", func.substr(type_coerce(moment, String), 1, 19))
    return cast(seconds, BigInteger) // BUCKET_SECONDS


class Statistics:
    """What was used, and what it cost: from the sums of the ledger, which are written with it; only single requests and
    their latency are read from the ledger itself."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def summary(self, owner: str) -> UsageSummary:
        """Today and this month where the days of the budgets begin, and what is left of them."""
        where = periods.zone(self._services.settings)
        now = datetime.now(UTC)
        day, month = (
            Question(owner, periods.span("all", where, start=start, now=now), where)
            for start in (periods.day_start(now, where), periods.month_start(now, where))
        )

        def read(orm: Orm) -> tuple[Totals, Totals]:
            rows = orm.execute(Answer(orm, day).grouped().union_all(Answer(orm, month).grouped())).all()
            today, this_month = sorted(rows, key=lambda row: int(row.requests))
            return Totals(**totals(today)), Totals(**totals(this_month))

        today, this_month = await self._services.db.read(read)
        budgets = await self._services.observatory.budgets.get(owner)
        items = [item for item in budgets.items if item.scope in ("day", "month", "user")]
        left = [
            max(Decimal(item.hard) - Decimal(item.spent), Decimal(0))
            for item in items
            if item.hard is not None and item.spent is not None
        ]
        return UsageSummary(
            today=today,
            month=this_month,
            timezone=periods.zone_name(where),
            budgets=items,
            left=money(min(left, default=None)),
        )

    async def costs(
        self,
        owner: str,
        *,
        period: str,
        start: datetime | None,
        end: datetime | None,
        by: str,
        provider: str | None,
        model: str | None,
        session_id: str | None,
        purpose: str | None,
        timezone: str | None,
        limit: int,
        offset: int,
    ) -> CostReport:
        """Sums in groups. Raises ApiError 422 for a group, zone or span that there is not."""
        names = groups(by)
        where = periods.zone(self._services.settings, timezone)
        span = periods.span(period, where, start=start, end=end)
        filters = {"provider": provider, "model": model, "session_id": session_id, "purpose": purpose}
        question = Question(owner, span, where, tuple(names), filters)

        def read(orm: Orm) -> tuple[list[CostRow], int, Totals]:
            answer = Answer(steady(orm), question)
            rows, count, every = answer.page(limit, offset)
            return cost_rows(answer, rows), count, Totals(**totals(every))

        rows, count, every = await self._services.db.read(read)
        return CostReport(
            items=rows,
            total=count,
            limit=limit,
            offset=offset,
            period=_period(period, start, end, span),
            start=span.start,
            end=span.end,
            timezone=periods.zone_name(where),
            by=names,
            totals=every,
        )

    async def transactions(
        self,
        owner: str,
        *,
        period: str,
        start: datetime | None,
        end: datetime | None,
        provider: str | None,
        model: str | None,
        session_id: str | None,
        turn_id: str | None,
        purpose: str | None,
        failed: bool | None,
        sort: str,
        limit: int,
        offset: int,
    ) -> Page[Transaction]:
        """The ledger, page by page. Raises ApiError 422 for a span that there is not."""
        where = periods.zone(self._services.settings)
        span = periods.span(period, where, start=start, end=end)
        filters = {"provider": provider, "model": model, "session_id": session_id, "purpose": purpose}
        question = Question(owner, span, where, (), filters)

        def read(orm: Orm) -> Page[Transaction]:
            from sqlalchemy import func, select

            from jupyter_agent.storage.tables import ModelRequestRow

            table = ModelRequestRow
            kept = [table.owner == owner, *within(span)]
            kept += [getattr(table, name) == value for name, value in filters.items() if value is not None]
            if turn_id is not None:
                kept.append(table.turn_id == turn_id)
            if failed is not None:
                kept.append(table.error_code.is_not(None) if failed else table.error_code.is_(None))
            query = select(table).where(*kept).order_by(*_order(sort)).limit(limit).offset(offset)
            items = [transaction(row) for row in steady(orm).scalars(query)]
            if turn_id is not None:
                count = orm.scalar(select(func.count()).select_from(table).where(*kept)) or 0
            else:
                # Counted already.
                sums = orm.execute(Answer(orm, question).grouped()).one()
                count = int(sums.requests if failed is None else sums.errors if failed else sums.requests - sums.errors)
            return Page[Transaction](items=items, total=count, limit=limit, offset=offset)

        return await self._services.db.read(read)

    async def consumption(self, owner: str, *, period: str, timezone: str | None) -> Consumption:
        """Who and what used how much. Raises ApiError 422 for a zone that there is not."""
        where = periods.zone(self._services.settings, timezone)
        span = periods.span(period, where)

        def read(orm: Orm) -> Consumption:
            answer = Answer(steady(orm), Question(owner, span, where, ("day", "provider", "model")))
            rows = orm.execute(answer.grouped()).all()
            every = Added(rows)
            days: dict[int, Added] = {}
            providers: dict[str, Added] = {}
            models: dict[tuple[str, str], Added] = {}
            for row in rows:
                key = (row.by_provider, row.by_model)
                for sums in (
                    days.setdefault(row.moment, Added()),
                    providers.setdefault(row.by_provider, Added()),
                    models.setdefault(key, Added()),
                ):
                    sums.add(row)
            sessions = Answer(orm, Question(owner, span, where, ("session",)))
            by_session = sessions.page(SESSIONS).rows
            titles = sessions.titles(by_session)
            last = _last(orm, owner, span, [row.by_session_id for row in by_session])
            return Consumption(
                period=period,
                timezone=periods.zone_name(where),
                totals=Totals(**totals(every)),
                providers=[
                    ProviderConsumption(
                        **totals(sums),
                        provider=provider,
                        models=[
                            ModelConsumption(**totals(used), model=model)
                            for (owning, model), used in _costliest(models)
                            if owning == provider
                        ],
                    )
                    for provider, sums in _costliest(providers)
                ],
                sessions=[
                    SessionConsumption(
                        **totals(row),
                        session_id=row.by_session_id or None,
                        title=titles.get(row.by_session_id),
                        last_at=last.get(row.by_session_id),
                    )
                    for row in by_session
                ],
                users=[UserConsumption(**totals(every), user=owner)] if rows else [],
                days=[
                    DayConsumption(**totals(sums), day=answer.moment(day).astimezone(where).date().isoformat())
                    for day, sums in sorted(days.items())
                ],
            )

        return await self._services.db.read(read)

    async def cache(self, owner: str, *, period: str) -> CacheStatistics:
        """Use of the providers' caches, by model."""
        where = periods.zone(self._services.settings)
        question = Question(owner, periods.span(period, where), where, ("provider", "model"))

        def read(orm: Orm) -> CacheStatistics:
            rows = sorted(orm.execute(Answer(orm, question).grouped()), key=lambda row: -int(row.cost))
            models = [ModelCache(provider=row.by_provider, model=row.by_model, **_cache(row)) for row in rows]
            return CacheStatistics(period=period, models=models, **_cache(Added(rows)))

        return await self._services.db.read(read)

    async def timeseries(self, owner: str, *, hours: int, timezone: str | None) -> TimeSeries:
        """The last hours, from the ledger itself: latencies and sessions of an hour are no sums. Raises ApiError 422
        for a zone that there is not."""
        where = periods.zone(self._services.settings, timezone)
        times = _hours(datetime.now(UTC), hours, where)
        span = periods.Span(times[0], times[-1] + timedelta(hours=1))
        dialect = self._services.db.dialect

        def read(orm: Orm) -> dict[datetime, Any]:
            from sqlalchemy import BigInteger, Integer, case, cast, func, select, type_coerce

            from jupyter_agent.storage.tables import ModelRequestRow

            table = ModelRequestRow
            answer = Answer(orm, Question(owner, span, where, ("hour",)))
            took = case((table.error_code.is_(None), table.duration_ms))
            rows = (
                select(
                    answer.sql_moment(quarter(dialect, table.__table__.c.created_at), "hour").label("hour"),
                    type_coerce(table.cost, BigInteger).label("cost"),
                    (cast(table.input_tokens, BigInteger) + table.output_tokens).label("tokens"),
                    table.session_id,
                    cast(table.error_code.is_not(None), Integer).label("failed"),
                    took.label("took"),
                )
                .where(table.owner == owner, *within(span))
                .subquery("requests")
            )
            # The median without a function for it: SQLite has none.
            order = func.row_number().over(partition_by=rows.c.hour, order_by=rows.c.took.asc().nulls_last())
            count = func.count(rows.c.took).over(partition_by=rows.c.hour)
            ranked = select(rows, order.label("at"), count.label("of")).subquery("ranked")
            middle = ranked.c.at.in_([(ranked.c.of + 1) // 2, (ranked.c.of + 2) // 2])
            query = select(
                ranked.c.hour,
                func.coalesce(func.sum(ranked.c.cost), 0).label("cost"),
                func.sum(ranked.c.tokens).label("tokens"),
                func.count().label("requests"),
                func.count(ranked.c.session_id.distinct()).label("sessions"),
                func.sum(ranked.c.failed).label("errors"),
                func.avg(case((middle, ranked.c.took))).label("latency"),
            ).group_by(ranked.c.hour)
            return {periods.moment_of(int(row.hour)): row for row in orm.execute(query)}

        found = await self._services.db.read(read)
        rows = [found.get(time) for time in times]

        def numbers(name: str) -> list[int]:
            return [0 if row is None else int(getattr(row, name)) for row in rows]

        return TimeSeries(
            hours=hours,
            timezone=periods.zone_name(where),
            labels=[f"{time.astimezone(where):%H}:00" for time in times],
            times=times,
            cost=[dollars(cost) for cost in numbers("cost")],
            tokens=numbers("tokens"),
            requests=numbers("requests"),
            sessions=numbers("sessions"),
            errors=numbers("errors"),
            latency_p50_ms=[None if row is None or row.latency is None else float(row.latency) for row in rows],
        )


def _period(period: str, start: datetime | None, end: datetime | None, span: Span) -> str:
    if start is None and end is None:
        return period
    # As ISO 8601 writes an open beginning.
    return "/".join(".." if one is None else f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in (span.start, span.end))


def _order(sort: str) -> list[Any]:
    from jupyter_agent.storage.tables import ModelRequestRow as Row

    newest = [Row.created_at.desc(), Row.id.desc()]
    return {
        "-created_at": newest,
        "created_at": [Row.created_at.asc(), Row.id.asc()],
        "-cost": [Row.cost.desc().nulls_last(), *newest],
        "-input": [Row.input_tokens.desc(), *newest],
        "-output": [Row.output_tokens.desc(), *newest],
        "-duration_ms": [Row.duration_ms.desc().nulls_last(), *newest],
    }[sort]


def _costliest(sums: dict[K, Added]) -> list[tuple[K, Added]]:
    return sorted(sums.items(), key=lambda item: (-item[1].cost, item[0]))


def _last(orm: Orm, owner: str, span: Span, sessions: list[str]) -> dict[str, datetime]:
    """When each session was last asked something, by the quarter of an hour."""
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import UsageBucketRow as Row

    query = select(Row.session_id, func.max(Row.bucket)).where(
        Row.owner == owner, Row.session_id.in_(sessions), Row.bucket < span.last
    )
    return {session: periods.moment_of(int(last)) for session, last in orm.execute(query.group_by(Row.session_id))}


def _cache(sums: Any) -> dict[str, Any]:
    hits, counted = int(sums.cache_hits), int(sums.counted)
    read, sent = int(sums.cache_read_tokens), int(sums.input_tokens)
    return {
        "hits": hits,
        "misses": counted - hits,
        "hit_rate": ratio(hits, counted),
        "tokens_read": read,
        "tokens_written": int(sums.cache_write_tokens),
        "token_rate": ratio(read, sent),
        "saved": dollars(int(sums.saved)),
    }


def _hours(now: datetime, count: int, where: Any) -> list[datetime]:
    """When the last hours began, each where its clock says so, the oldest first."""
    found: list[datetime] = []
    moment = now
    for _ in range(count):
        start = periods.hour_start(moment, where)
        found.insert(0, start)
        moment = start - timedelta(seconds=1)
    return found
