"""What `client.stats` gives: the wire models as objects that notebooks show and that become tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import Any, Generic, TypeVar

from jupyter_agent.api.models import Page, WireModel
from jupyter_agent.kernel import readable
from jupyter_agent.kernel.frames import Kind, Table, columns_of, row_of, table_of, zone_of
from jupyter_agent.observatory.models import (
    Budgets,
    BudgetState,
    CacheStatistics,
    CapacityReport,
    Consumption,
    CostReport,
    CostRow,
    DayConsumption,
    EfficiencyPoint,
    EfficiencyReport,
    GradeWith,
    ModelCache,
    ModelConsumption,
    ModelEfficiency,
    ProviderCapacity,
    ProviderConsumption,
    SessionConsumption,
    TimeSeries,
    Totals,
    Transaction,
    UsageSummary,
    UserConsumption,
)

M = TypeVar("M", bound=WireModel)

COSTS_MIME = "application/vnd.jupyter-agent.costs+json"
MOST_ROWS = 100_000
"""Rows that `to_pandas` and `to_arrow` read at the most, where nobody asks for more."""
BUNDLE_ROWS = 2_000
"""Rows that a notebook keeps of a report."""


class Shown(ABC):
    """Something that notebooks show and that becomes tables."""

    @abstractmethod
    def tables(self) -> Mapping[str, Table]:
        """All tables of it, by their names; the first is the one that is meant where none is named."""

    @abstractmethod
    def _html(self) -> str: ...

    @abstractmethod
    def _text(self) -> str: ...

    def _table(self, name: str | None) -> Table:
        tables = self.tables()
        if name is None:
            return next(iter(tables.values()))
        if name not in tables:
            raise ValueError(f"there is no table {name!r}; there are {', '.join(tables)}")
        return tables[name]

    def rows(self, table: str | None = None) -> list[dict[str, Any]]:
        """A table's rows as plain dicts: money as Decimal, times aware. Raises ValueError for a table there is not."""
        return self._table(table).rows

    def to_pandas(self, table: str | None = None, *, decimals: bool = False) -> Any:
        """A tidy DataFrame: no index but the rows' numbers, times aware, money as floats or, with `decimals`, exact.

        Raises ValueError for a table there is not, MissingLibrary (an ImportError) without pandas."""
        return self._table(table).to_pandas(decimals=decimals)

    def to_arrow(self, table: str | None = None) -> Any:
        """A `pyarrow.Table`, money as exact decimals. Raises as `to_pandas` does, without pyarrow."""
        return self._table(table).to_arrow()

    def _bundle(self) -> dict[str, Any]:
        """What is shown by who knows it, beside HTML and text."""
        return {}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {**self._bundle(), "text/html": self._html(), "text/plain": self._text()}

    def __repr__(self) -> str:
        return self._text()


class Report(Shown, Generic[M]):
    """A report: everything that `data` has is an attribute of it, too."""

    title = "Report"

    def __init__(self, data: M) -> None:
        self.data = data
        """As the server sent it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "data":
            raise AttributeError(name)
        return getattr(self.data, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *type(self.data).model_fields})

    def _about(self) -> str:
        return ""

    def _html(self) -> str:
        return readable.table_html(self.title, self._about(), self.tables())

    def _text(self) -> str:
        return readable.table_text(self.title, self._about(), self.tables())

    def _zone(self) -> tzinfo:
        return zone_of(getattr(self.data, "timezone", None))


Fetch = Callable[[int], Any]
"""Gives the page from an offset on, or an awaitable of it."""


class Paged(Report[M]):
    """A report of many rows. The first page is there; `all`, `to_pandas` and `to_arrow` read the others.

    Of an `AsyncClient`'s, `await report.all()` reads them, then the tables have them."""

    items: list[Any]
    total: int

    def __init__(self, data: M, fetch: Fetch, *, is_async: bool = False) -> None:
        super().__init__(data)
        self._fetch = fetch
        self._is_async = is_async

    def __getstate__(self) -> dict[str, Any]:
        # A connection goes nowhere; what was read does.
        return {"data": self.data, "_fetch": None, "_is_async": False}

    @property
    def _page(self) -> Page[Any]:
        page: Any = self.data
        return page  # type: ignore[no-any-return]

    def __len__(self) -> int:
        """Rows there are, read or not."""
        return self._page.total

    @property
    def complete(self) -> bool:
        """Whether all rows are read."""
        return len(self._page.items) >= self._page.total

    def all(self, most: int = MOST_ROWS) -> Any:
        """Reads the rows that are missing, and gives the report; of an `AsyncClient`'s it is awaited.

        Raises ValueError where there are more than `most`: a shorter time, or `client.stats.export`, is better then."""
        if self._page.total > most:
            raise ValueError(
                f"there are {self._page.total:,} rows, more than {most:,}: ask for less time, take "
                f"client.stats.export(), or all({self._page.total}) first"
            )
        if self._is_async:
            return self._read_async()
        while not self.complete:
            if not self._add(self._fetch(self._page.offset + len(self._page.items))):
                break
        return self

    async def _read_async(self) -> Paged[M]:
        while not self.complete:
            if not self._add(await self._fetch(self._page.offset + len(self._page.items))):
                break
        return self

    def _add(self, page: Page[Any]) -> bool:
        """Whether there was more; requests that are made meanwhile change the number of rows."""
        known = {one.id for one in self._page.items if hasattr(one, "id")}
        self._page.items.extend(one for one in page.items if getattr(one, "id", None) not in known)
        self._page.total = page.total
        return bool(page.items)

    def _table(self, name: str | None) -> Table:
        if not self.complete:
            if self._is_async:
                raise ValueError(f"{len(self._page.items):,} of {self._page.total:,} rows are read: await all() first")
            if self._fetch is not None:
                self.all()
        return super()._table(name)


class Costs(Paged[CostReport]):
    """Tokens and costs in a period, grouped. `totals` are those of all rows.

    costs.totals.cost
    costs.to_pandas().pivot_table(index="time", columns="model", values="cost")
    """

    def __init__(
        self,
        data: CostReport,
        fetch: Fetch,
        *,
        is_async: bool = False,
        budgets: Sequence[BudgetState] | None = None,
    ) -> None:
        super().__init__(data, fetch, is_async=is_async)
        self.budgets = list(budgets) if budgets is not None else None
        """What may be spent, where it was asked for."""

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "budgets": self.budgets}

    def tables(self) -> Mapping[str, Table]:
        whole = table_of(CostRow, self.data.items, zone=self._zone())
        return {"costs": whole.only([*grouped_columns(self.data), *columns_of(Totals), *_AVERAGES])}

    def _bundle(self) -> dict[str, Any]:
        report = self.data
        if len(report.items) > BUNDLE_ROWS:
            report = report.model_copy(update={"items": report.items[:BUNDLE_ROWS], "limit": BUNDLE_ROWS})
        budgets = None if self.budgets is None else [one.model_dump(mode="json") for one in self.budgets]
        return {COSTS_MIME: {"version": 1, "report": report.model_dump(mode="json"), "budgets": budgets}}

    def _html(self) -> str:
        return readable.costs_html(self.data, self.budgets)

    def _text(self) -> str:
        return readable.costs_text(self.data, self.budgets)


_AVERAGES = ("average_ms", "average_first_token_ms")
_GROUPED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("hour", "day", "week", "month"), ("time",)),
    "provider": ("provider",),
    "model": ("provider", "model"),
    "session": ("session_id", "title"),
    "purpose": ("purpose",),
    "user": ("user",),
}


def grouped_columns(report: CostReport) -> list[str]:
    """The columns that say of what a row is, without doubles."""
    return list(dict.fromkeys(name for one in report.by for name in _GROUPED[one]))


class Transactions(Paged[Page[Transaction]]):
    """The ledger: every model request, and what it cost; the newest first."""

    title = "Model requests"

    def _about(self) -> str:
        return f"{self.data.total:,} in all"

    def tables(self) -> Mapping[str, Table]:
        return {"transactions": table_of(Transaction, self.data.items)}


class ConsumptionReport(Report[Consumption]):
    """Who and what used how much: the tables `models`, `providers`, `sessions`, `users`, `days`."""

    title = "Consumption"

    def _about(self) -> str:
        return f"{self.data.period} · {readable.totals_line(self.data.totals)}"

    def tables(self) -> Mapping[str, Table]:
        of_models = [(one.provider, model) for one in self.data.providers for model in one.models]
        models = table_of(
            ModelConsumption,
            [model for _, model in of_models],
            first={"provider": "text"},
            values=[{"provider": provider} for provider, _ in of_models],
        )
        return {
            "models": _named_first(models, "provider", "model"),
            "providers": _named_first(table_of(ProviderConsumption, self.data.providers), "provider"),
            "sessions": _named_first(
                table_of(SessionConsumption, self.data.sessions, zone=self._zone()), "session_id", "title"
            ),
            "users": _named_first(table_of(UserConsumption, self.data.users), "user"),
            "days": _named_first(table_of(DayConsumption, self.data.days), "day"),
        }


def _named_first(table: Table, *names: str) -> Table:
    return table.only([*names, *(name for name in table.columns if name not in names)])


class CacheReport(Report[CacheStatistics]):
    """Use of the providers' prompt caches, one row a model."""

    title = "Prompt caches"

    def _about(self) -> str:
        rate = self.data.token_rate
        said = "" if rate is None else f" · {100 * rate:.1f} % of the tokens read from a cache"
        return f"{self.data.period}{said} · {readable.money(self.data.saved)} saved"

    def tables(self) -> Mapping[str, Table]:
        return {"models": table_of(ModelCache, self.data.models)}


class Efficiency(Report[EfficiencyReport]):
    """What each model gave for what it took: the tables `models`, `time_series`, `attribution`, `grades`."""

    title = "Efficiency"

    def _about(self) -> str:
        totals = self.data.totals
        return f"{self.data.period} · {readable.money(totals.total_cost)} · {totals.total_turns:,} turns"

    def tables(self) -> Mapping[str, Table]:
        models = list(self.data.models.values())
        names: dict[str, Kind] = {"provider": "text", "model": "text"}
        attribution = Table({**names, "part": "text", "tokens": "int", "cost": "money", "share": "float"})
        grades = Table({**names, "complexity": "text", **columns_of(GradeWith)})
        for one in models:
            about = {"provider": one.provider, "model": one.model}
            for part, shared in one.cost.attribution.items():
                cost = None if shared.cost is None else Decimal(shared.cost)
                row = {**about, "part": part, "tokens": shared.tokens, "cost": cost, "share": shared.share}
                attribution.rows.append(row)
            for level, grade in one.quality.by_complexity.items():
                grades.rows.append({**about, "complexity": level, **row_of(grade, GradeWith)})
        return {
            "models": table_of(ModelEfficiency, models),
            "time_series": table_of(EfficiencyPoint, self.data.time_series, zone=self._zone()),
            "attribution": attribution,
            "grades": grades,
        }


class Hours(Report[TimeSeries]):
    """One row for each hour, the current one last."""

    title = "By the hour"

    def _about(self) -> str:
        return f"{self.data.hours} hours · {self.data.timezone}"

    def tables(self) -> Mapping[str, Table]:
        data = self.data
        columns: dict[str, Kind] = {
            "time": "time",
            "cost": "money",
            "tokens": "int",
            "requests": "int",
            "sessions": "int",
            "errors": "int",
            "latency_p50_ms": "float",
        }
        values = zip(
            data.times,
            map(Decimal, data.cost),
            data.tokens,
            data.requests,
            data.sessions,
            data.errors,
            data.latency_p50_ms,
            strict=True,
        )
        return {"hours": Table(columns, [dict(zip(columns, row, strict=True)) for row in values], self._zone())}


class Capacity(Report[CapacityReport]):
    """What was used in the last minute against the providers' limits, one row a provider."""

    title = "Capacity"

    def tables(self) -> Mapping[str, Table]:
        return {"providers": table_of(ProviderCapacity, self.data.providers.values())}


class Summary(Report[UsageSummary]):
    """Today, this month, and what is left of the budgets: the tables `usage` and `budgets`."""

    title = "Usage"

    def _about(self) -> str:
        left = self.data.left
        said = "" if left is None else f" · {readable.money(left)} left"
        return f"today {readable.money(self.data.today.cost)}, this month {readable.money(self.data.month.cost)}{said}"

    def tables(self) -> Mapping[str, Table]:
        usage = table_of(
            Totals,
            [self.data.today, self.data.month],
            first={"span": "text"},
            values=[{"span": "today"}, {"span": "month"}],
        )
        return {"usage": usage, "budgets": table_of(BudgetState, self.data.budgets, zone=self._zone())}


class BudgetList(Report[Budgets]):
    """The limits that count, and what is spent of each: one's own, and the administrator's."""

    def tables(self) -> Mapping[str, Table]:
        table = table_of(BudgetState, self.data.items, zone=self._zone())
        return {"budgets": _named_first(table, "scope", "session_id", "source")}

    def _html(self) -> str:
        return readable.budgets_html(self.data.items, self.data.timezone)

    def _text(self) -> str:
        return readable.budgets_text(self.data.items, self.data.timezone)
