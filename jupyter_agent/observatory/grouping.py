"""Questions to the sums of the ledger: which table answers them fastest, and the SQL that does, on both databases."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from jupyter_agent.api.errors import invalid
from jupyter_agent.observatory import periods
from jupyter_agent.observatory.models import GroupBy
from jupyter_agent.observatory.periods import Span
from jupyter_agent.providers.ledger import BUCKET_SECONDS, BUCKETS_A_DAY, BUCKETS_AN_HOUR

if TYPE_CHECKING:
    from sqlalchemy import Row, Select
    from sqlalchemy.orm import Session as Orm
    from sqlalchemy.sql import ColumnElement

TIMES = ("hour", "day", "week", "month")
NAMES = {"provider": "provider", "model": "model", "session": "session_id", "purpose": "purpose", "user": "owner"}
SUMS = (
    "requests",
    "errors",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_hits",
    "counted",
    "cost",
    "saved",
    "unpriced",
    "duration_ms",
    "first_token_ms",
    "first_tokens",
)
EPOCH = date(1970, 1, 1)
FEW = 1000
"""Rows of sessions that are looked for by their cost alone first."""


def groups(by: str) -> list[GroupBy]:
    """The names in `by`. Raises ApiError 422 for one that is unknown, there twice, or a second one of time."""
    found = by.split(",")
    known = [*TIMES, *NAMES]
    for name in found:
        if name not in known:
            raise invalid("query.by", f"{name!r} is not one of {', '.join(known)}")
    if len(set(found)) != len(found):
        raise invalid("query.by", "names something twice")
    if len([name for name in found if name in TIMES]) > 1:
        raise invalid("query.by", "takes one of hour, day, week and month")
    return cast("list[GroupBy]", found)


def dollars(billionths: int) -> str:
    """An amount as the database sums it, as it goes over the wire."""
    whole, rest = divmod(billionths, 1_000_000_000)
    return f"{whole}.{rest:09d}".rstrip("0") if rest else str(whole)


@dataclass(frozen=True)
class Question:
    """What is to be summed, and by what."""

    owner: str
    span: Span
    where: tzinfo
    by: tuple[str, ...] = ()
    filters: Mapping[str, str | None] = field(default_factory=dict)
    """Columns of the sums and what they are to be."""
    sessions: frozenset[str] | None = None
    """Only these."""

    @property
    def unit(self) -> str | None:
        """The span of time that is grouped by."""
        return next((name for name in self.by if name in TIMES), None)

    @property
    def keys(self) -> list[str]:
        """The columns that tell one group from another, the time aside; a model comes with its provider."""
        keys = [column for name, column in NAMES.items() if name in self.by]
        return ["provider", *keys] if "model" in keys and "provider" not in keys else keys


def steady(orm: Orm) -> Orm:
    """A session just begun in which all statements see the same state: what they say is to agree. On SQLite that is so
    without a word."""
    if orm.get_bind().dialect.name == "postgresql":
        orm.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return orm


class Added:
    """Sums of rows of sums, which stand at the end of each."""

    def __init__(self, rows: Sequence[Row[Any]] = ()) -> None:
        columns = list(zip(*rows, strict=True))[-len(SUMS) :] if rows else [()] * len(SUMS)
        self.sums = {name: sum(map(int, column)) for name, column in zip(SUMS, columns, strict=True)}

    def __getattr__(self, name: str) -> int:
        return self.sums[name]

    def add(self, row: Any) -> None:
        for name, value in zip(SUMS, row[-len(SUMS) :], strict=True):
            self.sums[name] += int(value)

    def join(self, other: Added) -> None:
        for name in SUMS:
            self.sums[name] += other.sums[name]


class Found(NamedTuple):
    """A page of sums."""

    rows: list[Row[Any]]
    total: int
    """How many rows there are, over all pages."""
    every: Any
    """The sums of all of them."""


class Part(NamedTuple):
    """Some of a table of sums."""

    table: Any
    column: str
    """Of time."""
    size: int
    """How many buckets its steps are."""
    first: int | None
    last: int
    """The first step after it."""


class Answer:
    """The SQL of a question. Made in a database thread: one of all times first looks when the ledger begins."""

    def __init__(self, orm: Orm, question: Question) -> None:
        self._orm = orm
        self.question = question

    def grouped(self, names: Sequence[str] = SUMS) -> Select[Any]:
        """`moment` (where time is grouped by), the keys as `by_...`, and the sums of these names; in no order."""
        from sqlalchemy import union_all

        parts = [self._part(part, names) for part in self._parts()]
        if len(parts) == 1:
            return parts[0]
        # Each table by itself first, as far as it can in its own order; then the few rows of each together.
        together = union_all(*parts).subquery("parts")
        return self._sums(dict(together.c), names)

    def _sums(self, columns: Mapping[str, ColumnElement[Any]], names: Sequence[str]) -> Select[Any]:
        from sqlalchemy import BigInteger, func, select, type_coerce

        keys = [column.label(name) for name, column in columns.items() if name not in names]
        # Plain integers: what is money is told at the end, not in each row.
        sums = [
            func.coalesce(func.sum(type_coerce(columns[name], BigInteger)), 0, type_=BigInteger).label(name)
            for name in names
        ]
        return select(*keys, *sums).group_by(*(key.name for key in keys))

    def all(self) -> Sequence[Row[Any]]:
        """All rows, in the order of time, then of cost."""
        from sqlalchemy import select

        every = self.grouped().subquery()
        return self._orm.execute(select(every).order_by(*self._order(every.c))).all()

    def page(self, limit: int, offset: int = 0) -> Found:
        """The rows of a page, in the order of time, then of cost; their number, and the sums of all of them."""
        from sqlalchemy import func, select

        asked = self.question
        # One more tells whether there is more.
        if "session" in asked.by and asked.unit is None and limit <= FEW:
            rows, count = self._few(limit, offset)
        else:
            count = None
            every = self.grouped().subquery()
            query = select(every).order_by(*self._order(every.c)).limit(limit + 1).offset(offset)
            rows = list(self._orm.execute(query).all())
        if offset == 0 and len(rows) <= limit:
            return Found(rows, len(rows), Added(rows))
        if count is None or not rows:
            count = self._orm.scalar(select(func.count()).select_from(self.grouped(()).subquery())) or 0
        alike = Answer(self._orm, replace(asked, by=()))
        return Found(rows[:limit], count, self._orm.execute(alike.grouped()).one())

    def _few(self, limit: int, offset: int) -> tuple[list[Row[Any]], int | None]:
        """The rows of a page and one more, of a list of sessions: which they are is told by their cost alone, the rest
        is added up for them only. And how many rows there are, if one was read."""
        from sqlalchemy import func, select

        costs = self.grouped(("cost",)).subquery()
        query = select(costs, func.count().over().label("rows")).order_by(*self._order(costs.c))
        first = self._orm.execute(query.limit(limit + 1).offset(offset)).all()
        keys = [f"by_{key}" for key in self.question.keys]
        wanted = [tuple(getattr(row, key) for key in keys) for row in first]
        only = frozenset(row[keys.index("by_session_id")] for row in wanted)
        found = self._orm.execute(Answer(self._orm, replace(self.question, sessions=only)).grouped()).all()
        by_key = {tuple(getattr(row, key) for key in keys): row for row in found}
        return [by_key[key] for key in wanted], first[0].rows if first else None

    def titles(self, rows: Sequence[Row[Any]]) -> dict[str, str]:
        """Titles of the rows' sessions, of those that are still there."""
        from sqlalchemy import select

        from jupyter_agent.storage.tables import SessionRow

        ids = sorted({row.by_session_id for row in rows if row.by_session_id})
        found: dict[str, str] = {}
        for start in range(0, len(ids), 1000):
            some = SessionRow.id.in_(ids[start : start + 1000])
            query = select(SessionRow.id, SessionRow.title).where(SessionRow.owner == self.question.owner, some)
            found |= {row.id: row.title for row in self._orm.execute(query)}
        return found

    def moment(self, key: int) -> datetime:
        """When the hour, day, week or month of a row begins, in UTC."""
        unit, where = self.question.unit, self.question.where
        if unit == "day":
            return periods.midnight(EPOCH + timedelta(days=key), where)
        if unit == "week":
            return periods.midnight(EPOCH + timedelta(days=key * 7 - 3), where)
        return periods.moment_of(key)  # of an hour and of a month it is the bucket

    def _order(self, columns: Any) -> list[ColumnElement[Any]]:
        order = [columns.moment.asc()] if self.question.unit is not None else []
        return [*order, columns.cost.desc(), *(columns[f"by_{key}"].asc() for key in self.question.keys)]

    def _parts(self) -> list[Part]:
        """The smallest table that can answer, and its rest from the one with smaller steps."""
        from jupyter_agent.storage import tables

        asked, span = self.question, self.question.span
        fine: Any = tables.UsageQuarterRow.__table__
        coarse, column, size = tables.UsageHourRow.__table__, "hour", BUCKETS_AN_HOUR
        sessions = "session" in asked.by or asked.sessions is not None or asked.filters.get("session_id") is not None
        if sessions:
            fine = tables.UsageBucketRow.__table__
            coarse, column, size = tables.UsageDayRow.__table__, "day", BUCKETS_A_DAY
        if asked.unit is not None and (sessions or not self._whole_hours()):
            return [Part(fine, "bucket", 1, span.first, span.last)]
        first = None if span.first is None else -(-span.first // size)
        last = max(span.last // size, first or 0)
        parts = [Part(coarse, column, size, first, last)]
        if first is not None and span.first is not None and span.first < first * size:
            parts.append(Part(fine, "bucket", 1, span.first, min(first * size, span.last)))
        if last * size < span.last:
            parts.append(Part(fine, "bucket", 1, last * size, span.last))
        return parts

    def _part(self, part: Part, names: Sequence[str]) -> Select[Any]:
        table = part.table.c
        columns: dict[str, ColumnElement[Any]] = {}
        if self.question.unit is not None:
            bucket = table[part.column] * part.size if part.size > 1 else table[part.column]
            columns["moment"] = self.sql_moment(bucket, self.question.unit)
        columns |= {f"by_{key}": table[key] for key in self.question.keys}
        columns |= {name: table[name] for name in names}
        query = self._sums(columns, names).where(table.owner == self.question.owner, table[part.column] < part.last)
        if part.first is not None:
            query = query.where(table[part.column] >= part.first)
        for name, value in self.question.filters.items():
            if value is not None:
                query = query.where(table[name] == value)
        if self.question.sessions is not None:
            query = query.where(table.session_id.in_(sorted(self.question.sessions)))
        return query

    def _whole_hours(self) -> bool:
        """Whether the clocks there are whole hours away from UTC."""
        return all(offset % 3600 == 0 for _, offset in self._offsets)

    @functools.cached_property
    def _offsets(self) -> list[tuple[int, int]]:
        return periods.offsets(self.question.where, *self._between)

    @functools.cached_property
    def _between(self) -> tuple[int, int]:
        """The buckets between which there can be anything."""
        from sqlalchemy import func, select

        from jupyter_agent.storage.tables import UsageQuarterRow

        span = self.question.span
        if span.first is not None and span.last - span.first <= 400 * BUCKETS_A_DAY:
            return span.first, span.last
        oldest, newest = (
            select(edge(UsageQuarterRow.bucket)).where(UsageQuarterRow.owner == self.question.owner).scalar_subquery()
            for edge in (func.min, func.max)
        )
        low, high = self._orm.execute(select(oldest, newest)).one()
        if low is None:
            return span.last - 1, span.last
        return max(low, span.first or 0), max(min(high + 1, span.last), max(low, span.first or 0))

    def sql_moment(self, bucket: ColumnElement[int], unit: str) -> ColumnElement[int]:
        """SQL for the hour, day, week or month that a bucket is in where the question is asked."""
        from sqlalchemy import BigInteger, case, literal

        if unit == "month":
            first, last = self._between
            starts = [periods.bucket_of(start) for start in _months(first, last, self.question.where)]
            if len(starts) == 1:
                return literal(starts[0], BigInteger)
            whens = [(bucket >= start, start) for start in starts[:-1]]
            return case(*whens, else_=starts[-1])
        hours = [(start, offset // BUCKET_SECONDS) for start, offset in self._offsets]
        shift: Any = hours[-1][1]
        if len(hours) > 1:
            shift = case(*((bucket >= start, offset) for start, offset in hours[:-1]), else_=hours[-1][1])
        local: Any = bucket + shift
        if unit == "hour":
            # By its beginning in UTC: of the hour that the end of summer repeats there are two.
            start: ColumnElement[int] = bucket - local % 4
            return start
        day: ColumnElement[int] = local // BUCKETS_A_DAY
        # 1970 began on a Thursday.
        week: ColumnElement[int] = (day + 3) // 7
        return day if unit == "day" else week


def _months(first: int, last: int, where: tzinfo) -> list[datetime]:
    """When each month between two buckets begins, the newest first."""
    found = []
    moment = periods.month_start(periods.moment_of(max(first, last - 1)), where)
    while True:
        found.append(moment)
        if periods.bucket_of(moment) <= first:
            return found
        moment = periods.month_start(moment - timedelta(seconds=1), where)
