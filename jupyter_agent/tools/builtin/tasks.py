"""The turn's own to-do list, shown to the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from jupyter_agent.tools.tool import ToolContext, ToolError, ToolOutput, Toolset
from jupyter_agent.turns.models import Task

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

toolset = Toolset("tasks")


@toolset.tool("read")
async def update_tasks(context: ToolContext, items: Annotated[list[Task], Field(max_length=100)]) -> ToolOutput:
    """Show the user your to-do list for this request: the whole list, each time it changes."""
    if context.session_id is None:
        raise ToolError("A to-do list belongs to a session; none was named.")
    session_id, turn_id = context.session_id, context.turn_id
    stored = [task.model_dump() for task in items]

    def write(orm: Orm) -> None:
        from jupyter_agent.storage.search import clean
        from jupyter_agent.storage.tables import SessionRow

        row = orm.get(SessionRow, session_id)
        if row is not None:
            row.tasks, row.tasks_turn_id = clean(stored), turn_id

    await context.services.db.write(write)
    if context.emit is not None:
        context.emit("tasks", items=stored)
    done = sum(task.status == "completed" for task in items)
    return ToolOutput(f"{done} of {len(items)} tasks are completed.")
