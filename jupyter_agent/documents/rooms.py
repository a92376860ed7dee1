"""The way through a real-time collaboration room (jupyter-collaboration, where it is installed): the notebook as all
who have it open share it. Nothing waits between looking and changing, so that an edit is all or nothing."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jupyter_agent.documents.cells import Cell, joined
from jupyter_agent.documents.files import OutputState, state_of
from jupyter_agent.documents.operations import (
    AppliedOperation,
    Delete,
    Insert,
    Move,
    Operation,
    ReplaceCell,
    RestoreCell,
    SetOutputs,
    SetSource,
    SetType,
    apply_operations,
)

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from jupyter_agent.documents.notebooks import NotebookView

EXTENSION = "jupyter_server_ydoc"


async def find(server: ServerApp, path: str) -> Room | None:
    """The room in which this notebook is open; None where it is in none, or where there are no rooms."""
    apps = server.extension_manager.extension_apps.get(EXTENSION)
    if not apps:
        return None
    app: Any = next(iter(apps))
    document = await app.get_document(path=path, content_type="notebook", file_format="json", copy=False)
    return Room(path, document) if document is not None else None


class Room:
    """A notebook's shared model, as the server has it."""

    def __init__(self, path: str, document: Any) -> None:
        self._path = path
        self._document = document

    def _cells(self, *, outputs: bool) -> tuple[list[Cell], dict[str, OutputState]]:
        cells: list[Cell] = []
        states: dict[str, OutputState] = {}
        for shared in self._document.ycells:
            cell: Cell = {
                "id": str(shared["id"]),
                "cell_type": str(shared["cell_type"]),
                "metadata": _plain(shared.get("metadata") or {}),
                "source": str(shared["source"]),
            }
            if cell["cell_type"] == "code":
                count = shared.get("execution_count")
                cell["execution_count"] = None if count is None else int(count)
                if outputs:
                    cell["outputs"] = [_output(_plain(output)) for output in shared["outputs"]]
                    states[cell["id"]] = state_of(cell["outputs"])
                else:
                    states[cell["id"]] = _state(shared["outputs"])
            elif shared.get("attachments"):
                cell["attachments"] = _plain(shared["attachments"])
            cells.append(cell)
        return cells, states

    def read(self, *, outputs: bool) -> NotebookView:
        from jupyter_agent.documents.notebooks import NotebookView

        cells, states = self._cells(outputs=outputs)
        metadata = _plain(self._document.ydoc.get("meta", type=_types().Map).get("metadata") or {})
        return NotebookView(
            path=self._path,
            cells=cells,
            metadata=metadata,
            via="rtc",
            ids=[cell["id"] for cell in cells],
            states=states,
            dirty=bool(self._document.dirty),
        )

    def apply(self, operations: Sequence[Operation]) -> list[AppliedOperation]:
        """Raises Conflict, UnknownCell, InvalidEdit; nothing is changed then."""
        cells, _ = self._cells(outputs=True)
        _, done = apply_operations(cells, operations)
        with self._document.ydoc.transaction():
            for operation, one in zip(operations, done, strict=True):
                self._do(operation, one)
        return done

    def _do(self, operation: Operation, done: AppliedOperation) -> None:
        document = self._document
        match operation:
            case Insert() | RestoreCell():
                document.ycells.insert(done.index_after, document.create_ycell(done.after))
            case Delete():
                del document.ycells[done.index_before]
            case Move():
                # Yjs of today's front ends does not know pycrdt's own move.
                del document.ycells[done.index_before]
                document.ycells.insert(done.index_after, document.create_ycell(done.after))
            case SetType() | ReplaceCell():
                document.set_cell(done.index_after, done.after)
            case SetSource(_, source, _):
                _set_text(document.ycells[done.index_after]["source"], source)
            case SetOutputs(_, outputs, execution_count):
                shared = document.ycells[done.index_after]
                shared["outputs"].clear()
                shared["outputs"].extend([_shared_output(output) for output in outputs])
                shared["execution_count"] = execution_count


def _types() -> Any:
    # By its name: it is there only where rooms are.
    return importlib.import_module("pycrdt")


def _plain(shared: Any) -> Any:
    """A shared value as Python's own; numbers that went through JavaScript are whole again."""
    value = shared.to_py() if hasattr(shared, "to_py") else shared
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _output(output: dict[str, Any]) -> dict[str, Any]:
    return {**output, "text": joined(output["text"])} if "text" in output else output


def _state(outputs: Any) -> OutputState:
    errors = [output for output in outputs if output.get("output_type") == "error"]
    error = f"{errors[-1].get('ename', '')}: {errors[-1].get('evalue', '')}"[:200] if errors else None
    return OutputState(len(outputs), error)


def _shared_output(output: dict[str, Any]) -> Any:
    types = _types()
    if output.get("output_type") == "stream":
        return types.Map({**output, "text": types.Text(joined(output.get("text")))})
    return types.Map(output)


def _set_text(shared: Any, text: str) -> None:
    """Changes only the middle that differs, so that others' cursors stay where they are; counts in bytes."""
    before, after = str(shared), text
    most = min(len(before), len(after))
    head = 0
    while head < most and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < most - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    start = len(before[:head].encode())
    gone = len(before[head : len(before) - tail].encode())
    if gone:
        del shared[start : start + gone]
    if added := after[head : len(after) - tail]:
        shared.insert(start, added)
