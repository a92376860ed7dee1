"""The server's own connection to a kernel, beside those of tabs: it sends code and hands out what comes back."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from jupyter_core.utils import ensure_async

from jupyter_agent.documents.execution import Execution

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often it is looked whether the kernel still lives, while something runs."""
IDLE_SECONDS = 0.1
"""How often it is looked whether what waits for a busy kernel was cancelled."""
READY_SECONDS = 60.0
"""For a kernel to answer its first request."""
RESTART_SECONDS = 15.0
"""For a kernel that died to be started anew."""
LAST_WORDS_SECONDS = 5.0
"""How long outputs may be silent after the kernel's reply, before what is missing is given up."""
RECEIVED_MESSAGES = 10_000
"""Outputs that may wait in the socket; zmq drops what is more, and 1,000 are soon there."""

DIED = (
    "The kernel died while this ran: its process ended, as it does when it runs out of memory. Its variables are gone; "
    "Jupyter starts it anew."
)


class Died(Exception):
    """The kernel is gone, or was restarted, while something was asked of it."""


class KernelLink:
    """Channels to one kernel. One piece of code at a time goes through it."""

    def __init__(self, manager: Any, kernel_id: str) -> None:
        self._manager = manager
        self._kernel = manager.get_kernel(kernel_id)
        self.kernel_id = kernel_id
        self.closed = False
        self._why = "The connection to the kernel was closed."
        self._client: Any = None
        self._readers: list[asyncio.Task[None]] = []
        self._lock = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._replies: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._outputs: dict[str, Callable[[str, dict[str, Any]], None]] = {}
        self._ready = False
        self._watches = False
        self._process: object = None

    async def open(self) -> None:
        """Connects, where it is not connected yet. Raises Died where the kernel is none that can be connected to."""
        async with self._opening:
            if self.closed:
                raise Died(self._why)
            if self._client is None:
                await self._open()

    async def _open(self) -> None:
        from jupyter_client.asynchronous.client import AsyncKernelClient

        class Client(AsyncKernelClient):
            def connect_iopub(self, identity: bytes | None = None) -> Any:
                socket: Any = super().connect_iopub(identity)
                # The limit counts for connections that are made after it is set.
                url = self._make_url("iopub")
                socket.disconnect(url)
                socket.rcvhwm = RECEIVED_MESSAGES
                socket.connect(url)
                return socket

        try:
            await ensure_async(self._kernel.ready)
            await self._until_alive()
            info = self._kernel.get_connection_info()
        except Exception as error:  # whatever made the kernel fail to start
            self.close(f"The kernel is not running: {error}")
            raise Died(self._why) from error
        if not info.get("shell_port"):
            self.close("The kernel runs behind a gateway, where the server cannot run code beside the notebook's tab.")
            raise Died(self._why)
        client = self._client = Client()
        client.load_connection_info(info)
        client.start_channels(stdin=False, hb=False, control=False)
        self._process = self._process_now()
        for event in ("restart", "dead"):
            self._manager.add_restart_callback(self.kernel_id, self._on_death, event)
        self._watches = True
        self._readers = [
            asyncio.create_task(self._read(client.shell_channel, self._on_reply)),
            asyncio.create_task(self._read(client.iopub_channel, self._on_output)),
        ]

    async def _until_alive(self) -> None:
        """Waits while Jupyter restarts a kernel that died. Raises Died where it does not come back."""
        deadline = time.monotonic() + RESTART_SECONDS
        while not await ensure_async(self._kernel.is_alive()):
            if time.monotonic() > deadline:
                raise Died("it is dead")
            await asyncio.sleep(IDLE_SECONDS)

    def close(self, why: str) -> None:
        """Closes the channels; what still runs ends with this as its reason."""
        if self.closed:
            return
        self.closed, self._why = True, why
        # Not now: it may be one of these that is called.
        asyncio.get_running_loop().call_soon(self._watch_no_more)
        for reader in self._readers:
            reader.cancel()
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(Died(why))
                reply.exception()
        if self._client is not None:
            self._client.stop_channels()

    # Messages --------------------------------------------------------------------------------------------------------

    async def _read(self, channel: Any, take: Callable[[dict[str, Any]], None]) -> None:
        while True:
            try:
                take(await channel.get_msg())
            except asyncio.CancelledError:
                raise
            except ValueError as error:  # a message that is not signed, or was seen before
                log.warning("a message of kernel %s cannot be read: %s", self.kernel_id, error)
            except Exception:
                log.exception("the connection to kernel %s broke", self.kernel_id)
                self.close("The connection to the kernel broke.")
                return

    def _on_reply(self, message: dict[str, Any]) -> None:
        reply = self._replies.get(message["parent_header"].get("msg_id", ""))
        if reply is not None and not reply.done():
            reply.set_result(message["content"])

    def _on_output(self, message: dict[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        if kind == "shutdown_reply" or (kind == "status" and content.get("execution_state") == "restarting"):
            self.close(
                "The kernel was restarted while this ran."
                if content.get("restart", True)
                else "The kernel was shut down while this ran."
            )
            return
        output = self._outputs.get(message["parent_header"].get("msg_id", ""))
        if output is not None:
            output(kind, content)

    def _send(self, kind: str, content: dict[str, Any], metadata: dict[str, Any] | None = None) -> str:
        message = self._client.session.msg(kind, content, metadata=metadata)
        self._replies[message["header"]["msg_id"]] = asyncio.get_running_loop().create_future()
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    # The kernel's life -----------------------------------------------------------------------------------------------

    def _process_now(self) -> object:
        """What changes when the kernel is restarted: its process, where it has one of this machine's."""
        return getattr(getattr(self._kernel, "provisioner", None), "pid", None)

    def _watch_no_more(self) -> None:
        if self._watches and self.kernel_id in self._manager:
            for event in ("restart", "dead"):
                self._manager.remove_restart_callback(self.kernel_id, self._on_death, event)
        self._watches = False

    def _on_death(self) -> None:
        """Jupyter has seen that the kernel died; it starts a new one."""
        self.close(DIED)

    async def _check_alive(self) -> None:
        """Raises Died, and closes, where the kernel is not what it was."""
        if self.closed:
            raise Died(self._why)
        if self.kernel_id not in self._manager:
            self.close("The kernel was shut down while this ran.")
        elif not await ensure_async(self._kernel.is_alive()):
            self.close(DIED)
        elif self._process_now() != self._process:
            self.close("The kernel was restarted while this ran. Its variables are gone.")
        if self.closed:
            raise Died(self._why)

    async def _until_free(self, cancelled: Callable[[], bool]) -> None:
        """Waits while the kernel does something for somebody else: what is queued in it could not be taken back, and to
        interrupt it would hit the wrong cell. Makes sure, once, that its outputs arrive here.

        A kernel that is said to be busy is asked something harmless: the server does not notice that a cell died with
        its kernel."""
        deadline = time.monotonic() + READY_SECONDS
        while not cancelled() and not (self._ready and self._state() != "busy"):
            idle = asyncio.Event()

            def heard(kind: str, content: dict[str, Any], idle: asyncio.Event = idle) -> None:
                if kind == "status" and content["execution_state"] == "idle":
                    idle.set()

            message_id = self._send("kernel_info_request", {})
            self._outputs[message_id] = heard
            reply = self._replies[message_id]
            try:
                while not reply.done() and not cancelled():
                    await asyncio.wait([reply], timeout=IDLE_SECONDS if self._state() == "busy" else LOOK_SECONDS)
                    await self._check_alive()
                    if time.monotonic() > deadline and self._state() != "busy":
                        self.close(f"The kernel did not answer within {READY_SECONDS:g} seconds.")
                        raise Died(self._why)
                if not reply.done() or reply.result().get("status") not in ("ok", None):
                    continue
                await self._until(idle)
                if idle.is_set():
                    self._ready = True
                    return
            finally:
                del self._outputs[message_id], self._replies[message_id]

    def _state(self) -> str:
        return str(getattr(self._kernel, "execution_state", None))

    # Work ------------------------------------------------------------------------------------------------------------

    async def run(self, execution: Execution) -> None:
        """Runs it to its end, whatever that is; it is known in `execution`."""
        try:
            async with self._lock:
                await self._check_alive()
                await self._until_free(lambda: execution.cancelled)
                if execution.cancelled:
                    execution.end("interrupted")
                else:
                    await self._run(execution)
        except Died as error:
            execution.lose(str(error))
        except Exception as error:
            log.exception("code in kernel %s could not be followed", self.kernel_id)
            execution.lose(f"What came back from the kernel could not be followed ({type(error).__name__}).")

    async def _run(self, execution: Execution) -> None:
        target = execution.target
        idle = asyncio.Event()
        last_heard = time.monotonic()

        def heard(kind: str, content: dict[str, Any]) -> None:
            nonlocal last_heard
            last_heard = time.monotonic()
            if kind == "status":
                if content["execution_state"] == "idle":
                    idle.set()
            else:
                execution.message(kind, content)

        execution.begin()
        message_id = self._send(
            "execute_request",
            {
                "code": execution.code,
                "silent": False,
                "store_history": target is not None,
                "user_expressions": {},
                # Nobody sits there to answer.
                "allow_stdin": False,
                "stop_on_error": True,
            },
            {"cellId": target.cell_id} if target is not None else {},
        )
        self._outputs[message_id] = heard
        reply = self._replies[message_id]
        try:
            while not reply.done():
                await asyncio.wait([reply], timeout=LOOK_SECONDS)
                if not reply.done():
                    await self._check_alive()
            content = reply.result()
            while not idle.is_set():
                if time.monotonic() - last_heard > LAST_WORDS_SECONDS:
                    execution.note = "The kernel did not say that all outputs were sent; some may be missing."
                    break
                await self._until(idle)
                if self.closed:
                    raise Died(self._why)
            execution.area.execution_count = content.get("execution_count") or execution.area.execution_count
            if content.get("status") == "ok":
                execution.end("done")
            elif execution.cancelled or content.get("ename") == "KeyboardInterrupt":
                execution.end("interrupted")
            else:
                if content.get("status") in ("abort", "aborted"):
                    execution.area.fail("Aborted", "The kernel did not run it, because code before it failed.")
                execution.end("error")
        finally:
            del self._outputs[message_id], self._replies[message_id]

    @staticmethod
    async def _until(event: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await event.wait()
        except TimeoutError:
            return

    async def ask(self, kind: str, content: dict[str, Any], *, patience: float) -> dict[str, Any]:
        """The content of the reply. Raises Died, and TimeoutError where the kernel is busy for longer than that."""
        async with asyncio.timeout(patience):
            async with self._lock:
                await self._check_alive()
                await self._until_free(lambda: False)
                message_id = self._send(kind, content)
                try:
                    return await self._replies[message_id]
                finally:
                    del self._replies[message_id]
