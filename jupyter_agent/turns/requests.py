"""A turn's model requests: allowed, retried before their first token, counted and written down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from jupyter_agent.api.models import Usage
from jupyter_agent.providers import ledger
from jupyter_agent.providers.pricing import money, usage_of
from jupyter_agent.providers.service import LONGEST_WAIT, ResolvedModel
from jupyter_agent.storage.ids import new_id
from jupyter_agent.storage.tables import ModelRequestRow, TurnRow, utcnow
from jupyter_agent.turns.events import now_ms
from jupyter_agent.turns.models import StopReason

if TYPE_CHECKING:
    from pydantic_ai import RunContext
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.turns.loop import TurnLoop


class StopTurn(Exception):
    """The turn ends here, for a reason of its own."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason: StopReason = reason


class Metered(WrapperModel):
    """A model whose requests are allowed, retried before their first token, counted and recorded."""

    def __init__(self, turn: TurnLoop, resolved: ResolvedModel) -> None:
        super().__init__(resolved.model)
        self._turn = turn
        self._resolved = resolved

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        await self._before()
        attempt = 0
        while True:
            started = time.monotonic()
            async with AsyncExitStack() as stack:
                try:
                    stream = await stack.enter_async_context(
                        self.wrapped.request_stream(messages, model_settings, model_request_parameters, run_context)
                    )
                except BaseException as error:
                    self._after(None, error, started, None)
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
                        self._after(stream, failed, started, first_token)
                    return
            attempt += 1
            await asyncio.sleep(wait)

    def _wait(self, error: Exception, attempt: int) -> float | None:
        """Seconds until a failed request is made again; None where that is not worth it."""
        told = self._turn.services.providers.explain(error)
        wait = told.retry_after_seconds if told.retry_after_seconds is not None else 0.5 * 2.0**attempt
        retries = self._turn.services.settings.providers.max_retries
        return wait if told.retryable and attempt < retries and wait <= LONGEST_WAIT else None

    async def _before(self) -> None:
        """Whether another model request may be made. Raises StopTurn."""
        turn = self._turn
        settings = turn.services.settings.turns
        if turn.steps >= (turn.start.max_steps or settings.max_steps):
            raise StopTurn("max_steps")
        limit = turn.start.budget
        if limit is not None and turn.cost is not None and turn.cost >= Decimal(limit):
            raise StopTurn("budget")
        last = turn.calls[-settings.repetition_limit :]
        if len(last) == settings.repetition_limit and len(set(last)) == 1:
            raise StopTurn("repetition")
        turn.deliver()
        turn.services.report_activity()

    def _after(
        self,
        stream: StreamedResponse | None,
        error: BaseException | None,
        started: float,
        first_token: float | None,
    ) -> None:
        """Counts a model request, failed or not, and writes it to the ledger."""
        turn, resolved = self._turn, self._resolved
        used = usage_of(stream.usage) if stream is not None else Usage()
        amount, source = turn.services.providers.price(resolved.provider_id, resolved.model_id, used)
        step, failed = turn.steps, None
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
            if stream.finish_reason == "content_filter" and turn.agent_run is not None:
                turn.refused = True
                words = (stream.provider_details or {}).get("refusal")
                # No text for pydantic-ai, but all that the user gets to hear.
                if isinstance(words, str):
                    turn.say("content", words)
            turn.emit("usage", **used.model_copy(update={"requests": 1, "cost": money(amount)}).model_dump())
        row = ModelRequestRow(
            id=new_id("req"),
            owner=turn.owner,
            session_id=turn.session_id,
            turn_id=turn.turn_id,
            purpose="turn" if resolved is turn.resolved else "reflection",
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
            first_token_ms=int((first_token - started) * 1000) if first_token is not None else None,
            duration_ms=now_ms(started),
            error_code=failed,
            created_at=utcnow(),  # not when it is written: a trace is to be true to the millisecond
        )
        turn.later(self._record(row))

    async def _record(self, row: ModelRequestRow) -> None:
        turn = self._turn
        counters = turn.counters()

        def write(orm: Orm) -> None:
            ledger.add_in(orm, row)
            # So that a turn whose server dies has counted what it used.
            stored = orm.get(TurnRow, turn.turn_id)
            if stored is not None and stored.status != "finished":
                for name, value in counters.items():
                    setattr(stored, name, value)

        await turn.services.db.write(write)
