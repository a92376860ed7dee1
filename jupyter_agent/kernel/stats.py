"""`client.stats`: what was used, what it cost, what may be spent. Thin over the operations of `client.observatory`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

from jupyter_agent.kernel.answers import AnySession, session_id_of
from jupyter_agent.kernel.operations import AsyncObservatory, Observatory
from jupyter_agent.kernel.reports import (
    BudgetList,
    CacheReport,
    Capacity,
    ConsumptionReport,
    Costs,
    Efficiency,
    Hours,
    Summary,
    Transactions,
)
from jupyter_agent.observatory.models import BudgetLimit, Budgets, BudgetScope, GroupBy, Period

When = date | datetime | str
"""A moment: a datetime (without a zone it is meant in this machine's), a date for when it begins, or ISO 8601."""
Table = Literal["costs", "transactions", "turns"]
Format = Literal["csv", "parquet", "arrow"]
Sort = Literal["-created_at", "created_at", "-cost", "-input", "-output", "-duration_ms"]
Amount = str | int | float | Decimal

COST_ROWS = 10_000
TRANSACTION_ROWS = 500
SUFFIXES: dict[str, Format] = {".csv": "csv", ".parquet": "parquet", ".arrow": "arrow", ".arrows": "arrow"}


def moment(value: When | None) -> datetime | None:
    """Raises ValueError for a text that is no moment."""
    if value is None:
        return None
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    elif not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value if value.tzinfo is not None else value.astimezone()


def amount(value: Amount | None, name: str) -> str | None:
    """US dollars as the API has them. Raises ValueError for what is no amount."""
    if value is None:
        return None
    try:
        exact = Decimal(str(value).strip().removeprefix("$"))
    except InvalidOperation:
        exact = Decimal("NaN")
    if not exact.is_finite() or exact < 0:
        raise ValueError(f"{name}: {value!r} is no amount of US dollars, such as 0.50")
    return f"{exact:f}"


def _costs_query(
    period: Period,
    by: str | Iterable[GroupBy],
    start: When | None,
    end: When | None,
    session: AnySession | None,
    **filters: str | None,
) -> dict[str, Any]:
    return {
        "period": period,
        "by": by if isinstance(by, str) else ",".join(by),
        **_between(start, end),
        **_session(session),
        **filters,
        "limit": COST_ROWS,
    }


def _between(start: When | None, end: When | None) -> dict[str, Any]:
    return {"start": moment(start), "end": moment(end)}


def _session(session: AnySession | None) -> dict[str, Any]:
    return {"session_id": session_id_of(session) if session is not None else None}


def changed_limits(
    budgets: Budgets,
    scope: BudgetScope,
    soft: Amount | None,
    hard: Amount | None,
    session: AnySession | None,
) -> list[BudgetLimit]:
    """The caller's own limits with one changed, added or, without an amount, removed."""
    session_id = session_id_of(session) if session is not None else None
    kept = [
        BudgetLimit(scope=one.scope, session_id=one.session_id, soft=one.soft, hard=one.hard)
        for one in budgets.items
        if one.source == "user" and (one.scope, one.session_id) != (scope, session_id)
    ]
    if soft is None and hard is None:
        return kept
    limit = BudgetLimit(scope=scope, session_id=session_id, soft=amount(soft, "soft"), hard=amount(hard, "hard"))
    return [*kept, limit]


def _export_query(target: Any, table: Table, format: Format | None, start: When | None, end: When | None) -> Any:
    if format is None:
        suffix = Path(target).suffix.lower() if isinstance(target, (str, os.PathLike)) else ".csv"
        if suffix not in SUFFIXES:
            raise ValueError(
                f"format: {suffix or 'no suffix'} is none of {', '.join(SUFFIXES)}; say csv, parquet or arrow"
            )
        format = SUFFIXES[suffix]
    return {"table": table, "format": format, **_between(start, end)}


def _write(target: Any, data: bytes) -> int:
    """How many bytes were written, to a file or into something that is open."""
    if isinstance(target, (str, os.PathLike)):
        return Path(target).write_bytes(data)
    try:
        target.write(data)
    except TypeError:
        # A buffer of text, such as io.StringIO; a CSV is one.
        target.write(data.decode())
    return len(data)


class Stats:
    """What was used and what it cost. Every method raises AgentError where the server refuses.

    client.stats.costs(by="day,model").to_pandas()
    """

    def __init__(self, room: Observatory) -> None:
        self._room = room

    def costs(
        self,
        period: Period = "30d",
        *,
        by: str | Iterable[GroupBy] = "day,model",
        start: When | None = None,
        end: When | None = None,
        provider: str | None = None,
        model: str | None = None,
        session: AnySession | None = None,
        purpose: str | None = None,
        timezone: str | None = None,
        budgets: bool = False,
    ) -> Costs:
        """Tokens and costs in a period, grouped: `by` one or more of hour, day, week, month, provider, model, session,
        purpose, user, with commas between or as a list. `start` and `end` in place of `period`; `budgets` asks for the
        limits, too, to show them beside."""
        query = _costs_query(
            period, by, start, end, session, provider=provider, model=model, purpose=purpose, timezone=timezone
        )
        data = self._room.usage_costs(**query)
        limits = self._room.get_budgets().items if budgets else None
        return Costs(data, lambda offset: self._room.usage_costs(**query, offset=offset), budgets=limits)

    def transactions(
        self,
        period: Period = "30d",
        *,
        start: When | None = None,
        end: When | None = None,
        provider: str | None = None,
        model: str | None = None,
        session: AnySession | None = None,
        turn: str | None = None,
        purpose: str | None = None,
        failed: bool | None = None,
        sort: Sort = "-created_at",
    ) -> Transactions:
        """Every model request, and what it cost."""
        query: dict[str, Any] = {
            "period": period,
            **_between(start, end),
            **_session(session),
            "provider": provider,
            "model": model,
            "turn_id": turn,
            "purpose": purpose,
            "failed": failed,
            "sort": sort,
            "limit": TRANSACTION_ROWS,
        }
        data = self._room.list_transactions(**query)
        return Transactions(data, lambda offset: self._room.list_transactions(**query, offset=offset))

    def consumption(self, period: Period = "30d", *, timezone: str | None = None) -> ConsumptionReport:
        """Who and what used how much: by provider and model, session, user and day."""
        return ConsumptionReport(self._room.usage_consumption(period=period, timezone=timezone))

    def cache(self, period: Period = "30d") -> CacheReport:
        """How much the providers read from their caches, and what that saved."""
        return CacheReport(self._room.cache_statistics(period=period))

    def efficiency(
        self,
        period: Period = "30d",
        *,
        provider: str | None = None,
        model: str | None = None,
        timezone: str | None = None,
    ) -> Efficiency:
        """What each model gave for what it took."""
        return Efficiency(self._room.model_efficiency(period=period, provider=provider, model=model, timezone=timezone))

    def timeseries(self, hours: int = 24, *, timezone: str | None = None) -> Hours:
        """Costs, tokens, requests, sessions, errors and latency of each of the last hours (168 at the most)."""
        return Hours(self._room.usage_timeseries(hours=hours, timezone=timezone))

    def capacity(self) -> Capacity:
        """What was used in the last minute against the providers' limits."""
        return Capacity(self._room.provider_capacity())

    def summary(self) -> Summary:
        """Today, this month, and what is left of the budgets."""
        return Summary(self._room.usage_summary())

    def budgets(self, *, session: AnySession | None = None) -> BudgetList:
        """The limits that count and what is spent of each; with `session` also of that one."""
        return BudgetList(self._room.get_budgets(**_session(session)))

    def set_budget(
        self,
        scope: BudgetScope,
        *,
        soft: Amount | None = None,
        hard: Amount | None = None,
        session: AnySession | None = None,
    ) -> BudgetList:
        """Sets one of your own limits, in US dollars; without an amount it is removed. The others stay. It holds from
        the next model request on. `session`: of scope session, the one that it counts for.

        Raises ValueError for what is no limit."""
        items = changed_limits(self._room.get_budgets(), scope, soft, hard, session)
        return BudgetList(self._room.put_budgets(items=items))

    def export(
        self,
        target: Any,
        *,
        table: Table = "costs",
        format: Format | None = None,
        period: Period = "30d",
        start: When | None = None,
        end: When | None = None,
        by: str | Iterable[GroupBy] = "day,provider,model",
        timezone: str | None = None,
    ) -> int:
        """Writes all rows to a file, or into something that is open for writing, and gives how many bytes they are.

        `format`: csv, parquet or arrow; without it by the file's name. Raises ValueError where that says nothing."""
        query = _export_query(target, table, format, start, end)
        groups = by if isinstance(by, str) else ",".join(by)
        return _write(target, self._room.export_statistics(**query, period=period, by=groups, timezone=timezone))


class AsyncStats:
    """As `Stats`, awaited. Of reports with many rows `await report.all()` reads those that are not there yet."""

    def __init__(self, room: AsyncObservatory) -> None:
        self._room = room

    async def costs(
        self,
        period: Period = "30d",
        *,
        by: str | Iterable[GroupBy] = "day,model",
        start: When | None = None,
        end: When | None = None,
        provider: str | None = None,
        model: str | None = None,
        session: AnySession | None = None,
        purpose: str | None = None,
        timezone: str | None = None,
        budgets: bool = False,
    ) -> Costs:
        """As `Stats.costs`."""
        query = _costs_query(
            period, by, start, end, session, provider=provider, model=model, purpose=purpose, timezone=timezone
        )
        data = await self._room.usage_costs(**query)
        limits = (await self._room.get_budgets()).items if budgets else None
        return Costs(data, lambda offset: self._room.usage_costs(**query, offset=offset), is_async=True, budgets=limits)

    async def transactions(
        self,
        period: Period = "30d",
        *,
        start: When | None = None,
        end: When | None = None,
        provider: str | None = None,
        model: str | None = None,
        session: AnySession | None = None,
        turn: str | None = None,
        purpose: str | None = None,
        failed: bool | None = None,
        sort: Sort = "-created_at",
    ) -> Transactions:
        """As `Stats.transactions`."""
        query: dict[str, Any] = {
            "period": period,
            **_between(start, end),
            **_session(session),
            "provider": provider,
            "model": model,
            "turn_id": turn,
            "purpose": purpose,
            "failed": failed,
            "sort": sort,
            "limit": TRANSACTION_ROWS,
        }
        data = await self._room.list_transactions(**query)
        return Transactions(data, lambda offset: self._room.list_transactions(**query, offset=offset), is_async=True)

    async def consumption(self, period: Period = "30d", *, timezone: str | None = None) -> ConsumptionReport:
        """As `Stats.consumption`."""
        return ConsumptionReport(await self._room.usage_consumption(period=period, timezone=timezone))

    async def cache(self, period: Period = "30d") -> CacheReport:
        """As `Stats.cache`."""
        return CacheReport(await self._room.cache_statistics(period=period))

    async def efficiency(
        self,
        period: Period = "30d",
        *,
        provider: str | None = None,
        model: str | None = None,
        timezone: str | None = None,
    ) -> Efficiency:
        """As `Stats.efficiency`."""
        return Efficiency(
            await self._room.model_efficiency(period=period, provider=provider, model=model, timezone=timezone)
        )

    async def timeseries(self, hours: int = 24, *, timezone: str | None = None) -> Hours:
        """As `Stats.timeseries`."""
        return Hours(await self._room.usage_timeseries(hours=hours, timezone=timezone))

    async def capacity(self) -> Capacity:
        """As `Stats.capacity`."""
        return Capacity(await self._room.provider_capacity())

    async def summary(self) -> Summary:
        """As `Stats.summary`."""
        return Summary(await self._room.usage_summary())

    async def budgets(self, *, session: AnySession | None = None) -> BudgetList:
        """As `Stats.budgets`."""
        return BudgetList(await self._room.get_budgets(**_session(session)))

    async def set_budget(
        self,
        scope: BudgetScope,
        *,
        soft: Amount | None = None,
        hard: Amount | None = None,
        session: AnySession | None = None,
    ) -> BudgetList:
        """As `Stats.set_budget`."""
        items = changed_limits(await self._room.get_budgets(), scope, soft, hard, session)
        return BudgetList(await self._room.put_budgets(items=items))

    async def export(
        self,
        target: Any,
        *,
        table: Table = "costs",
        format: Format | None = None,
        period: Period = "30d",
        start: When | None = None,
        end: When | None = None,
        by: str | Iterable[GroupBy] = "day,provider,model",
        timezone: str | None = None,
    ) -> int:
        """As `Stats.export`."""
        query = _export_query(target, table, format, start, end)
        groups = by if isinstance(by, str) else ",".join(by)
        data = await self._room.export_statistics(**query, period=period, by=groups, timezone=timezone)
        return _write(target, data)
