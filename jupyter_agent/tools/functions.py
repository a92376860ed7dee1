"""Functions that kernels offer: known by kernel, called by an execute request while it is idle."""

from __future__ import annotations

import ast
import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async

from jupyter_agent.api.errors import not_found
from jupyter_agent.tools.models import ClientTool, ClientToolResult, FunctionsOffer, FunctionsOffered
from jupyter_agent.tools.tool import ToolContext, ToolError, ToolOutput

if TYPE_CHECKING:
    from jupyter_agent.app import Services

log = logging.getLogger(__name__)

Run = Callable[..., Awaitable[ToolOutput]]

IDLE_SECONDS = 0.1
"""How often it is looked whether a busy kernel has become idle."""
ALIVE_SECONDS = 1.0
"""How often it is looked whether the kernel that works is still there."""
MODULE = '__import__("jupyter_agent.kernel.registration", fromlist=["answer"])'


@dataclass(frozen=True)
class Offered:
    """What one kernel offers."""

    owner: str
    offer: FunctionsOffer
    life: object
    """Another one after a restart, where the server can tell."""


class KernelFunctions:
    """The functions of all kernels of this server."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._offers: dict[str, Offered] = {}

    @property
    def _kernels(self) -> Any:
        return self._services.documents.server.kernel_manager

    def _life(self, kernel_id: str) -> object | None:
        """What tells one run of the kernel from the next; None where there is no such kernel."""
        if kernel_id not in self._kernels:
            return None
        kernel = self._kernels.get_kernel(kernel_id)
        provisioner = getattr(kernel, "provisioner", None)
        return (getattr(provisioner, "pid", None), id(kernel))

    # Offering

    def register(self, owner: str, offer: FunctionsOffer) -> FunctionsOffered:
        """What a kernel offers from now on, in place of what it offered before. Raises ApiError 404 for a kernel that
        this server does not run."""
        life = self._life(offer.kernel_id)
        if life is None:
            raise not_found("kernel", offer.kernel_id)
        self._offers[offer.kernel_id] = Offered(owner, offer, life)
        return self._wire(self._offers[offer.kernel_id])

    def drop(self, owner: str, kernel_id: str) -> None:
        """Raises ApiError 404 where it offers nothing."""
        self._of_kernel(owner, kernel_id)
        del self._offers[kernel_id]

    def all(self, owner: str) -> list[FunctionsOffered]:
        """What the kernels that still run offer."""
        return [self._wire(found) for id in list(self._offers) if (found := self._current(owner, id)) is not None]

    @staticmethod
    def _wire(found: Offered) -> FunctionsOffered:
        offer = found.offer
        return FunctionsOffered(kernel_id=offer.kernel_id, notebook=offer.notebook, functions=offer.functions)

    def _current(self, owner: str, kernel_id: str) -> Offered | None:
        """What a kernel offers; what one offered that is gone or was restarted is forgotten."""
        found = self._offers.get(kernel_id)
        if found is None:
            return None
        if self._life(kernel_id) != found.life:
            del self._offers[kernel_id]
            return None
        return found if found.owner == owner else None

    def _of_kernel(self, owner: str, kernel_id: str) -> Offered:
        found = self._current(owner, kernel_id)
        if found is None:
            raise not_found("kernel with functions", kernel_id)
        return found

    # What a turn is given

    async def of_notebook(
        self, owner: str, notebook: str | None, *, waiting_kernel: str | None
    ) -> list[tuple[ClientTool, Run]]:
        """The functions of the notebook's kernel, and how each is called. None of a kernel that waits for the turn: its
        cell offers what it likes by itself."""
        if notebook is None or not self._offers:
            return []
        kernel_id = await self._services.documents.kernels.running(notebook)
        if kernel_id is None or kernel_id == waiting_kernel:
            return []
        found = self._current(owner, kernel_id)
        if found is None:
            return []
        return [(one, partial(self._call, kernel_id, one)) for one in found.offer.functions]

    # Calling

    async def _call(
        self, kernel_id: str, function: ClientTool, context: ToolContext, /, **arguments: Any
    ) -> ToolOutput:
        """What the function gives. Raises ToolError where it cannot be called."""
        seconds = function.timeout_seconds or self._services.settings.tools.client_tool_seconds
        try:
            async with asyncio.timeout(seconds):
                offer = await self._idle(context.owner, kernel_id, function.name)
                return await self._execute(offer, function.name, context, arguments, time.time() + seconds)
        except TimeoutError:
            raise ToolError(
                f"{function.name} has not ended within {seconds:g} seconds: the notebook's kernel was busy for as "
                "long, or the function takes longer."
            ) from None

    async def _idle(self, owner: str, kernel_id: str, name: str) -> FunctionsOffer:
        """Waits until the kernel is idle; gives what it offers then. Raises ToolError where the function is gone."""
        while True:
            found = self._current(owner, kernel_id)
            if found is None or all(one.name != name for one in found.offer.functions):
                raise ToolError(
                    f"{name} is not there any more: the kernel was restarted or shut down since its cell was run."
                )
            if getattr(self._kernels.get_kernel(kernel_id), "execution_state", "idle") == "idle":
                return found.offer
            await asyncio.sleep(IDLE_SECONDS)

    async def _execute(
        self, offer: FunctionsOffer, name: str, context: ToolContext, arguments: dict[str, Any], expires_at: float
    ) -> ToolOutput:
        kernel_id = offer.kernel_id
        call = {
            "key": offer.key,
            "name": name,
            "tool_call_id": context.tool_call_id,
            "arguments": arguments,
            # The request may wait behind a cell that somebody has run meanwhile.
            "expires_at": expires_at,
        }
        code = f"{MODULE}.answer({json.dumps(call)!r})"
        if name in offer.awaited:
            code = f"await {MODULE}.answer_async({json.dumps(call)!r})"
        client = self._kernels.get_kernel(kernel_id).client()
        client.start_channels(shell=True, iopub=True, stdin=False, hb=False, control=False)  # noqa: S604 (a channel)
        listening: asyncio.Task[None] | None = None
        running = asyncio.Event()
        try:
            # What is said before it listens would be missed, and so when the call begins.
            await client.wait_for_ready()
            request = client.execute(
                code,
                silent=True,
                store_history=False,
                user_expressions={"answer": f"{MODULE}.taken({context.tool_call_id!r})"},
                allow_stdin=False,
            )
            listening = asyncio.create_task(self._listen(client, request, context, running))
            return _given(await self._reply(client, request, kernel_id, name), name)
        except asyncio.CancelledError:
            if running.is_set() and self._life(kernel_id) is not None:
                # Nobody waits for it any more: neither should the kernel.
                await asyncio.shield(ensure_async(self._kernels.interrupt_kernel(kernel_id)))
            raise
        finally:
            if listening is not None:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
            client.stop_channels()

    async def _reply(self, client: Any, request: str, kernel_id: str, name: str) -> dict[str, Any]:
        from queue import Empty

        life = self._life(kernel_id)
        while True:
            try:
                message = await client.get_shell_msg(timeout=ALIVE_SECONDS)
            except Empty:
                if self._life(kernel_id) != life or not await ensure_async(self._kernels.is_alive(kernel_id)):
                    raise ToolError(
                        f"The kernel was restarted or died while it ran {name}; it is not known whether it was done."
                    ) from None
                continue
            if message["parent_header"].get("msg_id") == request:
                content: dict[str, Any] = message["content"]
                return content

    async def _listen(self, client: Any, request: str, context: ToolContext, running: asyncio.Event) -> None:
        """What the function prints is its progress."""
        while True:
            message = await client.get_iopub_msg(timeout=None)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                context.progress(delta=content["text"])
            elif message["msg_type"] == "status":
                if content["execution_state"] == "busy":
                    running.set()
                else:
                    running.clear()


def _given(reply: dict[str, Any], name: str) -> ToolOutput:
    """Raises ToolError where the kernel could not call it."""
    from jupyter_agent.tools.offers import output_of

    shown = reply.get("user_expressions", {}).get("answer", {})
    if reply.get("status") != "ok" or shown.get("status") != "ok":
        failed = reply if reply.get("status") != "ok" else shown
        if failed.get("ename") == "KeyboardInterrupt":
            raise ToolError(f"{name} was interrupted.")
        raise ToolError(f"The kernel could not call {name}: {failed.get('ename')}: {failed.get('evalue')}")
    return output_of(ClientToolResult.model_validate_json(ast.literal_eval(shown["data"]["text/plain"])), name)
