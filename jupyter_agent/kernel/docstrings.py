"""What a docstring says of a function and its parameters: in Google's style, numpy's or Sphinx's."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

_SECTION = re.compile(
    r"(Args|Arguments|Parameters|Params|Keyword Args|Keyword Arguments|Other Parameters|Returns|Return|Yields|Yield"
    r"|Raises|Warns|Examples?|Notes?|See Also|References|Attributes|Todo):\s*"
)
_PARAMETERS = ("Args", "Arguments", "Parameters", "Params", "Keyword Args", "Keyword Arguments", "Other Parameters")
_GOOGLE_ENTRY = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")
_NUMPY_ENTRY = re.compile(r"(\w+(?:\s*,\s*\w+)*)\s*(?::.*)?")
_SPHINX_FIELD = re.compile(r":(\w+)(?:\s+([^:]*))?:\s*(.*)")
_UNDERLINE = re.compile(r"-{3,}\s*")


def parse(docstring: str | None) -> tuple[str, dict[str, str]]:
    """The description, and what is said of each parameter."""
    lines = inspect.cleandoc(docstring or "").splitlines()
    start = next((at for at in range(len(lines)) if _begins_section(lines, at)), len(lines))
    parameters: dict[str, str] = {}
    at = start
    while at < len(lines):
        if _is_underlined(lines, at):
            title, end = lines[at].strip(), _end(lines, at + 2)
            if title in _PARAMETERS:
                parameters |= _numpy(lines[at + 2 : end])
        elif section := _SECTION.fullmatch(lines[at]):
            end = _end(lines, at + 1)
            if section[1] in _PARAMETERS:
                parameters |= _google(lines[at + 1 : end])
        else:
            end = _end(lines, at + 1)
            parameters |= _sphinx(lines[at:end])
        at = end
    return "\n".join(lines[:start]).strip(), {name: text for name, text in parameters.items() if text}


def _is_underlined(lines: list[str], at: int) -> bool:
    return at + 1 < len(lines) and bool(lines[at].strip()) and bool(_UNDERLINE.fullmatch(lines[at + 1]))


def _begins_section(lines: list[str], at: int) -> bool:
    return bool(_is_underlined(lines, at) or _SECTION.fullmatch(lines[at]) or _SPHINX_FIELD.match(lines[at]))


def _end(lines: list[str], start: int) -> int:
    """Where the section ends."""
    return next((at for at in range(start, len(lines)) if _begins_section(lines, at)), len(lines))


def _entries(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each line that is indented as little as the first, with what is indented below it."""
    block = inspect.cleandoc("\n" + "\n".join(lines)).splitlines()
    head, rest = None, [""]
    for line in block:
        if line[:1].strip():
            if head is not None:
                yield head, _joined(rest)
            head, rest = line, []
        else:
            rest.append(line)
    if head is not None:
        yield head, _joined(rest)


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())


def _google(lines: list[str]) -> dict[str, str]:
    found = {}
    for head, rest in _entries(lines):
        if entry := _GOOGLE_ENTRY.fullmatch(head):
            found[entry[1]] = _joined([entry[2], rest])
    return found


def _numpy(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for head, rest in _entries(lines):
        if entry := _NUMPY_ENTRY.fullmatch(head.strip()):
            found |= {name.strip(): rest for name in entry[1].split(",")}
    return found


def _sphinx(lines: list[str]) -> dict[str, str]:
    """One field: `:param name: text` or `:param type name: text`."""
    field = _SPHINX_FIELD.match(lines[0])
    if field is None or field[1] not in ("param", "parameter", "arg", "argument", "key", "keyword") or not field[2]:
        return {}
    return {field[2].split()[-1]: _joined([field[3], *lines[1:]])}
