"""What models gave for what they took."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Download
from jupyter_agent.observatory.models import *  # noqa: F403

if TYPE_CHECKING:
    from jupyter_agent.app import Services


class Efficiency:
    """What models gave for what they took."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def report(
        self, owner: str, *, period: str, provider: str | None, model: str | None, timezone: str | None
    ) -> EfficiencyReport:
        raise NotImplementedError
