"""What a chunk of the answer costs the server with a long conversation behind it: 5 MB against 10 KB.

The same model says 1,500 words flat out in a session of 10 KB and in one of 5 MB (messages of 1 KB, all of them in
the context), by turns. Counted is the server's processor time, all threads, from the first piece of text to the last,
over the chunks: another busy process does not change it much. Medians. Aim: flat."""

from __future__ import annotations

import asyncio
import statistics
from typing import TYPE_CHECKING

import httpx
import psutil

from tests.scripted_provider import words
from tests.servers import JupyterServer

from .table import Row
from .through import Piece, client_of, events, new_session, running, said, turn

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

SMALL, LARGE = 10_000, 5_000_000
MESSAGE = 1000
CHUNKS = 1500
ROUNDS = 3


def fill(orm: Orm, session: str, size: int) -> None:
    """A conversation of so many bytes, questions and answers by turns."""
    from sqlalchemy import insert

    from jupyter_agent.storage.tables import MessageRow, SessionRow

    text = ("All of this has been said before. " * 40)[:MESSAGE]
    count = size // MESSAGE
    rows = [
        {
            "id": f"msg_{session}_{seq}", "session_id": session, "seq": seq, "role": ("user", "assistant")[seq % 2],
            "parts": [{"type": "text", "text": text}], "text": text,
        }
        for seq in range(count)
    ]  # fmt: skip
    orm.execute(insert(MessageRow), rows)
    orm.get_one(SessionRow, session).message_count = count


async def cost(client: httpx.AsyncClient, server: psutil.Process, session: str) -> float:
    """Milliseconds of the server's processor a chunk."""
    pieces: list[Piece] = []
    begun = last = None
    async for piece in turn(client, session, f"words-{CHUNKS}"):
        pieces.append(piece)
        if b"event: content" in piece.data:
            last = server.cpu_times()
            begun = begun or last
    found = said(events(pieces))
    if "".join(text for _, text in found) != words(CHUNKS) or begun is None or last is None:
        raise RuntimeError("words were lost")
    first = len(found[0][1].split())  # what came with the first piece was paid for before it
    return (last.user + last.system - begun.user - begun.system) * 1000 / (CHUNKS - first)


def sessions_of(server: JupyterServer, size: int, count: int) -> list[str]:
    made = [new_session(server) for _ in range(count)]
    for session in made:
        server.in_database(lambda orm, session=session: fill(orm, session, size))  # type: ignore[misc]
    return made


def run() -> list[Row]:
    with running() as (server, _):
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        small, large = sessions_of(server, SMALL, ROUNDS + 1), sessions_of(server, LARGE, ROUNDS)

        async def main() -> tuple[float, float]:
            async with client_of(server) as client:
                await cost(client, process, small.pop())  # loads what is slow to load
                pairs = [
                    (await cost(client, process, one), await cost(client, process, other))
                    for one, other in zip(small, large, strict=True)
                ]
            return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)

        theirs, ours = asyncio.run(main())
    name = "a chunk with 5 MB of history"
    return [Row(name, ours, "ms", "with 10 KB", theirs, "ratio", 1.2, note=f"server's processor time; of {ROUNDS}")]
