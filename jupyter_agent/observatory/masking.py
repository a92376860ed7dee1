"""Secrets out of what is kept, of texts of any length."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict

from jupyter_agent.api.redaction import redact
from jupyter_agent.storage.search import clean_text

LONGEST = 1_000_000
"""Characters of an item that are kept: its two ends."""
CHUNK = 32_000
"""Characters that are looked through at once: in between, other threads get their turn."""
REMEMBERED = 50_000
SHORT = 4_000
REMEMBERED_SHORT = 1_000

_BOUNDARY = re.compile(r"[^\s:=\w][ \t]*\n(?=[^\s:=])")
"""A line's end that nothing secret goes on after: no name with its value in the next line."""
_KEY_BEGINS, _KEY_ENDS = "-----BEGIN ", "-----END "


def masked(text: str) -> str:
    """The text as it is kept: secrets as `***`, the middle of a very long one left out."""
    return _masked(clean_text(text))


def _masked(text: str) -> str:
    if len(text) > LONGEST:
        head, tail = _before_space(text, LONGEST // 2), _after_space(text, len(text) - LONGEST // 2)
        left_out = f"\n[... {tail - head:,} characters are not kept ...]\n"
        return _masked(text[:head]) + left_out + _masked(text[tail:])
    if len(text) <= CHUNK:
        return redact(text)
    pieces, at = [], 0
    while at < len(text):
        end = _end(text, at)
        pieces.append(redact(text[at:end]))
        at = end
    return "".join(pieces)


def _end(text: str, start: int) -> int:
    """Where a piece can end without cutting a secret in two."""
    wanted = start + CHUNK
    if wanted >= len(text):
        return len(text)
    found = _BOUNDARY.search(text, wanted, wanted + CHUNK)
    end = found.end() if found is not None else _after_space(text, wanted)
    if text.rfind(_KEY_BEGINS, start, end) > text.rfind(_KEY_ENDS, start, end):
        closing = text.find(_KEY_ENDS, end, end + CHUNK)
        if closing >= 0:
            line = text.find("\n", closing)
            return len(text) if line < 0 else line + 1
    return end


def _before_space(text: str, at: int) -> int:
    found = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at))
    return found if found > at - CHUNK else at


def _after_space(text: str, at: int) -> int:
    found = re.compile(r"\s").search(text, at, at + CHUNK)
    return found.end() if found is not None else min(len(text), at + CHUNK)


class Masked:
    """Texts as they are kept, by the SHA-256 of that, remembered by what they were: masking the same conversation and
    the same schemas for each request again would take seconds. Safe from any thread."""

    def __init__(self) -> None:
        self._hashes: OrderedDict[bytes, str] = OrderedDict()
        self._texts: OrderedDict[str, str] = OrderedDict()
        """The short ones, of new conversations' first requests: mostly schemas of tools."""
        self._lock = threading.Lock()

    def sha256(self, text: str) -> str:
        raw = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        with self._lock:
            if (found := self._hashes.get(raw)) is not None:
                self._hashes.move_to_end(raw)
                return found
        kept = masked(text)
        made = hashlib.sha256(kept.encode()).hexdigest()
        with self._lock:
            self._hashes[raw] = made
            if len(self._hashes) > REMEMBERED:
                self._hashes.popitem(last=False)
            if len(kept) <= SHORT:
                self._texts[made] = kept
                if len(self._texts) > REMEMBERED_SHORT:
                    self._texts.popitem(last=False)
        return made

    def text(self, sha256: str, text: str) -> str:
        """The text as it is kept, whose hash that is."""
        with self._lock:
            found = self._texts.get(sha256)
        return found if found is not None else masked(text)
