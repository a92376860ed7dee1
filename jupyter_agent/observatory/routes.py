"""Operations of the observatory."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from jupyter_agent.api.models import Page, Timestamp
from jupyter_agent.api.router import Call, Download, Redirect, Router
from jupyter_agent.observatory.models import (
    Analysis,
    AnalyzeRequest,
    Budgets,
    BudgetsPut,
    CacheStatistics,
    CapacityReport,
    Consumption,
    ContextSnapshot,
    CostReport,
    EfficiencyReport,
    Feedback,
    FeedbackGiven,
    ModelSelection,
    Period,
    Recommendations,
    SessionInsights,
    TimeSeries,
    Trace,
    TraceSummary,
    TracingStatus,
    Transaction,
    TurnContext,
    TurnModelSelection,
    TurnTips,
    UsageSummary,
)

router = Router("observatory")

Limit = Annotated[int, Field(ge=1, le=500)]
Rows = Annotated[int, Field(ge=1, le=10_000)]
Offset = Annotated[int, Field(ge=0, le=2**31 - 1)]
Name = Annotated[str, Field(min_length=1, max_length=256)]


def _is_written_out(value: object) -> object:
    # A number alone would be taken for seconds or milliseconds since 1970, by its size.
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", value):
        raise ValueError("is not a moment like 2026-03-01T08:00:00Z")
    return value


Moment = Annotated[Timestamp, BeforeValidator(_is_written_out)]
Zone = Annotated[str, Field(min_length=1, max_length=64)]
"""Name of a time zone as in the IANA database, such as `Europe/Berlin`."""
Groups = Annotated[str, Field(pattern=r"^[a-z]+(,[a-z]+)*$", max_length=100)]

# What a model saw ----------------------------------------------------------------------------------------------------


@router.get("/turns/{turn_id}/context", scope="turns:read", covers=["roboticus GET /api/turns/:id/context"])
async def turn_context(call: Call, turn_id: str) -> TurnContext:
    """What the model saw in each request of a turn: tokens by part, what was left out and why, what was retrieved.

    The contents are in `GET /turns/{id}/context/{request_id}`."""
    return await call.services.observatory.snapshots.of_turn(call.user, turn_id)


@router.get("/turns/{turn_id}/context/{request_id}", scope="turns:read")
async def context_snapshot(call: Call, turn_id: str, request_id: str) -> ContextSnapshot:
    """One model request with the exact messages that were sent, secrets masked."""
    return await call.services.observatory.snapshots.get(call.user, turn_id, request_id)


# Which model, and why ------------------------------------------------------------------------------------------------


@router.get(
    "/turns/{turn_id}/model-selection", scope="turns:read", covers=["roboticus GET /api/turns/:id/model-selection"]
)
async def turn_model_selection(call: Call, turn_id: str) -> TurnModelSelection:
    """Why a turn's model was asked, and not another: candidates with their scores, override, fallback."""
    return await call.services.observatory.selections.of_turn(call.user, turn_id)


@router.get("/model-selections", scope="stats:read", covers=["roboticus GET /api/models/selections"])
async def list_model_selections(
    call: Call,
    *,
    limit: Limit = 50,
    offset: Offset = 0,
    provider: Name | None = None,
    model: Name | None = None,
    strategy: Literal["asked", "session", "default", "auto", "fallback", "reflection"] | None = None,
) -> Page[ModelSelection]:
    """Every choice of a model, newest first."""
    return await call.services.observatory.selections.page(
        call.user, limit, offset, provider=provider, model=model, strategy=strategy
    )


# What happened when --------------------------------------------------------------------------------------------------


@router.get("/turns/{turn_id}/trace", scope="turns:read")
async def turn_trace(call: Call, turn_id: str) -> Trace:
    """One timeline of a turn's model requests, tool calls, approvals and waits. Also while it runs."""
    return await call.services.observatory.traces.of_turn(call.user, turn_id)


@router.get("/traces", scope="turns:read")
async def list_traces(
    call: Call,
    *,
    limit: Limit = 50,
    offset: Offset = 0,
    session_id: Name | None = None,
    status: Literal["ok", "error"] | None = None,
) -> Page[TraceSummary]:
    """The traces of all turns, newest first."""
    return await call.services.observatory.traces.page(call.user, limit, offset, session_id=session_id, status=status)


@router.get("/traces/exporter", scope="turns:read", covers=["sage GET /api/observability/jaeger/auth"])
async def tracing_status(call: Call) -> TracingStatus:
    """Whether traces are exported, where to, how many were; and where Jaeger is."""
    return call.services.observatory.traces.status()


@router.get(
    "/traces/jaeger",
    scope="turns:read",
    hidden=True,
    errors=[409],
    covers=["sage GET /api/observability/jaeger", "sage GET /api/observability/jaeger/login"],
)
async def open_jaeger(call: Call) -> Redirect:
    """Goes on to Jaeger. 409 where none is configured."""
    return Redirect(call.services.observatory.traces.jaeger())


@router.get("/traces/{trace_id}", scope="turns:read")
async def get_trace(call: Call, trace_id: str) -> Trace:
    """A trace by the id that it has in OpenTelemetry, too."""
    return await call.services.observatory.traces.get(call.user, trace_id)


@router.get(
    "/traces/{trace_id}/jaeger",
    scope="turns:read",
    hidden=True,
    errors=[409],
    covers=["sage ANY /api/observability/jaeger/{full_path}"],
)
async def open_trace(call: Call, trace_id: str) -> Redirect:
    """Goes on to the trace in Jaeger. 409 where none is configured."""
    trace = await call.services.observatory.traces.get(call.user, trace_id)
    return Redirect(call.services.observatory.traces.jaeger(trace.id))


# Advice --------------------------------------------------------------------------------------------------------------


@router.get("/turns/{turn_id}/tips", scope="turns:read", covers=["roboticus GET /api/turns/:id/tips"])
async def turn_tips(call: Call, turn_id: str) -> TurnTips:
    """What the rules say about a turn, from what was recorded of it. Costs nothing."""
    return await call.services.observatory.advice.tips(call.user, turn_id)


@router.post(
    "/turns/{turn_id}/analyze",
    scope="turns:execute",
    errors=[404, 409, 503],
    abandonable=True,
    covers=["roboticus POST /api/turns/:id/analyze"],
)
async def analyze_turn(call: Call, turn_id: str, body: AnalyzeRequest = AnalyzeRequest()) -> Analysis:
    """Asks a model what went well and what to do better. One model request; kept with the turn.

    409 `not_configured` without a model; 503 `provider_error` with what the provider said."""
    return await call.services.observatory.advice.analyze_turn(call.user, turn_id, body or AnalyzeRequest())


@router.get(
    "/sessions/{session_id}/insights", scope="sessions:read", covers=["roboticus GET /api/sessions/:id/insights"]
)
async def session_insights(call: Call, session_id: str) -> SessionInsights:
    """What the rules say about a session as a whole. Costs nothing."""
    return await call.services.observatory.advice.insights(call.user, session_id)


@router.post(
    "/sessions/{session_id}/analyze",
    scope="turns:execute",
    errors=[404, 409, 503],
    abandonable=True,
    covers=["roboticus POST /api/sessions/:id/analyze"],
)
async def analyze_session(call: Call, session_id: str, body: AnalyzeRequest = AnalyzeRequest()) -> Analysis:
    """Asks a model about a session as a whole. One model request; kept with the session."""
    return await call.services.observatory.advice.analyze_session(call.user, session_id, body or AnalyzeRequest())


@router.get("/turns/{turn_id}/feedback", scope="turns:read", covers=["roboticus GET /api/turns/:id/feedback"])
async def get_feedback(call: Call, turn_id: str) -> Feedback:
    """The grade that a turn was given. 404 where it has none."""
    return await call.services.observatory.feedback.get(call.user, turn_id)


@router.put(
    "/turns/{turn_id}/feedback",
    scope="turns:execute",
    covers=["roboticus POST /api/turns/:id/feedback", "roboticus PUT /api/turns/:id/feedback"],
)
async def give_feedback(call: Call, turn_id: str, body: FeedbackGiven) -> Feedback:
    """Grades a turn, 1 (useless) to 5 (just right); one grade a turn, the last one counts."""
    return await call.services.observatory.feedback.put(call.user, turn_id, body)


@router.delete("/turns/{turn_id}/feedback", scope="turns:execute", status=204)
async def delete_feedback(call: Call, turn_id: str) -> None:
    """Takes a grade back. 404 where there is none."""
    await call.services.observatory.feedback.delete(call.user, turn_id)


@router.get(
    "/sessions/{session_id}/feedback", scope="sessions:read", covers=["roboticus GET /api/sessions/:id/feedback"]
)
async def session_feedback(call: Call, session_id: str, *, limit: Limit = 100, offset: Offset = 0) -> Page[Feedback]:
    """The grades of a session's turns, in the order of the turns."""
    return await call.services.observatory.feedback.page(call.user, session_id, limit, offset)


@router.get("/recommendations", scope="stats:read", covers=["roboticus GET /api/recommendations"])
async def list_recommendations(call: Call, *, period: Period = "30d") -> Recommendations:
    """What would make the caller's work with agents better or cheaper, from what was recorded. Costs nothing."""
    return await call.services.observatory.advice.recommendations(call.user, period)


@router.post(
    "/recommendations/generate",
    scope="turns:execute",
    errors=[404, 409, 503],
    abandonable=True,
    covers=["roboticus POST /api/recommendations/generate"],
)
async def generate_recommendations(
    call: Call, body: AnalyzeRequest = AnalyzeRequest(), *, period: Period = "30d"
) -> Recommendations:
    """The recommendations, and a model's view of them as `analysis`. One model request; it reads numbers only."""
    return await call.services.observatory.advice.generate(call.user, period, body or AnalyzeRequest())


# Numbers -------------------------------------------------------------------------------------------------------------


@router.get("/stats/summary", scope="stats:read")
async def usage_summary(call: Call) -> UsageSummary:
    """Today, this month, and what is left of the budgets."""
    return await call.services.observatory.statistics.summary(call.user)


@router.get("/stats/costs", scope="stats:read", covers=["roboticus GET /api/stats/costs"])
async def usage_costs(
    call: Call,
    *,
    period: Period = "30d",
    start: Moment | None = None,
    end: Moment | None = None,
    by: Groups = "day,model",
    provider: Name | None = None,
    model: Name | None = None,
    session_id: Name | None = None,
    purpose: Name | None = None,
    timezone: Zone | None = None,
    limit: Rows = 1000,
    offset: Offset = 0,
) -> CostReport:
    """Tokens and costs in a period, grouped.

    `by`: one or more of hour, day, week, month, provider, model, session, purpose, user, joined by commas; a model
    comes with its provider. `start` and `end` in place of `period` are taken to the quarter of an hour."""
    return await call.services.observatory.statistics.costs(
        call.user,
        period=period,
        start=start,
        end=end,
        by=by,
        provider=provider,
        model=model,
        session_id=session_id,
        purpose=purpose,
        timezone=timezone,
        limit=limit,
        offset=offset,
    )


@router.get("/stats/transactions", scope="stats:read", covers=["roboticus GET /api/stats/transactions"])
async def list_transactions(
    call: Call,
    *,
    period: Period = "30d",
    start: Moment | None = None,
    end: Moment | None = None,
    provider: Name | None = None,
    model: Name | None = None,
    session_id: Name | None = None,
    turn_id: Name | None = None,
    purpose: Name | None = None,
    failed: bool | None = None,
    sort: Literal["-created_at", "created_at", "-cost", "-input", "-output", "-duration_ms"] = "-created_at",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[Transaction]:
    """The ledger: every model request, and what it cost."""
    return await call.services.observatory.statistics.transactions(
        call.user,
        period=period,
        start=start,
        end=end,
        provider=provider,
        model=model,
        session_id=session_id,
        turn_id=turn_id,
        purpose=purpose,
        failed=failed,
        sort=sort,
        limit=limit,
        offset=offset,
    )


@router.get("/stats/consumption", scope="stats:read", covers=["muyue GET /api/providers/consumption"])
async def usage_consumption(call: Call, *, period: Period = "30d", timezone: Zone | None = None) -> Consumption:
    """Tokens and costs by provider and model, session, user and day."""
    return await call.services.observatory.statistics.consumption(call.user, period=period, timezone=timezone)


@router.get("/stats/cache", scope="stats:read", covers=["roboticus GET /api/stats/cache"])
async def cache_statistics(call: Call, *, period: Period = "30d") -> CacheStatistics:
    """How much of what was sent the providers read from their caches, and what that saved."""
    return await call.services.observatory.statistics.cache(call.user, period=period)


@router.get("/stats/efficiency", scope="stats:read", covers=["roboticus GET /api/stats/efficiency"])
async def model_efficiency(
    call: Call,
    *,
    period: Period = "30d",
    provider: Name | None = None,
    model: Name | None = None,
    timezone: Zone | None = None,
) -> EfficiencyReport:
    """What each model gave for what it took: density, use of the context, cache, cost by part, trends, grades."""
    return await call.services.observatory.efficiency.report(
        call.user, period=period, provider=provider, model=model, timezone=timezone
    )


@router.get("/stats/timeseries", scope="stats:read", covers=["roboticus GET /api/stats/timeseries"])
async def usage_timeseries(
    call: Call, *, hours: Annotated[int, Field(ge=1, le=168)] = 24, timezone: Zone | None = None
) -> TimeSeries:
    """Costs, tokens, requests, sessions, errors and latency of each hour."""
    return await call.services.observatory.statistics.timeseries(call.user, hours=hours, timezone=timezone)


@router.get("/stats/capacity", scope="stats:read", covers=["roboticus GET /api/stats/capacity"])
async def provider_capacity(call: Call) -> CapacityReport:
    """What was used in the last minute against the providers' limits."""
    return await call.services.observatory.capacity.report(call.user)


@router.get(
    "/stats/export",
    scope="stats:read",
    errors=[409],
    media_types=["text/csv", "application/vnd.apache.parquet", "application/vnd.apache.arrow.stream"],
)
async def export_statistics(
    call: Call,
    *,
    table: Literal["costs", "transactions", "turns"] = "costs",
    format: Literal["csv", "parquet", "arrow"] = "csv",
    period: Period = "30d",
    start: Moment | None = None,
    end: Moment | None = None,
    by: Groups = "day,provider,model",
    timezone: Zone | None = None,
) -> Download:
    """All rows as a file: CSV, Parquet, or a stream of Apache Arrow.

    Money is exact: decimal numbers in Parquet and Arrow. 409 `not_installed` for Parquet and Arrow without pyarrow."""
    return await call.services.observatory.exports.make(
        call.user, table=table, format=format, period=period, start=start, end=end, by=by, timezone=timezone
    )


# Money that may be spent ---------------------------------------------------------------------------------------------


@router.get("/budgets", scope="budgets:read", errors=[404])
async def get_budgets(call: Call, *, session_id: Name | None = None) -> Budgets:
    """The caller's limits, the administrator's, and what is spent of each.

    With `session_id` also what that session and its running turn have spent; 404 where it is not the caller's."""
    return await call.services.observatory.budgets.get(call.user, session_id=session_id)


@router.put("/budgets", scope="budgets:write", errors=[404])
async def put_budgets(call: Call, body: BudgetsPut) -> Budgets:
    """Sets the caller's own limits: all that are here, and no others. They hold from the next model request on."""
    return await call.services.observatory.budgets.put(call.user, body)
