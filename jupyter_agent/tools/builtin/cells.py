"""What the tools for notebooks and kernels share: which notebook is meant, how cells are shown, changed and run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jupyter_agent.documents.cells import Cell, source_hash
from jupyter_agent.documents.errors import Undecided
from jupyter_agent.documents.execution import Execution, Target
from jupyter_agent.documents.notebooks import NotebookView
from jupyter_agent.documents.operations import (
    AppliedOperation,
    Delete,
    Insert,
    Move,
    Operation,
    SetOutputs,
    apply_operations,
)
from jupyter_agent.documents.rendering import PICTURES, Rendered, fenced, plain, render
from jupyter_agent.tools.edits import EditIntent, cell_at, shown
from jupyter_agent.tools.models import Change
from jupyter_agent.tools.tool import Picture, ToolContext, ToolError, ToolOutput

if TYPE_CHECKING:
    from jupyter_agent.documents.kernels import KernelState

FIRST_LINE = 80
"""Characters of a first line that a map shows."""
READ_AT_ONCE = 100
"""Cells whose outputs are read in one piece."""


# Which notebook ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """A notebook that is open or has a kernel."""

    path: str
    is_open: bool
    active: bool
    dirty: bool
    kernel: KernelState | None

    def line(self, current: str | None) -> str:
        said = [
            "the current one" if self.path == current else "",
            "in front" if self.active else "",
            "open in a tab" if self.is_open else "not open",
            "not saved" if self.dirty else "",
            f"kernel {self.kernel.name} {self.kernel.state}" if self.kernel is not None else "no kernel",
        ]
        return f"{self.path}  ({', '.join(one for one in said if one)})"


async def known(context: ToolContext) -> list[Known]:
    """The notebooks that the caller has open, or that have a kernel; those in front first."""
    documents = context.services.documents
    kernels: dict[str, KernelState | None] = {}
    from jupyter_agent.documents.kernels import session_path

    for session in await documents.kernels.sessions():
        if session.get("type") == "notebook":
            kernels.setdefault(session_path(session), documents.kernels.state(session["kernel"]["id"]))
    found: dict[str, Known] = {path: Known(path, False, False, False, kernel) for path, kernel in kernels.items()}
    live = documents.live
    for connection in live.connections(context.owner) if live is not None else ():
        for document in connection.documents:
            if document.kind == "notebook":
                before = found.get(document.path)
                found[document.path] = Known(
                    document.path,
                    is_open=True,
                    active=document.active or (before is not None and before.active),
                    dirty=document.dirty or (before is not None and before.dirty),
                    kernel=kernels.get(document.path),
                )
    return sorted(found.values(), key=lambda one: (not one.active, not one.is_open, one.path))


async def choose(context: ToolContext, path: str | None) -> str:
    """The path, in its one form, of the notebook that is meant: never a guess.

    Raises ToolError with those that there are, and what a path raises that cannot be used."""
    if path or context.notebook:
        return await context.services.documents.check_notebook(path or context.notebook or "")
    found = await known(context)
    if len(found) == 1:
        return found[0].path
    if not found:
        raise ToolError("Which notebook? None is open and none has a kernel; name one with `path`.")
    raise ToolError("Which notebook? Name one with `path`:\n" + "\n".join(one.line(None) for one in found))


# What a model reads --------------------------------------------------------------------------------------------------


def _state(view: NotebookView, cell: Cell, running: Execution | None) -> str:
    if running is not None:
        return "waiting" if running.state == "queued" else f"running for {running.seconds:.0f} s"
    if cell["cell_type"] != "code":
        return ""
    known_state = view.states.get(cell["id"])
    said = [f"run {cell['execution_count']}" if cell.get("execution_count") is not None else "not run"]
    if known_state is not None and known_state.error is not None:
        said.append("ERROR")
    if known_state is not None and known_state.count:
        said.append(f"{known_state.count} output{'s' if known_state.count != 1 else ''}")
    return ", ".join(said)


def row(view: NotebookView, index: int) -> str:
    """One cell of a map."""
    cell = view.cells[index]
    lines = cell["source"].split("\n")
    first = next((line.strip() for line in lines if line.strip()), "")
    first = first if len(first) <= FIRST_LINE else f"{first[:FIRST_LINE]}..."
    state = _state(view, cell, None)
    return (
        f"{index + 1} {cell['id']} {cell['cell_type']}{f' ({state})' if state else ''} "
        f"{len(lines)} line{'s' if len(lines) != 1 else ''} {source_hash(cell['source'])} | {first}"
    )


async def whole_cell(context: ToolContext, view: NotebookView, cell: Cell, pictures: list[Picture]) -> str:
    """A cell as it is read: what it is, its source, its outputs where it has them. Adds to `pictures`."""
    running = None
    if view.kernel_id is not None:
        for execution in context.services.documents.kernels.executions(view.kernel_id):
            target = execution.target
            if execution.running and target and (target.path, target.cell_id) == (view.path, cell["id"]):
                running = execution
    state = _state(view, cell, running)
    head = (
        f"Cell {view.index(cell['id']) + 1}, id {cell['id']}, {cell['cell_type']}{f' ({state})' if state else ''}, "
        f"hash {source_hash(cell['source'])}"
    )
    language = view.language if cell["cell_type"] == "code" else cell["cell_type"]
    text = f"{head}\n{fenced(cell['source'], language)}"
    outputs = cell.get("outputs")
    if running is not None and outputs is not None:
        outputs = running.area.outputs
    if outputs:
        rendered = await asyncio.to_thread(render, outputs, pictures=PICTURES - len(pictures))
        text += f"\nOutputs:\n{_shown(rendered, pictures)}"
    return text


def _shown(rendered: Rendered, pictures: list[Picture]) -> str:
    pictures += rendered.pictures
    return fenced(rendered.text) if rendered.text else "(nothing to read)"


# Changes -------------------------------------------------------------------------------------------------------------

_ACTIONS = {Insert: "create", Delete: "delete", Move: "move", SetOutputs: "outputs"}


def _intents(view: NotebookView, operations: Sequence[Operation]) -> list[EditIntent]:
    """What the operations would change. Raises what they would raise."""
    intents = []
    cells = view.cells
    for operation in operations:
        changed, (done,) = apply_operations(cells, [operation])
        cell = done.after or done.before or {}
        index = done.index_after if done.index_before is None else done.index_before
        intents.append(
            EditIntent(
                "cell",
                _ACTIONS.get(type(operation), "edit"),  # type: ignore[arg-type]
                view.path,
                cell_id=cell["id"],
                title=f"cell {(index or 0) + 1}",
                language=view.language if cell["cell_type"] == "code" else cell["cell_type"],
                before=None if done.index_before is None else cell_at(cells, done.index_before),
                after=None if done.index_after is None else cell_at(changed, done.index_after),
            )
        )
        cells = changed
    return intents


def planned(view: NotebookView, operations: Sequence[Operation]) -> list[Change]:
    """The operations as people see them. Raises what they would raise."""
    return [shown(intent) for intent in _intents(view, operations)]


async def apply(
    context: ToolContext, view: NotebookView, operations: Sequence[Operation]
) -> tuple[list[AppliedOperation], list[Change]]:
    """Writes down what is to be changed, changes it, and gives both. All of it or nothing."""
    edits = context.services.tools.edits
    intents = _intents(view, operations)
    ids = await edits.intend(context, intents)
    try:
        done = await context.services.documents.notebook(context.owner, view.path).apply(operations, context.turn_id)
    except Undecided:
        raise  # it may be done: an undo looks
    except Exception:
        await edits.abandoned(ids)
        raise
    return done, await edits.applied(ids) or [shown(intent) for intent in intents]


async def with_outputs(context: ToolContext, view: NotebookView, cell_ids: Sequence[str]) -> NotebookView:
    """The same notebook, these cells with their outputs."""
    notebook = context.services.documents.notebook(context.owner, view.path)
    whole: dict[str, Cell] = {}
    for start in range(0, len(cell_ids), READ_AT_ONCE):
        part = await notebook.read(list(cell_ids[start : start + READ_AT_ONCE]), outputs=True)
        whole |= {cell["id"]: cell for cell in part.cells}
    return replace(view, cells=[whole.get(cell["id"], cell) for cell in view.cells])


# Running -------------------------------------------------------------------------------------------------------------


def code_ids(view: NotebookView, cell_ids: Sequence[str]) -> list[str]:
    """Raises UnknownCell, and ToolError for a cell that is no code."""
    for cell_id in cell_ids:
        kind = view.cell(cell_id)["cell_type"]
        if kind != "code":
            raise ToolError(f"Cell {cell_id} is {kind}: there is nothing to run. Nothing was run.")
    return list(cell_ids)


async def free_kernel(context: ToolContext, path: str) -> tuple[KernelState, str]:
    """The notebook's kernel, started where none runs, and what has to be said about that.

    Raises NoKernel, and ToolError where the kernel itself waits for this turn."""
    kernel, started = await context.services.documents.kernel(context.owner, path).ensure()
    await context.services.tools.offers.refuse_waiting(context, kernel.id)
    return kernel, f"A kernel ({kernel.name}) was started for {path}.\n" if started else ""


async def until_end(context: ToolContext, execution: Execution) -> bool:
    """Waits for it; False where it runs longer than a call may. Who is interrupted interrupts it."""
    seconds = context.services.settings.tools.cell_seconds or None
    try:
        ended = await execution.wait(seconds)
        execution.detached = not ended
        return ended
    except asyncio.CancelledError:
        await context.services.documents.kernels.cancel(execution)
        raise


def told(context: ToolContext) -> Any:
    """Tells of what code writes while it runs."""
    return lambda text: context.progress(plain(text))


async def outcome(execution: Execution, pictures: list[Picture]) -> str:
    """How it ended and what it put out. Adds to `pictures`."""
    rendered = await asyncio.to_thread(
        lambda: render(execution.area.outputs, pictures=PICTURES - len(pictures)),
    )
    said = {
        "done": f"done in {execution.seconds:.1f} s",
        "error": f"ERROR after {execution.seconds:.1f} s",
        "interrupted": f"interrupted after {execution.seconds:.1f} s",
        "lost": "ERROR",
        "queued": "waits for the kernel, which is busy with something else",
        "running": f"still running after {execution.seconds:.0f} s",
    }[execution.state]
    text = f"{said}{'' if rendered.text else ', no output'}"
    if rendered.text:
        text += f"\n{_shown(rendered, pictures)}"
    notes = [execution.note or ""]
    if execution.area.cut:
        notes.append(f"{execution.area.cut:,} characters of its output were not kept, in the notebook neither.")
    if execution.area.left_out:
        notes.append(f"{execution.area.left_out} outputs were too many or too large to be kept.")
    return "\n".join([text, *(note for note in notes if note)])


GOES_ON = (
    "It goes on. kernel_status tells how it stands, read_cells shows its outputs so far, interrupt_kernel stops it."
)


async def run(context: ToolContext, view: NotebookView, cell_ids: Sequence[str]) -> ToolOutput:
    """Runs these code cells, one after the other, up to the first that fails."""
    documents, edits = context.services.documents, context.services.tools.edits
    kernel, text = await free_kernel(context, view.path)
    texts = [text] if text else []
    pictures: list[Picture] = []
    changes: list[Change] = []
    failed = running = False
    for number, cell_id in enumerate(cell_ids):
        if number:
            # A cell may change those that come after it, and people do.
            view = await documents.notebook(context.owner, view.path).read()
        cell = view.cell(cell_id)
        if context.turn_id is not None:
            view = await with_outputs(context, view, [cell_id])
        intent = EditIntent(
            "cell",
            "outputs",
            view.path,
            cell_id=cell_id,
            title=f"cell {view.index(cell_id) + 1}",
            before=cell_at(view.cells, view.index(cell_id)),
        )
        ids = await edits.intend(context, [intent])
        try:
            execution = await documents.kernels.execute(
                kernel.id,
                cell["source"],
                target=Target(context.owner, view.path, cell_id, context.turn_id),
                listener=told(context),
            )
        except Exception:
            await edits.abandoned(ids)
            raise
        recording = asyncio.create_task(_record(context, view, cell_id, execution, ids))
        documents.kernels.keep(recording)
        ended = await until_end(context, execution)
        texts.append(f"Cell {cell_id}: {await outcome(execution, pictures)}")
        if not ended:
            running = True
            texts.append(GOES_ON)
            break
        changes += await recording
        if execution.state != "done":
            failed = True
            break
        context.progress(fraction=(number + 1) / len(cell_ids))
    left = cell_ids[number + 1 :]
    if left:
        texts.append(f"Not run: {', '.join(left)}.")
    metadata = {"path": view.path, "changes": changes, "running": running, "kernel_id": kernel.id}
    return ToolOutput("\n\n".join(texts), pictures=pictures, is_error=failed, metadata=metadata)


async def _record(
    context: ToolContext, view: NotebookView, cell_id: str, execution: Execution, ids: Sequence[str]
) -> list[Change]:
    """Completes the record of a run when it has ended, also where nobody waits for it any more."""
    await execution.wait()
    if not ids:
        return []
    index = view.index(cell_id)
    if execution.started is None:
        await context.services.tools.edits.abandoned(ids)
        return []
    after = cell_at(view.cells, index)
    after["cell"] |= {"outputs": execution.area.outputs, "execution_count": execution.area.execution_count}
    return await context.services.tools.edits.applied(ids, after=[after])
