"""The way through a lab tab that has the document open: its shared model, unsaved edits and Ctrl-Z included.

Each function gives None (or False) where no tab holds the document, or where the last one vanished before it answered:
the next way is taken then, which reads again and checks again what is expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_agent.documents.cells import Cell, source_of, with_type
from jupyter_agent.documents.errors import (
    Conflict,
    DocumentError,
    InvalidEdit,
    ReadOnly,
    TextConflict,
    TooLarge,
    Undecided,
    UnknownCell,
)
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
)

if TYPE_CHECKING:
    from jupyter_agent.documents.notebooks import NotebookView
    from jupyter_agent.tools.live import Live

T = TypeVar("T")

NOT_OPEN = "not_open"
"""A tab's answer where it has closed the document since it said that it holds it."""


async def ask(live: Live | None, owner: str, path: str, method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """The answer of the first tab that holds the document. Raises what its error means."""
    from jupyter_agent.tools.live import LiveError, LiveGone

    if live is None:
        return None
    for holder in live.holders(owner, path):
        try:
            return await live.request(owner, holder.id, method, {"path": path, **params})
        except LiveGone:
            continue
        except LiveError as error:
            if error.code == NOT_OPEN:
                continue
            raise _explained(error, path) from error
    return None


def _explained(error: Any, path: str) -> DocumentError:
    match error.code:
        case "conflict" if "cell_id" in error.data:
            return Conflict(str(error.data["cell_id"]), str(error.data.get("source", "")))
        case "conflict":
            return TextConflict(path, error.data.get("text"))
        case "timeout":
            return Undecided(f"{error} Whether it was done is not known: look before doing it again.")
        case "too_large":
            return TooLarge(f"What was asked of the open tab of {path!r} is too large to be sent.")
        case "not_found":
            return UnknownCell(str(error.data.get("cell_id", "")), error.data.get("cell_ids", ()), path)
        case "read_only":
            return ReadOnly(f"{path!r} is open read-only.")
        case "invalid":
            return InvalidEdit(str(error))
    return DocumentError(f"The open tab of {path!r} could not do it: {error}")


async def read(
    live: Live | None, owner: str, path: str, cell_ids: Sequence[str] | None, *, outputs: bool
) -> NotebookView | None:
    params = {"outputs": outputs} | _only(cell_ids if outputs else None)
    try:
        answer = await ask(live, owner, path, "notebook/read", params)
    except TooLarge:
        if not outputs:
            raise
        return await _read_in_parts(live, owner, path, cell_ids)
    if answer is None:
        return None
    from jupyter_agent.documents.notebooks import NotebookView

    cells: list[Cell] = answer["cells"]
    states: dict[str, OutputState] = {}
    for cell in cells:
        if cell.get("cell_type") == "code":
            if outputs and "outputs" in cell:
                states[cell["id"]] = state_of(cell["outputs"])
            if (state := cell.pop("output_state", None)) is not None:
                states[cell["id"]] = OutputState(int(state.get("count", 0)), state.get("error"))
            if not outputs:
                cell.pop("outputs", None)
    return NotebookView(
        path=path,
        cells=cells,
        metadata=answer.get("metadata") or {},
        via="live",
        ids=answer.get("ids") or [cell["id"] for cell in cells],
        states=states,
        kernel_id=answer.get("kernel_id"),
        dirty=bool(answer.get("dirty")),
        read_only=bool(answer.get("read_only")),
    )


async def _read_in_parts(
    live: Live | None, owner: str, path: str, cell_ids: Sequence[str] | None
) -> NotebookView | None:
    """Cells whose outputs together are too large for one answer; one that is too large alone comes without them."""
    view = await read(live, owner, path, None, outputs=False)
    if view is None:
        return None
    wanted = list(view.ids if cell_ids is None else cell_ids)
    whole: dict[str, Cell] = {}
    parts = [wanted[: len(wanted) // 2], wanted[len(wanted) // 2 :]]
    while parts:
        part = parts.pop()
        if not part:
            continue
        try:
            answer = await ask(live, owner, path, "notebook/read", {"outputs": True, "cell_ids": part})
        except TooLarge:
            if len(part) > 1:
                parts += [part[: len(part) // 2], part[len(part) // 2 :]]
            else:
                note = "[the outputs of this cell are too large to be read from the open tab]\n"
                left_out = {"output_type": "stream", "name": "stderr", "text": note}
                whole[part[0]] = {**view.cell(part[0]), "outputs": [left_out]}
            continue
        if answer is None:
            return None
        whole |= {cell["id"]: cell for cell in answer["cells"]}
    view.cells = [whole.get(cell["id"], cell) for cell in view.cells]
    view.states |= {cell_id: state_of(cell["outputs"]) for cell_id, cell in whole.items() if "outputs" in cell}
    return view


def _only(cell_ids: Sequence[str] | None) -> dict[str, Any]:
    return {} if cell_ids is None else {"cell_ids": list(cell_ids)}


async def apply(
    live: Live | None, owner: str, path: str, operations: Sequence[Operation], turn_id: str | None, *, mark: bool
) -> list[AppliedOperation] | None:
    if live is None or not live.holders(owner, path):
        return None
    cells = None
    if any(isinstance(operation, (Insert, Move, SetType, ReplaceCell)) for operation in operations):
        # These say which cell they stand after, or what a cell becomes: the tab is told places and whole cells.
        view = await read(live, owner, path, None, outputs=any(isinstance(one, SetType) for one in operations))
        if view is None:
            return None
        cells = view.cells
    params = {"operations": _on_the_wire(operations, cells or [], path), "turn_id": turn_id, "mark": mark}
    try:
        answer = await ask(live, owner, path, "notebook/apply", params)
    except TooLarge:
        # It is done: only its report is too large, for the outputs of the cells.
        return await _done(live, owner, path, operations)
    if answer is None:
        return None
    return [
        AppliedOperation(one.get("before"), one.get("after"), one.get("index_before"), one.get("index_after"))
        for one in answer["results"]
    ]


async def _done(
    live: Live | None, owner: str, path: str, operations: Sequence[Operation]
) -> list[AppliedOperation] | None:
    """What can be seen of operations that were done: the cells as they are now, without their outputs."""
    view = await read(live, owner, path, None, outputs=False)
    if view is None:
        return None
    done = []
    for operation in operations:
        cell_id = operation.cell["id"] if isinstance(operation, (Insert, RestoreCell)) else operation.cell_id
        index = view.ids.index(cell_id) if cell_id in view.ids else None
        done.append(AppliedOperation(None, None if index is None else view.cells[index], None, index))
    return done


def _on_the_wire(operations: Sequence[Operation], cells: Sequence[Cell], path: str) -> list[dict[str, Any]]:
    # The order as it will be after each operation: a later one may stand after a cell that an earlier one inserts.
    order = [str(cell["id"]) for cell in cells]
    by_id = {str(cell["id"]): cell for cell in cells}

    def place(after_id: str | None) -> int:
        if after_id is None:
            return 0
        if after_id not in order:
            raise UnknownCell(after_id, order, path)
        return order.index(after_id) + 1

    wire: list[dict[str, Any]] = []
    for operation in operations:
        match operation:
            case SetSource(cell_id, source, expect):
                wire.append({"op": "set_source", "cell_id": cell_id, "source": source, **_expected(expect)})
            case Insert(cell, after_id):
                index = place(after_id)
                order.insert(index, cell["id"])
                by_id[cell["id"]] = cell
                wire.append({"op": "insert", "cell": cell, "index": index})
            case RestoreCell(cell, index):
                order.insert(index, cell["id"])
                wire.append({"op": "insert", "cell": cell, "index": index})
            case Delete(cell_id, expect):
                if cell_id in order:
                    order.remove(cell_id)
                wire.append({"op": "delete", "cell_id": cell_id, **_expected(expect)})
            case Move(cell_id, after_id):
                if after_id == cell_id:
                    raise InvalidEdit("A cell cannot stand after itself.")
                place(cell_id)
                place(after_id)
                order.remove(cell_id)
                index = place(after_id)
                order.insert(index, cell_id)
                wire.append({"op": "move", "cell_id": cell_id, "index": index})
            case SetOutputs(cell_id, outputs, execution_count):
                wire.append(
                    {
                        "op": "set_outputs",
                        "cell_id": cell_id,
                        "outputs": outputs,
                        "execution_count": execution_count,
                    }
                )
            case SetType(cell_id, cell_type, expect):
                place(cell_id)
                changed = with_type(by_id[cell_id], cell_type)
                wire.append({"op": "replace", "cell_id": cell_id, "cell": changed, **_replaced(by_id[cell_id], expect)})
            case ReplaceCell(cell_id, cell, expect):
                place(cell_id)
                changed = {**cell, "id": cell_id}
                wire.append({"op": "replace", "cell_id": cell_id, "cell": changed, **_replaced(by_id[cell_id], expect)})
    return wire


def _expected(expect: str | None) -> dict[str, str]:
    return {} if expect is None else {"expect": expect}


def _replaced(cell: Cell, expect: str | None) -> dict[str, str]:
    """Checked here, on what was read a moment ago, and once more by a tab that knows `expect` of a replacement."""
    if expect is not None and source_of(cell) != expect:
        raise Conflict(str(cell["id"]), source_of(cell))
    return {"expect": source_of(cell)}


async def save(live: Live | None, owner: str, path: str) -> bool:
    return await ask(live, owner, path, "notebook/save", {}) is not None


async def read_text(live: Live | None, owner: str, path: str) -> tuple[str, bool] | None:
    """A text file's text in the editor that has it open, and whether that is unsaved."""
    answer = await ask(live, owner, path, "file/read", {})
    return None if answer is None else (str(answer["text"]), bool(answer.get("dirty")))


async def write_text(live: Live | None, owner: str, path: str, text: str, expect: str | None) -> str | None:
    """The text that was there."""
    held = await ask(live, owner, path, "file/read", {})
    if held is None:
        return None
    answer = await ask(live, owner, path, "file/apply", {"text": text, "expect": expect})
    if answer is None:
        return None
    if not held.get("dirty"):
        # Commands and other programs are to see it. What the user has not saved yet is theirs to save.
        await ask(live, owner, path, "file/save", {})
    return str(answer.get("before") or "")
