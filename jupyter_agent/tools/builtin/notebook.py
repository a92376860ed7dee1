"""Tools for notebooks: what is in them, editing and running their cells. A cell is named by its id, and only so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from jupyter_agent.documents.cells import Cell, new_cell, notebook_text, source_hash
from jupyter_agent.documents.errors import Conflict
from jupyter_agent.documents.notebooks import NotebookView
from jupyter_agent.documents.operations import Delete, Insert, Move, Operation, SetOutputs, SetSource
from jupyter_agent.tools.builtin.cells import (
    apply,
    choose,
    code_ids,
    known,
    planned,
    row,
    run,
    whole_cell,
    with_outputs,
)
from jupyter_agent.tools.models import Capability, Change
from jupyter_agent.tools.tool import Picture, ToolContext, ToolError, ToolOutput, Toolset

toolset = Toolset("notebook")

Path = Annotated[str | None, Field(description="Default: the current notebook.")]
Hash = Annotated[str, Field(description="The cell's hash as last read.")]

MAP_CELLS = 200
"""Cells that a map shows at once."""


@toolset.tool("read")
async def list_notebooks(context: ToolContext) -> ToolOutput:
    """List notebooks that are open or have a kernel."""
    found = await known(context)
    if not found:
        return ToolOutput("No notebook is open, and no kernel runs. list_files finds notebooks.")
    return ToolOutput("\n".join(one.line(context.notebook) for one in found))


@toolset.tool("read", paths=["path"])
async def notebook_map(
    context: ToolContext,
    path: Path = None,
    start: Annotated[int, Field(ge=1)] = 1,
    end: Annotated[int | None, Field(ge=1)] = None,
) -> ToolOutput:
    """List a notebook's cells without sources: id, kind, state, lines, hash, first line."""
    path = await choose(context, path)
    view = await context.services.documents.notebook(context.owner, path).read()
    last = min(end or start + MAP_CELLS - 1, len(view.cells))
    head = f"{view.path}: {len(view.cells):,} cells"
    if view.dirty:
        head += ", not saved"
    if view.read_only:
        head += ", read-only"
    head += f"; {view.language}, kernel {'runs' if view.kernel_id else 'not started'}"
    if start > 1 or last < len(view.cells):
        head += f"; cells {start:,} to {last:,}"
        if last < len(view.cells):
            head += f", start={last + 1} goes on"
    rows = [row(view, index) for index in range(start - 1, last)]
    return ToolOutput("\n".join([head, *rows]), metadata={"path": view.path, "cells": len(view.cells), "via": view.via})


@toolset.tool("read", paths=["path"])
async def read_cells(
    context: ToolContext,
    path: Path = None,
    cell_ids: list[str] | None = None,
    start: Annotated[int | None, Field(ge=1)] = None,
    end: Annotated[int | None, Field(ge=1)] = None,
    outputs: bool = True,
) -> ToolOutput:
    """Read cells by id, or by their places in the map."""
    path = await choose(context, path)
    notebook = context.services.documents.notebook(context.owner, path)
    if cell_ids is None:
        view = await notebook.read()
        cell_ids = view.ids[(start or 1) - 1 : end]
        if not cell_ids:
            return ToolOutput(f"{view.path} has {len(view.ids):,} cells; none of them is in that range.")
    view = await notebook.read(cell_ids, outputs=outputs)
    pictures: list[Picture] = []
    texts = [await whole_cell(context, view, cell, pictures) for cell in view.cells]
    return ToolOutput("\n\n".join(texts), pictures=pictures, metadata={"path": view.path, "via": view.via})


async def _plan_insert(
    context: ToolContext, source: str, path: str | None, cell_type: str, after_id: str | None
) -> tuple[NotebookView, list[Operation]]:
    view = await context.services.documents.notebook(context.owner, await choose(context, path)).read()
    place = (view.ids[-1] if view.ids else None) if after_id is None else after_id or None
    return view, [Insert(new_cell(cell_type, source), place)]


async def _preview_insert(
    context: ToolContext,
    source: str,
    path: str | None = None,
    cell_type: str = "code",
    after_id: str | None = None,
) -> list[Change]:
    view, operations = await _plan_insert(context, source, path, cell_type, after_id)
    return planned(view, operations)


@toolset.tool("notebook_edit", paths=["path"], preview=_preview_insert)
async def insert_cell(
    context: ToolContext,
    source: str,
    path: Path = None,
    cell_type: Literal["code", "markdown", "raw"] = "code",
    after_id: Annotated[str | None, Field(description='"" is first; default: last.')] = None,
) -> ToolOutput:
    """Insert a cell."""
    view, operations = await _plan_insert(context, source, path, cell_type, after_id)
    done, changes = await apply(context, view, operations)
    cell = done[0].after or {}
    return ToolOutput(
        f"Inserted {cell_type} cell {cell.get('id')} as cell {(done[0].index_after or 0) + 1} of {view.path} "
        f"(hash {source_hash(source)}).",
        metadata={"changes": changes, "cell_id": cell.get("id"), "path": view.path},
    )


async def _plan_change(
    context: ToolContext, path: str | None, cell_id: str, hash: str, make: Any
) -> tuple[NotebookView, list[Operation]]:
    """The notebook, and the operation on a cell whose source is what the model has read. Raises Conflict."""
    view = await context.services.documents.notebook(context.owner, await choose(context, path)).read()
    cell = view.cell(cell_id)
    if source_hash(cell["source"]) != hash.strip().lower():
        raise Conflict(cell_id, cell["source"])
    return view, [make(cell["source"])]


async def _preview_edit(
    context: ToolContext, cell_id: str, source: str, hash: str, path: str | None = None
) -> list[Change]:
    return planned(*await _plan_change(context, path, cell_id, hash, lambda old: SetSource(cell_id, source, old)))


@toolset.tool("notebook_edit", paths=["path"], preview=_preview_edit)
async def edit_cell(context: ToolContext, cell_id: str, source: str, hash: Hash, path: Path = None) -> ToolOutput:
    """Replace a cell's whole source."""
    view, operations = await _plan_change(context, path, cell_id, hash, lambda old: SetSource(cell_id, source, old))
    _, changes = await apply(context, view, operations)
    return ToolOutput(
        f"Edited cell {cell_id} of {view.path} (hash {source_hash(source)}). It was not run.",
        metadata={"changes": changes, "path": view.path},
    )


async def _preview_delete(context: ToolContext, cell_id: str, hash: str, path: str | None = None) -> list[Change]:
    return planned(*await _plan_change(context, path, cell_id, hash, lambda old: Delete(cell_id, old)))


@toolset.tool("notebook_edit", paths=["path"], preview=_preview_delete)
async def delete_cell(context: ToolContext, cell_id: str, hash: Hash, path: Path = None) -> ToolOutput:
    """Delete a cell."""
    view, operations = await _plan_change(context, path, cell_id, hash, lambda old: Delete(cell_id, old))
    view = await with_outputs(context, view, [cell_id])
    _, changes = await apply(context, view, operations)
    return ToolOutput(f"Deleted cell {cell_id} of {view.path}.", metadata={"changes": changes, "path": view.path})


async def _preview_move(context: ToolContext, cell_id: str, after_id: str, path: str | None = None) -> list[Change]:
    view = await context.services.documents.notebook(context.owner, await choose(context, path)).read()
    return planned(view, [Move(cell_id, after_id or None)])


@toolset.tool("notebook_edit", paths=["path"], preview=_preview_move)
async def move_cell(
    context: ToolContext,
    cell_id: str,
    after_id: Annotated[str, Field(description='"" is first.')],
    path: Path = None,
) -> ToolOutput:
    """Move a cell to behind another."""
    view = await context.services.documents.notebook(context.owner, await choose(context, path)).read()
    done, changes = await apply(context, view, [Move(cell_id, after_id or None)])
    return ToolOutput(
        f"Moved cell {cell_id} of {view.path}: it is cell {(done[0].index_after or 0) + 1} now.",
        metadata={"changes": changes, "path": view.path},
    )


async def _preview_run(context: ToolContext, cell_ids: list[str], path: str | None = None) -> list[Change]:
    """Changes nothing that is worth showing; says what cannot be run before anybody is asked."""
    view = await context.services.documents.notebook(context.owner, await choose(context, path)).read()
    code_ids(view, cell_ids)
    return []


@toolset.tool("execute", paths=["path"], preview=_preview_run)
async def run_cells(
    context: ToolContext, cell_ids: Annotated[list[str], Field(min_length=1)], path: Path = None
) -> ToolOutput:
    """Run cells in order, up to the first error; gives their outputs."""
    view = await context.services.documents.notebook(context.owner, await choose(context, path)).read()
    return await run(context, view, code_ids(view, cell_ids))


@toolset.tool("execute", paths=["path"])
async def run_all(context: ToolContext, path: Path = None) -> ToolOutput:
    """Run all cells, up to the first error."""
    view = await context.services.documents.notebook(context.owner, await choose(context, path)).read()
    cell_ids = [cell["id"] for cell in view.cells if cell["cell_type"] == "code" and cell["source"].strip()]
    if not cell_ids:
        raise ToolError(f"{view.path} has no code to run.")
    return await run(context, view, cell_ids)


def _cells_to_clear(view: NotebookView, cell_ids: Sequence[str] | None) -> list[str]:
    for cell_id in cell_ids or ():
        if view.cell(cell_id)["cell_type"] != "code":
            raise ToolError(f"Cell {cell_id} is {view.cell(cell_id)['cell_type']}: only code has outputs.")

    def has(cell: Cell) -> bool:
        state = view.states.get(cell["id"])
        return cell.get("execution_count") is not None or state is None or state.count > 0

    wanted = set(view.ids if cell_ids is None else cell_ids)
    return [cell["id"] for cell in view.cells if cell["cell_type"] == "code" and cell["id"] in wanted and has(cell)]


async def _preview_clear(
    context: ToolContext, path: str | None = None, cell_ids: list[str] | None = None
) -> list[Change]:
    view = await context.services.documents.notebook(context.owner, await choose(context, path)).read()
    cleared = _cells_to_clear(view, cell_ids)
    view = await with_outputs(context, view, cleared)
    return planned(view, [SetOutputs(cell_id, []) for cell_id in cleared])


@toolset.tool("notebook_edit", paths=["path"], preview=_preview_clear)
async def clear_outputs(
    context: ToolContext,
    path: Path = None,
    cell_ids: Annotated[list[str] | None, Field(description="Default: all.")] = None,
) -> ToolOutput:
    """Clear outputs."""
    view = await context.services.documents.notebook(context.owner, await choose(context, path)).read()
    cleared = _cells_to_clear(view, cell_ids)
    if not cleared:
        return ToolOutput(f"There are no outputs to clear in {view.path}.")
    view = await with_outputs(context, view, cleared)
    _, changes = await apply(context, view, [SetOutputs(cell_id, []) for cell_id in cleared])
    return ToolOutput(
        f"Cleared the outputs of {len(cleared):,} cells of {view.path}.",
        metadata={"changes": changes, "path": view.path},
    )


async def _preview_create(context: ToolContext, path: str, kernel: str | None = None) -> list[Change]:
    documents = context.services.documents
    path = await documents.check_notebook(path)
    await documents.empty_notebook(path, kernel)
    return [Change(kind="file", action="create", path=path, title=path.rpartition("/")[2], after="")]


def _needs_of_creating(arguments: Mapping[str, Any]) -> Sequence[Capability]:
    return ("file_write",)


@toolset.tool("notebook_edit", needs=_needs_of_creating, paths=["path"], preview=_preview_create)
async def create_notebook(context: ToolContext, path: str, kernel: str | None = None) -> ToolOutput:
    """Create an empty notebook."""
    from jupyter_agent.tools.edits import EditIntent, shown

    documents, edits = context.services.documents, context.services.tools.edits
    path = await documents.check_notebook(path)
    content = await documents.empty_notebook(path, kernel)
    intent = EditIntent("file", "create", path, title=path.rpartition("/")[2], after={"text": notebook_text(content)})
    ids = await edits.intend(context, [intent])
    try:
        await documents.create_notebook(path, content)
    except Exception:
        await edits.abandoned(ids)
        raise
    changes = await edits.applied(ids) or [shown(intent)]
    return ToolOutput(f"Created {path}.", metadata={"changes": changes, "path": path})


@toolset.tool("notebook_edit", paths=["path"])
async def save_notebook(context: ToolContext, path: Path = None) -> ToolOutput:
    """Save a notebook that is open."""
    path = await choose(context, path)
    via = await context.services.documents.notebook(context.owner, path).save()
    said = {
        "live": f"Saved {path}.",
        "rtc": f"{path} is open in a collaboration room, which saves it a moment after each change.",
        "file": f"No tab has {path} open: its file is what there is.",
    }
    return ToolOutput(said[via])
