"""What the `tools` room sends and accepts: tools, policy, approvals, calls, checkpoints."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from jupyter_agent.api.models import Timestamp, WireModel

Mode = Literal["read_only", "ask", "auto_edit", "auto"]
"""How much an agent may do without asking. `read_only`: look, change nothing. `ask`: look; ask before anything else.
`auto_edit`: also edit notebooks and files, which can be undone. `auto`: everything that no rule forbids."""

Capability = Literal[
    "read",
    "notebook_edit",
    "file_write",
    "execute",
    "shell",
    "network",
    "external_directory",
    "secret",
    "client",
]
"""What a call needs. `execute`: code in a kernel; `shell`: a command in a terminal; `external_directory`: something
outside the server's root; `secret`: a file or variable that holds a key; `client`: a tool that its client runs."""

Effect = Literal["allow", "ask", "deny", "audit"]
"""What a rule says. `audit` allows, and marks the call in the record."""

Decision = Literal["allow", "ask", "deny"]
AskedBy = Literal["mode", "rule", "tool"]


class ToolInfo(WireModel):
    """A tool that a turn can be given."""

    name: str
    description: str
    input_schema: dict[str, Any]
    """JSON Schema of its arguments."""
    group: str
    """notebook, kernel, files, terminal, git, web, tasks, results, client or function."""
    capabilities: list[Capability]
    available: bool = True
    unavailable_reason: str | None = None


class ToolList(WireModel):
    items: list[ToolInfo]


class ToolCall(WireModel):
    """A tool used directly, under the same policy as an agent's."""

    arguments: dict[str, Any] = Field(default_factory=dict)
    session_id: str | None = None
    """The session whose mode and rules count, and whose notebook is meant; null for the caller's own policy."""
    approved: bool = False
    """Says yes in advance where the policy would ask. What it denies stays denied."""


class ToolImage(WireModel):
    media_type: str
    blob_id: str


class ToolCallResult(WireModel):
    """What a tool gave."""

    tool_call_id: str
    content: str
    """What a model reads. Where it was cut, its end says how to read on."""
    is_error: bool = False
    images: list[ToolImage] = Field(default_factory=list)
    blob_id: str | None = None
    """The whole result, where `content` is cut."""
    metadata: dict[str, Any] = Field(default_factory=dict)
    """For people and programs, not for models: `changes` (see Change), `sudo_blocked`, `exit_code` ..."""
    duration_ms: int


class PolicyRule(WireModel):
    """One rule. It counts for a call where everything that it names fits."""

    id: str | None = None
    effect: Effect
    tool: str = Field(default="*", max_length=200)
    """Name of the tool; `*` and `?` are wildcards."""
    arguments: dict[str, str] = Field(default_factory=dict)
    """Patterns, with `*` and `?`, for arguments by name; each has to fit the whole argument."""
    path: str | None = Field(default=None, max_length=1024)
    """Pattern for a path that the call touches, from the server's root."""
    capability: Capability | None = None
    session_id: str | None = None
    """The only session it counts for; null for all of the user's."""
    comment: str = Field(default="", max_length=500)
    source: Literal["admin", "user", "approval"] = "user"
    """Who made it. Rules of an administrator are read only and cannot be loosened."""
    created_at: Timestamp | None = None


class Policy(WireModel):
    """What the caller's agents may do."""

    mode: Mode
    """Of sessions that have none of their own."""
    rules: list[PolicyRule]
    """The caller's, those that approvals made included."""
    admin_rules: list[PolicyRule] = Field(default_factory=list)


class PolicyUpdate(WireModel):
    """What is null stays as it is."""

    mode: Mode | None = None
    rules: list[PolicyRule] | None = Field(default=None, max_length=500)
    """All of the caller's rules, in place of those that were there."""


class PolicyQuestion(WireModel):
    """A call that is only asked about."""

    tool: str = Field(max_length=200)
    arguments: dict[str, Any] = Field(default_factory=dict)
    session_id: str | None = None
    mode: Mode | None = None
    """In place of the session's, or the caller's."""


class PolicyAnswer(WireModel):
    """What the policy says to a call, and why."""

    decision: Decision
    audit: bool = False
    reason: str
    rule: PolicyRule | None = None
    """The rule that decided; null where it was the mode."""
    mode: Mode
    asked_by: AskedBy | None = None
    """Who asks, where the decision is to ask."""
    capabilities: list[Capability]
    """What the call needs."""
    paths: list[str] = Field(default_factory=list)
    """What it touches, from the server's root."""


class Change(WireModel):
    """One change to a cell or file, as it is shown to people."""

    kind: Literal["cell", "file"]
    action: Literal["create", "edit", "delete", "move", "rename", "outputs"]
    path: str
    cell_id: str | None = None
    title: str = ""
    """What it is about: `cell 12`, a file's name."""
    language: str | None = None
    before: str | None = None
    """Text; null where there was nothing."""
    after: str | None = None
    edit_id: str | None = None
    """Of the edit that was made of it; null while it is only planned."""
    previous_cell: str | None = None
    """Of a deleted cell: the id of the one below which it stood; null for the first."""


ApprovalStatus = Literal["pending", "approved", "denied", "expired", "cancelled"]


class Approval(WireModel):
    """A call that waits for a person, or that has waited."""

    id: str
    session_id: str
    turn_id: str
    tool_call_id: str
    tool: str
    arguments: dict[str, Any]
    shown: str
    """The call as text for people: control and direction characters are visible."""
    reason: str
    """Why it is asked: the rule or the mode, in words."""
    asked_by: AskedBy = "mode"
    """Who asks: the `mode`, because of what the call needs; a `rule`; the `tool` itself."""
    capabilities: list[Capability]
    changes: list[Change] = Field(default_factory=list)
    """What it would change."""
    status: ApprovalStatus
    remember: Literal["once", "session", "always"] = "once"
    edited_arguments: dict[str, Any] | None = None
    """What a person made of the arguments."""
    message: str | None = None
    """What was said with a no; the model reads it."""
    stop: bool = False
    """Whether the no ended the turn."""
    decided_by: str | None = None
    session_title: str = ""
    created_at: Timestamp
    decided_at: Timestamp | None = None
    expires_at: Timestamp | None = None

    def answer(self) -> dict[str, Any]:
        """What the call's record says of it: in its result's `metadata.approval`."""
        return self.model_dump(mode="json", include={"status", "decided_by", "message", "remember"})


class Approve(WireModel):
    arguments: dict[str, Any] | None = None
    """Other arguments in place of those asked about."""
    remember: Literal["once", "session", "always"] = "once"
    """`session` and `always` make a rule, so that the like is not asked again."""


class Deny(WireModel):
    message: str | None = Field(default=None, max_length=10_000)
    """Read by the model."""
    stop: bool = False
    """Ends the turn, with the stop reason `denied`."""


class ApprovalAnswer(WireModel):
    id: str
    approve: bool
    arguments: dict[str, Any] | None = None
    remember: Literal["once", "session", "always"] = "once"
    message: str | None = Field(default=None, max_length=10_000)
    stop: bool = False
    """With a no: ends the turn."""


class ApprovalAnswers(WireModel):
    """Several at once: all of them or none."""

    answers: list[ApprovalAnswer] = Field(min_length=1, max_length=200)


class ApprovalList(WireModel):
    items: list[Approval]


_CLIENT: list[Capability] = ["client"]


class ClientTool(WireModel):
    """A tool that the client runs which offers it."""

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")
    description: str = Field(default="", max_length=4_000)
    input_schema: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})
    capabilities: list[Capability] = Field(default_factory=lambda: _CLIENT.copy())
    """What it needs beside `client`; the policy decides by it."""
    timeout_seconds: float | None = Field(default=None, gt=0, le=86_400)
    """How long its answer is waited for; null for the server's setting."""


class ClientToolImage(WireModel):
    media_type: Literal["image/png", "image/jpeg", "image/gif", "image/webp"]
    data: str
    """Base64."""


class ClientToolResult(WireModel):
    tool_call_id: str
    content: str
    is_error: bool = False
    images: list[ClientToolImage] = Field(default_factory=list, max_length=3)


class ClientToolResults(WireModel):
    results: list[ClientToolResult] = Field(min_length=1, max_length=100)


class FunctionsOffer(WireModel):
    """The functions of a notebook that its kernel offers, all of them."""

    kernel_id: str = Field(max_length=255)
    notebook: str | None = Field(default=None, max_length=1024)
    """As the kernel knows it; which notebooks a kernel runs for is known to the server."""
    key: str = Field(min_length=8, max_length=64)
    """Of the kernel's process: a call meant for the one before a restart is not answered."""
    functions: list[ClientTool] = Field(max_length=64)
    awaited: list[str] = Field(default_factory=list, max_length=64)
    """Names of those that are awaited in the kernel's event loop. The others are called, so that an interrupt stops
    them wherever they are."""


class FunctionsOffered(WireModel):
    kernel_id: str
    notebook: str | None
    functions: list[ClientTool]


class FunctionsList(WireModel):
    items: list[FunctionsOffered]


ToolCallStatus = Literal["waiting", "running", "done", "error", "denied", "cancelled"]


class ToolCallRecord(WireModel):
    """One call of a turn, as it was recorded."""

    id: str
    turn_id: str | None
    tool_call_id: str
    name: str
    arguments: dict[str, Any]
    """As it was run: a person may have changed what the model asked for."""
    status: ToolCallStatus
    content: str = ""
    """The first 2,000 characters of the result."""
    blob_id: str | None = None
    is_error: bool = False
    metadata: dict[str, Any] = Field(default_factory=dict)
    decision: Decision
    approval_id: str | None = None
    approved_by: str | None = None
    duration_ms: int | None = None
    """Of its work, without waiting for a person."""
    created_at: Timestamp
    started_at: Timestamp | None = None
    finished_at: Timestamp | None = None


class TurnTools(WireModel):
    turn_id: str
    tool_calls: list[ToolCallRecord]


class PolicyDecision(WireModel):
    id: str
    tool_call_id: str
    tool_name: str
    decision: Decision
    audit: bool = False
    rule: PolicyRule | None = None
    reason: str
    created_at: Timestamp


class TurnPolicy(WireModel):
    turn_id: str
    decisions: list[PolicyDecision]


EditState = Literal["applied", "accepted", "undone"]


class Edit(WireModel):
    """A change that a turn made, kept so that it can be undone."""

    id: str
    turn_id: str
    tool_call_id: str | None = None
    change: Change
    state: EditState
    created_at: Timestamp
    changed_at: Timestamp


class Checkpoint(WireModel):
    """All that one turn changed."""

    turn_id: str
    session_id: str
    message: str
    """The first words of what was asked."""
    state: Literal["applied", "partly_undone", "undone"]
    edits: list[Edit]
    created_at: Timestamp


class CheckpointList(WireModel):
    items: list[Checkpoint]


class Undo(WireModel):
    edit_ids: list[str] | None = Field(default=None, min_length=1, max_length=1_000)
    """Only these; null for all of the turn's."""


class UndoConflict(WireModel):
    """Why an edit was not undone: somebody changed the same cell or file since."""

    edit_id: str
    path: str
    cell_id: str | None = None
    message: str
