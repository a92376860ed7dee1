"""Notebooks and files in the chat: attached as they stand on the screen, and edited by what an answer says."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ..scripted_provider import Say, ScriptedProvider, Step
from ..scripted_wire import Asked
from ..servers import JupyterServer
from .notebooks import Work, cell, kernel_ready, notebook, open_document
from .panel import Panel

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

ANSWERS = {
    "code": "Try this:\n\n```python\nprint('said', 6 * 7)\n```\n",
    "shell": "Run:\n\n```bash\necho one\necho two\n```\n",
    "prose": "Write:\n\n```markdown\n# A title\n\nand *words*\n```\n",
}
MODELS = ["echo", *ANSWERS]
PICTURES = os.environ.get("NOTEBOOK_PICTURES")
"""A folder for screenshots to look at."""


def look(panel: Panel, name: str) -> None:
    if PICTURES:
        panel.picture(Path(PICTURES) / f"{name}.png")


@pytest.fixture
def fresh(scripted: JupyterServer, provider: ScriptedProvider) -> ScriptedProvider:
    """The provider with nothing asked yet, and with models whose answers have code; a few files and their folder."""
    data = scripted.root / "data"
    data.mkdir(exist_ok=True)
    (data / "prices.csv").write_text("item,price\npear,3\napple,2\n")
    (data / "noise.bin").write_bytes(bytes(range(256)) * 4)
    (scripted.root / "helpers.py").write_text("def mean(xs):\n    return sum(xs) / len(xs)\n\n\nLIMIT = 10\n")
    provider.reset()
    for name, text in ANSWERS.items():

        async def answer(asked: Asked, match: re.Match[str], before: int, text: str = text) -> AsyncIterator[Step]:
            yield Say(text)

        provider.script(name, answer)
    return provider


def make(scripted: JupyterServer, name: str, *cells: dict[str, Any]) -> str:
    (scripted.root / name).write_text(notebook(*cells))
    return name


def asked(provider: ScriptedProvider) -> str:
    """What the model was sent last, all of the user's text."""
    return "\n".join(provider.last.asked.user_texts)


def test_a_cell_is_attached_from_its_menu_as_it_stands(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(scripted)
    path = make(scripted, "menu.ipynb", cell("saved = 1", "c1"), cell("other = 2", "c2"))
    work = Work(panel, path)
    work.replace(0, "unsaved = 41 + 1")
    work.menu(0, "Ask the Agent")
    expect(panel.input).to_be_focused()
    chip = panel.root.locator(".jp-agent-Chip:not(.jp-mod-offered)")
    expect(chip).to_have_count(1)
    expect(chip).to_contain_text("Cell 1")
    look(panel, "cell-attached")
    panel.page.keyboard.type("What is it?")
    panel.page.keyboard.press("Enter")
    panel.wait_finished()
    sent = asked(fresh)
    assert "unsaved = 41 + 1" in sent
    assert "saved = 1\n" not in sent
    assert "other" not in sent
    assert 'path="menu.ipynb"' in sent
    assert 'cell_id="c1"' in sent
    assert "saved = 1" in (scripted.root / path).read_text()
    [session] = [one for one in scripted.api("GET", "/sessions")["items"] if one["notebook"] == "menu.ipynb"]
    assert session["channel"] == "lab"


def test_what_is_current_is_offered_and_the_whole_notebook_is_read(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(scripted)
    work = Work(
        panel, make(scripted, "whole.ipynb", cell("# Plan", "m1", "markdown"), cell("a = 1", "c1"), cell("b = 2", "c2"))
    )
    work.editor(2).click()
    panel.page.keyboard.press("Control+a")
    offered = panel.root.locator(".jp-agent-Chip.jp-mod-offered")
    expect(offered).to_have_count(3)
    look(panel, "offered")
    expect(offered.nth(0)).to_contain_text("whole.ipynb")
    expect(offered.nth(1)).to_contain_text("Cell 3")
    expect(offered.nth(2)).to_contain_text("Cell 3, line 1")
    offered.nth(2).get_by_role("button").first.click()
    offered.nth(0).get_by_role("button").first.click()
    panel.send("All of it?")
    panel.wait_finished()
    sent = asked(fresh)
    for piece in ("# Plan", "a = 1", "b = 2", "3 cells, language python", "cell 2, code, id c1, not run"):
        assert piece in sent
    assert 'kind="selection"' in sent
    assert 'kind="notebook"' in sent


def test_an_error_is_asked_about(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    panel = open_panel(scripted)
    work = Work(panel, make(scripted, "error.ipynb", cell("numbers = []\nsum(numbers) / len(numbers)", "c1")))
    work.editor(0).click()
    panel.page.keyboard.press("Shift+Enter")
    expect(work.cells.nth(0).locator(".jp-OutputArea-output")).to_contain_text("ZeroDivisionError", timeout=60_000)
    work.editor(0).click()
    panel.page.keyboard.press("Control+Alt+k")
    expect(panel.input).to_be_focused()
    panel.page.keyboard.type("Why?")
    panel.page.keyboard.press("Enter")
    panel.wait_finished()
    look(panel, "error-asked")
    sent = asked(fresh)
    assert "ZeroDivisionError: division by zero" in sent
    assert "run as [1]" in sent
    assert "\x1b" not in sent


def test_a_file_is_found_by_its_name(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    panel = open_panel(scripted)
    panel.input.fill("")
    panel.input.press_sequentially("Sum up @pric")
    option = panel.root.get_by_role("option").filter(has_text="prices.csv")
    expect(option).to_contain_text("data")
    look(panel, "file-menu")
    option.click()
    panel.page.keyboard.press("Enter")
    panel.wait_finished()
    sent = asked(fresh)
    assert "item,price\npear,3\napple,2" in sent
    assert 'path="data/prices.csv"' in sent


def test_what_is_not_text_is_refused(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    panel = open_panel(scripted)
    panel.input.fill("")
    panel.input.press_sequentially("And @noise")
    panel.root.get_by_role("option").filter(has_text="noise.bin").click()
    panel.page.keyboard.press("Enter")
    expect(panel.root).to_contain_text("noise.bin is not text, so it cannot be attached.")
    look(panel, "binary-refused")
    assert fresh.requests == []


def test_a_selection_of_a_file_and_code_at_its_cursor(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(scripted)
    page = panel.page
    open_document(page, "helpers.py")
    editor = page.locator(".jp-FileEditor .cm-content")
    editor.locator(".cm-line").nth(1).click()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    page.keyboard.press("Control+Alt+k")
    expect(panel.root.locator(".jp-agent-Chip:not(.jp-mod-offered)")).to_contain_text("helpers.py, line 2")
    panel.pick_model("code")
    panel.send("Better?")
    panel.wait_finished()
    sent = asked(fresh)
    assert "return sum(xs) / len(xs)" in sent
    assert "LIMIT" not in sent
    editor.locator(".cm-line").last.click()
    page.keyboard.press("Control+End")
    panel.answer.locator(".jp-agent-Code [data-action='insert']").click()
    expect(editor).to_contain_text("print('said', 6 * 7)")
    expect(editor).to_be_focused()
    look(panel, "editor-insert")
    page.keyboard.press("Control+z")
    expect(editor).not_to_contain_text("print('said', 6 * 7)")
    expect(editor).to_contain_text("LIMIT = 10")


def test_code_is_inserted_and_run(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    panel = open_panel(scripted)
    page = panel.page
    work = Work(panel, make(scripted, "insert.ipynb", cell("first = 1", "c1"), cell("last = 2", "c2")))
    work.editor(0).click()
    panel.pick_model("code")
    panel.send("Code?")
    panel.wait_finished()
    code = panel.answer.locator(".jp-agent-Code")
    code.locator("[data-action='insert']").click()
    expect(work.cells).to_have_count(3)
    assert work.sources() == ["first = 1", "print('said', 6 * 7)", "last = 2"]
    expect(work.cells.nth(1)).to_have_class(re.compile("jp-mod-active"))
    toast = page.locator(".Toastify__toast", has_text="Inserted as cell 2 of insert.ipynb")
    toast.get_by_role("button", name="Undo").click()
    expect(work.cells).to_have_count(2)
    assert work.sources() == ["first = 1", "last = 2"]
    work.editor(0).click()
    code.locator("[data-action='run']").click()
    expect(work.cells.nth(1).locator(".jp-OutputArea-output")).to_contain_text("said 42", timeout=60_000)
    look(panel, "run")
    assert work.sources()[1] == "print('said', 6 * 7)"


def test_a_replaced_cell_comes_back(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    panel = open_panel(scripted)
    page = panel.page
    work = Work(panel, make(scripted, "replace.ipynb", cell("mine = 1", "c1")))
    work.replace(0, "typed = 2")
    panel.pick_model("code")
    panel.send("Code?")
    panel.wait_finished()
    replace = panel.answer.locator(".jp-agent-Code [data-action='replace']")
    replace.click()
    expect(work.editor(0)).to_have_text("print('said', 6 * 7)")
    expect(work.editor(0)).to_be_focused()
    look(panel, "replaced")
    page.keyboard.press("Control+z")
    expect(work.editor(0)).to_have_text("typed = 2")
    replace.click()
    expect(work.editor(0)).to_have_text("print('said', 6 * 7)")
    page.locator(".Toastify__toast", has_text="Replaced cell 1").last.get_by_role("button", name="Undo").click()
    expect(work.editor(0)).to_have_text("typed = 2")


def test_blocks_become_the_cells_they_are(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    panel = open_panel(scripted)
    work = Work(panel, make(scripted, "kinds.ipynb", cell("x = 1", "c1")))
    work.editor(0).click()
    panel.pick_model("shell")
    panel.send("Shell?")
    panel.wait_finished()
    panel.answer.locator(".jp-agent-Code [data-action='insert']").click()
    expect(work.cells).to_have_count(2)
    panel.pick_model("prose")
    panel.send("Prose?")
    panel.wait_finished()
    panel.answer.locator(".jp-agent-Code [data-action='insert']").click()
    expect(work.cells).to_have_count(3)
    assert work.sources() == ["x = 1", "%%bash\necho one\necho two", "# A title\n\nand *words*"]
    expect(work.cells.nth(2)).to_have_class(re.compile("jp-MarkdownCell"))
    look(panel, "kinds")
    # A cell cannot change its kind: another one stands in its place.
    work.editor(0).click()
    panel.answer.locator(".jp-agent-Code [data-action='replace']").click()
    expect(work.cells.nth(0)).to_have_class(re.compile("jp-MarkdownCell"))
    panel.page.locator(".Toastify__toast", has_text="Replaced cell 1").get_by_role("button", name="Undo").click()
    expect(work.cells.nth(0)).to_have_class(re.compile("jp-CodeCell"))
    assert work.sources()[0] == "x = 1"


def test_a_notebook_is_made_of_a_block(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    panel = open_panel(scripted)
    panel.pick_model("code")
    panel.send("Code?")
    panel.wait_finished()
    code = panel.answer.locator(".jp-agent-Code")
    code.hover()
    for action in ("insert", "replace", "run"):
        button = code.locator(f"[data-action='{action}']")
        expect(button).to_have_attribute("aria-disabled", "true")
        expect(button).to_have_attribute("title", re.compile(r"Open a notebook (or a file )?first\."))
    code.locator("[data-action='new-notebook']").click()
    new = panel.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    expect(new.locator(".cm-content")).to_have_text("print('said', 6 * 7)")
    expect(new.locator(".jp-KernelName")).to_contain_text("Python 3", timeout=60_000)
    look(panel, "new-notebook")
    made = json.loads((scripted.root / "Untitled.ipynb").read_text())
    assert made["metadata"]["kernelspec"]["name"] == "python3"
    kernel_ready(panel.page)
    new.locator(".cm-content").click()
    panel.page.keyboard.press("Shift+Enter")
    expect(new.locator(".jp-OutputArea-output").first).to_contain_text("said 42", timeout=60_000)


def test_a_file_is_attached_from_the_file_browser(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(scripted)
    page = panel.page
    page.locator(".jp-DirListing-item", has_text="helpers.py").click(button="right")
    look(panel, "file-browser-menu")
    page.locator(".lm-Menu-itemLabel", has_text="Attach File to the Agent").click()
    chip = panel.root.locator(".jp-agent-Chip:not(.jp-mod-offered)")
    expect(chip).to_contain_text("helpers.py")
    chip.get_by_role("button", name="helpers.py", exact=True).click()
    expect(page.locator(".jp-FileEditor .cm-content")).to_contain_text("LIMIT = 10")


def test_a_chip_leads_to_its_cell(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    panel = open_panel(scripted)
    cells = [cell(f"value_{number} = {number}\n" * 6, f"c{number}") for number in range(30)]
    work = Work(panel, make(scripted, "long.ipynb", *cells))
    panel.input.fill("")
    panel.input.press_sequentially("@value_25")
    panel.root.get_by_role("option").filter(has_text="Cell 26").click()
    chip = panel.root.locator(".jp-agent-Chip:not(.jp-mod-offered)")
    chip.get_by_role("button", name="Cell 26", exact=True).click()
    active = work.root.locator(".jp-Cell.jp-mod-active")
    expect(active).to_contain_text("value_25 = 25")
    expect(active).to_be_in_viewport()
    look(panel, "revealed")


def test_the_shortcuts_are_nobody_elses(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    found = panel.page.evaluate(
        """() => window.jupyterapp.commands.keyBindings
            .filter(one => one.keys.join(' ') === 'Ctrl Alt K').map(one => one.command)"""
    )
    assert sorted(found) == ["agent:ask-about-cell", "agent:attach-selection"]
