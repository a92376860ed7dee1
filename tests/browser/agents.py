"""Agents whose deeds a test writes: each step a list of calls of tools, then an end."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

from ..scripted_provider import Call, Say, ScriptedProvider, Step
from ..scripted_wire import Asked

MODEL = "deeds"


def does(provider: ScriptedProvider, *steps: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """The model `deeds` makes these calls, step by step, and then says what the last step's calls gave it."""

    async def deeds(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        made = sum(len(entry.calls) for entry in asked.since_user())
        for step in steps:
            if made == 0:
                for name, args in step:
                    yield Call(name, args)
                return
            made -= len(step)
        yield Say("Told: " + " | ".join(asked.results[-len(steps[-1]) :]))

    provider.script(MODEL, deeds)
