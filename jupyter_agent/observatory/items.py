"""What a request sends, as items that people can read: one a part of a message, one a tool's schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from pydantic_ai.messages import (
    BinaryContent,
    SystemPromptPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.tools import ToolDefinition

from jupyter_agent.observatory import tokens
from jupyter_agent.observatory.models import ContextPartName

Role = Literal["system", "user", "assistant", "tool"]

OVERHEAD = 4
"""Tokens around a message or a part of one, about."""


class Label(NamedTuple):
    """What a piece of the instructions or of the question is."""

    part: ContextPartName
    title: str
    kind: str | None = None
    """Of what was attached or retrieved."""
    id: str | None = None
    path: str | None = None
    score: float | None = None


@dataclass
class Item:
    role: Role
    title: str
    text: str
    """What was sent; pictures by their kind and size."""
    extra: int = OVERHEAD
    """Tokens of what is not in the text: pictures, and what is around it."""
    tokens: int = 0
    part: ContextPartName = "history"
    label: Label | None = None
    sha256: str = ""
    counter: str = ""
    """What counted them."""

    def placed(self, part: ContextPartName, label: Label | None = None) -> Item:
        return Item(
            self.role,
            label.title if label is not None else self.title,
            self.text,
            self.extra,
            self.tokens,
            part,
            label,
            self.sha256,
            self.counter,
        )


def of_part(part: Any) -> list[Item]:
    """The items of a message's part: one, but for what the user says with pictures or attachments."""
    if isinstance(part, SystemPromptPart):
        return [Item("system", "Instructions", part.content)]
    if isinstance(part, UserPromptPart):
        return [_of_content("user", "You", one) for one in contents(part.content)]
    if isinstance(part, TextPart):
        return [Item("assistant", "Assistant", part.content)]
    if isinstance(part, ThinkingPart):
        return [Item("assistant", "Thinking", part.content)]
    if isinstance(part, ToolCallPart):
        call = {"name": part.tool_name, "arguments": _arguments(part)}
        return [Item("assistant", part.tool_name, json.dumps(call, ensure_ascii=False, default=str))]
    if isinstance(part, ToolReturnPart):
        if isinstance(part.content, list):
            return [_of_content("tool", part.tool_name, one) for one in part.content]
        return [Item("tool", part.tool_name, part.model_response_str())]
    return [Item("user" if hasattr(part, "timestamp") else "assistant", type(part).__name__, _readable(part))]


def contents(content: Any) -> Sequence[Any]:
    return [content] if isinstance(content, str) else content


def _of_content(role: Role, title: str, content: Any) -> Item:
    if isinstance(content, str):
        return Item(role, title, content)
    if isinstance(content, BinaryContent):
        about = [content.media_type, f"{len(content.data):,} bytes"]
        if content.identifier.startswith("blob_"):
            about.append(content.identifier)
        size = tokens.picture(content.data) if content.is_image else len(content.data) // tokens.BYTES_PER_TOKEN
        # Its name in the text stands for it: it is not sent, and so not counted.
        return Item(role, title, f"[{', '.join(about)}]", extra=size)
    return Item(role, title, _readable(content))


def _arguments(part: ToolCallPart) -> Any:
    try:
        return part.args_as_dict()
    except ValueError:  # what the model wrote is not JSON
        return part.args


def _readable(value: Any) -> str:
    from pydantic_core import to_json

    return to_json(value, serialize_unknown=True, bytes_mode="base64").decode()


_schemas: dict[tuple[str, str | None, int], tuple[Any, Item]] = {}
"""By the identity of the schema, which is kept alive by it: tools are the same in each turn."""
MOST_SCHEMAS = 2_000


def of_tool(tool: ToolDefinition) -> Item:
    key = (tool.name, tool.description, id(tool.parameters_json_schema))
    found = _schemas.get(key)
    if found is not None:
        return found[1]
    schema = {"name": tool.name, "description": tool.description, "parameters": tool.parameters_json_schema}
    item = Item("system", tool.name, json.dumps(schema, ensure_ascii=False), extra=2 * OVERHEAD, part="tools")
    if len(_schemas) >= MOST_SCHEMAS:
        _schemas.clear()
    _schemas[key] = (tool.parameters_json_schema, item)
    return item


def is_picture(item: Item) -> bool:
    """Whether the item's text only stands for what was sent."""
    return item.extra > 2 * OVERHEAD


def count(items: Sequence[Item]) -> str:
    """Counts the items that were not counted yet, or not by the tokenizer that there is now. Says what counted."""
    counter = tokens.counter()
    fresh = [item for item in items if item.counter != counter]
    if fresh:
        counts, counter = tokens.count(["" if is_picture(item) else item.text for item in fresh])
        for item, size in zip(fresh, counts, strict=True):
            item.tokens, item.counter = size + item.extra, counter
    return counter
