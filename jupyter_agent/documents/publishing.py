"""What a running cell puts out is shown where the notebook is: in a live tab about ten times a second, in a file every
few seconds. When the tab closes, it goes on in the file."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from jupyter_agent.documents.errors import DocumentError, UnknownCell
from jupyter_agent.documents.operations import SetOutputs

if TYPE_CHECKING:
    from jupyter_agent.documents.execution import Execution
    from jupyter_agent.documents.service import DocumentService

log = logging.getLogger(__name__)

LIVE_SECONDS = 0.1
FILE_SECONDS = 3.0
SHARE = 30
"""A file that takes long to write is written so many times less often than that."""
TAB_SECONDS = 30.0
"""For a tab to take a piece of output; one that does not is not asked again for this cell."""


class Publisher:
    """Puts the outputs of one execution into its cell."""

    def __init__(self, documents: DocumentService, execution: Execution) -> None:
        assert execution.target is not None
        self._documents = documents
        self._execution = execution
        self._target = execution.target
        self._task: asyncio.Task[None] | None = None
        self._tab: str | None = None
        """The connection that was shown all until now."""
        self._unwilling: set[str] = set()
        self._written = 0
        self._file_due = 0.0
        self._gone = False
        self._ending = asyncio.Event()

    def start(self) -> None:
        self._task = asyncio.create_task(self._follow())

    async def finish(self) -> None:
        """Puts the last of it in place."""
        self._ending.set()
        self._execution.changed.set()
        if self._task is not None:
            await asyncio.wait([self._task])
        await self._publish(final=True)

    async def _follow(self) -> None:
        execution = self._execution
        while not self._ending.is_set():
            await execution.changed.wait()
            execution.changed.clear()
            if execution.state == "running":
                await self._publish(final=False)
            try:
                async with asyncio.timeout(LIVE_SECONDS):
                    await self._ending.wait()
            except TimeoutError:
                continue

    async def _publish(self, *, final: bool) -> None:
        if self._gone:
            return
        try:
            if not await self._show(final=final):
                await self._write(final=final)
        except UnknownCell:
            self._gone = True
            self._execution.note = f"Cell {self._target.cell_id} is gone from the notebook, its outputs with it."
        except DocumentError as error:
            if final:
                self._execution.note = f"The outputs could not be put into the notebook: {error.message}"
        except Exception:
            log.exception("outputs of a cell could not be shown")
            if final:
                self._execution.note = "The outputs could not be put into the notebook; the server's log tells why."

    # A live tab

    async def _show(self, *, final: bool) -> bool:
        """Whether a tab shows it."""
        from jupyter_agent.tools.live import LiveError, LiveGone

        live, target, area = self._documents.live, self._target, self._execution.area
        if live is None:
            return False
        for holder in live.holders(target.owner, target.path):
            if holder.id in self._unwilling:
                continue
            params: dict[str, Any] = {
                "path": target.path,
                "cell_id": target.cell_id,
                "state": "idle" if final else "running",
            }
            if holder.id != self._tab:
                area.forget()
            if final and not area.complete:
                params |= {"outputs": area.outputs, "append": False}
            elif (fresh := area.fresh()) is not None:
                params |= {"outputs": fresh[0], "append": fresh[1]}
            elif not final and self._tab is not None:
                return True
            if final:
                params["execution_count"] = area.execution_count
            try:
                self._tab = holder.id
                await live.request(target.owner, holder.id, "notebook/execution", params, TAB_SECONDS)
                return True
            except LiveGone:
                self._tab = None
            except LiveError as error:
                self._tab = None
                if error.code == "not_found":
                    raise UnknownCell(target.cell_id, (), target.path) from error
                self._unwilling.add(holder.id)
        self._tab = None
        return False

    # A file, or a room

    async def _write(self, *, final: bool) -> None:
        area, target = self._execution.area, self._target
        if not final and (area.revision == self._written or time.monotonic() < self._file_due):
            # Looked at again soon, also where nothing new comes.
            if area.revision != self._written:
                self._execution.changed.set()
            return
        started = time.monotonic()
        revision = area.revision
        notebook = self._documents.notebook(target.owner, target.path)
        await notebook.apply(
            [SetOutputs(target.cell_id, area.outputs, area.execution_count)], target.turn_id, mark=False
        )
        self._written = revision
        self._file_due = time.monotonic() + max(FILE_SECONDS, SHARE * (time.monotonic() - started))
