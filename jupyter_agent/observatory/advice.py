"""Tips, insights, recommendations, and what a model says about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jupyter_agent.api.errors import conflict
from jupyter_agent.api.redaction import redact
from jupyter_agent.observatory import analysis, periods
from jupyter_agent.observatory.analysis import Analyses, Subject
from jupyter_agent.observatory.facts import mean
from jupyter_agent.observatory.insights import insights
from jupyter_agent.observatory.models import (
    Analysis,
    AnalyzeRequest,
    Recommendations,
    SessionInsights,
    TurnTips,
)
from jupyter_agent.observatory.profile import read_work
from jupyter_agent.observatory.reading import Prices, read_turn, read_turns
from jupyter_agent.observatory.recommendations import recommend
from jupyter_agent.observatory.tips import tips
from jupyter_agent.turns.rows import turn_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services

MESSAGES = 200
"""At either end of a conversation that an analysis reads."""
MESSAGE_CHARACTERS = 4_000


class Advice:
    """Computed anew each time, from what was recorded; only what a model said is kept."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._analyses = Analyses(services)

    async def tips(self, owner: str, turn_id: str) -> TurnTips:
        """What the rules say about a turn, also while it runs. Raises ApiError 404."""
        prices = await self._prices()

        def read(orm: Orm) -> TurnTips:
            row = turn_row(orm, owner, turn_id)
            found = tips(read_turn(orm, row.id, row.session_id, prices))
            said = analysis.newest(orm, owner, "turn", turn_id=row.id)
            return TurnTips(turn_id=row.id, tips=found, tip_count=len(found), analysis=said)

        return await self._services.db.read(read)

    async def insights(self, owner: str, session_id: str) -> SessionInsights:
        """What the rules say about a session's finished turns. Raises ApiError 404."""
        prices = await self._prices()
        return await self._services.db.read(lambda orm: self._insights(orm, owner, session_id, prices))

    def _insights(self, orm: Orm, owner: str, session_id: str, prices: Prices) -> SessionInsights:
        session = self._services.sessions.view(orm, self._services.sessions.row(orm, owner, session_id))
        turns = read_turns(orm, session.id, prices)
        found = insights(turns)
        return SessionInsights(
            session_id=session.id,
            insights=found,
            insight_count=len(found),
            turn_count=len(turns),
            usage=session.usage,
            average_grade=mean(turn.grade for turn in turns if turn.grade is not None),
            tool_calls=sum(turn.tool_calls for turn in turns),
            tool_failures=sum(turn.tool_failures for turn in turns),
            analysis=analysis.newest(orm, owner, "session", session_id=session.id),
        )

    async def recommendations(self, owner: str, period: str) -> Recommendations:
        """What would make the owner's work better or cheaper, from what was recorded in the period."""
        prices = await self._prices()
        return await self._services.db.read(lambda orm: self._recommendations(orm, owner, period, prices))

    def _recommendations(self, orm: Orm, owner: str, period: str, prices: Prices) -> Recommendations:
        settings = self._services.settings
        span = periods.span(period, periods.zone(settings))
        work = read_work(orm, owner, span, prices, settings.budgets)
        found = recommend(work)
        said = analysis.newest(orm, owner, "recommendations", period=period)
        return Recommendations(
            period=period, profile=work.profile, recommendations=found, count=len(found), analysis=said
        )

    async def analyze_turn(self, owner: str, turn_id: str, body: AnalyzeRequest) -> Analysis:
        """A model's view of a finished turn. Raises ApiError: 404; 409 while it runs; and as `Analyses.make`."""
        prices = await self._prices()

        def read(orm: Orm) -> Subject:
            row = turn_row(orm, owner, turn_id)
            if row.status != "finished":
                # Half a turn tells the wrong things.
                raise conflict("The turn is not finished.", turn_id=row.id)
            facts = read_turn(orm, row.id, row.session_id, prices)
            return Subject(
                "turn",
                numbers=analysis.turn_numbers(facts),
                contents=_said_in_turn(orm, row.id, row.session_id),
                tips=tips(facts),
                session_id=row.session_id,
                turn_id=row.id,
            )

        return await self._analyses.make(owner, body, read, lambda orm: turn_row(orm, owner, turn_id, lock=True))

    async def analyze_session(self, owner: str, session_id: str, body: AnalyzeRequest) -> Analysis:
        """A model's view of a session. Raises ApiError: 404; 409 where nothing was said; and as `Analyses.make`."""
        prices = await self._prices()
        sessions = self._services.sessions

        def read(orm: Orm) -> Subject:
            found = self._insights(orm, owner, session_id, prices)
            contents = _said_in_session(orm, found.session_id)
            if not contents:
                raise conflict("Nothing was said in the session.", session_id=found.session_id)
            return Subject(
                "session",
                numbers=analysis.session_numbers(found),
                contents=contents,
                tips=found.insights,
                session_id=found.session_id,
            )

        return await self._analyses.make(owner, body, read, lambda orm: sessions.row(orm, owner, session_id, lock=True))

    async def generate(self, owner: str, period: str, body: AnalyzeRequest) -> Recommendations:
        """The recommendations with a model's view of them. Raises ApiError as `Analyses.make`."""
        found = await self.recommendations(owner, period)
        subject = Subject("recommendations", numbers=analysis.recommendation_numbers(found), period=period)
        said = await self._analyses.make(owner, body, lambda orm: subject, lambda orm: None)
        return found.model_copy(update={"analysis": said})

    async def _prices(self) -> Prices:
        providers = self._services.providers
        # Prices are those of the providers as they were last read.
        await providers.default_provider()
        return Prices(lambda provider, model, usage: providers.price(provider, model, usage)[0])


def _said_in_turn(orm: Orm, turn_id: str, session_id: str) -> list[str]:
    """What was said and done in a turn, a text for each part, secrets masked."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import MessageRow

    rows = orm.execute(
        select(MessageRow.role, MessageRow.parts)
        .where(MessageRow.turn_id == turn_id, MessageRow.session_id == session_id)
        .order_by(MessageRow.seq)
    )
    return [text for row in rows for part in row.parts if (text := analysis.said(row.role, [part]))]


def _said_in_session(orm: Orm, session_id: str) -> list[str]:
    """The words of a conversation, secrets masked; of a very long one its beginning and its end."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import MessageRow

    def ids(order: object) -> Sequence[str]:
        query = select(MessageRow.id).where(MessageRow.session_id == session_id, MessageRow.text != "")
        return orm.scalars(query.order_by(order).limit(MESSAGES)).all()  # type: ignore[arg-type]

    wanted = {*ids(MessageRow.seq.asc()), *ids(MessageRow.seq.desc())}
    rows = orm.execute(
        select(MessageRow.role, MessageRow.text).where(MessageRow.id.in_(wanted)).order_by(MessageRow.seq)
    )
    # Cut after masking, so that no half of a secret is left that nothing knows any more.
    return [analysis.shorten(f"{row.role}: {redact(row.text)}", MESSAGE_CHARACTERS) for row in rows]
