"""What goes wrong with documents. All of them are ToolErrors: a tool that lets one pass tells the model its message."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from jupyter_agent.tools.tool import ToolError


class DocumentError(ToolError):
    """A document could not be read or changed; nothing was changed."""


class NotFound(DocumentError):
    """There is no such file, or nobody may see it."""


class OutsideRoot(DocumentError):
    """The path leads out of the server's root."""


class NotText(DocumentError):
    """The file is not UTF-8 text."""


class TooLarge(DocumentError):
    """The file is larger than what is read at once."""


class Exists(DocumentError):
    """There is something at that path already."""


class ReadOnly(DocumentError):
    """The document cannot be written."""


class InvalidNotebook(DocumentError):
    """The file is no notebook that can be read."""


class InvalidEdit(DocumentError):
    """The operation makes no sense: a kind of cell that does not exist, an id that is used already."""


class Busy(DocumentError):
    """Somebody else wrote the file at the same moment, time and again."""


class Undecided(DocumentError):
    """An open tab did not answer in time: whether it did what it was asked is not known."""


class TextConflict(DocumentError):
    """The file is not what it was expected to be."""

    def __init__(self, path: str, current: str | None) -> None:
        what = "does not exist any more" if current is None else "was changed since it was read"
        super().__init__(f"{path} {what}. Nothing was written; read it again.")
        self.path = path
        self.current = current


class Conflict(DocumentError):
    """A cell's source is not what it was expected to be. Nothing of the whole edit was written."""

    def __init__(self, cell_id: str, source: str) -> None:
        from jupyter_agent.documents.cells import source_hash

        super().__init__(
            f"Cell {cell_id} was changed since it was read. Nothing was written. Its source is now "
            f"(hash {source_hash(source)}):\n{source}"
        )
        self.cell_id = cell_id
        self.source = source


class UnknownCell(DocumentError):
    """No cell has that id. Never taken for an index."""

    def __init__(self, cell_id: str, known: Iterable[str], path: str | None = None) -> None:
        ids = list(known)
        where = f" in {path}" if path else ""
        super().__init__(f"There is no cell {cell_id[:80]!r}{where}. {_near(cell_id, ids)}")
        self.cell_id = cell_id


def _near(cell_id: str, ids: Sequence[str]) -> str:
    if not ids:
        return "The notebook has no cells."
    near = difflib.get_close_matches(cell_id, ids, n=5, cutoff=0.5)
    if near:
        return f"Like it: {', '.join(near)}."
    shown = ", ".join(ids[:20])
    return f"Cells: {shown}{f' and {len(ids) - 20:,} more' if len(ids) > 20 else ''}. notebook_map lists them."
