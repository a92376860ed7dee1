"""What turns changed: written down before it is done, so that it can be undone whatever happens in between.

    intent = EditIntent("cell", "edit", path, cell_id, before=cell_at(cells, 3), after=cell_at(changed, 3))
    ids = await edits.intend(context, [intent])
    try: ... apply ...
    except: await edits.abandoned(ids); raise
    changes = await edits.applied(ids)            # for ToolOutput.metadata["changes"]

A state (`before`, `after`) is None where there is nothing, and otherwise one of

    {"cell": nbformat cell, "index": 3, "previous": id|None, "next": id|None}     a cell and its place
    {"text": "..."}   {"base64": "..."}   {"directory": True}                       a file or folder
    {"path": "b.txt"}                                                               its name: rename
    UNKNOWN                                                                         not known before it is done: outputs

Outputs that a change leaves as they are, are not kept."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from jupyter_agent.storage.ids import new_id
from jupyter_agent.tools.models import Change, Checkpoint, Edit

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

    from jupyter_agent.app import Services
    from jupyter_agent.storage.tables import EditRow, TurnRow
    from jupyter_agent.tools.tool import ToolContext

State = dict[str, Any]
Action = Literal["create", "edit", "delete", "move", "rename", "outputs"]

UNKNOWN: State = {"unknown": True}
"""The state after a run that has not ended."""
LARGE = 16 * 1024
"""Characters of JSON beyond which a state is kept compressed, with its beginning beside it."""
SHOWN = 20_000
"""Characters of a text that are shown where it was cut."""
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class EditIntent:
    """A change that is about to be made."""

    kind: Literal["cell", "file"]
    action: Action
    path: str
    """From the server's root; of a rename the old one."""
    cell_id: str | None = None
    title: str = ""
    """For people: `cell 12`, a file's name."""
    language: str | None = None
    before: State | None = None
    after: State | None = None


def cell_state(cell: Mapping[str, Any], index: int, previous: str | None = None, next: str | None = None) -> State:
    """A cell and its place: between the cells with the ids `previous` and `next`."""
    return {"cell": dict(cell), "index": index, "previous": previous, "next": next}


def cell_at(cells: Sequence[Mapping[str, Any]], index: int) -> State:
    """The state of the cell at `index`, with its neighbours."""
    return cell_state(
        cells[index],
        index,
        cells[index - 1].get("id") if index > 0 else None,
        cells[index + 1].get("id") if index + 1 < len(cells) else None,
    )


def bytes_state(data: bytes) -> State:
    """A file's content: as text where it is UTF-8."""
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def joined(text: Any) -> str:
    """nbformat keeps text as a string or as a list of lines."""
    return "".join(text) if isinstance(text, list) else str(text or "")


def shown(intent: EditIntent) -> Change:
    """A change as people see it."""
    return Change(
        kind=intent.kind,
        action=intent.action,
        path=intent.path,
        cell_id=intent.cell_id,
        title=intent.title,
        language=intent.language,
        before=_text(intent.action, intent.before),
        after=_text(intent.action, intent.after),
        previous_cell=_previous(intent.action, intent.before),
    )


def _previous(action: str, before: State | None) -> str | None:
    """Where a deleted cell stood."""
    return before.get("previous") if action == "delete" and before is not None else None


def _text(action: str, state: State | None) -> str | None:
    if state is None or "unknown" in state:
        return None
    if "cell" in state:
        if action == "move":
            return f"place {state['index'] + 1}"
        if action == "outputs":
            return _outputs(state["cell"])
        return joined(state["cell"].get("source"))
    if "path" in state:
        return str(state["path"])
    if "base64" in state:
        return f"(binary, {len(state['base64']) * 3 // 4} bytes)"
    text = state.get("text")
    return str(text) if text is not None else None


def _outputs(cell: Mapping[str, Any]) -> str:
    """The outputs' own plain text."""
    texts = []
    for output in cell.get("outputs", ()):
        if "text" in output:
            texts.append(joined(output["text"]))
        elif "data" in output:
            data = output["data"]
            texts.append(joined(data["text/plain"]) if "text/plain" in data else f"({', '.join(data)})")
        elif "ename" in output:
            texts.append(
                _ESCAPES.sub("", "\n".join(output.get("traceback", ())) or f"{output['ename']}: {output['evalue']}")
            )
    return _cut("\n".join(text.rstrip("\n") for text in texts))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}\n... ({len(text)} characters)"


def _without_same_outputs(before: State | None, after: State | None) -> tuple[State | None, State | None]:
    """Without what a change leaves alone and may be large."""
    if before is None or after is None or "cell" not in before or "cell" not in after:
        return before, after
    same = [
        name
        for name in ("outputs", "attachments")
        if name in before["cell"] and before["cell"][name] == after["cell"].get(name)
    ]
    if not same:
        return before, after

    def without(state: State) -> State:
        return {**state, "cell": {name: value for name, value in state["cell"].items() if name not in same}}

    return without(before), without(after)


def _stored(state: State | None) -> tuple[str | None, bytes | None]:
    """What goes in the two columns of a state."""
    if state is None:
        return None, None
    text = json.dumps(state, separators=(",", ":"))
    if len(text) <= LARGE:
        return text, None
    beginning: State = {}
    if "cell" in state:
        cell = state["cell"]
        beginning = {**state, "cell": {"cell_type": cell.get("cell_type"), "source": _cut(joined(cell.get("source")))}}
        if "outputs" in cell:
            beginning["shown_outputs"] = _outputs(cell)
    elif "text" in state:
        beginning = {"text": _cut(state["text"])}
    elif "base64" in state:
        beginning = {"size": len(state["base64"]) * 3 // 4}
    # Level 1: pictures do not get smaller, and text does at once.
    return json.dumps(beginning, separators=(",", ":")), zlib.compress(text.encode(), 1)


def whole(beginning: str | None, data: bytes | None) -> State | None:
    """A state as it was kept."""
    text: str | bytes | None = zlib.decompress(data) if data is not None else beginning
    state: State | None = json.loads(text) if text is not None else None
    return state


def _shown_beginning(action: str, beginning: str | None) -> str | None:
    """As `_text`, of what stands in the row itself."""
    state: State | None = json.loads(beginning) if beginning is not None else None
    if state is not None and action == "outputs" and "shown_outputs" in state:
        return str(state["shown_outputs"])
    if state is not None and "size" in state:
        return f"(binary, {state['size']} bytes)"
    return _text(action, state)


class Edits:
    """The record of what turns changed: `services.tools.edits`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def intend(self, context: ToolContext, intents: Sequence[EditIntent]) -> list[str]:
        """Writes down what is about to be changed; gives an id for each. Nothing, and no ids, where no turn does it."""
        session_id, turn_id = context.session_id, context.turn_id
        if turn_id is None or session_id is None or not intents:
            return []

        def write(orm: Orm) -> list[str]:
            from sqlalchemy import func, select

            from jupyter_agent.storage.tables import EditRow

            last = orm.scalar(select(func.max(EditRow.seq)).where(EditRow.turn_id == turn_id))
            rows = []
            for seq, intent in enumerate(intents, 0 if last is None else last + 1):
                after = intent.after if intent.after is not None or intent.action != "outputs" else UNKNOWN
                before, after = _without_same_outputs(intent.before, after)
                row = EditRow(
                    id=new_id("edit"),
                    owner=context.owner,
                    session_id=session_id,
                    turn_id=turn_id,
                    tool_call_id=context.tool_call_id,
                    seq=seq,
                    kind=intent.kind,
                    action=intent.action,
                    path=intent.path,
                    cell_id=intent.cell_id,
                    title=intent.title[:255],
                    language=intent.language,
                    state="intended",
                )
                row.before, row.before_data = _stored(before)
                row.after, row.after_data = _stored(after)
                rows.append(row)
            orm.add_all(rows)
            return [row.id for row in rows]

        return await self._services.db.write(write)

    async def applied(self, ids: Sequence[str], after: Sequence[State | None] | None = None) -> list[Change]:
        """The changes are made. `after`: how it came out, where that is not what was intended or was not known; None in
        it leaves what was intended. Gives the changes for `ToolOutput.metadata["changes"]`."""
        if not ids:
            return []
        if after is not None and len(after) != len(ids):
            raise ValueError(f"{len(ids)} edits, and {len(after)} states after them")

        def write(orm: Orm) -> tuple[list[Change], EditRow]:
            from jupyter_agent.storage.tables import utcnow

            rows = _rows(orm, ids)
            for row, state in zip(rows, after or [None] * len(rows), strict=True):
                row.state, row.changed_at = "applied", utcnow()
                if state is not None:
                    kept, state = _without_same_outputs(whole(row.before, row.before_data), state)
                    row.before, row.before_data = _stored(kept)
                    row.after, row.after_data = _stored(state)
            return [change_of(row) for row in rows], rows[0]

        changes, row = await self._services.db.write(write)
        self.published(row.owner, row.session_id, row.turn_id, "applied")
        return changes

    async def abandoned(self, ids: Sequence[str]) -> None:
        """The changes were not made."""
        if not ids:
            return

        def write(orm: Orm) -> None:
            for row in _rows(orm, ids):
                orm.delete(row)

        await self._services.db.write(write)

    def published(self, owner: str, session_id: str, turn_id: str, state: str) -> None:
        """Tells the owner's clients that a turn's checkpoint is another one now."""
        self._services.bus.publish(
            "turns", owner, {"type": "checkpoint", "turn_id": turn_id, "session_id": session_id, "state": state}
        )


def _rows(orm: Orm, ids: Sequence[str]) -> list[EditRow]:
    from sqlalchemy import select

    from jupyter_agent.storage.tables import EditRow

    found = {row.id: row for row in orm.scalars(select(EditRow).where(EditRow.id.in_(ids)))}
    return [found[id] for id in ids]


def change_of(row: EditRow) -> Change:
    """A row as people see it; of what is large its beginning."""
    return Change.model_validate(
        {
            "kind": row.kind,
            "action": row.action,
            "path": row.path,
            "cell_id": row.cell_id,
            "title": row.title,
            "language": row.language,
            "before": _shown_beginning(row.action, row.before),
            "after": _shown_beginning(row.action, row.after),
            "edit_id": row.id,
            "previous_cell": _previous(row.action, json.loads(row.before) if row.before is not None else None),
        }
    )


def edit_of(row: EditRow) -> Edit:
    return Edit.model_validate(
        {
            "id": row.id,
            "turn_id": row.turn_id,
            "tool_call_id": row.tool_call_id,
            "change": change_of(row),
            # What a dead server left undecided may have been done: an undo looks.
            "state": "applied" if row.state == "intended" else row.state,
            "created_at": row.created_at,
            "changed_at": row.changed_at,
        }
    )


def checkpoint_of(turn: TurnRow, rows: Sequence[EditRow]) -> Checkpoint:
    """All that a turn changed; `rows` in the order of the changes."""
    undone = sum(row.state == "undone" for row in rows)
    return Checkpoint(
        turn_id=turn.id,
        session_id=turn.session_id,
        message=turn.message,
        state="applied" if not undone else "undone" if undone == len(rows) else "partly_undone",
        edits=[edit_of(row) for row in rows],
        created_at=rows[0].created_at if rows else turn.created_at,
    )
