"""What whoever waits for an answer does for the agent meanwhile: runs the functions that were offered, and answers
approvals. In the waiting thread, so that nothing can wait for itself and functions find what they use where they left
it: plots, connections, tasks."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jupyter_agent.kernel.approvals import OnApproval, asked, decide, decision_of
from jupyter_agent.kernel.errors import Conflict, ConnectionLost, NotFound
from jupyter_agent.kernel.functions import AnyTool, FunctionTool, chosen, run_coroutine
from jupyter_agent.kernel.own import own_tools
from jupyter_agent.tools.models import Approve, ClientToolResult, TurnTools
from jupyter_agent.turns.models import TurnEvent

if TYPE_CHECKING:
    from jupyter_agent.kernel.client import AsyncClient
    from jupyter_agent.kernel.operations import Rooms

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


def _is_stale(event: TurnEvent) -> bool:
    """Whether the event was read long after it happened."""
    asked_at = event.data.get("asked_at")
    return asked_at is None or (datetime.now(UTC) - datetime.fromisoformat(asked_at)).total_seconds() > STALE_SECONDS


def attend(
    tools: Iterable[AnyTool] | AnyTool | None, on_approval: OnApproval | None
) -> tuple[dict[str, Any], Attendance]:
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


def _runs(calls: TurnTools, tool_call_id: str) -> bool:
    return any(one.tool_call_id == tool_call_id and one.status == "running" for one in calls.tool_calls)


class Attendant:
    """Does what a turn's events ask for, here and now."""

    def __init__(self, rooms: Rooms, turn_id: str, attendance: Attendance) -> None:
        self._tools = rooms.tools
        self._rooms = rooms
        self._turn_id = turn_id
        self._attendance = attendance

    def attend(self, event: TurnEvent) -> None:
        """Raises AgentError where the server cannot be told, and what `on_approval` raises."""
        function = self._attendance.called(event)
        if function is not None:
            id = event.data["tool_call_id"]
            if not _is_stale(event) or _runs(self._tools.get_turn_tools(self._turn_id), id):
                self._submit(function.call(id, event.data["args"]))
        elif event.type == "approval_requested":
            self._answer(event.data["approval_id"])

    def _submit(self, result: ClientToolResult) -> None:
        """Hands a result in; drops it where nobody waits for it any more."""
        with contextlib.suppress(Conflict, NotFound):
            try:
                self._tools.submit_tool_results(self._turn_id, results=[result])
            except ConnectionLost:
                # Handing it in again does no harm: what was taken already is a Conflict.
                self._tools.submit_tool_results(self._turn_id, results=[result])

    def _answer(self, approval_id: str) -> None:
        approval = self._tools.get_approval(approval_id)
        if approval.status != "pending":
            return
        if self._attendance.on_approval is not None:
            said = self._attendance.on_approval(approval)
            decision = decision_of(run_coroutine(said) if inspect.iscoroutine(said) else said)
        else:
            decision = asked(self._rooms, approval)
        if decision is not None:
            decide(self._rooms, approval, decision)


class AsyncAttendant:
    """The same in the event loop that runs: coroutine functions are awaited."""

    def __init__(self, client: AsyncClient, turn_id: str, attendance: Attendance) -> None:
        self._tools = client.tools
        self._client = client
        self._turn_id = turn_id
        self._attendance = attendance

    async def attend(self, event: TurnEvent) -> None:
        """As `Attendant.attend`. Raises CancelledError where it is interrupted: a KeyboardInterrupt in a task would end
        the whole event loop, and a kernel with it."""
        try:
            await self._attend(event)
        except KeyboardInterrupt:
            raise asyncio.CancelledError("interrupted") from None

    async def _attend(self, event: TurnEvent) -> None:
        function = self._attendance.called(event)
        if function is not None:
            id = event.data["tool_call_id"]
            if not _is_stale(event) or _runs(await self._tools.get_turn_tools(self._turn_id), id):
                await self._submit(await function.call_async(id, event.data["args"]))
        elif event.type == "approval_requested":
            await self._answer(event.data["approval_id"])

    async def _submit(self, result: ClientToolResult) -> None:
        with contextlib.suppress(Conflict, NotFound):
            try:
                await self._tools.submit_tool_results(self._turn_id, results=[result])
            except ConnectionLost:
                await self._tools.submit_tool_results(self._turn_id, results=[result])

    async def _answer(self, approval_id: str) -> None:
        approval = await self._tools.get_approval(approval_id)
        if approval.status != "pending":
            return
        if self._attendance.on_approval is not None:
            said = self._attendance.on_approval(approval)
            decision = decision_of(await said if inspect.isawaitable(said) else said)
        else:
            # Whoever is asked in a cell keeps the event loop waiting: only the cell's own thread can read an answer.
            decision = asked(self._client.blocking, approval)
        if decision is None:
            return
        with contextlib.suppress(Conflict):
            if isinstance(decision, Approve):
                await self._tools.approve(approval.id, decision)
            else:
                await self._tools.deny(approval.id, decision)
