"""Resuming a turn of 10,000 events that has ended: the time to have all of them.

`GET /turns/{id}/events` without Last-Event-ID from a real server, from the request to the last byte; every index is
checked to be there. The events are written into the server's database beforehand. Median; the first request is
counted, too."""

from __future__ import annotations

import json
import statistics
import time
from typing import TYPE_CHECKING

from tests.sse import Parser

from .table import Row
from .through import new_session, running

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

EVENTS = 10_000
ROUNDS = 7
TURN = "turn_long"


def fill(orm: Orm, session: str) -> None:
    """A finished turn of so many events: words, and a tool's call and result every hundred."""
    from sqlalchemy import insert

    from jupyter_agent.storage.tables import SessionRow, TurnEventRow, TurnRow, utcnow

    owner = orm.get_one(SessionRow, session).owner
    now = utcnow()
    orm.add(
        TurnRow(
            id=TURN, session_id=session, owner=owner, seq=0, status="finished", stop_reason="completed",
            event_count=EVENTS, started_at=now, finished_at=now,
        )
    )  # fmt: skip
    orm.flush()
    call = {"tool_call_id": "call_1", "name": "read_file"}
    log: list[tuple[str, dict[str, object]]] = [("turn_started", {"turn_id": TURN, "session_id": session})]
    while len(log) < EVENTS - 1:
        log.append(("content", {"delta": f"word{len(log)} and a few more words "}))
        if len(log) % 100 == 50:
            log.append(("tool_call", {**call, "args": {"path": "data/measurements.csv"}}))
            log.append(("tool_result", {**call, "content": "1.5, 2.5, 3.5\n" * 20, "is_error": False}))
    log = [*log[: EVENTS - 1], ("turn_finished", {"stop_reason": "completed", "usage": {}, "cost": None})]
    rows = [
        {"turn_id": TURN, "index": index, "type": type, "data": json.dumps(data, separators=(",", ":"))}
        for index, (type, data) in enumerate(log)
    ]
    orm.execute(insert(TurnEventRow), rows)


def run() -> list[Row]:
    with running() as (server, _):
        session = new_session(server)
        server.in_database(lambda orm: fill(orm, session))
        taken = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            response = server.client.get(f"agent/v1/turns/{TURN}/events")
            taken.append((time.perf_counter() - begun) * 1000)
            indexes = [event.id for event in Parser().feed(response.content)]
            if indexes != list(range(EVENTS)):
                raise RuntimeError(f"{len(indexes)} events, not {EVENTS} in order")
    note = f"median of {ROUNDS}: {min(taken):.0f} to {max(taken):.0f} ms; {len(response.content) / 1e6:.1f} MB"
    name = f"resume of {EVENTS:,} events"
    return [Row(name, statistics.median(taken), "ms", "limit", None, "value", 200, note=note)]
