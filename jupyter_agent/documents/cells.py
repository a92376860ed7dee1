"""What a cell is to us: an nbformat dict with an id."""

from __future__ import annotations

import hashlib
from typing import Any

Cell = dict[str, Any]

CELL_TYPES = ("code", "markdown", "raw")


def source_hash(source: str) -> str:
    """The 12 hex digits by which a model says which source it has read."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def joined(text: Any) -> str:
    """A multi-line string of the notebook format, which may be a list of lines."""
    return "".join(text) if isinstance(text, list) else str(text or "")


def source_of(cell: Cell) -> str:
    return joined(cell.get("source"))


def new_cell(cell_type: str, source: str) -> Cell:
    """A cell with an id of its own."""
    import uuid

    # As nbformat makes them.
    cell: Cell = {"id": uuid.uuid4().hex[:8], "cell_type": cell_type, "metadata": {}, "source": source}
    if cell_type == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell


def provisional_id(position: int, source: str) -> str:
    """The id that a cell without one goes by until the notebook's first edit writes it down.

    It follows from what the cell is and where it stands, so that every reading of the same file gives the same; where
    either changed in between, the id is unknown and nothing is edited by mistake."""
    return hashlib.sha256(f"{position}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()[:8]


def notebook_text(notebook: dict[str, Any]) -> str:
    """A notebook as its file has it."""
    import json

    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def with_type(cell: Cell, cell_type: str) -> Cell:
    """The same cell as another kind; outputs stay with code only."""
    changed = {**cell, "cell_type": cell_type}
    if cell_type == "code":
        changed.setdefault("outputs", [])
        changed.setdefault("execution_count", None)
        changed.pop("attachments", None)
    else:
        changed.pop("outputs", None)
        changed.pop("execution_count", None)
    return changed
