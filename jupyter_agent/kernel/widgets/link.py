"""The widgets' connection to the server: one client and one WebSocket, shared by all widgets of a kernel."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import socket
import ssl
import weakref
from typing import Any, Literal, Protocol

from jupyter_agent.kernel.client import AsyncClient
from jupyter_agent.kernel.discovery import Server
from jupyter_agent.kernel.errors import AgentError, ConnectionLost
from jupyter_agent.kernel.secret import Secret
from jupyter_agent.kernel.widgets.loop import submit

log = logging.getLogger(__name__)

Connection = Literal["connecting", "online", "offline"]

CONNECT_SECONDS = 10.0
PING_SECONDS = 20.0
LONGEST_WAIT = 5.0
"""Seconds between two tries to reach the server again."""
TOPICS = ["turns", "sessions"]


class Listener(Protocol):
    """Who wants to know. Everything is called in the background loop."""

    def connection_changed(self, connection: Connection, reason: str) -> None: ...

    def topic_snapshot(self, topic: str, data: dict[str, Any]) -> None:
        """How things stand: after every connect, so that nothing that happened meanwhile is missed."""

    def topic_event(self, topic: str, event: dict[str, Any]) -> None: ...


class Link:
    """A server, found when it is first needed and again when it does not answer."""

    def __init__(self, base_url: str | None, token: Secret | None, verify: bool | str | ssl.SSLContext) -> None:
        self._where = (base_url, token, verify)
        self._client: AsyncClient | None = None
        self._listeners: weakref.WeakSet[Any] = weakref.WeakSet()
        self._running = False
        self._wake = asyncio.Event()
        self.connection: Connection = "connecting"
        self.reason = ""

    def join(self, listener: Listener) -> None:
        """Tells it from now on; in the background loop."""
        self._listeners.add(listener)
        if not self._running:
            self._running = True
            self._task = asyncio.ensure_future(self._run())
        elif self.connection == "online":
            listener.connection_changed("online", "")
            # A snapshot of its own: whoever has one already only looks again.
            self._wake.set()

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)

    async def client(self) -> AsyncClient:
        """The client, as soon as a server was found. Raises ConnectionLost where none was."""
        while self._client is None:
            if self.connection == "offline":
                raise ConnectionLost(self.reason)
            await asyncio.sleep(0.05)
        return self._client

    # -- the WebSocket

    async def _run(self) -> None:
        failures = 0
        while True:
            try:
                if self._client is None or failures > 1:
                    await self._find()
                assert self._client is not None  # _find raises otherwise
                await self._listen(self._client.server)
                failures = 0
                reason = "The server ended the connection."
            except Exception as error:
                # Whatever it was, the next try may succeed; what it was is shown.
                failures += 1
                reason = _explain(error)
                log.debug("no connection to the server: %s", type(error).__name__)
            self._set("offline", reason)
            wait = min(0.25 * 2**failures, LONGEST_WAIT)
            # Not all kernels at once when a server comes back.
            await asyncio.sleep(wait * random.uniform(0.7, 1.0))  # noqa: S311

    async def _find(self) -> None:
        base_url, token, verify = self._where
        found = await AsyncClient.connect(base_url, token, verify=verify)
        known = self._client
        if known is not None and (known.server.url, known.server.token, known.server.socket) == (
            found.server.url,
            found.server.token,
            found.server.socket,
        ):
            await found.close()
            return
        # The client before this one is not closed: whoever still uses it finds out by itself.
        self._client = found

    async def _listen(self, server: Server) -> None:
        """Passes on what happens until the connection ends."""
        from tornado.websocket import websocket_connect

        connection = await websocket_connect(
            self._request(server),
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS - 5,
            max_message_size=64 * 1024 * 1024,
            resolver=_unix_resolver(server.socket) if server.socket else None,
        )
        asking: asyncio.Task[None] | None = None
        try:
            subscribe = json.dumps({"type": "subscribe", "topics": TOPICS})
            await connection.write_message(subscribe)

            async def ask_again() -> None:
                while True:
                    await self._wake.wait()
                    self._wake.clear()
                    await connection.write_message(subscribe)

            asking = asyncio.ensure_future(ask_again())
            while True:
                text = await connection.read_message()
                if text is None:
                    return
                self._take(json.loads(text))
        finally:
            if asking is not None:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
            connection.close()

    def _request(self, server: Server) -> Any:
        from tornado.httpclient import HTTPRequest

        verify = self._where[2]
        headers = {"Authorization": f"token {server.token.value}"} if server.token else {}
        return HTTPRequest(
            "ws" + server.api_url.removeprefix("http") + "/ws",
            headers=headers,
            connect_timeout=CONNECT_SECONDS,
            validate_cert=verify is not False,
            ca_certs=verify if isinstance(verify, str) else None,
            ssl_options=verify if isinstance(verify, ssl.SSLContext) else None,
        )

    def _take(self, frame: dict[str, Any]) -> None:
        kind = frame.get("type")
        if kind == "snapshot":
            self._set("online", "")
            for listener in list(self._listeners):
                listener.topic_snapshot(frame["topic"], frame["data"])
        elif kind == "event":
            for listener in list(self._listeners):
                listener.topic_event(frame["topic"], frame["event"])
        elif kind == "error":
            log.warning("the server refused a subscription: %s", frame.get("error", {}).get("message"))

    def _set(self, connection: Connection, reason: str) -> None:
        if (connection, reason) != (self.connection, self.reason):
            self.connection, self.reason = connection, reason
            for listener in list(self._listeners):
                listener.connection_changed(connection, reason)


def _unix_resolver(path: str) -> Any:
    """Leads every name to a unix socket."""
    from tornado.netutil import Resolver

    class UnixResolver(Resolver):
        def initialize(self) -> None:
            """Nothing to set up."""

        async def resolve(self, host: str, port: int, family: int = 0) -> list[tuple[int, Any]]:
            return [(socket.AF_UNIX, path)]

    return UnixResolver()


def _explain(error: Exception) -> str:
    """What is wrong, for a person; never an address with a token."""
    if isinstance(error, AgentError):
        return error.message
    code = getattr(error, "code", None)
    if code in (401, 403):
        return "The server does not know this kernel's token. Pass token=..., or set JUPYTER_AGENT_TOKEN."
    if code == 404:
        return "The server runs without the agent; enable it with: jupyter server extension enable jupyter_agent"
    return f"The server does not answer ({getattr(error, 'strerror', None) or type(error).__name__})."


_links: dict[Any, Link] = {}


async def _link_for(base_url: str | None, token: Secret | None, verify: bool | str | ssl.SSLContext) -> Link:
    key = (base_url, token, verify)
    if key not in _links:
        _links[key] = Link(base_url, token, verify)
    return _links[key]


def link_for(base_url: str | None, token: Secret | None, verify: bool | str | ssl.SSLContext) -> Link:
    """The connection to a server; the same one for the same arguments."""
    return submit(_link_for(base_url, token, verify)).result()
