"""From start to end without a mouse; after every key somebody has the focus, and it can be seen who."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed")

from ..scripted_provider import ScriptedProvider
from ..servers import JupyterServer
from .notebooks import cell, notebook
from .panel import Panel, expect
from .states import prepare


class Keys:
    """Presses keys, and looks after each where the focus is."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel

    def press(self, *keys: str) -> str:
        for key in keys:
            self.panel.page.keyboard.press(key)
            # What a key opens takes the focus with its first frame.
            self.panel.page.wait_for_timeout(60)
            name: str = self.panel.focused()["name"]
        return name

    def type(self, text: str) -> None:
        self.panel.page.keyboard.type(text)
        self.panel.focused()

    def tab_to(self, name: str, *, back: bool = False, most: int = 60) -> None:
        """Goes on with Tab until what has the focus is called so."""
        met = []
        for _ in range(most):
            met.append(self.press("Shift+Tab" if back else "Tab"))
            if re.fullmatch(name, met[-1]):
                return
        raise AssertionError(f"{name} was not met: {met}")


def test_from_start_to_end(lab: JupyterServer, provider: ScriptedProvider, open_panel: Any) -> None:
    prepare(lab, provider)
    (lab.root / "work.ipynb").write_text(notebook(cell("merged = left.merge(right, on='id')", "first")))
    panel: Panel = open_panel(lab, path="lab/tree/work.ipynb", shown=False)
    page = panel.page
    keys = Keys(panel)
    expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible()
    page.wait_for_timeout(1000)

    # Open it.
    expect(panel.root).to_be_hidden()
    page.keyboard.press("Control+Alt+j")
    expect(panel.input).to_be_focused()
    panel.model_button.filter(has_not_text="No model").wait_for()

    # Pick a model.
    keys.press("Control+Alt+m")
    expect(panel.root.get_by_role("combobox", name="Search models")).to_be_focused()
    keys.type("gated-40")
    panel.root.get_by_role("option", name="gated-40").first.wait_for()
    keys.press("Enter")
    expect(panel.model_button).to_contain_text("gated-40")

    # Attach the cell.
    keys.press("Control+Alt+j")
    keys.type("Why does @cell")
    expect(panel.root.get_by_role("option").first).to_be_visible()
    keys.press("Enter")
    attached = panel.root.get_by_role("list", name="What the agent gets with the message")
    expect(attached.locator(".jp-agent-Chip:not(.jp-mod-offered)")).to_have_count(1)
    keys.type("lose rows?")

    # Send and stop.
    keys.press("Enter")
    provider.release(3)
    expect(panel.answer).to_contain_text("word2")
    [request] = [one for one in provider.requests if one.asked.model == "gated-40"]
    assert "left.merge(right" in str(request.body)
    keys.press("Escape")
    expect(panel.answer).to_contain_text("You stopped it")
    keys.panel.focused()

    # Try again.
    keys.tab_to("Try again", back=True)
    keys.press("Enter")
    provider.release(40)
    expect(panel.answer).to_contain_text("word39")
    panel.wait_finished()
    keys.press("Control+Alt+j")

    # Edit and send again.
    keys.press("Control+Alt+m")
    keys.type("rich")
    panel.root.get_by_role("option", name="rich").first.wait_for()
    keys.press("Enter", "Control+Alt+j")
    keys.tab_to("Edit and send again", back=True)
    keys.press("Enter")
    expect(panel.root.get_by_role("textbox", name="Message")).to_be_focused()
    keys.press("Control+a")
    keys.type("What happens to the mean?")
    keys.press("Enter")
    expect(panel.answer.get_by_role("heading", name="The mean of many rolls")).to_be_visible()
    panel.wait_finished()
    expect(panel.questions).to_have_count(1)
    expect(panel.questions).to_contain_text("What happens to the mean?")
    panel.focused()

    # Put the code into the notebook.
    keys.press("Control+Alt+j")
    keys.tab_to("Insert below the active cell.*", back=True)
    keys.press("Enter")
    expect(page.locator(".jp-Notebook .jp-Cell", has_text="stdev(rolls)")).to_be_visible()

    # Branch.
    keys.press("Control+Alt+j")
    before = len(lab.api("GET", "/sessions?latest=true")["items"])
    keys.tab_to("Branch from here", back=True)
    keys.press("Enter")
    expect(panel.root.get_by_text("Branched from")).to_be_visible()
    expect(panel.answer.get_by_role("heading", name="The mean of many rolls")).to_be_visible()
    assert len(lab.api("GET", "/sessions?latest=true")["items"]) == before + 1

    # The list of chats, and a name.
    keys.press("Control+Alt+l")
    expect(panel.root.get_by_role("searchbox")).to_be_focused()
    panel.root.locator(".jp-agent-Sessions-open").first.wait_for()
    keys.press("ArrowDown")
    expect(panel.root.locator(".jp-agent-Sessions-open").first).to_be_focused()
    keys.press("F2")
    expect(panel.root.get_by_role("textbox", name="Title of the chat")).to_be_focused()
    keys.press("Control+a")
    keys.type("About the mean")
    keys.press("Enter")
    expect(panel.root.locator(".jp-agent-Sessions-item").first).to_contain_text("About the mean")
    keys.press("Escape")
    expect(panel.input).to_be_focused()
