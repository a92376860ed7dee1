"""One turn, driven by pydantic-ai: model, tools, model ..., each step told to the log."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic_ai import Agent
from pydantic_ai.exceptions import ContentFilterError, UnexpectedModelBehavior
from pydantic_ai.messages import (
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
)
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import UsageLimits

from jupyter_agent.api.models import Usage
from jupyter_agent.observatory.contexts import Contexts
from jupyter_agent.observatory.items import Label
from jupyter_agent.providers.service import ResolvedModel
from jupyter_agent.storage.search import clean, clean_text
from jupyter_agent.storage.tables import TurnRow
from jupyter_agent.tools.gate import Kept, call_row
from jupyter_agent.turns import context
from jupyter_agent.turns.context import Piece
from jupyter_agent.turns.events import now_ms
from jupyter_agent.turns.models import StopReason, TurnError, TurnStart
from jupyter_agent.turns.requests import Metered, StopTurn
from jupyter_agent.turns.toolset import TOOL_RETRIES, TurnToolset

if TYPE_CHECKING:
    from pydantic_ai.run import AgentRun
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.providers.selection import Choice
    from jupyter_agent.tools.models import ToolImage
    from jupyter_agent.turns.events import EventLog, LiveLog

log = logging.getLogger(__name__)

T = TypeVar("T")

KEPT_CALLS = 100
"""Of a turn that waits: as many as `turns.repetition_limit` could look at."""

REPORT_INSTRUCTIONS = (
    "Write a short preliminary report for another assistant who will answer the user: what is asked, what matters, "
    "what could go wrong, the key facts. Do not address the user."
)


@dataclass
class Guide:
    """What the user said while the turn ran."""

    id: str
    message: str
    enqueue_id: str | None = None


@dataclass
class Outcome:
    """How the loop ended."""

    reason: StopReason = "completed"
    error: TurnError | None = None


@dataclass
class Resumed:
    """What a turn goes on with that another process has begun."""

    messages: str
    instructions: str
    calls: list[str]
    """What it has called, for the same call again and again."""
    told: set[str]
    """Calls of the step in which it waits that are in the log."""
    results: set[str]
    """Those whose results are."""
    decided: set[str]
    """Approvals whose answers are."""
    context: dict[str, Any] | None = None
    """What `contexts` knows."""


@dataclass
class TurnLoop:
    """The state of a running turn. Lives in one task; `guide` is called from others."""

    services: Services
    events: EventLog
    live: LiveLog
    owner: str
    session_id: str
    turn_id: str
    start: TurnStart
    resolved: ResolvedModel
    choice: Choice | None = None
    """Why it is this model; None where another process has begun the turn and told."""
    usage: Usage = field(default_factory=Usage)
    cost: Decimal | None = None
    steps: int = 0
    guides: list[Guide] = field(default_factory=list)
    writes: set[asyncio.Task[Any]] = field(default_factory=set)
    ending: bool = False
    agent_run: AgentRun[object, str] | None = None
    refused: bool = False
    resumed: Resumed | None = None
    """Where another process has begun the turn."""
    waiting_changed: Callable[[bool], None] = lambda waits: None
    """Called when the turn's row says that it waits for a person, and when it does not any more."""
    pending_changed: Callable[[], None] = lambda: None
    """Called when there is one more answer to wait for, or one less."""
    elapsed: Callable[[], float] = lambda: 0.0
    """Seconds that the turn has worked."""
    _pending: set[str] = field(default_factory=set)
    """Approvals that are waited for."""
    _is_waiting: bool = False
    """Whether the turn's row says so."""
    _stop: StopReason | None = None
    """Why no other model request is to be made."""
    _dumped: tuple[int, str] | None = None
    _instructions: str = ""
    calls: list[str] = field(default_factory=list)
    _call_started: dict[str, tuple[str, dict[str, Any], float]] = field(default_factory=dict)
    _toolset: TurnToolset | None = None
    contexts: Contexts = field(init=False)

    def __post_init__(self) -> None:
        self.contexts = Contexts(self)

    # From outside ----------------------------------------------------------------------------------------------------

    def guide(self, guide: Guide) -> bool:
        """Hands the user's words to the run; False where it has made its last step."""
        if self.ending:
            return False
        self.guides.append(guide)
        self._enqueue()
        return True

    def _enqueue(self) -> None:
        if self.agent_run is not None:
            for guide in self.guides:
                if guide.enqueue_id is None:
                    guide.enqueue_id = self.agent_run.enqueue(guide.message)

    # The turn --------------------------------------------------------------------------------------------------------

    def emit(self, type: str, **data: Any) -> None:
        if type == "approval_decided" and self.resumed is not None and data["approval_id"] in self.resumed.decided:
            return  # the process before has told of it
        self.events.append(self.live, type, data)

    async def run(self) -> Outcome:
        """Drives the turn to its end. Raises nothing but CancelledError: what goes wrong is the outcome."""
        try:
            try:
                await self._drive()
            except UnexpectedModelBehavior:
                await self._one_too_many()
                raise
        except StopTurn as stop:
            return Outcome(stop.reason)
        except ContentFilterError:
            return Outcome("refused")
        except Exception as error:
            if (hidden := _cause(error, StopTurn)) is not None:
                return Outcome(hidden.reason)
            told = self.services.providers.explain(error)
            if told.code == "internal_error":
                log.error("turn failed", exc_info=error, extra=self._fields())
            else:
                log.warning("model request failed: %s", told.message, extra={**self._fields(), "code": told.code})
            return Outcome("provider_error", told)
        finally:
            self.ending = True
        return Outcome("refused" if self.refused else "completed")

    def _fields(self) -> dict[str, Any]:
        return {"session_id": self.session_id, "turn_id": self.turn_id, "provider": self.resolved.provider_id}

    async def _drive(self) -> None:
        start, resolved = self.start, self.resolved
        toolset = self._toolset = await self._tools()
        if self.resumed is not None:
            prompt, messages = None, await self._resume(self.resumed)
        else:
            prompt, messages = await self._begin(toolset)
        agent: Agent[object, str] = Agent(
            Metered(self, resolved),
            instructions=self._instructions,
            toolsets=[toolset] if toolset is not None else (),
            model_settings=_model_settings(start),
            retries={"tools": TOOL_RETRIES, "output": 1},
            # Every turn is an agent of its own, and nobody looks for it by a name.
            name=start.agent or "default",
        )
        async with agent.iter(
            prompt, message_history=messages or None, usage_limits=UsageLimits(request_limit=None)
        ) as run:
            self.agent_run = run
            self._enqueue()
            async for node in run:
                if Agent.is_model_request_node(node) or Agent.is_call_tools_node(node):
                    async with node.stream(run.ctx) as stream:
                        async for event in stream:
                            if isinstance(event, FunctionToolResultEvent):
                                await self._on_result(event)
                            else:
                                self._on_event(event)

    async def _tools(self) -> TurnToolset | None:
        """The tools that the model gets; None where there are none."""
        if not self.resolved.supports_tools:
            return None
        tools = await self.services.tools.for_turn(self.owner, self.session_id, self.start)
        if not tools:
            return None
        calls = self.services.tools.calls(
            self,
            owner=self.owner,
            session_id=self.session_id,
            turn_id=self.turn_id,
            mode=self.start.mode,
            notebook=await self._notebook(),
            tools=tools,
        )
        if self.resumed is not None:
            await calls.load(self.steps)
        return TurnToolset(calls, lambda: self.steps, self._seen, self._check)

    def _check(self) -> None:
        if self._stop is not None:
            raise StopTurn(self._stop)

    async def _notebook(self) -> str | None:
        if self.start.notebook is not None:
            return self.start.notebook
        return await self.services.db.read(
            lambda orm: self.services.sessions.row(orm, self.owner, self.session_id).notebook
        )

    async def _seen(self, images: Sequence[ToolImage]) -> dict[str, tuple[str, bytes]]:
        """The pictures of a result by their blobs, where the model sees pictures."""
        if not self.resolved.supports_images:
            return {}
        blobs = {image.blob_id: await self.services.blobs.get(image.blob_id, self.owner) for image in images}
        return {id: (blob.media_type, blob.data) for id, blob in blobs.items() if blob is not None}

    async def _begin(self, toolset: TurnToolset | None) -> tuple[Any, list[ModelMessage]]:
        """What the model is given first: the question and the history."""
        notebook = await self._notebook() if toolset is not None else None
        begun = await context.begin(self, len(toolset.definitions) if toolset is not None else 0, notebook)
        self._instructions, pieces = begun.instructions, begun.pieces
        self.contexts.open(begun.opening)
        if self.choice is not None:
            self.emit("model_selected", **self.choice.event())
        if self.start.reflection:
            try:
                report = await self._report(begun.messages, pieces)
            except ContentFilterError:
                log.info("no report: its model refused", extra=self._fields())
                report = None
            if report is not None:
                label = Label("steps", "Preliminary report")
                pieces = [Piece(label, f"<preliminary_report>\n{report}\n</preliminary_report>"), *pieces]
            self.contexts.relabel([piece.label for piece in pieces])
        return context.prompt_of(pieces), begun.messages

    async def _resume(self, resumed: Resumed) -> list[ModelMessage]:
        """The messages up to the calls that wait, with which pydantic-ai goes on."""
        self._instructions = resumed.instructions
        self.contexts.resume(resumed.context)
        self.calls = list(resumed.calls)
        self._is_waiting = True
        messages: list[ModelMessage] = await asyncio.to_thread(ModelMessagesTypeAdapter.validate_json, resumed.messages)
        return messages

    def _on_event(self, event: Any) -> None:
        if isinstance(event, PartDeltaEvent):
            if isinstance(event.delta, TextPartDelta):
                self.say("content", event.delta.content_delta)
            elif isinstance(event.delta, ThinkingPartDelta):
                self.say("thinking", event.delta.content_delta)
        elif isinstance(event, PartStartEvent):
            if isinstance(event.part, TextPart):
                self.say("content", event.part.content)
            elif isinstance(event.part, ThinkingPart):
                self.say("thinking", event.part.content)
        elif isinstance(event, FunctionToolCallEvent):
            part = event.part
            args = part.args_as_dict()
            self._call_started[part.tool_call_id] = (part.tool_name, args, time.monotonic())
            if self.resumed is not None and part.tool_call_id in self.resumed.told:
                self.resumed.told.discard(part.tool_call_id)
                return
            self.calls.append(f"{part.tool_name} {json.dumps(args, sort_keys=True, default=str)}")
            self.emit("tool_call", tool_call_id=part.tool_call_id, name=part.tool_name, args=args)

    async def _on_result(self, event: FunctionToolResultEvent) -> None:
        """Writes down calls of tools that there are not: of the others the gate has told."""
        id = event.tool_call_id
        name, args, started = self._call_started.pop(id, (event.part.tool_name or "", {}, time.monotonic()))
        if self._toolset is not None and name in self._toolset.names:
            return
        if self.resumed is not None and id in self.resumed.results:
            self.resumed.results.discard(id)
            return
        await self._not_there(id, name, args, started, _content(event.part))

    async def _one_too_many(self) -> None:
        """Writes down the call after which pydantic-ai gave up; it has told no result of it."""
        known = self._toolset.names if self._toolset is not None else frozenset()
        for id, (name, args, started) in self._call_started.items():
            if name not in known:
                await self._not_there(id, name, args, started, f"There is no tool {name!r}.")

    async def _not_there(self, id: str, name: str, args: dict[str, Any], started: float, text: str) -> None:
        kept, duration = Kept(clean_text(text), is_error=True), now_ms(started)
        row = call_row(
            self.owner,
            self.session_id,
            self.turn_id,
            self.steps,
            id,
            name=clean_text(name)[:128],
            arguments=clean(args),
        )
        row.decision, row.reason = "deny", "there is no such tool"
        kept.put(row, "error", duration)
        data = {"tool_call_id": id, "name": name, **kept.event(), "duration_ms": duration}
        await self.write("tool_result", data, lambda orm: orm.add(row))

    def say(self, type: str, delta: str | None) -> None:
        if delta:
            self.events.append(self.live, type, {"delta": delta})

    # What its calls tell ---------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether it waits for a person, and all that it needs to go on later is stored."""
        return bool(self._pending)

    async def write(self, type: str | None, data: dict[str, Any], write: Callable[[Orm], T]) -> T:
        """See tools.gate.Telling. A turn that waited runs again with the first thing that is written without it."""
        goes_on = self._is_waiting and not self._pending

        def transaction(orm: Orm) -> tuple[T, bool]:
            given = write(orm)
            return given, goes_on and self._goes_on(orm)

        given, runs = await self._stored(type, data, transaction)
        if runs:
            self._is_waiting = False
            self.waiting_changed(False)
        return given

    def _goes_on(self, orm: Orm) -> bool:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import ApprovalRow

        pending = select(ApprovalRow.id).where(ApprovalRow.turn_id == self.turn_id, ApprovalRow.status == "pending")
        if orm.scalar(pending.limit(1)) is not None:
            return False
        row = orm.get(TurnRow, self.turn_id, with_for_update=True)
        if row is not None and row.status == "waiting":
            row.status = "running"
        return True

    async def waits(self, approval_id: str, data: dict[str, Any], write: Callable[[Orm], None]) -> None:
        """See tools.gate.Telling."""
        state = {"instructions": self._instructions, "calls": self.calls[-KEPT_CALLS:], "elapsed": self.elapsed()}
        state["context"] = self.contexts.state()
        messages = await self._dump()

        def transaction(orm: Orm) -> None:
            from jupyter_agent.storage.tables import TurnStateRow, utcnow

            write(orm)
            orm.merge(TurnStateRow(turn_id=self.turn_id, messages=messages, state=state, updated_at=utcnow()))
            row = orm.get(TurnRow, self.turn_id, with_for_update=True)
            if row is not None and row.status != "finished":
                row.status = "waiting"
                for name, value in self.counters().items():
                    setattr(row, name, value)

        self._pending.add(approval_id)
        self.pending_changed()
        await self._stored("approval_requested", data, transaction)
        self._is_waiting = True
        self.waiting_changed(True)

    def waits_again(self, approval_id: str) -> None:
        """See tools.gate.Telling."""
        self._pending.add(approval_id)
        self.pending_changed()

    def answered(self, approval_id: str, *, stop: bool) -> None:
        """See tools.gate.Telling."""
        self._pending.discard(approval_id)
        self.pending_changed()
        if stop:
            self._stop = "denied"

    async def _stored(self, type: str | None, data: dict[str, Any], write: Callable[[Orm], T]) -> T:
        task = asyncio.ensure_future(self.events.write(self.live, type, data, write))
        # Whoever ends the turn waits for it: a call that is cancelled does not undo what is being written.
        self.writes.add(task)
        task.add_done_callback(self.writes.discard)
        return await asyncio.shield(task)

    async def _dump(self) -> str:
        """The messages up to the calls of this step, as JSON."""
        assert self.agent_run is not None, "only a run calls tools"
        if self._dumped is None or self._dumped[0] != self.steps:
            messages = list(self.agent_run.ctx.state.message_history)
            while messages and not isinstance(messages[-1], ModelResponse):
                messages.pop()
            dumped = await asyncio.to_thread(ModelMessagesTypeAdapter.dump_json, messages)
            self._dumped = (self.steps, dumped.decode())
        return self._dumped[1]

    async def _report(self, messages: list[ModelMessage], pieces: Sequence[Piece]) -> str | None:
        """The first pass of a reflection: another provider's view where there is one, else the same model's. None, or
        ContentFilterError, where that model refuses."""
        other = await self.services.providers.other_than(self.resolved.provider_id) or self.resolved
        visible = [one for one in pieces if other.supports_images or isinstance(one.content, str)]
        self.contexts.relabel([piece.label for piece in visible])
        model = Metered(self, other, purpose="reflection")
        await model.say_why()
        agent: Agent[object, str] = Agent(model, instructions=REPORT_INSTRUCTIONS, name="reflection")
        async with agent.run_stream(
            context.prompt_of(visible), message_history=messages or None, usage_limits=UsageLimits(request_limit=None)
        ) as result:
            report = str(await result.get_output())
            return None if result.response.finish_reason == "content_filter" else report

    # Model requests --------------------------------------------------------------------------------------------------

    def deliver(self) -> None:
        """Says which of the user's words are in the request that is made now."""
        if self.agent_run is None:
            return
        waiting = {pending.enqueue_id for pending in self.agent_run.pending_messages}
        delivered = [one for one in self.guides if one.enqueue_id is not None and one.enqueue_id not in waiting]
        for guide in delivered:
            self.guides.remove(guide)
            self.emit("guidance", id=guide.id, message=guide.message)
            self.later(self._delivered(guide.id))

    async def _delivered(self, id: str) -> None:
        from jupyter_agent.storage.tables import GuidanceRow, utcnow

        def write(orm: Orm) -> None:
            row = orm.get(GuidanceRow, id)
            if row is not None:
                row.delivered_at = utcnow()

        await self.services.db.write(write)

    def counters(self) -> dict[str, Any]:
        """What the turn has used, as its row holds it."""
        return {
            "steps": self.steps,
            "input_tokens": self.usage.input,
            "output_tokens": self.usage.output,
            "cache_read_tokens": self.usage.cache_read,
            "cache_write_tokens": self.usage.cache_write,
            "requests": self.usage.requests,
            "cost": self.cost,
        }

    def later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.writes.add(task)
        task.add_done_callback(self._written)

    def _written(self, task: asyncio.Task[Any]) -> None:
        self.writes.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a record of the turn was not written", exc_info=task.exception(), extra=self._fields())


def _model_settings(start: TurnStart) -> ModelSettings:
    settings: ModelSettings = {}
    if start.thinking is not None:
        settings["thinking"] = False if start.thinking == "off" else start.thinking
    given = start.settings
    if given is not None:
        if given.temperature is not None:
            settings["temperature"] = given.temperature
        if given.top_p is not None:
            settings["top_p"] = given.top_p
        if given.max_output_tokens is not None:
            settings["max_tokens"] = given.max_output_tokens
        if given.seed is not None:
            settings["seed"] = given.seed
        if given.stop:
            settings["stop_sequences"] = given.stop
    return settings


def _content(part: Any) -> str:
    """What a tool gave, as the model reads it."""
    if hasattr(part, "model_response_str"):
        return str(part.model_response_str())
    return str(part.model_response())  # what says that a call is to be made again


def _cause(error: BaseException, kind: type[StopTurn]) -> StopTurn | None:
    """The StopTurn behind an error that wraps it."""
    known: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in known:
            continue
        if isinstance(one, kind):
            return one
        known.add(id(one))
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
    return None
