"""Tips, insights, recommendations, and what a model says about them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Download
from jupyter_agent.observatory.models import *  # noqa: F403

if TYPE_CHECKING:
    from jupyter_agent.app import Services


class Advice:
    """Tips, insights, recommendations, and what a model says about them."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def tips(self, owner: str, turn_id: str) -> TurnTips:
        raise NotImplementedError

    async def insights(self, owner: str, session_id: str) -> SessionInsights:
        raise NotImplementedError

    async def recommendations(self, owner: str, period: str) -> Recommendations:
        raise NotImplementedError

    async def analyze_turn(self, owner: str, turn_id: str, body: AnalyzeRequest) -> Analysis:
        raise NotImplementedError

    async def analyze_session(self, owner: str, session_id: str, body: AnalyzeRequest) -> Analysis:
        raise NotImplementedError

    async def generate(self, owner: str, period: str, body: AnalyzeRequest) -> Recommendations:
        raise NotImplementedError
