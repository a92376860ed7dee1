"""Sessions as files: the program's own JSON, Markdown to read, a notebook to run."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from jupyter_agent.api.errors import invalid
from jupyter_agent.sessions.models import (
    ExportedBlob,
    ExportedMessage,
    ExportedSession,
    Message,
    Session,
    SessionExport,
)
from jupyter_agent.storage.blobs import Blob, check, decode_base64
from jupyter_agent.turns.models import ContextPart, ImagePart, TextPart, ThinkingPart, ToolCallPart, ToolResultPart

Format = Literal["json", "md", "ipynb"]

MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "ipynb": "application/x-ipynb+json",
}
SPEAKERS = {"user": "User", "assistant": "Assistant", "system": "Summary"}
PYTHON = {"python", "python3", "py", "ipython"}

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^`\n]*)$")


def safe_filename(title: str, extension: str) -> str:
    """A file name that every operating system takes, made of the title's letters and digits."""
    name = unicodedata.normalize("NFKC", title)
    name = re.sub(r"[^\w.-]+", "-", name).strip("-._")[:80].rstrip("-._")
    if not name or name.split(".")[0].upper() in {"CON", "PRN", "AUX", "NUL", "COM1", "COM2", "LPT1", "LPT2"}:
        name = f"session-{name}" if name else "session"
    return f"{name}.{extension}"


def export(format: Format, session: Session, messages: Sequence[Message], blobs: Mapping[str, Blob]) -> bytes:
    """The file's bytes."""
    if format == "json":
        return _json(session, messages, blobs)
    if format == "md":
        return _markdown(session, messages, blobs).encode()
    return _notebook(session, messages, blobs).encode()


def _json(session: Session, messages: Sequence[Message], blobs: Mapping[str, Blob]) -> bytes:
    names = set(ExportedMessage.model_fields)
    file = SessionExport(
        format="jupyter-agent-session",
        version=1,
        session=ExportedSession(**session.model_dump(include=set(ExportedSession.model_fields))),
        messages=[ExportedMessage(**message.model_dump(include=names)) for message in messages],
        blobs={
            blob.id: ExportedBlob(media_type=blob.media_type, name=blob.name, data=base64.b64encode(blob.data).decode())
            for blob in blobs.values()
        },
    )
    return file.model_dump_json(exclude_none=True).encode()


def _fenced(text: str, language: str = "") -> str:
    """The text in a fence that nothing in it can close."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _label(text: str) -> str:
    """Text that is safe inside a link's brackets."""
    return re.sub(r"[\[\]\\`\n\r<>]", " ", text).strip() or "picture"


def _markdown(session: Session, messages: Sequence[Message], blobs: Mapping[str, Blob]) -> str:
    pictures: dict[str, str] = {}
    title = " ".join(session.title.split()) or "Conversation"
    lines = [f"# {title}", "", f"*{session.created_at:%Y-%m-%d %H:%M} UTC*", ""]
    for message in messages:
        speaker = SPEAKERS[message.role] + (f" ({message.model})" if message.model else "")
        lines += [f"## {speaker}", ""]
        for part in message.parts:
            if isinstance(part, TextPart):
                lines += [part.text, ""]
            elif isinstance(part, ImagePart):
                blob = blobs.get(part.blob_id or "")
                if blob is None:
                    lines += [f"*{_label(part.name or 'picture')} (no longer there)*", ""]
                    continue
                reference = pictures.setdefault(blob.id, f"picture-{len(pictures) + 1}")
                lines += [f"![{_label(part.name or reference)}][{reference}]", ""]
            elif isinstance(part, ContextPart):
                lines += [f"*Attached {part.kind}: {_label(part.name)}*", ""]
                lines += [_fenced(part.text), ""] if part.text else []
            elif isinstance(part, ThinkingPart):
                lines += [*(f"> {line}".rstrip() for line in ["*Thinking*", "", *part.text.splitlines()]), ""]
            elif isinstance(part, ToolCallPart):
                arguments = json.dumps(part.args, indent=2, ensure_ascii=False)
                lines += [f"**Tool call:** `{_label(part.name)}`", "", _fenced(arguments, "json"), ""]
            else:
                kind = "Tool error" if part.is_error else "Tool result"
                lines += [f"**{kind}:** `{_label(part.name or part.tool_call_id)}`", "", _fenced(part.content), ""]
    lines += [f"[{reference}]: {_data_url(blobs[blob_id])}" for blob_id, reference in pictures.items()]
    return "\n".join(lines).rstrip() + "\n"


def _data_url(blob: Blob) -> str:
    return f"data:{blob.media_type};base64,{base64.b64encode(blob.data).decode()}"


def split_code(text: str) -> Iterator[tuple[Literal["markdown", "code"], str]]:
    """Cuts Markdown into prose and the insides of its fenced Python blocks; other blocks, and one that is never closed,
    stay in the prose."""
    prose: list[str] = []
    code: list[str] | None = None
    fence, opening, python = "", "", False
    for line in text.splitlines():
        match = _FENCE.match(line)
        if code is None:
            if match is None:
                prose.append(line)
                continue
            fence, opening = match.group(1), line
            python = (match.group(2).split() or [""])[0].lower() in PYTHON
            code = []
        elif match and match.group(1).startswith(fence) and not match.group(2).strip():
            if python:
                if "\n".join(prose).strip():
                    yield "markdown", "\n".join(prose).strip("\n")
                yield "code", "\n".join(code)
                prose = []
            else:
                prose += [opening, *code, line]
            code = None
        else:
            code.append(line)
    if code is not None:
        prose += [opening, *code]
    if "\n".join(prose).strip():
        yield "markdown", "\n".join(prose).strip("\n")


def _notebook(session: Session, messages: Sequence[Message], blobs: Mapping[str, Blob]) -> str:
    import nbformat

    v4: Any = nbformat.v4
    cells: list[Any] = []
    if session.title:
        cells.append(v4.new_markdown_cell(f"# {' '.join(session.title.split())}"))

    def add(kind: str, source: str, message: Message, **more: Any) -> None:
        make = v4.new_code_cell if kind == "code" else v4.new_markdown_cell
        cells.append(make(source, metadata={"jupyter_agent": {"role": message.role}}, **more))

    for message in messages:
        if message.role == "assistant":
            for part in message.parts:
                if isinstance(part, TextPart):
                    for kind, source in split_code(part.text):
                        add(kind, source, message)
            continue
        lines = [f"**{SPEAKERS[message.role]}**"]
        attachments: dict[str, dict[str, str]] = {}
        for part in message.parts:
            if isinstance(part, TextPart):
                lines.append(part.text)
            elif isinstance(part, ContextPart):
                lines.append(f"*Attached {part.kind}: {_label(part.name)}*")
            elif isinstance(part, ImagePart) and (blob := blobs.get(part.blob_id or "")):
                name = f"picture-{len(attachments) + 1}.{blob.media_type.partition('/')[2]}"
                attachments[name] = {blob.media_type: base64.b64encode(blob.data).decode()}
                lines.append(f"![{_label(part.name or name)}](attachment:{name})")
        add("markdown", "\n\n".join(lines), message, **({"attachments": attachments} if attachments else {}))
    notebook = v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
            "language_info": {"name": "python"},
        },
    )
    notebook.nbformat_minor = 5
    writes: Any = nbformat.writes
    return str(writes(notebook))


class Picture(NamedTuple):
    media_type: str
    name: str | None
    data: bytes


def read_pictures(file: SessionExport) -> dict[str, Picture]:
    """The checked pictures that the file's messages name, by their id in the file.

    Raises ApiError: 422 for a picture that the file does not hold, or is not what it says; 413 for one over 10 MB."""
    pictures: dict[str, Picture] = {}
    for index, message in enumerate(file.messages):
        for number, part in enumerate(message.parts):
            path = f"body.messages.{index}.parts.{number}"
            if isinstance(part, ToolResultPart):
                for image in part.images:
                    if image.blob_id in file.blobs and image.blob_id not in pictures:
                        kept = file.blobs[image.blob_id]
                        pictures[image.blob_id] = _picture(image.blob_id, kept.media_type, kept.name, kept.data)
            if not isinstance(part, ImagePart):
                continue
            if part.blob_id is None:
                raise invalid(path, "pictures of a file stand in `blobs` and are named by blob_id")
            if part.blob_id in pictures:
                continue
            blob = file.blobs.get(part.blob_id)
            if blob is None:
                raise invalid(f"{path}.blob_id", "the file holds no such blob")
            if blob.media_type != part.media_type:
                raise invalid(f"{path}.media_type", "the blob has another media type")
            pictures[part.blob_id] = _picture(part.blob_id, blob.media_type, blob.name or part.name, blob.data)
    return pictures


def _picture(id: str, media_type: str, name: str | None, text: str) -> Picture:
    where = f"body.blobs.{id[:64]}.data"
    data = decode_base64(where, text)
    check(media_type, data, where)
    return Picture(media_type, name, data)
