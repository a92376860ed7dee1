"""The first token and the tokens a second through us, against the same request made directly with pydantic-ai.

Through us: `POST /sessions/{id}/turns` with `Accept: text/event-stream` to a real server, over HTTP; the turn and
each of its events are in the database before this process has them. Directly: pydantic-ai in this process, with the
same prompt, instructions and provider. By turns, each kind warmed up once. Medians.

First token: from the request to the first piece of text; the model says its first word 20 ms after it was asked.
Tokens a second: a model that says 1,500 words as fast as it can, from the first piece of text to the last; what
pydantic-ai takes for a chunk is in both. The note tells the processor time a chunk of the process that runs the agent
loop: the server's, all threads, and this one's; on a busy machine that says more than the clock does."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import Iterator

import httpx
import psutil

from tests.scripted_provider import words

from .provider import ProviderProcess
from .table import Row
from .through import Direct, client_of, events, new_session, running, said, turn

FIRST = "slow-3x20"
FIRST_ROUNDS = 15
CHUNKS = 1500
RATE_ROUNDS = 3


async def through(client: httpx.AsyncClient, session: str, model: str) -> list[tuple[float, str]]:
    pieces = [piece async for piece in turn(client, session, model)]
    return said(events(pieces))


def rate(found: list[tuple[float, str]]) -> float:
    """Chunks a second; the provider's, however many of them came in one piece."""
    text = "".join(text for _, text in found)
    if text != words(CHUNKS):
        raise RuntimeError("words were lost")
    return (CHUNKS - 1) / (found[-1][0] - found[0][0])


@contextlib.contextmanager
def counted(process: psutil.Process, into: dict[psutil.Process, list[float]]) -> Iterator[None]:
    """Notes the processor time that a process takes meanwhile."""
    before = process.cpu_times()
    yield
    after = process.cpu_times()
    into[process].append(after.user + after.system - before.user - before.system)


async def measure(
    client: httpx.AsyncClient, provider: ProviderProcess, server: psutil.Process, sessions: list[str]
) -> list[Row]:
    here = psutil.Process()
    direct = Direct(provider)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(FIRST_ROUNDS + 1):
        begun = time.monotonic()
        ours.append((await through(client, sessions.pop(), FIRST))[0][0] - begun)
        begun = time.monotonic()
        theirs.append((await direct.said(FIRST))[0][0] - begun)
    first, first_theirs = (statistics.median(one[1:]) * 1000 for one in (ours, theirs))
    ours, theirs = [], []
    cpu: dict[psutil.Process, list[float]] = {server: [], here: []}
    for _ in range(RATE_ROUNDS):
        with counted(server, cpu):
            ours.append(rate(await through(client, sessions.pop(), f"words-{CHUNKS}")))
        with counted(here, cpu):
            theirs.append(rate(await direct.said(f"words-{CHUNKS}")))
    fast, fast_theirs = statistics.median(ours), statistics.median(theirs)
    each, each_theirs = (sum(cpu[one]) * 1000 / RATE_ROUNDS / CHUNKS for one in (server, here))
    busy = f"processor time a chunk: {each:.2f} ms, directly {each_theirs:.2f} ms, {each / each_theirs:.2f}x"
    note = f"median of {FIRST_ROUNDS}; the model says its first word 20 ms after it was asked"
    return [
        Row("first token", first, "ms", "pydantic-ai", first_theirs, "difference", 10, note=note),
        Row(
            "tokens a second, flat out", fast, "/s", "pydantic-ai", fast_theirs, "ratio", 0.9, at_least=True, note=busy
        ),
    ]


def run() -> list[Row]:
    with running() as (server, provider):
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        sessions = [new_session(server) for _ in range(FIRST_ROUNDS + 1 + RATE_ROUNDS)]

        async def main() -> list[Row]:
            async with client_of(server) as client:
                return await measure(client, provider, process, sessions)

        return asyncio.run(main())
