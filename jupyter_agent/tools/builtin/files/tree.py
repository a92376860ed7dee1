"""Finding files by name and by what they hold: bounded in time and number, and saying so."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import translate
from typing import TYPE_CHECKING, Any

from jupyter_agent.tools.sensitive import is_secret_file
from jupyter_agent.tools.tool import ToolError

if TYPE_CHECKING:
    from jupyter_agent.documents.contents import Contents

SECONDS = 10.0
FILES = 200
HITS = 200
HITS_A_FILE = 20
LINE_CHARACTERS = 300
SEARCHED_BYTES = 5 * 1024 * 1024
NOTEBOOK_BYTES = 50 * 1024 * 1024
DEPTH = 40
# They hold what others have written, and much of it.
SKIPPED = frozenset({"node_modules", "__pycache__", ".ipynb_checkpoints", "site-packages"})


@dataclass
class File:
    path: str
    """From the server's root."""
    size: int
    place: str | None
    """On disk; None where the contents manager keeps its files elsewhere."""


@dataclass
class Found:
    files: list[File] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    hits: int = 0
    cut: str | None = None
    """Why there may be more."""
    secrets: int = 0
    large: int = 0
    elsewhere: int = 0
    """Of a contents manager that keeps its files not on this disk."""
    folders: set[str] = field(default_factory=set)

    def said(self) -> list[str]:
        """What has to be said of the result."""
        notes = []
        if not self.files and not self.lines:
            notes.append("nothing found")
        if self.cut:
            notes.append(self.cut)
        if self.secrets:
            notes.append(f"{self.secrets} files that look like secrets were not searched")
        if self.large:
            notes.append(f"{self.large} large files were not searched")
        if self.elsewhere:
            notes.append(f"{self.elsewhere} files are not on the server's disk and were not searched")
        if self.folders:
            notes.append(f"left out: {', '.join(sorted(self.folders))}")
        return [f"[{'; '.join(notes)}]"] if notes else []


def visible(name: str) -> str:
    """A file's name on one line, whatever it holds."""
    return name if name.isprintable() else ascii(name)


async def find(contents: Contents, path: str, pattern: str) -> Found:
    """Files whose name, or path from the folder where it has a slash, fits the pattern."""
    matches = _matcher(pattern)
    walk = await _walk(contents, path)

    def look() -> Found:
        found = Found()
        for file in _bounded(walk, found):
            if matches(file.path, walk.base):
                if len(found.files) == FILES:
                    found.cut = f"only the first {FILES}"
                    break
                found.files.append(file)
        found.folders = walk.skipped
        found.files.sort(key=lambda file: file.path)
        return found

    return await asyncio.to_thread(look)


async def search(contents: Contents, path: str, pattern: str, text: str) -> Found:
    """Lines that hold the text. Binary and large files, and those that look like secrets, are left out."""
    if not text.strip():
        raise ToolError("Say what is searched.")
    if "\n" in text:
        raise ToolError("A single line is searched.")
    matches = _matcher(pattern)
    walk = await _walk(contents, path)
    folds = text == text.lower()

    def look() -> Found:
        found = Found()
        for file in _bounded(walk, found):
            if not matches(file.path, walk.base):
                continue
            if is_secret_file(file.path):
                found.secrets += 1
                continue
            _search_file(file, text, folds, found)
            if found.hits >= HITS:
                found.cut = f"only the first {HITS} lines"
                break
        found.folders = walk.skipped
        return found

    return await asyncio.to_thread(look)


def _search_file(file: File, text: str, folds: bool, found: Found) -> None:
    notebook = file.path.lower().endswith(".ipynb")
    if file.place is None:
        found.elsewhere += 1
        return
    if file.size > (NOTEBOOK_BYTES if notebook else SEARCHED_BYTES):
        found.large += 1
        return
    try:
        with open(file.place, "rb") as stream:
            data = stream.read()
    except OSError:
        return
    if b"\0" in data[:8192] or (not folds and text.encode() not in data and not notebook):
        return
    held = data.decode("utf-8", "replace")
    parts = _cells(held, file.path) if notebook else [("", held)]
    count = 0
    for where, part in parts:
        for number, line in enumerate(part.split("\n"), 1):
            if text not in (line.lower() if folds else line):
                continue
            count += 1
            if count > HITS_A_FILE:
                found.lines.append(f"{visible(file.path)}: ... more")
                return
            found.hits += 1
            found.lines.append(f"{visible(file.path)}:{where}{number}: {_around(line, text, folds)}")
            if found.hits >= HITS:
                return


def _cells(text: str, path: str) -> Iterator[tuple[str, str]]:
    from jupyter_agent.documents.errors import InvalidNotebook
    from jupyter_agent.documents.files import skim

    try:
        cells = skim(text, path).cells
    except InvalidNotebook:
        return
    for cell in cells:
        yield f"cell {cell['id']}:", str(cell["source"])


def _around(line: str, text: str, folds: bool) -> str:
    line = line.strip()
    if len(line) <= LINE_CHARACTERS:
        return line
    at = max(0, (line.lower() if folds else line).find(text) - LINE_CHARACTERS // 3)
    return f"{'...' if at else ''}{line[at : at + LINE_CHARACTERS]}..."


def _matcher(pattern: str) -> Any:
    """`*.py` fits names; a pattern with a slash fits paths, in which `**` stands for any folders."""
    if not pattern or len(pattern) > 300:
        raise ToolError("pattern is like *.py or data/**/*.csv.")
    pattern = pattern.removeprefix("./").lstrip("/")
    if "/" not in pattern:
        name = re.compile(translate(pattern.lower()))
        return lambda path, base: name.match(path.rpartition("/")[2].lower())
    pieces = [None if part == "**" else re.compile(translate(part)) for part in pattern.lower().split("/")]

    def fits(path: str, base: str) -> bool:
        names = (path[len(base) + 1 :] if base else path).lower().split("/")
        # Positions in the pattern that the names so far may have led to.
        places = {0}
        for name in names:
            reached = _after_stars(pieces, places)
            places = {place for place in reached if place < len(pieces) and pieces[place] is None} | {
                place + 1
                for place in reached
                if place < len(pieces) and (piece := pieces[place]) is not None and piece.match(name)
            }
        return len(pieces) in _after_stars(pieces, places)

    return fits


def _after_stars(pieces: list[re.Pattern[str] | None], places: set[int]) -> set[int]:
    reached = set(places)
    for place in sorted(places):
        while place < len(pieces) and pieces[place] is None:
            place += 1
            reached.add(place)
    return reached


@dataclass
class _Walk:
    """Files below a folder."""

    base: str
    files: Any
    """An iterator, to be used in a thread."""
    skipped: set[str] = field(default_factory=set)


def _bounded(walk: _Walk, found: Found) -> Iterator[File]:
    end = time.monotonic() + SECONDS
    for file in walk.files:
        if time.monotonic() > end:
            found.cut = f"stopped after {SECONDS:g} seconds: there may be more; name a folder"
            return
        yield file


async def _walk(contents: Contents, path: str) -> _Walk:
    base = await contents.check(path)
    stat = await contents.stat(base)
    if stat is None:
        raise ToolError(f"There is no folder {base!r}.")
    if stat["type"] != "directory":
        raise ToolError(f"{base!r} is a file.")
    walk = _Walk(base, iter(()))
    os_path = getattr(contents.manager, "_get_os_path", None)
    if os_path is not None:
        walk.files = _on_disk(contents.manager, base, os_path(base), walk.skipped, 0)
    else:
        walk.files = iter(await _listed(contents, base, walk.skipped))
    return walk


def _on_disk(manager: Any, path: str, place: str, skipped: set[str], depth: int) -> Iterator[File]:
    """What the contents manager would list, read from disk: neither links nor what is hidden."""
    from jupyter_core.paths import is_file_hidden

    try:
        with os.scandir(place) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    folders = []
    for entry in found:
        try:
            if entry.is_symlink() or not manager.should_list(entry.name):
                continue
            if not manager.allow_hidden and is_file_hidden(entry.path):
                continue
            below = f"{path}/{entry.name}" if path else entry.name
            if entry.is_dir():
                if entry.name in SKIPPED or os.path.exists(os.path.join(entry.path, "pyvenv.cfg")):
                    skipped.add(entry.name)
                else:
                    folders.append((below, entry.path))
            elif entry.is_file():
                yield File(below, entry.stat().st_size, entry.path)
        except OSError:
            continue
    for below, folder in folders:
        if depth < DEPTH:
            yield from _on_disk(manager, below, folder, skipped, depth + 1)


async def _listed(contents: Contents, path: str, skipped: set[str]) -> list[File]:
    """The same through the contents manager alone, where its files are not on this disk: names, not what they hold."""
    end = time.monotonic() + SECONDS
    files: list[File] = []
    waiting = [path]
    while waiting and time.monotonic() < end:
        for entry in (await contents.get(waiting.pop(), type="directory"))["content"]:
            below = str(entry["path"]).strip("/")
            if entry["type"] != "directory":
                files.append(File(below, entry.get("size") or 0, None))
            elif entry["name"] in SKIPPED:
                skipped.add(entry["name"])
            else:
                waiting.append(below)
    return files
