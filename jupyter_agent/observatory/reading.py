"""From what was recorded to the facts that the rules look at: of one turn, of a session, of the newest turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jupyter_agent.api.models import Usage
from jupyter_agent.observatory.facts import TurnFacts

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session as Orm

PriceOf = Callable[[str, str, Usage], Decimal | None]

NOT_THE_TOOLS_FAULT = ("denied", "cancelled", "waiting", "running")
SAMPLE = 1_000
"""Tokens of which a price is asked: few, because a long context may have another price."""


@dataclass(frozen=True)
class UnitPrices:
    """US dollars of one token."""

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write: Decimal

    def sent(self, input: int, cache_read: int = 0, cache_write: int = 0) -> Decimal:
        plain = max(input - cache_read - cache_write, 0)
        return plain * self.input + cache_read * self.cache_read + cache_write * self.cache_write

    def whole(self, input: int, output: int, cache_read: int = 0, cache_write: int = 0) -> Decimal:
        return self.sent(input, cache_read, cache_write) + output * self.output


class Prices:
    """What a token costs now, by provider and model. Asks once for each model: a price list is looked through."""

    def __init__(self, price: PriceOf) -> None:
        self._price = price
        self._known: dict[tuple[str, str], UnitPrices | None] = {}

    def of(self, provider: str, model: str) -> UnitPrices | None:
        """None where nobody knows."""
        key = (provider, model)
        if key not in self._known:
            self._known[key] = self._ask(provider, model)
        return self._known[key]

    def _ask(self, provider: str, model: str) -> UnitPrices | None:
        found = [
            self._price(provider, model, usage)
            for usage in (
                Usage(input=SAMPLE),
                Usage(output=SAMPLE),
                Usage(input=SAMPLE, cache_read=SAMPLE),
                Usage(input=SAMPLE, cache_write=SAMPLE),
            )
        ]
        known = [amount / SAMPLE for amount in found if amount is not None]
        return UnitPrices(*known) if len(known) == len(found) else None


@dataclass
class _Contexts:
    """Of one turn's model requests."""

    complexity: str | None = None
    budget: int | None = None
    used: int = 0
    first: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    history_depth: int | None = None
    history_total: int | None = None
    left_out: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    compactions: int = 0
    begun: bool = False

    def add(self, row: Any) -> None:
        for part, tokens in row.tokens.items():
            self.sent[part] += tokens
        self.compactions += bool(row.compaction)
        fuller = row.total / row.budget if row.budget else None
        before = self.used / self.budget if self.budget else None
        if (fuller is not None and (before is None or fuller > before)) or (
            fuller is None and before is None and row.total > self.used
        ):
            self.budget, self.used = row.budget, row.total
        # A report is made of the same conversation, but it is not what answers.
        if not self.begun and row.purpose == "turn":
            self.begun = True
            self.complexity, self.first = row.complexity, dict(row.tokens)
            self.history_depth, self.history_total = row.history_depth, row.history_total
            for one in row.left_out:
                self.left_out[one["what"]] += one["count"]

    def facts(self) -> dict[str, Any]:
        return {
            "complexity": self.complexity,
            "budget": self.budget,
            "used": self.used,
            "first": self.first,
            "sent": dict(self.sent),
            "history_depth": self.history_depth,
            "history_total": self.history_total,
            "left_out": dict(self.left_out),
            "compactions": self.compactions,
        }


def read_turns(orm: Orm, chosen: Sequence[str] | str, prices: Prices) -> list[TurnFacts]:
    """The facts of these turns, or of the finished turns of the session with this id; in their order."""
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import FeedbackRow, TurnRow

    query = select(
        TurnRow.id,
        TurnRow.session_id,
        TurnRow.created_at,
        func.length(TurnRow.message).label("characters"),
        TurnRow.provider,
        TurnRow.model,
        TurnRow.stop_reason,
        TurnRow.error,
        TurnRow.retry_of,
        TurnRow.requests,
        TurnRow.input_tokens,
        TurnRow.output_tokens,
        TurnRow.cache_read_tokens,
        TurnRow.cache_write_tokens,
        TurnRow.cost,
        FeedbackRow.grade,
    ).outerjoin(FeedbackRow, FeedbackRow.turn_id == TurnRow.id)
    if isinstance(chosen, str):
        query = query.where(TurnRow.session_id == chosen, TurnRow.status == "finished").order_by(TurnRow.seq)
    else:
        query = query.where(TurnRow.id.in_(chosen)).order_by(TurnRow.id)
    contexts, calls, money = _contexts(orm, chosen), _calls(orm, chosen), _money(orm, chosen, prices)
    found = []
    for row in orm.execute(query):
        input_cost, saved = money.get(row.id, (None, None))
        made, failed = calls.get(row.id, ({}, {}))
        found.append(
            TurnFacts(
                turn_id=row.id,
                session_id=row.session_id,
                created_at=row.created_at,
                message_characters=row.characters,
                provider=row.provider or "",
                model=row.model or "",
                stop_reason=row.stop_reason,
                error_code=(row.error or {}).get("code"),
                retry_of=row.retry_of,
                requests=row.requests,
                input=row.input_tokens,
                output=row.output_tokens,
                cache_read=row.cache_read_tokens,
                cache_write=row.cache_write_tokens,
                cost=row.cost,
                input_cost=input_cost,
                saved=saved,
                tool_calls=sum(made.values()),
                tools=made,
                tool_failures=sum(failed.values()),
                failed_tools=failed,
                grade=row.grade,
                **(contexts[row.id].facts() if row.id in contexts else {}),
            )
        )
    return found


def read_turn(orm: Orm, turn_id: str, session_id: str, prices: Prices) -> TurnFacts:
    """The facts of one turn, also while it runs, with those that need a closer look: what it was asked, what it said,
    what the others of its session cost."""
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import MessageRow, Money, TurnRow

    [facts] = read_turns(orm, [turn_id], prices)
    request, status = orm.execute(select(TurnRow.request, TurnRow.status).where(TurnRow.id == turn_id)).one()
    others, total = orm.execute(
        select(func.count(TurnRow.cost), func.sum(TurnRow.cost, type_=Money)).where(
            TurnRow.session_id == session_id, TurnRow.id != turn_id, TurnRow.cost.is_not(None)
        )
    ).one()
    thoughts = None
    if status == "finished":
        mine = (MessageRow.turn_id == turn_id, MessageRow.session_id == session_id, MessageRow.role == "assistant")
        thoughts = sum(
            len(part["text"])
            for parts in orm.scalars(select(MessageRow.parts).where(*mine))
            for part in parts
            if part["type"] == "thinking"
        )
    return replace(
        facts,
        others=others,
        others_cost=total / others if total is not None else None,
        thinking_asked=request.get("thinking") not in (None, "off"),
        thinking_characters=thoughts,
    )


def _where(table: Any, chosen: Sequence[str] | str) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = (
        table.session_id == chosen if isinstance(chosen, str) else table.turn_id.in_(chosen)
    )
    return condition


def _contexts(orm: Orm, chosen: Sequence[str] | str) -> dict[str, _Contexts]:
    from sqlalchemy import select

    from jupyter_agent.storage.tables import ContextSnapshotRow as Row

    columns = (Row.turn_id, Row.purpose, Row.complexity, Row.budget, Row.tokens, Row.total)
    more = (Row.history_depth, Row.history_total, Row.left_out, Row.compaction)
    found: dict[str, _Contexts] = {}
    # By id, which sorts by time; the exact messages stay in the database.
    for row in orm.execute(select(*columns, *more).where(_where(Row, chosen)).order_by(Row.id)):
        found.setdefault(row.turn_id, _Contexts()).add(row)
    return found


def _calls(orm: Orm, chosen: Sequence[str] | str) -> dict[str | None, tuple[dict[str, int], dict[str, int]]]:
    """By turn: calls by tool, and failed ones; what a person or a rule denied did not fail."""
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import ToolCallRow as Row

    keys = (Row.turn_id, Row.name, Row.status, Row.is_error)
    found: dict[str | None, tuple[dict[str, int], dict[str, int]]] = {}
    for turn_id, name, status, is_error, count in orm.execute(
        select(*keys, func.count()).where(_where(Row, chosen)).group_by(*keys)
    ):
        made, failed = found.setdefault(turn_id, ({}, {}))
        made[name] = made.get(name, 0) + count
        if is_error and status not in NOT_THE_TOOLS_FAULT:
            failed[name] = failed.get(name, 0) + count
    return found


def _money(
    orm: Orm, chosen: Sequence[str] | str, prices: Prices
) -> dict[str | None, tuple[Decimal | None, Decimal | None]]:
    """By turn: what the tokens sent cost, and what the cache saved, of the requests whose price is known."""
    from sqlalchemy import func, select

    from jupyter_agent.storage.tables import ModelRequestRow as Row
    from jupyter_agent.storage.tables import Money

    keys = (Row.turn_id, Row.provider, Row.model)
    rows = orm.execute(
        select(
            *keys,
            func.sum(Row.input_tokens),
            func.sum(Row.output_tokens),
            func.sum(Row.cache_read_tokens),
            func.sum(Row.cache_write_tokens),
            func.sum(Row.cost, type_=Money),
            func.sum(Row.saved, type_=Money),
        )
        .where(_where(Row, chosen), Row.turn_id.is_not(None), Row.cost.is_not(None))
        .group_by(*keys)
    )
    found: dict[str | None, tuple[Decimal | None, Decimal | None]] = {}
    for turn_id, provider, model, input, output, read, written, paid, saved in rows:
        cost = paid or Decimal(0)
        unit = prices.of(provider, model)
        whole = unit.whole(int(input), int(output), int(read), int(written)) if unit else Decimal(0)
        before, saved_before = found.get(turn_id, (Decimal(0), None))
        # What was paid, in the proportion of today's prices.
        sent = cost * unit.sent(int(input), int(read), int(written)) / whole if unit and whole else None
        total = None if before is None or (sent is None and cost) else before + (sent or 0)
        both = [amount for amount in (saved, saved_before) if amount is not None]
        found[turn_id] = (total, sum(both, Decimal(0)) if both else None)
    return found
