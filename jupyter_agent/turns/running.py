"""A turn that this process runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_agent.turns.events import LiveLog
from jupyter_agent.turns.models import StopReason, TurnStart

if TYPE_CHECKING:
    from jupyter_agent.providers.service import ResolvedModel
    from jupyter_agent.turns.loop import TurnLoop


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

    def stop_with(self, reason: StopReason, message: str | None = None) -> None:
        """The first reason counts."""
        if self.stop is None:
            self.stop = (reason, message)
            self.stopping.set()
