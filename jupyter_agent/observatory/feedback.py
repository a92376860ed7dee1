"""Grades of turns."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Download
from jupyter_agent.observatory.models import *  # noqa: F403

if TYPE_CHECKING:
    from jupyter_agent.app import Services


class FeedbackService:
    """Grades of turns."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, owner: str, turn_id: str) -> Feedback:
        raise NotImplementedError

    async def put(self, owner: str, turn_id: str, body: FeedbackGiven) -> Feedback:
        raise NotImplementedError

    async def delete(self, owner: str, turn_id: str) -> None:
        raise NotImplementedError

    async def page(self, owner: str, session_id: str, limit: int, offset: int) -> Page[Feedback]:
        raise NotImplementedError
