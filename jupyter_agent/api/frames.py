"""Frames of the WebSocket: each is one JSON object with a `type`. Imports pydantic only: a client can use them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from jupyter_agent.api.models import ErrorDetail, Timestamp, WireModel

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


ClientFrame = Annotated[Subscribe | Unsubscribe | Ping, Field(discriminator="type")]
CLIENT_FRAME: TypeAdapter[Subscribe | Unsubscribe | Ping] = TypeAdapter(ClientFrame)


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


class Error(WireModel):
    """What a frame of the client was wrong about; the connection stays."""

    type: Literal["error"] = "error"
    error: ErrorDetail


ServerFrame = Annotated[Connected | Snapshot | Event | Unsubscribed | Pong | Error, Field(discriminator="type")]
