"""A turn's model requests: allowed, retried before their first token, counted and written down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from pydantic_ai._fallback import request_stream_until_first_event
from pydantic_ai.messages import BinaryContent, ModelMessage, ToolCallPart, ToolReturnPart, UserPromptPart
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from jupyter_agent.api.models import Usage
from jupyter_agent.observatory.budgets import BudgetReached, Reservation
from jupyter_agent.providers import ledger
from jupyter_agent.providers.breakers import BreakerOpen, Ticket, is_exhausted, is_failure
from jupyter_agent.providers.failures import ModelFailed
from jupyter_agent.providers.pricing import money, usage_of
from jupyter_agent.providers.selection import Choice, Needs, failure_sentence, name_of
from jupyter_agent.providers.service import LONGEST_WAIT, ResolvedModel
from jupyter_agent.storage.ids import new_id
from jupyter_agent.storage.tables import ModelRequestRow, ModelSelectionRow, TurnRow, utcnow
from jupyter_agent.turns.events import now_ms
from jupyter_agent.turns.models import StopReason, TurnError

if TYPE_CHECKING:
    from pydantic_ai import RunContext
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.observatory.contexts import Snapshot
    from jupyter_agent.turns.loop import TurnLoop

UNAVAILABLE = frozenset({"breaker_open", "unauthorized", "not_configured"})
"""Codes of failures that say that a model cannot be asked at all; another one can. Not those of our own requests."""


class StopTurn(Exception):
    """The turn ends here, for a reason of its own."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason: StopReason = reason


@dataclass
class Attempt:
    """One model request, made or being made."""

    resolved: ResolvedModel
    started: float
    ticket: Ticket
    stream: StreamedResponse | None = None
    first_token: float | None = None


class Metered(WrapperModel):
    """A model whose requests are allowed, retried before their first token, counted and recorded. Where one fails for
    good before its first token, the next of `selection.fallbacks` takes its place, and keeps it."""

    def __init__(self, turn: TurnLoop, resolved: ResolvedModel, *, purpose: str = "turn") -> None:
        super().__init__(resolved.model)
        self._turn = turn
        self._first = resolved.model
        self._resolved = resolved
        self._purpose = purpose
        self._tried: list[tuple[str, str]] = []
        self._reserved: Reservation | None = None
        self._counted: int | None = None
        """Tokens that are sent now, as far as they were counted."""
        self._counted_before: tuple[int, Usage] | None = None
        """Of the last request, and what its provider said."""
        self._snapshot: Snapshot | None = None
        """Of what is sent now."""

    async def __aenter__(self) -> Self:
        await self._first.__aenter__()
        return self

    async def __aexit__(self, *exception: Any) -> bool | None:
        # What was entered, whichever model answers now.
        return await self._first.__aexit__(*exception)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        await self._before()
        async with AsyncExitStack() as stack:
            stack.callback(self._release)
            sent = await self._prepared(messages, model_settings, model_request_parameters)
            await self._allowed()
            self._turn.deliver()
            attempt = await self._ask(stack, messages, sent, model_settings, model_request_parameters, run_context)
            assert attempt.stream is not None, "it has its first token"
            failed: BaseException | None = None
            try:
                yield attempt.stream
            except BaseException as error:
                failed = error
                if (told := self._broke_off(attempt, error)) is not None:
                    raise told from error
                raise
            finally:
                # Before its cost is on its way to the ledger: nobody is to count it twice.
                self._release()
                self._after(attempt, failed)

    async def _ask(
        self,
        stack: AsyncExitStack,
        messages: list[ModelMessage],
        sent: list[ModelMessage],
        settings: ModelSettings | None,
        parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None,
    ) -> Attempt:
        """An answer that has its first token: the model's, else that of the first fallback that gives one. `sent`:
        `messages` as they are prepared for the first."""
        insist = False
        while True:
            if not self._resolved.supports_tools and parameters.function_tools:
                parameters = replace(parameters, function_tools=[])
            try:
                return await self._ask_one(stack, sent, settings, parameters, run_context, insist=insist)
            except Exception as error:
                told = self._turn.services.providers.explain(error)
                choice = await self._fallback(messages, told)
                if choice is None:
                    # A provider that is only spared is asked where nobody else can be.
                    if not (isinstance(error, BreakerOpen) and error.pressure) or insist:
                        raise
                    insist = True
                    continue
            await self._take(choice)
            # They were made for the model that failed.
            sent = await self._prepared(self.wrapped.prepare_messages(messages, parameters), settings, parameters)
            await self._allowed()

    async def _ask_one(
        self,
        stack: AsyncExitStack,
        messages: list[ModelMessage],
        settings: ModelSettings | None,
        parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None,
        *,
        insist: bool,
    ) -> Attempt:
        """The model's answer, with its first token; tried again where that can help. Raises what the last try raised,
        or BreakerOpen."""
        resolved, providers = self._resolved, self._turn.services.providers
        ticket = await providers.admit(resolved, insist=insist)
        tries = 0
        try:
            while True:
                attempt = Attempt(resolved, time.monotonic(), ticket)
                try:
                    attempt.stream = await stack.enter_async_context(
                        request_stream_until_first_event(
                            self.wrapped, None, messages, settings, parameters, run_context
                        )
                    )
                except BaseException as error:
                    self._after(attempt, error)
                    if not isinstance(error, Exception):
                        raise
                    told = providers.explain(error)
                    wait = self._wait(told, tries)
                    if wait is None or ticket.probe or providers.breaker_state(resolved.provider_id) == "open":
                        providers.failed(ticket, told)
                        raise
                else:
                    attempt.first_token = time.monotonic()
                    ticket.succeeded()
                    return attempt
                tries += 1
                await asyncio.sleep(wait)
        finally:
            ticket.released()

    async def _prepared(
        self, messages: list[ModelMessage], settings: ModelSettings | None, parameters: ModelRequestParameters
    ) -> list[ModelMessage]:
        """The messages as they are sent, counted, and shorter where there are too many."""
        if not self._resolved.supports_tools and parameters.function_tools:
            parameters = replace(parameters, function_tools=[])
        prepared = await self._turn.contexts.prepare(self._resolved, messages, settings, parameters, self._purpose)
        self._snapshot = prepared.snapshot
        self._counted = prepared.snapshot.total or None
        return prepared.messages

    def _wait(self, told: TurnError, tries: int) -> float | None:
        """Seconds until a failed request is made again; None where that is not worth it."""
        wait = told.retry_after_seconds if told.retry_after_seconds is not None else 0.5 * 2.0**tries
        retries = self._turn.services.settings.providers.max_retries
        return wait if told.retryable and tries < retries and wait <= LONGEST_WAIT else None

    def _broke_off(self, attempt: Attempt, error: BaseException) -> Exception | None:
        """Tells the breaker of an answer that failed in its middle; gives what is to be raised in place of the error,
        where somebody might expect a fallback."""
        if not isinstance(error, Exception):
            return None
        providers = self._turn.services.providers
        told = providers.explain(error)
        if not is_failure(told):
            return None
        providers.failed(attempt.ticket, told)
        if not providers.selection.fallbacks:
            return None
        # What was said cannot be taken back, and another model would say something else.
        message = f"{told.message.rstrip('.')}. The answer had begun, so no other model was asked."
        return ModelFailed(told.code, message, retryable=True)

    # Another model in its place

    async def _fallback(self, messages: list[ModelMessage], told: TurnError) -> Choice | None:
        """Who is asked instead; None where nobody is, or where another model could not help."""
        if self._resolved.kind == "local":
            return None  # what was said on this machine does not leave it because of an error
        if not (told.code in UNAVAILABLE or is_failure(told) or is_exhausted(told)):
            return None
        turn, failed = self._turn, name_of(self._resolved)
        before = turn.choice
        self._tried.append((failed.provider, failed.model))
        return await turn.services.providers.selection.fallback(
            turn.owner,
            failed,
            failure_sentence(told),
            tried=self._tried,
            needs=_needs(messages),
            complexity=before.complexity if before is not None else None,
            override=before.override if before is not None else None,
            primary=before.primary if before is not None else None,
        )

    async def _take(self, choice: Choice) -> None:
        """Goes on with another model, and says so: the turn's row shows who answers."""
        turn = self._turn
        self._resolved = choice.resolved
        self.wrapped = choice.resolved.model
        name = choice.name
        row = self._selection_row(choice)
        answers = self._purpose == "turn"
        if answers:
            turn.resolved = choice.resolved

        def write(orm: Orm) -> None:
            orm.add(row)
            stored = orm.get(TurnRow, turn.turn_id, with_for_update=True)
            if answers and stored is not None and stored.status != "finished":
                stored.provider, stored.model = name.provider, name.model

        await turn.write("model_selected", self._selected(choice), write)

    def _selection_row(self, choice: Choice) -> ModelSelectionRow:
        turn = self._turn
        return choice.row(
            owner=turn.owner,
            session_id=turn.session_id,
            turn_id=turn.turn_id,
            message=turn.start.message,
            step=turn.steps,
            purpose=self._purpose,
        )

    def _selected(self, choice: Choice) -> dict[str, Any]:
        return {**choice.event(), **({"purpose": self._purpose} if self._purpose != "turn" else {})}

    async def say_why(self) -> None:
        """Tells of and records who is asked for something else than the answer."""
        choice = self._turn.services.providers.selection.second(
            self._turn.owner, self._resolved, self._turn.choice, self._purpose
        )
        row = self._selection_row(choice)
        await self._turn.write("model_selected", self._selected(choice), lambda orm: orm.add(row))

    async def _before(self) -> None:
        """Whether another model request may be made. Raises StopTurn."""
        turn = self._turn
        settings = turn.services.settings.turns
        if turn.steps >= (turn.start.max_steps or settings.max_steps):
            raise StopTurn("max_steps")
        last = turn.calls[-settings.repetition_limit :]
        if len(last) == settings.repetition_limit and len(set(last)) == 1:
            raise StopTurn("repetition")
        turn.services.report_activity()

    # Budgets: see observatory/budgets.py

    async def _allowed(self) -> None:
        """Whether there is money for the request, at the price of the model that is asked now. Raises StopTurn."""
        self._release()
        turn, resolved, budgets = self._turn, self._resolved, self._turn.services.observatory.budgets
        try:
            self._reserved = await budgets.check(
                turn.owner,
                provider=resolved.provider_id,
                model=resolved.model_id,
                session_id=turn.session_id,
                turn_id=turn.turn_id,
                budget=turn.start.budget,
                spent_in_turn=turn.cost,
                projected=budgets.projected(
                    resolved.provider_id, resolved.model_id, self._counted, before=self._counted_before
                ),
                writes=turn.writes,
                emit=turn.emit,
            )
        except BudgetReached as reached:
            raise StopTurn("budget") from reached

    def _release(self) -> None:
        reserved, self._reserved = self._reserved, None
        if reserved is not None:
            reserved.release()

    def _after(self, attempt: Attempt, error: BaseException | None) -> None:
        """Counts a model request, failed or not, and writes it to the ledger."""
        turn, resolved, stream = self._turn, attempt.resolved, attempt.stream
        used = usage_of(stream.usage) if stream is not None else Usage()
        amount, source = turn.services.providers.price(resolved.provider_id, resolved.model_id, used)
        step, failed = turn.steps, None
        # A request that is made again is another one.
        snapshot = self._snapshot.taken() if self._snapshot is not None else None
        id = snapshot.id if snapshot is not None else new_id("req")
        if error is not None:
            interrupted = isinstance(error, (asyncio.CancelledError, GeneratorExit))
            failed = "interrupted" if interrupted else turn.services.providers.explain(error).code
        if stream is None:
            amount = None
        else:
            turn.steps += 1
            if amount is not None:
                turn.cost = (turn.cost or Decimal(0)) + amount
            total = turn.usage
            turn.usage = Usage(
                input=total.input + used.input,
                output=total.output + used.output,
                cache_read=total.cache_read + used.cache_read,
                cache_write=total.cache_write + used.cache_write,
                requests=total.requests + 1,
                cost=money(turn.cost),
            )
            # What the model of a report refuses, the model of the answer need not.
            if stream.finish_reason == "content_filter" and self._purpose == "turn":
                turn.refused = True
                words = (stream.provider_details or {}).get("refusal")
                # No text for pydantic-ai, but all that the user gets to hear.
                if isinstance(words, str):
                    turn.say("content", words)
            self._counted_before = (snapshot.total, used) if snapshot is not None else None
            told = used.model_copy(update={"requests": 1, "cost": money(amount)}).model_dump()
            turn.emit("usage", **told, request_id=id, step=step)
        row = ModelRequestRow(
            id=id,
            owner=turn.owner,
            session_id=turn.session_id,
            turn_id=turn.turn_id,
            purpose=self._purpose,
            provider=resolved.provider_id,
            model=resolved.model_id,
            input_tokens=used.input,
            output_tokens=used.output,
            cache_read_tokens=used.cache_read,
            cache_write_tokens=used.cache_write,
            cost=amount,
            price_source=source if amount is not None else None,
            saved=turn.services.providers.saved(resolved.provider_id, resolved.model_id, used) if stream else None,
            step=step,
            first_token_ms=(
                int((attempt.first_token - attempt.started) * 1000) if attempt.first_token is not None else None
            ),
            duration_ms=now_ms(attempt.started),
            error_code=failed,
            created_at=utcnow(),  # not when it is written: a trace is to be true to the millisecond
        )
        turn.later(self._record(row, snapshot))

    async def _record(self, row: ModelRequestRow, snapshot: Snapshot | None) -> None:
        turn = self._turn
        counters = turn.counters()
        if snapshot is not None:
            await turn.contexts.seal(snapshot)

        def write(orm: Orm) -> None:
            ledger.add_in(orm, row)
            stored = orm.get(TurnRow, turn.turn_id)
            # Where it was deleted meanwhile, with all that it had, only the ledger goes on.
            if snapshot is not None and stored is not None:
                turn.contexts.add_in(orm, snapshot, row)
            # So that a turn whose server dies has counted what it used.
            if stored is not None and stored.status != "finished":
                for name, value in counters.items():
                    setattr(stored, name, value)

        await turn.services.db.write(write)


def _needs(messages: list[ModelMessage]) -> Needs:
    """What a model has to be able to do to read them."""
    images = tools = False
    for message in messages:
        for part in message.parts:
            tools = tools or isinstance(part, (ToolCallPart, ToolReturnPart))
            if isinstance(part, UserPromptPart) and not isinstance(part.content, str):
                images = images or any(isinstance(one, BinaryContent) for one in part.content)
    return Needs(images=images, tools=tools)
