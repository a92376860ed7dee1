"""Kernels of notebooks: found, started, interrupted, restarted; and the code that the server runs in them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async

from jupyter_agent.documents.errors import DocumentError
from jupyter_agent.documents.execution import Execution, Target
from jupyter_agent.documents.link import Died, KernelLink
from jupyter_agent.documents.publishing import Publisher
from jupyter_agent.documents.rendering import render

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from jupyter_agent.documents.service import DocumentService

REMEMBERED = 20
"""Executions of a kernel that are remembered when they have ended."""
LAST_CHARACTERS = 10_000
"""Of the output of code that nobody waited for and that is no cell's."""
GOODBYE_SECONDS = 5.0
"""For what runs to be written down when the server stops, and for an interrupted cell to end."""


class KernelBusy(DocumentError):
    """The kernel is busy with something else for too long."""


class NoKernel(DocumentError):
    """The notebook has no running kernel, or none can be started."""


@dataclass(frozen=True)
class Ended:
    """Code that has run."""

    description: str
    text: str
    """The end of its output, where its call did not wait for it and it is no cell's."""


@dataclass(frozen=True)
class KernelState:
    """A running kernel, as the server knows it."""

    id: str
    name: str
    state: str
    """idle, busy, starting, restarting, dead or unknown."""
    language: str
    """As its kernel spec says; empty where it does not."""


class Kernels:
    """The kernels that run for notebooks."""

    def __init__(self, documents: DocumentService, server: ServerApp) -> None:
        self._documents = documents
        self._server = server
        self._links: dict[str, KernelLink] = {}
        self._executions: dict[str, list[Execution]] = {}
        self._ended: dict[str, deque[Ended]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._starting: dict[str, asyncio.Lock] = {}

    @property
    def _manager(self) -> Any:
        return self._server.kernel_manager

    async def sessions(self) -> list[dict[str, Any]]:
        """Jupyter's own sessions that have a kernel."""
        return [one for one in await self._server.session_manager.list_sessions() if one.get("kernel")]

    async def running(self, path: str) -> str | None:
        """The id of the kernel that runs for this notebook; None where there is none."""
        for session in await self.sessions():
            if session_path(session) == path:
                return str(session["kernel"]["id"])
        return None

    def of(self, owner: str, path: str) -> NotebookKernel:
        return NotebookKernel(self._documents, self, owner, path)

    def state(self, kernel_id: str) -> KernelState | None:
        """None where there is no such kernel (any more)."""
        if kernel_id not in self._manager:
            return None
        kernel = self._manager.get_kernel(kernel_id)
        spec = getattr(kernel, "kernel_spec", None)
        state = str(getattr(kernel, "execution_state", None) or "unknown")
        return KernelState(kernel_id, str(kernel.kernel_name), state, str(getattr(spec, "language", "") or ""))

    def executions(self, kernel_id: str) -> list[Execution]:
        """What the server runs in this kernel now, the oldest first."""
        return list(self._executions.get(kernel_id, ()))

    def ended(self, kernel_id: str) -> list[Ended]:
        """What the server ran in this kernel, the oldest first."""
        return list(self._ended.get(kernel_id, ()))

    def _forget_gone(self) -> None:
        """Kernels that are not there any more."""
        for known in (self._links, self._executions, self._ended):
            for kernel_id in [one for one in known if one not in self._manager]:
                del known[kernel_id]

    async def start(self, path: str, kernel_name: str | None) -> str:
        """Starts a kernel in a session of this notebook, so that a tab finds it; its id. Raises NoKernel."""
        lock = self._starting.setdefault(path, asyncio.Lock())
        async with lock:
            if (running := await self.running(path)) is not None:
                return running
            specs: Any = self._server.kernel_spec_manager
            known = await ensure_async(specs.get_all_specs())
            name = kernel_name or self._manager.default_kernel_name
            if name not in known:
                raise NoKernel(
                    f"The notebook wants the kernel {name!r}, which is not installed. Kernels: "
                    f"{', '.join(sorted(known)) or 'none'}."
                )
            try:
                session = await self._server.session_manager.create_session(
                    path=path,
                    name=path.rpartition("/")[2],
                    type="notebook",
                    kernel_name=name,
                )
            except Exception as error:  # a provisioner raises whatever it likes
                raise NoKernel(f"The kernel {name!r} could not be started: {type(error).__name__}: {error}") from error
            return str(session["kernel"]["id"])

    async def link(self, kernel_id: str) -> KernelLink:
        """The connection to a kernel, beside those of tabs. Raises NoKernel."""
        if kernel_id not in self._manager:
            raise NoKernel("The kernel is not running any more.")
        link = self._links.get(kernel_id)
        if link is None or link.closed:
            self._forget_gone()
            link = self._links[kernel_id] = KernelLink(self._manager, kernel_id)
        try:
            await link.open()
        except Died as error:
            raise NoKernel(str(error)) from error
        return link

    async def execute(
        self,
        kernel_id: str,
        code: str,
        *,
        target: Target | None = None,
        listener: Callable[[str], None] | None = None,
    ) -> Execution:
        """Begins to run code; it goes on whatever becomes of the caller. Raises NoKernel."""
        link = await self.link(kernel_id)
        execution = Execution(kernel_id=kernel_id, code=code, target=target, listener=listener)
        self._executions.setdefault(kernel_id, []).append(execution)
        self.keep(asyncio.create_task(self._run(link, execution)))
        return execution

    def keep(self, task: asyncio.Task[Any]) -> None:
        """Holds on to a task that goes on after the call that began it."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, link: KernelLink, execution: Execution) -> None:
        publisher = None
        if execution.target is not None:
            publisher = Publisher(self._documents, execution)
            publisher.start()
        try:
            await link.run(execution)
        finally:
            if publisher is not None:
                await publisher.finish()
            ended = Ended(execution.describe(), await self._last_words(execution))
            self._ended.setdefault(execution.kernel_id, deque(maxlen=REMEMBERED)).append(ended)
            if execution in (running := self._executions.get(execution.kernel_id, [])):
                running.remove(execution)
            execution.finished()

    @staticmethod
    async def _last_words(execution: Execution) -> str:
        """What stands in no notebook. Its outputs as a whole are forgotten with it: they can be large."""
        if execution.target is not None or not execution.detached:
            return ""
        return (await asyncio.to_thread(render, execution.area.outputs, pictures=0)).text[-LAST_CHARACTERS:]

    async def ask(self, kernel_id: str, kind: str, content: dict[str, Any], *, patience: float) -> dict[str, Any]:
        """A request on the shell channel that leaves nothing behind: its reply's content.

        Raises KernelBusy where the kernel does not come to it in time, NoKernel where it dies."""
        link = await self.link(kernel_id)
        try:
            return await link.ask(kind, content, patience=patience)
        except TimeoutError:
            raise KernelBusy(self.busy_with(kernel_id)) from None
        except Died as error:
            raise NoKernel(str(error)) from error

    def busy_with(self, kernel_id: str) -> str:
        what = "; ".join(one.describe() for one in self.executions(kernel_id)) or "something that was started elsewhere"
        return f"The kernel is busy with {what}. Wait for it, or use interrupt_kernel."

    async def interrupt(self, kernel_id: str) -> None:
        """Raises NoKernel."""
        if kernel_id not in self._manager:
            raise NoKernel("The kernel is not running any more.")
        await ensure_async(self._manager.interrupt_kernel(kernel_id))

    async def restart(self, kernel_id: str) -> None:
        """Raises NoKernel. What ran in it ends with an error."""
        if kernel_id not in self._manager:
            raise NoKernel("The kernel is not running any more.")
        link = self._links.pop(kernel_id, None)
        if link is not None:
            link.close("The kernel was restarted while this ran.")
        try:
            await ensure_async(self._manager.restart_kernel(kernel_id))
        except Exception as error:
            raise NoKernel(f"The kernel could not be restarted: {type(error).__name__}: {error}") from error

    async def cancel(self, execution: Execution) -> None:
        """Ends an execution: what waits is not begun, what runs is interrupted; gives it a moment to end."""
        execution.cancelled = True
        if execution.state == "running":
            with contextlib.suppress(NoKernel):
                await self.interrupt(execution.kernel_id)
        await execution.wait(GOODBYE_SECONDS)

    async def close(self) -> None:
        """Ends the connections; what still ran is written down as it stands."""
        for link in self._links.values():
            link.close("The server was stopped while this ran.")
        self._links.clear()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GOODBYE_SECONDS)
            for task in late:
                task.cancel()


class NotebookKernel:
    """The way to one notebook's kernel."""

    def __init__(self, documents: DocumentService, kernels: Kernels, owner: str, path: str) -> None:
        self._documents = documents
        self._kernels = kernels
        self.owner = owner
        self.path = path

    async def find(self) -> KernelState | None:
        """The kernel that runs for the notebook: its session's, or the one that an open tab uses; None without one."""
        kernel_id = await self._kernels.running(self.path)
        live = self._documents.live
        if kernel_id is None and live is not None and live.holders(self.owner, self.path):
            view = await self._documents.notebook(self.owner, self.path).read()
            kernel_id = view.kernel_id
        return self._kernels.state(kernel_id) if kernel_id is not None else None

    async def require(self) -> KernelState:
        """Raises NoKernel where none runs."""
        found = await self.find()
        if found is None:
            raise NoKernel(f"No kernel runs for {self.path!r}. run_cells and run_code start one.")
        return found

    async def ensure(self) -> tuple[KernelState, bool]:
        """The running kernel, and whether it was started just now. Raises NoKernel, NotFound."""
        found = await self.find()
        if found is not None:
            return found, False
        view = await self._documents.notebook(self.owner, self.path).read()
        spec = view.metadata.get("kernelspec") or {}
        kernel_id = await self._kernels.start(self.path, spec.get("name"))
        started = self._kernels.state(kernel_id)
        if started is None:
            raise NoKernel("The kernel died while it started.")
        return started, True


def session_path(session: dict[str, Any]) -> str:
    """The path of a session's document, without the name of a drive."""
    return str(session.get("path") or "").rpartition(":")[2]
