"""Files, through Jupyter's contents manager or the editor that has them open. Notebooks have tools of their own."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from jupyter_agent.tools.builtin.files import changing, tree
from jupyter_agent.tools.models import Change
from jupyter_agent.tools.tool import Picture, ToolContext, ToolError, ToolOutput, Toolset

if TYPE_CHECKING:
    from jupyter_agent.tools.edits import EditIntent

toolset = Toolset("files")

READ_BYTES = 20 * 1024 * 1024
PICTURE_BYTES = 10 * 1024 * 1024
LISTED = 200

Folder = Annotated[str, Field(description="folder; empty: the root")]


@toolset.tool("read", paths=["path"])
async def list_files(context: ToolContext, path: Folder = "", start: int = 0) -> ToolOutput:
    """List a folder."""
    contents = context.services.documents.contents
    stat = await contents.stat(path)
    if stat is None:
        raise ToolError(f"There is no folder {path!r}.")
    if stat["type"] != "directory":
        raise ToolError(f"{path!r} is a file: read_file reads it.")
    entries = (await contents.get(path, type="directory"))["content"]
    entries.sort(key=lambda entry: (entry["type"] != "directory", entry["name"]))
    shown = entries[max(0, start) : max(0, start) + LISTED]
    lines = [
        f"{tree.visible(entry['name'])}/"
        if entry["type"] == "directory"
        else f"{tree.visible(entry['name'])}  {_size(entry.get('size'))}"
        for entry in shown
    ]
    if not entries:
        lines = ["[an empty folder]"]
    elif len(shown) < len(entries):
        end = max(0, start) + len(shown)
        more = f"; start={end} lists more" if end < len(entries) else ""
        lines.append(f"[{max(0, start) + 1}-{end} of {len(entries):,}{more}]" if shown else f"[only {len(entries):,}]")
    return ToolOutput("\n".join(lines), metadata={"total": len(entries)})


@toolset.tool("read", paths=["path"])
async def read_file(
    context: ToolContext,
    path: str,
    start: Annotated[int, Field(description="first line")] = 1,
    end: Annotated[int | None, Field(description="last line")] = None,
) -> ToolOutput:
    """Read a text file or see a picture."""
    documents = context.services.documents
    _not_a_notebook(path, "notebook_map and read_cells read it")
    stat = await documents.contents.stat(path)
    if stat is None:
        raise ToolError(f"There is no file {path!r}.")
    if stat["type"] == "directory":
        raise ToolError(f"{path!r} is a folder: list_files lists it.")
    size = stat.get("size") or 0
    from jupyter_agent.documents.errors import NotText

    try:
        if size > READ_BYTES:
            raise ToolError(
                f"{path!r} has {_size(size)}; files up to {_size(READ_BYTES)} are read. Code can look into it, or "
                "run_command (head, tail, sed -n)."
            )
        view = await documents.read_text(context.owner, path, max_bytes=READ_BYTES)
        if "\0" in view.text:
            raise NotText(path)
    except NotText:
        return await _binary(context, path, size, stat.get("mimetype"))
    lines = view.text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return _lines(path, lines, start, end, context.services.settings.tools.result_characters, view.dirty)


def _lines(path: str, lines: Sequence[str], start: int, end: int | None, room: int, dirty: bool) -> ToolOutput:
    total = len(lines)
    unsaved = ", with unsaved changes of the editor" if dirty else ""
    metadata = {"total_lines": total}
    if not lines:
        return ToolOutput(f"[{path} is empty{unsaved}]", metadata=metadata)
    if start < 1:
        raise ToolError("Lines are counted from 1.")
    last = total if end is None else min(end, total)
    if start > last:
        raise ToolError(f"There are no such lines: {path} has {total:,}.")
    # The rest is left for the model to ask for: room is kept for the line that says so.
    room -= 200
    given = start - 1
    for index in range(start - 1, last):
        room -= len(lines[index]) + 1
        if room < 0 and index > start - 1:
            break
        given = index + 1
    more = f"; start={given + 1} reads on" if given < last else ""
    head = f"[{path}: lines {start}-{given} of {total:,}{unsaved}{more}]"
    return ToolOutput(f"{head}\n" + "\n".join(lines[start - 1 : given]), metadata=metadata)


async def _binary(context: ToolContext, path: str, size: int, mimetype: str | None) -> ToolOutput:
    from jupyter_agent.turns.models import picture_type

    if size <= PICTURE_BYTES:
        model = await context.services.documents.contents.get(path, type="file", format="base64")
        data = await asyncio.to_thread(base64.b64decode, model["content"])
        found = picture_type(data)
        if found is not None:
            return ToolOutput(f"[{path}: a picture, {found}, {_size(size)}]", pictures=[Picture(found, data)])
    kind = f", {mimetype}" if mimetype and mimetype != "application/octet-stream" else ""
    raise ToolError(f"{path!r} is no UTF-8 text but binary ({_size(size)}{kind}). Code can read it.")


# Changing ------------------------------------------------------------------------------------------------------------


def _previewed(plan: Callable[..., Awaitable[list[EditIntent]]]) -> Callable[..., Awaitable[list[Change]]]:
    async def preview(context: ToolContext, **arguments: Any) -> list[Change]:
        return [changing.change(intent) for intent in await plan(context, **arguments)]

    return preview


@toolset.tool("file_write", paths=["path"], preview=_previewed(changing.plan_write))
async def write_file(context: ToolContext, path: str, text: str) -> ToolOutput:
    """Create or replace a text file."""
    plan = await changing.plan_write(context, path, text)
    return await changing.write(context, plan[0], f"{path}: {'created' if plan[0].before is None else 'replaced'}")


@toolset.tool("file_write", paths=["path"], preview=_previewed(changing.plan_edit))
async def edit_file(context: ToolContext, path: str, old: str, new: str) -> ToolOutput:
    """Replace text that occurs exactly once in a file."""
    plan = await changing.plan_edit(context, path, old, new)
    return await changing.write(context, plan[0], f"{path}: edited")


@toolset.tool("file_write", paths=["path"], preview=_previewed(changing.plan_directory))
async def make_directory(context: ToolContext, path: str) -> ToolOutput:
    """Create a folder, and those above it."""
    contents = context.services.documents.contents
    plan = await changing.plan_directory(context, path)

    async def make() -> None:
        for intent in plan:
            await contents.make_directory(intent.path)

    return await changing.apply(context, plan, make, f"{path}: created")


@toolset.tool("file_write", paths=["path", "to"], preview=_previewed(changing.plan_rename))
async def rename_file(context: ToolContext, path: str, to: str) -> ToolOutput:
    """Rename or move a file or folder."""
    plan = await changing.plan_rename(context, path, to)
    return await changing.apply(context, plan, lambda: changing.rename(context, path, to), f"{path} is now {to}")


@toolset.tool("file_write", paths=["path"], preview=_previewed(changing.plan_delete))
async def delete_file(
    context: ToolContext, path: str, recursive: Annotated[bool, Field(description="a folder that is not empty")] = False
) -> ToolOutput:
    """Delete a file or folder."""
    plan = await changing.plan_delete(context, path, recursive=recursive)
    return await changing.apply(context, plan, lambda: changing.delete(context, path, plan), f"{path}: deleted")


# Finding -------------------------------------------------------------------------------------------------------------


@toolset.tool("read", paths=["path"])
async def find_files(
    context: ToolContext,
    pattern: Annotated[str, Field(description="*.py, data/**/*.csv")],
    path: Folder = "",
) -> ToolOutput:
    """Find files by name."""
    found = await tree.find(context.services.documents.contents, path, pattern)
    lines = [f"{tree.visible(one.path)}  {_size(one.size)}" for one in found.files]
    return ToolOutput("\n".join([*lines, *found.said()]), metadata={"total": len(found.files), "cut": bool(found.cut)})


@toolset.tool("read", paths=["path"])
async def search_files(
    context: ToolContext,
    text: str,
    path: Folder = "",
    pattern: Annotated[str, Field(description="of file names")] = "*",
) -> ToolOutput:
    """Search text in files and notebook cells; lower case matches any case."""
    found = await tree.search(context.services.documents.contents, path, pattern, text)
    return ToolOutput("\n".join([*found.lines, *found.said()]), metadata={"total": found.hits, "cut": bool(found.cut)})


def _not_a_notebook(path: str, instead: str) -> None:
    if path.lower().endswith(".ipynb"):
        raise ToolError(f"{path!r} is a notebook: {instead}.")


def _size(size: int | None) -> str:
    if size is None:
        return ""
    number = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1024 or unit == "GB":
            return f"{number:.0f} {unit}" if unit == "B" or number >= 10 else f"{number:.1f} {unit}"
        number /= 1024
    return ""
