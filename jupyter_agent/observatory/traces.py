"""Timelines of turns."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Download
from jupyter_agent.observatory.models import *  # noqa: F403

if TYPE_CHECKING:
    from jupyter_agent.app import Services


class Traces:
    """Timelines of turns."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def of_turn(self, owner: str, turn_id: str) -> Trace:
        raise NotImplementedError

    async def page(
        self, owner: str, limit: int, offset: int, *, session_id: str | None, status: str | None
    ) -> Page[TraceSummary]:
        raise NotImplementedError

    async def get(self, owner: str, trace_id: str) -> Trace:
        raise NotImplementedError

    def status(self) -> TracingStatus:
        raise NotImplementedError

    def jaeger(self, trace_id: str | None = None) -> str:
        raise NotImplementedError

    async def close(self) -> None:
        return
