"""Statistics as files: CSV, Parquet, a stream of Apache Arrow. Read and written page by page, off the event loop, so
that a file of any length takes no memory to speak of."""

from __future__ import annotations

import asyncio
import csv
import functools
import importlib.util
import io
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from jupyter_agent.api.errors import ApiError
from jupyter_agent.api.router import Download
from jupyter_agent.observatory import periods
from jupyter_agent.observatory.grouping import SUMS, Answer, Question, dollars, groups, steady
from jupyter_agent.observatory.statistics import TOTALS, ratio, within

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.observatory.periods import Span

PAGE = 10_000
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}
Kind = Literal["text", "integer", "number", "money", "time", "flag"]
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""


class Column(NamedTuple):
    name: str
    kind: Kind


Cells = Sequence[Any]
"""A row. Money is in billionths of a dollar, as the database has it."""
TURNS = [
    Column("id", "text"),
    Column("session_id", "text"),
    Column("title", "text"),
    Column("number", "integer"),
    Column("message", "text"),
    Column("status", "text"),
    Column("stop_reason", "text"),
    Column("provider", "text"),
    Column("model", "text"),
    Column("requests", "integer"),
    Column("input", "integer"),
    Column("output", "integer"),
    Column("cache_read", "integer"),
    Column("cache_write", "integer"),
    Column("cost", "money"),
    Column("grade", "integer"),
    Column("created_at", "time"),
    Column("started_at", "time"),
    Column("finished_at", "time"),
]
TRANSACTIONS = [
    Column("id", "text"),
    Column("session_id", "text"),
    Column("turn_id", "text"),
    Column("step", "integer"),
    Column("purpose", "text"),
    Column("provider", "text"),
    Column("model", "text"),
    Column("input", "integer"),
    Column("output", "integer"),
    Column("cache_read", "integer"),
    Column("cache_write", "integer"),
    Column("cost", "money"),
    Column("saved", "money"),
    Column("price_source", "text"),
    Column("cached", "flag"),
    Column("first_token_ms", "integer"),
    Column("duration_ms", "integer"),
    Column("error_code", "text"),
    Column("created_at", "time"),
]


class Writer(Protocol):
    """Rows in, bytes out."""

    def begin(self) -> bytes: ...

    def rows(self, rows: Sequence[Cells]) -> bytes: ...

    def end(self) -> bytes: ...


class Exports:
    """Statistics as files."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def make(
        self,
        owner: str,
        *,
        table: str,
        format: str,
        period: str,
        start: datetime | None,
        end: datetime | None,
        by: str,
        timezone: str | None,
    ) -> Download:
        """A file that is made while it is sent. Raises ApiError: 409 `not_installed` for Parquet and Arrow without
        pyarrow; 422 for a group, zone or span that there is not."""
        where = periods.zone(self._services.settings, timezone)
        span = periods.span(period, where, start=start, end=end)
        names = groups(by)
        if format != "csv" and importlib.util.find_spec("pyarrow") is None:
            raise ApiError(
                409,
                "not_installed",
                f"Files of the format {format} need pyarrow: pip install 'jupyterlab-agent[arrow]'. CSV needs nothing.",
                details={"package": "pyarrow", "install": "pip install 'jupyterlab-agent[arrow]'"},
            )
        if table == "costs":
            question = Question(owner, span, where, tuple(names))
            columns, pages = _columns(question), self._costs(question)
        elif table == "transactions":
            columns, pages = TRANSACTIONS, self._pages(_transactions, owner, span)
        else:
            columns, pages = TURNS, self._pages(_turns, owner, span)
        writer = await asyncio.to_thread(_writer, format, columns)
        named = period
        if start is not None or end is not None:
            days = [one.astimezone(where).date().isoformat() for one in (span.start, span.end) if one is not None]
            named = "-to-".join(days) if span.start is not None else f"to-{days[0]}"
        return Download(_encoded(writer, pages), MEDIA_TYPES[format], f"{table}-{named}.{format}")

    async def _costs(self, question: Question) -> AsyncIterator[list[Cells]]:
        """The sums of one moment: all of them read at once."""

        def read(orm: Orm) -> list[list[Cells]]:
            answer = Answer(steady(orm), question)
            rows = answer.all()
            titles = answer.titles(rows) if "session" in question.by else {}
            cells = [_sums(answer, row, titles) for row in rows]
            return [cells[start : start + PAGE] for start in range(0, len(cells), PAGE)]

        for page in await self._services.db.read(read):
            yield page

    async def _pages(self, read: Any, owner: str, span: Span) -> AsyncIterator[list[Cells]]:
        """Rows that stay as they are, from the oldest on, each page after the last row of the one before."""
        after: Cells | None = None
        while True:
            rows = await self._services.db.read(functools.partial(read, owner=owner, span=span, after=after))
            if rows:
                yield rows
            if len(rows) < PAGE:
                return
            after = rows[-1]


async def _encoded(writer: Writer, pages: AsyncIterator[list[Cells]]) -> AsyncIterator[bytes]:
    yield await asyncio.to_thread(writer.begin)
    async for page in pages:
        yield await asyncio.to_thread(writer.rows, page)
    yield await asyncio.to_thread(writer.end)


def _columns(question: Question) -> list[Column]:
    keys = [Column({"owner": "user"}.get(key, key), "text") for key in question.keys]
    if "session" in question.by:
        keys.append(Column("title", "text"))
    if question.unit is not None:
        keys.insert(0, Column("time", "time"))
    sums = [Column(name, "integer") for name in TOTALS]
    means = [Column("average_ms", "number"), Column("average_first_token_ms", "number")]
    return [*keys, *sums, Column("cost", "money"), Column("saved", "money"), *means]


def _sums(answer: Answer, row: Any, titles: dict[str, str]) -> Cells:
    asked = answer.question
    sums = dict(zip(SUMS, map(int, row[-len(SUMS) :]), strict=True))
    cells: list[Any] = [] if asked.unit is None else [answer.moment(row.moment)]
    cells += [getattr(row, f"by_{key}") or None for key in asked.keys]
    if "session" in asked.by:
        cells.append(titles.get(row.by_session_id))
    cells += [sums[column] for column in TOTALS.values()]
    cells += [sums["cost"], sums["saved"], ratio(sums["duration_ms"], sums["requests"])]
    return [*cells, ratio(sums["first_token_ms"], sums["first_tokens"])]


def _transactions(orm: Orm, owner: str, span: Span, after: Cells | None) -> list[Cells]:
    from sqlalchemy import BigInteger, and_, or_, select, type_coerce

    from jupyter_agent.storage.tables import ModelRequestRow as Row

    query = select(
        Row.id,
        Row.session_id,
        Row.turn_id,
        Row.step,
        Row.purpose,
        Row.provider,
        Row.model,
        Row.input_tokens,
        Row.output_tokens,
        Row.cache_read_tokens,
        Row.cache_write_tokens,
        type_coerce(Row.cost, BigInteger),
        type_coerce(Row.saved, BigInteger),
        Row.price_source,
        Row.cache_read_tokens > 0,
        Row.first_token_ms,
        Row.duration_ms,
        Row.error_code,
        Row.created_at,
    ).where(Row.owner == owner, *within(span))
    if after is not None:
        same = and_(Row.created_at == after[-1], Row.id > after[0])
        query = query.where(Row.created_at >= after[-1], or_(Row.created_at > after[-1], same))
    return list(orm.execute(query.order_by(Row.created_at, Row.id).limit(PAGE)))


def _turns(orm: Orm, owner: str, span: Span, after: Cells | None) -> list[Cells]:
    from sqlalchemy import BigInteger, and_, or_, select, type_coerce

    from jupyter_agent.storage.tables import FeedbackRow, SessionRow
    from jupyter_agent.storage.tables import TurnRow as Row

    query = (
        select(
            Row.id,
            Row.session_id,
            SessionRow.title,
            Row.seq,
            Row.message,
            Row.status,
            Row.stop_reason,
            Row.provider,
            Row.model,
            Row.requests,
            Row.input_tokens,
            Row.output_tokens,
            Row.cache_read_tokens,
            Row.cache_write_tokens,
            type_coerce(Row.cost, BigInteger),
            FeedbackRow.grade,
            Row.created_at,
            Row.started_at,
            Row.finished_at,
        )
        .join(SessionRow, SessionRow.id == Row.session_id)
        .outerjoin(FeedbackRow, FeedbackRow.turn_id == Row.id)
        .where(Row.owner == owner, Row.created_at < span.end)
    )
    if span.start is not None:
        query = query.where(Row.created_at >= span.start)
    if after is not None:
        created = after[TURNS.index(Column("created_at", "time"))]
        same = and_(Row.created_at == created, Row.id > after[0])
        query = query.where(Row.created_at >= created, or_(Row.created_at > created, same))
    return list(orm.execute(query.order_by(Row.created_at, Row.id).limit(PAGE)))


def _writer(format: str, columns: Sequence[Column]) -> Writer:
    return Csv(columns) if format == "csv" else Arrow(columns, parquet=format == "parquet")


class Csv:
    """Comma-separated values as RFC 4180 has them: a header, CRLF, UTF-8. Text that a spreadsheet would take for a
    formula begins with an apostrophe."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns

    def begin(self) -> bytes:
        return self._written([[column.name for column in self._columns]])

    def rows(self, rows: Sequence[Cells]) -> bytes:
        columns = [self._texts(at, [row[at] for row in rows]) for at in range(len(self._columns))]
        return self._written(zip(*columns, strict=True))

    def end(self) -> bytes:
        return b""

    def _written(self, rows: Any) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        return text.getvalue().encode("utf-8", "replace")

    def _texts(self, at: int, cells: list[Any]) -> Iterator[Any]:
        kind = self._columns[at].kind
        for cell in cells:
            if cell is None:
                yield ""
            elif kind == "text":
                yield f"'{cell}" if cell.startswith(FORMULAS) else cell
            elif kind == "money":
                yield dollars(int(cell))
            elif kind == "time":
                yield cell.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            elif kind == "flag":
                yield "true" if cell else "false"
            else:
                yield cell


class Arrow:
    """Parquet, or the stream format of Apache Arrow. Money is decimal: exact."""

    def __init__(self, columns: Sequence[Column], *, parquet: bool) -> None:
        import pyarrow as pa

        kinds = {
            "text": pa.string(),
            "integer": pa.int64(),
            "number": pa.float64(),
            "money": pa.decimal128(24, 9),
            "time": pa.timestamp("us", tz="UTC"),
            "flag": pa.bool_(),
        }
        self._columns = columns
        self._schema = pa.schema([(column.name, kinds[column.kind]) for column in columns])
        self._sink = Sink()
        self._parquet = parquet
        self._writer: Any = None

    def begin(self) -> bytes:
        if self._parquet:
            from pyarrow.parquet import ParquetWriter

            self._writer = ParquetWriter(self._sink, self._schema, compression="zstd")
        else:
            from pyarrow.ipc import new_stream

            self._writer = new_stream(self._sink, self._schema)
        return self._sink.taken()

    def rows(self, rows: Sequence[Cells]) -> bytes:
        import pyarrow as pa

        arrays = [self._array(at, [row[at] for row in rows]) for at in range(len(self._columns))]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        return self._sink.taken()

    def end(self) -> bytes:
        self._writer.close()
        return self._sink.taken()

    def _array(self, at: int, cells: list[Any]) -> Any:
        import pyarrow as pa

        kind, type_ = self._columns[at].kind, self._schema.field(at).type
        if kind == "money":
            # The same 128 bits: billionths are what this decimal has nine digits of.
            whole = pa.array([None if cell is None else int(cell) for cell in cells], pa.int64())
            whole = whole.cast(pa.decimal128(19, 0))
            return pa.Array.from_buffers(type_, len(whole), whole.buffers(), whole.null_count)
        if kind == "time":
            cells = [None if cell is None else cell.astimezone(UTC) for cell in cells]
        return pa.array(cells, type_)


class Sink(io.RawIOBase):
    """A file that keeps what is written until it is taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._size

    def taken(self) -> bytes:
        """What was written since."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
