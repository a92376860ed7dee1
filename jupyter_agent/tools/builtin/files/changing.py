"""Changes to files: what each would be, and how it is made so that it can be undone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from jupyter_core.utils import ensure_async

from jupyter_agent.tools.edits import EditIntent, shown
from jupyter_agent.tools.models import Change
from jupyter_agent.tools.removal import removal
from jupyter_agent.tools.tool import ToolContext, ToolError, ToolOutput

EDITED_BYTES = 5 * 1024 * 1024
SHOWN_CHARACTERS = 100_000
AROUND_LINES = 20
LANGUAGES = {
    "py": "python",
    "js": "javascript",
    "ts": "typescript",
    "tsx": "typescript",
    "md": "markdown",
    "r": "r",
    "jl": "julia",
    "sh": "shell",
    "yml": "yaml",
    **{
        name: name
        for name in ("json", "yaml", "toml", "css", "html", "sql", "xml", "rust", "go", "java", "c", "cpp", "tex")
    },
}


def change(intent: EditIntent) -> Change:
    """As people see it: of long texts the part that changes."""
    made = shown(intent)
    before, after = made.before, made.after
    if before is not None and after is not None and len(before) + len(after) > SHOWN_CHARACTERS:
        before, after = _around(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return made.model_copy(update={"before": _cut(before), "after": _cut(after)})


def _around(before: Sequence[str], after: Sequence[str]) -> tuple[str, str]:
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    start, end = max(0, start - AROUND_LINES), max(0, end - AROUND_LINES)
    return "".join(before[start : len(before) - end]), "".join(after[start : len(after) - end])


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= SHOWN_CHARACTERS:
        return text
    return f"{text[:SHOWN_CHARACTERS]}\n... ({len(text):,} characters)"


# Plans ---------------------------------------------------------------------------------------------------------------


async def plan_write(context: ToolContext, path: str, text: str) -> list[EditIntent]:
    """Raises ToolError for notebooks, folders, binary and too large files, and where the folder is missing."""
    path = await _check(context, path, text)
    contents = context.services.documents.contents
    stat = await contents.stat(path)
    before = None if stat is None else (await _text(context, path))
    if stat is None:
        parent = path.rpartition("/")[0]
        if parent and await contents.stat(parent) is None:
            raise ToolError(f"There is no folder {parent!r}: make_directory creates it.")
    elif before == text:
        raise ToolError(f"{path} is so already: nothing was changed.")
    return [_text_intent("create" if before is None else "edit", path, before, text)]


async def plan_edit(context: ToolContext, path: str, old: str, new: str) -> list[EditIntent]:
    """Raises ToolError where `old` does not occur exactly once."""
    if not old:
        raise ToolError("old is empty: say what is replaced. write_file replaces a whole file.")
    if old == new:
        raise ToolError("old and new are the same: nothing to change.")
    path = await _check(context, path, new)
    before = await _text(context, path)
    count = before.count(old)
    if not count and "\r\n" in before and "\r\n" not in old:
        old, new = old.replace("\n", "\r\n"), new.replace("\n", "\r\n")
        count = before.count(old)
    if not count:
        raise ToolError(f"{path} does not have this text. {_near(before, old)}Nothing was changed.")
    if count > 1:
        lines, position = [], -1
        for _ in range(min(count, 10)):
            position = before.index(old, position + 1)
            lines.append(str(before.count("\n", 0, position) + 1))
        more = " ..." if count > 10 else ""
        raise ToolError(
            f"{path} has this text {count} times, at the lines {', '.join(lines)}{more}. Give more of what stands "
            "around it. Nothing was changed."
        )
    return [_text_intent("edit", path, before, before.replace(old, new))]


def _near(text: str, old: str) -> str:
    """Where it is but for white space."""
    wanted = [" ".join(line.split()) for line in old.strip().split("\n")]
    lines = [" ".join(line.split()) for line in text.split("\n")]
    places = [
        index + 1
        for index, line in enumerate(lines)
        if line == wanted[0] and wanted[0] and lines[index : index + len(wanted)] == wanted
    ]
    if not places:
        return "Read the file again. "
    return f"With other white space it has it at line {places[0]}. "


async def plan_directory(context: ToolContext, path: str) -> list[EditIntent]:
    contents = context.services.documents.contents
    path = contents.normal(path)
    parts = path.split("/")
    folders = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    missing = []
    for folder in folders:
        stat = await contents.stat(folder)
        if stat is None:
            missing.append(folder)
        elif stat["type"] != "directory":
            raise ToolError(f"{folder!r} is a file.")
    if not missing:
        raise ToolError(f"There is a folder {path!r} already.")
    return [EditIntent("file", "create", folder, title=_name(folder), after={"directory": True}) for folder in missing]


async def plan_rename(context: ToolContext, path: str, to: str) -> list[EditIntent]:
    contents = context.services.documents.contents
    path, to = await contents.check(path), await contents.check(to)
    if not path or not to:
        raise ToolError("The server's root cannot be renamed.")
    if await contents.stat(path) is None:
        raise ToolError(f"There is nothing at {path!r}.")
    if await contents.stat(to) is not None:
        raise ToolError(f"There is something at {to!r} already.")
    if to.startswith(f"{path}/"):
        raise ToolError("A folder cannot be moved into itself.")
    parent = to.rpartition("/")[0]
    if parent:
        stat = await contents.stat(parent)
        if stat is None or stat["type"] != "directory":
            raise ToolError(f"There is no folder {parent!r}: make_directory creates it.")
    _not_unsaved(context, path)
    return [EditIntent("file", "rename", path, title=_name(path), before={"path": path}, after={"path": to})]


async def plan_delete(context: ToolContext, path: str, recursive: bool = False) -> list[EditIntent]:
    """Each file and folder that would be deleted. Raises ToolError for a folder that is not empty, unless `recursive`
    says so, and for what could not be brought back."""
    contents = context.services.documents.contents
    path = await contents.check(path)
    if not path:
        raise ToolError("The server's root cannot be deleted.")
    _not_unsaved(context, path)
    intents = await removal(contents, path)
    if len(intents) > 1 and not recursive:
        raise ToolError(f"The folder {path!r} is not empty: recursive=true deletes it with all that it holds.")
    return intents


# Doing ---------------------------------------------------------------------------------------------------------------


async def write(context: ToolContext, intent: EditIntent, said: str) -> ToolOutput:
    """Writes a text file, if it is still what it was when this was planned."""
    documents = context.services.documents
    after = str((intent.after or {})["text"])
    before = None if intent.before is None else str(intent.before["text"])

    async def put() -> None:
        await documents.write_text(context.owner, intent.path, after, before, create=before is None)

    return await apply(context, [intent], put, said)


async def apply(
    context: ToolContext, intents: Sequence[EditIntent], do: Callable[[], Awaitable[None]], said: str
) -> ToolOutput:
    """Does it, and keeps what it was for an undo."""
    edits = context.services.tools.edits
    ids = await edits.intend(context, intents)
    try:
        await do()
    except ToolError:
        await edits.abandoned(ids)
        raise
    await edits.applied(ids)
    changes = [
        change(intent).model_copy(update={"edit_id": ids[index] if ids else None})
        for index, intent in enumerate(intents)
    ]
    return ToolOutput(said, metadata={"changes": [one.model_dump(mode="json") for one in changes]})


async def rename(context: ToolContext, path: str, to: str) -> None:
    """Renames; kernels of notebooks go with them, and with the kernel the tab that has the notebook open."""
    documents = context.services.documents
    path, to = documents.contents.normal(path), documents.contents.normal(to)
    async with documents.lock(path):
        await documents.contents.rename(path, to)
    sessions = documents.server.session_manager
    for session in await ensure_async(sessions.list_sessions()):
        held = str(session["path"])
        if held == path or held.startswith(f"{path}/"):
            moved = to + held[len(path) :]
            await ensure_async(sessions.update_session(session["id"], path=moved, name=_name(moved)))


async def delete(context: ToolContext, path: str, intents: Sequence[EditIntent]) -> None:
    """Deletes what was planned; to the trash where the server is so configured."""
    documents = context.services.documents
    contents = documents.contents
    async with documents.lock(contents.normal(path)):
        if getattr(contents.manager, "delete_to_trash", False):
            await contents.delete(path)
        else:
            # One after the other: not every contents manager deletes a folder that holds something.
            for intent in intents:
                await contents.delete(intent.path)


def _text_intent(action: Any, path: str, before: str | None, after: str) -> EditIntent:
    suffix = path.rpartition(".")[2].lower()
    return EditIntent(
        "file",
        action,
        path,
        title=_name(path),
        language=LANGUAGES.get(suffix),
        before=None if before is None else {"text": before},
        after={"text": after},
    )


async def _check(context: ToolContext, path: str, text: str) -> str:
    path = await context.services.documents.contents.check(path)
    if not path:
        raise ToolError("A file needs a name.")
    if path.lower().endswith(".ipynb"):
        raise ToolError(f"{path!r} is a notebook: create_notebook, insert_cell and edit_cell change it.")
    if len(text.encode("utf-8", "surrogatepass")) > EDITED_BYTES:
        raise ToolError(f"A file that is written has {EDITED_BYTES // 2**20} MB at the most.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ToolError("The text holds half a character (a lone surrogate): it cannot be written.") from None
    return path


async def _text(context: ToolContext, path: str) -> str:
    view = await context.services.documents.read_text(context.owner, path, max_bytes=EDITED_BYTES)
    if "\0" in view.text:
        raise ToolError(f"{path!r} is no text: it holds NUL characters.")
    return view.text


def _not_unsaved(context: ToolContext, path: str) -> None:
    """Raises ToolError where somebody's tab holds changes to it that are not saved."""
    live = context.services.documents.live
    for holder in live.holders(context.owner, path) if live is not None else ():
        document = holder.document(path)
        if document is not None and document.dirty:
            raise ToolError(f"{path!r} is open with unsaved changes: the user has to save or close it first.")


def _name(path: str) -> str:
    return path.rpartition("/")[2]
