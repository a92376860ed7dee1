"""From a turn's events to the messages it leaves in the conversation: the same way whether the turn has just ended, or
its server died and another one reads its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from jupyter_agent.storage.search import clean_text


@dataclass
class TurnMessage:
    role: Literal["user", "assistant"]
    parts: list[dict[str, Any]] = field(default_factory=list)


class MessagesBuilder:
    """Fed with the events of a turn in their order."""

    def __init__(self) -> None:
        self.messages: list[TurnMessage] = [TurnMessage("assistant")]

    @property
    def _parts(self) -> list[dict[str, Any]]:
        return self.messages[-1].parts

    def feed(self, type: str, data: dict[str, Any]) -> None:
        parts = self._parts
        if type == "content":
            self._text("text", data["delta"])
        elif type == "thinking":
            self._text("thinking", data["delta"])
        elif type == "tool_call":
            parts.append(
                {
                    "type": "tool_call",
                    "tool_call_id": data["tool_call_id"],
                    "name": data["name"],
                    "args": data["args"],
                }
            )
        elif type == "tool_result":
            parts.append(
                {
                    "type": "tool_result",
                    "tool_call_id": data["tool_call_id"],
                    "name": data["name"],
                    "content": data["content"],
                    "is_error": data["is_error"],
                    "duration_ms": data["duration_ms"],
                    # Where there is any: logs of before have none.
                    **{name: data[name] for name in ("images", "blob_id", "metadata") if data.get(name)},
                }
            )
        elif type == "guidance":
            self.messages.append(TurnMessage("user", [{"type": "text", "text": data["message"]}]))
            self.messages.append(TurnMessage("assistant"))

    def _text(self, kind: str, delta: str) -> None:
        parts = self._parts
        if not parts or parts[-1]["type"] != kind:
            parts.append({"type": kind, "text": []})
        # Deltas are joined once, at the end: joining as they come costs more the longer the answer is.
        parts[-1]["text"].append(delta)

    def finished(self) -> list[TurnMessage]:
        """The messages; one of the agent without a word is left out."""
        for message in self.messages:
            for part in message.parts:
                if isinstance(part.get("text"), list):
                    part["text"] = clean_text("".join(part["text"]))
        return [message for message in self.messages if message.parts]


def last_text(parts: list[dict[str, Any]]) -> str | None:
    """The agent's last words in a message."""
    texts = [part["text"] for part in parts if part["type"] == "text" and part["text"]]
    return texts[-1] if texts else None
