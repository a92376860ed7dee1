"""How an answer appears below a cell: one output that grows, at a rate that front ends can follow."""

# IPython's display functions have no types.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import os
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

from IPython.display import DisplayHandle, display

UPDATES_A_SECOND = 10.0
CONSOLES = frozenset({"jupyter-console", "jupyter_console"})
"""Programs, or modules after `-m`, that are consoles."""


def markdown_bundle(text: str) -> dict[str, str]:
    """For every front end: Markdown where it can, the same as plain text where it cannot."""
    return {"text/markdown": text, "text/plain": text}


def show_markdown(text: str) -> None:
    display(markdown_bundle(text), raw=True)


@cache
def in_console() -> bool:
    """Whether this kernel was started by `jupyter console`, which shows plain text and cannot replace it.

    A front end does not say what it can do; a console that was attached to a kernel later is not seen."""
    import psutil

    try:
        command = psutil.Process(int(os.environ.get("JPY_PARENT_PID") or os.getppid())).cmdline()
    except (ValueError, psutil.Error):
        return False
    return any(Path(word).name in CONSOLES for word in command[:3])


class MarkdownOutput:
    """One output of a cell, in Markdown, that is replaced as text is added.

    The last state is always shown, so that what is saved, executed by nbconvert or read later is the whole text."""

    def __init__(self, *, updating: bool = True) -> None:
        self.text = ""
        self._updating = updating
        self._handle: DisplayHandle | None = None
        self._shown = ""
        self._shown_at = 0.0

    def add(self, delta: str) -> None:
        """Adds text; it is shown at the latest with the next `flush`."""
        self.text += delta
        if self._updating and time.monotonic() - self._shown_at >= 1 / UPDATES_A_SECOND:
            self.flush()

    def flush(self) -> None:
        """Shows all of it."""
        if self.text == self._shown:
            return
        bundle: Any = markdown_bundle(self.text)
        if self._handle is None:
            self._handle = DisplayHandle()
            self._handle.display(bundle, raw=True)
        else:
            self._handle.update(bundle, raw=True)
        self._shown, self._shown_at = self.text, time.monotonic()


class TerminalOutput:
    """The same in a terminal, which cannot replace what it has shown: text is written as it comes."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, delta: str) -> None:
        self.text += delta
        sys.stdout.write(delta)
        sys.stdout.flush()

    def flush(self) -> None:
        if self.text and not self.text.endswith("\n"):
            sys.stdout.write("\n")
            sys.stdout.flush()
