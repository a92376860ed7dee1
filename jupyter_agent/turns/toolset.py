"""The tools a turn offers its model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from pydantic import Field

from jupyter_agent.api.models import WireModel
from jupyter_agent.turns.models import Task

if TYPE_CHECKING:
    from pydantic_ai import Tool

UPDATE_TASKS = "update_tasks"
NAMES = (UPDATE_TASKS,)
"""Every tool there is."""


class Tasks(WireModel):
    items: list[Task] = Field(max_length=100)


def tools(names: list[str] | None, *, set_tasks: Callable[[list[Task]], Awaitable[None]]) -> list[Tool[object]]:
    """The tools of these names; all of them for None."""
    from pydantic_ai import Tool

    async def update_tasks(items: list[Task]) -> str:
        await set_tasks(items)
        done = sum(task.status == "completed" for task in items)
        return f"{done} of {len(items)} tasks are completed."

    wanted = NAMES if names is None else names
    made: list[Tool[object]] = []
    if UPDATE_TASKS in wanted:
        made.append(
            Tool(
                update_tasks,
                name=UPDATE_TASKS,
                description="Show the user your to-do list for this request: the whole list, each time it changes.",
            )
        )
    return made
