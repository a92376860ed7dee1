"""The WebSocket: what a client sees of the frames, and what it does to the server when it misbehaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_agent import __version__
from jupyter_agent.api import bus as bus_module
from jupyter_agent.api.bus import TOPICS, Bus
from jupyter_agent.api.websocket import AgentWebSocket
from jupyter_agent.tools.live import Live, LiveError, LiveGone

TIMEOUT = 10


class Socket:
    """A client that speaks JSON."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def send(self, frame: Any) -> None:
        text = frame if isinstance(frame, (str, bytes)) else json.dumps(frame)
        await self.connection.write_message(text, binary=isinstance(frame, bytes))

    async def receive(self) -> Any:
        """The next frame; None when the server has closed."""
        message = await asyncio.wait_for(self.connection.read_message(), TIMEOUT)
        return None if message is None else json.loads(message)

    async def ask(self, frame: Any) -> Any:
        await self.send(frame)
        return await self.receive()

    async def until(self, matches: Callable[[Any], bool]) -> list[Any]:
        """Frames up to and including the first that matches."""
        seen: list[Any] = []
        while True:
            frame = await self.receive()
            assert frame is not None, f"closed after {seen}"
            seen.append(frame)
            if matches(frame):
                return seen


Connect = Callable[..., Any]


@pytest.fixture
def connect(jp_ws_fetch: Callable[..., Awaitable[Any]]) -> Connect:
    """`async with connect() as socket`: connected, its first frame read."""

    @asynccontextmanager
    async def connected(**options: Any) -> AsyncIterator[Socket]:
        connection = await jp_ws_fetch("agent", "v1", "ws", **options)
        try:
            client = Socket(connection)
            client.hello = await client.receive()  # type: ignore[attr-defined]
            yield client
        finally:
            connection.close()

    return connected


@pytest.fixture
def bus(jp_serverapp: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Bus:
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_agent"]
    found: Bus = jp_asyncio_loop.run_until_complete(app.services()).bus
    return found


@pytest.fixture
def live(jp_serverapp: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Live:
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_agent"]
    found: Live = jp_asyncio_loop.run_until_complete(app.services()).tools.offers.live
    return found


def owner_of(socket: Socket) -> str:
    owner: str = socket.hello["user"]  # type: ignore[attr-defined]
    return owner


async def settled(bus: Bus, count: int) -> None:
    """Waits until the bus has this many listeners."""
    for _ in range(200):
        if len(bus._subscriptions) == count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{len(bus._subscriptions)} listeners, not {count}")


async def test_it_says_hello(connect: Connect) -> None:
    async with connect() as socket:
        hello = socket.hello
        assert (hello["type"], hello["version"]) == ("connected", __version__)
        assert hello["timestamp"].endswith("Z")
        assert hello["topics"] == list(TOPICS)
        pong = await socket.ask({"type": "ping", "id": "7"})
        assert (pong["type"], pong["id"]) == ("pong", "7")


@pytest.mark.parametrize("headers", [{"Authorization": "token wrong"}, {"Authorization": ""}])
async def test_who_is_not_authenticated_is_refused(connect: Connect, headers: Any) -> None:
    with pytest.raises(HTTPClientError) as refused:
        async with connect(headers=headers):
            raise AssertionError("connected without authentication")
    assert refused.value.code in (401, 403)


async def test_a_page_of_another_origin_is_refused(connect: Connect, api: Any, jp_auth_header: dict[str, str]) -> None:
    # A browser sends its cookie to us from any page. Jupyter leaves requests with a token alone: no page has that.
    host = f"localhost:{urlsplit(api.base_url).port}"  # where jp_ws_fetch connects; the cookie's name depends on it
    token = jp_auth_header["Authorization"].split()[1]
    answer = await api.client.get("api/me", params={"token": token}, headers={"Host": host})
    cookie = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
    with pytest.raises(HTTPClientError) as refused:
        async with connect(headers={"Authorization": "", "Cookie": cookie, "Origin": "http://evil.example"}):
            raise AssertionError("connected from another origin")
    assert refused.value.code == 403
    async with connect(headers={"Authorization": "", "Cookie": cookie, "Origin": f"http://{host}"}) as socket:
        assert (await socket.ask({"type": "ping"}))["type"] == "pong"


async def test_a_plain_get_is_no_websocket(api: Any) -> None:
    assert (await api("GET", "/ws")).status == 400


async def test_a_snapshot_comes_first_then_events(connect: Connect, api: Any) -> None:
    known = await api.session(title="Known")
    async with connect() as socket:
        snapshot = await socket.ask({"type": "subscribe", "topics": ["sessions"]})
        assert (snapshot["type"], snapshot["topic"]) == ("snapshot", "sessions")
        assert known in json.dumps(snapshot["data"])
        new = await api.session(title="New")
        frames = await socket.until(lambda frame: new in json.dumps(frame))
        assert {(frame["type"], frame["topic"]) for frame in frames} == {("event", "sessions")}


async def test_a_turn_is_seen_from_beginning_to_end(connect: Connect, api: Any, scripted: Any) -> None:
    async with connect() as socket:
        assert (await socket.ask({"type": "subscribe", "topics": ["turns"]}))["type"] == "snapshot"
        turn = await api.turn()
        frames = await socket.until(lambda frame: frame["event"]["type"] == "turn_finished")
        assert all(turn["id"] in json.dumps(frame) for frame in frames)
        assert len(frames) >= 2


async def test_nothing_is_lost_between_the_snapshot_and_the_events(connect: Connect, bus: Bus) -> None:
    async with connect() as socket:
        owner = owner_of(socket)

        async def slow(_: str) -> dict[str, Any]:
            bus.publish("runs", owner, {"n": 1})
            await asyncio.sleep(0.1)
            bus.publish("runs", owner, {"n": 2})
            return {"items": ["seen"]}

        bus.snapshot("runs", slow)
        await socket.send({"type": "subscribe", "topics": ["runs"]})
        frames = [await socket.receive() for _ in range(3)]
        bus.publish("runs", owner, {"n": 3})
        frames.append(await socket.receive())
    assert frames[0] == {"type": "snapshot", "topic": "runs", "data": {"items": ["seen"]}}
    assert [frame["event"]["n"] for frame in frames[1:]] == [1, 2, 3]


async def test_only_what_was_subscribed_to_comes(connect: Connect, bus: Bus) -> None:
    async with connect() as socket:
        owner = owner_of(socket)
        bus.publish("jobs", owner, {"n": 0})
        for topic in ("jobs", "notifications"):
            await socket.ask({"type": "subscribe", "topics": [topic]})
        bus.publish("jobs", owner, {"n": 1})
        bus.publish("approvals", owner, {"n": 2})
        assert (await socket.receive())["event"] == {"n": 1}
        gone = await socket.ask({"type": "unsubscribe", "topics": ["jobs"]})
        assert gone == {"type": "unsubscribed", "topics": ["jobs"]}
        bus.publish("jobs", owner, {"n": 3})
        bus.publish("notifications", owner, {"n": 4})
        assert (await socket.receive())["event"] == {"n": 4}


async def test_what_happens_to_others_is_not_seen(connect: Connect, as_user: Any) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    await bob.session(title="Before")
    async with connect(headers=dict(alice.headers)) as socket:
        assert owner_of(socket) == "alice"
        snapshot = await socket.ask({"type": "subscribe", "topics": ["sessions"]})
        assert "Before" not in json.dumps(snapshot)
        await bob.session(title="Secret")
        await alice.session(title="Mine")
        frames = await socket.until(lambda frame: "Mine" in json.dumps(frame))
        assert "Secret" not in json.dumps(frames)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "bad_request"),
        ("{", "bad_request"),
        (b"\x00\xff", "bad_request"),
        ("null", "invalid"),
        ("[]", "invalid"),
        ({}, "invalid"),
        ({"type": "shout"}, "invalid"),
        ({"type": "subscribe"}, "invalid"),
        ({"type": "subscribe", "topics": []}, "invalid"),
        ({"type": "subscribe", "topics": ["sessions", "secrets"]}, "invalid"),
        ({"type": "subscribe", "topics": "sessions"}, "invalid"),
        ({"type": "subscribe", "topics": ["sessions"], "owner": "bob"}, "invalid"),
        ({"type": "ping", "id": "x" * 1000}, "invalid"),
        ({"type": "offer", "tools": [{"name": "no spaces"}]}, "invalid"),
        ({"type": "offer", "documents": [{"path": "a.ipynb"}]}, "invalid"),
        ({"type": "offer", "documents": [{"path": "", "kind": "notebook"}]}, "invalid"),
        ({"type": "result", "id": "1", "result": {}}, "bad_request"),
        ({"type": "result", "id": "1"}, "invalid"),
        ({"type": "result", "id": "1", "result": {}, "error": {"code": "no"}}, "invalid"),
    ],
)
async def test_garbage_is_answered_and_the_connection_stays(connect: Connect, frame: Any, code: str) -> None:
    async with connect() as socket:
        answer = await socket.ask(frame)
        assert (answer["type"], answer["error"]["code"]) == ("error", code)
        assert answer["error"]["message"]
        assert (await socket.ask({"type": "ping"}))["type"] == "pong"


async def test_a_snapshot_that_fails_is_an_error_with_an_id(connect: Connect, bus: Bus, api: Any) -> None:
    async def broken(_: str) -> dict[str, Any]:
        raise RuntimeError("api_key=abcdefgh1 broke it")

    bus.snapshot("jobs", broken)
    async with connect() as socket:
        answer = await socket.ask({"type": "subscribe", "topics": ["jobs"]})
        assert answer["error"]["code"] == "internal_error"
        assert "abcdefgh1" not in json.dumps(answer)
        error_id = answer["error"]["details"]["error_id"]
        assert (await socket.ask({"type": "ping"}))["type"] == "pong"
    (record,) = (await api.ok("GET", "/logs", params={"level": "error"}))["items"]
    assert record["fields"]["error_id"] == error_id
    assert "abcdefgh1" not in json.dumps(record)


async def test_endless_garbage_ends_the_connection(connect: Connect, bus: Bus) -> None:
    async with connect() as socket:
        for _ in range(AgentWebSocket.max_errors):
            assert (await socket.ask("garbage"))["type"] == "error"
        assert await socket.receive() is None
        assert socket.connection.close_code == 1008
    await settled(bus, 0)


async def test_a_frame_that_is_too_large_ends_the_connection(
    connect: Connect, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AgentWebSocket, "max_message_size", 64 * 1024)
    async with connect() as socket:
        await socket.send(json.dumps({"type": "ping", "id": "x" * 70_000}))
        assert await socket.receive() is None
        assert socket.connection.close_code == 1009
    await settled(bus, 0)


async def test_a_slow_client_is_sent_away_and_others_are_not(
    connect: Connect, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "QUEUE_SIZE", 20)
    async with connect() as slow, connect() as quick:
        owner = owner_of(slow)
        await slow.ask({"type": "subscribe", "topics": ["runs"]})
        await quick.ask({"type": "subscribe", "topics": ["runs"]})
        # A client that does not take its frames stops reading from its socket. The buffers on the way fill up, then
        # its queue.
        text = "x" * 500_000
        for number in range(80):
            bus.publish("runs", owner, {"n": number, "text": text})
            assert (await quick.receive())["event"]["n"] == number
        while await slow.receive() is not None:
            pass
        assert slow.connection.close_code == 1013
        assert (await quick.ask({"type": "ping"}))["type"] == "pong"
        async with connect() as again:
            assert (await again.ask({"type": "subscribe", "topics": ["runs"]}))["type"] == "snapshot"


async def test_who_is_alive_stays_and_who_is_silent_is_sent_away(
    connect: Connect,
    bus: Bus,
    api: Any,
    jp_auth_header: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(AgentWebSocket, "ping_seconds", 0.05)
    monkeypatch.setattr(AgentWebSocket, "idle_seconds", 0.5)
    url = urlsplit(api.base_url)
    async with connect() as alive:
        # Tornado's client answers pings by itself; a bare socket does not.
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        request = [
            f"GET {url.path.rstrip('/')}/agent/v1/ws HTTP/1.1",
            f"Host: {url.netloc}",
            f"Authorization: {jp_auth_header['Authorization']}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        ]
        writer.write(("\r\n".join(request) + "\r\n\r\n").encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        await settled(bus, 2)
        # 88 02 is a close frame; 03 e9 is 1001
        frames = await asyncio.wait_for(reader.readuntil(b"\x03\xe9"), TIMEOUT)
        assert frames.count(b"\x89\x00") >= 3, "the server sends pings"
        writer.close()
        await writer.wait_closed()
        await settled(bus, 1)
        assert (await alive.ask({"type": "ping"}))["type"] == "pong"


async def test_a_closed_connection_leaves_nothing_behind(connect: Connect, bus: Bus) -> None:
    async with connect() as socket:
        await socket.ask({"type": "subscribe", "topics": ["sessions"]})
        await settled(bus, 1)
    await settled(bus, 0)


# What clients offer, and what they are asked to do ------------------------------------------------------------------


def document(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "kind": "notebook", **more}


async def offers(socket: Socket, *documents: dict[str, Any], tools: list[dict[str, Any]] | None = None) -> str:
    answer = await socket.ask({"type": "offer", "documents": list(documents), "tools": tools or []})
    assert answer["type"] == "offered"
    connection_id: str = answer["connection_id"]
    return connection_id


async def test_a_live_client_answers_what_it_is_asked(connect: Connect, live: Live) -> None:
    async with connect() as socket:
        owner = owner_of(socket)
        connection_id = await offers(socket, document("a.ipynb"))
        asked = asyncio.create_task(live.request(owner, connection_id, "notebook/read", {"path": "a.ipynb"}, 5))
        frame = await socket.receive()
        assert (frame["type"], frame["method"], frame["params"]) == ("request", "notebook/read", {"path": "a.ipynb"})
        assert frame["timeout_seconds"] == 5
        await socket.send({"type": "result", "id": frame["id"], "result": {"cells": [1]}})
        assert await asked == {"cells": [1]}


async def test_answers_come_in_any_order_and_can_be_errors(connect: Connect, live: Live) -> None:
    async with connect() as socket:
        owner, connection_id = owner_of(socket), await offers(socket, document("a.ipynb"))
        asked = [asyncio.create_task(live.request(owner, connection_id, f"m{n}", {})) for n in range(3)]
        ids = {frame["method"]: frame["id"] for frame in [await socket.receive() for _ in range(3)]}
        await socket.send({"type": "result", "id": ids["m2"], "result": {"n": 2}})
        error = {"code": "conflict", "message": "It was changed.", "data": {"cell_id": "c1"}}
        await socket.send({"type": "result", "id": ids["m0"], "error": error})
        await socket.send({"type": "result", "id": ids["m1"], "result": {"n": 1}})
        assert await asked[1] == {"n": 1}
        assert await asked[2] == {"n": 2}
        with pytest.raises(LiveError, match="It was changed") as refused:
            await asked[0]
        assert (refused.value.code, refused.value.data) == ("conflict", {"cell_id": "c1"})


async def test_a_page_that_closes_while_it_is_asked_fails_the_request(connect: Connect, live: Live) -> None:
    async with connect() as socket:
        owner, connection_id = owner_of(socket), await offers(socket, document("a.ipynb"))
        asked = asyncio.create_task(live.request(owner, connection_id, "notebook/read", {}))
        await socket.receive()
    with pytest.raises(LiveGone):
        await asyncio.wait_for(asked, TIMEOUT)
    with pytest.raises(LiveGone):
        await live.request(owner, connection_id, "notebook/read", {})
    assert live.holders(owner, "a.ipynb") == []


async def test_a_page_that_does_not_answer_is_told_that_nobody_waits(connect: Connect, live: Live) -> None:
    async with connect() as socket:
        owner, connection_id = owner_of(socket), await offers(socket)
        with pytest.raises(LiveError, match=r"0\.05 seconds") as late:
            await live.request(owner, connection_id, "slow", {}, 0.05)
        assert late.value.code == "timeout"
        frame = await socket.receive()
        assert await socket.receive() == {"type": "cancel", "id": frame["id"]}
        # An answer that crossed the cancel is no mistake of the client's.
        await socket.send({"type": "result", "id": frame["id"], "result": {}})
        assert (await socket.ask({"type": "ping"}))["type"] == "pong"

        asked = asyncio.create_task(live.request(owner, connection_id, "slow", {}))
        frame = await socket.receive()
        asked.cancel()
        assert await socket.receive() == {"type": "cancel", "id": frame["id"]}


async def test_who_holds_a_document(connect: Connect, live: Live) -> None:
    async with connect() as behind, connect() as dirty, connect() as front:
        owner = owner_of(front)
        first = await offers(behind, document("a.ipynb"), document("b.ipynb", active=True))
        second = await offers(dirty, document("a.ipynb", dirty=True))
        third = await offers(front, document("a.ipynb", active=True))
        assert [one.id for one in live.holders(owner, "a.ipynb")] == [third, second, first]
        assert [one.id for one in live.holders(owner, "b.ipynb")] == [first]
        assert live.holders(owner, "c.ipynb") == []
        # Another offer replaces the first one; the connection stays the same.
        assert await offers(front, document("c.ipynb")) == third
        assert [one.id for one in live.holders(owner, "a.ipynb")] == [second, first]


async def test_nobody_asks_the_pages_of_somebody_else(connect: Connect, live: Live, as_user: Any) -> None:
    async with connect(headers=dict(as_user("alice").headers)) as socket:
        connection_id = await offers(socket, document("a.ipynb"))
        assert live.holders("bob", "a.ipynb") == []
        assert live.connections("bob") == []
        with pytest.raises(LiveGone):
            await live.request("bob", connection_id, "notebook/read", {})
        assert (await socket.ask({"type": "ping"}))["type"] == "pong", "it was asked nothing"


async def test_a_large_notebook_fits_in_an_answer(connect: Connect, live: Live) -> None:
    async with connect() as socket:
        owner, connection_id = owner_of(socket), await offers(socket)
        asked = asyncio.create_task(live.request(owner, connection_id, "notebook/read", {}))
        frame = await socket.receive()
        await socket.send({"type": "result", "id": frame["id"], "result": {"text": "x" * 15_000_000}})
        assert len((await asked)["text"]) == 15_000_000
