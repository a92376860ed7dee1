"""Documents through the contents manager: notebooks and text files of a real server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import nbformat as untyped_nbformat
import pytest

from jupyter_agent.documents.cells import new_cell, source_hash
from jupyter_agent.documents.errors import (
    Conflict,
    DocumentError,
    Exists,
    InvalidEdit,
    InvalidNotebook,
    NotFound,
    NotText,
    OutsideRoot,
    TextConflict,
    UnknownCell,
)
from jupyter_agent.documents.operations import (
    Delete,
    Insert,
    Move,
    ReplaceCell,
    RestoreCell,
    SetOutputs,
    SetSource,
    SetType,
)
from jupyter_agent.documents.service import DocumentService

from .notebook_tools import OUTPUT, bytes_of, code, markdown, write_notebook

nbformat: Any = untyped_nbformat


@pytest.fixture
def root(jp_root_dir: Path) -> Path:
    return jp_root_dir


@pytest.fixture
def documents(jp_serverapp: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> DocumentService:
    app = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_agent"]))
    services = jp_asyncio_loop.run_until_complete(app.services())
    return cast("DocumentService", services.documents)


@pytest.fixture
def notebook(root: Path) -> Path:
    return write_notebook(root / "a.ipynb", code("one", "x = 1", [OUTPUT]), markdown("two", "# Two"), code("three", ""))


async def ids(documents: DocumentService, path: str = "a.ipynb") -> list[str]:
    return (await documents.notebook("me", path).read()).ids


async def test_cells_are_read_with_and_without_their_outputs(documents: DocumentService, notebook: Path) -> None:
    view = await documents.notebook("me", "a.ipynb").read()
    assert (view.via, view.ids, view.kernel_id) == ("file", ["one", "two", "three"], None)
    assert "outputs" not in view.cell("one")
    assert view.states["one"].count == 1
    assert view.states["three"].count == 0
    view = await documents.notebook("me", "a.ipynb").read(["one"], outputs=True)
    assert [cell["id"] for cell in view.cells] == ["one"]
    assert view.cells[0]["outputs"] == [OUTPUT]
    with pytest.raises(UnknownCell, match="thre"):
        await documents.notebook("me", "a.ipynb").read(["thre"])


async def test_an_edit_is_all_or_nothing(documents: DocumentService, notebook: Path) -> None:
    before = bytes_of(notebook)
    way = documents.notebook("me", "a.ipynb")
    with pytest.raises(Conflict) as caught:
        await way.apply([SetSource("two", "# 2"), SetSource("one", "x = 2", expect="x = 0"), Delete("three")])
    assert (caught.value.cell_id, caught.value.source) == ("one", "x = 1")
    assert source_hash("x = 1") in caught.value.message
    with pytest.raises(UnknownCell, match="notebook_map"):
        await way.apply([SetSource("two", "# 2"), Delete("0")])
    with pytest.raises(InvalidEdit):
        await way.apply([SetSource("two", "# 2"), Insert(code("one", ""), None)])
    assert bytes_of(notebook) == before


async def test_every_operation_on_a_file(documents: DocumentService, notebook: Path) -> None:
    way = documents.notebook("me", "a.ipynb")
    done = await way.apply(
        [
            SetSource("one", "x = 2", expect="x = 1"),
            Insert(new_cell("code", "y = x") | {"id": "new"}, after_id="one"),
            Move("three", None),
            SetType("two", "code", expect="# Two"),
            SetOutputs("new", [OUTPUT], 7),
        ]
    )
    assert [(one.index_before, one.index_after) for one in done] == [(0, 0), (None, 1), (3, 0), (3, 3), (2, 2)]
    assert done[0].before is not None
    assert done[0].before["source"] == "x = 1"
    assert await ids(documents) == ["three", "one", "new", "two"]
    saved = nbformat.read(notebook, as_version=4)
    nbformat.validate(saved)
    assert [cell.source for cell in saved.cells] == ["", "x = 2", "y = x", "# Two"]
    assert (saved.cells[2].execution_count, saved.cells[2].outputs[0].text) == (7, "1\n")
    assert saved.cells[1].outputs[0].text == "1\n", "editing a cell keeps its outputs"
    assert saved.cells[3].cell_type == "code"

    deleted = (await way.apply([Delete("one", expect="x = 2")]))[0]
    assert deleted.before is not None
    assert deleted.index_before == 1
    await way.apply([RestoreCell(deleted.before, deleted.index_before)])
    assert await ids(documents) == ["three", "one", "new", "two"]
    assert nbformat.read(notebook, as_version=4).cells[1].outputs[0].text == "1\n"
    await way.apply([ReplaceCell("two", markdown("two", "back"), expect="# Two")])
    assert nbformat.read(notebook, as_version=4).cells[3].cell_type == "markdown"


async def test_an_old_notebook_gets_the_ids_that_were_read(documents: DocumentService, root: Path) -> None:
    cells = [{key: value for key, value in code("", source).items() if key != "id"} for source in ("a", "a", "b")]
    path = write_notebook(root / "old.ipynb", *cells, minor=4)
    way = documents.notebook("me", "old.ipynb")
    first = (await way.read()).ids
    assert len(set(first)) == 3
    assert (await way.read(outputs=True)).ids == first
    await way.apply([SetSource(first[1], "changed", expect="a")])
    saved = nbformat.read(path, as_version=4)
    nbformat.validate(saved)
    assert saved.nbformat_minor == 5
    assert [(cell.id, cell.source) for cell in saved.cells] == list(zip(first, ["a", "changed", "b"], strict=True))
    assert (await way.read()).ids == first


async def test_a_notebook_of_format_3_is_read_and_becomes_4_when_edited(documents: DocumentService, root: Path) -> None:
    v3 = nbformat.v3
    old = v3.new_notebook(worksheets=[v3.new_worksheet(cells=[v3.new_code_cell(input="1 + 1")])])
    (root / "v3.ipynb").write_text(nbformat.writes(old, version=3))
    way = documents.notebook("me", "v3.ipynb")
    view = await way.read()
    assert [cell["source"] for cell in view.cells] == ["1 + 1"]
    await way.apply([SetSource(view.ids[0], "2 + 2")])
    assert nbformat.read(root / "v3.ipynb", as_version=4).cells[0].source == "2 + 2"


async def test_a_trusted_notebook_stays_trusted_and_another_does_not_become_so(
    documents: DocumentService, root: Path, jp_serverapp: Any
) -> None:
    data = {"text/html": ["<script>", "1</script>"], "application/json": ["a", "b"], "application/x+json": ["c"]}
    html = {"output_type": "display_data", "metadata": {}, "data": data}
    notary = jp_serverapp.contents_manager.notary
    for name, trust in (("trusted", True), ("not", False)):
        path = write_notebook(root / f"{name}.ipynb", code("one", name, [html]), code("two", "y"))
        if trust:
            notary.sign(nbformat.read(path, as_version=4))
        await documents.notebook("me", path.name).apply([SetSource("two", "z")])
        saved = nbformat.read(path, as_version=4)
        assert notary.check_signature(saved) is trust
        assert saved.cells[0].outputs[0]["data"] == {**data, "text/html": "<script>1</script>"}
        read = await documents.notebook("me", path.name).read(["one"], outputs=True)
        assert read.cells[0]["outputs"][0]["data"] == {**data, "text/html": "<script>1</script>"}


async def test_somebody_else_writes_at_the_same_moment(
    documents: DocumentService, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = documents.contents.stat
    written: list[int] = []

    async def stat_after_another_wrote(path: str) -> Any:
        if len(written) == 0:
            written.append(1)
            write_notebook(notebook, code("one", "x = 1"), code("theirs", "kept"))
        return await stat(path)

    text = documents.contents.text

    async def text_without_stat(path: str, **options: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(documents.contents, "stat", stat)
            return await text(path, **options)

    monkeypatch.setattr(documents.contents, "stat", stat_after_another_wrote)
    monkeypatch.setattr(documents.contents, "text", text_without_stat)
    await documents.notebook("me", "a.ipynb").apply([SetSource("one", "x = 2", expect="x = 1")])
    assert [cell.source for cell in nbformat.read(notebook, as_version=4).cells] == ["x = 2", "kept"]


@pytest.mark.parametrize("path", ["../a.ipynb", "x/../../a.ipynb", "link.ipynb", "away/a.ipynb"])
async def test_no_path_leads_out_of_the_root(documents: DocumentService, root: Path, tmp_path: Path, path: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    write_notebook(outside / "a.ipynb", code("one", "secret"))
    (root / "link.ipynb").symlink_to(outside / "a.ipynb")
    (root / "away").symlink_to(outside)
    with pytest.raises(OutsideRoot):
        await documents.notebook("me", path).read()
    with pytest.raises(OutsideRoot):
        await documents.notebook("me", path).apply([SetSource("one", "x")])
    with pytest.raises(OutsideRoot):
        await documents.read_text("me", path)
    with pytest.raises(OutsideRoot):
        await documents.write_text("me", path, "x")
    assert "secret" in (outside / "a.ipynb").read_text()


async def test_a_link_within_the_root_is_followed(documents: DocumentService, notebook: Path) -> None:
    (notebook.parent / "link.ipynb").symlink_to(notebook)
    assert await ids(documents, "link.ipynb") == ["one", "two", "three"]


async def test_hidden_files_are_not_there(documents: DocumentService, root: Path) -> None:
    (root / ".secret").mkdir()
    (root / ".secret" / "key.txt").write_text("key")
    for path in (".secret/key.txt", ".env"):
        with pytest.raises(NotFound, match="hidden"):
            await documents.read_text("me", path)
        with pytest.raises(NotFound, match="hidden"):
            await documents.write_text("me", path, "x")
    assert (root / ".secret" / "key.txt").read_text() == "key"
    assert not (root / ".env").exists()


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"nbformat": 4}', '{"nbformat": 4, "cells": [{"a": 1}]}'])
async def test_what_is_no_notebook_says_so(documents: DocumentService, root: Path, text: str) -> None:
    (root / "bad.ipynb").write_text(text)
    with pytest.raises(InvalidNotebook, match=r"bad\.ipynb"):
        await documents.notebook("me", "bad.ipynb").read()
    with pytest.raises(DocumentError):
        await documents.notebook("me", "bad.ipynb").apply([Insert(new_cell("code", "x"), None)])
    assert (root / "bad.ipynb").read_text() == text


async def test_text_files(documents: DocumentService, root: Path) -> None:
    written = await documents.write_text("me", "/notes.txt", "grüße\r\n", create=True)
    assert (written.path, written.before, written.via) == ("notes.txt", None, "file")
    assert (root / "notes.txt").read_bytes() == "grüße\r\n".encode()
    assert (await documents.read_text("me", "notes.txt")).text == "grüße\r\n"
    with pytest.raises(TextConflict) as caught:
        await documents.write_text("me", "notes.txt", "new", expect="other")
    assert caught.value.current == "grüße\r\n"
    assert (await documents.write_text("me", "notes.txt", "new", expect="grüße\r\n")).before == "grüße\r\n"
    with pytest.raises(Exists):
        await documents.write_text("me", "notes.txt", "x", create=True)
    with pytest.raises(NotFound):
        await documents.write_text("me", "none.txt", "x", create=False)
    with pytest.raises(TextConflict):
        await documents.write_text("me", "none.txt", "x", expect="y")
    with pytest.raises(NotFound, match="no directory"):
        await documents.write_text("me", "none/a.txt", "x")
    assert (root / "notes.txt").read_text() == "new"
    assert not (root / "none.txt").exists()
    (root / "image.png").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(NotText):
        await documents.read_text("me", "image.png")
    with pytest.raises(NotText):
        await documents.write_text("me", "image.png", "x")
    assert (root / "image.png").read_bytes() == b"\x89PNG\xff\xfe"


async def test_directories_and_names(documents: DocumentService, root: Path) -> None:
    contents = documents.contents
    await contents.make_directory("d")
    with pytest.raises(Exists):
        await contents.make_directory("d")
    (root / "d" / "a.txt").write_text("a")
    await contents.rename("d/a.txt", "b.txt")
    (root / "d" / "c.txt").write_text("c")
    with pytest.raises(Exists):
        await contents.rename("d/c.txt", "b.txt")
    with pytest.raises(NotFound):
        await contents.rename("none", "x")
    with pytest.raises(OutsideRoot):
        await contents.rename("b.txt", "../b.txt")
    assert (root / "b.txt").read_text() == "a"
    with pytest.raises(DocumentError, match="root"):
        await contents.delete("")
