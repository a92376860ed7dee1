"""One notebook, wherever it is: in a live tab, in a collaboration room, or in its file. In this order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from jupyter_agent.documents import files, live
from jupyter_agent.documents.cells import Cell
from jupyter_agent.documents.errors import Busy, DocumentError, InvalidNotebook, UnknownCell
from jupyter_agent.documents.files import OutputState, Skimmed
from jupyter_agent.documents.operations import AppliedOperation, Operation, SetOutputs, apply_operations

if TYPE_CHECKING:
    from jupyter_agent.documents.service import DocumentService

log = logging.getLogger(__name__)

T = TypeVar("T")

Via = Literal["live", "rtc", "file"]

ATTEMPTS = 3
"""How often an edit of a file is made again that somebody else wrote in between."""
WRITING_SECONDS = 0.1
"""For somebody else to end writing a file that could not be read."""
KEPT = 8
"""Notebooks whose cells, without outputs, are kept in memory for the next look."""


@dataclass
class NotebookView:
    """What is in a notebook now."""

    path: str
    cells: list[Cell]
    """nbformat dicts with ids, all or those asked for; without their outputs where these were not asked for."""
    metadata: dict[str, Any]
    via: Via
    ids: list[str]
    """Of all cells, in their order."""
    states: dict[str, OutputState] = field(default_factory=dict)
    """What is known of the outputs of code, by id."""
    kernel_id: str | None = None
    dirty: bool = False
    """Whether a tab holds changes that are not saved."""
    read_only: bool = False

    def cell(self, cell_id: str) -> Cell:
        """Raises UnknownCell."""
        for cell in self.cells:
            if cell["id"] == cell_id:
                return cell
        raise UnknownCell(cell_id, self.ids, self.path)

    def index(self, cell_id: str) -> int:
        """Where it stands, from 0. Raises UnknownCell."""
        try:
            return self.ids.index(cell_id)
        except ValueError:
            raise UnknownCell(cell_id, self.ids, self.path) from None

    @property
    def language(self) -> str:
        """The kernel's language, as the notebook has it."""
        info = self.metadata.get("language_info") or {}
        spec = self.metadata.get("kernelspec") or {}
        return str(info.get("name") or spec.get("language") or "python")


class Notebook:
    """The one way to a notebook. Made anew for each use; it keeps nothing."""

    def __init__(self, documents: DocumentService, owner: str, path: str) -> None:
        self._documents = documents
        self.owner = owner
        self.path = path

    async def read(self, cell_ids: Sequence[str] | None = None, *, outputs: bool = False) -> NotebookView:
        """The cells, all or these. Raises NotFound, InvalidNotebook, UnknownCell."""
        path = self.path = await self._documents.check_notebook(self.path)
        view = await live.read(self._documents.live, self.owner, path, cell_ids, outputs=outputs)
        if view is None and (room := await self._documents.room(path)) is not None:
            view = room.read(outputs=outputs)
        if view is None:
            view = await self._settled(lambda: self._read_file(cell_ids, outputs=outputs))
        if view.kernel_id is None:
            view.kernel_id = await self._documents.kernels.running(path)
        if cell_ids is not None:
            view.cells = [view.cell(cell_id) for cell_id in cell_ids]
        return view

    async def apply(
        self, operations: Sequence[Operation], turn_id: str | None = None, *, mark: bool = True
    ) -> list[AppliedOperation]:
        """Does all of them or none. `mark` shows in a live tab which cells an agent changed.

        Raises Conflict, UnknownCell, InvalidEdit, ReadOnly, NotFound, InvalidNotebook, Busy."""
        path = self.path = await self._documents.check_notebook(self.path)
        async with self._documents.lock(path):
            done = await live.apply(self._documents.live, self.owner, path, operations, turn_id, mark=mark)
            if done is None and (room := await self._documents.room(path)) is not None:
                done = room.apply(operations)
            if done is None:
                done = await self._settled(lambda: self._apply_file(operations), locked=True)
        return done

    async def save(self) -> Via:
        """Writes what tabs hold into the file; which way it was. A notebook that no tab holds is saved already."""
        path = self.path = await self._documents.check_notebook(self.path)
        if await live.save(self._documents.live, self.owner, path):
            return "live"
        if await self._documents.room(path) is not None:
            return "rtc"  # it saves by itself, a moment after each change
        if await self._documents.contents.stat(path) is None:
            await self._documents.contents.text(path)  # raises NotFound
        return "file"

    # The file --------------------------------------------------------------------------------------------------------

    async def _settled(self, work: Callable[[], Awaitable[T]], *, locked: bool = False) -> T:
        """Does it, again where the file could not be read: Jupyter writes files in place, so that a reader may come in
        the middle of that. The writes of this server are waited for."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with contextlib.nullcontext() if locked else self._documents.lock(self.path):
                    return await work()
            except InvalidNotebook:
                if attempt == ATTEMPTS:
                    raise
            await asyncio.sleep(WRITING_SECONDS)
        raise AssertionError("unreachable")

    async def _read_file(self, cell_ids: Sequence[str] | None, *, outputs: bool) -> NotebookView:
        skimmed = await self._documents.skim(self.path)
        cells = skimmed.cells
        if outputs:
            text, _ = await self._documents.contents.text(self.path)
            wanted = None if cell_ids is None else set(cell_ids)
            cells = await asyncio.to_thread(files.cells_with_outputs, text, self.path, wanted)
        return NotebookView(
            path=self.path,
            cells=list(cells),
            metadata=skimmed.metadata,
            via="file",
            ids=[cell["id"] for cell in skimmed.cells],
            states=skimmed.states,
        )

    async def _apply_file(self, operations: Sequence[Operation]) -> list[AppliedOperation]:
        contents = self._documents.contents
        notary: Any = getattr(contents.manager, "notary", None)
        ran = {operation.cell_id for operation in operations if isinstance(operation, SetOutputs)}
        for _ in range(ATTEMPTS):
            text, read_at = await contents.text(self.path)
            notebook, signature = await asyncio.to_thread(files.parse, text, self.path, notary)
            try:
                notebook["cells"], done = apply_operations(notebook["cells"], operations)
            except UnknownCell as error:
                raise UnknownCell(error.cell_id, [cell["id"] for cell in notebook["cells"]], self.path) from None
            trusted = notary is not None and notary.store.check_signature(signature, notary.algorithm)
            files.mark_trusted(notebook, trusted, ran)
            now = await contents.stat(self.path)
            if now is not None and now["last_modified"] == read_at:
                saved = await contents.save(
                    self.path, {"type": "notebook", "format": "json", "content": notebook, "last_modified": read_at}
                )
                if saved.get("message"):
                    # As Jupyter itself: a notebook that breaks the format is saved all the same.
                    log.warning("%s: %s", self.path, saved["message"])
                return done
        raise Busy(f"{self.path!r} is being written by somebody else; nothing was changed. Try again in a moment.")


class Skims:
    """Cells of the notebooks that were looked at last, as long as their files stay as they were."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[tuple[datetime, int | None], Skimmed]] = {}

    async def get(self, documents: DocumentService, path: str) -> Skimmed:
        """Raises NotFound, InvalidNotebook, NotText."""
        model = await documents.contents.stat(path)
        if model is not None and model["type"] != "directory":
            kept = self._kept.pop(path, None)
            if kept is not None and kept[0] == (model["last_modified"], model.get("size")):
                self._kept[path] = kept
                return kept[1]
        text, _ = await documents.contents.text(path)
        skimmed = await asyncio.to_thread(files.skim, text, path)
        if model is not None:
            self._kept[path] = ((model["last_modified"], model.get("size")), skimmed)
            while len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
        return skimmed


def require_notebook(path: str) -> None:
    """Raises DocumentError where the path is no notebook file's."""
    if not path.endswith(".ipynb"):
        raise DocumentError(f"{path!r} is no notebook: its name does not end with .ipynb.")
