"""One piece of code that runs, or ran, in a kernel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jupyter_agent.documents.outputs import OutputArea

State = Literal["queued", "running", "done", "error", "interrupted", "lost"]

ENDED: frozenset[State] = frozenset({"done", "error", "interrupted", "lost"})


@dataclass(frozen=True)
class Target:
    """The cell whose outputs these are."""

    owner: str
    path: str
    cell_id: str
    turn_id: str | None = None


@dataclass(eq=False)
class Execution:
    """Code, what it put out so far, and how it stands."""

    kernel_id: str
    code: str
    target: Target | None = None
    """None where it is no cell's."""
    listener: Callable[[str], None] | None = None
    """Gets the text that is written while it runs."""
    area: OutputArea = field(default_factory=OutputArea)
    state: State = "queued"
    cancelled: bool = False
    detached: bool = False
    """Whether its call went on without it."""
    note: str | None = None
    """Where something about it has to be told: outputs that could not be put into the notebook ..."""
    created: float = field(default_factory=time.monotonic)
    started: float | None = None
    ended: float | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _finished: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def running(self) -> bool:
        """Whether it has not ended yet, outputs in the notebook included."""
        return not self._finished.is_set()

    @property
    def seconds(self) -> float:
        """How long it ran."""
        return (self.ended or time.monotonic()) - self.started if self.started is not None else 0.0

    @property
    def error(self) -> dict[str, Any] | None:
        """The error output that it ended with."""
        if self.state == "done":
            return None
        errors = [output for output in self.area.outputs if output["output_type"] == "error"]
        return errors[-1] if errors else None

    def begin(self) -> None:
        self.state, self.started = "running", time.monotonic()
        self.changed.set()

    def message(self, kind: str, content: Mapping[str, Any]) -> None:
        """Takes an IOPub message."""
        self.area.message(kind, content)
        self.changed.set()
        if kind == "stream" and self.listener is not None:
            self.listener(str(content.get("text", "")))

    def end(self, state: State) -> None:
        if self.state not in ENDED:
            self.state, self.ended = state, time.monotonic()
            self.changed.set()

    def lose(self, reason: str) -> None:
        """It ends without the kernel's having said so."""
        if self.state not in ENDED:
            self.area.fail("KernelLost", reason)
            self.end("lost")

    def finished(self) -> None:
        """All is done, and is in the notebook."""
        self.listener = None
        self._finished.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """Whether it has ended within this time."""
        try:
            async with asyncio.timeout(seconds):
                await self._finished.wait()
        except TimeoutError:
            return False
        return True

    def describe(self) -> str:
        """What it is and how it stands, in a few words."""
        what = f"cell {self.target.cell_id} of {self.target.path}" if self.target is not None else "code of run_code"
        match self.state:
            case "queued":
                return f"{what} (waiting)"
            case "running":
                return f"{what} (running for {self.seconds:.0f} s)"
            case state:
                return f"{what} ({state} after {self.seconds:.1f} s)"
