"""Tips, insights, recommendations, and what a model says about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_agent.api.models import Usage
from jupyter_agent.observatory.facts import TurnFacts, mean
from jupyter_agent.observatory.insights import insights
from jupyter_agent.observatory.models import (
    Analysis,
    AnalyzeRequest,
    Recommendations,
    SessionInsights,
    TurnTips,
)
from jupyter_agent.observatory.reading import Prices, read_turn, read_turns
from jupyter_agent.observatory.tips import tips
from jupyter_agent.turns.rows import turn_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services


class Advice:
    """Computed anew each time, from what was recorded; only what a model said is kept."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def tips(self, owner: str, turn_id: str) -> TurnTips:
        """What the rules say about a turn, also while it runs. Raises ApiError 404."""
        prices = await self._prices()

        def read(orm: Orm) -> TurnTips:
            row = turn_row(orm, owner, turn_id)
            found = tips(read_turn(orm, row.id, row.session_id, prices))
            return TurnTips(turn_id=row.id, tips=found, tip_count=len(found))

        return await self._services.db.read(read)

    async def insights(self, owner: str, session_id: str) -> SessionInsights:
        """What the rules say about a session's finished turns. Raises ApiError 404."""
        prices = await self._prices()

        def read(orm: Orm) -> SessionInsights:
            session = self._services.sessions.view(orm, self._services.sessions.row(orm, owner, session_id))
            return _insights(session.id, session.usage, read_turns(orm, session.id, prices))

        return await self._services.db.read(read)

    async def recommendations(self, owner: str, period: str) -> Recommendations:
        raise NotImplementedError

    async def analyze_turn(self, owner: str, turn_id: str, body: AnalyzeRequest) -> Analysis:
        raise NotImplementedError

    async def analyze_session(self, owner: str, session_id: str, body: AnalyzeRequest) -> Analysis:
        raise NotImplementedError

    async def generate(self, owner: str, period: str, body: AnalyzeRequest) -> Recommendations:
        raise NotImplementedError

    async def _prices(self) -> Prices:
        providers = self._services.providers
        # Prices are those of the providers as they were last read.
        await providers.default_provider()
        return Prices(lambda provider, model, usage: providers.price(provider, model, usage)[0])


def _insights(session_id: str, usage: Usage, turns: list[TurnFacts]) -> SessionInsights:
    found = insights(turns)
    return SessionInsights(
        session_id=session_id,
        insights=found,
        insight_count=len(found),
        turn_count=len(turns),
        usage=usage,
        average_grade=mean(turn.grade for turn in turns if turn.grade is not None),
        tool_calls=sum(turn.tool_calls for turn in turns),
        tool_failures=sum(turn.tool_failures for turn in turns),
    )
