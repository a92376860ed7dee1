"""The WebSocket `/agent/v1/ws`: everything that happens for the caller, by topic; and, from a client that offers
something, answers to what it is asked to do. Frames: `api/frames.py`.

A subscription is in place before its snapshot is read, and its events wait until the snapshot is sent, so nothing
falls between the two. A client that is too slow is sent away with code 1013; it comes back and reads a snapshot.

The server imports this module when it starts, so pydantic and the frames are imported where they are used."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from jupyter_agent._version import __version__
from jupyter_agent.api.bus import TOPICS
from jupyter_agent.api.errors import STATUS_CODES, ApiError, bad_request
from jupyter_agent.api.identity import owner_of, services_of
from jupyter_agent.storage.ids import new_id

if TYPE_CHECKING:
    from pydantic import ValidationError

    from jupyter_agent.api import frames
    from jupyter_agent.api.bus import Subscription
    from jupyter_agent.api.models import WireModel
    from jupyter_agent.app import Services
    from jupyter_agent.tools.live import Connection

log = logging.getLogger(__name__)

GOING_AWAY = 1001
POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013

RESOURCES = {"approvals": "tools", "runs": "workflows", "jobs": "providers"}
"""What Jupyter's authorizer is asked about, where that is not called as the topic is."""


class AgentWebSocket(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One connection of one caller."""

    auth_resource = "agent"
    max_message_size = 16 * 1024 * 1024
    """A result can hold a notebook with its pictures."""
    max_errors: ClassVar[int] = 20
    """Frames that are wrong before the client is sent away."""
    ping_seconds: ClassVar[float] = 30
    idle_seconds: ClassVar[float] = 90
    """Without any frame of the client, pongs included."""
    ping_interval = 0
    """Tornado's own pings, and Jupyter's, are off: neither knows an idle time longer than two of its pings."""

    async def prepare(self, *args: Any, **kwargs: Any) -> None:
        await super().prepare(*args, **kwargs)
        self.subscription: Subscription | None = None
        self.connection: Connection | None = None
        self.tasks: list[asyncio.Task[None]] = []

    def set_default_headers(self) -> None:
        """JupyterHandler's make no sense on a WebSocket."""

    def get_compression_options(self) -> dict[str, Any] | None:
        options: dict[str, Any] | None = self.settings.get("websocket_compression_options", None)
        return options

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """The standard envelope, for a request that became no WebSocket."""
        message = {403: "Authentication is needed, and a page of this server.", 400: "This is a WebSocket."}.get(
            status_code, f"HTTP status {status_code}"
        )
        self.set_header("Content-Type", "application/json")
        self.finish(ApiError(status_code, STATUS_CODES.get(status_code, "error"), message).envelope())

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        if self.request.headers.get("Upgrade", "").lower() != "websocket":
            raise HTTPError(400)
        self.services: Services = await services_of(self)
        self.owner = owner_of(self)
        await super().get(*args, **kwargs)

    async def open(self, *args: str, **kwargs: str) -> None:
        from jupyter_agent.api import frames

        self.loop = asyncio.get_running_loop()
        self.last_seen = self.loop.time()
        self.errors = 0
        self.sending = asyncio.Lock()
        self.subscription = self.services.bus.subscribe(self.owner)
        await self.send(frames.Connected(version=__version__, timestamp=_now(), user=self.owner, topics=list(TOPICS)))
        self.tasks = [
            asyncio.create_task(self.forward(self.subscription)),
            asyncio.create_task(self.watch(self.subscription)),
            asyncio.create_task(self.heartbeat()),
        ]

    def on_close(self) -> None:
        if self.subscription is not None:
            self.subscription.close()
        if self.connection is not None:
            self.services.tools.offers.live.disconnect(self.connection)
        for task in self.tasks:
            task.cancel()

    # To the client ---------------------------------------------------------------------------------------------------

    async def send(self, frame: WireModel) -> None:
        """Waits until the operating system has taken it: a slow client slows this connection, and no other.

        Raises WebSocketClosedError."""
        await self.write_message(frame.model_dump_json())

    async def forward(self, subscription: Subscription) -> None:
        """Events as they come. The lock lets a snapshot go first."""
        from jupyter_agent.api import frames

        with contextlib.suppress(WebSocketClosedError):
            while True:
                topic, event = await subscription.queue.get()
                async with self.sending:
                    if topic in subscription.topics:
                        await self.send(frames.Event.model_validate({"topic": topic, "event": event}))

    async def watch(self, subscription: Subscription) -> None:
        await subscription.overflowed.wait()
        self.close(TRY_AGAIN_LATER, "too slow: subscribe again for a snapshot")

    async def heartbeat(self) -> None:
        with contextlib.suppress(WebSocketClosedError):
            while True:
                idle_for = self.loop.time() - self.last_seen
                if idle_for >= self.idle_seconds:
                    self.close(GOING_AWAY, f"no sign of life for {idle_for:.0f} s")
                    return
                await asyncio.sleep(min(self.ping_seconds, self.idle_seconds - idle_for))
                self.ping(b"")

    # From the client -------------------------------------------------------------------------------------------------

    def on_ping(self, data: bytes) -> None:
        self.last_seen = self.loop.time()

    def on_pong(self, data: bytes) -> None:
        self.last_seen = self.loop.time()

    async def on_message(self, message: str | bytes) -> None:
        self.last_seen = self.loop.time()
        try:
            await self.handle(message)
        except ApiError as error:
            await self.refuse(error)
        except WebSocketClosedError:
            return
        except Exception:
            error_id = new_id("err")
            log.exception("A frame of the WebSocket could not be answered", extra={"error_id": error_id})
            await self.refuse(
                ApiError(500, "internal_error", "Something went wrong in the server.", details={"error_id": error_id})
            )

    async def handle(self, message: str | bytes) -> None:
        """Does what one frame asks for. Raises ApiError."""
        from pydantic import ValidationError

        from jupyter_agent.api import frames

        if isinstance(message, bytes):
            raise bad_request("Frames are JSON text, not binary.")
        try:
            frame = frames.CLIENT_FRAME.validate_json(message)
        except ValidationError as error:
            raise _refused(error) from None
        if isinstance(frame, frames.Ping):
            await self.send(frames.Pong(timestamp=_now(), id=frame.id))
            return
        if isinstance(frame, frames.Offer):
            await self.offer(frame)
            return
        if isinstance(frame, frames.LiveResult):
            if self.connection is None:
                raise bad_request("This connection has offered nothing, so it was asked nothing.")
            self.services.tools.offers.live.answer(self.connection, frame.id, frame.result, frame.error)
            return
        topics = list(dict.fromkeys(frame.topics))
        if isinstance(frame, frames.Subscribe):
            for topic in topics:
                await self.require(topic)
            for topic in topics:
                await self.subscribe(topic)
        else:
            assert self.subscription is not None  # open() made it
            async with self.sending:
                self.subscription.topics.difference_update(topics)
                await self.send(frames.Unsubscribed(topics=topics))

    async def require(self, topic: str) -> None:
        """Raises ApiError 403 where Jupyter's authorizer lets the caller not read the topic."""
        if not await self.may("read", RESOURCES.get(topic, topic)):
            raise ApiError(403, "forbidden", f"You may not read {topic}.", details={"topic": topic})

    async def may(self, action: str, room: str) -> bool:
        """What Jupyter's authorizer says."""
        allowed: bool = await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, action, f"agent:{room}")
        )
        return allowed

    async def offer(self, frame: frames.Offer) -> None:
        """What this connection offers counts from now on. Raises ApiError 403 where the caller may offer nothing."""
        from jupyter_agent.api import frames

        if not await self.may("write", "tools"):
            raise ApiError(403, "forbidden", "You may offer no tools.")
        if self.close_code is not None or self.ws_connection is None:
            raise WebSocketClosedError
        if self.connection is None:
            self.connection = self.services.tools.offers.live.connect(self.owner, self.send)
        self.connection.tools, self.connection.documents = frame.tools, frame.documents
        await self.send(frames.Offered(connection_id=self.connection.id))

    async def subscribe(self, topic: frames.Topic) -> None:
        from jupyter_agent.api import frames

        assert self.subscription is not None
        async with self.sending:
            # First listen, then look: what happens while the snapshot is read waits in the queue.
            self.subscription.topics.add(topic)
            data = await self.services.bus.read_snapshot(topic, self.owner)
            await self.send(frames.Snapshot(topic=topic, data=data))

    async def refuse(self, error: ApiError) -> None:
        from jupyter_agent.api import frames

        self.errors += 1
        with contextlib.suppress(WebSocketClosedError):
            await self.send(frames.Error.model_validate(error.envelope() | {"type": "error"}))
        if self.errors >= self.max_errors:
            self.close(POLICY_VIOLATION, "too many frames that are not understood")


def _now() -> datetime:
    return datetime.now(UTC)


def _refused(error: ValidationError) -> ApiError:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    if problems[0]["type"] == "json_invalid":
        return bad_request("The frame is not JSON.")
    errors = [
        {"path": ".".join(["frame", *map(str, problem["loc"])]), "message": problem["msg"]} for problem in problems
    ]
    return ApiError(422, "invalid", f"{errors[0]['path']}: {errors[0]['message']}", details={"errors": errors})
