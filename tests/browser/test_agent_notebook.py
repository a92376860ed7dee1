"""An agent works in a notebook that is open: it edits and runs cells in front of its user, who goes on working."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ..scripted_provider import Call, Gate, Say, ScriptedProvider, Step
from ..scripted_wire import Asked
from ..servers import JupyterServer
from .notebooks import Work, cell, notebook, open_document
from .panel import Panel

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

PICTURES = os.environ.get("NOTEBOOK_PICTURES")
"""A folder for screenshots to look at."""

Plan = Sequence[Step | Callable[[list[str]], Step]]
"""What the model does, a step a request: a step, or what makes one of the results that the tools gave until then."""


def look(panel: Panel, name: str) -> None:
    if PICTURES:
        panel.picture(Path(PICTURES) / f"{name}.png")


def make(server: JupyterServer, name: str, *cells: dict[str, Any]) -> str:
    (server.root / name).write_text(notebook(*cells))
    return name


@pytest.fixture
def fresh(scripted: JupyterServer, provider: ScriptedProvider) -> ScriptedProvider:
    provider.reset()
    return provider


def plan(provider: ScriptedProvider, *steps: Step | Callable[[list[str]], Step]) -> None:
    """What the default model does next: one of these a request, by how many results it has seen."""

    async def script(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        done = len(asked.results)
        step = steps[done] if done < len(steps) else Say("Done.")
        yield step if not callable(step) else step(asked.results)

    provider.script("echo", script)


def hash_of(results: list[str], cell_id: str) -> str:
    """The hash of a cell, as the model has read it last."""
    for result in reversed(results):
        if found := re.search(rf"id {cell_id},.*?hash (\w+)", result):
            return found[1]
    raise AssertionError(f"the model has not read {cell_id}: {results}")


def editing(cell_id: str, source: str) -> Callable[[list[str]], Step]:
    return lambda results: Call(
        "edit_cell", {"cell_id": cell_id, "source": source, "hash": hash_of(results, cell_id)}
    )


def read(*cell_ids: str) -> Step:
    return Call("read_cells", {"cell_ids": list(cell_ids)})


def mode(server: JupyterServer, name: str) -> None:
    server.api("PUT", "/policy", json={"mode": name})


def bar(work: Work, words: str) -> Any:
    return work.root.get_by_role("group", name=words)


def approve(panel: Panel) -> None:
    """Says yes to what waits, by keyboard alone."""
    approval = panel.root.locator("[data-approval]").last
    expect(approval).to_be_visible()
    panel.page.wait_for_timeout(500)  # a key that was meant for something else does not count
    approval.focus()
    panel.page.wait_for_timeout(500)
    panel.page.keyboard.press("Enter")
    expect(approval).to_have_count(0)


def sources_of(panel: Panel, path: str) -> list[str]:
    """Of an open notebook, whether it is in front or not."""
    found: list[str] = panel.page.evaluate(
        """path => [...window.jupyterapp.shell.widgets('main')]
            .find(one => one.context?.path === path).content.model.sharedModel.cells.map(one => one.getSource())""",
        path,
    )
    return found


def test_a_failing_cell_is_fixed_while_its_user_types_elsewhere(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    mode(scripted, "ask")
    panel = open_panel(scripted)
    page = panel.page
    path = make(scripted, "sales.ipynb", cell("x = 1", "c0"), cell("numbers = []", "c1"), cell("", "c2"))
    work = Work(panel, path)
    broken = "total = sum(numbers) / len(numbers)\nprint('mean', total)"
    work.replace(1, f"numbers = [3, 4]\nnumbers.clear()\n{broken}")
    unsaved = work.sources()[1]
    page.keyboard.press("Control+Enter")
    button = work.cells.nth(1).get_by_role("button", name="Fix with Agent")
    expect(button).to_be_visible(timeout=60_000)
    fixed = f"numbers = [3, 4]\n{broken}"
    plan(fresh, read("c1"), editing("c1", fixed), Call("run_cells", {"cell_ids": ["c1"]}), Say("It was empty."))
    button.click()
    expect(panel.root.locator("[data-approval]")).to_have_count(1, timeout=60_000)
    look(panel, "agent-asks")
    assert work.sources()[1] == unsaved, "nothing is done before it is allowed"
    # The user writes on while it is done.
    work.editor(2).click()
    page.keyboard.type("mine = [")
    scrolled = work.root.locator(".jp-WindowedPanel-outer").evaluate("node => node.scrollTop")
    page.evaluate(
        """() => {
            window.keys = [];
            window.typing = setInterval(() => {
                const editor = document.activeElement.closest('.cm-content');
                window.keys.push(editor !== null && editor.isContentEditable);
            }, 20);
        }"""
    )
    [asked] = scripted.api("GET", "/approvals")["items"]
    assert asked["tool"] == "edit_cell"
    scripted.api("POST", f"/approvals/{asked['id']}/approve", json={})
    page.keyboard.type("1, 2, 3, 4, 5, 6, 7, 8", delay=40)
    expect(bar(work, "Changed by the agent")).to_be_visible()
    page.keyboard.type("]")
    kept: list[bool] = page.evaluate("() => { clearInterval(window.typing); return window.keys; }")
    assert len(kept) > 10 and all(kept), "the cursor was taken away"
    # The editor closes brackets itself.
    assert work.sources() == ["x = 1", fixed, "mine = [1, 2, 3, 4, 5, 6, 7, 8]"]
    expect(work.editor(2)).to_be_focused()
    assert work.root.locator(".jp-WindowedPanel-outer").evaluate("node => node.scrollTop") == scrolled
    look(panel, "agent-edited")
    # To run it is asked, too: by keyboard.
    approve(panel)
    panel.wait_finished(60_000)
    expect(work.cells.nth(1).locator(".jp-OutputArea-output")).to_contain_text("mean 3.5")
    expect(work.cells.nth(1).get_by_role("button", name="Fix with Agent")).to_have_count(0)
    look(panel, "agent-done")
    saved = json.loads((scripted.root / path).read_text())
    assert [one["source"] for one in saved["cells"]][1:] == ["numbers = []", ""], "it is the user's to save it"
    # Undo brings back the cell as it was, the error it showed included, and leaves the user's alone.
    turn = last_turn(scripted)
    panel.answer.get_by_role("button", name=re.compile("Undo")).first.click()
    expect(bar(work, "Changed by the agent")).to_have_count(0)
    expect(work.editor(1)).to_contain_text("numbers.clear()")
    assert work.sources() == ["x = 1", unsaved, "mine = [1, 2, 3, 4, 5, 6, 7, 8]"]
    expect(work.cells.nth(1).locator(".jp-OutputArea-output")).to_contain_text("ZeroDivisionError")
    checkpoint = scripted.api("GET", f"/turns/{turn}/checkpoint")
    assert checkpoint["state"] == "undone"


def last_turn(server: JupyterServer) -> str:
    """The last turn of the newest session."""
    session = server.api("GET", "/sessions?limit=1")["items"][0]["id"]
    found: str = server.api("GET", f"/sessions/{session}/turns?limit=1")["items"][0]["id"]
    return found
