"""A picture whose content is known: what a model says of it tells whether it saw it."""

from __future__ import annotations

import random
import re
import struct
import zlib

COLOURS = {"red": (220, 20, 20), "green": (20, 150, 40), "blue": (20, 40, 220), "yellow": (250, 220, 20)}
SIDE = 64


def plain_colour() -> tuple[str, bytes]:
    """The name of a colour, and a PNG that is all of it."""
    name = random.choice(list(COLOURS))  # noqa: S311
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    rows = (b"\x00" + bytes(COLOURS[name]) * SIDE) * SIDE
    return name, b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def names(text: str, colour: str) -> bool:
    """Whether the text names this colour and none of the others."""
    said = {word for word in re.findall(r"[a-z]+", text.lower()) if word in COLOURS}
    return said == {colour}
