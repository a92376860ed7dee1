"""What a function of the user's gave, or how it failed, as a model reads it."""

from __future__ import annotations

import base64
import reprlib
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_agent.kernel.errors import AgentError
from jupyter_agent.kernel.pictures import image_part
from jupyter_agent.kernel.variables import cut, describe_value
from jupyter_agent.tools.models import ClientToolImage, ClientToolResult

MAX_CHARACTERS = 1_000_000
"""Of a text; the server keeps what a model does not read at once."""
MAX_PICTURES = 3
FRAMES = 3
"""Of a traceback, the last ones."""


@dataclass(frozen=True)
class Outcome:
    """A result that says itself how it is told."""

    text: str
    pictures: Sequence[ClientToolImage] = ()
    is_error: bool = False


def result_of(tool_call_id: str, value: Any) -> ClientToolResult:
    """A value as the result of a call: text as it is; what JSON can say as JSON; of a table or array its shape, types
    and first rows; a figure or image, alone or among others, as a picture; anything else as its repr."""
    if isinstance(value, Outcome):
        return ClientToolResult(
            tool_call_id=tool_call_id,
            content=_shortened(value.text),
            is_error=value.is_error,
            images=list(value.pictures)[:MAX_PICTURES],
        )
    several = isinstance(value, (list, tuple))
    values = list(value) if several else [value]
    pictures: list[ClientToolImage] = []
    rest = []
    for one in values:
        picture = _picture(one) if len(pictures) < MAX_PICTURES else None
        if picture is None:
            rest.append(one)
        else:
            pictures.append(picture)
    if not pictures:
        content = _text(value)
    elif not rest:
        content = "(a picture)" if len(pictures) == 1 else f"({len(pictures)} pictures)"
    else:
        content = _text(rest[0] if len(rest) == 1 else rest)
    return ClientToolResult(tool_call_id=tool_call_id, content=_shortened(content), images=pictures)


def failure(tool_call_id: str, message: str) -> ClientToolResult:
    """A call that was not made."""
    return ClientToolResult(tool_call_id=tool_call_id, content=_shortened(message), is_error=True)


def failure_of(tool_call_id: str, error: BaseException) -> ClientToolResult:
    """An exception: what it is, what it says, and the last frames of its traceback that are not this library's."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_HERE)]
    lines = [f"{type(error).__name__}: {error}"]
    if frames:
        lines += ["Traceback (most recent call last):", *"".join(traceback.format_list(frames[-FRAMES:])).splitlines()]
    return failure(tool_call_id, "\n".join(lines))


_HERE = __file__.rsplit("results.", 1)[0]


def _shortened(text: str) -> str:
    # Lone halves of surrogate pairs are no text that JSON carries.
    text = text.encode("utf-8", "replace").decode()
    if len(text) <= MAX_CHARACTERS:
        return text
    return text[:MAX_CHARACTERS] + f"\n... ({len(text) - MAX_CHARACTERS} more characters were left out)"


def _picture(value: Any) -> ClientToolImage | None:
    if value is None or isinstance(value, (str, bytes, bytearray, memoryview, int, float, dict, list, tuple)):
        return None
    try:
        part = image_part(value)
    except (TypeError, AgentError):
        return None
    return ClientToolImage(media_type=part.media_type, data=part.data) if part.data is not None else None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "(nothing was returned)"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return cut(repr(bytes(value[:2_000])))
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()  # a number of numpy's
    if hasattr(value, "shape"):
        return cut(describe_value(value))
    if isinstance(value, Iterator):
        return cut(_repr(value))  # what is read here would be missing there
    try:
        return _json(value)
    except Exception:
        # The value is the user's: serializing it can fail in any way, and its repr as well.
        return cut(describe_value(value)) if isinstance(value, (Sequence, dict, set)) else cut(_repr(value))


def _json(value: Any) -> str:
    """Raises what pydantic raises for a value that JSON cannot say."""
    from pydantic_core import to_json

    return to_json(value, inf_nan_mode="constants").decode()


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception as error:
        return f"({reprlib.repr(type(value))} cannot be shown: {type(error).__name__})"


def picture_of(media_type: Any, data: bytes) -> ClientToolImage:
    """A picture out of its bytes."""
    return ClientToolImage(media_type=media_type, data=base64.b64encode(data).decode())
