"""A turn, looked at: what the model saw, why it was that model, what happened when, and what could be better."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_agent.kernel import readable
from jupyter_agent.kernel.answers import Answer
from jupyter_agent.kernel.errors import AgentError, NotFound
from jupyter_agent.kernel.frames import Kind, Table, columns_of, row_of, table_of
from jupyter_agent.kernel.operations import AsyncRooms, Rooms
from jupyter_agent.kernel.reports import Shown
from jupyter_agent.observatory.models import (
    ContextSnapshot,
    Evidence,
    Feedback,
    LeftOut,
    ModelSelection,
    Retrieved,
    Span,
    Tip,
    Trace,
)
from jupyter_agent.tools.models import ToolCallRecord
from jupyter_agent.turns.models import Turn

TURN_MIME = "application/vnd.jupyter-agent.turn+json"


def turn_id_of(turn: Any) -> str:
    """Raises TypeError for what is no turn, AgentError for a stream whose turn was not started yet."""
    if isinstance(turn, Answer):
        return turn.turn.id
    if isinstance(turn, str):
        return turn
    inner = turn.turn if hasattr(turn, "turn") else turn
    if inner is None:
        raise AgentError("This stream's turn was not started yet: it starts with the first step of the iteration.")
    if not isinstance(inner, Turn):
        raise TypeError(f"{type(turn).__name__} is no turn: give an answer, a turn, its id, or a stream")
    return inner.id


@dataclass
class Looked:
    """All that is recorded of a turn."""

    turn: Turn
    context: list[ContextSnapshot]
    trace: Trace
    tips: list[Tip]
    selection: list[ModelSelection]
    tools: list[ToolCallRecord]
    given: Feedback | None

    def bundle(self) -> dict[str, Any]:
        """As `application/vnd.jupyter-agent.turn+json` has it: what was sent is not in it."""
        context = [one.model_dump(mode="json") for one in self.context]
        for one in context:
            for item in one["items"]:
                item["content"] = None
            for found in one["retrieved"]:
                found["excerpt"] = ""
        return {
            "version": 1,
            "turn": self.turn.model_dump(mode="json"),
            "context": context,
            "trace": self.trace.model_dump(mode="json"),
            "tips": [one.model_dump(mode="json") for one in self.tips],
            "selections": [one.model_dump(mode="json") for one in self.selection],
        }

    def html(self) -> str:
        grade = self.given.grade if self.given is not None else None
        return readable.turn_html(self.turn, self.context, self.trace, self.tips, self.selection, self.tools, grade)

    def text(self) -> str:
        grade = self.given.grade if self.given is not None else None
        return readable.turn_text(self.turn, self.context, self.trace, self.tips, self.selection, grade)


def look(rooms: Rooms, turn_id: str) -> Looked:
    """Reads a turn. Raises AgentError."""
    observatory = rooms.observatory
    given = None
    with contextlib.suppress(NotFound):
        given = observatory.get_feedback(turn_id)
    return Looked(
        turn=rooms.turns.get_turn(turn_id),
        context=observatory.turn_context(turn_id).items,
        trace=observatory.turn_trace(turn_id),
        tips=observatory.turn_tips(turn_id).tips,
        selection=observatory.turn_model_selection(turn_id).items,
        tools=rooms.tools.get_turn_tools(turn_id).tool_calls,
        given=given,
    )


async def look_async(rooms: AsyncRooms, turn_id: str) -> Looked:
    """As `look`."""
    observatory = rooms.observatory

    async def grade() -> Feedback | None:
        try:
            return await observatory.get_feedback(turn_id)
        except NotFound:
            return None

    # In two: of more than six the types are not kept.
    (turn, tools, given), (context, trace, tips, selection) = await asyncio.gather(
        asyncio.gather(rooms.turns.get_turn(turn_id), rooms.tools.get_turn_tools(turn_id), grade()),
        asyncio.gather(
            observatory.turn_context(turn_id),
            observatory.turn_trace(turn_id),
            observatory.turn_tips(turn_id),
            observatory.turn_model_selection(turn_id),
        ),
    )
    return Looked(turn, context.items, trace, tips.tips, selection.items, tools.tool_calls, given)


class Inspection(Shown):
    """A turn and all that is recorded of it, as `client.inspect` and `answer.inspect` give it. Notebooks show it.

    Tables: `context` (tokens by request and part), `requests`, `spans`, `items` (what was sent, message by message),
    `retrieved`, `left_out`, `tools`, `tips`, `selection`."""

    def __init__(self, looked: Looked, rooms: Rooms | AsyncRooms | None) -> None:
        self._looked = looked
        self._rooms = rooms

    def __getstate__(self) -> dict[str, Any]:
        # A connection goes nowhere; what was read does.
        return {"_looked": self._looked, "_rooms": None}

    @property
    def turn(self) -> Turn:
        return self._looked.turn

    @property
    def context(self) -> list[ContextSnapshot]:
        """What the model saw, one snapshot a request. `contents` has the messages themselves."""
        return self._looked.context

    @property
    def trace(self) -> Trace:
        """One timeline of requests, tools, approvals and waits."""
        return self._looked.trace

    @property
    def tips(self) -> list[Tip]:
        """What the rules say about it, the most severe first."""
        return self._looked.tips

    @property
    def selection(self) -> list[ModelSelection]:
        """Why this model was asked, and not another."""
        return self._looked.selection

    @property
    def tools(self) -> list[ToolCallRecord]:
        """The calls that it made."""
        return self._looked.tools

    @property
    def grade(self) -> int | None:
        """1 to 5, where it was given one."""
        return self._looked.given.grade if self._looked.given is not None else None

    def feedback(self, grade: int, comment: str = "") -> Any:
        """Grades the turn, 1 (useless) to 5 (just right); the last grade counts. Gives the `Feedback`; of an
        `AsyncClient`'s it is awaited. Raises AgentError."""
        rooms = self._connected()
        if isinstance(rooms, AsyncRooms):
            return self._feedback_async(rooms, grade, comment)
        self._looked.given = rooms.observatory.give_feedback(
            self.turn.id, grade=grade, comment=comment, source="notebook"
        )
        return self._looked.given

    async def _feedback_async(self, rooms: AsyncRooms, grade: int, comment: str) -> Feedback:
        given = await rooms.observatory.give_feedback(self.turn.id, grade=grade, comment=comment, source="notebook")
        self._looked.given = given
        return given

    def contents(self, request: int = -1) -> Any:
        """One request's snapshot with the exact messages that were sent, secrets masked; the last one by default. Of an
        `AsyncClient`'s it is awaited. Raises IndexError where there is no such request, AgentError."""
        snapshot = self.context[request]
        return self._connected().observatory.context_snapshot(self.turn.id, snapshot.id)

    def refresh(self) -> Any:
        """Reads it again, and gives itself; of an `AsyncClient`'s it is awaited. Raises AgentError."""
        rooms = self._connected()
        if isinstance(rooms, AsyncRooms):
            return self._refresh_async(rooms)
        self._looked = look(rooms, self.turn.id)
        return self

    async def _refresh_async(self, rooms: AsyncRooms) -> Inspection:
        self._looked = await look_async(rooms, self.turn.id)
        return self

    def _connected(self) -> Rooms | AsyncRooms:
        if self._rooms is None:
            raise AgentError("This was copied from elsewhere: use client.inspect(turn) again.")
        return self._rooms

    # -- tables

    def tables(self) -> Mapping[str, Table]:
        return {
            "context": self._context_table(),
            "requests": table_of(ContextSnapshot, self.context),
            "spans": table_of(Span, self.trace.spans),
            "items": self._lists("items", _ITEM, lambda one: {name: getattr(one, name) for name in _ITEM}),
            "retrieved": self._lists("retrieved", columns_of(Retrieved), lambda one: row_of(one, Retrieved)),
            "left_out": self._lists("left_out", columns_of(LeftOut), lambda one: row_of(one, LeftOut)),
            "tools": table_of(ToolCallRecord, self.tools),
            "tips": _tips_table(self.tips),
            "selection": table_of(ModelSelection, self.selection),
        }

    def _context_table(self) -> Table:
        columns: dict[str, Kind] = {
            **_REQUEST,
            "model": "text",
            "part": "text",
            "tokens": "int",
            "share": "float",
            "source": "text",
        }
        rows = []
        for one in self.context:
            for part in readable.parts_of([one]):
                tokens = readable.tokens_in(one, part)
                fraction = tokens / one.total if one.total else None
                rows.append(
                    {
                        **_request(one),
                        "model": one.model,
                        "part": part,
                        "tokens": tokens,
                        "share": fraction,
                        "source": one.source,
                    }
                )
        return Table(columns, rows)

    def _lists(self, name: str, columns: Mapping[str, Kind], row: Any) -> Table:
        rows = [{**_request(one), **row(item)} for one in self.context for item in getattr(one, name)]
        return Table({**_REQUEST, **columns}, rows)

    def _bundle(self) -> dict[str, Any]:
        return {TURN_MIME: self._looked.bundle()}

    def _html(self) -> str:
        return self._looked.html()

    def _text(self) -> str:
        return self._looked.text()


_REQUEST: dict[str, Kind] = {"step": "int", "request_id": "text"}
_ITEM: dict[str, Kind] = {"part": "text", "role": "text", "title": "text", "tokens": "int", "sha256": "text"}


def _request(snapshot: ContextSnapshot) -> dict[str, Any]:
    return {"step": snapshot.step, "request_id": snapshot.id}


def _tips_table(tips: Sequence[Tip]) -> Table:
    """One row a tip, with its first evidence."""
    names = ("severity", "category", "rule", "message", "suggestion")
    columns: dict[str, Kind] = {**dict.fromkeys(names, "text"), **columns_of(Evidence)}
    rows = [
        {
            **{name: getattr(tip, name) for name in names},
            **row_of(tip.evidence[0] if tip.evidence else None, Evidence),
        }
        for tip in tips
    ]
    return Table(columns, rows)
