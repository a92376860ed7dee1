"""Undo: what a turn changed is brought back exactly, or nothing is."""

from __future__ import annotations

import asyncio
import getpass
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings, strategies

from jupyter_agent.documents.cells import joined, source_hash
from jupyter_agent.documents.errors import ReadOnly
from jupyter_agent.documents.operations import (
    AppliedOperation,
    Delete,
    Insert,
    Move,
    Operation,
    ReplaceCell,
    SetOutputs,
    SetSource,
    SetType,
    apply_operations,
)
from jupyter_agent.tools.builtin.notebook import create_notebook
from jupyter_agent.tools.edits import UNKNOWN, EditIntent, Edits, bytes_state, cell_at, cell_state, shown, whole
from jupyter_agent.tools.removal import removal
from jupyter_agent.tools.restoring import Cells, Step
from jupyter_agent.tools.tool import ToolContext, ToolError

from .scripted_provider import ScriptedProvider
from .servers import JupyterServer, provider_writes
from .tool_turns import begin, eventually, finished, make_calls, pending, plan

NewTurn = Callable[..., Awaitable["Turn"]]


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


async def services_of(jp_serverapp: Any) -> Any:
    return await jp_serverapp.web_app.settings["jupyter_agent_app"].services()


def context_of(services: Any, turn: dict[str, Any] | None) -> ToolContext:
    return ToolContext(
        services=services,
        owner=getpass.getuser(),
        tool_call_id="call_1",
        session_id=turn["session_id"] if turn else None,
        turn_id=turn["id"] if turn else None,
        notebook=None,
        progress=lambda delta=None, fraction=None: None,
    )


class Turn:
    """A turn that edits as tools do: it writes down what it is about to do, and then does it."""

    def __init__(self, services: Any, turn: dict[str, Any], root: Path) -> None:
        self.context = context_of(services, turn)
        self.services = services
        self.id = turn["id"]
        self.session_id = turn["session_id"]
        self.root = root
        self.edit_ids: list[str] = []
        self.do = True
        """Whether it does what it has written down."""

    async def _do(self, intents: list[EditIntent], do: Callable[[], Awaitable[Any]]) -> None:
        ids = await self.services.tools.edits.intend(self.context, intents)
        if self.do:
            await do()
        await self.services.tools.edits.applied(ids)
        self.edit_ids += ids

    async def cell(self, path: str, operation: Operation) -> None:
        """Does one operation on a notebook."""
        notebook = self.services.documents.notebook(self.context.owner, path)
        before = (await notebook.read(outputs=True)).cells
        after, (done,) = apply_operations(before, [operation])
        cell_id = (done.before or done.after or {})["id"]
        action = (
            "create"
            if done.before is None
            else "delete"
            if done.after is None
            else ACTIONS.get(type(operation), "edit")
        )
        intent = EditIntent(
            "cell",
            action,
            path,
            cell_id,
            before=None if done.index_before is None else cell_at(before, done.index_before),
            after=None if done.index_after is None else cell_at(after, done.index_after),
        )
        await self._do([intent], lambda: notebook.apply([operation], self.id))

    async def write(self, path: str, text: str) -> None:
        file = self.root / path
        before = bytes_state(file.read_bytes()) if file.exists() else None
        intent = EditIntent("file", "edit" if before else "create", path, before=before, after={"text": text})
        await self._do([intent], lambda: self.services.documents.write_text(self.context.owner, path, text))

    async def delete(self, path: str) -> None:
        intents = await removal(self.services.documents.contents, path)

        async def do() -> None:
            for intent in intents:
                await self.services.documents.contents.delete(intent.path)

        await self._do(intents, do)

    async def mkdir(self, path: str) -> None:
        intent = EditIntent("file", "create", path, after={"directory": True})
        await self._do([intent], lambda: self.services.documents.contents.make_directory(path))

    async def rename(self, old: str, new: str) -> None:
        intent = EditIntent("file", "rename", old, before={"path": old}, after={"path": new})
        await self._do([intent], lambda: self.services.documents.contents.rename(old, new))


ACTIONS: dict[type, Any] = {Move: "move", SetOutputs: "outputs"}


@pytest.fixture
def new_turn(api: Any, scripted: Any, jp_serverapp: Any, jp_root_dir: Path) -> Callable[..., Awaitable[Turn]]:
    """Makes a turn that has ended and edits nevertheless."""

    async def make(**fields: Any) -> Turn:
        return Turn(await services_of(jp_serverapp), await api.turn("echo", **fields), jp_root_dir)

    return make


def notebook(root: Path, name: str, cells: list[dict[str, Any]]) -> Path:
    path = root / name
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}, indent=1))
    return path


def meaning(text: Path | bytes) -> Any:
    """A notebook as JSON means it: a text may stand in it as a list of its lines."""
    content = json.loads(text.read_bytes() if isinstance(text, Path) else text)
    for cell in content["cells"]:
        cell["source"] = joined(cell["source"])
        for output in cell.get("outputs", ()):
            if "text" in output:
                output["text"] = joined(output["text"])
            for mime, data in output.get("data", {}).items():
                output["data"][mime] = joined(data) if isinstance(data, list) else data
    return content


def stream(text: str) -> list[dict[str, Any]]:
    return [{"output_type": "stream", "name": "stdout", "text": text}]


async def test_an_edit_is_there_before_it_is_made(api: Any, scripted: Any, jp_serverapp: Any) -> None:
    context_ = context_of(await services_of(jp_serverapp), await api.turn("echo"))
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
    context_ = context_of(await services_of(jp_serverapp), None)
    edits = Edits(context_.services)
    intent = EditIntent("file", "edit", "a.txt", before={"text": "1"}, after={"text": "2"})
    assert await edits.intend(context_, [intent]) == []
    assert await edits.applied([]) == []
    await edits.abandoned([])
    assert (shown(intent).before, shown(intent).after) == ("1", "2")


# Notebooks -----------------------------------------------------------------------------------------------------------


def five(root: Path, name: str = "n.ipynb") -> Path:
    png = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}
    return notebook(
        root,
        name,
        [
            {"id": "title", "cell_type": "markdown", "metadata": {"tags": ["t"]}, "source": "# Title"},
            code("a", "a = 1"),
            code("b", "print(a)", outputs=stream("1\n"), execution_count=2),
            code(
                "plot",
                "plot()",
                outputs=[{"output_type": "display_data", "data": png, "metadata": {"w": 1}}],
                execution_count=3,
                metadata={"slideshow": {"slide_type": "slide"}},
            ),
            {"id": "raw", "cell_type": "raw", "metadata": {}, "source": "raw"},
        ],
    )


async def test_a_turn_is_undone_and_done_again(api: Any, new_turn: NewTurn, jp_root_dir: Path) -> None:
    path = five(jp_root_dir)
    before = meaning(path)
    turn = await new_turn()
    await turn.cell("n.ipynb", SetSource("a", "a = 2"))
    await turn.cell("n.ipynb", SetOutputs("b", stream("2\n"), 4))
    await turn.cell("n.ipynb", Delete("plot"))
    await turn.cell("n.ipynb", Insert(code("new", "new()"), "b"))
    await turn.cell("n.ipynb", Move("title", "raw"))
    await turn.cell("n.ipynb", SetType("raw", "markdown"))
    await turn.cell("n.ipynb", SetSource("new", "new(1)"))
    after = meaning(path)
    assert [cell["id"] for cell in after["cells"]] == ["a", "b", "new", "raw", "title"]
    checkpoint = await api.ok("GET", f"/turns/{turn.id}/checkpoint")
    assert checkpoint["state"] == "applied"
    assert [(edit["change"]["action"], edit["change"]["cell_id"]) for edit in checkpoint["edits"]] == [
        ("edit", "a"),
        ("outputs", "b"),
        ("delete", "plot"),
        ("create", "new"),
        ("move", "title"),
        ("edit", "raw"),
        ("edit", "new"),
    ]
    change = checkpoint["edits"][0]["change"]
    assert (change["before"], change["after"], change["edit_id"]) == ("a = 1", "a = 2", turn.edit_ids[0])
    undone = await api.ok("POST", f"/turns/{turn.id}/undo")
    assert undone["state"] == "undone"
    assert {edit["state"] for edit in undone["edits"]} == {"undone"}
    assert meaning(path) == before
    redone = await api.ok("POST", f"/turns/{turn.id}/redo")
    assert redone["state"] == "applied"
    assert meaning(path) == after
    await api.ok("POST", f"/turns/{turn.id}/undo")
    assert meaning(path) == before


async def test_twice_is_refused_and_a_key_makes_it_safe(api: Any, new_turn: NewTurn, jp_root_dir: Path) -> None:
    path = five(jp_root_dir)
    turn = await new_turn()
    await turn.cell("n.ipynb", SetSource("a", "a = 2"))
    key = {"Idempotency-Key": "once"}
    assert (await api("POST", f"/turns/{turn.id}/redo")).status == 409
    first = await api("POST", f"/turns/{turn.id}/undo", headers=key)
    assert (first.status, first.headers.get("Idempotent-Replay")) == (200, None)
    again = await api("POST", f"/turns/{turn.id}/undo", headers=key)
    assert (again.status, again.json, again.headers["Idempotent-Replay"]) == (200, first.json, "true")
    other = await api("POST", f"/turns/{turn.id}/undo", headers=key, json={"edit_ids": ["edit_other"]})
    assert other.status == 409
    twice = await api("POST", f"/turns/{turn.id}/undo")
    assert (twice.status, twice.json["error"]["message"]) == (409, "This was undone already.")
    accepted = await api("POST", f"/turns/{turn.id}/accept")
    assert accepted.status == 409
    assert meaning(path)["cells"][1]["source"] == "a = 1"
    nothing = await new_turn()
    assert (await api.ok("GET", f"/turns/{nothing.id}/checkpoint"))["edits"] == []
    answer = await api("POST", f"/turns/{nothing.id}/undo")
    assert (answer.status, answer.json["error"]["message"]) == (409, "This turn changed nothing.")
    assert (await api("POST", "/turns/turn_no/undo")).status == 404
    assert (await api("POST", f"/turns/{turn.id}/undo", json={"edit_ids": ["edit_no"]})).status == 404


async def test_what_somebody_changed_since_is_named_and_nothing_is_undone(
    api: Any, new_turn: NewTurn, jp_root_dir: Path
) -> None:
    path = five(jp_root_dir)
    turn = await new_turn()
    await turn.cell("n.ipynb", SetSource("a", "a = 2"))
    await turn.cell("n.ipynb", SetSource("b", "print(a, a)"))
    await turn.cell("n.ipynb", Insert(code("new", "new()"), None))
    await turn.write("data.txt", "from the agent")
    (jp_root_dir / "data.txt").write_text("from a person")
    content = json.loads(path.read_text())
    cells = {cell["id"]: cell for cell in content["cells"]}
    cells["a"]["source"] = "a = 3"
    cells["new"]["outputs"] = stream("ran")
    cells["title"]["source"] = "# Another title"
    path.write_text(json.dumps(content))
    before = path.read_bytes()
    answer = await api("POST", f"/turns/{turn.id}/undo")
    assert answer.status == 409
    conflicts = answer.json["error"]["details"]["conflicts"]
    assert {(one["edit_id"], one["path"], one["cell_id"]) for one in conflicts} == {
        (turn.edit_ids[3], "data.txt", None),
        (turn.edit_ids[2], "n.ipynb", "new"),
        (turn.edit_ids[0], "n.ipynb", "a"),
    }
    assert "run again" in next(one["message"] for one in conflicts if one["cell_id"] == "new")
    assert path.read_bytes() == before
    assert (jp_root_dir / "data.txt").read_text() == "from a person"
    # What nobody has changed can be undone alone; other cells may have changed freely.
    undone = await api.ok("POST", f"/turns/{turn.id}/undo", json={"edit_ids": [turn.edit_ids[1]]})
    assert undone["state"] == "partly_undone"
    now = {cell["id"]: cell["source"] for cell in meaning(path)["cells"]}
    assert now == {
        "new": "new()",
        "title": "# Another title",
        "a": "a = 3",
        "b": "print(a)",
        "plot": "plot()",
        "raw": "raw",
    }


async def test_a_later_turn_on_the_same_cell_is_undone_first(api: Any, new_turn: NewTurn, jp_root_dir: Path) -> None:
    path = five(jp_root_dir)
    before = meaning(path)
    first = await new_turn()
    await first.cell("n.ipynb", SetSource("a", "a = 2"))
    second = await new_turn(session_id=first.session_id)
    await second.cell("n.ipynb", SetSource("a", "a = 3"))
    page = await api.ok("GET", f"/sessions/{first.session_id}/checkpoints")
    assert [one["turn_id"] for one in page["items"]] == [second.id, first.id]
    assert page["total"] == 2
    page = await api.ok("GET", f"/sessions/{first.session_id}/checkpoints", params={"limit": 1, "offset": 1})
    assert [one["turn_id"] for one in page["items"]] == [first.id]
    assert (await api("POST", f"/turns/{first.id}/undo")).status == 409
    await api.ok("POST", f"/turns/{second.id}/undo")
    await api.ok("POST", f"/turns/{first.id}/undo")
    assert meaning(path) == before


async def test_what_a_person_took_back_by_hand_counts_as_undone(api: Any, new_turn: NewTurn, jp_root_dir: Path) -> None:
    path = five(jp_root_dir)
    text = path.read_text()
    before = meaning(path)
    turn = await new_turn()
    await turn.cell("n.ipynb", SetSource("a", "a = 2"))
    await turn.cell("n.ipynb", SetSource("a", "a = 3"))
    await turn.cell("n.ipynb", Delete("b"))
    path.write_text(text)
    assert (await api.ok("POST", f"/turns/{turn.id}/undo"))["state"] == "undone"
    assert meaning(path) == before


async def test_one_edit_under_a_later_one_cannot_be_undone_alone(
    api: Any, new_turn: NewTurn, jp_root_dir: Path
) -> None:
    path = five(jp_root_dir)
    before = meaning(path)
    turn = await new_turn()
    await turn.cell("n.ipynb", SetSource("a", "a = 2"))
    await turn.cell("n.ipynb", SetSource("a", "a = 3"))
    answer = await api("POST", f"/turns/{turn.id}/undo", json={"edit_ids": [turn.edit_ids[0]]})
    assert answer.status == 409
    await api.ok("POST", f"/turns/{turn.id}/undo", json={"edit_ids": [turn.edit_ids[1]]})
    assert meaning(path)["cells"][1]["source"] == "a = 2"
    await api.ok("POST", f"/turns/{turn.id}/undo")
    assert meaning(path) == before


async def test_accepted_changes_can_be_undone_still(api: Any, new_turn: NewTurn, jp_root_dir: Path) -> None:
    path = five(jp_root_dir)
    before = meaning(path)
    turn = await new_turn()
    await turn.cell("n.ipynb", SetSource("a", "a = 2"))
    await turn.cell("n.ipynb", SetSource("b", "b"))
    one = await api.ok("POST", f"/turns/{turn.id}/accept", json={"edit_ids": [turn.edit_ids[0]]})
    assert [edit["state"] for edit in one["edits"]] == ["accepted", "applied"]
    every = await api.ok("POST", f"/turns/{turn.id}/accept")
    assert [edit["state"] for edit in every["edits"]] == ["accepted", "accepted"]
    await api.ok("POST", f"/turns/{turn.id}/undo")
    assert meaning(path) == before


async def test_outputs_and_metadata_come_back_exactly(api: Any, new_turn: NewTurn, jp_root_dir: Path) -> None:
    big = stream("x" * 3_000_000)
    path = notebook(jp_root_dir, "n.ipynb", [code("a", "1", outputs=big, execution_count=7, metadata={"k": [1]})])
    before = meaning(path)
    turn = await new_turn()
    await turn.cell("n.ipynb", SetOutputs("a", stream("short"), 8))
    await turn.cell("n.ipynb", ReplaceCell("a", code("a", "2", outputs=stream("short"), metadata={"other": True})))
    await turn.cell("n.ipynb", SetType("a", "markdown"))
    checkpoint = await api.ok("GET", f"/turns/{turn.id}/checkpoint")
    assert len(json.dumps(checkpoint)) < 100_000, "of what is large its beginning is shown"
    await api.ok("POST", f"/turns/{turn.id}/undo")
    assert meaning(path) == before


async def test_a_notebook_that_is_gone_is_a_conflict(api: Any, new_turn: NewTurn, jp_root_dir: Path) -> None:
    path = five(jp_root_dir)
    turn = await new_turn()
    await turn.cell("n.ipynb", SetSource("a", "a = 2"))
    path.rename(jp_root_dir / "m.ipynb")
    answer = await api("POST", f"/turns/{turn.id}/undo")
    assert answer.status == 409
    assert "renamed or deleted" in answer.json["error"]["details"]["conflicts"][0]["message"]
    (jp_root_dir / "m.ipynb").rename(path)
    await api.ok("POST", f"/turns/{turn.id}/undo")


async def test_a_notebook_that_a_tool_renamed_is_followed(api: Any, new_turn: NewTurn, jp_root_dir: Path) -> None:
    five(jp_root_dir)
    first = await new_turn()
    await first.cell("n.ipynb", SetSource("a", "a = 2"))
    second = await new_turn()
    await second.mkdir("folder")
    await second.rename("n.ipynb", "folder/m.ipynb")
    third = await new_turn()
    await third.rename("folder", "other")
    await api.ok("POST", f"/turns/{first.id}/undo")
    assert meaning(jp_root_dir / "other/m.ipynb")["cells"][1]["source"] == "a = 1"


# Files ---------------------------------------------------------------------------------------------------------------


def everything(root: Path) -> dict[str, bytes | None]:
    """What a folder holds; None for folders."""
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
        if ".ipynb_checkpoints" not in path.parts
    }


async def test_files_and_folders_come_back_byte_for_byte(api: Any, new_turn: NewTurn, jp_root_dir: Path) -> None:
    (jp_root_dir / "a.txt").write_bytes("one\r\ntwo \u00e9".encode())
    (jp_root_dir / "pic.bin").write_bytes(bytes(range(256)) * 100)
    (jp_root_dir / "dir/sub").mkdir(parents=True)
    (jp_root_dir / "dir/sub/x.py").write_text("x = 1\n")
    (jp_root_dir / "dir/empty").mkdir()
    five(jp_root_dir, "dir/n.ipynb")
    before = everything(jp_root_dir)
    turn = await new_turn()
    await turn.write("a.txt", "changed")
    await turn.write("a.txt", "changed again")
    await turn.delete("pic.bin")
    await turn.write("pic.bin", "text now")
    await turn.mkdir("new")
    await turn.write("new/file.txt", "1")
    await turn.rename("a.txt", "new/b.txt")
    await turn.write("new/b.txt", "after the rename")
    await turn.cell("dir/n.ipynb", SetSource("a", "a = 2"))
    await turn.rename("dir", "moved")
    await turn.cell("moved/n.ipynb", SetSource("b", "b = 2"))
    await turn.delete("moved")
    after = everything(jp_root_dir)
    assert sorted(after) == ["new", "new/b.txt", "new/file.txt", "pic.bin"]
    await api.ok("POST", f"/turns/{turn.id}/undo")
    now = everything(jp_root_dir)
    assert now.keys() == before.keys()
    for name in before:
        if not name.endswith(".ipynb"):
            assert now[name] == before[name], name
    assert meaning(now["dir/n.ipynb"] or b"") == meaning(before["dir/n.ipynb"] or b"")
    await api.ok("POST", f"/turns/{turn.id}/redo")
    assert everything(jp_root_dir) == after


async def test_a_deleted_notebook_comes_back_as_the_very_same_file(
    api: Any, new_turn: NewTurn, jp_root_dir: Path
) -> None:
    path = five(jp_root_dir)
    before = path.read_bytes()
    turn = await new_turn()
    await turn.delete("n.ipynb")
    assert not path.exists()
    await api.ok("POST", f"/turns/{turn.id}/undo")
    assert path.read_bytes() == before


async def test_a_notebook_that_the_turn_made_goes_with_its_cells(
    api: Any, new_turn: NewTurn, jp_root_dir: Path
) -> None:
    turn = await new_turn()
    empty = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []})
    await turn.write("new.ipynb", empty)
    await turn.cell("new.ipynb", Insert(code("a", "1"), None))
    await turn.cell("new.ipynb", SetOutputs("a", stream("1"), 1))
    path = jp_root_dir / "new.ipynb"
    content = json.loads(path.read_text())
    mine = {**content, "cells": [*content["cells"], code("mine", "2")]}
    path.write_text(json.dumps(mine))
    assert (await api("POST", f"/turns/{turn.id}/undo")).status == 409
    path.write_text(json.dumps({**content, "metadata": {"language_info": {"name": "python"}}}))
    await api.ok("POST", f"/turns/{turn.id}/undo")
    assert not path.exists()
    await api.ok("POST", f"/turns/{turn.id}/redo")
    assert [cell["id"] for cell in meaning(path)["cells"]] == ["a"]


async def test_a_folder_that_holds_something_else_stays(api: Any, new_turn: NewTurn, jp_root_dir: Path) -> None:
    turn = await new_turn()
    await turn.mkdir("new")
    await turn.write("new/a.txt", "1")
    (jp_root_dir / "new/mine.txt").write_text("mine")
    answer = await api("POST", f"/turns/{turn.id}/undo")
    assert answer.status == 409
    (conflict,) = answer.json["error"]["details"]["conflicts"]
    assert (conflict["path"], "mine.txt" in conflict["message"]) == ("new", True)
    assert (jp_root_dir / "new/a.txt").exists()
    (jp_root_dir / "new/mine.txt").rename(jp_root_dir / "new/.mine")
    answer = await api("POST", f"/turns/{turn.id}/undo")
    assert answer.status == 409, "what is hidden is not thrown away"
    (jp_root_dir / "new/.mine").unlink()
    await api.ok("POST", f"/turns/{turn.id}/undo")
    assert not (jp_root_dir / "new").exists()


@pytest.mark.parametrize("taken", ["a.txt", "folder gone"])
async def test_a_place_that_is_taken_or_gone_is_a_conflict(
    api: Any, new_turn: NewTurn, jp_root_dir: Path, taken: str
) -> None:
    (jp_root_dir / "dir").mkdir()
    (jp_root_dir / "dir/a.txt").write_text("1")
    turn = await new_turn()
    await turn.delete("dir/a.txt")
    if taken == "a.txt":
        (jp_root_dir / "dir/a.txt").write_text("another")
    else:
        shutil.rmtree(jp_root_dir / "dir")
    before = everything(jp_root_dir)
    assert (await api("POST", f"/turns/{turn.id}/undo")).status == 409
    assert everything(jp_root_dir) == before


async def test_what_could_not_be_brought_back_is_said_before(api: Any, jp_serverapp: Any, jp_root_dir: Path) -> None:
    contents = (await services_of(jp_serverapp)).documents.contents
    (jp_root_dir / "dir").mkdir()
    (jp_root_dir / "dir/big.bin").write_bytes(b"\0" * 2_000)
    with pytest.raises(ToolError, match="could not be undone"):
        await removal(contents, "dir", max_bytes=1_000)
    (jp_root_dir / "dir/.hidden").write_text("x")
    with pytest.raises(ToolError, match="hidden"):
        await removal(contents, "dir")
    (jp_root_dir / "dir/.hidden").unlink()
    (jp_root_dir / "dir/link").symlink_to(jp_root_dir / "dir/big.bin")
    with pytest.raises(ToolError, match="links"):
        await removal(contents, "dir")
    (jp_root_dir / "dir/link").unlink()
    assert [intent.path for intent in await removal(contents, "dir")] == ["dir/big.bin", "dir"]
    with pytest.raises(ToolError):
        await removal(contents, "nothing")


# Turns ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("done", [True, False])
async def test_what_a_dead_server_left_undecided_is_looked_at(
    api: Any, new_turn: NewTurn, jp_root_dir: Path, done: bool
) -> None:
    path = five(jp_root_dir)
    (jp_root_dir / "a.txt").write_text("1")
    (jp_root_dir / "old.txt").write_text("old")
    before, files = meaning(path), {**everything(jp_root_dir), "n.ipynb": b""}
    turn = await new_turn()

    async def died(ids: list[str], after: Any = None) -> list[Any]:
        turn.edit_ids += ids
        return []

    edits = turn.services.tools.edits
    applied, edits.applied = edits.applied, died
    if not done:
        turn.do = False
    await turn.cell("n.ipynb", SetSource("a", "a = 2"))
    await turn.cell("n.ipynb", Insert(code("new", "new()"), "b"))
    await turn.cell("n.ipynb", Delete("plot"))
    await turn.cell("n.ipynb", Move("title", "raw"))
    await turn.write("a.txt", "2")
    await turn.write("b.txt", "new")
    await turn.rename("old.txt", "new.txt")
    await turn.mkdir("folder")
    await turn.delete("a.txt") if done else None
    edits.applied = applied
    assert (meaning(path) != before) is done
    undone = await api.ok("POST", f"/turns/{turn.id}/undo")
    assert undone["state"] == "undone"
    assert meaning(path) == before
    assert {**everything(jp_root_dir), "n.ipynb": b""} == files


async def test_a_run_that_never_ended_cannot_be_undone_blindly(api: Any, new_turn: NewTurn, jp_root_dir: Path) -> None:
    path = five(jp_root_dir)
    turn = await new_turn()
    await turn.cell("n.ipynb", SetSource("a", "a = 2"))
    cells = json.loads(path.read_text())["cells"]
    intent = EditIntent("cell", "outputs", "n.ipynb", "b", before=cell_at(cells, 2))
    (id_,) = await turn.services.tools.edits.intend(turn.context, [intent])
    content = json.loads(path.read_text())
    content["cells"][2]["outputs"] = stream("half")
    path.write_text(json.dumps(content))
    answer = await api("POST", f"/turns/{turn.id}/undo")
    assert answer.status == 409
    assert [one["edit_id"] for one in answer.json["error"]["details"]["conflicts"]] == [id_]
    await api.ok("POST", f"/turns/{turn.id}/undo", json={"edit_ids": turn.edit_ids})
    assert meaning(path)["cells"][1]["source"] == "a = 1"


async def test_a_turn_that_runs_is_not_undone(api: Any, scripted: ScriptedProvider, jp_root_dir: Path) -> None:
    make_calls(scripted)
    steps = [[("write_file", {"path": name, "text": name})] for name in ("a.txt", "b.txt")]
    turn = await begin(api, *steps)
    (approval,) = await pending(api)
    await api.ok("POST", f"/approvals/{approval['id']}/approve")
    (approval,) = await pending(api)
    assert (jp_root_dir / "a.txt").exists()
    answer = await api("POST", f"/turns/{turn['id']}/undo")
    assert (answer.status, "still runs" in answer.json["error"]["message"]) == (409, True)
    await api.ok("POST", f"/approvals/{approval['id']}/deny")
    await finished(api, turn["id"])
    await api.ok("POST", f"/turns/{turn['id']}/undo")
    assert not (jp_root_dir / "a.txt").exists()


async def test_clearing_keeps_checkpoints_and_purging_forgets_them(
    api: Any, new_turn: NewTurn, jp_root_dir: Path
) -> None:
    path = notebook(jp_root_dir, "n.ipynb", [code("a", "1", outputs=stream("x" * 100_000))])
    before = meaning(path)
    turn = await new_turn()
    await turn.cell("n.ipynb", Delete("a"))
    await api.ok("POST", f"/sessions/{turn.session_id}/clear")
    page = await api.ok("GET", f"/sessions/{turn.session_id}/checkpoints")
    assert page["items"][0]["edits"][0]["change"]["before"] == "1"
    await api.ok("POST", f"/turns/{turn.id}/undo")
    assert meaning(path) == before
    await api.ok("DELETE", f"/sessions/{turn.session_id}", params={"purge": "true"})
    assert (await api("GET", f"/sessions/{turn.session_id}/checkpoints")).status == 404
    assert (await api("GET", f"/turns/{turn.id}/checkpoint")).status == 404

    def count(orm: Any) -> int:
        from sqlalchemy import func, select

        from jupyter_agent.storage.tables import EditRow

        return orm.scalar(select(func.count()).select_from(EditRow)) or 0

    assert await turn.services.db.read(count) == 0


async def test_nobody_else_undoes(
    as_user: Callable[[str], Any], scripted_server: ScriptedProvider, jp_root_dir: Path
) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    for body in provider_writes(scripted_server):
        await alice.ok("POST", "/providers", json=body)
    make_calls(scripted_server)
    session = await alice.session(mode="auto")
    turn = await begin(alice, [("write_file", {"path": "a.txt", "text": "1"})], session=session)
    await finished(alice, turn["id"])
    for method, path in (
        ("GET", f"/turns/{turn['id']}/checkpoint"),
        ("GET", f"/sessions/{session}/checkpoints"),
        ("POST", f"/turns/{turn['id']}/undo"),
        ("POST", f"/turns/{turn['id']}/redo"),
        ("POST", f"/turns/{turn['id']}/accept"),
    ):
        assert (await bob(method, path)).status == 404, path
    assert (jp_root_dir / "a.txt").exists()
    await alice.ok("POST", f"/turns/{turn['id']}/undo")
    assert not (jp_root_dir / "a.txt").exists()


async def test_clients_are_told(api: Any, new_turn: NewTurn, jp_root_dir: Path) -> None:
    five(jp_root_dir)
    turn = await new_turn()
    subscription = turn.services.bus.subscribe(turn.context.owner)
    subscription.topics.add("turns")
    async with api.stream("/turns/active") as stream_:
        await turn.cell("n.ipynb", SetSource("a", "a = 2"))
        await api.ok("POST", f"/turns/{turn.id}/undo")
        told = [subscription.queue.get_nowait() for _ in range(2)]
        assert told == [
            (
                "turns",
                {"type": "checkpoint", "turn_id": turn.id, "session_id": turn.session_id, "state": state},
            )
            for state in ("applied", "undone")
        ]
        next_turn = await new_turn()
        async for event in stream_:
            if event.type == "turn_finished":
                assert event.data["id"] == next_turn.id
                break
    subscription.close()


async def test_a_document_that_changes_while_it_is_undone_leaves_the_others_as_they_were(
    api: Any, new_turn: NewTurn, jp_root_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    five(jp_root_dir)
    five(jp_root_dir, "m.ipynb")
    turn = await new_turn()
    await turn.write("a.txt", "1")
    await turn.cell("m.ipynb", SetSource("a", "a = 2"))
    await turn.cell("n.ipynb", SetSource("a", "a = 2"))
    before = {name: meaning(jp_root_dir / name) for name in ("n.ipynb", "m.ipynb")}
    contents = turn.services.documents.contents
    delete = contents.delete

    async def changed(path: str) -> None:
        raise ReadOnly(f"{path}: the server has no permission.")

    monkeypatch.setattr(contents, "delete", changed)
    answer = await api("POST", f"/turns/{turn.id}/undo")
    assert (answer.status, answer.json["error"]["details"]["conflicts"][0]["path"]) == (409, "a.txt")
    assert {name: meaning(jp_root_dir / name) for name in before} == before
    assert (await api.ok("GET", f"/turns/{turn.id}/checkpoint"))["state"] == "applied"
    monkeypatch.setattr(contents, "delete", delete)
    await api.ok("POST", f"/turns/{turn.id}/undo")


@pytest.mark.parametrize("made", [True, False])
async def test_a_notebook_that_a_dead_server_was_making_is_undone(
    api: Any, new_turn: NewTurn, jp_root_dir: Path, monkeypatch: pytest.MonkeyPatch, made: bool
) -> None:
    turn = await new_turn()

    async def died(*args: Any, **kwargs: Any) -> None:
        raise asyncio.CancelledError

    # Nothing that a tool does after it has made it, or before, is done where the server is killed.
    monkeypatch.setattr(turn.services.tools.edits, "abandoned", died)
    monkeypatch.setattr(
        *((turn.services.tools.edits, "applied") if made else (turn.services.documents.contents, "save")), died
    )
    with pytest.raises(asyncio.CancelledError):
        await create_notebook(turn.context, path="made.ipynb")
    monkeypatch.undo()
    assert (jp_root_dir / "made.ipynb").exists() is made
    (edit,) = (await api.ok("GET", f"/turns/{turn.id}/checkpoint"))["edits"]
    assert edit["change"]["path"] == "made.ipynb"
    if made:
        text = (jp_root_dir / "made.ipynb").read_text()
        notebook(jp_root_dir, "made.ipynb", [code("a", "mine")])
        refused = await api("POST", f"/turns/{turn.id}/undo")
        assert refused.status == 409
        assert "it was changed since" in refused.json["error"]["message"]
        (jp_root_dir / "made.ipynb").write_text(text)
    await api.ok("POST", f"/turns/{turn.id}/undo")
    assert not (jp_root_dir / "made.ipynb").exists()
    await api.ok("POST", f"/turns/{turn.id}/redo")
    assert json.loads((jp_root_dir / "made.ipynb").read_text())["metadata"]["kernelspec"]["name"] == "python3"


def test_what_tools_did_is_undone_by_another_server_after_kill_9(
    tmp_path: Path, scripted_server: ScriptedProvider
) -> None:
    scripted_server.reset()
    make_calls(scripted_server)
    with JupyterServer(tmp_path) as server:
        server.use(scripted_server)
        root = server.root
        path = five(root)
        (root / "a.txt").write_text("one\ntwo\n")
        (root / "pic.bin").write_bytes(bytes(range(256)))
        before, cells = everything(root), meaning(path)
        calls: list[tuple[str, dict[str, Any]]] = [
            ("edit_cell", {"cell_id": "a", "source": "a = 2", "hash": source_hash("a = 1"), "path": "n.ipynb"}),
            ("delete_cell", {"cell_id": "plot", "hash": source_hash("plot()"), "path": "n.ipynb"}),
            ("insert_cell", {"source": "# More", "cell_type": "markdown", "path": "n.ipynb", "after_id": ""}),
            ("move_cell", {"cell_id": "raw", "after_id": "title", "path": "n.ipynb"}),
            ("clear_outputs", {"path": "n.ipynb"}),
            ("edit_file", {"path": "a.txt", "old": "two", "new": "three"}),
            ("make_directory", {"path": "new"}),
            ("rename_file", {"path": "a.txt", "to": "new/b.txt"}),
            ("write_file", {"path": "new/c.txt", "text": "c"}),
            ("delete_file", {"path": "pic.bin"}),
            ("create_notebook", {"path": "new/made.ipynb"}),
            ("insert_cell", {"source": "made()", "path": "new/made.ipynb"}),
        ]
        session = server.api("POST", "/sessions", json={"mode": "auto"})["id"]
        body = {"message": plan(*([call] for call in calls)), "model": "calls"}
        turn = server.api("POST", f"/sessions/{session}/turns", params={"wait": "true"}, json=body, timeout=120)
        record = server.api("GET", f"/turns/{turn['id']}/tools")["tool_calls"]
        assert [(call["name"], call["content"]) for call in record if call["is_error"]] == []
        assert len(record) == len(calls)
        checkpoint = server.api("GET", f"/turns/{turn['id']}/checkpoint")
        assert {edit["tool_call_id"] for edit in checkpoint["edits"]} == {call["tool_call_id"] for call in record}
        changes = [change["edit_id"] for call in record for change in call["metadata"]["changes"]]
        assert changes == [edit["id"] for edit in checkpoint["edits"]]
        after = everything(root)
        assert meaning(path) != cells
        server.kill()
        server.start()
        undone = server.api("POST", f"/turns/{turn['id']}/undo", timeout=60)
        assert undone["state"] == "undone"
        assert meaning(path) == cells
        assert {**everything(root), "n.ipynb": b""} == {**before, "n.ipynb": b""}
        server.kill()
        server.start()
        server.api("POST", f"/turns/{turn['id']}/redo", timeout=60)
        now = everything(root)
        assert now.keys() == after.keys()
        for name, data in after.items():
            same = (
                (now[name], data) if not name.endswith(".ipynb") else (meaning(now[name] or b""), meaning(data or b""))
            )
            assert same[0] == same[1], name


# A notebook that is open in the lab ----------------------------------------------------------------------------------


class Tab:
    """A tab of the lab with a notebook in it: the part of the front end that answers the server."""

    def __init__(self, connection: Any, path: Path) -> None:
        self.connection = connection
        self.name = path.name
        self.content = json.loads(path.read_text())
        self.applied = 0

    @property
    def cells(self) -> list[dict[str, Any]]:
        cells: list[dict[str, Any]] = self.content["cells"]
        return cells

    def cell(self, id_: str) -> dict[str, Any]:
        return next(cell for cell in self.cells if cell["id"] == id_)

    async def receive(self) -> Any:
        return json.loads(await self.connection.read_message())

    async def offer(self) -> None:
        document = {"path": self.name, "kind": "notebook", "dirty": True, "active": True}
        await self.connection.write_message(json.dumps({"type": "offer", "tools": [], "documents": [document]}))
        while (await self.receive())["type"] != "offered":
            pass

    async def serve(self) -> None:
        while True:
            frame = await self.receive()
            if frame["type"] == "request":
                try:
                    answer = {"result": getattr(self, frame["method"].replace("/", "_"))(**frame["params"])}
                except LookupError:
                    answer = {
                        "error": {"code": "conflict", "message": "changed", "data": {"cell_id": "", "source": ""}}
                    }
                await self.connection.write_message(json.dumps({"type": "result", "id": frame["id"], **answer}))

    def notebook_read(self, path: str, outputs: bool, cell_ids: list[str] | None = None) -> Any:
        cells = [cell for cell in self.cells if cell_ids is None or cell["id"] in cell_ids]
        if not outputs:
            cells = [{name: value for name, value in cell.items() if name != "outputs"} for cell in cells]
        ids = [cell["id"] for cell in self.cells]
        return {"cells": cells, "ids": ids, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, "dirty": True}

    def notebook_apply(self, path: str, operations: list[Any], **_: Any) -> Any:
        self.applied += 1
        cells = [dict(cell) for cell in self.cells]
        results = []
        for operation in operations:
            index = next((at for at, cell in enumerate(cells) if cell["id"] == operation.get("cell_id")), -1)
            before = dict(cells[index]) if index >= 0 else None
            if before and operation.get("expect") not in (None, before["source"]):
                raise LookupError
            after, to = before, index
            match operation["op"]:
                case "insert":
                    after, to = operation["cell"], operation["index"]
                    cells.insert(to, after)
                case "delete":
                    del cells[index]
                    after = None
                case "move":
                    to = operation["index"]
                    cells.insert(to, cells.pop(index))
                case "set_source":
                    after = cells[index] = {**cells[index], "source": operation["source"]}
                case "replace":
                    after = cells[index] = operation["cell"]
                case "set_outputs":
                    ran = {"outputs": operation["outputs"], "execution_count": operation["execution_count"]}
                    after = cells[index] = {**cells[index], **ran}
            results.append({"before": before, "after": after, "index_before": index, "index_after": to})
        self.content["cells"] = cells
        return {"results": results}


async def test_an_open_notebook_is_undone_in_its_tab(
    api: Any, new_turn: NewTurn, jp_root_dir: Path, jp_ws_fetch: Any
) -> None:
    path = five(jp_root_dir)
    saved = path.read_bytes()
    connection = await jp_ws_fetch("agent", "v1", "ws")
    tab = Tab(connection, path)
    await tab.offer()
    serving = asyncio.create_task(tab.serve())
    tab.cell("title")["source"] = "# Not saved"
    before = json.loads(json.dumps(tab.cells))
    turn = await new_turn()
    await turn.cell("n.ipynb", SetSource("a", "a = 2"))
    await turn.cell("n.ipynb", SetOutputs("b", stream("2\n"), 4))
    await turn.cell("n.ipynb", Delete("plot"))
    await turn.cell("n.ipynb", Insert(code("new", "new()"), "b"))
    await turn.cell("n.ipynb", Move("raw", None))
    await turn.cell("n.ipynb", SetType("a", "markdown"))
    assert [cell["id"] for cell in tab.cells] == ["raw", "title", "a", "b", "new"]
    # The user goes on typing in another cell, and a stream comes in two pieces from the kernel as it did before.
    tab.cell("title")["source"] = "# Typed meanwhile"
    tab.cell("b")["outputs"] = [*stream("2"), *stream("\n")]
    changes = tab.applied
    await api.ok("POST", f"/turns/{turn.id}/undo")
    assert tab.applied == changes + 1, "one change, so that one Ctrl-Z takes it back"
    before[0]["source"] = "# Typed meanwhile"
    assert tab.cells == before
    assert path.read_bytes() == saved, "saving is the user's"
    tab.cell("a")["source"] = "a = 3"
    answer = await api("POST", f"/turns/{turn.id}/redo")
    assert answer.status == 409
    assert {one["cell_id"] for one in answer.json["error"]["details"]["conflicts"]} == {"a"}
    assert tab.cells != before
    serving.cancel()
    connection.close()


async def test_a_tab_that_was_closed_without_saving_took_its_changes_along(
    api: Any, new_turn: NewTurn, jp_root_dir: Path, jp_ws_fetch: Any
) -> None:
    path = five(jp_root_dir)
    saved = path.read_bytes()
    connection = await jp_ws_fetch("agent", "v1", "ws")
    tab = Tab(connection, path)
    await tab.offer()
    serving = asyncio.create_task(tab.serve())
    turn = await new_turn()
    await turn.cell("n.ipynb", SetSource("a", "a = 2"))
    await turn.cell("n.ipynb", Insert(code("new", "new()"), "b"))
    assert tab.cell("a")["source"] == "a = 2"
    serving.cancel()
    connection.close()
    live = turn.services.documents.live

    async def gone() -> bool:
        return not live.holders(turn.context.owner, "n.ipynb")

    await eventually(gone)
    assert (await api.ok("POST", f"/turns/{turn.id}/undo"))["state"] == "undone"
    assert path.read_bytes() == saved


# Any sequence --------------------------------------------------------------------------------------------------------


def random_operation(random: Random, cells: list[dict[str, Any]], number: int) -> Operation:
    """Something that can be done to these cells."""
    ids = [cell["id"] for cell in cells]
    place = random.choice([None, *ids])
    kind = random.choice(["insert", "source", "source", "delete", "move", "type", "outputs", "replace"])
    if not ids or kind == "insert":
        new = code(f"new{number}", f"new {number}", metadata={"n": number})
        if random.random() < 0.5:
            new = {"id": f"new{number}", "cell_type": "markdown", "metadata": {}, "source": f"*{number}*"}
        return Insert(new, place)
    cell = random.choice(cells)
    match kind:
        case "delete":
            return Delete(cell["id"])
        case "move" if place != cell["id"]:
            return Move(cell["id"], place)
        case "type":
            return SetType(cell["id"], random.choice(["code", "markdown", "raw"]))
        case "outputs" if cell["cell_type"] == "code":
            return SetOutputs(cell["id"], random.choice([[], stream(f"out {number}\n")]), random.choice([None, number]))
        case "replace":
            return ReplaceCell(cell["id"], code(cell["id"], f"replaced {number}", metadata={"tags": [f"t{number}"]}))
    return SetSource(cell["id"], random.choice(["same", f"source {number}"]))


def step_of(done: AppliedOperation, before: list[Any], after: list[Any], operation: Operation) -> Step:
    action = ACTIONS.get(type(operation), "edit")
    cell = done.after or done.before or {}
    return Step(
        edit_id="edit",
        kind="cell",
        action=action,
        path="n.ipynb",
        cell_id=cell["id"],
        source=None if done.index_after is None else cell_at(after, done.index_after),
        target=None if done.index_before is None else cell_at(before, done.index_before),
    )


@given(seed=strategies.integers(0, 2**32), count=strategies.integers(1, 30), start=strategies.integers(0, 6))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_steps_back_lead_to_where_it_began(seed: int, count: int, start: int) -> None:
    random = Random(seed)
    first = [code(f"c{number}", f"{number}", outputs=stream(f"{number}")) for number in range(start)]
    cells, steps = first, []
    for number in range(count):
        operation = random_operation(random, cells, number)
        after, (done,) = apply_operations(cells, [operation])
        steps.append(step_of(done, cells, after, operation))
        cells = after
    tried = Cells(cells)
    for step in reversed(steps):
        tried.take(step)
    assert tried.now == first
    assert apply_operations(cells, tried.operations())[0] == first
    assert apply_operations(first, tried.operations(back=True))[0] == cells


@pytest.mark.parametrize("seed", range(8))
async def test_any_sequence_of_edits_is_undone(api: Any, new_turn: NewTurn, jp_root_dir: Path, seed: int) -> None:
    random = Random(seed)
    path = five(jp_root_dir)
    before = meaning(path)
    turn = await new_turn()
    for number in range(random.randint(3, 15)):
        await turn.cell("n.ipynb", random_operation(random, meaning(path)["cells"], number))
    # Somebody works on in a cell that the turn has left alone.
    touched = {edit["change"]["cell_id"] for edit in (await api.ok("GET", f"/turns/{turn.id}/checkpoint"))["edits"]}
    content = json.loads(path.read_text())
    free = [cell for cell in content["cells"] if cell["id"] not in touched]
    if free:
        free[0]["source"] = "typed meanwhile"
        path.write_text(json.dumps(content))
        next(cell for cell in before["cells"] if cell["id"] == free[0]["id"])["source"] = "typed meanwhile"
    after = meaning(path)
    # The last ones first, and then the rest.
    last = turn.edit_ids[random.randint(1, len(turn.edit_ids) - 1) :]
    await api.ok("POST", f"/turns/{turn.id}/undo", json={"edit_ids": last})
    await api.ok("POST", f"/turns/{turn.id}/undo")
    assert meaning(path) == before
    await api.ok("POST", f"/turns/{turn.id}/redo")
    assert meaning(path) == after
