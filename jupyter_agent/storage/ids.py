"""Ids: a prefix that says what it is, and a UUID version 7 (RFC 9562), so that ids sort by time."""

from __future__ import annotations

import os
import time


def new_id(prefix: str) -> str:
    """A new id such as `turn_0190163d8694739d8ac1b2d3e4f50617`."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76
    value |= (random >> 68 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random & (1 << 62) - 1
    return f"{prefix}_{value:032x}"
