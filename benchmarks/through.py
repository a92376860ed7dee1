"""What several benchmarks need: a server with the scripted provider, a turn through it, the same request made
directly."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpx

from tests.scripted_provider import ScriptedProvider
from tests.servers import JupyterServer
from tests.sse import Parser, SseEvent

from .provider import ProviderProcess

PROMPT = "Tell me"
SYSTEM_PROMPT = "You are a helpful assistant."


@contextlib.contextmanager
def running() -> Iterator[tuple[JupyterServer, ProviderProcess]]:
    """A Jupyter server in a process of its own, and the provider in another one."""
    with tempfile.TemporaryDirectory() as folder, ProviderProcess() as provider:
        config = {"TurnSettings": {"system_prompt": SYSTEM_PROMPT}}
        with JupyterServer(Path(folder), config=config) as server:
            server.use(cast("ScriptedProvider", provider))
            yield server, provider


def new_session(server: JupyterServer) -> str:
    session: str = server.api("POST", "/sessions", json={})["id"]
    return session


def client_of(server: JupyterServer) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"{server.url}agent/v1/",
        headers={"Authorization": f"token {server.token}"},
        timeout=120,
        limits=httpx.Limits(max_connections=None),
    )


@dataclass
class Piece:
    """What one read of a socket gave, and when it came."""

    at: float
    data: bytes


async def turn(client: httpx.AsyncClient, session: str, model: str) -> AsyncIterator[Piece]:
    """The bytes of a turn's event stream as they come. Raises RuntimeError where there is none."""
    body = {"message": PROMPT, "model": model, "tools": []}
    headers = {"Accept": "text/event-stream"}
    async with client.stream("POST", f"sessions/{session}/turns", json=body, headers=headers) as response:
        if response.status_code >= 300:
            raise RuntimeError(f"{response.status_code} {(await response.aread()).decode()}")
        async for data in response.aiter_raw():
            yield Piece(time.monotonic(), data)


def events(pieces: list[Piece]) -> list[tuple[float, SseEvent]]:
    """The events in the pieces, each with when it was complete. Raises RuntimeError where the turn went wrong."""
    parser = Parser()
    found = [(piece.at, event) for piece in pieces for event in parser.feed(piece.data)]
    if not found or found[-1][1].type != "turn_finished" or found[-1][1].data["stop_reason"] != "completed":
        raise RuntimeError(f"the turn did not end well: {found[-3:]}")
    return found


def said(found: list[tuple[float, SseEvent]]) -> list[tuple[float, str]]:
    """What the model said, piece by piece."""
    return [(at, event.data["delta"]) for at, event in found if event.type == "content"]


class Direct:
    """The same request made with pydantic-ai in this process, its events taken in the way a turn takes them."""

    def __init__(self, provider: ProviderProcess) -> None:
        from pydantic_ai import Agent
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        self._provider = OpenAIProvider(base_url=provider.openai_url, api_key=provider.key)
        self._agent = Agent(instructions=SYSTEM_PROMPT)
        self._model: Callable[[str], OpenAIChatModel] = lambda name: OpenAIChatModel(name, provider=self._provider)

    async def said(self, model: str) -> list[tuple[float, str]]:
        from pydantic_ai import Agent
        from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

        found: list[tuple[float, str]] = []
        async with self._agent.iter(PROMPT, model=self._model(model)) as run:
            async for node in run:
                if Agent.is_model_request_node(node):
                    async with node.stream(run.ctx) as stream:
                        async for event in stream:
                            if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                                found.append((time.monotonic(), event.delta.content_delta))
                            elif isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                                found.append((time.monotonic(), event.part.content))
        return [(at, text) for at, text in found if text]
