"""Statistics as files."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Download
from jupyter_agent.observatory.models import *  # noqa: F403

if TYPE_CHECKING:
    from jupyter_agent.app import Services


class Exports:
    """Statistics as files."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def make(
        self,
        owner: str,
        *,
        table: str,
        format: str,
        period: str,
        start: datetime | None,
        end: datetime | None,
        by: str,
        timezone: str | None,
    ) -> Download:
        raise NotImplementedError
