"""What models are sent: counted, made shorter where it is too long, written down with secrets masked."""

from __future__ import annotations

from typing import Any

from .conftest import Api
from .scripted_provider import ScriptedProvider
from .scripted_wire import INPUT_TOKENS


async def snapshots(api: Api, turn: dict[str, Any]) -> list[dict[str, Any]]:
    """Every request of a turn, with what was sent."""
    listed = (await api.ok("GET", f"/turns/{turn['id']}/context"))["items"]
    found = [await api.ok("GET", f"/turns/{turn['id']}/context/{one['id']}") for one in listed]
    for one in found:
        assert sum(one["tokens"].values()) == one["total"] == sum(item["tokens"] for item in one["items"])
    return found


async def test_a_snapshot_adds_up_to_what_the_provider_says(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("echo", "say this back")
    (one,) = await snapshots(api, turn)
    assert (one["total"], one["source"]) == (INPUT_TOKENS, "provider")
    assert [item["content"] for item in one["items"] if item["part"] == "message"] == ["say this back"]
    assert one["usage"]["input"] == INPUT_TOKENS
