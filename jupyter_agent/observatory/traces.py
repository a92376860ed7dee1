"""Timelines of turns, made of what was recorded: the turn's row, the ledger, calls, approvals and events.

Names and attributes follow OpenTelemetry's semantic conventions for generative AI, 1.41
(https://opentelemetry.io/docs/specs/semconv/gen-ai/); what they have no name for begins with `jupyter_agent.`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from jupyter_agent.api.errors import ApiError, not_found
from jupyter_agent.api.models import Page
from jupyter_agent.observatory.models import Span, SpanKind, Trace, TraceSummary, TracingStatus
from jupyter_agent.turns.rows import turn_row, usage_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import ApprovalRow, ModelRequestRow, ToolCallRow, TurnRow

Status = Literal["ok", "error", "unset"]

FAILED = ("budget", "max_steps", "provider_error", "refused", "repetition", "server_restart", "timeout")
"""Ends that nobody wanted: what was asked for was not done. A person's `interrupted` and `denied` are none of them."""
PROVIDER_NAMES = {"openai": "openai", "anthropic": "anthropic", "google": "gcp.gemini"}
"""As the conventions call them, by the kind of provider; others keep their own ids."""
NOT_RECORDED = ("content", "thinking", "tool_progress")
"""Events that come in crowds and say nothing about time that nothing else says."""


def trace_id(turn_id: str) -> str:
    """A turn's id in OpenTelemetry: the same 32 digits."""
    return turn_id.rpartition("_")[2]


def span_id(of: str) -> str:
    """The span of a row, by the row's id."""
    return hashlib.sha256(of.encode()).hexdigest()[:16]


def busy_ms(spans: Iterable[Span], now: datetime) -> dict[SpanKind, int]:
    """Milliseconds in which at least one span of a kind was open, by kind."""
    by_kind: dict[SpanKind, list[tuple[datetime, datetime]]] = {}
    for span in spans:
        by_kind.setdefault(span.kind, []).append((span.started_at, span.finished_at or now))
    found: dict[SpanKind, int] = {}
    for kind, intervals in by_kind.items():
        total, until = timedelta(), None
        for start, end in sorted(intervals):
            begin = start if until is None else max(start, until)
            if end > begin:
                total += end - begin
            until = end if until is None else max(until, end)
        found[kind] = _ms(total)
    return found


def _ms(span: timedelta) -> int:
    return max(0, round(span.total_seconds() * 1000))


@dataclass
class Recorded:
    """All that was recorded of a turn."""

    turn: TurnRow
    requests: Sequence[ModelRequestRow] = ()
    calls: Sequence[ToolCallRow] = ()
    approvals: Sequence[ApprovalRow] = ()
    events: Sequence[tuple[str, dict[str, Any], datetime]] = ()
    """Without those of NOT_RECORDED."""
    saying: bool = False
    """Whether the model has said something that belongs to no request in the ledger."""
    providers: dict[str, str] = field(default_factory=dict)
    """What the conventions call the providers, by id."""


def read(orm: Orm, turn: TurnRow) -> Recorded:
    """What the database knows of a turn's time."""
    from sqlalchemy import func, select

    from jupyter_agent.providers.catalogue import BUILTIN
    from jupyter_agent.storage.tables import (
        ApprovalRow,
        ModelRequestRow,
        ProviderRow,
        ToolCallRow,
        TurnEventRow,
    )

    requests = list(
        orm.scalars(
            select(ModelRequestRow).where(ModelRequestRow.turn_id == turn.id).order_by(ModelRequestRow.created_at)
        )
    )
    calls = list(orm.scalars(select(ToolCallRow).where(ToolCallRow.turn_id == turn.id).order_by(ToolCallRow.id)))
    approvals = list(orm.scalars(select(ApprovalRow).where(ApprovalRow.turn_id == turn.id).order_by(ApprovalRow.id)))
    own = TurnEventRow.turn_id == turn.id
    rows = orm.execute(
        select(TurnEventRow.type, TurnEventRow.data, TurnEventRow.created_at, TurnEventRow.index.label("place"))
        .where(own, TurnEventRow.type.not_in(NOT_RECORDED))
        .order_by(TurnEventRow.index)
    ).all()
    last_usage = max((row.place for row in rows if row.type == "usage"), default=-1)
    saying = orm.scalar(
        select(func.count()).where(own, TurnEventRow.index > last_usage, TurnEventRow.type.in_(("content", "thinking")))
    )
    ids = {one.provider for one in requests} | ({turn.provider} if turn.provider else set())
    kinds: dict[str, str] = {id: id for id in BUILTIN if id in ids}
    found = orm.execute(select(ProviderRow.id, ProviderRow.kind).where(ProviderRow.id.in_(ids)))
    kinds |= {row.id: row.kind for row in found}
    return Recorded(
        turn=turn,
        requests=requests,
        calls=calls,
        approvals=approvals,
        events=[(row.type, json.loads(row.data), row.created_at) for row in rows],
        saying=bool(saying),
        providers={id: PROVIDER_NAMES.get(kind, id) for id, kind in kinds.items()},
    )


class Timeline:
    """The spans of one turn."""

    def __init__(self, recorded: Recorded, now: datetime) -> None:
        self._recorded = recorded
        self._turn = recorded.turn
        self._end = recorded.turn.finished_at
        self._now = now
        self._spans: list[Span] = []

    def spans(self) -> list[Span]:
        """In the order in which they began; the turn's own is the first."""
        turn = self._turn
        root = self._root()
        self._queue()
        for request in self._recorded.requests:
            self._request(request)
        for call in self._recorded.calls:
            self._call(call)
        for approval in self._recorded.approvals:
            self._approval(approval)
        self._told()
        self._going_on()
        order: dict[SpanKind, int] = {"queue": 0, "compaction": 1, "request": 2, "tool": 3}
        rest = sorted(self._spans, key=lambda span: (span.started_at, order.get(span.kind, 4), span.ref or ""))
        # Clocks of requests and of rows are not the same: nothing begins before its turn.
        for span in rest:
            if span.started_at < turn.created_at:
                span.started_at = turn.created_at
                span.duration_ms = _ms(span.finished_at - span.started_at) if span.finished_at is not None else None
        return [root, *rest]

    def _add(
        self,
        kind: SpanKind,
        name: str,
        start: datetime,
        end: datetime | None,
        *,
        of: str,
        parent: str | None = None,
        status: Status = "ok",
        message: str = "",
        ref: str | None = None,
        attributes: dict[str, Any] | None = None,
    ) -> Span:
        attributes = attributes or {}
        if end is None and self._end is not None:
            # Nobody has told how it ended: it ended with the turn.
            end, status, message = self._end, "error", message or "It was cut off by the end of the turn."
            attributes = {**attributes, "error.type": attributes.get("error.type") or self._turn.stop_reason}
        elif end is None:
            status = "unset"
        if end is not None:
            end = max(start, end)
        span = Span(
            id=span_id(of),
            parent_id=None if kind == "turn" else parent or span_id(self._turn.id),
            kind=kind,
            name=name,
            started_at=start,
            finished_at=end,
            duration_ms=_ms(end - start) if end is not None else None,
            status=status,
            message=message,
            attributes={name: value for name, value in attributes.items() if value is not None},
            ref=ref,
        )
        if kind != "turn":
            self._spans.append(span)
        return span

    def _provider(self, id: str | None) -> str | None:
        return self._recorded.providers.get(id, id) if id is not None else None

    def _root(self) -> Span:
        turn, usage = self._turn, usage_of(self._turn)
        agent = turn.agent or "default"
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": agent,
            "gen_ai.provider.name": self._provider(turn.provider),
            "gen_ai.request.model": turn.model,
            "gen_ai.conversation.id": turn.session_id,
            "gen_ai.usage.input_tokens": usage.input,
            "gen_ai.usage.output_tokens": usage.output,
            "gen_ai.usage.cache_read.input_tokens": usage.cache_read,
            "gen_ai.usage.cache_creation.input_tokens": usage.cache_write,
            "jupyter_agent.turn.id": turn.id,
            "jupyter_agent.turn.stop_reason": turn.stop_reason,
            "jupyter_agent.cost": usage.cost,
        }
        status = status_of(turn)
        if status == "error":
            attributes["error.type"] = (turn.error or {}).get("code") or turn.stop_reason
        message = str((turn.error or {}).get("message", ""))
        return self._add(
            "turn",
            f"invoke_agent {agent}",
            turn.created_at,
            turn.finished_at,
            of=turn.id,
            status=status,
            message=message,
            ref=turn.id,
            attributes=attributes,
        )

    def _queue(self) -> None:
        """Until the turn did anything: a busy server takes a moment."""
        told = [at for type, _, at in self._recorded.events if type != "turn_finished"][:1]
        asked = [_began(row) for row in self._recorded.requests[:1]]
        begun = max(self._turn.started_at or self._turn.created_at, min(told + asked, default=self._turn.created_at))
        if _ms(begun - self._turn.created_at) > 0:
            self._add("queue", "queue", self._turn.created_at, begun, of=f"{self._turn.id} queue")

    def _request(self, row: ModelRequestRow) -> None:
        first = row.first_token_ms / 1000 if row.first_token_ms is not None else None
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self._provider(row.provider),
            "gen_ai.request.model": row.model,
            "gen_ai.request.stream": True if row.purpose in ("turn", "reflection") else None,
            "gen_ai.conversation.id": row.session_id,
            "gen_ai.response.time_to_first_chunk": first,
            "gen_ai.usage.input_tokens": row.input_tokens,
            "gen_ai.usage.output_tokens": row.output_tokens,
            "gen_ai.usage.cache_read.input_tokens": row.cache_read_tokens,
            "gen_ai.usage.cache_creation.input_tokens": row.cache_write_tokens,
            "jupyter_agent.request.purpose": row.purpose,
            "jupyter_agent.request.step": row.step,
            "jupyter_agent.provider.id": row.provider,
            "jupyter_agent.cost": _cost(row),
            "error.type": row.error_code,
        }
        self._add(
            "request",
            f"chat {row.model}",
            _began(row),
            row.created_at,
            of=row.id,
            status="error" if row.error_code else "ok",
            message=row.error_code or "",
            ref=row.id,
            attributes=attributes,
        )

    def _call(self, row: ToolCallRow) -> None:
        failed = {"error": "tool_error", "denied": "denied", "cancelled": "cancelled"}.get(row.status)
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": row.name,
            "gen_ai.tool.call.id": row.tool_call_id,
            "gen_ai.tool.type": "function",
            "gen_ai.conversation.id": row.session_id,
            "jupyter_agent.tool.decision": row.decision,
            "jupyter_agent.tool.status": row.status,
            "jupyter_agent.tool.approved_by": row.approved_by,
            "jupyter_agent.request.step": row.step,
            "error.type": failed,
        }
        start = row.created_at
        if row.finished_at is not None and row.duration_ms is not None and row.started_at is None:
            # Of a tool that there is not only the answer is told.
            start = min(start, row.finished_at - timedelta(milliseconds=row.duration_ms))
        self._add(
            "tool",
            f"execute_tool {row.name}",
            start,
            row.finished_at,
            of=row.id,
            status="error" if failed else "ok",
            message=(row.reason if row.status == "denied" else row.status) if failed else "",
            ref=row.id,
            attributes=attributes,
        )

    def _approval(self, row: ApprovalRow) -> None:
        said_no = row.status in ("expired", "cancelled")
        self._add(
            "approval",
            f"approval {row.tool}",
            row.created_at,
            row.decided_at,
            of=row.id,
            parent=span_id(row.call_id),
            status="error" if said_no else "ok",
            message=row.status if said_no else "",
            ref=row.id,
            attributes={
                "gen_ai.tool.name": row.tool,
                "gen_ai.tool.call.id": row.tool_call_id,
                "jupyter_agent.approval.status": row.status,
                "jupyter_agent.approval.decided_by": row.decided_by,
                "error.type": row.status if said_no else None,
            },
        )

    def _told(self) -> None:
        """What only events tell of: calls that a client made, contexts that were made shorter."""
        steps = 0
        for place, (type, data, at) in enumerate(self._recorded.events):
            if type == "usage":
                steps += 1
            elif type == "client_tool_call":
                self._client(place, data, at)
            elif type == "compaction":
                self._compaction(place, data, at, steps)

    def _compaction(self, place: int, data: dict[str, Any], at: datetime, steps: int) -> None:
        """With the requests that were made for it: each that no compaction before it has."""
        root, own = span_id(self._turn.id), f"{self._turn.id} compaction {place}"
        made = [
            span
            for span in self._spans
            if span.attributes.get("jupyter_agent.request.purpose") == "compaction"
            and span.parent_id == root
            and span.finished_at is not None
            and span.finished_at <= at
        ]
        for span in made:
            span.parent_id = span_id(own)
        self._add(
            "compaction",
            f"compaction {data.get('strategy', '')}".strip(),
            min((span.started_at for span in made), default=at),
            at,
            of=own,
            attributes={
                "jupyter_agent.compaction.strategy": data.get("strategy"),
                "jupyter_agent.compaction.before": data.get("before"),
                "jupyter_agent.compaction.after": data.get("after"),
                "jupyter_agent.request.step": data.get("step", steps),
            },
        )

    def _client(self, place: int, data: dict[str, Any], at: datetime) -> None:
        id = data.get("tool_call_id", "")
        answered = next(
            (
                (later, said)
                for type, said, later in self._recorded.events[place + 1 :]
                if type == "tool_result" and said.get("tool_call_id") == id
            ),
            None,
        )
        # Ids of calls are unique within a step only: the one that had begun last is meant.
        calls = [one for one in self._recorded.calls if one.tool_call_id == id and one.created_at <= at]
        row = max(calls, key=lambda one: (one.created_at, one.step), default=None)
        failed = answered is not None and bool(answered[1].get("is_error"))
        self._add(
            "client",
            f"client {data.get('name', '')}",
            datetime.fromisoformat(data["asked_at"]) if data.get("asked_at") else at,
            answered[0] if answered is not None else None,
            of=f"{self._turn.id} client {place}",
            parent=span_id(row.id) if row is not None else None,
            status="error" if failed else "ok",
            message="the client's answer was an error, or there was none" if failed else "",
            ref=row.id if row is not None else None,
            attributes={
                "gen_ai.tool.name": data.get("name"),
                "gen_ai.tool.call.id": id,
                "error.type": "tool_error" if failed else None,
            },
        )

    def _going_on(self) -> None:
        """What is being done, or was when the server died: the ledger has requests that have ended, and calls are
        written down when they wait, change something, or have ended."""
        turn = self._turn
        if turn.status == "queued" or (self._end is not None and turn.stop_reason != "server_restart"):
            return
        told = self._recorded.events
        step_began = max((place for place, event in enumerate(told) if event[0] == "usage"), default=-1)
        step = told[step_began + 1 :]
        answered = {data.get("tool_call_id") for type, data, _ in step if type == "tool_result"}
        calls = [(data, at) for type, data, at in step if type == "tool_call"]
        waited_for = [(data, at) for data, at in calls if data.get("tool_call_id") not in answered]
        for data, at in waited_for:
            id = data.get("tool_call_id")
            # Ids of calls are unique within a step only.
            same = (one.finished_at for one in self._recorded.calls if one.tool_call_id == id)
            if not any(end is None or end >= at for end in same):
                self._running_call(data, at)
        began = [at for type, _, at in told if type in ("turn_started", "context", "model_selected", "tool_result")]
        if waited_for or not began or (step_began >= 0 and not calls and not self._recorded.saying):
            return  # at its calls, or at its end
        requests = [one.finished_at for one in self._spans if one.kind == "request" and one.finished_at is not None]
        self._add(
            "request",
            f"chat {turn.model or ''}".strip(),
            max([*began, *requests]),
            None,
            of=f"{turn.id} request {turn.steps}",
            message="The server died before the answer had come." if self._end is not None else "",
            attributes={
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": self._provider(turn.provider),
                "gen_ai.request.model": turn.model,
                "gen_ai.conversation.id": turn.session_id,
                "jupyter_agent.request.step": turn.steps,
            },
        )

    def _running_call(self, data: dict[str, Any], at: datetime) -> None:
        self._add(
            "tool",
            f"execute_tool {data.get('name', '')}",
            at,
            None,
            of=f"{self._turn.id} {self._turn.steps} {data.get('tool_call_id')}",
            attributes={
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": data.get("name"),
                "gen_ai.tool.call.id": data.get("tool_call_id"),
                "gen_ai.tool.type": "function",
                "gen_ai.conversation.id": self._turn.session_id,
                "jupyter_agent.request.step": self._turn.steps,
            },
        )


def _began(row: ModelRequestRow) -> datetime:
    """When a request was made: its row is of the moment when it had ended."""
    return row.created_at - timedelta(milliseconds=row.duration_ms or 0)


def _cost(row: ModelRequestRow) -> str | None:
    from jupyter_agent.providers.pricing import money

    return money(row.cost)


def status_of(turn: TurnRow) -> Status:
    """`unset` while it runs; `error` where it ended for a reason of FAILED."""
    if turn.status != "finished":
        return "unset"
    return "error" if turn.stop_reason in FAILED else "ok"


class Traces:
    """Timelines of turns, here and at a collector."""

    def __init__(self, services: Services) -> None:
        from jupyter_agent.observatory.otel import Exporter

        self._services = services
        self._exporter = Exporter(services, self._exported)

    async def of_turn(self, owner: str, turn_id: str) -> Trace:
        """The turn's timeline, also while it runs. Raises ApiError 404."""
        from jupyter_agent.storage.tables import utcnow

        return await self._services.db.read(lambda orm: self._trace(read(orm, turn_row(orm, owner, turn_id)), utcnow()))

    def _trace(self, recorded: Recorded, now: datetime) -> Trace:
        spans = Timeline(recorded, now).spans()
        return Trace(**self._summary(recorded.turn).model_dump(), spans=spans, busy_ms=busy_ms(spans, now))

    def _summary(self, row: TurnRow) -> TraceSummary:
        id = trace_id(row.id)
        return TraceSummary(
            id=id,
            turn_id=row.id,
            session_id=row.session_id,
            name=row.message[:120],
            started_at=row.created_at,
            duration_ms=_ms(row.finished_at - row.created_at) if row.finished_at is not None else None,
            status=status_of(row),
            stop_reason=row.stop_reason,
            provider=row.provider,
            model=row.model,
            usage=usage_of(row),
            url=self._url(id),
        )

    def _url(self, id: str | None) -> str | None:
        base: str = self._services.settings.tracing.jaeger_url.rstrip("/")
        if not base:
            return None
        return base if id is None else f"{base}/trace/{id}"

    async def page(
        self, owner: str, limit: int, offset: int, *, session_id: str | None, status: str | None
    ) -> Page[TraceSummary]:
        """The owner's traces, newest first; those of one session, or of one status, where that is said."""
        from sqlalchemy import func, select

        from jupyter_agent.storage.tables import TurnRow

        where: list[Any] = [TurnRow.owner == owner]
        if session_id is not None:
            where.append(TurnRow.session_id == session_id)
        if status is not None:
            failed = TurnRow.stop_reason.in_(FAILED)
            where += [TurnRow.status == "finished", failed if status == "error" else ~failed]

        def look(orm: Orm) -> Page[TraceSummary]:
            total = orm.scalar(select(func.count()).select_from(TurnRow).where(*where)) or 0
            rows = orm.scalars(
                select(TurnRow)
                .where(*where)
                .order_by(TurnRow.created_at.desc(), TurnRow.id.desc())
                .limit(limit)
                .offset(offset)
            )
            return Page(items=[self._summary(row) for row in rows], total=total, limit=limit, offset=offset)

        return await self._services.db.read(look)

    async def get(self, owner: str, trace_id: str) -> Trace:
        """The trace of this id. Raises ApiError 404."""
        if not re.fullmatch("[0-9a-f]{32}", trace_id):
            raise not_found("trace", trace_id)
        try:
            return await self.of_turn(owner, f"turn_{trace_id}")
        except ApiError as error:
            raise not_found("trace", trace_id) if error.status == 404 else error from None

    # Elsewhere

    def ended(self, owner: str, turn_id: str) -> None:
        """Exports a turn that has ended, in the background, where a collector is configured."""
        self._exporter.put(owner, turn_id)

    async def _exported(self, owner: str, turn_id: str) -> tuple[Trace, Recorded]:
        """What the exporter sends."""
        from jupyter_agent.storage.tables import utcnow

        def look(orm: Orm) -> tuple[Trace, Recorded]:
            recorded = read(orm, turn_row(orm, owner, turn_id))
            return self._trace(recorded, utcnow()), recorded

        return await self._services.db.read(look)

    def status(self) -> TracingStatus:
        """Whether traces are exported, and how that goes."""
        return self._exporter.status(self._url(None))

    def jaeger(self, trace_id: str | None = None) -> str:
        """Where Jaeger is, or shows a trace. Raises ApiError 409 where none is configured."""
        url = self._url(trace_id)
        if url is None:
            raise ApiError(409, "not_configured", "No Jaeger is configured: an administrator sets tracing.jaeger_url.")
        return url

    async def close(self) -> None:
        """Sends what waits to be sent, for a moment at the most."""
        await self._exporter.close()
