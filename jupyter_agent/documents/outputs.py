"""What a running cell puts out, gathered as a front end does: streams joined, displays updated, output cleared, lines
overwritten by carriage returns gone. However much comes, a bounded part is kept."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from typing import Any

Output = dict[str, Any]

HEAD_CHARACTERS = 8_000_000
"""Of a cell's streams so much is kept from the beginning ..."""
TAIL_CHARACTERS = 2_000_000
"""... and so much from the end."""
DISPLAY_CHARACTERS = 50_000_000
"""Most of all other outputs of a cell; what comes after is named, not kept."""
MOST_OUTPUTS = 5_000
"""Outputs of a cell; of those that come after them only errors are kept."""
STREAMED_CHARACTERS = 1_000_000
"""So much of a running cell's output goes to a live tab while it runs; the rest when it has ended."""


class Stream:
    """The text of one stream: its beginning and its end."""

    def __init__(self, name: str, room: int) -> None:
        self.name = name
        self._room = room
        self.head_length = 0
        self._head: list[str] = []
        self._tail: deque[str] = deque()
        self._tail_length = 0
        self.cut = 0
        """Characters that were not kept."""
        self._line: list[str] = []
        self._line_length = 0
        self._overwrites = False

    def write(self, text: str) -> None:
        settled, newline, rest = text.rpartition("\n")
        if newline:
            self._line.append(settled)
            self._overwrites = self._overwrites or "\r" in settled or "\b" in settled
            self._settle("\n")
        if rest:
            self._line.append(rest)
            self._line_length += len(rest)
            if "\r" in rest or "\b" in rest or self._overwrites:
                folded = fold("".join(self._line))
                self._line, self._line_length = [folded], len(folded)
                self._overwrites = "\r" in folded
            elif self._line_length > HEAD_CHARACTERS:
                self._settle("")

    def _settle(self, end: str) -> None:
        text = "".join(self._line) + end
        if self._overwrites:
            text = fold(text)
        self._line, self._line_length, self._overwrites = [], 0, False
        if self._room > 0:
            kept, text = text[: self._room], text[self._room :]
            self._head.append(kept)
            self.head_length += len(kept)
            self._room -= len(kept)
        if text:
            self._tail.append(text)
            self._tail_length += len(text)
            while self._tail_length - len(self._tail[0]) >= TAIL_CHARACTERS:
                gone = self._tail.popleft()
                self._tail_length -= len(gone)
                self.cut += len(gone)
            if self._tail_length > TAIL_CHARACTERS:
                extra = self._tail_length - TAIL_CHARACTERS
                self._tail[0] = self._tail[0][extra:]
                self._tail_length -= extra
                self.cut += extra

    @property
    def tail_length(self) -> int:
        return self._tail_length

    def forget_tail(self) -> None:
        """Makes room for a later end."""
        self.cut += self._tail_length
        self._tail.clear()
        self._tail_length = 0

    def output(self) -> Output:
        note = f"\n[... {self.cut:,} characters of output were not kept ...]\n" if self.cut else ""
        line = "".join(self._line).rstrip("\r")
        text = "".join(self._head) + note + "".join(self._tail) + line
        return {"output_type": "stream", "name": self.name, "text": text}


def fold(text: str) -> str:
    """Text as a terminal would show it that knows backspaces and carriage returns; one at its very end stays, because
    what comes next writes over its line."""
    while "\b" in text:
        shorter = re.sub(r"[^\n\r\b]\x08", "", text)
        text = shorter if shorter != text else text.replace("\b", "")
    if "\r" not in text:
        return text
    return "\n".join(_fold_line(line) for line in text.replace("\r\n", "\n").split("\n"))


def _fold_line(line: str) -> str:
    if "\r" not in line:
        return line
    shown = ""
    for part in line.split("\r"):
        shown = part + shown[len(part) :]
    return f"{shown}\r" if line.endswith("\r") else shown


class OutputArea:
    """The outputs of one execution, made of the kernel's messages."""

    def __init__(self) -> None:
        self._outputs: list[Output | Stream] = []
        self._displays: dict[str, list[int]] = {}
        self._clear_next = False
        self._stream_room = HEAD_CHARACTERS
        self._display_room = DISPLAY_CHARACTERS
        self.execution_count: int | None = None
        self.left_out = 0
        """Outputs that were too large, or too many, to be kept."""
        self.revision = 0
        """Changes with every output."""
        self._fresh: list[Output] = []
        self._fresh_length = 0
        self._streamed = 0
        self._rewritten = True

    # What the kernel says --------------------------------------------------------------------------------------------

    def message(self, kind: str, content: Mapping[str, Any]) -> None:
        """Takes an IOPub message; those that are no output are none of its business."""
        if content.get("execution_count") is not None:
            self.execution_count = content["execution_count"]
        match kind:
            case "stream":
                self._write(str(content.get("name", "stdout")), str(content.get("text", "")))
            case "display_data" | "execute_result":
                output: Output = {
                    "output_type": kind,
                    "data": dict(content.get("data") or {}),
                    "metadata": dict(content.get("metadata") or {}),
                }
                if kind == "execute_result":
                    output["execution_count"] = content.get("execution_count")
                display_id = (content.get("transient") or {}).get("display_id")
                if display_id:
                    self._update(str(display_id), output)
                self._append(output, display_id)
            case "update_display_data":
                display_id = (content.get("transient") or {}).get("display_id")
                if display_id:
                    self._update(str(display_id), content)
            case "error":
                self._append(
                    {
                        "output_type": "error",
                        "ename": str(content.get("ename", "")),
                        "evalue": str(content.get("evalue", "")),
                        "traceback": [str(line) for line in content.get("traceback") or ()],
                    }
                )
            case "clear_output":
                if content.get("wait"):
                    self._clear_next = True
                else:
                    self._clear()

    def fail(self, name: str, message: str) -> None:
        """An error that the kernel could not tell itself."""
        self._append({"output_type": "error", "ename": name, "evalue": message, "traceback": [f"{name}: {message}"]})

    def _clear(self) -> None:
        self._outputs, self._displays = [], {}
        self._clear_next = False
        self._stream_room, self._display_room = HEAD_CHARACTERS, DISPLAY_CHARACTERS
        self._rewrite()

    def _rewrite(self) -> None:
        self._rewritten = True
        self._fresh, self._fresh_length, self._streamed = [], 0, 0
        self.revision += 1

    def _write(self, name: str, text: str) -> None:
        if self._clear_next:
            self._clear()
        last = self._outputs[-1] if self._outputs else None
        if not isinstance(last, Stream) or last.name != name:
            if self._is_full():
                return
            if self._stream_room <= 0:
                self._trim()
            last = Stream(name, self._stream_room)
            self._outputs.append(last)
        before = last.head_length
        last.write(text)
        self._stream_room -= last.head_length - before
        self.revision += 1
        if self._fresh and self._fresh[-1].get("name") == name and isinstance(self._fresh[-1]["text"], list):
            self._fresh[-1]["text"].append(text)
        else:
            self._fresh.append({"output_type": "stream", "name": name, "text": [text]})
        self._count(len(text))

    def _is_full(self) -> bool:
        """Whether there are so many outputs that another is not kept; the first time, this is said among them."""
        if len(self._outputs) < MOST_OUTPUTS:
            return False
        if len(self._outputs) == MOST_OUTPUTS:
            text = f"[more than {MOST_OUTPUTS:,} outputs: what comes now was not kept]\n"
            note = {"output_type": "stream", "name": "stderr", "text": text}
            self._outputs.append(note)
            self._fresh.append(note)
            self._count(len(text))
        self.left_out += 1
        self.revision += 1
        return True

    def _trim(self) -> None:
        """Keeps the ends of all streams together within their room: the oldest go first."""
        streams = [output for output in self._outputs if isinstance(output, Stream) and output.tail_length]
        total = sum(stream.tail_length for stream in streams)
        for stream in streams:
            if total <= TAIL_CHARACTERS:
                return
            total -= stream.tail_length
            stream.forget_tail()

    def _append(self, output: Output, display_id: Any = None) -> None:
        if self._clear_next:
            self._clear()
        size = _size(output)
        if output["output_type"] != "error" and self._is_full():
            return
        if size > self._display_room:
            self.left_out += 1
            output = {
                "output_type": "stream",
                "name": "stderr",
                "text": f"[an output of {size:,} characters was not kept: the cell's outputs are too large]\n",
            }
        else:
            self._display_room -= size
            if display_id:
                self._displays.setdefault(str(display_id), []).append(len(self._outputs))
        self._outputs.append(output)
        self.revision += 1
        self._fresh.append(output)
        self._count(size)

    def _count(self, size: int) -> None:
        """More than is streamed is not gathered to be streamed."""
        self._fresh_length += size
        if self._streamed + self._fresh_length > STREAMED_CHARACTERS:
            self._fresh = []

    def _update(self, display_id: str, content: Mapping[str, Any]) -> None:
        for index in self._displays.get(display_id, ()):
            output = self._outputs[index]
            if isinstance(output, dict):
                output["data"] = dict(content.get("data") or {})
                output["metadata"] = dict(content.get("metadata") or {})
                self._rewrite()

    # What others see -------------------------------------------------------------------------------------------------

    @property
    def outputs(self) -> list[Output]:
        """As nbformat keeps them."""
        return [output.output() if isinstance(output, Stream) else output for output in self._outputs]

    @property
    def cut(self) -> int:
        """Characters of streams that were not kept."""
        return sum(output.cut for output in self._outputs if isinstance(output, Stream))

    @property
    def complete(self) -> bool:
        """Whether all that there is was taken by `fresh`."""
        return not self._rewritten and self._streamed + self._fresh_length <= STREAMED_CHARACTERS

    def fresh(self) -> tuple[list[Output], bool] | None:
        """What came since the last look, and whether it goes after what was there (or is all there is). None where
        there is nothing new, or where it is too much to be sent while the cell runs."""
        if self._rewritten:
            outputs = self.outputs
            size = sum(map(_size, outputs))
            self._rewritten = False
            self._fresh, self._fresh_length, self._streamed = [], 0, size
            if size > STREAMED_CHARACTERS:
                return None
            return outputs, False
        if not self._fresh:
            return None
        outputs = [{**one, "text": "".join(one["text"])} if "text" in one else one for one in self._fresh]
        self._streamed += self._fresh_length
        self._fresh, self._fresh_length = [], 0
        return outputs, True

    def forget(self) -> None:
        """Whoever takes `fresh` next has seen nothing of it."""
        self._rewritten = True


def _size(output: Mapping[str, Any]) -> int:
    if "text" in output:
        return sum(map(len, output["text"])) if isinstance(output["text"], list) else len(output["text"])
    if "data" in output:
        return sum(len(data) if isinstance(data, str) else len(str(data)) for data in output["data"].values())
    return sum(map(len, output.get("traceback", ()))) + len(str(output.get("evalue", "")))
