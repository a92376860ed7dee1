"""Questions to the sums of the ledger: which table answers them fastest, and the SQL that does, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, cast

from jupyter_agent.api.errors import invalid
from jupyter_agent.observatory import periods
from jupyter_agent.observatory.models import GroupBy
from jupyter_agent.observatory.periods import Span
from jupyter_agent.providers.ledger import BUCKET_SECONDS, BUCKETS_A_DAY

if TYPE_CHECKING:
    from sqlalchemy import Row, Select
    from sqlalchemy.orm import Session as Orm
    from sqlalchemy.sql import ColumnElement, FromClause

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

    @property
    def unit(self) -> str | None:
        """The span of time that is grouped by."""
        return next((name for name in self.by if name in TIMES), None)

    @property
    def keys(self) -> list[str]:
        """The columns that tell one group from another, the time aside; a model comes with its provider."""
        keys = [column for name, column in NAMES.items() if name in self.by]
        return ["provider", *keys] if "model" in keys and "provider" not in keys else keys


class Answer:
    """The SQL of a question. Made in a database thread: one of all times first looks when the ledger begins."""

    def __init__(self, orm: Orm, question: Question) -> None:
        self._orm = orm
        self.question = question

    def grouped(self) -> Select[Any]:
        """`moment` (where time is grouped by), the keys as `by_...`, and the sums; in no order."""
        from sqlalchemy import BigInteger, func, select, type_coerce

        source = self._source()
        columns: list[ColumnElement[Any]] = [source.c[key].label(f"by_{key}") for key in self.question.keys]
        if self.question.unit is not None:
            columns.insert(0, self.sql_moment(source.c.bucket, self.question.unit).label("moment"))
        # Plain integers: what is money is told at the end, not in each row.
        sums = [
            func.coalesce(func.sum(type_coerce(source.c[name], BigInteger)), 0, type_=BigInteger).label(name)
            for name in SUMS
        ]
        return select(*columns, *sums).group_by(*(column.name for column in columns))

    def page(self, limit: int | None = None, offset: int = 0) -> tuple[list[Row[Any]], Row[Any]]:
        """The rows of a page, in the order of time, then of cost; and a row with the sums of all of them as `all_...`,
        `all_rows` is how many there are. One query."""
        from sqlalchemy import BigInteger, and_, func, literal, select, true

        from jupyter_agent.storage.tables import SessionRow

        every = self.grouped().cte("every")
        rows = select(every).order_by(*self._order(every.c)).limit(limit).offset(offset or None).subquery("page")
        shown = select(literal(1).label("there"), *rows.c)
        if "session" in self.question.by:
            known = and_(SessionRow.id == rows.c.by_session_id, SessionRow.owner == self.question.owner)
            shown = shown.add_columns(SessionRow.title.label("title")).select_from(rows.outerjoin(SessionRow, known))
        shown_rows = shown.subquery("shown")
        total = select(
            func.count().label("all_rows"),
            *(func.coalesce(func.sum(every.c[name]), 0, type_=BigInteger).label(f"all_{name}") for name in SUMS),
        ).select_from(every)
        # Beside each row, and alone where the page is empty.
        sums = total.subquery("total")
        query = (
            select(*shown_rows.c, *sums.c)
            .select_from(sums.outerjoin(shown_rows, true()))
            .order_by(*self._order(shown_rows.c))
        )
        found = self._orm.execute(query).all()
        return [row for row in found if row.there is not None], found[0]

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

    def _source(self) -> FromClause:
        """The smallest table that can answer, and only what is asked for of it."""
        from sqlalchemy import select, union_all

        from jupyter_agent.storage.tables import UsageBucketRow, UsageDayRow, UsageQuarterRow

        asked, span = self.question, self.question.span
        names = [*asked.keys, *SUMS]
        if asked.filters.get("session_id") is None and "session" not in asked.by:
            return self._part(UsageQuarterRow, "bucket", ["bucket", *names], span.first, span.last).subquery("sums")
        first_day = 0 if span.first is None else -(-span.first // BUCKETS_A_DAY)
        last_day = span.last // BUCKETS_A_DAY
        if asked.unit is not None or asked.filters.get("session_id") is not None or first_day >= last_day:
            return self._part(UsageBucketRow, "bucket", ["bucket", *names], span.first, span.last).subquery("sums")
        # Whole days from the table of days, what is before and after them by the quarter.
        first = None if span.first is None else first_day
        parts = [self._part(UsageDayRow, "day", names, first, last_day)]
        if span.first is not None and span.first < first_day * BUCKETS_A_DAY:
            parts.append(self._part(UsageBucketRow, "bucket", names, span.first, first_day * BUCKETS_A_DAY))
        if last_day * BUCKETS_A_DAY < span.last:
            parts.append(self._part(UsageBucketRow, "bucket", names, last_day * BUCKETS_A_DAY, span.last))
        return union_all(*parts).subquery("sums") if len(parts) > 1 else select(parts[0].subquery()).subquery("sums")

    def _part(self, row: Any, time: str, names: list[str], first: int | None, last: int) -> Select[Any]:
        from sqlalchemy import select

        table = row.__table__.c
        query = select(*(table[name] for name in names)).where(table.owner == self.question.owner, table[time] < last)
        if first is not None:
            query = query.where(table[time] >= first)
        for name, value in self.question.filters.items():
            if value is not None:
                query = query.where(table[name] == value)
        return query

    def _known(self) -> tuple[int, int]:
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

        first, last = self._known()
        if unit == "month":
            starts = [periods.bucket_of(start) for start in _months(first, last, self.question.where)]
            if len(starts) == 1:
                return literal(starts[0], BigInteger)
            whens = [(bucket >= start, start) for start in starts[:-1]]
            return case(*whens, else_=starts[-1])
        found = periods.offsets(self.question.where, first, last)
        hours = [(start, offset // BUCKET_SECONDS) for start, offset in found]
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
