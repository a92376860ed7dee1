"""What the `sessions` room sends and accepts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from jupyter_agent.api.models import Page, Timestamp, Usage, WireModel
from jupyter_agent.tools.models import Mode
from jupyter_agent.turns.models import ImagePart, InputPart, Part, PictureType

TitleSource = Literal["none", "user", "model", "message"]
"""Who gave the title: nobody, a person, the model; `message` is the beginning of the first message, taken where the
model gave nothing that could stand as a title."""

SessionStatus = Literal["active", "idle", "archived", "terminated"]
"""`idle` is an active session in which nothing happened for `AgentApp.session_idle_seconds`."""


class Session(WireModel):
    """A conversation and who owns it."""

    id: str
    owner: str
    title: str
    """Empty until somebody, or the model, gave one."""
    title_source: TitleSource = "none"
    status: SessionStatus
    channel: str = "api"
    """Where it came from: lab, notebook, api, openai, telegram ..."""
    agent: str | None = None
    project: str | None = None
    notebook: str | None = None
    provider: str | None = None
    model: str | None = None
    parent_id: str | None = None
    """The session this one branched from."""
    branched_from_turn_id: str | None = None
    branched: bool = False
    """Whether the conversation, of which this is one version, is a branch of another one."""
    conversation_id: str
    """What a message was sent again in, and what came of it, are versions of one conversation and share this: the id of
    the first session. A branch that was asked for is a conversation of its own."""
    version_count: int = 1
    """Versions of the conversation that are not terminated, this one included."""
    message_count: int = 0
    turn_count: int = 0
    running_turn_id: str | None = None
    waiting: bool = False
    """Whether its turn waits for a person: an approval is to be answered."""
    mode: Mode | None = None
    """How much its agent may do without asking; null for the user's own mode (`GET /policy`)."""
    usage: Usage
    preview: str = ""
    """The first 200 characters of the last message."""
    shared: bool = False
    metadata: dict[str, Any] = Field(default_factory=dict)
    created_at: Timestamp
    updated_at: Timestamp
    last_activity_at: Timestamp


class SessionCreate(WireModel):
    title: str | None = Field(default=None, max_length=200)
    channel: str = Field(default="api", max_length=64, pattern=r"^[a-z0-9_.-]+$")
    agent: str | None = Field(default=None, max_length=128)
    project: str | None = Field(default=None, max_length=256)
    notebook: str | None = Field(default=None, max_length=1024)
    provider: str | None = Field(default=None, max_length=128)
    model: str | None = Field(default=None, max_length=256)
    mode: Mode | None = None
    """How much its agent may do without asking; null for the user's own mode."""
    metadata: dict[str, Any] = Field(default_factory=dict)


class SessionPatch(WireModel):
    """Only the fields that are sent change; `archived` moves a session in and out of the archive."""

    title: str | None = Field(default=None, max_length=200)
    archived: bool | None = None
    project: str | None = Field(default=None, max_length=256)
    notebook: str | None = Field(default=None, max_length=1024)
    provider: str | None = Field(default=None, max_length=128)
    model: str | None = Field(default=None, max_length=256)
    mode: Mode | None = None
    """Counts from the next call on; null for the user's own mode."""
    metadata: dict[str, Any] | None = None
    """Replaces the metadata as a whole."""


class MessageVersion(WireModel):
    """One of the versions of what the user said at one place of a conversation."""

    message_id: str
    session_id: str
    """Where the conversation goes on from this version."""
    created_at: Timestamp


class Message(WireModel):
    """One message of a conversation."""

    id: str
    session_id: str
    turn_id: str | None = None
    seq: int
    """Position in the session, from 0, growing."""
    role: Literal["user", "assistant", "system"]
    parts: list[Part]
    text: str
    """The text parts, joined."""
    provider: str | None = None
    model: str | None = None
    usage: Usage | None = None
    stop_reason: str | None = None
    duration_ms: int | None = None
    in_context: bool = True
    """False once a summary stands for it."""
    versions: list[MessageVersion] = Field(default_factory=list)
    """Of a user's message that was sent again: all versions, the oldest first, this one included; else empty."""
    version: int = 0
    """The place among the versions, from 0."""
    created_at: Timestamp


class MessageAppend(WireModel):
    """A message put into the history without running the agent."""

    role: Literal["user", "assistant", "system"] = "user"
    text: str = Field(default="", max_length=10_000_000)
    parts: list[InputPart] = Field(default_factory=list, max_length=64)
    """More of the message: pictures (3 at the most) and context."""

    @model_validator(mode="after")
    def _says_something(self) -> MessageAppend:
        if not self.text.strip() and not self.parts:
            raise ValueError("a message needs text or parts")
        if sum(isinstance(part, ImagePart) for part in self.parts) > 3:
            raise ValueError("a message holds 3 images at the most")
        return self


class BlobUpload(WireModel):
    """A picture before its message; an image part names it by `blob_id`."""

    media_type: PictureType
    data: str
    """Base64 of the picture, 10 MB of bytes at the most."""
    name: str | None = Field(default=None, max_length=255)


class BlobInfo(WireModel):
    id: str
    media_type: PictureType
    name: str | None = None
    size: int
    """Bytes."""


class Terminated(WireModel):
    id: str
    status: Literal["terminated", "purged"]


class Cleared(WireModel):
    id: str
    deleted_messages: int


class Summarize(WireModel):
    keep_last: int = Field(default=2, ge=0, le=1000)
    """Messages at the end that stay as they are."""
    instructions: str | None = Field(default=None, max_length=10_000)
    provider: str | None = None
    model: str | None = None


class Summary(WireModel):
    session_id: str
    message: Message
    """The summary, now standing for the older messages in what the model reads."""
    summarized_messages: int
    usage: Usage


class Branch(WireModel):
    """Where to branch: after a turn, after a message, or, with neither, after everything."""

    turn_id: str | None = None
    """Copy up to and including this turn."""
    message_id: str | None = None
    """Copy up to and including this message; how a branch is branched again where no turn of its own says."""
    title: str | None = Field(default=None, max_length=200)
    """Null takes the title over."""

    @model_validator(mode="after")
    def _one_place(self) -> Branch:
        if self.turn_id is not None and self.message_id is not None:
            raise ValueError("a branch begins after a turn or after a message, not both")
        return self


class Share(WireModel):
    token: str
    """Whoever is let into the server and knows it can read the session."""
    path: str
    """Path of the read-only view, below the server's base URL."""
    created_at: Timestamp


class SharedSession(WireModel):
    """The read-only view of a shared session."""

    title: str
    created_at: Timestamp
    messages: list[Message]
    total: int
    limit: int
    offset: int


class ExportedSession(WireModel):
    title: str = Field(default="", max_length=200)
    title_source: TitleSource = "none"
    channel: str = Field(default="api", max_length=64, pattern=r"^[a-z0-9_.-]+$")
    agent: str | None = Field(default=None, max_length=128)
    project: str | None = Field(default=None, max_length=256)
    notebook: str | None = Field(default=None, max_length=1024)
    provider: str | None = Field(default=None, max_length=128)
    model: str | None = Field(default=None, max_length=256)
    metadata: dict[str, Any] = Field(default_factory=dict)
    usage: Usage | None = None
    """What the conversation cost; for the reader, an import does not count it again."""
    created_at: Timestamp | None = None


class ExportedMessage(WireModel):
    role: Literal["user", "assistant", "system"]
    parts: list[Part] = Field(max_length=10_000)
    provider: str | None = Field(default=None, max_length=128)
    model: str | None = Field(default=None, max_length=256)
    usage: Usage | None = None
    stop_reason: str | None = Field(default=None, max_length=32)
    duration_ms: int | None = Field(default=None, ge=0, le=2**31 - 1)
    in_context: bool = True
    created_at: Timestamp | None = None


class ExportedBlob(WireModel):
    media_type: str = Field(max_length=128)
    name: str | None = Field(default=None, max_length=255)
    data: str
    """Base64."""


class SessionExport(WireModel):
    """A session as a file; what `POST /sessions/import` takes. It names no owner, no session and no turn."""

    format: Literal["jupyter-agent-session"]
    version: Literal[1]
    session: ExportedSession
    messages: list[ExportedMessage] = Field(max_length=100_000)
    blobs: dict[str, ExportedBlob] = Field(default_factory=dict)
    """The blobs that the messages name, by the id they have there."""


class Titles(WireModel):
    session_ids: list[str] | None = Field(default=None, max_length=100)
    """Null for every untitled session that has messages."""
    limit: int = Field(default=20, ge=1, le=100)


class TitledSession(WireModel):
    id: str
    title: str


class TitlesResult(WireModel):
    items: list[TitledSession]
    failed: dict[str, str] = Field(default_factory=dict)
    """Session id to the reason."""


class SearchHit(WireModel):
    kind: Literal["title", "message", "tool_result"]
    session_id: str
    session_title: str
    turn_id: str | None = None
    message_id: str | None = None
    role: str | None = None
    snippet: str
    """Text around the match; matches stand between U+E000 and U+E001, so that no markup of the text can be mistaken."""
    score: float
    """Larger is better; comparable within one answer only."""
    created_at: Timestamp


class SearchPage(Page[SearchHit]):
    """Hits, best first."""

    capped: bool = False
    """True where there are more matches than `total`: only that many, the newest, were ranked."""
