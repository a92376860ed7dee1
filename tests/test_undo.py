"""Undo: what a turn changed is brought back exactly, or nothing is."""

from __future__ import annotations

import getpass
import json
from typing import Any

from jupyter_agent.tools.edits import UNKNOWN, EditIntent, Edits, cell_at, cell_state, shown, whole
from jupyter_agent.tools.tool import ToolContext


def code(id: str, source: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": id,
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
        **fields,
    }


async def context(api: Any, jp_serverapp: Any, turn: dict[str, Any] | None) -> ToolContext:
    services = await jp_serverapp.web_app.settings["jupyter_agent_app"].services()
    return ToolContext(
        services=services,
        owner=getpass.getuser(),
        tool_call_id="call_1",
        session_id=turn["session_id"] if turn else None,
        turn_id=turn["id"] if turn else None,
        notebook=None,
        progress=lambda delta=None, fraction=None: None,
    )


async def test_an_edit_is_there_before_it_is_made(api: Any, scripted: Any, jp_serverapp: Any) -> None:
    context_ = await context(api, jp_serverapp, await api.turn("echo"))
    edits = Edits(context_.services)
    large = [{"output_type": "stream", "name": "stdout", "text": "x" * 1_000_000}]
    before, after = code("a", "1", outputs=large), code("a", "2", outputs=large)
    ran = code("a", "2", outputs=[{"output_type": "stream", "name": "stdout", "text": "2\n"}])
    ids = await edits.intend(
        context_,
        [
            EditIntent("cell", "edit", "n.ipynb", "a", before=cell_at([before], 0), after=cell_at([after], 0)),
            EditIntent("cell", "outputs", "n.ipynb", "a", before=cell_at([after], 0)),
            EditIntent("file", "create", "a.bin", before=None, after={"base64": "AAEC"}),
        ],
    )

    def rows(orm: Any) -> list[Any]:
        from sqlalchemy import select
        from sqlalchemy.orm import undefer

        from jupyter_agent.storage.tables import EditRow

        return list(
            orm.scalars(
                select(EditRow).options(undefer(EditRow.before_data), undefer(EditRow.after_data)).order_by(EditRow.seq)
            )
        )

    intended = await context_.services.db.read(rows)
    assert [(row.id, row.state, row.seq) for row in intended] == [(id, "intended", at) for at, id in enumerate(ids)]
    assert "outputs" not in json.loads(intended[0].before)["cell"], "an edit of the source leaves the outputs alone"
    assert whole(intended[1].after, intended[1].after_data) == UNKNOWN
    assert len(intended[1].before) < 50_000
    assert whole(intended[1].before, intended[1].before_data) == cell_at([after], 0)
    changes = await edits.applied(ids, [None, cell_state(ran, 0), None])
    assert [(change.before, change.after) for change in changes[:1]] == [("1", "2")]
    assert changes[1].after == "2"
    assert changes[1].before is not None
    assert changes[1].before.startswith("xxx")
    assert (changes[2].before, changes[2].after) == (None, "(binary, 3 bytes)")
    await edits.abandoned(ids[1:])
    assert [row.id for row in await context_.services.db.read(rows)] == ids[:1]


async def test_direct_use_of_a_tool_leaves_no_edits(api: Any, jp_serverapp: Any) -> None:
    context_ = await context(api, jp_serverapp, None)
    edits = Edits(context_.services)
    intent = EditIntent("file", "edit", "a.txt", before={"text": "1"}, after={"text": "2"})
    assert await edits.intend(context_, [intent]) == []
    assert await edits.applied([]) == []
    await edits.abandoned([])
    assert (shown(intent).before, shown(intent).after) == ("1", "2")
