"""Tools that clients offer: with a turn, over the WebSocket; how calls are answered, and what becomes of those that are
not."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from jupyter_agent.storage.ids import new_id

from .conftest import Api
from .scripted_provider import ScriptedProvider, png
from .sse import SseEvent
from .tool_calls import asking

TIMEOUT = 20

PRICE = {
    "name": "price",
    "description": "What a fruit costs.",
    "input_schema": {
        "type": "object",
        "properties": {"fruit": {"type": "string"}, "context": {"type": "integer"}},
        "required": ["fruit"],
        "additionalProperties": False,
    },
}


class Following:
    """A turn as a client follows it that answers its calls."""

    def __init__(self, api: Api, turn: dict[str, Any], stream: Any) -> None:
        self.api = api
        self.id: str = turn["id"]
        self.events: list[SseEvent] = []
        self._stream = stream.__aiter__()

    async def until(self, *types: str) -> SseEvent:
        """The next event of one of these types."""
        while True:
            event: SseEvent = await asyncio.wait_for(anext(self._stream), TIMEOUT)
            self.events.append(event)
            if event.type in types:
                return event

    async def answer(self, tool_call_id: str, content: str, **more: Any) -> Any:
        result = {"tool_call_id": tool_call_id, "content": content, **more}
        return await self.api("POST", f"/turns/{self.id}/tool-results", json={"results": [result]})


@asynccontextmanager
async def started(api: Api, message: str, *, model: str = "tool", **fields: Any) -> AsyncIterator[Following]:
    session_id = fields.pop("session_id", None) or await api.session()
    body = {"message": message, "model": model, **fields}
    turn = await api.ok("POST", f"/sessions/{session_id}/turns", json=body)
    async with api.stream(f"/turns/{turn['id']}/events") as stream:
        yield Following(api, turn, stream)


async def finished(api: Api, turn_id: str) -> Any:
    for _ in range(400):
        turn = await api.ok("GET", f"/turns/{turn_id}")
        if turn["status"] == "finished":
            return turn
        await asyncio.sleep(0.05)
    raise AssertionError("the turn does not end")


async def result_of(api: Api, turn_id: str) -> Any:
    """What the one call of a turn gave."""
    await finished(api, turn_id)
    (call,) = (await api.ok("GET", f"/turns/{turn_id}/tools"))["tool_calls"]
    return call


# With a turn ----------------------------------------------------------------------------------------------------------


async def test_a_client_answers_the_call_of_its_tool(api: Api, scripted: ScriptedProvider) -> None:
    async with started(api, asking("price", fruit="apple", context=1), client_tools=[PRICE]) as turn:
        call = await turn.until("client_tool_call")
        assert call.data["name"] == "price"
        assert call.data["args"] == {"fruit": "apple", "context": 1}
        assert call.data["asked_at"] < call.data["expires_at"]
        assert (await turn.answer(call.data["tool_call_id"], "1.20 a kilo")).status == 204
        result = await turn.until("tool_result")
        assert (result.data["content"], result.data["is_error"]) == ("1.20 a kilo", False)
        await turn.until("turn_finished")
    assert "1.20 a kilo" in (await api.ok("GET", f"/turns/{turn.id}"))["answer"]
    names = [tool["function"]["name"] for tool in scripted.requests[0].body["tools"]]
    assert "price" in names


async def test_a_failure_is_read_as_one(api: Api, scripted: ScriptedProvider) -> None:
    async with started(api, asking("price", fruit="stone"), client_tools=[PRICE]) as turn:
        call = await turn.until("client_tool_call")
        await turn.answer(call.data["tool_call_id"], "ValueError: no such fruit", is_error=True)
        result = await turn.until("tool_result")
        assert (result.data["content"], result.data["is_error"]) == ("ValueError: no such fruit", True)
    assert (await result_of(api, turn.id))["status"] == "error"


async def test_pictures_are_kept_and_shown(api: Api, scripted: ScriptedProvider) -> None:
    picture = base64.b64encode(png((255, 0, 0))).decode()
    async with started(api, asking("price", fruit="apple"), client_tools=[PRICE]) as turn:
        call = await turn.until("client_tool_call")
        images = [{"media_type": "image/png", "data": picture}]
        assert (await turn.answer(call.data["tool_call_id"], "a plot", images=images)).status == 204
        result = await turn.until("tool_result")
        (image,) = result.data["images"]
        blob = await api("GET", f"/blobs/{image['blob_id']}")
        assert blob.content == png((255, 0, 0))


async def test_arguments_that_do_not_fit_reach_no_client(api: Api, scripted: ScriptedProvider) -> None:
    async with started(api, asking("price", kilos=3), client_tools=[PRICE]) as turn:
        result = await turn.until("tool_result", "client_tool_call")
        assert result.type == "tool_result"
        assert result.data["is_error"]
        assert "fruit" in result.data["content"]


@pytest.mark.settings(ToolSettings={"client_gone_seconds": 1, "client_tool_seconds": 60})
async def test_a_client_that_vanished_fails_its_calls(api: Api, scripted: ScriptedProvider) -> None:
    async with started(api, asking("price", fruit="apple"), client_tools=[PRICE]) as turn:
        call = await turn.until("client_tool_call")
    record = await result_of(api, turn.id)
    assert record["is_error"]
    assert "nobody has followed this turn for 1 seconds" in record["content"]
    late = await turn.answer(call.data["tool_call_id"], "too late")
    assert (late.status, late.json["error"]["code"]) == (409, "conflict")


@pytest.mark.settings(ToolSettings={"client_gone_seconds": 1, "client_tool_seconds": 60})
async def test_a_client_that_comes_back_in_time_still_answers(api: Api, scripted: ScriptedProvider) -> None:
    async with started(api, asking("price", fruit="apple"), client_tools=[PRICE]) as turn:
        call = await turn.until("client_tool_call")
    await asyncio.sleep(0.4)
    async with api.stream(f"/turns/{turn.id}/events", last_event_id=call.id):
        await asyncio.sleep(1.4)
        assert (await turn.answer(call.data["tool_call_id"], "still here")).status == 204
    assert (await result_of(api, turn.id))["content"] == "still here"


@pytest.mark.settings(ToolSettings={"client_tool_seconds": 1})
async def test_a_client_that_does_not_answer_fails_its_calls(api: Api, scripted: ScriptedProvider) -> None:
    async with started(api, asking("price", fruit="apple"), client_tools=[PRICE]) as turn:
        await turn.until("client_tool_call")
        result = await turn.until("tool_result")
        assert result.data["is_error"]
        assert "did not answer within 1 seconds" in result.data["content"]
        await turn.until("turn_finished")


async def test_an_interrupted_turn_waits_for_nobody(api: Api, scripted: ScriptedProvider) -> None:
    async with started(api, asking("price", fruit="apple"), client_tools=[PRICE]) as turn:
        call = await turn.until("client_tool_call")
        await api.ok("POST", f"/turns/{turn.id}/interrupt", json={})
        assert (await turn.until("turn_finished")).data["stop_reason"] == "interrupted"
        assert (await turn.answer(call.data["tool_call_id"], "too late")).status == 409


async def test_answers_that_are_none(api: Api, scripted: ScriptedProvider) -> None:
    async with started(api, asking("price", fruit="apple"), client_tools=[PRICE]) as turn:
        call = await turn.until("client_tool_call")
        id = call.data["tool_call_id"]
        path = f"/turns/{turn.id}/tool-results"
        image = {"media_type": "image/png", "data": base64.b64encode(b"no picture").decode()}
        for results, status in (
            ([], 422),
            ([{"tool_call_id": id}], 422),
            ([{"tool_call_id": id, "content": 7}], 422),
            ([{"tool_call_id": id, "content": "x", "images": [image]}], 422),
            ([{"tool_call_id": id, "content": "x", "images": [{**image, "data": "%%%"}]}], 422),
            ([{"tool_call_id": id, "content": "x"}] * 2, 422),
            ([{"tool_call_id": "other", "content": "x"}], 404),
            ([{"tool_call_id": id, "content": "x"}, {"tool_call_id": "other", "content": "x"}], 404),
        ):
            answer = await api("POST", path, json={"results": results})
            assert (answer.status, answer.json["error"]["code"]) == (status, answer.json["error"]["code"]), results
        assert (
            await api("POST", "/turns/turn_0/tool-results", json={"results": [{"tool_call_id": id, "content": ""}]})
        ).status == 404
        # None of them changed anything.
        assert (await turn.answer(id, "fine")).status == 204
        assert (await turn.answer(id, "twice")).status == 409
        assert (await turn.until("tool_result")).data["content"] == "fine"


async def test_nobody_else_answers(as_user: Callable[[str], Api], scripted: ScriptedProvider) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    async with started(alice, asking("price", fruit="apple"), client_tools=[PRICE]) as turn:
        call = await turn.until("client_tool_call")
        result = {"tool_call_id": call.data["tool_call_id"], "content": "free"}
        assert (await bob("POST", f"/turns/{turn.id}/tool-results", json={"results": [result]})).status == 404
        assert (await turn.answer(call.data["tool_call_id"], "1.20")).status == 204
        assert (await turn.until("tool_result")).data["content"] == "1.20"


@pytest.mark.parametrize(
    "tools",
    [
        [{"name": "no spaces"}],
        [{"name": "x" * 65}],
        [PRICE, PRICE],
        [{**PRICE, "name": "update_tasks"}],
        [{**PRICE, "capabilities": ["everything"]}],
        [{**PRICE, "name": f"price{n}"} for n in range(65)],
    ],
)
async def test_offers_that_are_none(api: Api, scripted: ScriptedProvider, tools: Any) -> None:
    session_id = await api.session()
    answer = await api("POST", f"/sessions/{session_id}/turns", json={"message": "hi", "client_tools": tools})
    assert (answer.status, answer.json["error"]["code"]) == (422, "invalid")


async def test_a_tool_that_needs_more_is_asked_about(api: Api, scripted: ScriptedProvider) -> None:
    tool = {**PRICE, "capabilities": ["client", "network"]}
    async with started(api, asking("price", fruit="apple"), client_tools=[tool]) as turn:
        asked = await turn.until("approval_requested", "client_tool_call")
        assert asked.type == "approval_requested"
        assert "network" in asked.data["capabilities"]
        await api.ok("POST", f"/approvals/{asked.data['approval_id']}/approve", json={})
        call = await turn.until("client_tool_call")
        await turn.answer(call.data["tool_call_id"], "1.20")
        await turn.until("turn_finished")


async def test_two_turns_at_once_have_their_own_tools(api: Api, scripted: ScriptedProvider) -> None:
    async def one(word: str) -> str:
        async with started(api, asking("price", fruit=word), client_tools=[PRICE]) as turn:
            call = await turn.until("client_tool_call")
            assert call.data["args"]["fruit"] == word
            await turn.answer(call.data["tool_call_id"], f"price of {word}")
            await turn.until("turn_finished")
            content: str = (await result_of(api, turn.id))["content"]
            return content

    words = ["apple", "pear", "plum"]
    assert await asyncio.gather(*map(one, words)) == [f"price of {word}" for word in words]


async def test_a_turn_that_is_tried_again_does_without_them(api: Api, scripted: ScriptedProvider) -> None:
    tools: Any = {"client_tools": [PRICE], "tools": ["price", "update_tasks"], "waiting_kernel": "kernel-1"}
    async with started(api, asking("price", fruit="apple"), **tools) as turn:
        call = await turn.until("client_tool_call")
        await turn.answer(call.data["tool_call_id"], "1.20")
        await turn.until("turn_finished")
    again = await api.ok("POST", f"/turns/{turn.id}/retry", json={})
    await finished(api, again["id"])
    assert scripted.last.body["tools"][-1]["function"]["name"] == "update_tasks"
    assert all(tool["function"]["name"] != "price" for tool in scripted.last.body["tools"])


# Over the WebSocket ---------------------------------------------------------------------------------------------------


class Page:
    """A live page that offers tools."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def send(self, frame: Any) -> None:
        await self.connection.write_message(json.dumps(frame))

    async def receive(self) -> Any:
        message = await asyncio.wait_for(self.connection.read_message(), TIMEOUT)
        return None if message is None else json.loads(message)

    async def offer(self, *names: str, documents: Any = ()) -> None:
        tools = [{**PRICE, "name": name, "capabilities": ["client", "read"]} for name in names]
        await self.send({"type": "offer", "tools": tools, "documents": list(documents)})
        assert (await self.receive())["type"] == "offered"


@pytest.fixture
def open_page(jp_ws_fetch: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    @asynccontextmanager
    async def opened(*names: str, documents: Any = ()) -> AsyncIterator[Page]:
        connection = await jp_ws_fetch("agent", "v1", "ws")
        try:
            made = Page(connection)
            assert (await made.receive())["type"] == "connected"
            await made.offer(*names, documents=documents)
            yield made
        finally:
            connection.close()

    return opened


async def test_a_page_runs_its_tools_for_chats_of_the_lab(api: Api, scripted: ScriptedProvider, open_page: Any) -> None:
    async with open_page("open_it") as lab:
        session_id = await api.session(channel="lab")
        async with started(api, asking("open_it", fruit="a.py"), session_id=session_id) as turn:
            request = await lab.receive()
            assert (request["type"], request["method"]) == ("request", "tool/call")
            params = request["params"]
            assert (params["turn_id"], params["name"], params["arguments"]) == (turn.id, "open_it", {"fruit": "a.py"})
            await lab.send({"type": "result", "id": request["id"], "result": {"content": "opened", "is_error": False}})
            result = await turn.until("tool_result")
            assert (result.data["content"], result.data["is_error"]) == ("opened", False)
            assert [event.type for event in turn.events].count("client_tool_call") == 1


async def test_an_answer_over_rest_counts_as_well(api: Api, scripted: ScriptedProvider, open_page: Any) -> None:
    async with open_page("open_it") as lab:
        session_id = await api.session(channel="lab")
        async with started(api, asking("open_it", fruit="a.py"), session_id=session_id) as turn:
            call = await turn.until("client_tool_call")
            request = await lab.receive()
            assert (await turn.answer(call.data["tool_call_id"], "opened")).status == 204
            assert await lab.receive() == {"type": "cancel", "id": request["id"]}
            assert (await turn.until("tool_result")).data["content"] == "opened"


async def test_a_page_is_given_to_turns_about_what_it_shows(
    api: Api, scripted: ScriptedProvider, open_page: Any
) -> None:
    async def names(**session: Any) -> set[str]:
        session_id = await api.session(**session)
        listed = await api.ok("GET", "/tools", params={"session_id": session_id})
        return {tool["name"] for tool in listed["items"]} & {"first", "second"}

    shown = [{"path": "a.ipynb", "kind": "notebook"}]
    async with open_page("first", documents=shown), open_page("second"):
        assert await names(channel="api") == set()
        assert await names(channel="api", notebook="a.ipynb") == {"first"}
        assert await names(channel="api", notebook="b.ipynb") == set()
        assert await names(channel="lab") == {"first", "second"}
    await asyncio.sleep(0.1)
    assert await names(channel="lab") == set()


async def test_of_several_pages_the_one_in_front_is_asked(api: Api, scripted: ScriptedProvider, open_page: Any) -> None:
    document = {"path": "a.ipynb", "kind": "notebook"}
    async with (
        open_page("open_it", documents=[{**document, "active": True}]) as front,
        open_page("open_it", documents=[document]),
    ):
        session_id = await api.session(channel="lab", notebook="a.ipynb")
        async with started(api, asking("open_it", fruit="x"), session_id=session_id) as turn:
            request = await front.receive()
            await front.send({"type": "result", "id": request["id"], "result": {"content": "front"}})
            assert (await turn.until("tool_result")).data["content"] == "front"


@pytest.mark.settings(ToolSettings={"client_gone_seconds": 1})
async def test_a_page_that_closes_fails_its_call(api: Api, scripted: ScriptedProvider, open_page: Any) -> None:
    async with open_page("open_it") as lab:
        session_id = await api.session(channel="lab")
        async with started(api, asking("open_it", fruit="x"), session_id=session_id) as turn:
            await lab.receive()
            lab.connection.close()
            result = await turn.until("tool_result")
            assert result.data["is_error"]
            assert "closed before it answered" in result.data["content"]


async def test_what_a_page_refuses_is_read(api: Api, scripted: ScriptedProvider, open_page: Any) -> None:
    async with open_page("open_it") as lab:
        session_id = await api.session(channel="lab")
        async with started(api, asking("open_it", fruit="x"), session_id=session_id) as turn:
            request = await lab.receive()
            error = {"code": "not_found", "message": "There is no file x."}
            await lab.send({"type": "result", "id": request["id"], "error": error})
            result = await turn.until("tool_result")
            assert (result.data["content"], result.data["is_error"]) == ("There is no file x.", True)


# Functions of kernels, without one ------------------------------------------------------------------------------------


async def test_functions_of_a_kernel_that_there_is_not(api: Api) -> None:
    offer = {"kernel_id": new_id("kernel"), "key": "0" * 16, "functions": [PRICE]}
    assert (await api("POST", "/tools/functions", json=offer)).status == 404
    assert (await api("DELETE", f"/tools/functions/{offer['kernel_id']}")).status == 404
    assert (await api.ok("GET", "/tools/functions"))["items"] == []
