"""What the `turns` room sends and accepts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from jupyter_agent.api.models import Money, Timestamp, Usage, WireModel
from jupyter_agent.tools.models import ClientTool, Mode, ToolImage

StopReason = Literal[
    "completed",
    "interrupted",
    "budget",
    "max_steps",
    "repetition",
    "timeout",
    "refused",
    "provider_error",
    "server_restart",
    "denied",
]
"""Why a turn ended; every finished turn has exactly one."""

TurnStatus = Literal["queued", "running", "waiting", "finished"]

EventType = Literal[
    "turn_started",
    "context",
    "model_selected",
    "compaction",
    "budget",
    "thinking",
    "content",
    "tool_call",
    "tool_progress",
    "approval_requested",
    "approval_decided",
    "client_tool_call",
    "tool_result",
    "usage",
    "tasks",
    "guidance",
    "error",
    "turn_finished",
]


PictureType = Literal["image/png", "image/jpeg", "image/gif", "image/webp"]


def picture_type(data: bytes) -> PictureType | None:
    """The media type of a picture, by its first bytes; None where it is none of the four that are taken."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


class TextPart(WireModel):
    type: Literal["text"] = "text"
    text: str


class ImagePart(WireModel):
    """A picture: sent as base64 `data`, or as the `blob_id` of one that is there already (`POST /blobs`, or another
    message). It is kept as a blob; reads give the `blob_id`, never the data."""

    type: Literal["image"] = "image"
    media_type: PictureType
    data: str | None = None
    """Base64 of the picture, 10 MB of bytes at the most; write only."""
    blob_id: str | None = None
    name: str | None = None

    @model_validator(mode="after")
    def _has_source(self) -> ImagePart:
        if (self.data is None) == (self.blob_id is None):
            raise ValueError("an image has either data or blob_id")
        return self


class ContextPart(WireModel):
    """Something of the user's work that was attached: a notebook, a cell, a selection, a file, a variable."""

    type: Literal["context"] = "context"
    kind: Literal["notebook", "cell", "selection", "file", "variable", "text"]
    name: str
    """What the chip shows."""
    text: str = ""
    """What the model reads."""
    path: str | None = None
    """Path inside the server's root, where there is one."""
    cell_id: str | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class ThinkingPart(WireModel):
    type: Literal["thinking"] = "thinking"
    text: str
    duration_ms: int | None = None


class ToolCallPart(WireModel):
    type: Literal["tool_call"] = "tool_call"
    tool_call_id: str
    name: str
    args: dict[str, Any] = Field(default_factory=dict)


class ToolResultPart(WireModel):
    type: Literal["tool_result"] = "tool_result"
    tool_call_id: str
    name: str = ""
    content: str
    is_error: bool = False
    duration_ms: int | None = None
    images: list[ToolImage] = Field(default_factory=list)
    blob_id: str | None = None
    """The whole result, where `content` is cut."""
    metadata: dict[str, Any] = Field(default_factory=dict)
    """For people, not for models: `changes`, `sudo_blocked`, `exit_code`, `approval` (what a person answered) ..."""


Part = Annotated[
    TextPart | ImagePart | ContextPart | ThinkingPart | ToolCallPart | ToolResultPart,
    Field(discriminator="type"),
]
InputPart = Annotated[TextPart | ImagePart | ContextPart, Field(discriminator="type")]


class ModelSettings(WireModel):
    """Sampling settings, passed to the provider where it knows them."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_output_tokens: int | None = Field(default=None, ge=1, le=1_000_000)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    stop: list[str] | None = Field(default=None, max_length=8)


class TurnStart(WireModel):
    """What starts a turn. Everything but the message is optional and counts for this turn only."""

    message: str = ""
    """The user's text."""
    parts: list[InputPart] = Field(default_factory=list, max_length=64)
    """More of the message: pictures (3 at the most) and context."""
    agent: str | None = None
    """The agent to use; null for the default one."""
    provider: str | None = None
    """Id of the provider; null for the session's, else the default one."""
    model: str | None = None
    """Id of the model at that provider; null for the session's, else the provider's default."""
    tools: list[str] | None = None
    """Names of the tools the model may use; null for all that are there, [] for none."""
    mode: Mode | None = None
    """How much it may do without asking; null for the session's."""
    client_tools: list[ClientTool] = Field(default_factory=list, max_length=64)
    """Tools that the caller runs: called by `client_tool_call`, answered by `POST /turns/{id}/tool-results`."""
    notebook: str | None = Field(default=None, max_length=1024)
    """The notebook that is meant where a tool names none; null for the session's."""
    waiting_kernel: str | None = Field(default=None, max_length=255)
    """Id of the kernel whose cell waits for this turn. It can do nothing else meanwhile: what would need it is refused,
    or done by the cell's `client_tools`."""
    system_prefix: str | None = Field(default=None, max_length=100_000)
    """Text put before the system prompt."""
    max_steps: int | None = Field(default=None, ge=1, le=500)
    """Model requests at the most."""
    thinking: Literal["minimal", "low", "medium", "high", "off"] | None = None
    """How much the model should think, where it can."""
    reflection: bool = False
    """A first pass writes a preliminary report (by another provider where there is one); the answer builds on it."""
    context_budget: int | None = Field(default=None, ge=256, le=10_000_000)
    """Tokens of context at the most; the oldest history is left out first."""
    budget: Money | None = None
    """US dollars at the most; reached, the turn stops before its next model request."""
    timeout_seconds: float | None = Field(default=None, gt=0, le=86_400)
    settings: ModelSettings | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    """Kept with the turn, never sent to the model."""

    @model_validator(mode="after")
    def _says_something(self) -> TurnStart:
        if not self.message.strip() and not self.parts:
            raise ValueError("a turn needs a message or parts")
        if sum(isinstance(part, ImagePart) for part in self.parts) > 3:
            raise ValueError("a message holds 3 images at the most")
        return self


class TurnError(WireModel):
    code: str
    """unauthorized, rate_limited, overloaded, unreachable, bad_response, cut, timeout, model_not_found,
    context_too_long, not_configured, breaker_open or internal_error.

    `breaker_open`: the provider has failed too often, or was stopped, and was not asked; with `retry_after_seconds` it
    is tried again then, without it when its breaker is reset (`POST /providers/{id}/breaker/reset`)."""
    message: str
    retryable: bool = False
    retry_after_seconds: float | None = None


class Turn(WireModel):
    """One exchange: the user's message, everything the agent did about it, and how it ended."""

    id: str
    session_id: str
    status: TurnStatus
    stop_reason: StopReason | None = None
    error: TurnError | None = None
    agent: str | None = None
    provider: str | None = None
    model: str | None = None
    usage: Usage
    steps: int = 0
    """Model requests made so far."""
    message: str = ""
    """The user's text, cut at 500 characters."""
    answer: str | None = None
    """The agent's last text; only in `GET /turns/{id}` and with ?wait=true."""
    retry_of: str | None = None
    pending_approvals: int = 0
    """Calls that wait for a person; `status` is `waiting` then."""
    event_count: int = 0
    created_at: Timestamp
    started_at: Timestamp | None = None
    finished_at: Timestamp | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class TurnEvent(WireModel):
    """One line of a turn's log. `index` counts from 0 without gaps; `data` by `type` as docs/events.md says."""

    index: int
    type: EventType
    data: dict[str, Any]


class Interrupt(WireModel):
    message: str | None = Field(default=None, max_length=2_000)
    """Why; kept with the turn and shown in its conversation."""


class Guidance(WireModel):
    message: str = Field(min_length=1, max_length=100_000)
    """Read by the model before its next step."""


class GuidanceAccepted(WireModel):
    id: str
    turn_id: str
    message: str
    created_at: Timestamp
    delivered_at: Timestamp | None = None


class Resend(WireModel):
    """A user's message again, changed or not; what is null stays as it was."""

    message: str | None = None
    """Another text in place of the first (edit and resend)."""
    parts: list[InputPart] | None = Field(default=None, max_length=64)
    """Other pictures and context in place of the first ones; [] for none."""
    provider: str | None = None
    model: str | None = None


class Retry(Resend):
    """Overrides for the second try; what is null stays as it was."""


class Task(WireModel):
    id: str
    title: str
    status: Literal["pending", "in_progress", "completed", "cancelled"] = "pending"


class TaskList(WireModel):
    session_id: str
    turn_id: str | None = None
    items: list[Task]
    progress: float
    """Completed tasks over all that were not cancelled, 0 to 1; 0 where there are none."""


class ActiveTurns(WireModel):
    items: list[Turn]


class Run(TurnStart):
    """One shot for automation: a session (new, or one to resume), one turn, its answer."""

    session_id: str | None = None
    """The session to go on with; null makes a new one."""
    title: str | None = Field(default=None, max_length=200)
    stream: bool = False
    """True answers with the turn's event stream."""


class RunResult(WireModel):
    session_id: str
    turn: Turn
    text: str
    """The agent's answer."""
