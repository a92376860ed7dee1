"""100 approvals waiting, each in a session of its own: what they cost.

100 turns of a real server in the mode `ask`, whose model wants to write a file. Listing and answering over HTTP; an
answer counts until its turn has ended. The memory is what the resident set of the server's process has grown by since
one such turn had run to its end. Then the server is killed, and a new one has to take over the turns that still wait;
beside it the start of one that had none."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import psutil

from tests.servers import JupyterServer

from .table import Row
from .through import new_session, running

WAITING = 100
ROUNDS = 5
MESSAGE = 'write_file {"path": "$n.txt", "text": "hello"}'


def start(server: JupyterServer, mode: str, number: int) -> str:
    message = MESSAGE.replace("$n", f"{mode}{number}")
    body = {"message": message, "model": "tool", "mode": mode, "tools": ["write_file"]}
    turn: str = server.api("POST", f"/sessions/{new_session(server)}/turns", json=body)["id"]
    return turn


def pending(server: JupyterServer) -> list[str]:
    items = server.api("GET", "/approvals", params={"status": "pending"})["items"]
    return [item["id"] for item in items]


def until(what: str, look: Callable[[], bool], every: float = 0.01) -> None:
    """Raises RuntimeError after three minutes."""
    deadline = time.monotonic() + 180
    while not look():
        if time.monotonic() > deadline:
            raise RuntimeError(f"still not: {what}")
        time.sleep(every)


def memory(server: JupyterServer) -> float:
    assert server.process is not None
    return psutil.Process(server.process.pid).memory_info().rss / 1e6


def until_ready(server: JupyterServer) -> float:
    """Milliseconds until a new server has answered an operation, database and all."""
    begun = time.perf_counter()
    server.start()
    server.api("GET", "/status")
    return (time.perf_counter() - begun) * 1000


def run() -> list[Row]:
    with running() as (server, _):
        for number in range(WAITING):
            start(server, "auto", number)
        until("the turns have ended", lambda: not server.api("GET", "/turns/active")["items"], 0.5)
        server.kill()
        without = until_ready(server)
        # What the first turn of a process loads is no approval's.
        turn = start(server, "auto", WAITING)
        until("one turn has ended", lambda: _ended(server, turn))
        before = memory(server)
        for number in range(WAITING):
            start(server, "ask", number)
        until(f"{WAITING} wait", lambda: len(pending(server)) == WAITING, 0.5)
        held = memory(server) - before
        listed, answered = [], []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            ids = pending(server)
            listed.append((time.perf_counter() - begun) * 1000)
            begun = time.perf_counter()
            approval = server.api("POST", f"/approvals/{ids[0]}/approve")
            until("its turn has ended", lambda turn=approval["turn_id"]: _ended(server, turn))
            answered.append((time.perf_counter() - begun) * 1000)
        server.kill()
        waiting = WAITING - ROUNDS
        taken_over = until_ready(server)
        if len(pending(server)) != waiting:
            raise RuntimeError("approvals were lost")
        begun = time.perf_counter()
        approval = server.api("POST", f"/approvals/{pending(server)[0]}/approve")
        until("its turn has ended", lambda: _ended(server, approval["turn_id"]))
        after_restart = (time.perf_counter() - begun) * 1000
    note = f"median of {ROUNDS}; after a restart {after_restart:.0f} ms"
    return [
        Row(f"{WAITING} approvals waiting: list", statistics.median(listed), "ms", "limit", None, "value", 100),
        Row(
            "the same: a yes, to its turn's end",
            statistics.median(answered),
            "ms",
            "limit",
            None,
            "value",
            500,
            note=note,
        ),
        Row("the same: memory", held, "MB", "limit", None, "value", 50),
        Row("the same: start of the server", taken_over, "ms", "with none", without, "difference", 500),
    ]


def _ended(server: JupyterServer, turn: str) -> bool:
    return bool(server.api("GET", f"/turns/{turn}")["status"] == "finished")
