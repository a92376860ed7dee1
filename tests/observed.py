"""A turn and costs whose every number is known, as wire models: for whatever shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from jupyter_agent.api.models import Usage
from jupyter_agent.observatory.models import (
    Action,
    BudgetState,
    CacheUse,
    Candidate,
    Compaction,
    ContextItem,
    ContextSnapshot,
    CostReport,
    CostRow,
    Evidence,
    LeftOut,
    ModelSelection,
    Retrieved,
    Span,
    Tip,
    Totals,
    Trace,
)
from jupyter_agent.tools.models import ToolCallRecord
from jupyter_agent.turns.models import Turn

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>\u202e & "quotes" \'</td>'
"""A text that wants to be more than a text."""

EXCERPT = "the beginning of what was found"
BEGIN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
PARTS: dict[str, int] = {"system_prompt": 300, "notebook": 450, "history": 900, "tools": 1200, "message": 150}
SECOND: dict[str, int] = {**PARTS, "steps": 500}


def after(ms: int) -> datetime:
    return BEGIN + timedelta(milliseconds=ms)


def snapshot(step: int, tokens: dict[str, int], **fields: Any) -> ContextSnapshot:
    total = sum(tokens.values())
    known: dict[str, Any] = {
        "id": f"mreq_{step}",
        "turn_id": "turn_1",
        "session_id": "sess_1",
        "step": step,
        "purpose": "turn",
        "provider": "scripted",
        "model": "echo",
        "complexity": "L2",
        "budget": 8000,
        "context_window": 16000,
        "tokens": tokens,
        "total": total,
        "source": "provider",
        "tokenizer": "o200k_base",
        "history_depth": 4,
        "history_total": 6,
        "cache": CacheUse(read=1000, hit_rate=1000 / total),
        "usage": Usage(input=total, output=40, cache_read=1000, requests=1, cost="0.0042"),
        "duration_ms": 800,
        "items": [
            ContextItem(part=part, role="system", title=f"{part} item", tokens=count, sha256="0" * 64)
            for part, count in tokens.items()
        ],
        "created_at": after(100 + 1500 * step),
    }
    return ContextSnapshot(**{**known, **fields})


def contexts(title: str = "the notebook") -> list[ContextSnapshot]:
    """Two requests: 3,000 and 3,500 tokens of 8,000."""
    return [
        snapshot(
            0,
            PARTS,
            left_out=[LeftOut(what="history", count=2, tokens=700, reason="older than the budget allows")],
            retrieved=[Retrieved(kind="notebook", name=title, score=0.5, tokens=450, excerpt=EXCERPT)],
        ),
        snapshot(1, SECOND, compaction=Compaction(strategy="shorten", before=6000, after=3500, threshold=5600)),
    ]


def trace(name: str = "Why?") -> Trace:
    """4 s: two requests, between them a tool that fails and a question that is answered."""

    def span(id: str, kind: Any, name: str, start: int, took: int, **fields: Any) -> Span:
        known: dict[str, Any] = {"parent_id": "1", "status": "ok"}
        times = {"started_at": after(start), "finished_at": after(start + took), "duration_ms": took}
        return Span(id=id, kind=kind, name=name, **{**known, **times, **fields})

    return Trace(
        id="0" * 32,
        turn_id="turn_1",
        session_id="sess_1",
        name=name,
        started_at=BEGIN,
        duration_ms=4000,
        status="ok",
        stop_reason="completed",
        provider="scripted",
        model="echo",
        usage=usage(),
        spans=[
            span("1", "turn", "invoke_agent", 0, 4000, parent_id=None),
            span("2", "request", "chat echo", 100, 800, ref="mreq_0"),
            span("3", "approval", "approval run_cells", 900, 600),
            span("4", "tool", "execute_tool run_cells", 1500, 250, status="error", message="KeyError: 'id'"),
            span("5", "request", "chat echo", 1800, 2100, ref="mreq_1"),
        ],
        busy_ms={"turn": 4000, "request": 2900, "approval": 600, "tool": 250},
    )


def usage() -> Usage:
    return Usage(input=6500, output=80, cache_read=2000, requests=2, cost="0.0084")


def turn(message: str = "Why?", **fields: Any) -> Turn:
    known: dict[str, Any] = {
        "id": "turn_1",
        "session_id": "sess_1",
        "status": "finished",
        "stop_reason": "completed",
        "provider": "scripted",
        "model": "echo",
        "usage": usage(),
        "steps": 2,
        "message": message,
        "created_at": BEGIN,
        "started_at": BEGIN,
        "finished_at": after(4000),
    }
    return Turn(**{**known, **fields})


def tips(message: str = "The context is nearly full.") -> list[Tip]:
    return [
        Tip(
            severity="warning",
            category="budget",
            rule="budget_pressure",
            message=message,
            suggestion="Begin a new conversation.",
            evidence=[Evidence(metric="utilization", value=0.44, unit="ratio")],
            action=Action(kind="new_session", label="New conversation"),
        )
    ]


def selections(reason: str = "You named it.") -> list[ModelSelection]:
    return [
        ModelSelection(
            id="msel_1",
            session_id="sess_1",
            turn_id="turn_1",
            provider="scripted",
            model="echo",
            strategy="asked",
            reason=reason,
            complexity="L2",
            candidates=[Candidate(provider="scripted", model="echo", score=0.8)],
            created_at=BEGIN,
        )
    ]


def calls(name: str = "run_cells") -> list[ToolCallRecord]:
    return [
        ToolCallRecord(
            id="tcall_1",
            turn_id="turn_1",
            tool_call_id="call_1",
            name=name,
            arguments={"cell_ids": ["a"]},
            status="error",
            decision="ask",
            is_error=True,
            duration_ms=250,
            created_at=after(900),
        )
    ]


def costs(model: str = "echo", days: int = 3, **fields: Any) -> CostReport:
    """Each day 10 requests of one model for $0.25, and 2 of another for $1."""
    rows = []
    for day in range(days):
        time = datetime(2026, 3, 1, 23, 0, tzinfo=UTC) + timedelta(days=day)  # midnight in Berlin
        rows.append(CostRow(time=time, provider="scripted", model="big", requests=2, input=500, output=50, cost="1"))
        rows.append(
            CostRow(
                time=time,
                provider="scripted",
                model=model,
                requests=10,
                errors=1,
                input=2000,
                output=100,
                cache_read=800,
                cost="0.25",
                saved="0.05",
                unpriced=1,
                average_ms=120.5,
            )
        )
    known: dict[str, Any] = {
        "items": rows,
        "total": len(rows),
        "limit": 10_000,
        "offset": 0,
        "period": "7d",
        "start": datetime(2026, 3, 1, 23, 0, tzinfo=UTC),
        "end": datetime(2026, 3, 8, 23, 0, tzinfo=UTC),
        "timezone": "Europe/Berlin",
        "by": ["day", "model"],
        "totals": Totals(
            requests=12 * days,
            errors=days,
            input=2500 * days,
            output=150 * days,
            cache_read=800 * days,
            cost=str(Decimal("1.25") * days),
            saved=str(Decimal("0.05") * days),
            unpriced=days,
        ),
    }
    return CostReport(**{**known, **fields})


def budgets() -> list[BudgetState]:
    return [
        BudgetState(scope="turn", hard="0.10", source="user"),
        BudgetState(
            scope="day", soft="0.40", hard="0.50", source="user", spent="0.45", left="0.05", fraction=0.9, state="soft"
        ),
        BudgetState(scope="month", hard="10", source="admin", spent="1.25", left="8.75", fraction=0.125),
    ]
