"""What is used of the providers' limits."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Download
from jupyter_agent.observatory.models import *  # noqa: F403

if TYPE_CHECKING:
    from jupyter_agent.app import Services


class Capacity:
    """What is used of the providers' limits."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def report(self, owner: str) -> CapacityReport:
        raise NotImplementedError
