"""`CostDashboard` and `BudgetWidget`: what it cost and what may be spent, in a cell's output."""

# ipywidgets' functions have no types.
# mypy: disallow-untyped-calls=False, disallow-untyped-decorators=False

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, cast, get_args

import traitlets

from jupyter_agent.kernel import readable
from jupyter_agent.kernel.answers import AnySession, session_id_of
from jupyter_agent.kernel.errors import AgentError
from jupyter_agent.kernel.reports import BUNDLE_ROWS
from jupyter_agent.kernel.stats import Amount, amount, changed_limits
from jupyter_agent.kernel.widgets.loop import background_loop, submit
from jupyter_agent.kernel.widgets.observed import STATIC, ObservedWidget, Watch
from jupyter_agent.kernel.widgets.wire import text_field
from jupyter_agent.observatory.models import Budgets, BudgetScope, CostReport, GroupBy, Period

PERIODS: tuple[str, ...] = get_args(Period)
GROUPS: tuple[str, ...] = get_args(GroupBy)
SCOPES: tuple[str, ...] = get_args(BudgetScope)
UNITS: dict[str, GroupBy] = {"1h": "hour", "24h": "hour", "90d": "week", "1y": "month", "all": "month"}
"""What a period is shown by; days where it is not here."""
AFTER_TURN_SECONDS = 1.0


class MoneyWatch(Watch):
    """Reads again when a turn has ended, anywhere."""

    screen: CostDashboard | BudgetWidget

    async def read(self) -> None:
        await self.screen.read_numbers(await self.link.client())

    def topic_event(self, topic: str, event: dict[str, Any]) -> None:
        if topic == "turns" and event.get("type") == "turn_finished":
            self.look_soon(AFTER_TURN_SECONDS)


class _OfMoney(ObservedWidget):
    _esm = STATIC / "costs.js"

    budgets: traitlets.List[dict[str, Any]] = traitlets.List(
        help="What may be spent, and what is, as the API has it."
    ).tag(sync=True)
    timezone = traitlets.Unicode("", help="In which days and months begin.").tag(sync=True)

    async def _make_watch(self) -> MoneyWatch:
        return MoneyWatch(self._link, self)

    def __init__(self, **options: Any) -> None:
        self._budgets: Budgets | None = None
        super().__init__(**options)

    def show_budgets(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self.show(budgets=[one.model_dump(mode="json") for one in budgets.items], timezone=budgets.timezone)


class CostDashboard(_OfMoney):
    """What was used and what it cost: today, this month, what is left, by time and by model, session or purpose.

        CostDashboard(period="7d")
        CostDashboard(by=["day", "session"])

    `period`: 1h, 24h, 7d, 30d, 90d, 1y or all. `by`: what is grouped by, as `client.stats.costs` takes it; by model and
    a time that fits the period where it is left out. It is read again after every turn. `base_url`, `token` and
    `verify` are found as `Client` finds them."""

    period = traitlets.Enum(PERIODS, "30d", help="How long back.").tag(sync=True)
    by = traitlets.List(traitlets.Enum(GROUPS), ["day", "model"], help="What is grouped by.").tag(sync=True)
    report = traitlets.Dict(help="The report, as the API has it.").tag(sync=True)
    summary = traitlets.Dict(help="Today, this month, what is left.").tag(sync=True)

    def __init__(self, period: Period = "30d", *, by: str | list[GroupBy] = "", **options: Any) -> None:
        self._report: CostReport | None = None
        by = by or [UNITS.get(period, "day"), "model"]
        groups = by.split(",") if isinstance(by, str) else list(by)
        super().__init__(period=period, by=groups, _view_kind="costs", **options)

    async def read_numbers(self, client: Any) -> None:
        """Reads and shows them. In the background loop. Raises AgentError."""
        period, by = self.period, ",".join(self.by)
        report, summary, budgets = await asyncio.gather(
            client.observatory.usage_costs(period=cast("Period", period), by=by, limit=BUNDLE_ROWS),
            client.observatory.usage_summary(),
            client.observatory.get_budgets(),
        )
        if (period, by) == (self.period, ",".join(self.by)):
            self._report = report
            self.show_budgets(budgets)
            self.show(summary=summary.model_dump(mode="json"), report=report.model_dump(mode="json"))
            self.refresh_saved()

    @traitlets.observe("period", "by")
    def _asked(self, change: Any) -> None:
        if self.comm is not None and not self._closed:
            background_loop().call_soon_threadsafe(self._watch.look_soon, 0.0)

    def _command(self, message: dict[str, Any]) -> Coroutine[Any, Any, str]:
        kind = message.get("type")
        if kind == "refresh":
            return self._refresh_from_view()
        if kind == "group":
            period, by = text_field(message, "period", longest=10), text_field(message, "by", longest=100).split(",")
            if period not in PERIODS or not set(by) <= set(GROUPS):
                raise ValueError("period, by: none of those there are")
            return self._group(period, by)
        raise ValueError(f"no command is called {kind!r}")

    async def _group(self, period: str, by: list[str]) -> str:
        self.show(period=period, by=by)
        await self._watch.read_in_turn()
        return ""

    def _texts(self) -> tuple[str, str]:
        if self._report is None:
            said = self._problem() or "Loading ..."
            return said, readable.note_html("Costs", said)
        budgets = self._budgets.items if self._budgets is not None else None
        return readable.costs_text(self._report, budgets), readable.costs_html(self._report, budgets)

    def __repr__(self) -> str:
        return f"CostDashboard(period={self.period!r}, by={self.by!r})"


class BudgetWidget(_OfMoney):
    """What may be spent and what is, with a form to set it.

        budgets = BudgetWidget()
        budgets.set_budget("day", soft="0.40", hard="0.50")

    `base_url`, `token` and `verify` are found as `Client` finds them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(_view_kind="budgets", **options)

    def set_budget(
        self,
        scope: BudgetScope,
        *,
        soft: Amount | None = None,
        hard: Amount | None = None,
        session: AnySession | None = None,
    ) -> None:
        """As `client.stats.set_budget`. Raises ValueError for what is no limit, AgentError."""
        self._require_open()
        self._wait(submit(self._set(scope, amount(soft, "soft"), amount(hard, "hard"), session)))

    async def read_numbers(self, client: Any) -> None:
        """Reads and shows them. In the background loop. Raises AgentError."""
        self.show_budgets(await client.observatory.get_budgets())
        self.refresh_saved()

    def _command(self, message: dict[str, Any]) -> Coroutine[Any, Any, str]:
        kind = message.get("type")
        if kind == "refresh":
            return self._refresh_from_view()
        if kind != "set":
            raise ValueError(f"no command is called {kind!r}")
        scope = text_field(message, "scope", longest=20)
        if scope not in SCOPES:
            raise ValueError(f"scope: {', '.join(SCOPES)}")
        limits = [text_field(message, name, longest=30).strip() or None for name in ("soft", "hard")]
        session = text_field(message, "session_id", longest=64) or None
        # Read here: what is no amount is said at once.
        soft, hard = amount(limits[0], "Soft limit"), amount(limits[1], "Hard limit")
        return self._set(cast("BudgetScope", scope), soft, hard, session)

    async def _set(self, scope: BudgetScope, soft: str | None, hard: str | None, session: AnySession | None) -> str:
        client = await self._link.client()
        session_id = session_id_of(session) if session is not None else None
        try:
            items = changed_limits(await client.observatory.get_budgets(), scope, soft, hard, session_id)
        except ValueError as error:
            raise AgentError(_said(error)) from None
        self.show_budgets(await client.observatory.put_budgets(items=items))
        self.refresh_saved()
        return "Removed." if soft is None and hard is None else "Saved. It holds from the next model request on."

    def _texts(self) -> tuple[str, str]:
        if self._budgets is None:
            said = self._problem() or "Loading ..."
            return said, readable.note_html("Budgets", said)
        items, timezone = self._budgets.items, self._budgets.timezone
        return readable.budgets_text(items, timezone), readable.budgets_html(items, timezone)

    def __repr__(self) -> str:
        return f"BudgetWidget({len(self.budgets)} limits)"


def _said(error: ValueError) -> str:
    errors = getattr(error, "errors", None)
    return str(errors()[0]["msg"]).removeprefix("Value error, ").capitalize() if callable(errors) else str(error)
