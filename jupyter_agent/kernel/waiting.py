"""What whoever waits for an answer does for the agent meanwhile: runs the functions that were offered, and answers
approvals. In the waiting thread, so that nothing can wait for itself and functions find what they use where they left
it: plots, connections, tasks."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from jupyter_agent.kernel.approvals import OnApproval
from jupyter_agent.kernel.functions import AnyTool, FunctionTool, chosen
from jupyter_agent.kernel.own import own_tools
from jupyter_agent.turns.models import TurnEvent

STALE_SECONDS = 5.0
"""A call that is older may have been given up; it is looked at before it is made."""


@dataclass(frozen=True)
class Attendance:
    """What can be done for a turn here."""

    functions: Mapping[str, FunctionTool] = field(default_factory=dict)
    on_approval: OnApproval | None = None
    """None asks whoever sits in front of the cell."""

    def called(self, event: TurnEvent) -> FunctionTool | None:
        """The function that the event calls; None for another client's, and for an event that is no call."""
        return self.functions.get(event.data["name"]) if event.type == "client_tool_call" else None


def is_stale(event: TurnEvent) -> bool:
    """Whether the event was read long after it happened."""
    asked_at = event.data.get("asked_at")
    return asked_at is None or (datetime.now(UTC) - datetime.fromisoformat(asked_at)).total_seconds() > STALE_SECONDS


def attend(tools: Iterable[AnyTool] | None, on_approval: OnApproval | None) -> tuple[dict[str, Any], Attendance]:
    """The fields of a turn that say what is offered, and what then has to be done.

    A cell that waits also does what the server would need its kernel for. Raises TypeError for what is no tool."""
    functions, names = chosen(tools)
    fields: dict[str, Any] = {}
    own = own_tools() if threading.current_thread() is threading.main_thread() else None
    if own is not None:
        kernel_id, in_kernel = own
        fields["waiting_kernel"] = kernel_id
        functions = {**{name: one for name, one in in_kernel.items() if names is None or name in names}, **functions}
    if functions:
        fields["client_tools"] = [one.offer() for one in functions.values()]
    if names is not None:
        fields["tools"] = names
    return fields, Attendance(functions, on_approval)
