"""Tools: which there are, and everything about using them."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jupyter_agent.api.errors import ApiError, conflict, invalid, not_found
from jupyter_agent.storage.ids import new_id
from jupyter_agent.storage.search import clean
from jupyter_agent.tools.approvals import Approvals
from jupyter_agent.tools.edits import Edits
from jupyter_agent.tools.gate import Gate, TurnCalls
from jupyter_agent.tools.models import (
    Approval,
    Mode,
    PolicyAnswer,
    PolicyDecision,
    PolicyQuestion,
    ToolCall,
    ToolCallRecord,
    ToolCallResult,
    ToolInfo,
    ToolList,
    TurnPolicy,
    TurnTools,
)
from jupyter_agent.tools.offers import Offers
from jupyter_agent.tools.rules import StoredPolicy
from jupyter_agent.tools.tool import BadArguments, Tool, ToolContext
from jupyter_agent.tools.undo import Undoing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import ToolCallRow
    from jupyter_agent.tools.gate import Telling
    from jupyter_agent.turns.models import TurnStart

log = logging.getLogger(__name__)

BUILTIN = ("notebook", "kernel", "files", "terminal", "git", "web", "results", "tasks")
"""Modules of `tools/builtin`, in the order in which models see their tools."""
SHOWN_CHARACTERS = 2_000


class ToolService:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._builtin: dict[str, Tool] | None = None
        self.policy = StoredPolicy(services)
        self.policy.admin  # noqa: B018  looked at now, so that the log says what is wrong with it
        self.approvals = Approvals(services)
        self.gate = Gate(services)
        self.offers = Offers(services)
        self.edits = Edits(services)
        self.undoing = Undoing(services)

    # The catalogue

    async def builtin(self) -> dict[str, Tool]:
        """The server's own tools, by name. Their modules are imported on the first call, in a thread."""
        if self._builtin is None:
            self._builtin = await asyncio.to_thread(import_builtin)
        return self._builtin

    async def tools(self, owner: str, session_id: str | None, start: TurnStart | None = None) -> dict[str, Tool]:
        """All tools there are for a session and a turn, by name: the server's own and those that clients offer."""
        found = dict(await self.builtin())
        taken_over = self.offers.taken_over(start)
        for tool in await self.offers.tools_for(owner, session_id, start):
            # A client's tool cannot take the place of the server's, but for what only a waiting cell can do.
            if tool.name in taken_over or tool.name not in found:
                found[tool.name] = tool
        return found

    async def for_turn(
        self, owner: str, session_id: str, start: TurnStart, *, everything: bool = False
    ) -> dict[str, Tool]:
        """The tools that a turn gives its model: those that it names, or all, without what cannot be used now."""
        wanted = None if start.tools is None else set(start.tools)
        return {
            name: tool
            for name, tool in (await self.tools(owner, session_id, start)).items()
            if (wanted is None or name in wanted) and (everything or self._unavailable(tool) is None)
        }

    def _unavailable(self, tool: Tool) -> str | None:
        return tool.available(self._services) if tool.available is not None else None

    def calls(self, telling: Telling, **of_turn: Any) -> TurnCalls:
        """What makes a turn's calls."""
        return TurnCalls(self._services, telling, **of_turn)

    async def check_names(self, owner: str, session_id: str | None, start: TurnStart) -> None:
        """Raises ApiError 422 for a tool that is not there."""
        builtin = await self.builtin()
        for index, offered in enumerate(start.client_tools):
            if offered.name in builtin and offered.name not in self.offers.taken_over(start):
                raise invalid(f"body.client_tools.{index}.name", f"the server has a tool {offered.name!r} itself")
            if any(other.name == offered.name for other in start.client_tools[:index]):
                raise invalid(f"body.client_tools.{index}.name", f"{offered.name!r} is offered twice")
        if not start.tools:
            return
        known = {*await self.tools(owner, session_id, start), *(tool.name for tool in start.client_tools)}
        for index, name in enumerate(start.tools):
            if name not in known:
                raise invalid(f"body.tools.{index}", f"there is no tool {name!r}")

    async def catalogue(self, owner: str, session_id: str | None) -> ToolList:
        """The tools, and whether they can be used now. Raises ApiError 404 for a session that is not the owner's."""
        if session_id is not None:
            await self._services.sessions.require(owner, session_id)
        items = []
        for tool in (await self.tools(owner, session_id)).values():
            reason = self._unavailable(tool)
            items.append(
                ToolInfo(
                    name=tool.name,
                    description=tool.description,
                    input_schema=tool.input_schema,
                    group=tool.group,
                    capabilities=list(tool.capabilities),
                    available=reason is None,
                    unavailable_reason=reason,
                )
            )
        return ToolList(items=items)

    async def _named(self, owner: str, name: str, session_id: str | None) -> tuple[Tool, str | None]:
        """The tool, and the session's notebook. Raises ApiError 404."""
        notebook = None
        if session_id is not None:
            notebook = (await self._services.sessions.require(owner, session_id)).notebook
        tool = (await self.tools(owner, session_id)).get(name)
        if tool is None:
            raise not_found("tool", name)
        return tool, notebook

    # Direct use

    async def call(self, owner: str, name: str, call: ToolCall) -> ToolCallResult:
        """Uses a tool without a model.

        Raises ApiError: 404 for a tool or session that is not there; 422 for arguments that do not fit; 403 where the
        policy denies it; 409 where it asks and `approved` is not said, or where the tool cannot be used now."""
        from jupyter_agent.storage.tables import ToolCallRow, utcnow

        tool, notebook = await self._named(owner, name, call.session_id)
        if (reason := self._unavailable(tool)) is not None:
            raise conflict(reason, tool=name)
        arguments = clean(call.arguments)
        try:
            decided = await self.gate.decide(
                owner, tool, arguments, session_id=call.session_id, mode=None, notebook=notebook
            )
        except BadArguments as error:
            raise invalid("body.arguments", str(error)) from error
        answer = decided.answer
        row = ToolCallRow(
            id=new_id("call"),
            owner=owner,
            session_id=call.session_id,
            step=0,
            tool_call_id=new_id("direct"),
            name=name,
            arguments=arguments,
            status="running",
            decision=answer.decision,
            audit=answer.audit,
            rule=answer.rule.model_dump(mode="json") if answer.rule is not None else None,
            reason=answer.reason,
            approved_by=owner if answer.decision == "ask" and call.approved else None,
            started_at=utcnow(),
        )
        refused = None
        if answer.decision == "deny":
            refused = ApiError(403, "denied", f"Denied: {answer.reason}.", details=answer.model_dump(mode="json"))
        elif answer.decision == "ask" and not call.approved:
            message = f"This needs a yes ({answer.reason}): send `approved`."
            refused = ApiError(409, "approval_required", message, details=answer.model_dump(mode="json"))
        if refused is not None:
            row.status, row.started_at, row.finished_at = "denied", None, utcnow()
            row.is_error, row.content = True, refused.message
        await self._services.db.write(lambda orm: orm.add(row))
        if refused is not None:
            raise refused
        context = ToolContext(
            services=self._services,
            owner=owner,
            tool_call_id=row.tool_call_id,
            session_id=call.session_id,
            turn_id=None,
            notebook=notebook,
            progress=lambda delta=None, fraction=None: None,
        )
        loop = asyncio.get_running_loop()
        started = loop.time()
        output = await self.gate.run(decided, context)
        duration = int((loop.time() - started) * 1000)
        kept = await self.gate.keep(owner, call.session_id, output)
        kept.put(row, "error" if kept.is_error else "done", duration)
        await self._services.db.write(lambda orm: orm.merge(row))
        return ToolCallResult(
            tool_call_id=row.tool_call_id,
            content=kept.content,
            is_error=kept.is_error,
            images=kept.images,
            blob_id=kept.blob_id,
            metadata=kept.metadata,
            duration_ms=duration,
        )

    # Policy

    async def evaluate(self, owner: str, question: PolicyQuestion) -> PolicyAnswer:
        """What would happen to a call. Raises ApiError: 404 for tool or session, 422 for arguments."""
        tool, notebook = await self._named(owner, question.tool, question.session_id)
        try:
            decided = await self.gate.decide(
                owner,
                tool,
                clean(question.arguments),
                session_id=question.session_id,
                mode=question.mode,
                notebook=notebook,
            )
        except BadArguments as error:
            raise invalid("body.arguments", str(error)) from error
        return decided.answer

    async def of_turn(self, owner: str, turn_id: str, name: str) -> tuple[Tool | None, Mode | None, str | None]:
        """A turn's tool, the turn's own mode, and the notebook that it means."""
        from jupyter_agent.turns.models import TurnStart

        def read(orm: Orm) -> tuple[str, dict[str, Any], str | None]:
            from jupyter_agent.storage.tables import SessionRow, TurnRow

            row = orm.get(TurnRow, turn_id)
            if row is None or row.owner != owner:
                raise not_found("turn", turn_id)
            session = orm.get(SessionRow, row.session_id)
            return row.session_id, row.request, session.notebook if session is not None else None

        session_id, request, notebook = await self._services.db.read(read)
        start = TurnStart.model_validate({"message": "-", **request})
        tools = await self.for_turn(owner, session_id, start, everything=True)
        return tools.get(name), start.mode, start.notebook or notebook

    async def answered(self, owner: str, approvals: Sequence[Approval]) -> None:
        """Goes on with turns that nobody runs now."""
        await self._services.turns.wake()

    # The record

    async def turn_tools(self, owner: str, turn_id: str) -> TurnTools:
        """The calls of a turn. Raises ApiError 404."""
        rows = await self._rows(owner, turn_id)
        answers = await self.approvals.answers([row.approval_id for row in rows if row.approval_id is not None])
        calls = [_record(row, answers.get(row.approval_id or "")) for row in rows]
        return TurnTools(turn_id=turn_id, tool_calls=calls)

    async def turn_policy(self, owner: str, turn_id: str) -> TurnPolicy:
        """What the policy said to each call of a turn. Raises ApiError 404."""
        decisions = [
            PolicyDecision.model_validate(
                {
                    "id": row.id,
                    "tool_call_id": row.tool_call_id,
                    "tool_name": row.name,
                    "decision": row.decision,
                    "audit": row.audit,
                    "rule": row.rule,
                    "reason": row.reason,
                    "created_at": row.created_at,
                }
            )
            for row in await self._rows(owner, turn_id)
        ]
        return TurnPolicy(turn_id=turn_id, decisions=decisions)

    async def _rows(self, owner: str, turn_id: str) -> list[ToolCallRow]:
        def read(orm: Orm) -> list[ToolCallRow]:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import ToolCallRow, TurnRow

            turn = None if "\x00" in turn_id else orm.get(TurnRow, turn_id)
            if turn is None or turn.owner != owner:
                raise not_found("turn", turn_id)
            by = (ToolCallRow.step, ToolCallRow.created_at, ToolCallRow.id)
            return list(orm.scalars(select(ToolCallRow).where(ToolCallRow.turn_id == turn_id).order_by(*by)))

        return await self._services.db.read(read)


def _record(row: ToolCallRow, answer: dict[str, Any] | None) -> ToolCallRecord:
    # A call that waits, or was cancelled, has no result that says what was answered.
    metadata = row.meta if answer is None else {**row.meta, "approval": answer}
    return ToolCallRecord.model_validate(
        {
            "id": row.id,
            "turn_id": row.turn_id,
            "tool_call_id": row.tool_call_id,
            "name": row.name,
            "arguments": row.arguments,
            "status": row.status,
            "content": row.content[:SHOWN_CHARACTERS],
            "blob_id": row.blob_id,
            "is_error": row.is_error,
            "metadata": metadata,
            "decision": row.decision,
            "approval_id": row.approval_id,
            "approved_by": row.approved_by,
            "duration_ms": row.duration_ms,
            "created_at": row.created_at,
            "started_at": row.started_at,
            "finished_at": row.finished_at,
        }
    )


def import_builtin() -> dict[str, Tool]:
    """The server's own tools, by name, in the order in which models see them."""
    found: dict[str, Tool] = {}
    for name in BUILTIN:
        for tool in importlib.import_module(f"jupyter_agent.tools.builtin.{name}").toolset.tools:
            if tool.name in found:
                raise ValueError(f"two tools are called {tool.name}")
            found[tool.name] = tool
            tool.input_schema  # noqa: B018  made here, in the thread
    return found
