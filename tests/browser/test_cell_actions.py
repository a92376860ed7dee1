"""What an agent can do with a cell: from its toolbar, its menu, the button at an error, and with a prompt."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ..scripted_provider import Fail, Gate, Say, ScriptedProvider, Step
from ..scripted_wire import Asked
from ..servers import JupyterServer
from .notebooks import Work, cell, notebook
from .panel import Panel

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

PICTURES = os.environ.get("NOTEBOOK_PICTURES")
"""A folder for screenshots to look at."""

EDITED = "```python\ndef total(xs):\n    return sum(xs)\n```"


def look(panel: Panel, name: str) -> None:
    if PICTURES:
        panel.picture(Path(PICTURES) / f"{name}.png")


def make(server: JupyterServer, name: str, *cells: dict[str, Any]) -> str:
    (server.root / name).write_text(notebook(*cells))
    return name


@pytest.fixture
def fresh(scripted: JupyterServer, provider: ScriptedProvider) -> ScriptedProvider:
    """The provider with nothing asked yet; its default model answers requests to edit with code."""
    provider.reset()
    return provider


def answer(provider: ScriptedProvider, *steps: Step) -> None:
    """What the default model does from now on, in place of its echo."""

    async def script(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        for step in steps:
            yield step

    provider.script("echo", script)


def form(work: Work) -> Any:
    return work.page.get_by_role("form", name="Edit the cell with a prompt")


def edit(work: Work, index: int, instruction: str) -> None:
    work.editor(index).click()
    work.page.keyboard.press("Control+Alt+i")
    expect(form(work).get_by_role("textbox", name="What shall change in this cell?")).to_be_focused()
    work.page.keyboard.type(instruction)
    work.page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("Explain Cell", "Explain this cell."),
        ("Fix Cell", "Find what is wrong in this cell, and fix it."),
        ("Add Tests for Cell", "Add tests for this cell, in a new cell below it."),
        ("Document Cell", "Document this cell:"),
    ],
)
def test_the_button_of_the_cell_asks_the_agent(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any, item: str, said: str
) -> None:
    panel = open_panel(scripted)
    work = Work(panel, make(scripted, "actions.ipynb", cell("other = 0", "c0"), cell("saved = 1", "c1")))
    work.replace(1, "unsaved = 41 + 1")
    panel.input.fill("half a thought")
    work.editor(1).click()
    work.cells.nth(1).locator("[data-command='agent:cell-menu']").click()
    look(panel, "cell-menu")
    panel.page.locator(".lm-Menu-itemLabel", has_text=item).click()
    panel.wait_finished()
    sent = "\n".join(fresh.last.asked.user_texts)
    assert said in sent
    assert "unsaved = 41 + 1" in sent
    assert 'cell_id="c1"' in sent
    assert "other" not in sent
    # What was being written is still there to be sent.
    expect(panel.input).to_have_value("half a thought")


def test_an_error_offers_to_be_fixed(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    panel = open_panel(scripted)
    page = panel.page
    work = Work(panel, make(scripted, "failing.ipynb", cell("numbers = []\nsum(numbers) / len(numbers)", "c1")))
    button = work.cells.nth(0).get_by_role("button", name="Fix with Agent")
    expect(button).to_have_count(0)
    work.editor(0).click()
    page.keyboard.press("Control+Enter")
    expect(button).to_be_visible(timeout=60_000)
    look(panel, "fix-button")
    button.focus()
    page.keyboard.press("Enter")
    panel.wait_finished()
    sent = "\n".join(fresh.last.asked.user_texts)
    assert "Fix the error in this cell." in sent
    assert "ZeroDivisionError: division by zero" in sent
    # A reload finds it again, and a run without an error takes it away.
    page.keyboard.press("Control+s")
    work.replace(0, "'fine'")
    page.keyboard.press("Control+Enter")
    expect(work.cells.nth(0).locator(".jp-OutputArea-output")).to_contain_text("fine")
    expect(button).to_have_count(0)


def test_the_menu_of_a_cell_has_them(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    panel = open_panel(scripted)
    work = Work(panel, make(scripted, "submenu.ipynb", cell("x = 1", "c1"), cell("# Text", "m1", "markdown")))
    work.editor(0).click()
    work.cells.nth(0).locator(".jp-InputPrompt").click(button="right")
    panel.page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Agent$")).hover()
    items = panel.page.locator("#jp-contextmenu-agent-cell .lm-Menu-itemLabel")
    expect(items.first).to_be_visible()
    look(panel, "cell-submenu")
    assert [one for one in items.all_inner_texts() if one] == [
        "Edit Cell with a Prompt…",
        "Explain Cell",
        "Fix Cell",
        "Add Tests for Cell",
        "Document Cell",
        "Show Change of Cell",
        "Accept Change of Cell",
        "Reject Change of Cell",
    ]


def test_an_edit_is_seen_before_it_lands_and_undone_after(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(scripted)
    page = panel.page
    before = "def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s"
    work = Work(panel, make(scripted, "prompt.ipynb", cell("LIMIT = 3", "c0"), cell(before, "c1")))
    answer(fresh, Say(EDITED))
    edit(work, 1, "use sum")
    accept = form(work).get_by_role("button", name=re.compile("^Accept"))
    expect(accept).to_be_focused()
    expect(form(work).locator(".jp-agent-Diff")).to_contain_text("return sum(xs)")
    look(panel, "edit-proposed")
    assert work.sources() == ["LIMIT = 3", before], "nothing lands before it is accepted"
    asked = fresh.last.asked
    assert "use sum" in asked.user_texts[-1]
    assert "LIMIT = 3" in asked.user_texts[-1]
    page.keyboard.press("Enter")
    expect(form(work)).to_have_count(0)
    expect(work.editor(1)).to_be_focused()
    after = "def total(xs):\n    return sum(xs)"
    assert work.sources() == ["LIMIT = 3", after]
    page.keyboard.type("\n# mine")
    page.keyboard.press("Control+z")
    assert work.sources()[1] == after
    page.keyboard.press("Control+z")
    assert work.sources()[1] == before


def test_an_edit_is_rejected_or_stopped_by_keyboard(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(scripted)
    page = panel.page
    work = Work(panel, make(scripted, "reject.ipynb", cell("x = 1", "c1")))
    answer(fresh, Say("```python\nx = 2\n```"))
    edit(work, 0, "two")
    expect(form(work).get_by_role("button", name=re.compile("^Accept"))).to_be_focused()
    page.keyboard.press("Escape")
    expect(form(work)).to_have_count(0)
    assert work.sources() == ["x = 1"]
    answer(fresh, Gate(), Say("```python\nx = 3\n```"))
    edit(work, 0, "three")
    expect(form(work).get_by_role("status")).to_have_text("Writing…")
    look(panel, "edit-writing")
    page.keyboard.press("Escape")
    expect(form(work).get_by_role("textbox")).to_be_focused()
    expect(form(work).get_by_role("textbox")).to_have_value("three")
    assert fresh.last.client_closed.wait(10), "the request goes on that nobody waits for"
    page.keyboard.press("Escape")
    expect(form(work)).to_have_count(0)
    # In the cell again: its own keys count.
    page.keyboard.press("Enter")
    expect(work.editor(0)).to_be_focused()


def test_what_is_typed_meanwhile_is_not_written_over(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(scripted)
    page = panel.page
    work = Work(panel, make(scripted, "meanwhile.ipynb", cell("x = 1", "c1")))
    answer(fresh, Say("```python\nx = 2\n```"))
    edit(work, 0, "two")
    accept = form(work).get_by_role("button", name=re.compile("^Accept"))
    expect(accept).to_be_focused()
    work.editor(0).click()
    page.keyboard.press("Control+End")
    page.keyboard.type("  # mine")
    accept.click()
    expect(form(work)).to_contain_text("The cell was changed meanwhile.")
    look(panel, "edit-meanwhile")
    assert work.sources() == ["x = 1  # mine"]
    accept.click()
    expect(form(work)).to_have_count(0)
    assert work.sources() == ["x = 2"]


def test_a_failure_is_said_and_the_words_stay(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(scripted)
    work = Work(panel, make(scripted, "failure.ipynb", cell("x = 1", "c1")))
    answer(fresh, Fail(503, "overloaded", "The server is overloaded."))
    edit(work, 0, "two")
    expect(form(work).get_by_role("alert")).to_be_visible(timeout=40_000)
    look(panel, "edit-failed")
    expect(form(work).get_by_role("textbox")).to_have_value("two")
    assert work.sources() == ["x = 1"]


def test_the_shortcuts_are_nobody_elses(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    found: dict[str, list[str]] = panel.page.evaluate(
        """() => {
            const all = {};
            for (const {keys, command, selector} of window.jupyterapp.commands.keyBindings) {
                (all[keys.join(' ')] ??= []).push(command);
            }
            return Object.fromEntries(Object.entries(all).filter(
                ([keys, commands]) => commands.some(one => one.startsWith('agent:'))));
        }"""
    )
    for keys in "IXFYUDG":
        assert len(found[f"Ctrl Alt {keys}"]) == 1, found[f"Ctrl Alt {keys}"]


@pytest.mark.parametrize("dark", [False, True])
def test_the_form_is_accessible(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any, dark: bool) -> None:
    panel = open_panel(scripted, dark=dark)
    work = Work(panel, make(scripted, f"axe-{dark}.ipynb", cell("x = 1\nraise ValueError(x)", "c1")))
    work.editor(0).click()
    panel.page.keyboard.press("Control+Enter")
    expect(work.cells.nth(0).get_by_role("button", name="Fix with Agent")).to_be_visible(timeout=60_000)
    answer(fresh, Say("```python\nx = 2\n```"))
    edit(work, 0, "two")
    expect(form(work).get_by_role("button", name=re.compile("^Accept"))).to_be_focused()
    look(panel, f"form-{'dark' if dark else 'light'}")
    assert panel.violations() == []
