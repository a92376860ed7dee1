"""Frames of the WebSocket: each is one JSON object with a `type`. Imports pydantic only: a client can use them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, model_validator

from jupyter_agent.api.models import ErrorDetail, Timestamp, WireModel
from jupyter_agent.tools.models import ClientTool

Topic = Literal["sessions", "turns", "approvals", "runs", "jobs", "notifications"]


class Subscribe(WireModel):
    """Answered with a snapshot of each topic, then its events. One that is subscribed already gets a new snapshot."""

    type: Literal["subscribe"]
    topics: list[Topic] = Field(min_length=1, max_length=16)


class Unsubscribe(WireModel):
    """Answered with `unsubscribed`; no event of these topics comes after that."""

    type: Literal["unsubscribe"]
    topics: list[Topic] = Field(min_length=1, max_length=16)


class Ping(WireModel):
    """Answered with a pong that has the same id."""

    type: Literal["ping"]
    id: str | None = Field(default=None, max_length=128)


class Document(WireModel):
    """A notebook or file that the client has open."""

    path: str = Field(min_length=1, max_length=1024)
    """From the server's root."""
    kind: Literal["notebook", "file"]
    dirty: bool = False
    """Whether it has changes that are not saved."""
    active: bool = False
    """Whether it is the one that the user looks at."""


class Offer(WireModel):
    """What this connection can do and has open, in place of what it offered before. Answered with `offered`; from then
    on it may be sent `request`s."""

    type: Literal["offer"]
    tools: list[ClientTool] = Field(default_factory=list, max_length=64)
    documents: list[Document] = Field(default_factory=list, max_length=1_000)


class RequestError(WireModel):
    code: str = Field(min_length=1, max_length=64)
    message: str = ""
    data: dict[str, Any] = Field(default_factory=dict)


class LiveResult(WireModel):
    """The answer to a `request`: its result, or why there is none. One that was cancelled needs no answer."""

    type: Literal["result"]
    id: str = Field(max_length=128)
    result: dict[str, Any] | None = None
    error: RequestError | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> LiveResult:
        if (self.result is None) == (self.error is None):
            raise ValueError("an answer has either a result or an error")
        return self


AnyClientFrame = Subscribe | Unsubscribe | Ping | Offer | LiveResult
ClientFrame = Annotated[AnyClientFrame, Field(discriminator="type")]
CLIENT_FRAME: TypeAdapter[AnyClientFrame] = TypeAdapter(ClientFrame)


class Connected(WireModel):
    """Always the first frame."""

    type: Literal["connected"] = "connected"
    version: str
    timestamp: Timestamp
    user: str
    """Whose events come."""
    topics: list[Topic]
    """What can be subscribed to."""


class Snapshot(WireModel):
    """How things stand; every event after it happened later, or at most is in it already."""

    type: Literal["snapshot"] = "snapshot"
    topic: Topic
    data: dict[str, Any]


class Event(WireModel):
    type: Literal["event"] = "event"
    topic: Topic
    event: dict[str, Any]


class Unsubscribed(WireModel):
    type: Literal["unsubscribed"] = "unsubscribed"
    topics: list[Topic]


class Pong(WireModel):
    type: Literal["pong"] = "pong"
    timestamp: Timestamp
    id: str | None = None


class Offered(WireModel):
    """What the connection offers now counts."""

    type: Literal["offered"] = "offered"
    connection_id: str


class LiveRequest(WireModel):
    """Something that the client is asked to do; answered with a `result` of the same id, in any order."""

    type: Literal["request"] = "request"
    id: str
    method: str
    params: dict[str, Any]
    timeout_seconds: float
    """How long the answer is waited for."""


class LiveCancel(WireModel):
    """Nobody waits for the answer any more: what has not begun should not begin."""

    type: Literal["cancel"] = "cancel"
    id: str


class Error(WireModel):
    """What a frame of the client was wrong about; the connection stays."""

    type: Literal["error"] = "error"
    error: ErrorDetail


ServerFrame = Annotated[
    Connected | Snapshot | Event | Unsubscribed | Pong | Offered | LiveRequest | LiveCancel | Error,
    Field(discriminator="type"),
]
