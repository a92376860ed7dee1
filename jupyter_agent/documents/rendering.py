"""Outputs of cells as a model reads them: text without escape codes, and pictures."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from jupyter_agent.documents.cells import joined
from jupyter_agent.documents.outputs import fold
from jupyter_agent.tools.tool import Picture

PICTURES = 4
"""Pictures that one call gives at most."""
PICTURE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_NO_TEXT = re.compile(r"<[\w.]+ object(?: at 0x[0-9a-fA-F]+)?>|<IPython\.core\.display\.\w+.*>", re.DOTALL)
_NO_INPUT = "StdinNotImplementedError"


@dataclass
class Rendered:
    """What outputs are to a model."""

    text: str = ""
    pictures: list[Picture] = field(default_factory=list)
    left_out: int = 0
    """Pictures beyond the most that are given."""


def plain(text: str) -> str:
    """Without terminal escape codes."""
    return _ESCAPES.sub("", text) if "\x1b" in text else text


def fenced(text: str, language: str = "") -> str:
    """In a fence that nothing inside it can close."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"


def render(outputs: Sequence[Mapping[str, Any]], *, pictures: int = PICTURES) -> Rendered:
    """Takes time where the outputs are large."""
    rendered = Rendered()
    texts = [_output(output, rendered, pictures) for output in outputs]
    rendered.text = "\n".join(text.rstrip("\n") for text in texts if text.strip())
    return rendered


def _output(output: Mapping[str, Any], rendered: Rendered, pictures: int) -> str:
    match output.get("output_type"):
        case "stream":
            text = plain(fold(joined(output.get("text"))))
            return f"[stderr]\n{text}" if output.get("name") == "stderr" and text.strip() else text
        case "error":
            return error_text(output)
        case _:
            return _data(output.get("data") or {}, rendered, pictures)


def error_text(output: Mapping[str, Any]) -> str:
    """An error's traceback, or its name and message where it has none."""
    name, message = str(output.get("ename", "")), plain(str(output.get("evalue", "")))
    if name == _NO_INPUT:
        return (
            f"{name}: the code asks for input (input(), getpass(), pdb ...), and nobody is there to type it. "
            "Put the value into the code, or ask the user to run the cell."
        )
    traceback = plain("\n".join(output.get("traceback") or ()))
    last = f"{name}: {message}" if message else name
    return traceback if last in traceback else f"{traceback}\n{last}".strip("\n")


def _data(data: Mapping[str, Any], rendered: Rendered, pictures: int) -> str:
    text = joined(data.get("text/plain"))
    says_something = bool(text) and not _NO_TEXT.fullmatch(text.strip())
    for media_type in PICTURE_TYPES:
        if media_type in data:
            picture = _picture(media_type, joined(data[media_type]))
            if picture is None:
                return f"[{media_type} that cannot be read]"
            if len(rendered.pictures) >= pictures:
                rendered.left_out += 1
                return f"[picture, {media_type}: left out, as there are more than {pictures}]"
            rendered.pictures.append(picture)
            caption = f": {text.strip()}" if text else ""
            return f"[picture {len(rendered.pictures)}, {media_type}{caption}]"
    if "image/svg+xml" in data:
        return f"[SVG drawing of {len(joined(data['image/svg+xml'])):,} characters] {text}".strip()
    if "application/vnd.jupyter.widget-view+json" in data:
        return f"[widget] {text}".strip()
    if says_something:
        return plain(text)
    for media_type in ("text/markdown", "text/latex"):
        if media_type in data:
            return joined(data[media_type])
    if "text/html" in data:
        return html_text(joined(data["text/html"]))
    if "application/json" in data:
        return json.dumps(data["application/json"], ensure_ascii=False, indent=1)
    kinds = ", ".join(kind for kind in data if kind != "text/plain")
    return f"[output: {kinds}] {text}".strip() if kinds else text


def _picture(media_type: str, text: str) -> Picture | None:
    try:
        return Picture(media_type, base64.b64decode(text, validate=False))
    except (binascii.Error, ValueError):
        return None


class _Text(HTMLParser):
    """Text of HTML; cells of a table are parted by tabs."""

    _SILENT = frozenset({"script", "style", "head", "title"})
    _LINES = frozenset({"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._SILENT:
            self._silent += 1
        elif tag in self._LINES:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in ("td", "th"):
            self.parts.append("\t")
        elif tag in self._LINES:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def html_text(html: str) -> str:
    """HTML without its tags: a table's rows are lines, its cells parted by tabs."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    text = "".join(parser.parts)
    lines = ("\t".join(cell.strip() for cell in line.split("\t")).rstrip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
