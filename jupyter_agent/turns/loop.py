"""One turn, driven by pydantic-ai: model, tools, model ..., each step told to the log."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic_ai import Agent
from pydantic_ai.exceptions import ContentFilterError
from pydantic_ai.messages import (
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    ModelMessage,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
)
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import UsageLimits

from jupyter_agent.api.models import Usage
from jupyter_agent.providers.pricing import money, usage_of
from jupyter_agent.providers.service import LONGEST_WAIT, ResolvedModel
from jupyter_agent.storage.ids import new_id
from jupyter_agent.storage.tables import ModelRequestRow, TurnRow
from jupyter_agent.turns import context, toolset
from jupyter_agent.turns.events import now_ms
from jupyter_agent.turns.models import StopReason, Task, TurnError, TurnStart

if TYPE_CHECKING:
    from pydantic_ai import RunContext
    from pydantic_ai.run import AgentRun
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.turns.events import EventLog, LiveLog

log = logging.getLogger(__name__)

REPORT_INSTRUCTIONS = (
    "Write a short preliminary report for another assistant who will answer the user: what is asked, what matters, "
    "what could go wrong, the key facts. Do not address the user."
)
TOOL_RETRIES = 3
"""Calls in a row of one tool with arguments that it cannot take."""


class StopTurn(Exception):
    """The turn ends here, for a reason of its own."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason: StopReason = reason


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
    usage: Usage = field(default_factory=Usage)
    cost: Decimal | None = None
    steps: int = 0
    guides: list[Guide] = field(default_factory=list)
    writes: set[asyncio.Task[Any]] = field(default_factory=set)
    ending: bool = False
    _run: AgentRun[object, str] | None = None
    _refused: bool = False
    _calls: list[str] = field(default_factory=list)
    _call_started: dict[str, tuple[str, float]] = field(default_factory=dict)

    # From outside ----------------------------------------------------------------------------------------------------

    def guide(self, guide: Guide) -> bool:
        """Hands the user's words to the run; False where it has made its last step."""
        if self.ending:
            return False
        self.guides.append(guide)
        self._enqueue()
        return True

    def _enqueue(self) -> None:
        if self._run is not None:
            for guide in self.guides:
                if guide.enqueue_id is None:
                    guide.enqueue_id = self._run.enqueue(guide.message)

    # The turn --------------------------------------------------------------------------------------------------------

    def emit(self, type: str, **data: Any) -> None:
        self.events.append(self.live, type, data)

    async def run(self) -> Outcome:
        """Drives the turn to its end. Raises nothing but CancelledError: what goes wrong is the outcome."""
        try:
            await self._drive()
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
        return Outcome("refused" if self._refused else "completed")

    def _fields(self) -> dict[str, Any]:
        return {"session_id": self.session_id, "turn_id": self.turn_id, "provider": self.resolved.provider_id}

    async def _drive(self) -> None:
        settings = self.services.settings.turns
        start, resolved = self.start, self.resolved
        tools = toolset.tools(start.tools, set_tasks=self._set_tasks) if resolved.supports_tools else []
        prefix = f"{start.system_prefix}\n\n" if start.system_prefix else ""
        local = self.services.settings.local_model
        instructions = prefix + (local.system_prompt if resolved.kind == "local" else settings.system_prompt)

        def read(orm: Orm) -> tuple[list[context.HistoryMessage], context.HistoryMessage]:
            return context.read_history(orm, self.session_id, self.turn_id), context.read_message(orm, self.turn_id)

        history, message = await self.services.db.read(read)
        schemas = "".join(json.dumps(tool.tool_def.parameters_json_schema) for tool in tools)
        budget = context.budget_of(start, settings.context_budget, resolved.context_window)
        seen = await asyncio.to_thread(
            context.build,
            instructions=instructions,
            history=history,
            message=message,
            tool_schemas=schemas,
            budget=budget,
        )
        self.emit("context", **seen.event())
        chosen = {"provider": resolved.provider_id, "model": resolved.model_id}
        self.emit("model_selected", **chosen, reason=self._reason(), candidates=[chosen])
        images = await self._images([*seen.history, seen.message])
        messages = context.model_messages(
            seen.history, images, sees=resolved.supports_images, calls_tools=resolved.supports_tools
        )
        content = context.user_content(seen.message, images, resolved.supports_images)
        if start.reflection:
            report = await self._report(messages, content)
            content = [f"<preliminary_report>\n{report}\n</preliminary_report>", *content]
        agent: Agent[object, str] = Agent(
            Metered(resolved.model, self),
            instructions=seen.instructions,
            tools=tools,
            model_settings=_model_settings(start),
            retries={"tools": TOOL_RETRIES, "output": 1},
            # Every turn is an agent of its own, and nobody looks for it by a name.
            name=start.agent or "default",
        )
        prompt = content[0] if len(content) == 1 and isinstance(content[0], str) else content
        async with agent.iter(
            prompt, message_history=messages or None, usage_limits=UsageLimits(request_limit=None)
        ) as run:
            self._run = run
            self._enqueue()
            async for node in run:
                if Agent.is_model_request_node(node) or Agent.is_call_tools_node(node):
                    async with node.stream(run.ctx) as stream:
                        async for event in stream:
                            self._on_event(event)

    def _reason(self) -> str:
        return "asked for" if self.start.provider or self.start.model else "default"

    async def _images(self, messages: list[context.HistoryMessage]) -> dict[str, tuple[str, bytes]]:
        found = {}
        for id in context.image_ids(messages) if self.resolved.supports_images else ():
            blob = await self.services.blobs.get(id, self.owner)
            if blob is not None:
                found[id] = (blob.media_type, blob.data)
        return found

    def _on_event(self, event: Any) -> None:
        if isinstance(event, PartDeltaEvent):
            if isinstance(event.delta, TextPartDelta):
                self._say("content", event.delta.content_delta)
            elif isinstance(event.delta, ThinkingPartDelta):
                self._say("thinking", event.delta.content_delta)
        elif isinstance(event, PartStartEvent):
            if isinstance(event.part, TextPart):
                self._say("content", event.part.content)
            elif isinstance(event.part, ThinkingPart):
                self._say("thinking", event.part.content)
        elif isinstance(event, FunctionToolCallEvent):
            part = event.part
            args = part.args_as_dict()
            self._calls.append(f"{part.tool_name} {json.dumps(args, sort_keys=True, default=str)}")
            self._call_started[part.tool_call_id] = (part.tool_name, time.monotonic())
            self.emit("tool_call", tool_call_id=part.tool_call_id, name=part.tool_name, args=args)
        elif isinstance(event, FunctionToolResultEvent):
            name, started = self._call_started.pop(event.tool_call_id, (event.part.tool_name, time.monotonic()))
            self.emit(
                "tool_result",
                tool_call_id=event.tool_call_id,
                name=name,
                content=_content(event.part),
                is_error=getattr(event.part, "outcome", "retried") != "success",
                duration_ms=now_ms(started),
            )

    def _say(self, type: str, delta: str | None) -> None:
        if delta:
            self.events.append(self.live, type, {"delta": delta})

    async def _set_tasks(self, items: list[Task]) -> None:
        stored = [task.model_dump() for task in items]

        def write(orm: Orm) -> None:
            from jupyter_agent.storage.tables import SessionRow

            row = orm.get(SessionRow, self.session_id)
            if row is not None:
                row.tasks, row.tasks_turn_id = stored, self.turn_id

        await self.services.db.write(write)
        self.emit("tasks", items=stored)

    async def _report(self, messages: list[ModelMessage], content: list[Any]) -> str:
        """The first pass of a reflection: another provider's view where there is one, else the same model's."""
        other = await self.services.providers.other_than(self.resolved.provider_id) or self.resolved
        visible = [one for one in content if isinstance(one, str)] if not other.supports_images else content
        agent: Agent[object, str] = Agent(
            Metered(other.model, self, other), instructions=REPORT_INSTRUCTIONS, name="reflection"
        )
        prompt = visible[0] if len(visible) == 1 and isinstance(visible[0], str) else visible
        async with agent.run_stream(
            prompt, message_history=messages or None, usage_limits=UsageLimits(request_limit=None)
        ) as result:
            return str(await result.get_output())

    # Model requests --------------------------------------------------------------------------------------------------

    def before_request(self) -> None:
        """Whether another model request may be made. Raises StopTurn."""
        settings = self.services.settings.turns
        if self.steps >= (self.start.max_steps or settings.max_steps):
            raise StopTurn("max_steps")
        limit = self.start.budget if self.start.budget is not None else settings.budget
        if limit and self.cost is not None and self.cost >= Decimal(limit):
            raise StopTurn("budget")
        last = self._calls[-settings.repetition_limit :]
        if len(last) == settings.repetition_limit and len(set(last)) == 1:
            raise StopTurn("repetition")
        self._deliver()
        self.services.report_activity()

    def _deliver(self) -> None:
        """Says which of the user's words are in the request that is made now."""
        if self._run is None:
            return
        waiting = {pending.enqueue_id for pending in self._run.pending_messages}
        delivered = [one for one in self.guides if one.enqueue_id is not None and one.enqueue_id not in waiting]
        for guide in delivered:
            self.guides.remove(guide)
            self.emit("guidance", id=guide.id, message=guide.message)
            self._later(self._delivered(guide.id))

    async def _delivered(self, id: str) -> None:
        from jupyter_agent.storage.tables import GuidanceRow, utcnow

        def write(orm: Orm) -> None:
            row = orm.get(GuidanceRow, id)
            if row is not None:
                row.delivered_at = utcnow()

        await self.services.db.write(write)

    def after_request(
        self,
        resolved: ResolvedModel,
        stream: StreamedResponse | None,
        error: BaseException | None,
        started: float,
        first_token: float | None,
    ) -> None:
        """Counts a model request, failed or not, and writes it to the ledger."""
        used = usage_of(stream.usage) if stream is not None else Usage()
        amount, source = self.services.providers.price(resolved.provider_id, resolved.model_id, used)
        failed = None
        if error is not None:
            interrupted = isinstance(error, (asyncio.CancelledError, GeneratorExit))
            failed = "interrupted" if interrupted else self.services.providers.explain(error).code
        if stream is None:
            amount = None
        else:
            self.steps += 1
            if amount is not None:
                self.cost = (self.cost or Decimal(0)) + amount
            total = self.usage
            self.usage = Usage(
                input=total.input + used.input,
                output=total.output + used.output,
                cache_read=total.cache_read + used.cache_read,
                cache_write=total.cache_write + used.cache_write,
                requests=total.requests + 1,
                cost=money(self.cost),
            )
            if stream.finish_reason == "content_filter":
                self._refused = True
                words = (stream.provider_details or {}).get("refusal")
                # No text for pydantic-ai, but all that the user gets to hear. What a report says is not for them.
                if self._run is not None and isinstance(words, str):
                    self._say("content", words)
            self.emit("usage", **used.model_copy(update={"requests": 1, "cost": money(amount)}).model_dump())
        row = ModelRequestRow(
            id=new_id("req"),
            owner=self.owner,
            session_id=self.session_id,
            turn_id=self.turn_id,
            purpose="turn" if resolved is self.resolved else "reflection",
            provider=resolved.provider_id,
            model=resolved.model_id,
            input_tokens=used.input,
            output_tokens=used.output,
            cache_read_tokens=used.cache_read,
            cache_write_tokens=used.cache_write,
            cost=amount,
            price_source=source if amount is not None else None,
            first_token_ms=int((first_token - started) * 1000) if first_token is not None else None,
            duration_ms=now_ms(started),
            error_code=failed,
        )
        self._later(self._record(row))

    async def _record(self, row: ModelRequestRow) -> None:
        counters = self.counters()

        def write(orm: Orm) -> None:
            orm.add(row)
            # So that a turn whose server dies has counted what it used.
            turn = orm.get(TurnRow, self.turn_id)
            if turn is not None and turn.status != "finished":
                for name, value in counters.items():
                    setattr(turn, name, value)

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

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.writes.add(task)
        task.add_done_callback(self._written)

    def _written(self, task: asyncio.Task[Any]) -> None:
        self.writes.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a record of the turn was not written", exc_info=task.exception(), extra=self._fields())


class Metered(WrapperModel):
    """A model whose requests are allowed, retried before their first token, counted and recorded."""

    def __init__(self, wrapped: Any, turn: TurnLoop, resolved: ResolvedModel | None = None) -> None:
        super().__init__(wrapped)
        self._turn = turn
        self._resolved = resolved or turn.resolved

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        turn = self._turn
        turn.before_request()
        attempt = 0
        while True:
            started = time.monotonic()
            async with AsyncExitStack() as stack:
                try:
                    stream = await stack.enter_async_context(
                        self.wrapped.request_stream(messages, model_settings, model_request_parameters, run_context)
                    )
                except BaseException as error:
                    turn.after_request(self._resolved, None, error, started, None)
                    if not isinstance(error, Exception):
                        raise
                    wait = self._wait(error, attempt)
                    if wait is None:
                        raise
                else:
                    failed: BaseException | None = None
                    # pydantic-ai has looked at the first event when it gives the stream.
                    first_token = time.monotonic()
                    try:
                        yield stream
                    except BaseException as error:
                        failed = error
                        raise
                    finally:
                        turn.after_request(self._resolved, stream, failed, started, first_token)
                    return
            attempt += 1
            await asyncio.sleep(wait)

    def _wait(self, error: Exception, attempt: int) -> float | None:
        """Seconds until a failed request is made again; None where that is not worth it."""
        told = self._turn.services.providers.explain(error)
        wait = told.retry_after_seconds if told.retry_after_seconds is not None else 0.5 * 2.0**attempt
        retries = self._turn.services.settings.providers.max_retries
        return wait if told.retryable and attempt < retries and wait <= LONGEST_WAIT else None


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
