"""Undo, redo and accept: a turn's edits taken back, all of those asked for or none.

First every step is tried out on a copy of what is there (`restoring`); where one does not fit, nothing is done. Then
the steps are done: notebooks through the one router to documents, which checks once more what it expects, and files.
Where one of several documents changes in that very moment, what was done to the others is taken back."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakValueDictionary

from jupyter_agent.api.errors import ApiError, conflict, not_found
from jupyter_agent.api.models import Page
from jupyter_agent.documents.cells import Cell, notebook_text
from jupyter_agent.documents.errors import DocumentError
from jupyter_agent.documents.operations import Operation
from jupyter_agent.tools.edits import State, bytes_state, checkpoint_of, joined, whole
from jupyter_agent.tools.models import Checkpoint, CheckpointList, Undo, UndoConflict
from jupyter_agent.tools.removal import unseen
from jupyter_agent.tools.restoring import Cells, Refused, Step, same_cell
from jupyter_agent.turns.rows import UNFINISHED, turn_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import EditRow

log = logging.getLogger(__name__)

Direction = Literal["undo", "redo"]
Do = Callable[[], Awaitable[Any]]

HIDDEN = ("abandoned",)


@dataclass
class Node:
    """A file or folder that steps are tried on."""

    real: str | None
    """Where it is; None for one that a step makes."""
    state: State | None = None
    """What it holds, once that was looked at."""
    cells: Cells | None = None
    found: State | None = None
    """What it held before any step."""


@dataclass
class Tree:
    """Files and folders, on which steps are tried."""

    services: Services
    owner: str
    nodes: dict[str, Node | None] = field(default_factory=dict)
    touched: list[Node] = field(default_factory=list)
    structure: list[tuple[str, ...] | tuple[str, str, Node]] = field(default_factory=list)
    """What is to be done beside changing what files hold, in this order: ("rename", old, new), ("delete", path, node),
    ("create", path, node)."""
    about: set[str] = field(default_factory=set)
    """The cells that steps are about, of whichever notebook: on the way it may have other names."""

    async def node(self, path: str) -> Node | None:
        """What is there; None where nothing is."""
        if path not in self.nodes:
            for folder in _parents(path):
                # A folder that a step moved or took away takes along what it holds.
                if folder in self.nodes:
                    parent = self.nodes[folder]
                    if parent is None or parent.real is None:
                        self.nodes[path] = None
                        return None
                    if parent.real != folder:
                        real = parent.real + path[len(folder) :]
                        self.nodes[path] = await self._load(real)
                        return self.nodes[path]
                    break
            self.nodes[path] = await self._load(path)
        return self.nodes[path]

    async def _load(self, real: str) -> Node | None:
        stat = await self.services.documents.contents.stat(real)
        if stat is None:
            return None
        node = Node(real)
        if stat["type"] == "directory":
            node.state = node.found = {"directory": True}
        self.touched.append(node)
        return node

    async def state(self, node: Node) -> State:
        """What a file holds."""
        if node.state is None:
            assert node.real is not None
            contents = self.services.documents.contents
            model = await contents.get(node.real, type="file", format="base64")
            state = bytes_state(base64.b64decode(model["content"]))
            if "text" in state and not node.real.endswith(".ipynb"):
                # An editor may hold more than the file.
                state = {"text": (await self.services.documents.read_text(self.owner, node.real)).text}
            node.state = node.found = state
        return node.state

    async def cells(self, node: Node) -> Cells:
        """A notebook's cells: those that steps are about whole, the others without outputs."""
        if node.cells is None:
            if node.real is None:
                node.cells = Cells(_cells_of(await self.state(node)) or ())
            else:
                notebook = self.services.documents.notebook(self.owner, node.real)
                view = await notebook.read(outputs=False)
                wanted = [id for id in view.ids if id in self.about]
                full = {
                    str(cell["id"]): cell
                    for cell in ((await notebook.read(wanted, outputs=True)).cells if wanted else ())
                }
                node.cells = Cells([full.get(str(cell["id"]), cell) for cell in view.cells])
        return node.cells

    # Steps

    async def take(self, step: Step) -> None:
        """Does a step on a file or folder here. Raises Refused and DocumentError."""
        node = await self.node(step.path)
        if step.action == "rename":
            await self._rename(step)
        elif step.source is None:
            await self._create(step, node)
        elif node is None:
            if step.target is None and not step.certain:
                return
            raise Refused("it is not there any more")
        elif step.target is None:
            await self._delete(step, node)
        else:
            await self._write(step, node)

    async def _rename(self, step: Step) -> None:
        assert step.source is not None
        assert step.target is not None
        old, new = str(step.source["path"]), str(step.target["path"])
        moved, there = await self.node(old), await self.node(new)
        if moved is None and there is not None and not step.certain:
            return
        if moved is None:
            raise Refused(f"{old} is not there any more")
        if there is not None:
            raise Refused(f"there is something at {new} again")
        await self._check_parent(new)
        for path in [path for path in self.nodes if path.startswith(f"{old}/")]:
            self.nodes[new + path[len(old) :]] = self.nodes.pop(path)
        self.nodes[old], self.nodes[new] = None, moved
        self.structure.append(("rename", old, new))

    async def _create(self, step: Step, node: Node | None) -> None:
        assert step.target is not None
        if node is not None:
            if not step.certain and await self._holds(node, step.target, step.path):
                return
            raise Refused("there is something at this path again")
        await self._check_parent(step.path)
        made = Node(None, step.target)
        self.nodes[step.path] = made
        self.touched.append(made)
        self.structure.append(("create", step.path, made))

    async def _check_parent(self, path: str) -> None:
        parent = path.rpartition("/")[0]
        if parent:
            node = await self.node(parent)
            if node is None or (node.state or {}).get("directory") is not True:
                raise Refused(f"the folder {parent} is not there any more")

    async def _delete(self, step: Step, node: Node) -> None:
        assert step.source is not None
        if "directory" in step.source:
            if (node.state or {}).get("directory") is not True:
                raise Refused("it is no folder any more")
            left = await self._left_in(step.path, node)
            if left:
                raise Refused(f"the folder holds {', '.join(left[:3])}")
        elif not await self._holds(node, step.source, step.path):
            raise Refused("it was changed since")
        self.nodes[step.path] = None
        self.structure.append(("delete", step.path, node))

    async def _left_in(self, path: str, node: Node) -> list[str]:
        """What a folder would hold still."""
        names = {
            other.removeprefix(f"{path}/").split("/")[0]
            for other, inside in self.nodes.items()
            if other.startswith(f"{path}/") and inside is not None
        }
        if node.real is not None:
            contents = self.services.documents.contents
            listed = [str(entry["name"]) for entry in (await contents.get(node.real, type="directory"))["content"]]
            for name in [*listed, *await asyncio.to_thread(unseen, contents, node.real, set(listed))]:
                if self.nodes.get(f"{path}/{name}", node) is not None:
                    names.add(name)
        return sorted(names)

    async def _write(self, step: Step, node: Node) -> None:
        assert step.source is not None
        assert step.target is not None
        if not await self._holds(node, step.source, step.path):
            if not step.certain and await self._holds(node, step.target, step.path):
                return
            raise Refused("it was changed since")
        await self.state(node)
        node.state, node.cells = step.target, None

    async def _holds(self, node: Node, state: State, path: str) -> bool:
        """Whether a file holds this. Of a notebook its cells count: who opens it, changes the rest."""
        if "directory" in state or (node.state or {}).get("directory"):
            return (node.state or {}).get("directory") == state.get("directory")
        if await self.state(node) == state and node.cells is None:
            return True
        expected = _cells_of(state) if path.endswith(".ipynb") else None
        if expected is None:
            return False
        try:
            cells = await self.cells(node)
            if node.real is not None:
                notebook = self.services.documents.notebook(self.owner, node.real)
                cells.complete((await notebook.read(outputs=True)).cells)
        except DocumentError:
            return False
        return len(cells.now) == len(expected) and all(
            same_cell(one, other) is None for one, other in zip(cells.now, expected, strict=True)
        )

    async def is_there_already(self, steps: Sequence[Step]) -> bool:
        """Whether what these steps, all on one file, lead to is there already."""
        node, target = await self.node(steps[-1].path), steps[-1].target
        if node is None or target is None:
            return node is None and target is None
        return await self._holds(node, target, steps[-1].path)


def _parents(path: str) -> list[str]:
    """The folders around a path, the nearest first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _cells_of(state: State) -> list[Cell] | None:
    """The cells of a notebook's text; None for what is none."""
    try:
        cells = json.loads(state["text"])["cells"]
        return [{**cell, "source": joined(cell.get("source"))} for cell in cells]
    except (KeyError, TypeError, ValueError):
        return None


@dataclass
class Plan:
    """What has to be done, once every step fits."""

    work: list[tuple[str, Do, Do]]
    """On which path; what does it; what takes it back."""
    conflicts: list[UndoConflict]


class Undoing:
    """Checkpoints: `services.tools.undoing`."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def _lock(self, owner: str) -> asyncio.Lock:
        lock = self._locks.get(owner)
        if lock is None:
            lock = self._locks[owner] = asyncio.Lock()
        return lock

    # Reading

    async def checkpoints(self, owner: str, session_id: str, *, limit: int, offset: int) -> Page[Checkpoint]:
        """The turns of a session that changed something, newest first. Raises ApiError 404."""
        await self._services.sessions.require(owner, session_id)

        def read(orm: Orm) -> Page[Checkpoint]:
            from sqlalchemy import func, select

            from jupyter_agent.storage.tables import EditRow, TurnRow

            changed = select(EditRow.turn_id).where(EditRow.session_id == session_id, EditRow.state.not_in(HIDDEN))
            turns = select(TurnRow).where(TurnRow.id.in_(changed.distinct()))
            total = orm.scalar(select(func.count()).select_from(turns.subquery())) or 0
            found = list(orm.scalars(turns.order_by(TurnRow.seq.desc(), TurnRow.id.desc()).limit(limit).offset(offset)))
            rows: dict[str, list[EditRow]] = {turn.id: [] for turn in found}
            edits = select(EditRow).where(EditRow.turn_id.in_(rows), EditRow.state.not_in(HIDDEN))
            for row in orm.scalars(edits.order_by(EditRow.seq)):
                rows[row.turn_id].append(row)
            return Page(
                items=[checkpoint_of(turn, rows[turn.id]) for turn in found], total=total, limit=limit, offset=offset
            )

        return await self._services.db.read(read)

    async def checkpoint(self, owner: str, turn_id: str) -> Checkpoint:
        """What a turn changed; no edits where that is nothing. Raises ApiError 404."""

        def read(orm: Orm) -> Checkpoint:
            turn = turn_row(orm, owner, turn_id)
            return checkpoint_of(turn, _edits(orm, turn_id))

        return await self._services.db.read(read)

    async def undecided(self, owner: str, path: str) -> CheckpointList:
        """The edits of a document that stand and that nobody has accepted, by turn, newest first."""

        def read(orm: Orm) -> CheckpointList:
            from sqlalchemy import select

            from jupyter_agent.storage.tables import EditRow, TurnRow

            edits = select(EditRow).where(
                EditRow.owner == owner, EditRow.path == path, EditRow.state.in_(("applied", "intended"))
            )
            rows: dict[str, list[EditRow]] = {}
            for row in orm.scalars(edits.order_by(EditRow.seq)):
                rows.setdefault(row.turn_id, []).append(row)
            turns = select(TurnRow).where(TurnRow.id.in_(rows)).order_by(TurnRow.id.desc())
            return CheckpointList(items=[checkpoint_of(turn, rows[turn.id]) for turn in orm.scalars(turns)])

        return await self._services.db.read(read)

    # Changing

    async def accept(self, owner: str, turn_id: str, body: Undo) -> Checkpoint:
        """Marks edits as looked at and wanted; they can be undone still. Raises ApiError: 404, 409 for undone ones."""

        def write(orm: Orm) -> tuple[Checkpoint, str]:
            from jupyter_agent.storage.tables import utcnow

            turn = turn_row(orm, owner, turn_id)
            rows = _edits(orm, turn_id)
            chosen = _chosen(rows, body)
            if body.edit_ids is None:
                chosen = [row for row in chosen if row.state != "undone"]
            if not chosen:
                raise conflict("This turn has no changes that could be accepted.", turn_id=turn_id)
            if any(row.state == "undone" for row in chosen):
                raise conflict("What was undone cannot be accepted.", turn_id=turn_id)
            for row in chosen:
                if row.state != "accepted":
                    row.state, row.changed_at = "accepted", utcnow()
            return checkpoint_of(turn, rows), turn.session_id

        return self._told(owner, await self._services.db.write(write))

    async def undo(self, owner: str, turn_id: str, body: Undo, key: str | None = None) -> tuple[Checkpoint, bool]:
        """Takes back edits of a turn, the last one first; whether it is an earlier request's answer.

        Raises ApiError: 404 for turn or edit; 409 while the turn runs, where there is nothing to undo (any more), and
        where somebody changed the same since: `details.conflicts` are UndoConflicts, and nothing is undone."""
        return await self._go(owner, turn_id, body, "undo", key)

    async def redo(self, owner: str, turn_id: str, body: Undo) -> Checkpoint:
        """Does again what was undone. Raises ApiError as `undo` does."""
        return (await self._go(owner, turn_id, body, "redo", None))[0]

    async def _go(
        self, owner: str, turn_id: str, body: Undo, direction: Direction, key: str | None
    ) -> tuple[Checkpoint, bool]:
        async with self._lock(owner):
            read = await self._services.db.read(lambda orm: self._steps(orm, owner, turn_id, body, direction, key))
            if isinstance(read, Checkpoint):
                return read, True
            plan = await self._plan(owner, read)
            if plan.conflicts:
                raise _refused(plan.conflicts, direction)
            # A caller that goes away does not leave half of it.
            done = asyncio.ensure_future(self._do(owner, turn_id, read, plan, direction, key))
            return self._told(owner, await asyncio.shield(done)), False

    def _steps(
        self, orm: Orm, owner: str, turn_id: str, body: Undo, direction: Direction, key: str | None
    ) -> list[Step] | Checkpoint:
        turn = turn_row(orm, owner, turn_id)
        rows = _edits(orm, turn_id, whole=True)
        if key is not None and (earlier := {row.id for row in rows if row.undo_key == key}):
            if body.edit_ids is not None and set(body.edit_ids) != earlier:
                raise conflict("This Idempotency-Key was used for another request.", turn_id=turn_id)
            return checkpoint_of(turn, rows)
        if turn.status in UNFINISHED:
            raise conflict("The turn still runs: interrupt it, or wait for its end.", turn_id=turn_id)
        if not rows:
            raise conflict("This turn changed nothing.", turn_id=turn_id)
        wanted = ("undone",) if direction == "redo" else ("intended", "applied", "accepted")
        chosen = _chosen(rows, body)
        fitting = [row for row in chosen if row.state in wanted]
        if not fitting or (body.edit_ids is not None and len(fitting) < len(chosen)):
            raise conflict(
                "There is nothing to do again: it was not undone."
                if direction == "redo"
                else "This was undone already.",
                turn_id=turn_id,
            )
        steps = [_step(row, direction) for row in fitting]
        steps = steps[::-1] if direction == "undo" else steps
        return _followed(steps, _later_renames(orm, owner, rows, {row.id for row in fitting}))

    # Trying

    async def _plan(self, owner: str, steps: Sequence[Step]) -> Plan:
        tree = Tree(self._services, owner)
        renamed = {path for step in steps if step.action == "rename" for path in _ends(step)}
        tree.about.update(step.cell_id for step in steps if step.cell_id is not None)
        conflicts: list[UndoConflict] = []
        stuck: set[tuple[str, str | None]] = set()
        settled: dict[tuple[str, str | None], bool] = {}
        for step in steps:
            what = (step.path, step.cell_id)
            if what in stuck:
                continue  # said already, of the same cell or file
            try:
                if what not in settled:
                    same = [other for other in steps if (other.path, other.cell_id) == what]
                    settled[what] = not _within(step.path, renamed) and await self._settled(tree, same)
                if settled[what]:
                    continue
                if step.kind == "cell":
                    node = await tree.node(step.path)
                    if node is None:
                        raise Refused("the notebook is not there any more: it was renamed or deleted")
                    (await tree.cells(node)).take(step)
                else:
                    await tree.take(step)
            except (Refused, DocumentError) as problem:
                stuck.add(what)
                said = problem.message if isinstance(problem, DocumentError) else f"{step.name}: {problem}."
                conflicts.append(UndoConflict(edit_id=step.edit_id, path=step.path, cell_id=step.cell_id, message=said))
        return Plan([] if conflicts else await self._work(tree), conflicts)

    async def _settled(self, tree: Tree, steps: Sequence[Step]) -> bool:
        if steps[0].kind == "file":
            return await tree.is_there_already(steps)
        node = await tree.node(steps[0].path)
        if node is None:
            return False
        return (await tree.cells(node)).is_there_already(steps)

    async def _work(self, tree: Tree) -> list[tuple[str, Do, Do]]:
        """First what files hold, then which files there are."""
        documents = self._services.documents
        gone = {id(item[2]) for item in tree.structure if item[0] == "delete"}
        work: list[tuple[str, Do, Do]] = []
        for node in tree.touched:
            if node.real is None or id(node) in gone:
                continue
            if node.state is not None and node.state != node.found:
                assert node.found is not None
                work.append((node.real, *self._writing(tree.owner, node.real, node.found, node.state)))
            elif node.cells is not None and (forth := node.cells.operations()):
                notebook = documents.notebook(tree.owner, node.real)
                work.append((node.real, _apply(notebook, forth), _apply(notebook, node.cells.operations(back=True))))
        for item in tree.structure:
            match item:
                case ("rename", str(old), str(new)):
                    work.append((old, _rename(documents.contents, old, new), _rename(documents.contents, new, old)))
                case ("create", str(path), Node() as node):
                    made = self._making(path, _final(node)), self._unmaking(path)
                    work.append((path, *made))
                case ("delete", str(path), Node() as node):
                    if node.real is not None:
                        found = node.found if node.found is not None else await tree.state(node)
                        work.append((path, self._unmaking(path), self._making(path, found)))
        return work

    def _writing(self, owner: str, path: str, old: State, new: State) -> tuple[Do, Do]:
        def write(now: State, then: State) -> Do:
            async def do() -> None:
                documents = self._services.documents
                if "text" in now and "text" in then and not path.endswith(".ipynb"):
                    await documents.write_text(owner, path, then["text"], expect=now["text"], create=False)
                else:
                    await self._making(path, then)()

            return do

        return write(old, new), write(new, old)

    def _making(self, path: str, state: State) -> Do:
        async def do() -> None:
            contents = self._services.documents.contents
            if "directory" in state:
                await contents.make_directory(path)
            elif "base64" in state:
                await contents.save(path, {"type": "file", "format": "base64", "content": state["base64"]})
            else:
                await contents.save(path, {"type": "file", "format": "text", "content": state["text"]})

        return do

    def _unmaking(self, path: str) -> Do:
        async def do() -> None:
            await self._services.documents.contents.delete(path)

        return do

    # Doing

    async def _do(
        self, owner: str, turn_id: str, steps: Sequence[Step], plan: Plan, direction: Direction, key: str | None
    ) -> tuple[Checkpoint, str]:
        done: list[tuple[str, Do]] = []
        for path, do, back in plan.work:
            try:
                await do()
            except DocumentError as problem:
                await self._take_back(done)
                raise _refused(_at(steps, path, problem.message), direction) from problem
            except BaseException:
                await self._take_back(done)
                raise
            done.append((path, back))

        def write(orm: Orm) -> tuple[Checkpoint, str]:
            from jupyter_agent.storage.tables import utcnow

            turn = turn_row(orm, owner, turn_id)
            rows = _edits(orm, turn_id)
            ids = {step.edit_id for step in steps}
            for row in rows:
                if row.id in ids:
                    row.state, row.changed_at = "undone" if direction == "undo" else "applied", utcnow()
                    if direction == "undo":
                        row.undo_key = key
            return checkpoint_of(turn, rows), turn.session_id

        return await self._services.db.write(write)

    async def _take_back(self, done: Sequence[tuple[str, Do]]) -> None:
        for path, back in reversed(done):
            try:
                await back()
            except DocumentError as problem:
                log.error("an undo stopped half way, and %s could not be brought back: %s", path, problem.message)

    def _told(self, owner: str, changed: tuple[Checkpoint, str]) -> Checkpoint:
        checkpoint, session_id = changed
        self._services.tools.edits.published(owner, session_id, checkpoint.turn_id, checkpoint.state)
        return checkpoint


def _refused(conflicts: Sequence[UndoConflict], direction: Direction) -> ApiError:
    named = "; ".join(one.message.rstrip(".") for one in conflicts[:3])
    more = f"; and {len(conflicts) - 3} more" if len(conflicts) > 3 else ""
    what = "undone" if direction == "undo" else "done again"
    return conflict(f"Nothing was {what}: {named}{more}.", conflicts=[one.model_dump(mode="json") for one in conflicts])


def _at(steps: Sequence[Step], path: str, message: str) -> list[UndoConflict]:
    """A conflict that showed only when it was done."""
    found = next((step for step in steps if step.path == path or path in _ends(step)), steps[0])
    return [UndoConflict(edit_id=found.edit_id, path=path, cell_id=found.cell_id, message=message)]


def _apply(notebook: Any, operations: list[Operation]) -> Do:
    async def do() -> None:
        if operations:
            await notebook.apply(operations, None, mark=False)

    return do


def _rename(contents: Any, old: str, new: str) -> Do:
    async def do() -> None:
        await contents.rename(old, new)

    return do


def _final(node: Node) -> State:
    """What a file that a step makes holds in the end."""
    assert node.state is not None
    if node.cells is None or not node.cells.operations():
        return node.state
    return {"text": notebook_text({**json.loads(node.state["text"]), "cells": node.cells.now})}


def _edits(orm: Orm, turn_id: str, *, whole: bool = False) -> list[EditRow]:
    from sqlalchemy import select
    from sqlalchemy.orm import undefer

    from jupyter_agent.storage.tables import EditRow

    query = select(EditRow).where(EditRow.turn_id == turn_id, EditRow.state.not_in(HIDDEN)).order_by(EditRow.seq)
    if whole:
        query = query.options(undefer(EditRow.before_data), undefer(EditRow.after_data))
    return list(orm.scalars(query))


def _chosen(rows: Sequence[EditRow], body: Undo) -> list[EditRow]:
    """Raises ApiError 404 for an edit that the turn has not made."""
    if body.edit_ids is None:
        return list(rows)
    known = {row.id for row in rows}
    for id in body.edit_ids:
        if id not in known:
            raise not_found("edit", id)
    return [row for row in rows if row.id in set(body.edit_ids)]


def _step(row: EditRow, direction: Direction) -> Step:
    before, after = whole(row.before, row.before_data), whole(row.after, row.after_data)
    source, target = (after, before) if direction == "undo" else (before, after)
    return Step(
        edit_id=row.id,
        kind=row.kind,
        action=row.action,
        path=row.path,
        cell_id=row.cell_id,
        source=source,
        target=target,
        certain=row.state != "intended",
    )


def _ends(step: Step) -> tuple[str, ...]:
    """Where a rename comes from and goes to."""
    if step.action != "rename":
        return ()
    return tuple(str(state["path"]) for state in (step.source, step.target) if state is not None)


def _within(path: str, folders: set[str]) -> bool:
    return path in folders or any(parent in folders for parent in _parents(path))


def _later_renames(orm: Orm, owner: str, rows: Sequence[EditRow], chosen: set[str]) -> list[tuple[str, str, str]]:
    """Renames by tools that stay, after the first of these edits: (edit id, old, new), in their order."""
    from sqlalchemy import select

    from jupyter_agent.storage.tables import EditRow

    query = select(EditRow).where(
        EditRow.owner == owner,
        EditRow.action == "rename",
        EditRow.state.in_(("applied", "accepted")),
        EditRow.id > rows[0].id,
    )
    found = []
    for row in orm.scalars(query.order_by(EditRow.id)):
        after = whole(row.after, None)
        if row.id not in chosen and after is not None:
            found.append((row.id, row.path, str(after["path"])))
    return found


def _followed(steps: Sequence[Step], renames: Sequence[tuple[str, str, str]]) -> list[Step]:
    """The steps where their files are now."""
    if not renames:
        return list(steps)

    def now(path: str, edit_id: str) -> str:
        for id, old, new in renames:
            if id > edit_id and (path == old or path.startswith(f"{old}/")):
                path = new + path[len(old) :]
        return path

    def moved(state: State | None, edit_id: str) -> State | None:
        return {**state, "path": now(state["path"], edit_id)} if state is not None and "path" in state else state

    return [
        Step(
            edit_id=step.edit_id,
            kind=step.kind,
            action=step.action,
            path=now(step.path, step.edit_id),
            cell_id=step.cell_id,
            source=moved(step.source, step.edit_id),
            target=moved(step.target, step.edit_id),
            certain=step.certain,
        )
        for step in steps
    ]
