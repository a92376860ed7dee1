"""A turn as it is answered: events in, blocks out. Pure, and safe to look at from another thread."""

from __future__ import annotations

import copy
import json
import threading
from typing import Any, cast

from jupyter_agent.kernel.approvals import difference, visible
from jupyter_agent.kernel.widgets.wire import Appended, Block, LiveDict, Replaced, TextBlock, ToolBlock
from jupyter_agent.tools.models import Change
from jupyter_agent.turns.models import TurnEvent


def utf16_length(text: str) -> int:
    """How long JavaScript thinks it is."""
    return len(text) + sum(character > "\uffff" for character in text)


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def _question(data: dict[str, Any]) -> str:
    """What is asked before a call, as text."""
    changes = [difference(Change.model_validate(change, extra="ignore")) for change in data.get("changes", [])]
    return visible("\n".join(part for part in [as_text(data.get("shown")), *changes] if part))


class Live:
    """The blocks of one turn and what of them the views have not been told yet."""

    def __init__(self, turn_id: str, model: str | None) -> None:
        self.turn_id = turn_id
        self.model = model
        self._lock = threading.Lock()
        self._blocks: list[Block] = []
        self._lengths: list[int] = []
        """Of each block's text, in UTF-16 units."""
        self._changes: list[Appended | Replaced] = []

    @property
    def text(self) -> str:
        """What the agent has said so far."""
        with self._lock:
            return "\n\n".join(block["text"] for block in self._blocks if block["kind"] == "text")

    def snapshot(self) -> LiveDict:
        with self._lock:
            return {"turn_id": self.turn_id, "model": self.model, "blocks": copy.deepcopy(self._blocks)}

    def take_changes(self) -> list[Appended | Replaced]:
        """What has changed since the last call; deltas of one block are one change."""
        with self._lock:
            changes, self._changes = self._changes, []
            return changes

    def apply(self, event: TurnEvent) -> None:
        """Takes one more event; the caller gives each once and in order."""
        data = event.data
        with self._lock:
            if event.type in ("turn_started", "model_selected"):
                if data.get("strategy") == "reflection":
                    return  # it writes a report for the one that answers
                self.model = "/".join(filter(None, (data.get("provider"), data.get("model")))) or self.model
            elif event.type == "content":
                self._append("text", as_text(data.get("delta")))
            elif event.type == "thinking":
                self._append("thinking", as_text(data.get("delta")))
            elif event.type == "guidance":
                self._put(len(self._blocks), {"kind": "guidance", "text": as_text(data.get("message"))})
            elif event.type in ("tool_call", "client_tool_call"):
                self._tool(data, name=as_text(data.get("name")), args=data.get("args"))
            elif event.type == "approval_requested":
                self._tool(data, state="waiting", approval=data.get("approval_id"), question=_question(data))
            elif event.type == "approval_decided":
                self._tool(data, args=data.get("args"))
            elif event.type == "tool_progress":
                self._tool(data, more=as_text(data.get("delta")))
            elif event.type == "tool_result":
                self._tool(
                    data,
                    state="error" if data.get("is_error") else "done",
                    name=as_text(data.get("name")),
                    text=as_text(data.get("content")),
                )

    def _append(self, kind: str, text: str) -> None:
        if not text:
            return
        last = len(self._blocks) - 1
        if last < 0 or self._blocks[last]["kind"] != kind:
            self._put(last + 1, cast("TextBlock", {"kind": kind, "text": text}))
            return
        start, length = self._lengths[last], utf16_length(text)
        self._blocks[last]["text"] += text
        self._lengths[last] = start + length
        change = self._changes[-1] if self._changes else None
        if change is not None and change["at"] == last:
            if "block" in change:
                cast("Replaced", change)["block"]["text"] += text
            else:
                change["text"] += text
        else:
            self._changes.append({"at": last, "start": start, "text": text})

    def _put(self, at: int, block: Block) -> None:
        if at == len(self._blocks):
            self._blocks.append(block)
            self._lengths.append(0)
        else:
            self._blocks[at] = block
        self._lengths[at] = utf16_length(block["text"])
        self._changes.append({"at": at, "block": copy.deepcopy(block)})

    def _tool(
        self,
        data: dict[str, Any],
        *,
        state: Any = "running",
        name: str = "",
        args: Any = None,
        text: str | None = None,
        more: str = "",
        approval: str | None = None,
        question: str = "",
    ) -> None:
        id = as_text(data.get("tool_call_id"))
        at = next(
            (at for at, block in enumerate(self._blocks) if block["kind"] == "tool" and block["id"] == id),
            len(self._blocks),
        )
        before = cast("ToolBlock | None", self._blocks[at] if at < len(self._blocks) else None)
        known: ToolBlock = before or {
            "kind": "tool",
            "id": id,
            "name": "",
            "args": {},
            "state": "running",
            "text": "",
            "approval": None,
            "question": "",
        }
        self._put(
            at,
            {
                **known,
                "name": name or known["name"],
                "args": args if isinstance(args, dict) else known["args"],
                "state": state,
                "text": known["text"] + more if text is None else text,
                "approval": approval,
                "question": question,
            },
        )
