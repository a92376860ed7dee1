"""The same panel in Jupyter Notebook 7: no build of its own, no other settings."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..scripted_provider import Call, Say, ScriptedProvider, Step
from ..scripted_wire import Asked
from ..servers import JupyterServer
from .conftest import make_lab
from .notebooks import cell, kernel_ready, notebook
from .test_agent_notebook import editing, plan, read

pytest.importorskip("notebook", minversion="7.4", reason="NOT TESTED IN NOTEBOOK 7: it is not installed")
expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

PICTURES = os.environ.get("NOTEBOOK_PICTURES")
"""A folder for screenshots to look at."""

CELLS = ["rolls = [1, 2, 3]", 'from jupyter_agent import ChatWidget\nChatWidget(model="scripted/echo")']

OBSERVED = [
    "from jupyter_agent import Client, CostDashboard, TurnInspector\nclient = Client()\n"
    "answer = client.ask('Look at this. ' * 100, model='echo')",
    "TurnInspector(answer)",
    "CostDashboard('24h')",
    "client.stats.costs('24h', by='model')",
]


async def code(asked: Asked, match: re.Match[str], number: int) -> AsyncIterator[Step]:
    yield Say("Try this:\n\n```python\nprint('said', 6 * 7)\n```\n")


@pytest.fixture(scope="module")
def notebook7(tmp_path_factory: pytest.TempPathFactory, provider: ScriptedProvider) -> Iterator[JupyterServer]:
    server = make_lab(
        tmp_path_factory.mktemp("notebook"),
        app="notebook",
        config={"JupyterNotebookApp": {"expose_app_in_browser": True}},
    )
    (server.root / "rolls.ipynb").write_text(notebook(*(cell(source, f"cell{at}") for at, source in enumerate(CELLS))))
    observed = (cell(source, f"seen{at}") for at, source in enumerate(OBSERVED))
    (server.root / "observed.ipynb").write_text(notebook(*observed))
    (server.root / "notes.txt").write_text("Notes")
    with server:
        server.use(provider, models=["echo", "code", "gated-40"])
        server.api("PUT", "/policy", json={"mode": "ask"})
        yield server


def look(panel: Any, name: str) -> None:
    if PICTURES:
        panel.picture(Path(PICTURES) / f"notebook7-{name}.png")


def cells(panel: Any) -> list[str]:
    found: list[str] = panel.page.evaluate(
        """() => [...window.jupyterapp.shell.currentWidget.content.model.cells].map(cell =>
            cell.sharedModel.getSource())"""
    )
    return found


def test_ask_and_put_the_answer_into_the_notebook(
    notebook7: JupyterServer, provider: ScriptedProvider, open_page: Any
) -> None:
    provider.reset()
    provider.script("code", code)
    panel = open_page(notebook7, "notebooks/rolls.ipynb")
    page = panel.page
    page.locator(".jp-Notebook .cm-content").first.click()
    page.locator(".lm-MenuBar-item").filter(has_text="View").click()
    page.locator(".lm-Menu-item[data-command='agent:open-chat']").click()
    expect(panel.input).to_be_focused()
    panel.wait_ready()
    look(panel, "open")
    panel.pick_model("gated-40")
    panel.send("Count")
    provider.release(2)
    expect(panel.answer).to_contain_text("word1")
    provider.release(38)
    panel.wait_finished()
    panel.pick_model("code")
    # What is attached is read from the notebook on this page.
    panel.input.fill("@rolls")
    panel.root.get_by_role("option", name=re.compile(r"rolls\.ipynb")).first.click()
    panel.input.press_sequentially("What is it?")
    panel.input.press("Enter")
    expect(panel.answers).to_have_count(2)
    panel.wait_finished()
    assert "rolls = [1, 2, 3]" in json.dumps(provider.requests[-1].body)
    look(panel, "answered")
    panel.answer.locator(".jp-agent-Code [data-action='insert']").click()
    expect(page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(3)
    assert cells(panel) == [CELLS[0], "print('said', 6 * 7)", CELLS[1]]
    look(panel, "inserted")


def test_a_widget_and_the_panel_share_a_notebook(notebook7: JupyterServer, open_page: Any) -> None:
    panel = open_page(notebook7, "notebooks/rolls.ipynb")
    page = panel.page
    page.locator(".jp-Notebook .cm-content").filter(has_text="ChatWidget").click()
    page.keyboard.press("Shift+Enter")
    widget = page.get_by_role("region", name="Agent chat in the notebook")
    widget.locator("textarea").wait_for(timeout=90_000)
    widget.locator("textarea").fill("From the cell")
    widget.locator("textarea").press("Enter")
    for who in ("You", "Agent"):
        expect(widget.get_by_role("article", name=who)).to_contain_text("From the cell")
    look(panel, "widget")
    # In the widget's box the keys are the widget's.
    page.locator(".jp-Notebook .cm-content").first.click()
    page.keyboard.press("Control+Alt+j")
    expect(panel.input).to_be_focused()
    panel.button("Chats").click()
    expect(panel.root.locator(".jp-agent-Sessions-open").filter(has_text="From the cell")).to_have_count(1)
    look(panel, "widget-and-panel")


def test_turns_and_costs_in_cells(notebook7: JupyterServer, open_page: Any) -> None:
    panel = open_page(notebook7, "notebooks/observed.ipynb")
    page = panel.page
    kernel_ready(page)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    inspector = page.get_by_role("region", name="Inspector of a turn", exact=True)
    bar = inspector.get_by_role("group", name=re.compile("tokens by part"))
    bar.wait_for(timeout=90_000)
    bar.get_by_role("button", name=re.compile("^Message: ")).click()
    expect(inspector.get_by_role("region", name="What was sent: Message")).to_contain_text("Look at this")
    # Typed here it is the widget's, and no command of the notebook.
    comment = inspector.get_by_role("textbox", name="Comment to the grade")
    comment.fill("a b")
    comment.press("d")
    expect(comment).to_have_value("a bd")
    inspector.get_by_role("button", name="5", exact=True).click()
    expect(inspector.get_by_role("button", name="5", exact=True)).to_have_attribute("aria-pressed", "true")
    look(panel, "inspector")
    costs = page.get_by_role("region", name="Costs of the agent", exact=True)
    expect(costs.get_by_role("table", name="Costs")).to_contain_text("scripted/echo")
    costs.scroll_into_view_if_needed()
    look(panel, "costs")


def test_an_agent_works_in_the_open_notebook(
    notebook7: JupyterServer, provider: ScriptedProvider, open_page: Any
) -> None:
    """It reads what is not saved, asks, edits and runs in front of its user; what it did is marked and taken back."""
    provider.reset()
    path = "work.ipynb"
    (notebook7.root / path).write_text(notebook(cell("a = 1", "c0"), cell("", "c1")))
    panel = open_page(notebook7, f"notebooks/{path}")
    page = panel.page
    bar = page.get_by_role("group", name="Changed by the agent")
    editors = page.locator(".jp-Notebook .jp-InputArea-editor .cm-content")
    kernel_ready(page)
    editors.first.click()
    page.keyboard.press("End")
    page.keyboard.type("0")
    # Without the panel, for somebody who asks elsewhere.
    asked = {"arguments": {"path": path}}
    panel.wait_until(lambda: notebook7.api("POST", "/tools/read_cells/call", json=asked)["metadata"]["via"] == "live")
    plan(provider, read("c0"), editing("c0", "a = 10 + 1"))
    turn = notebook7.api("POST", f"/sessions/{notebook7.api('POST', '/sessions', json={})['id']}/turns",
                         json={"message": "Edit it", "notebook": path, "mode": "auto"})  # fmt: skip
    expect(bar).to_be_visible()
    assert cells(panel) == ["a = 10 + 1", ""]
    notebook7.api("POST", f"/turns/{turn['id']}/undo", json={})
    expect(bar).to_have_count(0)
    assert cells(panel) == ["a = 10", ""]
    # With it, and by keyboard.
    page.keyboard.press("Control+Alt+j")
    panel.wait_ready()
    panel.root.locator(".jp-agent-Chip.jp-mod-offered").filter(has_text=path).get_by_role("button").first.click()
    provider.reset()
    plan(
        provider,
        read("c0"),
        editing("c0", "a = 6 * 7\nprint(a)"),
        Call("run_cells", {"cell_ids": ["c0"]}),
        Call("show_diff", {"path": path, "before": "a = 10", "after": "a = 42", "title": "What it was"}),
    )
    panel.send("Change and run it")
    expect(panel.root.locator("[data-approval]")).to_be_visible()
    editors.nth(1).click()
    for tool, typed in (("edit_cell", "mine"), ("run_cells", " = 1")):
        approval = panel.root.locator("[data-approval]")
        expect(approval).to_contain_text({"edit_cell": "a = 6 * 7", "run_cells": "Runs code"}[tool])
        page.keyboard.press("Control+Alt+w")
        expect(approval).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.type(typed)
        expect(editors.nth(1)).to_be_focused()
    expect(page.locator(".jp-Cell").first.locator(".jp-OutputArea-output")).to_contain_text("42")
    panel.wait_finished()
    # Below the notebook: its own is the only tab above.
    expect(page.locator("#jp-down-stack")).to_contain_text("What it was")
    expect(page.locator(".jp-agent-DiffTab")).to_contain_text("a = 42")
    look(panel, "difference")
    assert cells(panel) == ["a = 6 * 7\nprint(a)", "mine = 1"]
    expect(bar).to_be_visible()
    look(panel, "marks")
    saved = json.loads((notebook7.root / path).read_text())
    assert [one["source"] for one in saved["cells"]] == ["a = 1", ""]
    page.locator(".jp-Notebook .jp-InputPrompt").first.click()
    page.keyboard.press("Control+Alt+g")
    page.keyboard.press("Control+Alt+d")
    expect(bar.locator(".jp-agent-Diff")).to_contain_text("a = 10")
    page.keyboard.press("Control+Alt+u")
    expect(bar).to_have_count(0)
    assert cells(panel) == ["a = 10", "mine = 1"]
    provider.reset()


@pytest.mark.parametrize("path", ["tree", "edit/notes.txt", "terminals/1"])
def test_the_panel_opens_beside_whatever_a_page_shows(notebook7: JupyterServer, open_page: Any, path: str) -> None:
    panel = open_page(notebook7, path)
    # Notebook shows a page before its shortcuts are there to stay.
    for _ in range(20):
        panel.page.keyboard.press("Control+Alt+j")
        panel.page.wait_for_timeout(500)
        if panel.root.is_visible():
            break
    expect(panel.input).to_be_focused()
    panel.wait_ready()
    look(panel, path.split("/")[0])


def test_where_there_is_no_main_area_the_panel_is_on_the_right(notebook7: JupyterServer, open_page: Any) -> None:
    notebook7.client.put(
        "lab/api/settings/jupyterlab-agent:chat", json={"raw": '{"area": "main", "openAtStart": true}'}
    ).raise_for_status()
    try:
        panel = open_page(notebook7, "notebooks/rolls.ipynb")
        expect(panel.input).to_be_focused()
        expect(panel.page.locator(".jp-Notebook .cm-content").first).to_be_visible()
        inside = "[...window.jupyterapp.shell.widgets('right')].some(one => one.id === 'jupyterlab-agent-chat')"
        assert panel.page.evaluate(inside)
    finally:
        notebook7.client.put("lab/api/settings/jupyterlab-agent:chat", json={"raw": "{}"}).raise_for_status()


def test_every_command_can_be_run_where_it_says_so(notebook7: JupyterServer, open_page: Any) -> None:
    """On the page of files, where there is neither a notebook nor an open panel."""
    panel = open_page(notebook7, "tree")
    failed = panel.page.evaluate(
        """async () => {
            const {commands} = window.jupyterapp;
            const failed = [];
            for (const id of commands.listCommands().filter(id => id.startsWith('agent:'))) {
                // A dialog waits for its user: it is not this test's.
                if (id === 'agent:set-up-providers' || !commands.isEnabled(id)) continue;
                try { await commands.execute(id); } catch (error) { failed.push(`${id}: ${error}`); }
            }
            return failed;
        }"""
    )
    assert failed == []
