"""Edits of a notebook. Several are one edit: all of them are done or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_agent.documents.cells import CELL_TYPES, Cell, source_of, with_type
from jupyter_agent.documents.errors import Conflict, InvalidEdit, UnknownCell


@dataclass(frozen=True)
class SetSource:
    cell_id: str
    source: str
    expect: str | None = None
    """The whole source that has to be there; None takes whatever is."""


@dataclass(frozen=True)
class Insert:
    cell: Cell
    after_id: str | None
    """None puts it first."""


@dataclass(frozen=True)
class Delete:
    cell_id: str
    expect: str | None = None


@dataclass(frozen=True)
class Move:
    cell_id: str
    after_id: str | None
    """None puts it first."""


@dataclass(frozen=True)
class SetType:
    cell_id: str
    cell_type: str
    expect: str | None = None


@dataclass(frozen=True)
class SetOutputs:
    cell_id: str
    outputs: list[dict[str, Any]]
    execution_count: int | None = None


@dataclass(frozen=True)
class RestoreCell:
    """Puts a cell back as it was, with its id, where it was."""

    cell: Cell
    index: int


@dataclass(frozen=True)
class ReplaceCell:
    """A whole cell in place of the one with this id."""

    cell_id: str
    cell: Cell
    expect: str | None = None


Operation = SetSource | Insert | Delete | Move | SetType | SetOutputs | RestoreCell | ReplaceCell


@dataclass(frozen=True)
class AppliedOperation:
    """What an operation did. Cells are as they stood before and after it; None where there was none."""

    before: Cell | None
    after: Cell | None
    index_before: int | None
    index_after: int | None


def apply_operations(cells: list[Cell], operations: Sequence[Operation]) -> tuple[list[Cell], list[AppliedOperation]]:
    """The cells afterwards and what was done. The list and the cells given stay as they are.

    Raises Conflict, UnknownCell and InvalidEdit."""
    now = list(cells)
    return now, [_apply(now, operation) for operation in operations]


def _index(cells: list[Cell], cell_id: str) -> int:
    for index, cell in enumerate(cells):
        if cell.get("id") == cell_id:
            return index
    raise UnknownCell(cell_id, (str(cell.get("id")) for cell in cells))


def _after(cells: list[Cell], after_id: str | None) -> int:
    return 0 if after_id is None else _index(cells, after_id) + 1


def check_source(cell: Cell, expect: str | None) -> None:
    """Raises Conflict where the cell's source is another than what is expected."""
    source = source_of(cell)
    if expect is not None and source != expect:
        raise Conflict(str(cell.get("id")), source)


def _checked_new(cells: list[Cell], cell: Cell) -> Cell:
    if cell.get("cell_type") not in CELL_TYPES:
        raise InvalidEdit(f"A cell is code, markdown or raw, not {cell.get('cell_type')!r}.")
    if any(other.get("id") == cell.get("id") for other in cells):
        raise InvalidEdit(f"There is a cell {cell.get('id')!r} already.")
    return cell


def _apply(cells: list[Cell], operation: Operation) -> AppliedOperation:
    match operation:
        case Insert(cell, after_id):
            index = _after(cells, after_id)
            cells.insert(index, _checked_new(cells, cell))
            return AppliedOperation(None, cell, None, index)
        case RestoreCell(cell, index):
            index = max(0, min(index, len(cells)))
            cells.insert(index, _checked_new(cells, cell))
            return AppliedOperation(None, cell, None, index)
        case Delete(cell_id, expect):
            index = _index(cells, cell_id)
            check_source(cells[index], expect)
            return AppliedOperation(cells.pop(index), None, index, None)
        case Move(cell_id, after_id):
            index = _index(cells, cell_id)
            if after_id == cell_id:
                raise InvalidEdit("A cell cannot stand after itself.")
            _after(cells, after_id)
            cell = cells.pop(index)
            target = _after(cells, after_id)
            cells.insert(target, cell)
            return AppliedOperation(cell, cell, index, target)
    index = _index(cells, operation.cell_id)
    before = cells[index]
    match operation:
        case SetSource(_, source, expect):
            check_source(before, expect)
            after = {**before, "source": source}
        case SetType(_, cell_type, expect):
            if cell_type not in CELL_TYPES:
                raise InvalidEdit(f"A cell is code, markdown or raw, not {cell_type!r}.")
            check_source(before, expect)
            after = with_type(before, cell_type)
        case SetOutputs(cell_id, outputs, execution_count):
            if before.get("cell_type") != "code":
                raise InvalidEdit(f"Cell {cell_id} is {before.get('cell_type')}: only code has outputs.")
            after = {**before, "outputs": outputs, "execution_count": execution_count}
        case ReplaceCell(cell_id, cell, expect):
            check_source(before, expect)
            if cell.get("cell_type") not in CELL_TYPES:
                raise InvalidEdit(f"A cell is code, markdown or raw, not {cell.get('cell_type')!r}.")
            after = {**cell, "id": cell_id}
    cells[index] = after
    return AppliedOperation(before, after, index, index)
