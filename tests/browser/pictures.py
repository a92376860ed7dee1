"""Takes the pictures of the documentation anew, from a real JupyterLab with a scripted model.

    python -m tests.browser.pictures docs/images

Look at each of them before it is committed.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest import mock

from playwright.sync_api import Browser, expect, sync_playwright

from .. import scripted_wire
from ..scripted_provider import Call, Say, ScriptedProvider, Step
from ..scripted_wire import Asked
from ..servers import JupyterServer, put_weights
from . import states, tool_states, turn_states
from .conftest import find_chromium, make_lab
from .notebooks import Work, cell, notebook
from .panel import Panel
from .states import Stage, State

MODEL = "example-model"
ROLLS = "rolls.ipynb"
MEAN = "def mean(values):\n    return sum(values) / len(values)"
MENDED = "def mean(values):\n    if not values:\n        return None\n    return sum(values) / len(values)"
CELLS = [
    cell("# Rolls of a die\n\nHow their mean settles.", "title", "markdown"),
    cell("import random\n\nrolls = [random.randint(1, 6) for _ in range(1000)]", "rolls"),
    cell(MEAN, "mean"),
    cell('print(f"{mean(rolls):.2f} and {mean([])}")', "shown"),
]


def refused(stage: Stage) -> None:
    stage.ask("unauthorized", "Why does the merge lose rows?")
    expect(stage.panel.answer.get_by_role("button", name="Set the key")).to_be_visible()


PANELS: dict[str, tuple[State, bool, str]] = {
    "panel-answer": (states.finished_above, False, ""),
    "panel-answer-dark": (states.finished_above, True, ""),
    "panel-attached": (states.attached, False, ".jp-agent-Composer"),
    "panel-chats": (states.drawer, False, ""),
    "panel-error": (refused, False, ".jp-agent-Exchange"),
    "panel-approval": (tool_states.approval, False, ".jp-agent-Exchange"),
    "panel-tool": (tool_states.tool_running, False, ".jp-agent-Exchange"),
    "panel-changed": (tool_states.changed, False, ".jp-agent-Exchange"),
    "panel-modes": (tool_states.mode_menu, False, ""),
}
"""Of states: how to get there, whether in the dark theme, and what of the panel is shown; all of it for ''."""


async def mends(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    """Reads a cell of the notebook, mends it, and wants to run what follows."""
    said = "\n".join(asked.results)
    if before == 0:
        yield Say("I read the cell first.")
        yield Call("read_cells", {"cell_ids": ["mean"]})
    elif before == 1:
        found = re.search(r"id mean,.*?hash (\w+)", said)
        assert found, said
        yield Say("The mean of nothing divides by zero. I give it an answer.")
        yield Call("edit_cell", {"cell_id": "mean", "source": MENDED, "hash": found[1]})
    else:
        yield Say("Now I run the notebook to see that it works.")
        yield Call("run_all", {})


def open_panel(browser: Browser, server: JupyterServer, *, dark: bool = False, width: int = 1200) -> Panel:
    context = browser.new_context(viewport={"width": width, "height": 760})
    panel = Panel(context.new_page(), server, dark=dark)
    panel.open()
    panel.widen(400)
    return panel


def shoot(panel: Panel, path: Path, part: str = "") -> None:
    """Takes a picture of the panel, or of what of it has to be seen."""
    panel.page.mouse.move(1, 1)
    panel.page.wait_for_timeout(400)
    whole = panel.root.bounding_box()
    clip = dict(whole)
    if part:
        box = panel.root.locator(part).last.bounding_box()
        top, bottom = max(whole["y"], box["y"] - 8), min(whole["y"] + whole["height"], box["y"] + box["height"] + 8)
        clip.update(y=top, height=bottom - top)
    panel.page.screenshot(path=path, clip=clip, animations="disabled")
    print(path)


def inspected(browser: Browser, server: JupyterServer, provider: ScriptedProvider, folder: Path, *, dark: bool) -> None:
    """A turn in its tab beside the chat."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    panel = Panel(context.new_page(), server, dark=dark)
    panel.open()
    panel.widen(340)
    stage = Stage(panel, provider, server)
    stage.reset()
    server.api("PATCH", "/config", json={"values": {"turns.context_budget": 16_000}})
    # As many as a provider would count.
    usage = {"prompt_tokens": 9_140, "completion_tokens": 310, "prompt_tokens_details": {"cached_tokens": 6_200}}
    with mock.patch.dict(scripted_wire.ChatCompletions.usage, usage):
        turn = turn_states.edited(stage)
    server.api("POST", "/config/reset", json={"names": ["turns.context_budget"]})
    page: Any = panel.page
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area').then(() => null)")
    turn_states.run(stage, "agent:inspect-turn", turnId=turn["id"], where="main")
    root = turn_states.inspected(stage)
    expect(root.get_by_role("table", name="Tokens by part of the context")).to_be_visible()
    expect(root.get_by_text("Loading…")).to_have_count(0)
    page.mouse.move(640, 850)
    page.wait_for_timeout(500)
    path = folder / f"inspector{'-dark' if dark else ''}.png"
    page.screenshot(path=path, animations="disabled")
    print(path)
    context.close()


def first_run(browser: Browser, folder: Path, weights: Path, directory: Path) -> None:
    server = make_lab(directory)
    put_weights(server, weights)
    with server:
        panel = open_panel(browser, server)
        expect(panel.root).to_contain_text("What works")
        # Where this was taken says nothing.
        panel.root.evaluate(
            """node => {
                const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
                while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace('/tmp/', '~/');
            }"""
        )
        shoot(panel, folder / "panel-first-run.png", ".jp-agent-Transcript-content")
        panel.page.context.close()


def at_work(browser: Browser, server: JupyterServer, provider: ScriptedProvider, folder: Path, *, dark: bool) -> None:
    """An agent in an open notebook: what it changed is marked, and it asks."""
    (server.root / ROLLS).write_text(notebook(*CELLS))
    server.api("PUT", "/policy", json={"mode": "auto_edit"})
    panel = open_panel(browser, server, dark=dark)
    page: Any = panel.page
    provider.reset()
    provider.script(MODEL, mends)
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area').then(() => null)")
    work = Work(panel, ROLLS)
    work.editor(2).click()
    panel.pick_model(MODEL)
    panel.send("The mean of nothing fails. Mend it and run it.")
    expect(panel.answer.get_by_role("region", name=re.compile("^Waits for you"))).to_be_visible()
    expect(work.root.get_by_role("group", name="Changed by the agent")).to_be_visible()
    panel.answer.locator("details.jp-agent-Tool").nth(1).locator("summary").first.click()
    page.mouse.move(600, 740)
    page.wait_for_timeout(500)
    path = folder / f"chat{'-dark' if dark else ''}.png"
    page.screenshot(path=path, animations="disabled")
    print(path)
    page.context.close()
    server.api("PUT", "/policy", json={"mode": "ask"})
    for approval in server.api("GET", "/approvals?status=pending")["items"]:
        server.api("POST", f"/turns/{approval['turn_id']}/interrupt")


def main() -> None:
    from jupyter_agent.config import LocalModelSettings
    from jupyter_agent.providers import weights

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="names that begin so")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    states.MODELS.append(MODEL)
    expect.set_options(timeout=60_000)
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=["--no-sandbox"])
        found = weights.locate(LocalModelSettings(), "")
        if "panel-first-run".startswith(arguments.only):
            if found is None:
                print("no picture of the first run: the embedded model's weights are not here")
            else:
                first_run(browser, folder, found, Path(directory) / "first")
        with ScriptedProvider() as provider, make_lab(Path(directory) / "lab") as server:
            states.prepare(server, provider)
            for name, (drive, dark, part) in PANELS.items():
                if name.startswith(arguments.only):
                    panel = open_panel(browser, server, dark=dark, width=1000)
                    stage = Stage(panel, provider, server)
                    stage.reset()
                    drive(stage)
                    shoot(panel, folder / f"{name}.png", part)
                    panel.page.context.close()
            for dark in (False, True):
                if f"inspector{'-dark' if dark else ''}".startswith(arguments.only):
                    inspected(browser, server, provider, folder, dark=dark)
            for dark in (False, True):
                if f"chat{'-dark' if dark else ''}".startswith(arguments.only):
                    at_work(browser, server, provider, folder, dark=dark)


if __name__ == "__main__":
    main()
