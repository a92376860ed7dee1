"""Tools used directly, over the API, as a person's program would."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .conftest import Api


async def use(api: Api, name: str, *, session: str | None = None, **arguments: Any) -> Any:
    """A tool's result; its caller says yes to whatever the policy asks."""
    body = {"arguments": arguments, "session_id": session, "approved": True}
    return await api.ok("POST", f"/tools/{name}/call", json=body, timeout=90)


async def said(api: Api, name: str, **arguments: Any) -> str:
    """What a tool that did its work said."""
    result = await use(api, name, **arguments)
    assert not result["is_error"], result["content"]
    content: str = result["content"]
    return content


async def refusal(api: Api, name: str, **arguments: Any) -> str:
    """What a tool said that did not do its work."""
    result = await use(api, name, **arguments)
    assert result["is_error"], f"it was done: {result['content']}"
    content: str = result["content"]
    return content


async def needs(api: Api, name: str, **arguments: Any) -> Sequence[str]:
    """The capabilities that the policy sees in a call."""
    answer = await api.ok("POST", "/policy/evaluate", json={"tool": name, "arguments": arguments})
    capabilities: list[str] = answer["capabilities"]
    return capabilities


def asking(name: str, **arguments: Any) -> str:
    """The message that makes the scripted model `tool` call a tool."""
    return f"{name} {json.dumps(arguments)}"
