"""Money that may be spent."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Download
from jupyter_agent.observatory.models import *  # noqa: F403

if TYPE_CHECKING:
    from jupyter_agent.app import Services


class BudgetService:
    """Money that may be spent."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, owner: str, *, session_id: str | None = None) -> Budgets:
        raise NotImplementedError

    async def put(self, owner: str, body: BudgetsPut) -> Budgets:
        raise NotImplementedError
