"""A notebook that is open in a room of jupyter-collaboration, which the project does not depend on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from jupyter_agent.documents.cells import source_hash

from .conftest import Api
from .notebook_tools import OUTPUT, Tools, bytes_of, cells_of, code, markdown, write_notebook
from .tool_turns import eventually

pytest.importorskip("jupyter_server_ydoc", reason="NOT TESTED: rooms, because jupyter-collaboration is not installed")


@pytest.fixture
def jp_server_config(jp_server_config: Config, tmp_path: Path) -> Config:
    jp_server_config.ServerApp.jpserver_extensions |= {"jupyter_server_ydoc": True, "jupyter_server_fileid": True}
    jp_server_config.YDocExtension.document_save_delay = 5
    jp_server_config.SQLiteYStore.db_path = str(tmp_path / "updates.db")
    jp_server_config.BaseFileIdManager.db_path = str(tmp_path / "files.db")
    return jp_server_config


async def test_a_notebook_in_a_room(api: Api, jp_serverapp: Any, jp_root_dir: Path) -> None:
    tools = Tools(api)
    one, two = code("one", "x = 'grüße'\nprint(x)", [OUTPUT]), markdown("two", "# Two")
    path = write_notebook(jp_root_dir / "a.ipynb", one, two, code("three", "1 / 0"))
    app = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_server_ydoc"]))
    where = {"path": "a.ipynb", "content_type": "notebook", "file_format": "json"}
    document = await app.get_document(**where, copy=False, create=True)
    # Somebody types, and it is not saved yet.
    shared = document.ycells[1]["source"]
    shared += " unsaved"
    before = bytes_of(path)
    assert "# Two unsaved" in await tools.ok("notebook_map", path="a.ipynb")
    stale = await tools.error("edit_cell", path="a.ipynb", cell_id="two", source="", hash=source_hash("# Two"))
    assert "# Two unsaved" in stale
    new = "x = 'größer'\nprint(x)\n"
    await tools.ok("edit_cell", path="a.ipynb", cell_id="one", source=new, hash=source_hash(one["source"]))
    assert str(document.ycells[0]["source"]) == new
    assert bytes_of(path) == before, "the room was changed, which saves later"
    await tools.ok("insert_cell", path="a.ipynb", source="inserted", after_id="one")
    await tools.ok("move_cell", path="a.ipynb", cell_id="two", after_id="")
    hash = source_hash("inserted")
    inserted = document.get_cell(2)["id"]
    await tools.ok("delete_cell", path="a.ipynb", cell_id=inserted, hash=hash)
    assert [document.get_cell(index)["id"] for index in range(3)] == ["two", "one", "three"]
    assert document.get_cell(1)["outputs"][0]["text"] == "1\n", "an edit keeps the outputs"
    text = await tools.error("run_cells", path="a.ipynb", cell_ids=["one", "three"])
    assert "ZeroDivisionError" in text
    assert document.get_cell(1)["outputs"][0]["text"] == "größer\n"
    assert document.get_cell(1)["execution_count"] == 1
    assert "(run 2, ERROR, 1 output)" in await tools.ok("notebook_map", path="a.ipynb")
    assert "collaboration room" in await tools.ok("save_notebook", path="a.ipynb")

    async def saved() -> bool:
        return bytes_of(path) != b"" and [cell.id for cell in cells_of(path)] == ["two", "one", "three"]

    await eventually(saved)
    await tools.ok("clear_outputs", path="a.ipynb")
    assert len(document.ycells[1]["outputs"]) == 0
