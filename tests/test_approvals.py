"""Calls that wait for a person: the turn stops there, and the same turn goes on with the answer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from .conftest import Api
from .scripted_provider import ScriptedProvider
from .tool_turns import begin, eventually, finished, make_calls, of_type, pending


@pytest.fixture
def model(scripted: ScriptedProvider) -> ScriptedProvider:
    make_calls(scripted)
    return scripted


@pytest.fixture
def root(jp_root_dir: Path) -> Path:
    return jp_root_dir


WRITE = ("write_file", {"path": "a.txt", "text": "one\n"})


async def test_the_same_turn_goes_on_with_a_yes(api: Api, model: ScriptedProvider, root: Path) -> None:
    turn = await begin(api, [WRITE])
    (approval,) = await pending(api)
    assert (approval["tool"], approval["turn_id"], approval["status"]) == ("write_file", turn["id"], "pending")
    assert approval["arguments"] == WRITE[1]
    assert approval["capabilities"] == ["file_write"]
    assert approval["reason"] == "the mode ask asks about file_write"
    assert approval["changes"][0]["after"] == "one\n"
    assert not (root / "a.txt").exists()
    waiting = await api.ok("GET", f"/turns/{turn['id']}")
    assert (waiting["status"], waiting["pending_approvals"]) == ("waiting", 1)
    session = await api.ok("GET", f"/sessions/{turn['session_id']}")
    assert (session["waiting"], session["running_turn_id"]) == (True, turn["id"])

    answered = await api.ok("POST", f"/approvals/{approval['id']}/approve")
    assert answered["status"] == "approved"
    ended = await finished(api, turn["id"])
    assert (ended["stop_reason"], ended["pending_approvals"]) == ("completed", 0)
    assert (root / "a.txt").read_text() == "one\n"
    events = await api.events(turn["id"])
    assert [event.id for event in events] == list(range(len(events)))
    names = [event.type for event in events if event.type in ("tool_call", "tool_result") or "approval" in event.type]
    assert names == ["tool_call", "approval_requested", "approval_decided", "tool_result"]
    (asked,) = of_type(events, "approval_requested")
    assert asked["approval_id"] == approval["id"]
    assert asked["shown"] == approval["shown"]
    (session,) = [await api.ok("GET", f"/sessions/{turn['session_id']}")]
    assert session["waiting"] is False
    (call,) = (await api.ok("GET", f"/turns/{turn['id']}/tools"))["tool_calls"]
    assert (call["status"], call["approval_id"], call["decision"]) == ("done", approval["id"], "ask")
    assert call["approved_by"]


async def test_a_no_is_read_by_the_model_and_the_turn_goes_on(api: Api, model: ScriptedProvider, root: Path) -> None:
    turn = await begin(api, [WRITE])
    (approval,) = await pending(api)
    await api.ok("POST", f"/approvals/{approval['id']}/deny", json={"message": "Use b.txt."})
    ended = await finished(api, turn["id"])
    assert ended["stop_reason"] == "completed"
    assert "They say: Use b.txt." in model.last.asked.results[-1]
    assert not (root / "a.txt").exists()
    (call,) = (await api.ok("GET", f"/turns/{turn['id']}/tools"))["tool_calls"]
    assert (call["status"], call["is_error"]) == ("denied", True)


async def test_a_no_with_stop_ends_the_turn(api: Api, model: ScriptedProvider, root: Path) -> None:
    turn = await begin(api, [WRITE, ("write_file", {"path": "b.txt", "text": ""})])
    first, second = await pending(api, 2)
    await api.ok("POST", f"/approvals/{first['id']}/deny", json={"stop": True})
    ended = await finished(api, turn["id"])
    assert ended["stop_reason"] == "denied"
    assert (await api.ok("GET", f"/approvals/{second['id']}"))["status"] == "cancelled"
    assert list(root.glob("*.txt")) == []
