"""Sums of the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Download
from jupyter_agent.observatory.models import *  # noqa: F403

if TYPE_CHECKING:
    from jupyter_agent.app import Services


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
