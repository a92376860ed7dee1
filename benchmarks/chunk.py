"""What a chunk of the model's answer costs us: log, fan-out and server-sent events, without model, SDK and agent
loop.

In this process, with a real SQLite database: chunks go into `EventLog.append`, are stored, and followers of the turns
send them through the API's own pump and Tornado to HTTP clients in another process. Counted is the processor time of
this process, all threads, over the chunks. Once flat out (20,000 chunks of one turn, which flushes join by the
hundred), once paced (40 turns of 40 chunks a second: a flush every 33 ms for all of them, one or two chunks a turn in
each)."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from jupyter_agent.api.handlers import AgentHandler
from jupyter_agent.storage.database import Database
from jupyter_agent.turns.events import EventLog, LiveLog

from .table import Row

FLAT_OUT = 20_000
TURNS, PER_SECOND, SECONDS = 40, 40, 4
READER = """
import socket, sys, threading
def read(path):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n".encode())
        got = bytearray()
        while data := sock.recv(65536):
            got += data
        if b"turn_finished" not in got:
            sys.exit(1)
threads = [threading.Thread(target=read, args=(path,)) for path in sys.argv[2:]]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


class Follow(RequestHandler):
    """A turn's events, sent by the API's own pump."""

    def initialize(self, log: EventLog) -> None:
        self.log = log

    async def get(self, turn_id: str) -> None:
        await self.flush()
        await AgentHandler._pump(self, self.log.follow(turn_id, -1, False))  # type: ignore[arg-type]


def add_turns(database: Database, ids: list[str]) -> Awaitable[None]:
    from sqlalchemy.orm import Session

    from jupyter_agent.storage.tables import SessionRow, TurnRow

    def write(orm: Session) -> None:
        orm.add(SessionRow(id="sess_1", owner="bench"))
        orm.flush()
        orm.add_all(TurnRow(id=id, session_id="sess_1", owner="bench", seq=seq) for seq, id in enumerate(ids))

    return database.write(write)


async def cost(folder: Path, turns: int, feed: Callable[[EventLog, list[LiveLog]], Awaitable[int]]) -> float:
    """Milliseconds of processor time a chunk, with one reader a turn."""
    database = Database(f"sqlite:///{folder / 'agent.db'}")
    log = EventLog(database, lambda: 0.033)
    ids = [f"turn_{number}" for number in range(turns)]
    await add_turns(database, ids)
    server = HTTPServer(Application([(r"/(.*)", Follow, {"log": log})], log_function=lambda handler: None))
    (socket,) = bind_sockets(0, "127.0.0.1")
    server.add_sockets([socket])
    lives = [log.open(id) for id in ids]
    for live in lives:
        log.append(live, "turn_started", {"turn_id": live.turn_id})
    port = str(socket.getsockname()[1])
    reader = await asyncio.create_subprocess_exec(sys.executable, "-c", READER, port, *(f"/{id}" for id in ids))
    try:
        await asyncio.sleep(1)  # until the readers are there
        begun = time.process_time()
        chunks = await feed(log, lives)
        while any(live.pending for live in lives):  # noqa: ASYNC110  # what is stored is told to readers only
            await asyncio.sleep(0.01)
        spent = time.process_time() - begun
        for live in lives:
            await log.close(live, {"stop_reason": "completed"}, lambda orm, count: None)
        if await asyncio.wait_for(reader.wait(), 60) != 0:
            raise RuntimeError("a reader did not get its turn to the end")
    finally:
        if reader.returncode is None:
            reader.kill()
        server.stop()
        await server.close_all_connections()
        await log.stop()
        await database.close()
    return spent * 1000 / chunks


async def flat_out(log: EventLog, lives: list[LiveLog]) -> int:
    for number in range(FLAT_OUT):
        log.append(lives[0], "content", {"delta": f"word{number} "})
        if number % 10 == 0:
            await asyncio.sleep(0)  # as an agent loop, which waits for its provider's next bytes
    return FLAT_OUT


async def paced(log: EventLog, lives: list[LiveLog]) -> int:
    begun, sent = time.monotonic(), 0
    while (elapsed := time.monotonic() - begun) < SECONDS:
        due = int(elapsed * TURNS * PER_SECOND)
        for number in range(sent, due):  # the turns one after the other, so that they are out of step
            log.append(lives[number % TURNS], "content", {"delta": f"word{number} "})
        sent = max(sent, due)
        await asyncio.sleep(0.001)
    return sent


async def idle(log: EventLog, lives: list[LiveLog]) -> int:
    """What `paced` costs by itself: the same clock, nothing said."""
    begun = time.monotonic()
    while time.monotonic() - begun < SECONDS:  # noqa: ASYNC110  # the polling is what is measured
        await asyncio.sleep(0.001)
    return SECONDS * TURNS * PER_SECOND


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        costs = []
        for name, turns, feed in (("flat", 1, flat_out), ("paced", TURNS, paced), ("idle", TURNS, idle)):
            (directory := Path(folder, name)).mkdir()
            costs.append(asyncio.run(cost(directory, turns, feed)))
    flat, steady, clock = costs
    note = f"{TURNS} turns of {PER_SECOND}/s; the benchmark's own clock, {clock:.3f} ms a chunk, is taken off"
    return [
        Row("a chunk: log, fan-out, SSE; flat out", flat, "ms", "limit", None, "value", 0.05),
        Row("a chunk: log, fan-out, SSE; paced", steady - clock, "ms", "limit", None, "value", 0.05, note=note),
    ]
