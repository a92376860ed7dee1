"""What models were sent."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Download
from jupyter_agent.observatory.models import *  # noqa: F403

if TYPE_CHECKING:
    from jupyter_agent.app import Services


class Snapshots:
    """What models were sent."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def of_turn(self, owner: str, turn_id: str) -> TurnContext:
        raise NotImplementedError

    async def get(self, owner: str, turn_id: str, request_id: str) -> ContextSnapshot:
        raise NotImplementedError
