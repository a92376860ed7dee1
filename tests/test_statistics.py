"""Statistics: every number of turns that are known in advance; sums that agree wherever they stand; files."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_agent.api.errors import ApiError
from jupyter_agent.api.models import Usage
from jupyter_agent.observatory import exports, periods
from jupyter_agent.observatory.efficiency import Efficiency
from jupyter_agent.observatory.exports import Exports
from jupyter_agent.observatory.statistics import Statistics, spent
from jupyter_agent.providers import ledger
from jupyter_agent.storage.database import Database
from jupyter_agent.storage.ids import new_id
from jupyter_agent.storage.tables import (
    ContextSnapshotRow,
    FeedbackRow,
    ModelRequestRow,
    SessionRow,
    TurnRow,
    UsageBucketRow,
    UsageDayRow,
    UsageHourRow,
    UsageQuarterRow,
)

from .conftest import Api
from .scripted_provider import KEY, Asked, Say, ScriptedProvider, Step, Used

PRICES = {"input": "3", "output": "15", "cache_read": "0.3"}
COUNTED = {"input": 1000, "output": 200, "cache_read": 400}
COST, SAVED = Decimal("0.00492"), Decimal("0.00108")
"""600 fresh tokens at 3, 400 read at 0.3, 200 out at 15 dollars a million; 400 at 2.7 less."""
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
]
EVERY = {"provider": None, "model": None, "session_id": None, "purpose": None}
TIMES = {"hour", "day", "week", "month"}


# Turns that are known in advance --------------------------------------------------------------------------------------


async def known_turns(api: Api, scripted: ScriptedProvider) -> dict[str, str]:
    """Two turns of a model with prices in one session; in another one a turn without a price, and one that failed."""

    async def counted(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        yield Used(**COUNTED)
        yield Say("done")

    async def unpriced(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        yield Used(50, 10)
        yield Say("done")

    scripted.script("counted", counted)
    scripted.script("unpriced", unpriced)
    write = {"kind": "openai_compatible", "name": "Priced", "base_url": scripted.openai_url, "api_key": KEY}
    await api.ok("POST", "/providers", json={"id": "priced", **write, "prices": {"counted": PRICES}})
    first, second = [await api.session(title=title) for title in ("=1+1", "Second")]
    for _ in range(2):
        turn = await api.turn("counted", provider="priced", session_id=first, tools=[])
        assert Decimal(turn["usage"]["cost"]) == COST
    await api.turn("unpriced", provider="priced", session_id=second, tools=[])
    failed = await api.turn("unauthorized", provider="scripted", session_id=second, tools=[])
    assert failed["stop_reason"] == "provider_error"
    return {"first": first, "second": second}


def money(text: str | None) -> Decimal:
    assert text is not None
    return Decimal(text)


async def test_every_number_of_known_turns(api: Api, scripted: ScriptedProvider) -> None:
    sessions = await known_turns(api, scripted)

    async def costs(**params: Any) -> Any:
        return await api.ok("GET", "/stats/costs", params=params)

    report = await costs(by="model")
    every = {
        "requests": 4, "errors": 1, "input": 2050, "output": 410, "cache_read": 800, "cache_write": 0,
        "cost": "0.00984", "saved": "0.00216", "unpriced": 1,
    }  # fmt: skip
    assert report["totals"] == every
    rows = {row["model"]: row for row in report["items"]}
    assert (report["total"], next(iter(rows))) == (3, "counted")
    assert {name: rows["counted"][name] for name in ("provider", "requests", "cost", "saved", "cache_read")} == {
        "provider": "priced", "requests": 2, "cost": "0.00984", "saved": "0.00216", "cache_read": 800,
    }  # fmt: skip
    assert (rows["unpriced"]["unpriced"], rows["unpriced"]["cost"], rows["unpriced"]["input"]) == (1, "0", 50)
    assert (rows["unauthorized"]["errors"], rows["unauthorized"]["unpriced"]) == (1, 0)
    assert rows["counted"]["average_ms"] >= rows["counted"]["average_first_token_ms"] >= 0

    summary = await api.ok("GET", "/stats/summary")
    assert summary["today"] == summary["month"] == every

    by_session = await costs(by="session")
    assert [(row["session_id"], row["title"], row["cost"]) for row in by_session["items"]] == [
        (sessions["first"], "=1+1", "0.00984"),
        (sessions["second"], "Second", "0"),
    ]
    assert (await costs(by="day", session_id=sessions["second"]))["totals"]["requests"] == 2
    assert (await costs(by="day", purpose="title"))["items"] == []

    ledgered = await api.ok("GET", "/stats/transactions")
    assert [row["model"] for row in ledgered["items"]] == ["unauthorized", "unpriced", "counted", "counted"]
    assert [row["error_code"] is None for row in ledgered["items"]] == [False, True, True, True]
    newest = ledgered["items"][-1]
    told = {name: newest[name] for name in ("step", "purpose", "cost", "saved", "cached", "price_source", "input")}
    assert told == {
        "step": 0, "purpose": "turn", "cost": "0.00492", "saved": "0.00108", "cached": True, "price_source": "user",
        "input": 1000,
    }  # fmt: skip
    for params, count in (({"failed": "true"}, 1), ({"failed": "false"}, 3), ({"session_id": sessions["first"]}, 2)):
        assert (await api.ok("GET", "/stats/transactions", params=params))["total"] == count
    of_turn = await api.ok("GET", "/stats/transactions", params={"turn_id": newest["turn_id"]})
    assert (of_turn["total"], of_turn["items"]) == (1, [newest])
    dearest = await api.ok("GET", "/stats/transactions", params={"sort": "-cost", "limit": 2, "offset": 1})
    assert ([row["cost"] for row in dearest["items"]], dearest["total"]) == (["0.00492", None], 4)

    used = await api.ok("GET", "/stats/consumption", params={"timezone": "Asia/Tokyo"})
    assert used["totals"] == every
    [priced, other] = used["providers"]
    assert (priced["provider"], priced["cost"], [one["model"] for one in priced["models"]]) == (
        "priced", "0.00984", ["counted", "unpriced"],
    )  # fmt: skip
    assert (other["errors"], len(used["sessions"]), len(used["users"]), len(used["days"])) == (1, 2, 1, 1)
    assert used["sessions"][0]["title"] == "=1+1"

    cache = await api.ok("GET", "/stats/cache")
    assert (cache["hits"], cache["misses"], cache["tokens_read"], cache["saved"]) == (2, 1, 800, "0.00216")
    assert cache["hit_rate"] == pytest.approx(2 / 3)
    assert cache["token_rate"] == pytest.approx(800 / 2050)

    series = await api.ok("GET", "/stats/timeseries", params={"hours": 3})
    assert len(series["labels"]) == len(series["latency_p50_ms"]) == 3
    assert (sum(series["requests"]), sum(series["errors"]), sum(series["tokens"])) == (4, 1, 2460)
    assert sum(map(Decimal, series["cost"])) == 2 * COST
    assert max(series["sessions"]) == 2

    # What is deleted was paid for.
    await api.ok("DELETE", f"/sessions/{sessions['first']}")
    assert (await costs(by="model"))["totals"] == every
    assert (await api.ok("GET", "/stats/summary"))["today"] == every


async def test_files_of_known_turns(api: Api, scripted: ScriptedProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    await known_turns(api, scripted)
    answer = await api("GET", "/stats/export", params={"table": "costs", "by": "session,model"})
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert 'filename="costs-30d.csv"' in answer.headers["Content-Disposition"]
    assert answer.content.count(b"\r\n") == answer.content.count(b"\n") == 4
    rows = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    assert [row["title"] for row in rows] == ["'=1+1", "Second", "Second"]
    assert sum(Decimal(row["cost"]) for row in rows) == 2 * COST
    turns = await api("GET", "/stats/export", params={"table": "turns", "format": "arrow"})
    table = pa.ipc.open_stream(turns.content).read_all()
    assert table["cost"].to_pylist() == [COST, COST, None, None]
    assert table["title"].to_pylist() == ["=1+1", "=1+1", "Second", "Second"]
    for params, named in (
        ({"end": "2026-03-31T22:00:00Z", "timezone": "Europe/Berlin"}, "turns-to-2026-04-01.csv"),
        ({"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}, "turns-2026-01-01-to-2026-02-01.csv"),
    ):
        answer = await api("GET", "/stats/export", params={"table": "turns", "timezone": "UTC", **params})
        assert f'filename="{named}"' in answer.headers["Content-Disposition"]
        assert len(list(csv.reader(io.StringIO(answer.content.decode(), newline="")))) == 1
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    refused = await api("GET", "/stats/export", params={"format": "parquet"})
    assert (refused.status, refused.json["error"]["code"]) == (409, "not_installed")
    assert "pip install" in refused.json["error"]["message"]


async def test_what_cannot_be_asked_is_told(api: Api) -> None:
    moment = "2026-03-01T00:00:00Z"
    for path, params, said in (
        ("/stats/costs", {"by": "day,colour"}, "'colour' is not one of"),
        ("/stats/costs", {"by": "day,week"}, "takes one of hour"),
        ("/stats/costs", {"by": "day,day"}, "twice"),
        ("/stats/costs", {"timezone": "Mars/Olympus"}, "no time zone"),
        ("/stats/costs", {"timezone": "../../etc/passwd"}, "no time zone"),
        ("/stats/consumption", {"timezone": "Europe"}, "no time zone"),
        ("/stats/timeseries", {"timezone": "x"}, "no time zone"),
        ("/stats/costs", {"start": moment, "end": moment}, "not before the end"),
        ("/stats/transactions", {"start": "2026-03-02T00:00:00Z", "end": moment}, "not before the end"),
        ("/stats/export", {"start": "2199-01-01T00:00:00Z"}, "in the future"),
        ("/stats/costs", {"start": "0"}, "not a moment like"),
        ("/stats/export", {"start": "0001-01-01T00:00:00Z"}, "between 1970 and"),
    ):
        answer = await api("GET", path, params=params)
        assert (answer.status, answer.json["error"]["code"]) == (422, "invalid"), (path, params)
        assert said in answer.json["error"]["message"]


# Spans of time --------------------------------------------------------------------------------------------------------


def test_days_begin_where_somebody_lives() -> None:
    berlin, santiago = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Santiago")
    now = datetime(2026, 3, 29, 12, 7, tzinfo=UTC)
    assert periods.span("1h", berlin, now=now) == periods.Span(
        datetime(2026, 3, 29, 11, tzinfo=UTC), datetime(2026, 3, 29, 12, 15, tzinfo=UTC)
    )
    # The day on which the clocks go forward has 23 hours.
    assert periods.day_start(now, berlin) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert periods.day_end(now, berlin) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert periods.span("7d", berlin, now=now).start == datetime(2026, 3, 22, 23, tzinfo=UTC)
    assert periods.month_start(now, berlin) == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert periods.month_end(now, berlin) == datetime(2026, 3, 31, 22, tzinfo=UTC)
    # Here midnight does not exist: the day begins at one.
    assert periods.midnight(date(2024, 9, 8), santiago) == datetime(2024, 9, 8, 4, tzinfo=UTC)
    odd = periods.span("7d", berlin, start=now, end=now + timedelta(minutes=9))
    assert (odd.start, odd.end) == (datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, 30, tzinfo=UTC))


@given(zone=st.sampled_from(ZONES), at=st.integers(1_900_000, 2_000_000))
def test_offsets_are_those_of_the_zone(zone: str, at: int) -> None:
    where = ZoneInfo(zone)
    found = periods.offsets(where, 1_900_000, 2_000_000)
    offset = next(offset for start, offset in found if at >= start)
    assert timedelta(seconds=offset) == periods.moment_of(at).astimezone(where).utcoffset()


# Sums agree -----------------------------------------------------------------------------------------------------------


class Rooms:
    """Statistics on a database, without a server."""

    def __init__(self, url: str) -> None:
        self.db = Database(url)
        prices = SimpleNamespace(price=lambda provider, model, usage: (Decimal(usage.output) / 1000, "user"))
        settings = SimpleNamespace(budgets=SimpleNamespace(timezone="UTC"))
        services: Any = SimpleNamespace(db=self.db, settings=settings, providers=prices)
        self.statistics, self.exports, self.efficiency = Statistics(services), Exports(services), Efficiency(services)
        self.owners = (f"owner-{number}" for number in itertools.count())

    async def file(self, owner: str, **asked: Any) -> bytes:
        options: dict[str, Any] = {"period": "all", "start": None, "end": None, "by": "day", "timezone": None, **asked}
        made = await self.exports.make(owner, **options)
        assert not isinstance(made.data, bytes)
        return b"".join([piece async for piece in made.data])


@pytest.fixture(scope="module")
def sqlite_rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    rooms = Rooms(f"sqlite:///{tmp_path_factory.mktemp('statistics') / 'agent.db'}")
    yield rooms
    asyncio.run(rooms.db.close())


@pytest.fixture
def rooms(request: pytest.FixtureRequest) -> Iterator[Rooms]:
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_rooms")
        return
    found = Rooms(request.getfixturevalue("postgres_url"))
    yield found
    asyncio.run(found.db.close())


on_both = pytest.mark.parametrize(
    "rooms", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)

# Naive, as the strategy wants them.
NEW_YEAR = datetime.combine(date(2026, 1, 1), time())
nanos = st.integers(0, 10**12).map(lambda nano: Decimal(nano) / 10**9)
moments = st.one_of(
    st.datetimes(NEW_YEAR - timedelta(days=365), NEW_YEAR + timedelta(days=270)),
    # Around the changes of clocks, and around the ends of months and years.
    st.builds(
        lambda day, minutes: day + timedelta(minutes=minutes),
        st.sampled_from([NEW_YEAR + timedelta(days=days) for days in (-277, -271, -67, 0)]),
        st.integers(-1500, 1500),
    ),
).map(lambda moment: moment.replace(tzinfo=UTC))


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    sent, said = draw(st.integers(0, 10**6)), draw(st.integers(0, 10**5))
    cost = draw(st.none() | nanos)
    return {
        "provider": draw(st.sampled_from(["p", "q"])),
        "model": draw(st.sampled_from(["m", "n", "@cf/x"])),
        "purpose": draw(st.sampled_from(["turn", "title"])),
        "session_id": draw(st.sampled_from([None, "s1", "s2", "s3"])),
        "turn_id": draw(st.sampled_from([None, "t1", "t2"])),
        "input_tokens": sent,
        "output_tokens": said,
        "cache_read_tokens": draw(st.integers(0, sent)),
        "cache_write_tokens": draw(st.integers(0, 100)),
        "cost": cost,
        "saved": None if cost is None else draw(nanos),
        "duration_ms": draw(st.integers(0, 10**5)),
        "first_token_ms": draw(st.none() | st.integers(0, 1000)),
        "error_code": draw(st.sampled_from([None, None, "timeout"])),
        "created_at": draw(moments),
    }


groupings = st.lists(
    st.sampled_from(["provider", "model", "session", "purpose", "user"]), max_size=3, unique=True
).flatmap(lambda names: st.sampled_from([*sorted(TIMES), None]).map(lambda unit: [*names, *([unit] if unit else [])]))
spans = st.one_of(
    st.just((None, None)),
    st.tuples(moments, st.timedeltas(timedelta(minutes=1), timedelta(days=400))).map(
        lambda pair: (pair[0], pair[0] + pair[1])
    ),
)


def beginning(moment: datetime, unit: str, zone: ZoneInfo) -> datetime:
    """When the hour, day, week or month of a moment began; by the calendar, not by buckets."""
    local = moment.astimezone(zone)
    if unit == "hour":
        return moment - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    day = local.date()
    if unit == "week":
        day -= timedelta(days=day.weekday())
    elif unit == "month":
        day = day.replace(day=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


Sums = dict[str, Any]


def added(rows: list[Sums]) -> Sums:
    """What is on the wire for these rows of the ledger."""
    used = [row["input_tokens"] + row["output_tokens"] > 0 for row in rows]
    return {
        "requests": len(rows),
        "errors": sum(row["error_code"] is not None for row in rows),
        "input": sum(row["input_tokens"] for row in rows),
        "output": sum(row["output_tokens"] for row in rows),
        "cache_read": sum(row["cache_read_tokens"] for row in rows),
        "cache_write": sum(row["cache_write_tokens"] for row in rows),
        "cost": sum((row["cost"] or Decimal(0) for row in rows), Decimal(0)),
        "saved": sum((row["saved"] or Decimal(0) for row in rows), Decimal(0)),
        "unpriced": sum(row["cost"] is None and use for row, use in zip(rows, used, strict=True)),
    }


def shown(row: Any) -> Sums:
    found = {name: getattr(row, name) for name in added([])}
    return {**found, "cost": Decimal(row.cost), "saved": Decimal(row.saved)}


async def check(rooms: Rooms, made: list[Sums], zone: str, by: list[str], span: Any, only: str | None) -> None:
    """Writes the requests, and asks for their sums in every way."""
    owner, where = next(rooms.owners), ZoneInfo(zone)
    rows = [{**row, "id": new_id("req"), "owner": owner} for row in made]

    def write(orm: Any) -> None:
        for row in rows:
            ledger.add_in(orm, ModelRequestRow(**row))

    await rooms.db.write(write)
    start, end = span
    kept = rows
    if start is not None:
        low = datetime.fromtimestamp(start.timestamp() // 900 * 900, UTC)
        high = datetime.fromtimestamp(-(-end.timestamp() // 900) * 900, UTC)
        kept = [row for row in rows if low <= row["created_at"] < high]
    groups: dict[tuple[Any, ...], list[Sums]] = defaultdict(list)
    names = [name for name in ("provider", "model", "session", "purpose", "user") if name in by]
    if "model" in names and "provider" not in names:
        names.insert(0, "provider")
    unit = next((name for name in by if name in TIMES), None)
    columns = {"session": "session_id", "user": "owner"}
    chosen = [row for row in kept if only is None or row["session_id"] == only]
    for row in chosen:
        moment = None if unit is None else beginning(row["created_at"], unit, where)
        groups[moment, *(row[columns.get(name, name)] for name in names)].append(row)

    # The report, in pages.
    asked: dict[str, Any] = {**EVERY, "session_id": only, "period": "all", "start": start, "end": end}
    by_text, items = ",".join(by) or "user", []
    if not by:
        groups = defaultdict(list, {(None, owner): chosen} if chosen else {})
        names = ["user"]
    report = None
    for offset in range(0, len(groups) + 1, 7):
        report = await rooms.statistics.costs(owner, by=by_text, timezone=zone, limit=7, offset=offset, **asked)
        items += report.items
        assert report.total == len(groups)
        assert shown(report.totals) == added(chosen)
    assert report is not None
    fields = [columns.get(name, name) if name != "user" else "user" for name in names]
    keys = [(row.time, *(getattr(row, name) for name in fields)) for row in items]
    assert len(keys) == len(set(keys))
    assert {key: shown(row) for key, row in zip(keys, items, strict=True)} == {
        key: added(several) for key, several in groups.items()
    }
    order = [(row.time.timestamp() if row.time else 0, -Decimal(row.cost)) for row in items]
    assert order == sorted(order)

    # The same as files, as single requests, and as what a budget counts.
    whole = added(kept)
    if only is None:
        text = (
            await rooms.file(owner, table="costs", format="csv", by=by_text, start=start, end=end, timezone=zone)
        ).decode()
        lines = list(csv.DictReader(io.StringIO(text, newline="")))
        assert (len(lines), sum((Decimal(line["cost"]) for line in lines), Decimal(0))) == (len(groups), whole["cost"])
    tables = []
    for format in ("csv", "parquet", "arrow"):
        data = await rooms.file(owner, table="transactions", format=format, start=start, end=end)
        if format == "csv":
            lines = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
            assert [line["id"] for line in lines] == [
                row["id"] for row in sorted(kept, key=lambda row: (row["created_at"], row["id"]))
            ]
            tables.append([Decimal(line["cost"]) if line["cost"] else None for line in lines])
            assert all((line["model"] == "'@cf/x") == ("cf" in line["model"]) for line in lines)
        elif format == "parquet":
            tables.append(pa.parquet.read_table(pa.BufferReader(data))["cost"].to_pylist())
        else:
            tables.append(pa.ipc.open_stream(data).read_all()["cost"].to_pylist())
    assert tables[0] == tables[1] == tables[2]
    assert sum((cost for cost in tables[0] if cost is not None), Decimal(0)) == whole["cost"]
    listed: dict[str, Any] = {**EVERY, "session_id": only, "period": "all", "start": start, "end": end}
    listed |= {"turn_id": None, "failed": None, "sort": "created_at", "limit": 500, "offset": 0}
    page = await rooms.statistics.transactions(owner, **listed)
    assert page.total == len(page.items) == len(chosen)
    assert sum((Decimal(one.cost) for one in page.items if one.cost is not None), Decimal(0)) == added(chosen)["cost"]
    failed = await rooms.statistics.transactions(owner, **{**listed, "failed": True})
    assert failed.total == len(failed.items) == added(chosen)["errors"]
    first, last = (None, None) if start is None else (low, high)
    cost, unpriced = await rooms.db.read(lambda orm: spent(orm, owner, first, last, only))
    assert (cost, unpriced) == (added(chosen)["cost"], added(chosen)["unpriced"])
    if start is None:
        used = await rooms.statistics.consumption(owner, period="all", timezone=zone)
        for several in (used.providers, used.sessions, used.users, used.days):
            assert sum((Decimal(one.cost) for one in several), Decimal(0)) == whole["cost"]
            assert sum(one.requests for one in several) == whole["requests"]
        efficiency = await rooms.efficiency.report(owner, period="all", provider=None, model=None, timezone=zone)
        assert Decimal(efficiency.totals.total_cost) == whole["cost"]
        assert sum((Decimal(point.cost) for point in efficiency.time_series), Decimal(0)) == whole["cost"]
        assert sum(one.requests for one in efficiency.models.values()) == whole["requests"]
        turns = {(row["provider"], row["model"], row["turn_id"]) for row in rows if row["turn_id"]}
        assert efficiency.totals.total_turns == len(turns) == sum(point.turns for point in efficiency.time_series)


@on_both
def test_sums_agree(rooms: Rooms, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PAGE", 3)

    @settings(
        max_examples=60 if "sqlite" in request.node.name else 12,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(requests(), max_size=15), st.sampled_from(ZONES), groupings, spans, st.sampled_from([None, "s1"]))
    def agree(made: list[Sums], zone: str, by: list[str], span: Any, only: str | None) -> None:
        asyncio.run(check(rooms, made, zone, by, span, only))

    agree()


@on_both
def test_many_write_at_once(rooms: Rooms, request: pytest.FixtureRequest) -> None:
    """Two servers on one database, 50 requests at once: nothing is lost, nobody waits for ever."""
    owner = next(rooms.owners)
    other = Database(rooms.db._writer.url.render_as_string(hide_password=False))
    now = datetime.now(UTC)

    def write(number: int) -> Callable[[Any], None]:
        session = f"{owner}-{number % 3}"

        def add(orm: Any) -> None:
            ledger.add_in(
                orm,
                ModelRequestRow(
                    id=new_id("req"), owner=owner, provider="p", model=f"m{number % 2}", session_id=session,
                    purpose="title", input_tokens=1, cost=Decimal("0.000000001"), duration_ms=1, created_at=now,
                ),
            )  # fmt: skip

        return add

    async def all_at_once() -> None:
        def sessions(orm: Any) -> None:
            orm.add_all(SessionRow(id=f"{owner}-{number}", owner=owner) for number in range(3))

        await rooms.db.write(sessions)
        async with asyncio.timeout(60):
            await asyncio.gather(*((rooms.db, other)[number % 2].write(write(number)) for number in range(150)))
        cost, _ = await rooms.db.read(lambda orm: spent(orm, owner, None))
        assert cost == Decimal("0.00000015")
        for table in (UsageBucketRow, UsageQuarterRow, UsageHourRow, UsageDayRow):

            def read(orm: Any, table: Any = table) -> int:
                return sum(row.requests for row in orm.query(table).filter(table.owner == owner))

            assert await rooms.db.read(read) == 150
        totals = await rooms.db.read(
            lambda orm: [row.requests for row in orm.query(SessionRow).filter(SessionRow.owner == owner)]
        )
        assert totals == [50, 50, 50]
        await other.close()

    asyncio.run(all_at_once())


# Efficiency -----------------------------------------------------------------------------------------------------------


@on_both
def test_efficiency_of_known_turns(rooms: Rooms) -> None:
    """Four turns of one model, two in each half of the last day, two with grades."""
    owner = next(rooms.owners)
    session = f"{owner}-s"
    now = datetime.now(UTC)
    # Age in hours, input, output, read from the cache, dollars, milliseconds, error, grade, complexity, memory tokens.
    turns = [
        (20, 1000, 100, 0, "0.3", 1000, None, 5, "L1", 100),
        (18, 1000, 100, 0, "0.3", 1000, None, None, "L0", 0),
        (3, 2000, 100, 500, "0.5", 3000, None, 2, "L3", 300),
        (1, 2000, 300, 0, "0.5", 5000, "interrupted", None, "L1", 0),
    ]

    def write(orm: Any) -> None:
        orm.add(SessionRow(id=session, owner=owner))
        orm.flush()
        for seq, (age, sent, said, read, cost, took, error, grade, level, memory) in enumerate(turns):
            moment, turn = now - timedelta(hours=age), f"{owner}-t{seq}"
            common = {"owner": owner, "session_id": session, "provider": "p", "model": "m", "created_at": moment}
            orm.add(TurnRow(id=turn, seq=seq, cost=Decimal(cost), **common))
            orm.flush()
            ledger.add_in(
                orm,
                ModelRequestRow(
                    id=f"{turn}-r", turn_id=turn, step=0, input_tokens=sent, output_tokens=said,
                    cache_read_tokens=read, cost=Decimal(cost), saved=Decimal(read) / 10**4, duration_ms=took,
                    first_token_ms=100, error_code=error, **common,
                ),
            )  # fmt: skip
            parts = {"system_prompt": 200, "memory": memory, "history": sent - 200 - memory}
            orm.add(
                ContextSnapshotRow(
                    id=f"{turn}-r", turn_id=turn, complexity=level, budget=2400 if seq else None, tokens=parts,
                    total=sent, source="provider", tokenizer="x", **common,
                )
            )  # fmt: skip
            if grade is not None:
                orm.add(FeedbackRow(turn_id=turn, owner=owner, session_id=session, grade=grade))

    async def ask() -> None:
        await rooms.db.write(write)
        report = await rooms.efficiency.report(owner, period="24h", provider=None, model=None, timezone="UTC")
        [(name, model)] = report.models.items()
        assert (name, model.total_turns, model.requests, model.error_rate) == ("p/m", 4, 4, 0.25)
        assert model.output_density == pytest.approx(600 / 6000)
        assert model.budget_utilization == pytest.approx((1000 + 2000 + 2000) / 2400 / 3)
        assert model.context_pressure_rate == pytest.approx(2 / 3)
        assert model.memory_roi == pytest.approx(100 / 400)
        assert model.system_prompt_weight == pytest.approx(800 / 6000)
        assert model.cache_hit_rate == 0.25
        assert (model.average_ms, model.p95_ms, model.average_first_token_ms) == (2500, 3000, 100)
        assert model.tokens_per_second == pytest.approx(600 / 10)
        cost = model.cost
        assert (cost.total, cost.effective_per_turn, cost.cache_savings) == ("1.6", "0.4", "0.05")
        assert money(cost.per_output_token) == (Decimal("1.6") / 600).quantize(Decimal("1e-12"))
        assert cost.wasted_budget_cost == "0.5"
        # 600 tokens out cost 0.6 at the price of these rooms: one dollar is left for what was sent.
        assert {part: (one.tokens, money(one.cost)) for part, one in cost.attribution.items()} == {
            "system_prompt": (800, Decimal("0.133333333333")),
            "memory": (400, Decimal("0.066666666667")),
            "history": (4800, Decimal("0.8")),
        }
        assert sum(one.share for one in cost.attribution.values()) == pytest.approx(1)
        assert cost.cumulative_trend == model.trend.cost_per_turn == pytest.approx((0.5 - 0.3) / 0.3)
        assert model.trend.duration == pytest.approx(3)
        assert model.trend.output_density == pytest.approx(0)
        assert model.trend.cache_hit_rate is None
        quality = model.quality
        assert (quality.average_grade, quality.grade_count, quality.grade_coverage) == (3.5, 2, 0.5)
        assert money(quality.cost_per_quality_point) == (Decimal("0.8") / 7).quantize(Decimal("1e-12"))
        assert {level: one.average for level, one in quality.by_complexity.items()} == {"L1": 5, "L3": 2}
        assert (quality.with_memory.count, quality.without_memory.count, quality.trend) == (2, 0, -3)
        assert [point.turns for point in report.time_series] == [1, 1, 1, 1]
        totals = report.totals
        assert (totals.total_cost, totals.total_cache_savings, totals.total_turns) == ("1.6", "0.05", 4)
        assert (totals.most_expensive_model, totals.most_efficient_model) == ("p/m", "p/m")
        assert totals.biggest_cost_driver == "history"
        other = await rooms.efficiency.report(owner, period="24h", provider="q", model=None, timezone=None)
        assert (other.models, other.time_series, other.totals.total_cost) == ({}, [], "0")

    asyncio.run(ask())


# Files ----------------------------------------------------------------------------------------------------------------


def test_text_in_files_stays_text(sqlite_rooms: Rooms) -> None:
    """What a spreadsheet would calculate, what would break a line, what is not English."""
    owner = next(sqlite_rooms.owners)
    titles = ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", 'a "quoted", b', "two\r\nlines", "größer 漢字 🙂", ""]

    def write(orm: Any) -> None:
        for number, title in enumerate(titles):
            orm.add(SessionRow(id=f"{owner}-{number}", owner=owner, title=title))
            orm.flush()
            ledger.add_in(
                orm,
                ModelRequestRow(
                    id=f"{owner}-{number}", owner=owner, provider="p", model="m", session_id=f"{owner}-{number}",
                    turn_id="t", cost=Decimal(number) / 10**9,
                ),
            )  # fmt: skip

    async def ask() -> None:
        await sqlite_rooms.db.write(write)
        data = await sqlite_rooms.file(owner, table="costs", format="csv", by="session")
        rows = {row["session_id"]: row for row in csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""))}
        for number, title in enumerate(titles):
            guarded = f"'{title}" if title[:1] in ("=", "+", "-", "@", "\t") and title else title
            assert rows[f"{owner}-{number}"]["title"] == guarded
        parquet = await sqlite_rooms.file(owner, table="costs", format="parquet", by="session")
        table = pa.parquet.read_table(pa.BufferReader(parquet))
        assert sorted(table["title"].to_pylist()) == sorted(titles)
        assert table.schema.field("cost").type == pa.decimal128(24, 9)
        assert sum(table["cost"].to_pylist()) == Decimal("0.000000036")
        empty = await sqlite_rooms.file("nobody", table="transactions", format="parquet")
        assert pa.parquet.read_table(pa.BufferReader(empty)).num_rows == 0

    asyncio.run(ask())


async def test_a_file_that_breaks_off_does_not_look_whole(
    api: Api, scripted: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    await api.turn("echo", tools=[])
    encoded = exports._encoded

    async def broken(*args: Any) -> AsyncIterator[bytes]:
        async for piece in encoded(*args):
            yield piece
            raise OSError("the disk is gone")

    monkeypatch.setattr(exports, "_encoded", broken)
    with pytest.raises(httpx.RemoteProtocolError):
        await api("GET", "/stats/export", params={"table": "transactions"})


def test_what_the_cache_saved_is_of_the_same_price_table() -> None:
    from jupyter_agent.providers import pricing
    from jupyter_agent.providers.models import ModelPrice

    dear = ModelPrice(input="1", output="1", cache_read="2")
    config: Any = SimpleNamespace(prices={"m": ModelPrice(**PRICES), "dear": dear})
    used = Usage(**COUNTED)
    assert pricing.price(config, None, "m", used) == (COST, "user")
    assert pricing.saved(config, None, "m", used) == SAVED
    assert pricing.saved(config, None, "m", Usage(input=5)) == 0
    assert pricing.saved(config, None, "dear", used) == 0
    local: Any = SimpleNamespace(prices={}, kind="local")
    assert pricing.saved(local, None, "m", used) == 0


def test_zones_that_there_are_not() -> None:
    for name in ("Europe", "zone.tab", "a\0b", "/etc/passwd", "é"):
        with pytest.raises(ApiError) as refused:
            periods.named(name)
        assert refused.value.status == 422


def test_the_machine_may_have_its_zone_from_its_variable(tmp_path: Path) -> None:
    assert periods.zone_name(periods._own("Asia/Kathmandu")) == "Asia/Kathmandu"
    # A rule, not a name: the C library knows the offset.
    assert periods.zone_name(periods._own("nonsense/nowhere")).startswith("UTC")
