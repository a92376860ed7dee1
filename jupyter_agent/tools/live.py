"""Live clients: who is connected by WebSocket, what each has open and offers, and requests that are put to them.

All of it is on the event loop and in memory: a connection that is gone takes with it what it offered, and whoever
waits for its answer is told so."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_agent.storage.ids import new_id

if TYPE_CHECKING:
    from jupyter_agent.api.frames import Document, RequestError, ServerFrame
    from jupyter_agent.tools.models import ClientTool

DEFAULT_SECONDS = 30.0


class LiveGone(Exception):
    """The connection is closed, before or while it was asked. Whether it did what it was asked is not known."""


class LiveError(Exception):
    """The client answered that it cannot: `code` is for programs, `message` for people, `data` by the code. The code
    `timeout` is the server's own: no answer came in time, and the client was told that none is waited for."""

    def __init__(self, code: str, message: str, data: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data or {}


@dataclass(eq=False)
class Connection:
    """One live client."""

    owner: str
    send: Callable[[ServerFrame], Awaitable[None]]
    """Raises WebSocketClosedError."""
    id: str = field(default_factory=lambda: new_id("conn"))
    tools: Sequence[ClientTool] = ()
    documents: Sequence[Document] = ()
    waiting: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    """Answers that are waited for, by the request's id."""

    def document(self, path: str) -> Document | None:
        """The document that it has open at this path."""
        return next((one for one in self.documents if one.path == path), None)


class Live:
    """All live clients."""

    def __init__(self) -> None:
        self._connections: dict[str, Connection] = {}
        self._farewells: set[asyncio.Task[None]] = set()

    # The WebSocket's side --------------------------------------------------------------------------------------------

    def connect(self, owner: str, send: Callable[[ServerFrame], Awaitable[None]]) -> Connection:
        connection = Connection(owner, send)
        self._connections[connection.id] = connection
        return connection

    def disconnect(self, connection: Connection) -> None:
        """Takes it away; who waits for one of its answers gets LiveGone."""
        self._connections.pop(connection.id, None)
        for future in connection.waiting.values():
            if not future.done():
                future.set_exception(LiveGone("The page was closed before it answered."))

    def answer(
        self, connection: Connection, request_id: str, result: dict[str, Any] | None, error: RequestError | None
    ) -> None:
        """Gives an answer to who waits for it. One that nobody waits for any more is dropped: it crossed a `cancel`."""
        future = connection.waiting.get(request_id)
        if future is None or future.done():
            return
        if error is not None:
            future.set_exception(LiveError(error.code, error.message, error.data))
        else:
            future.set_result(result or {})

    # The tools' side -------------------------------------------------------------------------------------------------

    def connections(self, owner: str) -> list[Connection]:
        """The owner's live clients, the newest first."""
        return [one for one in reversed(self._connections.values()) if one.owner == owner]

    def holders(self, owner: str, path: str) -> list[Connection]:
        """Those that have the document open: where it is in front first, then those that have unsaved changes."""

        def rank(connection: Connection) -> tuple[bool, bool]:
            document = connection.document(path)
            assert document is not None
            return (not document.active, not document.dirty)

        return sorted((one for one in self.connections(owner) if one.document(path) is not None), key=rank)

    async def request(
        self,
        owner: str,
        connection_id: str,
        method: str,
        params: dict[str, Any],
        timeout: float = DEFAULT_SECONDS,  # noqa: ASYNC109  (it goes to the client, too)
    ) -> dict[str, Any]:
        """What the client answers.

        Raises LiveGone where it is not connected (any more), LiveError where it answers with an error or not within
        `timeout` seconds. Who is cancelled while it waits cancels the request."""
        from tornado.websocket import WebSocketClosedError

        from jupyter_agent.api.frames import LiveRequest

        connection = self._connections.get(connection_id)
        if connection is None or connection.owner != owner:
            raise LiveGone("The page is not connected any more.")
        request_id = new_id("req")
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        connection.waiting[request_id] = future
        try:
            async with asyncio.timeout(timeout):
                await connection.send(LiveRequest(id=request_id, method=method, params=params, timeout_seconds=timeout))
                return await future
        except WebSocketClosedError:
            raise LiveGone("The page was closed before it was asked.") from None
        except TimeoutError:
            self._cancel(connection, request_id)
            raise LiveError("timeout", f"The page did not answer within {timeout:g} seconds.") from None
        except asyncio.CancelledError:
            self._cancel(connection, request_id)
            raise
        finally:
            del connection.waiting[request_id]
            if future.done() and not future.cancelled():
                future.exception()  # looked at: nobody else will

    def _cancel(self, connection: Connection, request_id: str) -> None:
        """Tells a client that no answer is waited for any more, without waiting for it to be told."""
        from tornado.websocket import WebSocketClosedError

        from jupyter_agent.api.frames import LiveCancel

        async def tell() -> None:
            with contextlib.suppress(WebSocketClosedError):
                await connection.send(LiveCancel(id=request_id))

        task = asyncio.create_task(tell())
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)
