"""Sums of the ledger."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from jupyter_agent.api.models import Page
from jupyter_agent.observatory import periods
from jupyter_agent.observatory.models import (
    CacheStatistics,
    Consumption,
    CostReport,
    TimeSeries,
    Transaction,
    UsageSummary,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services


def spent(
    orm: Orm, owner: str, start: datetime | None, end: datetime | None = None, session_id: str | None = None
) -> tuple[Decimal, int]:
    """US dollars that an owner's model requests cost between two quarters of an hour, or since ever and until now; and
    how many requests there were whose price nobody knows. With `session_id`, in that session."""
    from sqlalchemy import func, literal, select

    from jupyter_agent.storage.tables import Money, UsageBucketRow, UsageQuarterRow

    table = UsageQuarterRow if session_id is None else UsageBucketRow
    query = select(
        func.coalesce(func.sum(table.cost, type_=Money), literal(Decimal(0), Money)),
        func.coalesce(func.sum(table.unpriced), 0),
    ).where(table.owner == owner)
    if session_id is not None:
        query = query.where(UsageBucketRow.session_id == session_id)
    if start is not None:
        query = query.where(table.bucket >= periods.bucket_of(start))
    if end is not None:
        query = query.where(table.bucket < periods.bucket_of(end))
    cost, unpriced = orm.execute(query).one()
    return cost, int(unpriced)


class Statistics:
    """Sums of the ledger."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def summary(self, owner: str) -> UsageSummary:
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

    async def consumption(self, owner: str, *, period: str, timezone: str | None) -> Consumption:
        raise NotImplementedError

    async def cache(self, owner: str, *, period: str) -> CacheStatistics:
        raise NotImplementedError

    async def timeseries(self, owner: str, *, hours: int, timezone: str | None) -> TimeSeries:
        raise NotImplementedError
