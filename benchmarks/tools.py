"""What our machinery adds to a tool call: schema, policy, record, events, result, all stored before anybody sees them.

Through us: a turn whose model calls `read_result` again and again for what is not there, a look into the database;
one call a step. The time from the request to the turn's end, in a short turn and in a long one, so that what a turn
takes anyhow is not counted. Directly: pydantic-ai in this process with a function of the same name that gives the same
text, the same provider, the same number of calls. By turns, medians. A step is a model request, too, and what we add to
that (its row in the ledger, its events) is in our number.

Beside it, calls that a model makes all at once, in one step: the call without the request."""

from __future__ import annotations

import asyncio
import statistics
import time

import httpx
import psutil

from .provider import ProviderProcess
from .table import Row
from .through import PROMPT, SYSTEM_PROMPT, Piece, client_of, events, running

SHORT, LONG = 5, 45
ROUNDS = 5
TEXT = "There is no result {!r} in this conversation."


class Direct:
    """The same calls with pydantic-ai alone."""

    def __init__(self, provider: ProviderProcess) -> None:
        from pydantic_ai import Agent
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        self._provider = OpenAIProvider(base_url=provider.openai_url, api_key=provider.key)
        self._agent = Agent(instructions=SYSTEM_PROMPT)
        self._model = lambda name: OpenAIChatModel(name, provider=self._provider)

        @self._agent.tool_plain
        async def read_result(id: str, offset: int = 0) -> str:
            """Read on in a result that was cut."""
            return TEXT.format(id)

    async def seconds(self, model: str, message: str) -> float:
        from pydantic_ai import Agent

        begun = time.perf_counter()
        async with self._agent.iter(message, model=self._model(model)) as run:
            async for node in run:
                if Agent.is_model_request_node(node) or Agent.is_call_tools_node(node):
                    async with node.stream(run.ctx) as stream:
                        async for _ in stream:
                            pass
        return time.perf_counter() - begun


async def through(client: httpx.AsyncClient, session: str, model: str, message: str, calls: int) -> float:
    """Seconds of a turn. Raises RuntimeError where it made other calls than so many."""
    body = {"message": message, "model": model, "tools": ["read_result"]}
    begun = time.perf_counter()
    async with client.stream(
        "POST", f"sessions/{session}/turns", json=body, headers={"Accept": "text/event-stream"}
    ) as response:
        data = [piece async for piece in response.aiter_raw()]
    taken = time.perf_counter() - begun
    results = [event for _, event in events([Piece(0, one) for one in data]) if event.type == "tool_result"]
    expected = [TEXT.format(f"no{number}") for number in range(calls)]
    if sorted(one.data["content"] for one in results) != sorted(expected):
        raise RuntimeError(f"{len(results)} of {calls} calls, the last one: {results[-1:]}")
    return taken


async def added(
    name: str, client: httpx.AsyncClient, direct: Direct, server: psutil.Process, message: str, model: str
) -> Row:
    taken: dict[tuple[str, int], list[float]] = {}
    processes = {"ours": server, "theirs": psutil.Process()}
    for _ in range(ROUNDS + 1):
        for calls in (SHORT, LONG):
            session = (await client.post("sessions", json={})).json()["id"]
            for who, process in processes.items():
                before = process.cpu_times()
                if who == "ours":
                    seconds = await through(client, session, f"{model}-{calls}", message, calls)
                else:
                    seconds = await direct.seconds(f"{model}-{calls}", message)
                after = process.cpu_times()
                taken.setdefault((who, calls), []).append(seconds)
                busy = after.user + after.system - before.user - before.system
                taken.setdefault((f"{who}, processor", calls), []).append(busy)

    def each(who: str) -> float:
        """Milliseconds a call."""
        middle = [statistics.median(taken[who, calls][1:]) for calls in (SHORT, LONG)]
        return (middle[1] - middle[0]) * 1000 / (LONG - SHORT)

    busy = f"processor time: {each('ours, processor'):.1f} ms, directly {each('theirs, processor'):.1f} ms"
    note = f"median of {ROUNDS}, turns of {SHORT} and {LONG} calls; {busy}"
    return Row(name, each("ours"), "ms", "pydantic-ai", each("theirs"), "difference", 5, note=note)


def run() -> list[Row]:
    with running() as (server, provider):
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        message = f'{PROMPT}: read_result {{"id": "no$n"}}'

        async def main() -> list[Row]:
            direct = Direct(provider)
            async with client_of(server) as client:
                measured = client, direct, process, message
                return [
                    await added("tool call, one a step", *measured, "long-tool"),
                    await added("tool call, of many in a step", *measured, "tools-at-once"),
                ]

        return asyncio.run(main())
