"""A turn that this process runs."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_agent.turns.events import LiveLog
from jupyter_agent.turns.models import StopReason, TurnStart

if TYPE_CHECKING:
    from jupyter_agent.providers.selection import Choice
    from jupyter_agent.providers.service import ResolvedModel
    from jupyter_agent.turns.loop import TurnLoop
    from jupyter_agent.turns.resuming import Resumption


class Clock:
    """Counts the seconds that a turn works: not those in which it waits for a person."""

    def __init__(self, before: float = 0.0) -> None:
        self._before = before
        self._since: float | None = time.monotonic()
        self.changed = asyncio.Event()

    @property
    def elapsed(self) -> float:
        return self._before + (time.monotonic() - self._since if self._since is not None else 0.0)

    def left(self, seconds: float) -> float | None:
        """Seconds until so many have passed; None while it stands."""
        return max(0.0, seconds - self.elapsed) if self._since is not None else None

    def stand(self, stands: bool) -> None:
        if stands != (self._since is None):
            self._before, self._since = self.elapsed, None if stands else time.monotonic()
            self.changed.set()


@dataclass
class Running:
    """A turn that this process runs."""

    owner: str
    session_id: str
    turn_id: str
    start: TurnStart
    resolved: ResolvedModel
    live: LiveLog
    started_at: datetime
    loop: TurnLoop | None = None
    stop: tuple[StopReason, str | None] | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    guides_seen: set[str] = field(default_factory=set)
    clock: Clock = field(default_factory=Clock)
    resumed: Resumption | None = None
    """Where another process has begun it."""
    told_waiting: bool = False
    """Whether everybody was told that it waits for a person."""
    choice: Choice | None = None
    """Why it is this model, where it begins here."""
    suspending: bool = False
    """Whether it is to stop here and to go on in another process."""

    @property
    def waiting(self) -> bool:
        """Whether it waits for a person."""
        return self.loop is not None and self.loop.waiting

    def suspend(self) -> None:
        self.suspending = True
        self.stopping.set()

    def stop_with(self, reason: StopReason, message: str | None = None) -> None:
        """The first reason counts."""
        if self.stop is None:
            self.stop = (reason, message)
            self.stopping.set()
