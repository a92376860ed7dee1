"""Why models were asked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Download
from jupyter_agent.observatory.models import *  # noqa: F403

if TYPE_CHECKING:
    from jupyter_agent.app import Services


class Selections:
    """Why models were asked."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def of_turn(self, owner: str, turn_id: str) -> TurnModelSelection:
        raise NotImplementedError

    async def page(
        self, owner: str, limit: int, offset: int, *, provider: str | None, model: str | None, strategy: str | None
    ) -> Page[ModelSelection]:
        raise NotImplementedError
