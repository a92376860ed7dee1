"""Reads event streams as a browser's EventSource does: fields, comments, ids; over httpx, async and not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class SseEvent:
    id: int | None
    type: str
    data: Any
    """The JSON of the data lines."""


class Parser:
    """Bytes in, events out. httpx's own lines will not do: they also end at U+2028 and the like."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._fields: dict[str, str] = {}
        self._data: list[str] = []
        self.comments: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[SseEvent]:
        self._rest.append(chunk)
        if b"\n" not in chunk:
            return
        *lines, rest = b"".join(self._rest).split(b"\n")
        self._rest = [rest]
        for raw in lines:
            line = raw.decode().removesuffix("\r")
            if not line:
                if self._data:
                    id_ = self._fields.get("id")
                    yield SseEvent(
                        int(id_) if id_ is not None else None,
                        self._fields.get("event", "message"),
                        json.loads("\n".join(self._data)),
                    )
                self._fields, self._data = {}, []
            elif line.startswith(":"):
                self.comments.append(line[1:].strip())
            else:
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if name == "data":
                    self._data.append(value)
                else:
                    self._fields[name] = value


class EventStream:
    """An open stream; `async for` gives its events until the server ends it."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.parser = Parser()

    async def __aiter__(self) -> AsyncIterator[SseEvent]:
        async for chunk in self.response.aiter_bytes():
            for event in self.parser.feed(chunk):
                yield event

    async def until(self, *types: str) -> list[SseEvent]:
        """What came up to and including the first event of one of these types. Raises EOFError where none comes."""
        seen: list[SseEvent] = []
        async for event in self:
            seen.append(event)
            if event.type in types:
                return seen
        raise EOFError(f"the stream ended without {types}: {[event.type for event in seen]}")


def read(response: httpx.Response) -> Iterator[SseEvent]:
    """The events of a synchronous response."""
    parser = Parser()
    for chunk in response.iter_bytes():
        yield from parser.feed(chunk)


def text_of(events: list[SseEvent]) -> str:
    """The answer that the content events make up."""
    return "".join(event.data["delta"] for event in events if event.type == "content")
