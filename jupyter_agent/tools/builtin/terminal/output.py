"""What a command wrote: kept within bounds, and made into text."""

from __future__ import annotations

import re
from collections import deque

HEAD_CHARACTERS = 500_000
TAIL_CHARACTERS = 2_000_000

_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, the cursor
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: titles, links
    r"|\x1b[PX^_][^\x1b]*\x1b\\"  # DCS and the like
    r"|\x1b[ -/]*[0-Z\\^-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_UNFINISHED = re.compile(r"(?:\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,4096}\x1b?|[PX^_][^\x1b]{0,4096}\x1b?)?|\r)\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BACKSPACE = re.compile(r"[^\n\b]\x08")


def plain(text: str) -> str:
    """The text without colours and the like; of a line that was written over, as by a progress bar, its last state."""
    text = _SEQUENCE.sub("", text)
    text = re.sub(r"\r+\n", "\n", text)
    if "\r" in text:
        text = "\n".join(_last_writing(line) for line in text.split("\n"))
    for _ in range(100):  # `man` writes bold as a letter, a backspace, the letter
        if "\b" not in text:
            break
        text = _BACKSPACE.sub("", text)
    return _CONTROL.sub("", text)


def _last_writing(line: str) -> str:
    return next((part for part in reversed(line.split("\r")) if part), "")


class Output:
    """The beginning and the end of a stream of any length. Positions count its characters from 0."""

    def __init__(self) -> None:
        self.length = 0
        self._head: list[str] = []
        self._head_length = 0
        self._tail: deque[str] = deque()
        self._tail_length = 0

    def add(self, text: str) -> None:
        self.length += len(text)
        room = HEAD_CHARACTERS - self._head_length
        if room > 0:
            self._head.append(text[:room])
            self._head_length += len(self._head[-1])
            text = text[room:]
        if text:
            self._tail.append(text)
            self._tail_length += len(text)
            while self._tail_length - len(self._tail[0]) >= TAIL_CHARACTERS:
                self._tail_length -= len(self._tail.popleft())

    @property
    def dropped(self) -> int:
        """How many characters of the middle are no longer kept."""
        return self.length - self._head_length - self._tail_length

    def raw(self, start: int = 0) -> tuple[str, int]:
        """What was written from there on, and how many characters are missing in it."""
        head, tail = "".join(self._head), "".join(self._tail)
        tail_start = self.length - self._tail_length
        if start >= tail_start:
            return tail[start - tail_start :], 0
        if start >= self._head_length:
            return tail, tail_start - start
        missing = self.dropped
        gap = f"\n[... {missing:,} characters were dropped here ...]\n" if missing else ""
        return head[start:] + gap + tail, missing

    def text(self, start: int = 0, *, whole: bool = True) -> tuple[str, int]:
        """As `raw`, in plain text, and the position up to which it is; takes a moment for much of it.

        `whole` says that nothing more comes; else what may be half a control sequence is left for the next time."""
        raw, missing = self.raw(start)
        if missing and raw and start >= self._head_length:
            raw = f"[... {missing:,} characters were dropped here ...]\n{raw}"
        end = self.length
        if not whole:
            unfinished = _UNFINISHED.search(raw)
            if unfinished:
                raw = raw[: unfinished.start()]
                end -= len(unfinished.group())
        return plain(raw), end


class Between:
    """Finds what lies between two marks in a stream that comes in pieces."""

    def __init__(self, begin: str, end: str) -> None:
        self._marks = [begin, end]
        self._kept = ""

    @property
    def ended(self) -> bool:
        return not self._marks

    def feed(self, text: str) -> str:
        """What of this piece, and of what was held back of those before, is known to lie between the marks."""
        text = self._kept + text
        self._kept = ""
        if len(self._marks) == 2:
            _, mark, after = text.partition(self._marks[0])
            if not mark:
                self._kept = text[-(len(self._marks[0]) - 1) :]
                return ""
            del self._marks[0]
            text = after
        if not self._marks:
            return ""
        inside, mark, _ = text.partition(self._marks[0])
        if mark:
            self._marks.clear()
            return inside
        # The last characters may be the mark's first; most often there is no escape in them.
        escape = text.find("\x1b", max(0, len(text) - len(self._marks[0]) + 1))
        if escape >= 0:
            self._kept = text[escape:]
            return text[:escape]
        return text
