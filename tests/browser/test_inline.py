"""Grey text at the cursor, by the model."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ..scripted_provider import Fail, Gate, Say, ScriptedProvider, Step
from ..scripted_wire import Asked
from ..servers import JupyterServer
from .conftest import make_lab
from .notebooks import Work, cell, notebook
from .panel import Panel

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

PICTURES = os.environ.get("NOTEBOOK_PICTURES")
"""A folder for screenshots to look at."""


def look(panel: Panel, name: str) -> None:
    if PICTURES:
        panel.picture(Path(PICTURES) / f"{name}.png")


def make(server: JupyterServer, name: str, *cells: dict[str, Any]) -> str:
    (server.root / name).write_text(notebook(*cells))
    return name


def answer(provider: ScriptedProvider, *steps: Step) -> None:
    async def script(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        for step in steps:
            yield step

    provider.script("echo", script)


def while_typing(server: JupyterServer, on: bool) -> None:
    raw = json.dumps({"whileTyping": on})
    server.client.put("lab/api/settings/jupyterlab-agent:inline", json={"raw": raw}).raise_for_status()


@pytest.fixture
def fresh(scripted: JupyterServer, provider: ScriptedProvider) -> ScriptedProvider:
    provider.reset()
    return provider


def ghost(work: Work) -> Any:
    return work.root.locator(".jp-GhostText")


def test_a_suggestion_is_taken_with_tab(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    while_typing(scripted, True)
    panel = open_panel(scripted)
    page = panel.page
    work = Work(
        panel,
        make(scripted, "ghost.ipynb", cell("import math", "c0"), cell("", "c1"), cell("print(area(2))", "c2")),
    )
    answer(fresh, Say("(r):\n    return math.pi * r ** 2"))
    work.editor(1).click()
    page.keyboard.type("def area", delay=20)
    expect(ghost(work)).to_contain_text("return math.pi * r ** 2")
    look(panel, "ghost")
    assert work.sources()[1] == "def area"
    [request] = fresh.requests
    sent = "\n".join(request.asked.user_texts)
    assert "import math" in sent
    assert "def area" in sent
    assert "print(area(2))" in sent
    page.keyboard.press("Tab")
    assert work.sources()[1] == "def area(r):\n    return math.pi * r ** 2"
    page.keyboard.press("Control+z")
    assert work.sources()[1] == "def area"


def test_typing_on_cancels_what_was_asked(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    while_typing(scripted, True)
    panel = open_panel(scripted)
    page = panel.page
    work = Work(panel, make(scripted, "cancel.ipynb", cell("", "c1")))
    answer(fresh, Gate(), Say("late"))
    work.editor(0).click()
    page.keyboard.type("x = ")
    for _ in range(100):
        if fresh.requests:
            break
        page.wait_for_timeout(50)
    first = fresh.requests[0]
    answer(fresh, Say("42"))
    page.keyboard.type("y")
    expect(ghost(work)).to_have_text("42")
    assert first.client_closed.wait(10), "a request goes on that nobody waits for"
    assert len(fresh.requests) == 2, "the model is asked at each key"


def test_it_comes_only_when_asked_for_by_default(
    scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any
) -> None:
    while_typing(scripted, False)
    panel = open_panel(scripted)
    page = panel.page
    work = Work(panel, make(scripted, "asked.ipynb", cell("", "c1")))
    answer(fresh, Say(" + 1"))
    work.editor(0).click()
    page.keyboard.type("x = y")
    page.wait_for_timeout(1_500)
    assert fresh.requests == []
    page.keyboard.press("Alt+\\")
    expect(ghost(work)).to_have_text(" + 1")
    # The switch in the palette.
    page.evaluate("window.jupyterapp.commands.execute('agent:toggle-inline-completion').then(() => null)")
    page.keyboard.press("Escape")
    work.editor(0).click()
    page.keyboard.press("End")
    page.keyboard.type("z")
    expect(ghost(work)).to_have_text(" + 1")


def test_a_failure_is_told_once(scripted: JupyterServer, fresh: ScriptedProvider, open_panel: Any) -> None:
    while_typing(scripted, True)
    panel = open_panel(scripted)
    page = panel.page
    work = Work(panel, make(scripted, "quiet.ipynb", cell("", "c1")))
    answer(fresh, Fail(500, "server_error", "The server had an error."))
    page.evaluate(
        """() => {
            window.told = 0;
            new MutationObserver(changes => {
                for (const node of changes.flatMap(change => [...change.addedNodes])) {
                    window.told += node.nodeType === 1 && /No suggestion:/.test(node.textContent) ? 1 : 0;
                }
            }).observe(document.body, {childList: true, subtree: true});
        }"""
    )
    work.editor(0).click()
    page.keyboard.type("a")
    expect(page.locator(".Toastify__toast", has_text="No suggestion:")).to_have_count(1)
    once = page.evaluate("window.told")
    look(panel, "ghost-failed")
    for letter in "bc":
        asked = len(fresh.requests)
        page.keyboard.type(letter)
        for _ in range(100):
            if len(fresh.requests) > asked and fresh.last.done.is_set():
                break
            page.wait_for_timeout(50)
        page.wait_for_timeout(300)
    assert len(fresh.requests) >= 3
    assert page.evaluate("window.told") == once


def test_the_embedded_model_is_not_asked(tmp_path: Path, open_panel: Any) -> None:
    with make_lab(tmp_path / "lab") as server:
        while_typing(server, True)
        panel = open_panel(server, shown=False)
        panel.page.wait_for_function("window.jupyterapp", timeout=60_000)
        panel.page.evaluate("window.jupyterapp.restored.then(() => null)")
        work = Work(panel, make(server, "local.ipynb", cell("", "c1")))
        work.editor(0).click()
        panel.page.keyboard.type("x = ")
        toast = panel.page.locator(".Toastify__toast", has_text="No suggestion:")
        expect(toast).to_have_count(1, timeout=30_000)
        expect(ghost(work)).to_have_count(0)
