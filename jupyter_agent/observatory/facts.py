"""What the rules of advice look at: the numbers of a turn as they were recorded. Pure; `reading.py` fills them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeVar

from jupyter_agent.observatory.models import Evidence, Severity

T = TypeVar("T")
R = TypeVar("R")

REMEMBERED = ("memory", "skills", "knowledge")
GIVEN = (*REMEMBERED, "notebook", "attachments")
"""Parts of the context that a model was given to know, besides the conversation."""
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")


@dataclass(frozen=True)
class TurnFacts:
    """One turn in numbers. What was not recorded is None (or empty), and the rules that need it are silent."""

    turn_id: str = ""
    session_id: str = ""
    created_at: datetime | None = None
    message_characters: int = 0
    provider: str = ""
    model: str = ""
    complexity: str | None = None
    stop_reason: str | None = None
    error_code: str | None = None
    retry_of: str | None = None

    # The context of its model requests
    budget: int | None = None
    """Tokens, of its fullest request: the one that used the largest share of its budget."""
    used: int = 0
    """Tokens of the context of that request."""
    first: dict[str, int] = field(default_factory=dict)
    """Tokens by part of its first request."""
    sent: dict[str, int] = field(default_factory=dict)
    """Tokens by part, of all its requests together."""
    history_depth: int | None = None
    history_total: int | None = None
    left_out: dict[str, int] = field(default_factory=dict)
    """How many of what did not go to the model in its first request."""
    compactions: int = 0

    # What it used
    requests: int = 0
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cost: Decimal | None = None
    input_cost: Decimal | None = None
    """The part of the cost that is of tokens sent."""
    saved: Decimal | None = None
    """What the provider's cache made cheaper."""
    others: int = 0
    """Other turns of its session with a known cost."""
    others_cost: Decimal | None = None
    """Their average cost."""

    # What it did
    tool_calls: int = 0
    tools: dict[str, int] = field(default_factory=dict)
    """Calls by tool."""
    tool_failures: int = 0
    failed_tools: dict[str, int] = field(default_factory=dict)
    thinking_asked: bool = False
    thinking_characters: int | None = None
    grade: int | None = None

    @property
    def key(self) -> str:
        """`provider/model`."""
        return f"{self.provider}/{self.model}" if self.model else ""

    @property
    def pressure(self) -> float | None:
        """Context used over context budget in its fullest request."""
        return self.used / self.budget if self.budget else None

    @property
    def given(self) -> int:
        """Tokens that its first request was given to know: memory, skills, knowledge, notebook, attachments."""
        return sum(self.first.get(part, 0) for part in GIVEN)

    @property
    def remembered(self) -> int:
        return sum(self.first.get(part, 0) for part in REMEMBERED)

    def share(self, *parts: str) -> float | None:
        """The parts' share of all that its requests sent; None without snapshots."""
        total = sum(self.sent.values())
        return sum(self.sent.get(part, 0) for part in parts) / total if total else None


@dataclass(frozen=True)
class Rule(Generic[T, R]):
    """A rule: what it looks at is in the docstring of its function."""

    name: str
    category: str
    severity: str
    """Which severity or priority it has, and when, in words."""
    check: Callable[[T], R | None]

    @property
    def looks_at(self) -> str:
        return " ".join((self.check.__doc__ or "").split())


class Rules(list[Rule[T, R]]):
    """Rules that look at the same things, in the order in which they are written."""

    def rule(self, category: str, severity: str) -> Callable[[Callable[[T], R | None]], Callable[[T], R | None]]:
        """Makes a function one of the rules."""

        def add(check: Callable[[T], R | None]) -> Callable[[T], R | None]:
            self.append(Rule(check.__name__, category, severity, check))
            return check

        return add

    def category(self, check: Callable[[T], R | None]) -> str:
        return next(one.category for one in self if one.check is check)

    def said(self, facts: T) -> list[R]:
        """What the rules say about it; those that are silent aside."""
        return [said for one in self if (said := one.check(facts)) is not None]


def mean(values: Iterable[float]) -> float | None:
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else None


def halves(values: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    """The first half and the second; of an odd number the second is the longer one."""
    middle = len(values) // 2
    return values[:middle], values[middle:]


def percent(value: float) -> str:
    return f"{value:.0%}".replace("%", " %")


def dollars(amount: Decimal | float) -> str:
    """An amount for a person: cents from a dollar on, else as many digits as show something."""
    value = Decimal(amount) if isinstance(amount, Decimal) else Decimal(str(amount))
    if abs(value) >= 1 or value == 0:
        return f"${value:,.2f}"
    return f"${value:.4f}" if abs(value) >= Decimal("0.0001") else f"${value:.7f}".rstrip("0")


def evidence(metric: str, value: float | Decimal, unit: str = "", context: str = "") -> Evidence:
    return Evidence.model_validate(
        {"metric": metric, "value": round(float(value), 6), "unit": unit, "context": context}
    )
