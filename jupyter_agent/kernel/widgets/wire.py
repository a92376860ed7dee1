"""What goes between the widgets and their front ends: every custom message, and the plain values of the traits.

The front end has the same types in `labextension/widgets/src/wire.ts`."""

from __future__ import annotations

from typing import Any, Literal, Protocol, TypedDict

# Values of traits -----------------------------------------------------------------------------------------------------


class TextBlock(TypedDict):
    kind: Literal["text", "thinking", "guidance"]
    text: str


class ToolBlock(TypedDict):
    kind: Literal["tool"]
    id: str
    name: str
    args: dict[str, Any]
    state: Literal["running", "waiting", "done", "error", "unknown"]
    text: str
    """What it gave."""
    approval: str | None
    """The id of the approval that it waits for."""
    question: str
    """What would be done, and what would change, as text; empty where nobody is asked."""


Block = TextBlock | ToolBlock


class _MessageDict(TypedDict):
    id: str
    role: Literal["user", "assistant", "system"]
    text: str
    turn_id: str | None
    created_at: str
    """ISO 8601, UTC."""
    model: str | None
    """provider/model; None for what no model wrote."""
    usage: dict[str, Any] | None
    cost: str | None
    """US dollars, exactly; None where no price is known."""
    stop_reason: str | None
    """Why the turn ended; on its last message."""
    error: str | None
    """What went wrong in the turn; on its last message."""
    duration_ms: int | None
    attachments: list[str]
    """Names of the pictures and the context that went along."""


class MessageDict(_MessageDict, total=False):
    """One entry of `ChatWidget.messages`."""

    blocks: list[Block]
    """Where there is more than text: text, thinking and tools in their order."""


class LiveDict(TypedDict):
    """The turn that is being answered, as far as it has come."""

    turn_id: str
    model: str | None
    blocks: list[Block]


class SessionDict(TypedDict):
    """One entry of `SessionsWidget.sessions`."""

    id: str
    title: str
    preview: str
    status: str
    message_count: int
    running: bool
    cost: str | None
    last_activity_at: str


# From the kernel ------------------------------------------------------------------------------------------------------


class Appended(TypedDict):
    """Text was added to a block. `start`: the block's length before, in UTF-16 units as JavaScript counts, so that
    what a view has already is not added twice, and what it misses is noticed."""

    at: int
    start: int
    text: str


class Replaced(TypedDict):
    """A block that is new or has changed."""

    at: int
    block: Block


class Delta(TypedDict):
    type: Literal["delta"]
    turn_id: str
    model: str | None
    changes: list[Appended | Replaced]


class Ack(TypedDict):
    """A command has reached the kernel. Until then the kernel is busy, or gone."""

    type: Literal["ack"]
    id: str


class Done(TypedDict):
    type: Literal["done"]
    id: str
    note: str
    """For the live region and the line below the box; empty where there is nothing to say."""


class Failed(TypedDict):
    type: Literal["failed"]
    id: str
    message: str


class Contents(TypedDict):
    """What was sent in a model request: the items of its snapshot, with their contents."""

    type: Literal["contents"]
    request_id: str
    items: list[dict[str, Any]]


FromKernel = Delta | Ack | Done | Failed | Contents

# From the front end ---------------------------------------------------------------------------------------------------


class Send(TypedDict):
    type: Literal["send"]
    id: str
    text: str


class Simple(TypedDict):
    """`sync` asks for the whole state: a view has missed something."""

    type: Literal["stop", "new", "sync", "retry", "more", "undo"]
    id: str


class Decide(TypedDict):
    """Says yes or no to a call that waits."""

    type: Literal["decide"]
    id: str
    approval_id: str
    approve: bool


class Search(TypedDict):
    type: Literal["search"]
    id: str
    query: str


class OnSession(TypedDict):
    type: Literal["open", "delete"]
    id: str
    session_id: str


class Rename(TypedDict):
    type: Literal["rename"]
    id: str
    session_id: str
    title: str


class Archive(TypedDict):
    type: Literal["archive"]
    id: str
    session_id: str
    archived: bool


class Refresh(TypedDict):
    type: Literal["refresh"]
    id: str


class AskContents(TypedDict):
    type: Literal["contents"]
    id: str
    request_id: str


class Grade(TypedDict):
    type: Literal["grade"]
    id: str
    grade: int
    comment: str


class Group(TypedDict):
    """What a report is about."""

    type: Literal["group"]
    id: str
    period: str
    by: str
    """With commas between."""


class SetBudget(TypedDict):
    """One limit; without an amount it is removed."""

    type: Literal["set"]
    id: str
    scope: str
    session_id: str
    """Empty for each."""
    soft: str
    hard: str


TurnCommand = Refresh | AskContents | Grade
CostsCommand = Refresh | Group | SetBudget
ChatCommand = Send | Simple | Decide
SessionsCommand = Simple | Search | OnSession | Rename | Archive


class Screen(Protocol):
    """What a conversation is shown on. Called in the background thread."""

    def show(self, **traits: Any) -> None:
        """Sets traits, in this order."""

    def post(self, message: FromKernel) -> None:
        """Sends a custom message to every view."""


def text_field(message: dict[str, Any], name: str, *, longest: int = 10_000_000) -> str:
    """A text of a message from a front end. Raises ValueError where it is none."""
    value = message.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError(f"{name}: a text of {longest} characters at the most")
    return value
