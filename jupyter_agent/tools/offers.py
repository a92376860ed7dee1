"""Tools that are not the server's own: clients offer them, and run them.

Three kinds. A client that starts a turn offers its own with it (`TurnStart.client_tools`) and answers
`client_tool_call`. A live client (the lab) offers its own over the WebSocket and is asked there; either answer counts.
A kernel offers functions of its notebook and is asked by an execute request while it is idle.

All of it is in memory: who waits for an answer dies with the process, and so does what was offered."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_agent.api.errors import conflict, invalid, not_found
from jupyter_agent.tools.functions import KernelFunctions
from jupyter_agent.tools.live import Connection, Live, LiveError, LiveGone
from jupyter_agent.tools.models import Capability, ClientTool, ClientToolResult
from jupyter_agent.tools.tool import Picture, Tool, ToolContext, ToolError, ToolOutput
from jupyter_agent.turns.models import picture_type

if TYPE_CHECKING:
    from jupyter_agent.app import Services
    from jupyter_agent.sessions.models import Session
    from jupyter_agent.turns.models import TurnStart

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""How often it is looked whether the client is still there."""
IN_KERNEL = frozenset({"run_code", "list_variables", "inspect_variable"})
"""Tools of the server that a waiting cell can do in their place."""
MAX_PICTURE_BYTES = 10 * 1024 * 1024

Waiting = tuple[str, str]
"""A call that waits: its turn and its id."""


class Offers:
    """What clients offer, and the calls that wait for them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.live = Live()
        self.functions = KernelFunctions(services)
        self._waiting: dict[Waiting, asyncio.Future[ToolOutput]] = {}

    # What a turn is given --------------------------------------------------------------------------------------------

    async def tools_for(self, owner: str, session_id: str | None, start: TurnStart | None = None) -> list[Tool]:
        """The tools that a turn of this session has beside the server's. Of several offers of one name the turn's own
        comes first, then the lab's, then the notebook's. Raises ApiError 404 for a session that is not the owner's."""
        found: dict[str, Tool] = {}
        for one in start.client_tools if start is not None else ():
            found[one.name] = _tool(one, "client", partial(self._call_client, one))
        if session_id is None:
            return list(found.values())
        session = await self._services.sessions.require(owner, session_id)
        notebook = (start.notebook if start is not None else None) or session.notebook
        waiting_kernel = start.waiting_kernel if start is not None else None
        for name, one in self._live_tools(owner, session, notebook).items():
            found.setdefault(name, _tool(one, "client", partial(self._call_live, one, notebook)))
        for one, run in await self.functions.of_notebook(owner, notebook, waiting_kernel=waiting_kernel):
            found.setdefault(one.name, _tool(one, "function", run))
        return list(found.values())

    @staticmethod
    def taken_over(start: TurnStart | None) -> frozenset[str]:
        """Names of the server's tools that the turn's client does itself: what is asked of a kernel, where a cell of
        that kernel waits for the turn."""
        if start is None or start.waiting_kernel is None:
            return frozenset()
        return IN_KERNEL & {one.name for one in start.client_tools}

    def _live_tools(self, owner: str, session: Session, notebook: str | None) -> dict[str, ClientTool]:
        """Those of the page that shows the turn's notebook, and to a session of the lab's those of every page."""
        found: dict[str, ClientTool] = {}
        for connection in self._ranked(owner, notebook):
            if session.channel == "lab" or (notebook is not None and connection.document(notebook) is not None):
                for one in connection.tools:
                    found.setdefault(one.name, one)
        return found

    def _ranked(self, owner: str, notebook: str | None) -> list[Connection]:
        holders = self.live.holders(owner, notebook) if notebook is not None else []
        return [*holders, *(one for one in self.live.connections(owner) if one not in holders)]

    async def refuse_waiting(self, context: ToolContext, kernel_id: str) -> None:
        """Raises ToolError where a cell of this kernel waits for the very turn that makes the call: the kernel can do
        nothing before that cell has ended."""
        if context.turn_id is None:
            return
        from jupyter_agent.storage.tables import TurnRow

        turn_id = context.turn_id
        request = await self._services.db.read(lambda orm: row.request if (row := orm.get(TurnRow, turn_id)) else {})
        if request.get("waiting_kernel") == kernel_id:
            raise ToolError(
                "The notebook's kernel is busy: the cell that asked you runs in it and waits for your answer. "
                "run_code, list_variables and inspect_variable work: that cell does them for you. Cells can be edited "
                "now, and run when it has ended."
            )

    # Calls -----------------------------------------------------------------------------------------------------------

    async def _call_client(self, tool: ClientTool, context: ToolContext, /, **arguments: Any) -> ToolOutput:
        return await self._asked(tool, context, arguments, None)

    async def _call_live(
        self, tool: ClientTool, notebook: str | None, context: ToolContext, /, **arguments: Any
    ) -> ToolOutput:
        ask = partial(self._live_answer, tool, notebook, context, arguments)
        if context.turn_id is None:
            return await ask(self._seconds(tool))
        return await self._asked(tool, context, arguments, ask)

    def _seconds(self, tool: ClientTool) -> float:
        """How long an answer is waited for."""
        return tool.timeout_seconds or self._services.settings.tools.client_tool_seconds

    async def _asked(
        self,
        tool: ClientTool,
        context: ToolContext,
        arguments: dict[str, Any],
        ask: Callable[[float], Awaitable[ToolOutput]] | None,
    ) -> ToolOutput:
        """Tells the clients of a call and waits for the first answer: of whoever follows the turn, or of `ask`.

        Raises ToolError where there is none in time, or nobody is there to give one."""
        if context.turn_id is None or context.emit is None:
            raise ToolError(f"{tool.name} is run by the client that offers it, so only in a turn.")
        seconds = self._seconds(tool)
        key = (context.turn_id, context.tool_call_id)
        future: asyncio.Future[ToolOutput] = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        asking = asyncio.ensure_future(ask(seconds)) if ask is not None else None
        now = datetime.now(UTC)
        context.emit(
            "client_tool_call",
            tool_call_id=context.tool_call_id,
            name=tool.name,
            args=arguments,
            asked_at=now.isoformat(timespec="milliseconds"),
            expires_at=(now + timedelta(seconds=seconds)).isoformat(timespec="milliseconds"),
        )
        try:
            return await self._first(
                tool, context.turn_id, [future, *([asking] if asking is not None else [])], seconds
            )
        finally:
            del self._waiting[key]
            if asking is not None:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)

    async def _first(
        self, tool: ClientTool, turn_id: str, answers: Sequence[asyncio.Future[ToolOutput]], seconds: float
    ) -> ToolOutput:
        clock = asyncio.get_running_loop().time
        patience = self._services.settings.tools.client_gone_seconds
        deadline = clock() + seconds
        seen_at = clock()
        pending = set(answers)
        while pending:
            done, pending = await asyncio.wait(
                pending,
                timeout=max(0.0, min(LOOK_SECONDS, patience / 2, deadline - clock())),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if done:
                return done.pop().result()
            if clock() >= deadline:
                raise ToolError(
                    f"The client that offers {tool.name} did not answer within {seconds:g} seconds. It is not known "
                    "whether it was done."
                )
            if len(answers) > 1 or self._services.turns.events.is_followed(turn_id):
                seen_at = clock()
            elif clock() - seen_at >= patience:
                raise ToolError(
                    f"The client that offers {tool.name} is gone: nobody has followed this turn for {patience:g} "
                    "seconds."
                )
        raise ToolError(f"Nobody answers for {tool.name}.")

    async def _live_answer(
        self, tool: ClientTool, notebook: str | None, context: ToolContext, arguments: dict[str, Any], seconds: float
    ) -> ToolOutput:
        """The answer of a page that offers the tool; one that reloads is waited for. Raises ToolError."""
        clock = asyncio.get_running_loop().time
        patience = self._services.settings.tools.client_gone_seconds
        gone_at = clock()
        while True:
            ranked = self._ranked(context.owner, notebook)
            connection = next((one for one in ranked if any(own.name == tool.name for own in one.tools)), None)
            if connection is not None:
                break
            if clock() - gone_at >= patience:
                raise ToolError(f"The page that offers {tool.name} was closed {patience:g} seconds ago.")
            await asyncio.sleep(min(LOOK_SECONDS, patience / 2))
        params = {
            "turn_id": context.turn_id,
            "tool_call_id": context.tool_call_id,
            "name": tool.name,
            "arguments": arguments,
        }
        try:
            answer = await self.live.request(context.owner, connection.id, "tool/call", params, seconds)
        except LiveGone:
            raise ToolError(
                f"The page that offers {tool.name} was closed before it answered. It is not known whether it was done."
            ) from None
        except LiveError as error:
            raise ToolError(str(error) or error.code, code=error.code) from None
        return ToolOutput(str(answer.get("content", "")), is_error=answer.get("is_error") is True)

    # Answers ---------------------------------------------------------------------------------------------------------

    async def submit(self, owner: str, turn_id: str, results: Sequence[ClientToolResult]) -> None:
        """Gives clients' answers to the calls that wait for them: all or none.

        Raises ApiError: 404 for a turn that is not the owner's and for a call that there is not, 409 for one that does
        not wait (any more), 422 for a picture that is none."""
        await self._services.turns.get(owner, turn_id)
        outputs = [output_of(result, f"body.results.{position}") for position, result in enumerate(results)]
        ids = [result.tool_call_id for result in results]
        if len(set(ids)) < len(ids):
            raise invalid("body.results", "a call is answered once")
        late = [id for id in ids if (turn_id, id) not in self._waiting or self._waiting[turn_id, id].done()]
        if late:
            if not await self._was_called(turn_id, late[0]):
                raise not_found("tool call", late[0])
            raise conflict("Nobody waits for this answer (any more).", tool_call_ids=late)
        for id, output in zip(ids, outputs, strict=True):
            self._waiting[turn_id, id].set_result(output)

    async def _was_called(self, turn_id: str, tool_call_id: str) -> bool:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import ToolCallRow

        where = (ToolCallRow.turn_id == turn_id, ToolCallRow.tool_call_id == tool_call_id)
        found = await self._services.db.read(lambda orm: orm.scalar(select(ToolCallRow.id).where(*where).limit(1)))
        return found is not None


def _tool(offered: ClientTool, group: str, run: Callable[..., Awaitable[ToolOutput]]) -> Tool:
    capabilities: list[Capability] = ["client", *(one for one in offered.capabilities if one != "client")]
    return Tool(
        name=offered.name,
        description=offered.description,
        group=group,
        run=run,
        capabilities=tuple(dict.fromkeys(capabilities)),
        schema=offered.input_schema,
    )


def output_of(result: ClientToolResult, where: str) -> ToolOutput:
    """An answer as what a tool gives. Raises ApiError 422 for a picture that is none."""
    pictures = []
    for position, image in enumerate(result.images):
        place = f"{where}.images.{position}.data"
        try:
            data = base64.b64decode(image.data, validate=True)
        except (binascii.Error, ValueError):
            raise invalid(place, "is no base64") from None
        if len(data) > MAX_PICTURE_BYTES:
            raise invalid(place, f"a picture holds {MAX_PICTURE_BYTES} bytes at the most")
        if picture_type(data) != image.media_type:
            raise invalid(place, f"is no {image.media_type}")
        pictures.append(Picture(image.media_type, data))
    return ToolOutput(result.content, pictures, is_error=result.is_error)
