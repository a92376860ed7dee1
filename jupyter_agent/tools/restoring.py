"""How steps back (or forward again) are tried out on a copy of what is there, before anything is changed.

A step says what has to be there and what shall be there. `Cells` is a notebook on which steps are tried; its operations
are what then has to be done to the real one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_agent.documents.cells import Cell, joined, source_of
from jupyter_agent.documents.operations import (
    Delete,
    Insert,
    Move,
    Operation,
    ReplaceCell,
    SetOutputs,
    SetSource,
    apply_operations,
)
from jupyter_agent.tools.edits import State

VOLATILE = frozenset({"trusted", "execution", "ExecuteTime", "collapsed", "scrolled", "jupyter"})
"""Metadata of a cell that changes when it is looked at or run."""
_ABSENT: Any = object()
_OUTPUTS = ("outputs", "execution_count")


class Refused(Exception):
    """A step cannot be done: somebody changed the same since. The message says what."""


@dataclass(frozen=True)
class Step:
    """One edit, in the direction that is wanted."""

    edit_id: str
    kind: str
    action: str
    path: str
    cell_id: str | None
    source: State | None
    """What has to be there."""
    target: State | None
    """What shall be there."""
    certain: bool = True
    """Whether the edit was made for sure; else it may have been left undone by a server that died."""

    @property
    def name(self) -> str:
        return f"cell {self.cell_id} of {self.path}" if self.kind == "cell" else self.path


# What of a cell a step is about --------------------------------------------------------------------------------------


def normal_outputs(outputs: Any) -> list[dict[str, Any]]:
    """Outputs as every front end would write them: streams joined, text as one string."""
    result: list[dict[str, Any]] = []
    for output in outputs or ():
        one = {name: value for name, value in output.items() if name != "transient"}
        if one.get("output_type") == "stream":
            one["text"] = joined(one.get("text"))
            if result and result[-1].get("output_type") == "stream" and result[-1].get("name") == one.get("name"):
                result[-1] = {**result[-1], "text": result[-1]["text"] + one["text"]}
                continue
        elif "data" in one:
            one["data"] = {mime: _joined_lines(data) for mime, data in one["data"].items()}
            one["metadata"] = one.get("metadata") or {}
        result.append(one)
    return result


def _joined_lines(data: Any) -> Any:
    return "".join(data) if isinstance(data, list) and all(isinstance(line, str) for line in data) else data


def _value(cell: Mapping[str, Any], name: str) -> Any:
    """One of a cell's values; `metadata.x` is one of its metadata."""
    if name.startswith("metadata."):
        return (cell.get("metadata") or {}).get(name.removeprefix("metadata."), _ABSENT)
    value = cell.get(name, _ABSENT)
    if value is _ABSENT:
        return _ABSENT
    if name == "source":
        return joined(value)
    return normal_outputs(value) if name == "outputs" else value


def _names(cells: Iterable[Mapping[str, Any]]) -> set[str]:
    found: set[str] = set()
    for cell in cells:
        found |= cell.keys() - {"id", "metadata"}
        found |= {f"metadata.{name}" for name in cell.get("metadata") or ()}
    return found


def aspects(step: Step) -> dict[str, tuple[Any, Any]]:
    """What a step changes in a cell that is there before and after: name to (what has to be there, what shall be)."""
    if step.source is None or step.target is None or step.action == "move":
        return {}
    if "unknown" in step.source or "unknown" in step.target:
        known = step.target if "unknown" in step.source else step.source
        values = {name: _value(known["cell"], name) for name in _OUTPUTS}
        if known is step.target:
            return {name: (_ABSENT, value) for name, value in values.items()}
        return {name: (value, _ABSENT) for name, value in values.items()}
    source, target = step.source["cell"], step.target["cell"]
    names = _names((source, target)) - {f"metadata.{name}" for name in VOLATILE}
    if source.get("cell_type") == target.get("cell_type") and ("outputs" in source) != ("outputs" in target):
        names -= set(_OUTPUTS)  # one of them was read without
    if step.action == "outputs":
        names &= set(_OUTPUTS)
    found = {name: (_value(source, name), _value(target, name)) for name in names}
    return {name: (old, new) for name, (old, new) in found.items() if not _same(old, new)}


def _same(one: Any, other: Any) -> bool:
    return one is other or (one is not _ABSENT and other is not _ABSENT and one == other)


def same_cell(now: Mapping[str, Any], cell: Mapping[str, Any]) -> str | None:
    """What makes a cell another one than it was; None where it is the same."""
    for name in sorted(_names((now, cell)) - {f"metadata.{name}" for name in VOLATILE}):
        if name in _OUTPUTS and name not in cell:
            continue  # it was read without
        if not _same(_value(now, name), _value(cell, name)):
            return "outputs" if name == "execution_count" else name.split(".")[0]
    return None


def _changed(cell: Cell, values: Mapping[str, Any]) -> Cell:
    """The cell with other values; it stays as it is itself."""
    result = {**cell, "metadata": dict(cell.get("metadata") or {})}
    for name, value in values.items():
        where, key = (
            (result["metadata"], name.removeprefix("metadata.")) if name.startswith("metadata.") else (result, name)
        )
        if value is _ABSENT:
            where.pop(key, None)
        else:
            where[key] = value
    return result


# A notebook ----------------------------------------------------------------------------------------------------------


class Cells:
    """A notebook's cells, on which steps are tried."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.before = list(cells)
        self.now = list(cells)
        self._moved: set[str] = set()

    def complete(self, cells: Iterable[Cell]) -> None:
        """Gives the cells that were read without outputs theirs."""
        whole = {cell["id"]: cell for cell in cells}
        full = {id(cell): whole.get(cell["id"], cell) for cell in self.before if "outputs" not in cell}
        self.before = [full.get(id(cell), cell) for cell in self.before]
        self.now = [full.get(id(cell), cell) for cell in self.now]

    def find(self, cell_id: str) -> int | None:
        return next((index for index, cell in enumerate(self.now) if cell.get("id") == cell_id), None)

    def is_there_already(self, steps: Sequence[Step]) -> bool:
        """Whether all of these steps' ends are there already: somebody took them back by hand, or a server died just
        after it did. The steps are those of one cell."""
        last = steps[-1]
        index = self.find(last.cell_id or "")
        if last.target is None:
            return index is None
        if index is None:
            return False
        values: dict[str, Any] = {}
        for step in steps:
            if step.action == "move":
                return False
            if step.source is None or step.target is None:
                continue
            values |= {name: new for name, (_, new) in aspects(step).items()}
        cell = self.now[index]
        if any(step.source is None for step in steps):  # made anew: all of it counts
            return "cell" in last.target and same_cell(cell, last.target["cell"]) is None
        return all(_same(_value(cell, name), value) for name, value in values.items())

    def take(self, step: Step) -> None:
        """Does the step here. Raises Refused."""
        cell_id = step.cell_id or ""
        index = self.find(cell_id)
        if step.source is None:
            self._create(step, cell_id, index)
        elif index is None:
            if step.target is None and not step.certain:
                return
            raise Refused("the cell is not there any more")
        elif step.target is None:
            self._remove(step, index)
        elif step.action == "move":
            self._move(step, index)
        else:
            self._change(step, index)

    def _create(self, step: Step, cell_id: str, index: int | None) -> None:
        assert step.target is not None
        if index is not None:
            if not step.certain and same_cell(self.now[index], step.target["cell"]) is None:
                return
            raise Refused("a cell with this id is there again")
        self.now.insert(self._place(step.target), {**step.target["cell"], "id": cell_id})

    def _remove(self, step: Step, index: int) -> None:
        assert step.source is not None
        other = same_cell(self.now[index], step.source["cell"])
        if other is not None:
            raise Refused(_WHAT.get(other, f"its {other} was changed since"))
        del self.now[index]

    def _move(self, step: Step, index: int) -> None:
        assert step.source is not None
        assert step.target is not None
        if not self._stands(step.source, index):
            if not step.certain and self._stands(step.target, index):
                return
            raise Refused("the cell was moved since")
        cell = self.now.pop(index)
        self.now.insert(self._place(step.target), cell)
        self._moved.add(str(cell["id"]))

    def _change(self, step: Step, index: int) -> None:
        cell = self.now[index]
        wanted = aspects(step)
        if all(_same(_value(cell, name), new) for name, (_, new) in wanted.items()) and not step.certain:
            return
        if step.source is not None and "unknown" in step.source:
            raise Refused("the cell still runs, or the server was stopped while it did: what that left is not known")
        if step.target is not None and "unknown" in step.target:
            raise Refused("it is not known what the run left, so it cannot be brought back")
        for name, (old, _) in wanted.items():
            if not _same(_value(cell, name), old):
                short = "outputs" if name == "execution_count" else name.split(".")[0]
                raise Refused(_WHAT.get(short, f"its {short} was changed since"))
        self.now[index] = _changed(cell, {name: new for name, (_, new) in wanted.items()})

    def _place(self, state: State) -> int:
        """Where a cell belongs: after the one that stood before it, or before the one that stood after it."""
        previous, following = self.find(state.get("previous") or ""), self.find(state.get("next") or "")
        if previous is not None:
            return previous + 1
        if following is not None:
            return following
        return max(0, min(int(state["index"]), len(self.now)))

    def _stands(self, state: State, index: int) -> bool:
        """Whether the cell still stands between its neighbours of then. Others may have come in between, and one
        neighbour may have gone elsewhere."""
        previous, following = self.find(state.get("previous") or ""), self.find(state.get("next") or "")
        if previous is None and following is None:
            return True
        if previous is not None and following is not None and previous > following:
            return True  # the neighbours were moved themselves
        return (previous is None or previous < index) and (following is None or index < following)

    def operations(self, *, back: bool = False) -> list[Operation]:
        """What makes the cells that were there those that shall be; `back`: the other way round."""
        return _difference(*((self.now, self.before) if back else (self.before, self.now)), self._moved)


_WHAT = {
    "source": "its source was changed since",
    "outputs": "it was run again since",
    "metadata": "its metadata was changed since",
    "cell_type": "it was made another kind of cell since",
}


def _difference(old: Sequence[Cell], new: Sequence[Cell], moved: set[str]) -> list[Operation]:
    before = {str(cell["id"]): cell for cell in old}
    after = {str(cell["id"]): cell for cell in new}
    operations: list[Operation] = [Delete(id, expect=source_of(cell)) for id, cell in before.items() if id not in after]
    previous: str | None = None
    for id, cell in after.items():
        if id not in before:
            operations.append(Insert(cell, after_id=previous))
        else:
            if id in moved:
                operations.append(Move(id, after_id=previous))
            operations.extend(_cell_difference(before[id], cell))
        previous = id
    if operations:
        ids = [cell["id"] for cell in apply_operations(list(old), operations)[0]]
        assert ids == list(after), "the operations do not lead where they should"
    return operations


def _cell_difference(old: Cell, new: Cell) -> list[Operation]:
    if old is new:
        return []
    id, source = str(old["id"]), source_of(old)
    names = [name for name in sorted(_names((old, new))) if not _same(_value(old, name), _value(new, name))]
    if not names:
        return []
    if any(name not in ("source", *_OUTPUTS) for name in names):
        return [ReplaceCell(id, new, expect=source)]
    operations: list[Operation] = []
    if "source" in names:
        operations.append(SetSource(id, source_of(new), expect=source))
    if set(names) & set(_OUTPUTS):
        operations.append(SetOutputs(id, list(new.get("outputs") or ()), new.get("execution_count")))
    return operations
