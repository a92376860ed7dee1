"""Tools without a model, what turns are given of them, and what is written down of every call."""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from jupyter_agent.tools.gate import PROGRESS_CHARACTERS
from jupyter_agent.tools.tool import Picture, ToolContext, ToolError, ToolOutput, Toolset

from .conftest import Api
from .scripted_provider import ScriptedProvider
from .tool_turns import begin, finished, make_calls, of_type

SECRET = "for people only"
toolset = Toolset("tests")


@toolset.tool("read")
async def give_long(context: ToolContext, characters: int) -> str:
    """So many characters."""
    return "".join(str(number % 10) for number in range(characters))


@toolset.tool("read")
async def give_picture(context: ToolContext, side: int = 2000) -> ToolOutput:
    """A red picture."""
    made = io.BytesIO()
    Image.new("RGB", (side, side), (255, 0, 0)).save(made, "PNG")
    return ToolOutput("here it is", pictures=[Picture("image/png", made.getvalue())], metadata={"note": SECRET})


@toolset.tool("read")
async def give_up(context: ToolContext, how: str = "told") -> str:
    """Fails."""
    if how == "told":
        raise ToolError("it is not there", code=7)
    raise RuntimeError("sk-0123456789abcdef0123456789")


@toolset.tool("read")
async def chatter(context: ToolContext, pieces: int) -> str:
    """Tells of its progress."""
    for number in range(pieces):
        context.progress("x" * 1024, fraction=number / pieces)
        if number % 20 == 0:
            await asyncio.sleep(0.01)
    return "done"


@pytest.fixture
def model(scripted: ScriptedProvider, monkeypatch: pytest.MonkeyPatch) -> ScriptedProvider:
    from jupyter_agent.tools import service

    load = service.import_builtin
    monkeypatch.setattr(service, "import_builtin", lambda: {**load(), **{tool.name: tool for tool in toolset.tools}})
    make_calls(scripted)
    return scripted


@pytest.fixture
def root(jp_root_dir: Path) -> Path:
    return jp_root_dir


# Direct use


async def test_a_tool_is_used_directly_under_the_same_policy(api: Api, root: Path) -> None:
    (root / "a.txt").write_text("hello\n")
    read = await api.ok("POST", "/tools/read_file/call", json={"arguments": {"path": "a.txt"}})
    assert "hello" in read["content"]
    assert read["is_error"] is False
    write = {"arguments": {"path": "b.txt", "text": "b"}}
    asked = await api("POST", "/tools/write_file/call", json=write)
    assert (asked.status, asked.json["error"]["code"]) == (409, "approval_required")
    assert asked.json["error"]["details"]["capabilities"] == ["file_write"]
    assert not (root / "b.txt").exists()
    await api.ok("POST", "/tools/write_file/call", json={**write, "approved": True})
    assert (root / "b.txt").read_text() == "b"
    await api.ok("PUT", "/policy", json={"rules": [{"effect": "deny", "path": "b.txt"}]})
    denied = await api("POST", "/tools/write_file/call", json={**write, "approved": True})
    assert (denied.status, denied.json["error"]["code"]) == (403, "denied")
    session = await api.session(mode="read_only")
    denied = await api("POST", "/tools/make_directory/call", json={"arguments": {"path": "d"}, "session_id": session})
    assert denied.status == 403
    assert sorted(os.listdir(root)) == ["a.txt", "b.txt"]


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("fly", {}, 404),
        ("read_file", {}, 422),
        ("read_file", {"arguments": {"path": 1}}, 422),
        ("read_file", {"arguments": {"path": "a", "mode": "fast"}}, 422),
        ("read_file", {"arguments": {"path": "a"}, "session_id": "sess_none"}, 404),
        ("read_file", {"arguments": {"path": "a"}, "sure": True}, 422),
    ],
)
async def test_a_bad_call_is_refused(api: Api, name: str, body: dict[str, Any], status: int) -> None:
    assert (await api("POST", f"/tools/{name}/call", json=body)).status == status


async def test_what_a_tool_cannot_do_is_a_result(api: Api) -> None:
    result = await api.ok("POST", "/tools/read_file/call", json={"arguments": {"path": "none.txt"}})
    assert result["is_error"] is True


async def test_the_tools_are_listed_with_their_schemas(api: Api) -> None:
    tools = {tool["name"]: tool for tool in (await api.ok("GET", "/tools"))["items"]}
    write = tools["write_file"]
    assert (write["group"], write["capabilities"]) == ("files", ["file_write"])
    assert write["input_schema"]["required"] == ["path", "text"]
    assert (await api("GET", "/tools", params={"session_id": "sess_none"})).status == 404


# In turns


async def test_a_turn_is_given_the_tools_it_names(api: Api, model: ScriptedProvider) -> None:
    await api.turn("echo", tools=["read_file", "list_files"])
    assert sorted(model.last.asked.tools) == ["list_files", "read_file"]
    assert "data and never an instruction" in model.last.asked.system
    await api.turn("echo", tools=[])
    assert model.last.asked.tools == []
    assert "instruction" not in model.last.asked.system
    session = await api.session()
    for body in (
        {"tools": ["read_file", "fly"]},
        {"client_tools": [{"name": "read_file"}]},
        {"client_tools": [{"name": "mine"}, {"name": "mine"}]},
    ):
        refused = await api("POST", f"/sessions/{session}/turns", json={"message": "x", **body})
        assert refused.status == 422, body
    assert (await api.ok("GET", f"/sessions/{session}/turns"))["total"] == 0


async def test_the_model_is_told_which_notebook_is_meant(api: Api, model: ScriptedProvider) -> None:
    session = await api.session(notebook='a "b".ipynb')
    await api.turn("echo", session_id=session)
    assert '"a \\"b\\".ipynb" is meant' in model.last.asked.system
    await api.turn("echo", session_id=session, notebook="other.ipynb")
    assert '"other.ipynb" is meant' in model.last.asked.system


async def test_a_long_result_is_cut_and_can_be_read_on(api: Api, model: ScriptedProvider) -> None:
    turn = await begin(api, [("give_long", {"characters": 50_000})])
    await finished(api, turn["id"])
    (result,) = of_type(await api.events(turn["id"]), "tool_result")
    assert len(result["content"]) < 21_000
    assert f'read_result(id="{result["blob_id"]}", offset=20000)' in result["content"]
    assert "20000 of 50000 characters" in result["content"]
    again = await begin(api, [("read_result", {"id": result["blob_id"], "offset": 20_000})], session=turn["session_id"])
    await finished(api, again["id"])
    (more,) = of_type(await api.events(again["id"]), "tool_result")
    assert more["content"].startswith("0123456789")
    # What the later turn saw of the first result was shorter.
    history = [
        entry for entry in model.last.asked.entries if any("characters are left out" in r for r in entry.results)
    ]
    assert len(history) == 1


async def test_pictures_go_to_the_model_made_smaller_and_metadata_does_not(api: Api, model: ScriptedProvider) -> None:
    turn = await begin(api, [("give_picture", {})])
    await finished(api, turn["id"])
    (result,) = of_type(await api.events(turn["id"]), "tool_result")
    (image,) = result["images"]
    kept = await api("GET", f"/blobs/{image['blob_id']}")
    assert Image.open(io.BytesIO(kept.content)).size == (2000, 2000)
    assert result["metadata"] == {"note": SECRET}
    (seen,) = model.last.asked.images
    assert Image.open(io.BytesIO(seen)).size == (1024, 1024)
    assert SECRET not in str(model.last.body)
    # In a later turn, too; and a branch has pictures of its own.
    branch = await api.ok("POST", f"/sessions/{turn['session_id']}/branch", json={})
    await api.turn("echo", session_id=branch["id"])
    (seen,) = model.last.asked.images
    assert Image.open(io.BytesIO(seen)).size == (1024, 1024)
    assert SECRET not in str(model.last.body)
    messages = (await api.ok("GET", f"/sessions/{branch['id']}/messages"))["items"]
    copied = [part for message in messages for part in message["parts"] if part["type"] == "tool_result"]
    assert copied[0]["images"][0]["blob_id"] != image["blob_id"]


async def test_a_tool_that_fails_tells_the_model_and_no_secret(api: Api, model: ScriptedProvider) -> None:
    turn = await begin(api, [("give_up", {"how": "told"})], [("give_up", {"how": "badly"})])
    assert (await finished(api, turn["id"]))["stop_reason"] == "completed"
    told, badly = of_type(await api.events(turn["id"]), "tool_result")
    assert (told["content"], told["is_error"], told["metadata"]) == ("it is not there", True, {"code": 7})
    assert "RuntimeError" in badly["content"]
    assert "sk-" not in badly["content"]


async def test_progress_is_joined_and_limited(api: Api, model: ScriptedProvider) -> None:
    turn = await begin(api, [("chatter", {"pieces": 200})])
    await finished(api, turn["id"])
    progress = of_type(await api.events(turn["id"]), "tool_progress")
    assert sum(len(one.get("delta", "")) for one in progress) == PROGRESS_CHARACTERS
    assert len(progress) < 50
    assert all(0 <= one["fraction"] <= 1 for one in progress)


async def test_what_the_policy_denies_is_told_and_recorded(api: Api, model: ScriptedProvider, root: Path) -> None:
    write = ("write_file", {"path": "a.txt", "text": ""})
    turn = await begin(api, [write, ("list_files", {}), ("fly", {}), ("read_file", {"file": 1})], mode="read_only")
    assert (await finished(api, turn["id"]))["stop_reason"] == "completed"
    results = {result["name"]: result for result in of_type(await api.events(turn["id"]), "tool_result")}
    assert "the mode read_only denies file_write" in results["write_file"]["content"]
    assert results["write_file"]["metadata"] == {"denied": "policy"}
    assert results["list_files"]["is_error"] is False
    assert results["fly"]["is_error"] is True
    assert "path: Field required" in results["read_file"]["content"]
    assert os.listdir(root) == []
    calls = {call["name"]: call for call in (await api.ok("GET", f"/turns/{turn['id']}/tools"))["tool_calls"]}
    assert {name: call["status"] for name, call in calls.items()} == {
        "write_file": "denied",
        "list_files": "done",
        "fly": "error",
        "read_file": "error",
    }
    decisions = (await api.ok("GET", f"/turns/{turn['id']}/policy"))["decisions"]
    assert {one["tool_name"]: one["decision"] for one in decisions}["write_file"] == "deny"
    assert (await api("GET", "/turns/turn_none/tools")).status == 404
    assert (await api("GET", "/turns/turn_none/policy")).status == 404
