"""What a year of 1,000,000 model requests cost, on SQLite: what the dashboard of costs asks for when it is opened, the
list of single requests, and all of them as files, as a client has them on a real server.

20,000 sessions with 5 models of 3 providers, mostly on working days from 8 to 19 h. Beside the dashboard: the same sums
made from the ledger itself by the same SQLite."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import psutil

from .table import Row, percentile
from .through import client_of, new_session, running

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from tests.servers import JupyterServer

REQUESTS, SESSIONS = 1_000_000, 20_000
BATCH = 20_000
TIMES, PAGES = 30, 40
MODELS = [
    ("openai", "gpt-5-mini", 0.25, 2.0),
    ("openai", "gpt-5", 1.25, 10.0),
    ("anthropic", "claude-sonnet-4-5", 3.0, 15.0),
    ("google", "gemini-2.5-pro", 1.25, 10.0),
    ("google", "gemini-2.5-flash", 0.3, 2.5),
]
YEAR = {"period": "1y"}
DASHBOARD: dict[str, dict[str, Any]] = {
    "/stats/summary": {},
    "/stats/costs": {**YEAR, "by": "day,model", "limit": 10_000},
    "/stats/costs?": {**YEAR, "by": "session", "limit": 50},
    "/budgets": {},
}
PEER = """
    SELECT date(created_at) AS day, provider, model, count(*), sum(input_tokens), sum(output_tokens),
           sum(cache_read_tokens), sum(cache_write_tokens), sum(cost), sum(saved), sum(error_code IS NOT NULL)
    FROM model_requests WHERE owner = :owner AND created_at >= :start GROUP BY day, provider, model
"""


def requests(chance: random.Random, owner: str, now: datetime) -> Iterator[dict[str, Any]]:
    """The ledger of a year, session by session."""
    made = 0
    for number in range(SESSIONS):
        left = min(round(REQUESTS / SESSIONS * chance.lognormvariate(0, 0.8) / 1.377), REQUESTS - made)
        if number == SESSIONS - 1:
            left = REQUESTS - made
        day = now - timedelta(days=chance.randrange(1, 364))
        while day.weekday() > 4 and chance.random() < 0.8:
            day -= timedelta(days=1)
        at = day.replace(hour=8) + timedelta(seconds=chance.randrange(11 * 3600))
        provider, model, price_in, price_out = chance.choices(MODELS, [8, 3, 4, 2, 3])[0]
        turn = 0
        while left > 0:
            turn += 1
            # A turn of some requests, then somebody reads and thinks.
            for step in range(min(left, chance.choice((1, 2, 3, 5, 8)))):
                sent, said = chance.randrange(1_000, 30_000), chance.randrange(20, 1_500)
                read = sent // 2 if step and chance.random() < 0.8 else 0
                failed = chance.random() < 0.01
                took = chance.randrange(500, 20_000)
                nano = round((sent - read * 0.9) * price_in * 1000 + said * price_out * 1000)
                yield {
                    "id": f"req_{made:012d}", "owner": owner, "session_id": f"sess_{number}", "step": step,
                    "turn_id": f"turn_{number}_{turn}", "purpose": "turn" if turn > 1 or step else "title",
                    "provider": provider, "model": model, "created_at": min(at, now),
                    "input_tokens": 0 if failed else sent, "output_tokens": 0 if failed else said,
                    "cache_read_tokens": 0 if failed else read, "cache_write_tokens": 0,
                    "cost": None if failed else nano, "saved": None if failed else round(read * 900 * price_in),
                    "price_source": None if failed else "user", "first_token_ms": None if failed else took // 10,
                    "duration_ms": took, "error_code": "timeout" if failed else None,
                }  # fmt: skip
                made, left = made + 1, left - 1
                at += timedelta(milliseconds=took + 200)
            at += timedelta(seconds=chance.randrange(20, 600))


def fill(orm: Orm, first_session: str) -> None:
    from importlib import import_module

    from sqlalchemy import insert, text

    from jupyter_agent.storage.tables import ModelRequestRow, SessionRow

    owner, now = orm.get_one(SessionRow, first_session).owner, datetime.now(UTC)
    orm.execute(insert(SessionRow), [{"id": f"sess_{n}", "owner": owner, "title": f"t{n}"} for n in range(SESSIONS)])
    names = [column.name for column in ModelRequestRow.__table__.columns]
    statement = f"INSERT INTO model_requests ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    moment = names.index("created_at")
    ledger = [
        (*(one[name] for name in names[:moment]), one["created_at"].isoformat(" ", "microseconds")[:26])
        for one in requests(random.Random(1), owner, now)
    ]
    # In the order in which they would have been made.
    ledger.sort(key=lambda row: row[moment])
    connection = orm.connection()
    for start in range(0, len(ledger), BATCH):
        connection.exec_driver_sql(statement, ledger[start : start + BATCH])
    # As a database of an older version gets its sums.
    for sums in import_module("jupyter_agent.storage.migrations.versions.v0004_observatory").sums("sqlite"):
        orm.execute(text(sums))


async def opened(client: httpx.AsyncClient) -> float:
    """Milliseconds until all is there that the dashboard shows first."""
    begun = time.perf_counter()
    answers = await asyncio.gather(*(client.get(path.strip("/?"), params=params) for path, params in DASHBOARD.items()))
    taken = (time.perf_counter() - begun) * 1000
    for answer in answers:
        answer.raise_for_status()
    if answers[1].json()["totals"]["requests"] != REQUESTS or len(answers[2].json()["items"]) != 50:
        raise RuntimeError(f"these are not the costs of a year: {answers[1].json()['totals']}")
    return taken


async def page(client: httpx.AsyncClient, **params: Any) -> float:
    begun = time.perf_counter()
    answer = await client.get("stats/transactions", params={**YEAR, "limit": 100, **params})
    answer.raise_for_status()
    if len(answer.json()["items"]) != 100:
        raise RuntimeError(answer.text[:500])
    return (time.perf_counter() - begun) * 1000


async def file(client: httpx.AsyncClient, server: psutil.Process, format: str) -> tuple[float, int, int]:
    """Seconds for all requests as a file, its size, and by how much the server grew."""
    begun, before, size, most = time.perf_counter(), server.memory_info().rss, 0, 0
    params = {**YEAR, "table": "transactions", "format": format}
    async with client.stream("GET", "stats/export", params=params) as response:
        response.raise_for_status()
        async for data in response.aiter_raw():
            size += len(data)
            most = max(most, server.memory_info().rss)
    return time.perf_counter() - begun, size, most - before


def peer(server: JupyterServer) -> list[float]:
    import sqlite3

    taken = []
    connection = sqlite3.connect(server.data / "jupyter_agent" / "agent.db")
    [owner] = connection.execute("SELECT owner FROM model_requests LIMIT 1").fetchone()
    for _ in range(3):
        begun = time.perf_counter()
        connection.execute(PEER, {"owner": owner, "start": "2000-01-01"}).fetchall()
        taken.append((time.perf_counter() - begun) * 1000)
    connection.close()
    return taken


async def measure(server: JupyterServer) -> list[Row]:
    process = psutil.Process(server.process.pid)
    async with client_of(server) as client:
        await opened(client)
        dashboard = [await opened(client) for _ in range(TIMES)]
        singles = {}
        for path, params in DASHBOARD.items():
            begun = time.perf_counter()
            (await client.get(path.strip("/?"), params=params)).raise_for_status()
            singles[f"{path.strip('/?')} {params.get('by', '')}".strip()] = (time.perf_counter() - begun) * 1000
        chance = random.Random(2)
        pages = [await page(client, offset=chance.randrange(0, REQUESTS - 100)) for _ in range(PAGES)]
        dear = [await page(client, sort="-cost", offset=100 * number) for number in range(5)]
        files = {name: await file(client, process, name) for name in ("csv", "parquet", "arrow")}
    ledger = percentile(peer(server), 0.5)
    alone = ", ".join(f"{name} {taken:.0f} ms" for name, taken in singles.items())
    kept = ", ".join(
        f"{name} {seconds:.1f} s, {size / 1e6:.0f} MB, server +{grown / 1e6:.0f} MB"
        for name, (seconds, size, grown) in files.items()
    )
    year = f"of a year, {REQUESTS:,} requests"
    return [
        Row(
            f"dashboard {year}, 95th percentile", percentile(dashboard, 0.95), "ms",
            "costs by day and model from the ledger itself", ledger, "value", 200, note=f"one by one: {alone}",
        ),
        Row(
            f"page of requests {year}, 95th percentile", percentile(pages, 0.95), "ms", "limit", None, "value", 200,
            note=f"anywhere in the list; the most costly first {percentile(dear, 0.95):.0f} ms",
        ),
        Row(f"requests {year}, as CSV", files["csv"][0], "s", "limit", None, "value", 60, note=kept),
        Row("what the server grows by meanwhile", files["csv"][2] / 1e6, "MB", "limit", None, "value", 200),
    ]  # fmt: skip


def run() -> list[Row]:
    with running() as (server, _):
        first = new_session(server)
        server.in_database(lambda orm: fill(orm, first))
        return asyncio.run(measure(server))
