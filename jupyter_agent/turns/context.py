"""What the model will see: system prompt, history, the message and what is attached to it, under a token budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import quoteattr

from jupyter_agent.turns.models import TurnStart

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, UserContent
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.storage.tables import MessageRow

CHARACTERS_PER_TOKEN = 4
"""Of English text and code, about. Used where nobody has counted yet; `source` in the context event says so."""
IMAGE_TOKENS = 1000
CUT = "\n[... left out ...]\n"
RESULT_CHARACTERS = 4_000
"""Of a tool's result in turns that are over."""
RESULT_PICTURES = 4
"""Of tools' results in turns that are over: the newest ones."""
SHARE_OF_WINDOW = 0.75
"""Of a model's context window; the rest is for its answer and for what an estimate misses."""


def estimate(text: str) -> int:
    """Tokens of a text, about."""
    return -(-len(text.encode()) // CHARACTERS_PER_TOKEN)


@dataclass(frozen=True)
class HistoryMessage:
    """One message of the conversation, as the context needs it."""

    role: str
    parts: list[dict[str, Any]]

    def tokens(self) -> int:
        total = 4
        for part in self.parts:
            if part["type"] == "image":
                total += IMAGE_TOKENS
            elif part["type"] == "tool_call":
                total += estimate(part["name"]) + estimate(str(part["args"]))
            elif part["type"] == "tool_result":
                total += estimate(part["content"]) + IMAGE_TOKENS * len(part.get("images", ()))
            elif part["type"] != "thinking":
                total += estimate(part["text"])
        return total


@dataclass(frozen=True)
class Context:
    """What goes to the model."""

    instructions: str
    history: list[HistoryMessage]
    left_out: int
    """Messages of the history that did not fit; the oldest ones."""
    message: HistoryMessage
    tokens: dict[str, int]
    budget: int | None

    def event(self) -> dict[str, Any]:
        return {
            "tokens": self.tokens,
            "budget": self.budget,
            "source": "estimate",
            "history_depth": len(self.history),
            "left_out": self.left_out,
        }


def build(
    *,
    instructions: str,
    history: Sequence[HistoryMessage],
    message: HistoryMessage,
    tool_schemas: str,
    budget: int | None,
) -> Context:
    """Leaves out the oldest history until the rest fits. The system prompt and the message always stay."""
    attached = HistoryMessage("user", [part for part in message.parts if part["type"] != "text"])
    tokens = {
        "system_prompt": estimate(instructions),
        "tools": estimate(tool_schemas) if tool_schemas else 0,
        "message": message.tokens() - attached.tokens() + 4,
        "attachments": attached.tokens() - 4,
    }
    left = None if budget is None else budget - sum(tokens.values())
    kept: list[HistoryMessage] = []
    used = 0
    for one in reversed(history):
        size = one.tokens()
        if left is not None and used + size > left:
            # The last thing said is cut rather than left out: the next question is most likely about it.
            if not kept and (cut := _cut(one, left)) is not None:
                kept.append(cut)
                used += cut.tokens()
            break
        kept.append(one)
        used += size
    kept.reverse()
    # A history that begins with an answer to a question nobody sees confuses models, and some refuse it.
    while kept and kept[0].role == "assistant":
        used -= kept.pop(0).tokens()
    return Context(
        instructions=instructions,
        history=kept,
        left_out=len(history) - len(kept),
        message=message,
        tokens={**tokens, "history": used},
        budget=budget,
    )


def _cut(message: HistoryMessage, tokens: int) -> HistoryMessage | None:
    """The message with the middle of its longest text left out; None where that does not make it fit."""
    texts = [index for index, part in enumerate(message.parts) if part["type"] == "text"]
    if not texts:
        return None
    longest = max(texts, key=lambda index: len(message.parts[index]["text"]))
    text = message.parts[longest]["text"]
    over = message.tokens() - tokens
    # A token of the estimate is four bytes at the most; a character is one byte at the least.
    keep = len(text) - (over * CHARACTERS_PER_TOKEN + len(CUT) + CHARACTERS_PER_TOKEN)
    if keep < 200:
        return None
    shorter = text[: keep // 2] + CUT + text[len(text) - keep // 2 :]
    parts = [*message.parts[:longest], {**message.parts[longest], "text": shorter}, *message.parts[longest + 1 :]]
    cut = HistoryMessage(message.role, parts)
    return cut if cut.tokens() <= tokens else None


def budget_of(start: TurnStart, setting: int, window: int | None) -> int | None:
    """Tokens of context a turn may use: its own budget, the setting, or what the model's window holds."""
    if start.context_budget is not None:
        return start.context_budget
    if setting:
        return setting
    return int(window * SHARE_OF_WINDOW) if window else None


def read_history(orm: Orm, session_id: str, before_turn: str) -> list[HistoryMessage]:
    """The messages in context, without those of the turn itself."""
    from sqlalchemy import or_, select

    from jupyter_agent.storage.tables import MessageRow

    rows = orm.execute(
        select(MessageRow.role, MessageRow.parts)
        .where(
            MessageRow.session_id == session_id,
            MessageRow.in_context.is_(True),
            or_(MessageRow.turn_id.is_(None), MessageRow.turn_id != before_turn),
        )
        .order_by(MessageRow.seq)
    )
    return shortened([HistoryMessage(row.role, row.parts) for row in rows])


def shortened(messages: list[HistoryMessage]) -> list[HistoryMessage]:
    """The history with long results of tools cut, and only the newest pictures among them: the turn that asked for
    them has read them whole."""
    left = RESULT_PICTURES
    made: list[HistoryMessage] = []
    for message in reversed(messages):
        parts = []
        for part in reversed(message.parts):
            if part["type"] == "tool_result":
                images = part.get("images", [])
                kept = images[:left]
                left -= len(kept)
                part = {**part, "content": _cut_result(part), "images": kept}
            parts.append(part)
        made.append(HistoryMessage(message.role, parts[::-1]))
    return made[::-1]


def _cut_result(part: dict[str, Any]) -> str:
    text: str = part["content"]
    if len(text) <= RESULT_CHARACTERS:
        return text
    more = f' read_result(id="{part["blob_id"]}") reads all of it.' if part.get("blob_id") else ""
    half = RESULT_CHARACTERS // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters are left out.{more}]\n{text[-half:]}"


def read_message(orm: Orm, turn_id: str) -> HistoryMessage:
    """The user's message that started the turn."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import MessageRow

    row: MessageRow = orm.scalars(
        select(MessageRow).where(MessageRow.turn_id == turn_id).order_by(MessageRow.seq).limit(1)
    ).one()
    return HistoryMessage(row.role, row.parts)


def image_ids(messages: Sequence[HistoryMessage]) -> set[str]:
    found = set()
    for message in messages:
        for part in message.parts:
            if part["type"] == "image":
                found.add(part["blob_id"])
            elif part["type"] == "tool_result":
                found |= {image["blob_id"] for image in part.get("images", ())}
    return found


def _context_text(part: dict[str, Any]) -> str:
    names = ("kind", "name", "path", "cell_id")
    attributes = " ".join(f"{name}={quoteattr(str(part[name]))}" for name in names if part.get(name))
    return f"<context {attributes}>\n{part['text']}\n</context>"


def user_content(message: HistoryMessage, images: dict[str, tuple[str, bytes]], sees: bool) -> list[UserContent]:
    """A message of the user for pydantic-ai. Where the model sees no pictures, their names stand for them."""
    from pydantic_ai.messages import BinaryContent

    attached: list[UserContent] = []
    said: list[UserContent] = []
    for part in message.parts:
        if part["type"] == "context":
            attached.append(_context_text(part))
        elif part["type"] == "image":
            found = images.get(part["blob_id"])
            if found is None or not sees:
                attached.append(f"[picture: {part.get('name') or part['media_type']}]")
            else:
                attached.append(BinaryContent(data=found[1], media_type=found[0]))
        elif part["type"] == "text":
            said.append(part["text"])
    return [*attached, *said]


def model_messages(
    messages: Sequence[HistoryMessage], images: dict[str, tuple[str, bytes]], *, sees: bool, calls_tools: bool
) -> list[ModelMessage]:
    """The history for pydantic-ai. Every tool call has its result, as providers demand; one cut off says so."""
    from pydantic_ai.messages import (
        ModelRequest,
        ModelResponse,
        SystemPromptPart,
        TextPart,
        ToolCallPart,
        ToolReturnPart,
        UserPromptPart,
    )

    result: list[ModelMessage] = []
    for message in messages:
        if message.role == "system":
            text = "\n\n".join(part["text"] for part in message.parts if part["type"] == "text")
            result.append(ModelRequest(parts=[SystemPromptPart(content=text)]))
            continue
        if message.role == "user":
            content = user_content(message, images, sees)
            plain = content[0] if len(content) == 1 and isinstance(content[0], str) else content
            result.append(ModelRequest(parts=[UserPromptPart(content=plain)]))
            continue
        open_calls: dict[str, str] = {}
        for part in message.parts:
            if part["type"] == "text" and part["text"]:
                _close(result, open_calls)
                _respond(result, TextPart(content=part["text"]))
            elif part["type"] == "tool_call" and calls_tools:
                _respond(
                    result,
                    ToolCallPart(tool_name=part["name"], args=part["args"], tool_call_id=part["tool_call_id"]),
                )
                open_calls[part["tool_call_id"]] = part["name"]
            elif part["type"] == "tool_result" and part["tool_call_id"] in open_calls:
                name = open_calls.pop(part["tool_call_id"])
                returned = ToolReturnPart(
                    tool_name=name,
                    content=_result_content(part, images, sees),
                    tool_call_id=part["tool_call_id"],
                    outcome=_outcome(part),
                )
                if result and isinstance(result[-1], ModelRequest):
                    result[-1].parts = [*result[-1].parts, returned]
                else:
                    result.append(ModelRequest(parts=[returned]))
        _close(result, open_calls)
        last = result[-1] if result else None
        if isinstance(last, ModelRequest) and any(isinstance(part, ToolReturnPart) for part in last.parts):
            # The turn was stopped between a tool and the model's next words.
            result.append(ModelResponse(parts=[TextPart(content="[stopped]")]))
    return result


def _result_content(part: dict[str, Any], images: dict[str, tuple[str, bytes]], sees: bool) -> Any:
    """What a tool gave, with its pictures where the model sees any. Its metadata is not for models."""
    from pydantic_ai.messages import BinaryContent

    from jupyter_agent.tools.gate import load_pictures

    found = [images[image["blob_id"]] for image in part.get("images", ()) if image["blob_id"] in images]
    if not found or not sees:
        return part["content"]
    pictures = load_pictures(found)
    return [part["content"], *(BinaryContent(data=one.data, media_type=one.media_type) for one in pictures)]


def _outcome(part: dict[str, Any]) -> Literal["success", "failed", "denied"]:
    if not part["is_error"]:
        return "success"
    return "denied" if part.get("metadata", {}).get("denied") else "failed"


def _respond(result: list[ModelMessage], part: Any) -> None:
    from pydantic_ai.messages import ModelResponse

    if result and isinstance(result[-1], ModelResponse):
        result[-1].parts = [*result[-1].parts, part]
    else:
        result.append(ModelResponse(parts=[part]))


def _close(result: list[ModelMessage], open_calls: dict[str, str]) -> None:
    from pydantic_ai.messages import ModelRequest, ToolReturnPart

    if open_calls:
        parts = [
            ToolReturnPart(tool_name=name, content="Stopped before it was done.", tool_call_id=id, outcome="failed")
            for id, name in open_calls.items()
        ]
        if result and isinstance(result[-1], ModelRequest):
            result[-1].parts = [*result[-1].parts, *parts]
        else:
            result.append(ModelRequest(parts=parts))
        open_calls.clear()
