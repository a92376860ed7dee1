"""What tests of tools have in common: turns whose model makes the calls that its user names, answers to approvals."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from .conftest import Api
from .scripted_provider import Call, Say, ScriptedProvider, Step
from .scripted_wire import Asked
from .sse import SseEvent

SECONDS = 60
"""A loaded machine takes its time; what does not happen is told by a test that fails, however late."""


def make_calls(scripted: ScriptedProvider) -> None:
    """Adds the model `calls`: the user's text is a JSON list of steps, each a list of [name, arguments]."""

    async def calls(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        asks = [at for at, entry in enumerate(asked.entries) if entry.role == "user" and entry.text.startswith("[[")]
        steps = json.loads(asked.entries[asks[-1]].text)
        # Not what came after the last words of a user: pictures of tools come with such words in some formats.
        since = asked.entries[asks[-1] + 1 :]
        done = sum(1 for entry in since if entry.calls)
        if done < len(steps):
            for name, arguments in steps[done]:
                yield Call(name, arguments)
        else:
            yield Say("I am done. " + " | ".join(result for entry in since for result in entry.results))

    scripted.script("calls", calls)


def plan(*steps: list[tuple[str, dict[str, Any]]]) -> str:
    """The text that makes the model `calls` make these calls, step by step."""
    return json.dumps([[[name, arguments] for name, arguments in step] for step in steps])


async def begin(api: Api, *steps: list[tuple[str, dict[str, Any]]], session: str | None = None, **fields: Any) -> Any:
    """A turn that makes the calls, not waited for."""
    session = session or await api.session()
    body = {"message": plan(*steps), "model": "calls", **fields}
    return await api.ok("POST", f"/sessions/{session}/turns", json=body)


async def eventually(look: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """What an async function gives, once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.02)
    return found


async def pending(api: Api, count: int = 1, **params: Any) -> list[Any]:
    """The approvals that wait, once there are so many."""

    async def look() -> Any:
        items = (await api.ok("GET", "/approvals", params={"status": "pending", **params}))["items"]
        return items if len(items) >= count else None

    found: list[Any] = await eventually(look)
    assert len(found) == count
    return found


async def finished(api: Api, turn_id: str) -> Any:
    """The turn, once its event stream has ended."""
    await api.events(turn_id)
    return await api.ok("GET", f"/turns/{turn_id}")


def of_type(events: list[SseEvent], type: str) -> list[Any]:
    return [event.data for event in events if event.type == type]
