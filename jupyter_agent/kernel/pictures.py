"""Pictures for a message, out of what a notebook has: files, bytes, figures, images of PIL and IPython."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_agent.kernel.errors import AgentError
from jupyter_agent.turns.models import ImagePart, picture_type

MAX_BYTES = 10 * 1024 * 1024
"""What the server takes of one picture."""
PIL_FORMATS = frozenset({"PNG", "JPEG", "GIF", "WEBP"})
PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16"})
"""PIL's modes that a PNG can hold."""
TAKEN = "a path, bytes, a matplotlib figure, a PIL image, an IPython.display.Image, or an ImagePart from upload_image()"


def image_part(value: Any) -> ImagePart:
    """The part of a message that a picture becomes: a path, bytes of a PNG, JPEG, GIF or WebP, a matplotlib figure or
    axes, a PIL image, an IPython.display.Image, or anything else that shows itself as PNG or JPEG in a notebook. A part
    stays what it is.

    Raises TypeError for what is no picture, AgentError for a picture that cannot be read or is too large."""
    if isinstance(value, ImagePart):
        return value
    data, name = _data(value)
    kind = picture_type(data)
    if kind is None:
        raise AgentError(f"{name or 'The picture'} is no PNG, JPEG, GIF or WebP.")
    if len(data) > MAX_BYTES:
        raise AgentError(
            f"{name or 'The picture'} has {len(data) / 1024**2:.1f} MB, and a picture can have {MAX_BYTES // 1024**2}. "
            "Make it smaller, for example with fig.set_dpi(100) or image.thumbnail((1600, 1600))."
        )
    return ImagePart(media_type=kind, data=base64.b64encode(data).decode(), name=name)


def image_parts(images: Any) -> list[ImagePart]:
    """The same for several; one alone need not be in a list."""
    if images is None:
        return []
    several = isinstance(images, Sequence) and not isinstance(images, (str, bytes, bytearray, memoryview))
    return [image_part(image) for image in (images if several else [images])]


def _data(value: Any) -> tuple[bytes, str | None]:
    """Bytes and name. What a thing is is told by what it can do: matplotlib and PIL need not be installed."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value), None
    if isinstance(value, (str, Path)):
        return _file(str(value))
    try:
        found = _rendered(value)
    except Exception as error:
        # Drawing runs the user's own code and libraries, which can fail in any way.
        raise AgentError(f"The {type(value).__name__} cannot be drawn: {type(error).__name__}: {error}") from error
    if found is None:
        raise TypeError(f"{type(value).__module__}.{type(value).__qualname__} is no picture; give {TAKEN}")
    return found


def _file(path: str) -> tuple[bytes, str | None]:
    if path.startswith("data:"):
        head, _, text = path.partition(",")
        try:
            if not head.endswith(";base64"):
                raise ValueError
            return base64.b64decode(text, validate=True), None
        except (ValueError, binascii.Error):
            raise AgentError("The picture is a data: address that is no base64.") from None
    if path.startswith(("http:", "https:")):
        raise AgentError("Pictures are not fetched from the web: save it to a file first, and give its path.")
    try:
        return Path(path).expanduser().read_bytes(), Path(path).name
    except (OSError, ValueError) as error:
        raise AgentError(f"The picture {path!r} cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def _rendered(value: Any) -> tuple[bytes, str | None] | None:
    buffer = io.BytesIO()
    # Axes, and grids of seaborn's, know their figure.
    figure: Any = value if callable(getattr(value, "savefig", None)) else getattr(value, "figure", None)
    if callable(getattr(figure, "savefig", None)):
        figure.savefig(buffer, format="png", bbox_inches="tight")
        return buffer.getvalue(), None
    if callable(getattr(value, "save", None)) and hasattr(value, "mode") and hasattr(value, "size"):
        # As it was read, so that a photograph does not grow to many times its size.
        form = value.format if getattr(value, "format", None) in PIL_FORMATS else "PNG"
        if form == "PNG" and value.mode not in PNG_MODES:
            value = value.convert("RGB")
        value.save(buffer, format=form)
        return buffer.getvalue(), None
    if isinstance(getattr(value, "data", None), bytes):
        return value.data, _name_of(value)
    if getattr(value, "filename", None) and hasattr(value, "embed"):
        # An IPython image that only names its file.
        return _file(str(value.filename))
    for method in ("_repr_png_", "_repr_jpeg_"):
        shown = getattr(value, method, None)
        shown = shown() if callable(shown) else None
        if isinstance(shown, tuple):
            shown = shown[0]  # with its metadata
        if shown:
            return (base64.b64decode(shown) if isinstance(shown, str) else bytes(shown)), None
    return None


def _name_of(value: Any) -> str | None:
    filename = getattr(value, "filename", None)
    return Path(filename).name if isinstance(filename, str) else None
