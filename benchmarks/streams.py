"""40 turns at once, each of 40 tokens a second: how late the client has what the provider sent, and whether all of
it.

The provider (a process of its own) writes the moment of sending into each chunk; this process notes when each piece
of each event stream came and compares. The server joins small chunks for 33 ms by design, which is part of the lag.
Beside it, just before and on the same machine, the provider's 40 streams read directly over plain httpx: that is what
the machine, the provider and this process take by themselves."""

from __future__ import annotations

import asyncio
import time

import httpx
import psutil

from tests.sse import Parser

from .provider import ProviderProcess, stamps
from .table import Row, percentile
from .through import PROMPT, Piece, client_of, events, new_session, running, said, turn

STREAMS, PERIOD_MS, CHUNKS = 40, 25, 200
MODEL = f"stamped-{CHUNKS}x{PERIOD_MS}"
DONE = b"data: [DONE]\n\n"  # not JSON
STAGGER_SECONDS = 0.02
"""Between the starts: people do not all press Enter at once."""


async def directly(provider: ProviderProcess) -> list[list[tuple[float, str]]]:
    async with httpx.AsyncClient(timeout=120, limits=httpx.Limits(max_connections=None)) as client:

        async def one(number: int) -> list[tuple[float, str]]:
            await asyncio.sleep(number * STAGGER_SECONDS)
            body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": PROMPT}]}
            headers = {"Authorization": f"Bearer {provider.key}"}
            url = f"{provider.openai_url}/chat/completions"
            async with client.stream("POST", url, json=body, headers=headers) as response:
                pieces = [Piece(time.monotonic(), data) async for data in response.aiter_raw()]
            parser = Parser()
            found = [(piece.at, event.data) for piece in pieces for event in parser.feed(piece.data.replace(DONE, b""))]
            deltas = [(at, choice["delta"].get("content")) for at, data in found for choice in data["choices"]]
            return [(at, text) for at, text in deltas if text]

        return await asyncio.gather(*(one(number) for number in range(STREAMS)))


async def through(client: httpx.AsyncClient, sessions: list[str]) -> list[list[tuple[float, str]]]:
    async def one(number: int, session: str) -> list[Piece]:
        await asyncio.sleep(number * STAGGER_SECONDS)
        return [piece async for piece in turn(client, session, MODEL)]

    streams = await asyncio.gather(*(one(number, session) for number, session in enumerate(sessions)))
    return [said(events(pieces)) for pieces in streams]


def lags(streams: list[list[tuple[float, str]]]) -> tuple[list[float], int]:
    """Milliseconds from sent to received, chunk by chunk; and how many chunks did not come once and in order."""
    late: list[float] = []
    wrong = 0
    for stream in streams:
        numbers = []
        for at, text in stream:
            for number, moment in stamps(text):
                numbers.append(number)
                late.append((at - moment) * 1000)
        wrong += CHUNKS - sum(number == expected for number, expected in zip(numbers, range(CHUNKS), strict=False))
        wrong += max(0, len(numbers) - CHUNKS)
    return late, wrong


def run() -> list[Row]:
    with running() as (server, provider):
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        spent: list[float] = []
        sessions = [new_session(server) for _ in range(STREAMS + 1)]

        async def main() -> tuple[tuple[list[float], int], tuple[list[float], int]]:
            async with client_of(server) as client:
                events([piece async for piece in turn(client, sessions.pop(), "words-3")])  # loads what is slow to load
                theirs = await directly(provider)
                before = process.cpu_times()
                ours = await through(client, sessions)
                after = process.cpu_times()
                spent.append(after.user + after.system - before.user - before.system)
                return lags(theirs), lags(ours)

        (theirs, _), (ours, wrong) = asyncio.run(main())
    name = f"{STREAMS} streams of {1000 // PERIOD_MS}/s"
    p99, median = percentile(ours, 0.99), percentile(ours, 0.5)
    cores = spent[0] / (STREAMS * CHUNKS) * STREAMS * 1000 / PERIOD_MS
    note = f"median {median:.0f} ms; what comes at this rate takes the server {cores:.2f} of a core"
    against = percentile(theirs, 0.99)
    return [
        Row(f"{name}: lag, 99th percentile", p99, "ms", "provider read directly", against, "value", 150, note=note),
        Row(f"{name}: chunks lost", wrong, f"of {STREAMS * CHUNKS}", "limit", None, "value", 0),
    ]
