"""How the chat sits in JupyterLab: status bar, shortcuts, menus, settings, places."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ..scripted_provider import ScriptedProvider
from ..servers import JupyterServer
from .notebooks import cell, notebook

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

MODELS = ["echo", "thinking", "gated-40", "markdown"]
PLUGIN = "jupyterlab-agent:chat"
LOADED = """() => performance.getEntriesByType('resource')
    .filter(({name}) => name.includes('/extensions/jupyterlab-agent/') && name.includes('.js'))
    .map(({name, decodedBodySize}) => [new URL(name).pathname, decodedBodySize])"""
"""The extension's files that the page has loaded, and their bytes."""

MAC = "Object.defineProperty(Navigator.prototype, 'platform', {get: () => 'MacIntel'})"


@pytest.fixture(autouse=True)
def _as_new(scripted: JupyterServer, provider: ScriptedProvider) -> None:
    """A notebook, and no settings of an earlier test, and none of its turns."""
    (scripted.root / "rolls.ipynb").write_text(notebook(cell("rolls = [1, 2, 3]", "first")))
    provider.reset()
    put_settings(scripted, {})


def put_settings(server: JupyterServer, settings: dict[str, Any]) -> None:
    server.client.put(f"lab/api/settings/{PLUGIN}", json={"raw": json.dumps(settings)}).raise_for_status()


def status(panel: Any) -> Any:
    return panel.page.locator(".jp-agent-ActivityItem button")


def edit_first_cell(panel: Any) -> Any:
    """Puts the cursor into the notebook's first cell."""
    editor = panel.page.locator(".jp-Notebook .cm-content").first
    editor.click()
    expect(editor).to_be_focused()
    return editor


def area(panel: Any) -> str:
    """Where the panel is; empty where it is nowhere."""
    found: str = panel.page.evaluate(
        """() => ['left', 'right', 'main'].filter(area =>
            [...window.jupyterapp.shell.widgets(area)].some(one => one.id === 'jupyterlab-agent-chat')).join()"""
    )
    return found


def bindings(panel: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = panel.page.evaluate(
        "window.jupyterapp.commands.keyBindings.map(({command, keys, selector}) => ({command, keys, selector}))"
    )
    return found


def test_the_status_bar_says_what_the_agent_does(
    scripted: JupyterServer, provider: ScriptedProvider, open_page: Any
) -> None:
    """Without the panel ever opened, for a turn that somebody else started."""
    panel = open_page(scripted, query="&reset")
    expect(status(panel)).to_have_text("Agent | Idle")
    expect(status(panel)).to_have_attribute("aria-label", "The agent is idle. Open the chat.")
    session = scripted.api("POST", "/sessions", json={"title": "Elsewhere"})
    turns = [scripted.api("POST", f"/sessions/{session['id']}/turns", json={"message": "Go", "model": "gated-40"})]
    expect(status(panel)).to_have_text("Agent | Answering")
    other = scripted.api("POST", "/sessions", json={"title": "Another"})
    turns.append(scripted.api("POST", f"/sessions/{other['id']}/turns", json={"message": "Go", "model": "gated-40"}))
    expect(status(panel)).to_have_text("Agent | 2 answers run")
    for turn in turns:
        scripted.api("POST", f"/turns/{turn['id']}/interrupt")
    expect(status(panel)).to_have_text("Agent | Idle")
    status(panel).focus()
    panel.page.keyboard.press("Enter")
    expect(panel.input).to_be_focused()
    scripted.kill()
    expect(status(panel)).to_have_text("Agent | No connection")
    scripted.start()
    expect(status(panel)).to_have_text("Agent | Idle")


def test_what_a_page_loads_at_start_is_small(scripted: JupyterServer, open_page: Any) -> None:
    panel = open_page(scripted, query="&reset")
    expect(status(panel)).to_have_text("Agent | Idle")
    loaded = panel.page.evaluate(LOADED)
    assert sum(size for _, size in loaded) < 400_000, loaded  # as it is built for development, too
    # React's part, markdown, the conversation: what only the open panel needs.
    status(panel).click()
    expect(panel.input).to_be_focused()
    later = [size for name, size in panel.page.evaluate(LOADED) if name not in dict(loaded)]
    assert sum(later) > 50_000, "what the open panel needs was loaded before"


def test_shortcuts_work_from_a_cell(scripted: JupyterServer, provider: ScriptedProvider, open_page: Any) -> None:
    panel = open_page(scripted, "lab/tree/rolls.ipynb", "&reset")
    keyboard = panel.page.keyboard
    editor = edit_first_cell(panel)
    keyboard.press("Control+Alt+j")
    expect(panel.input).to_be_focused()
    panel.wait_ready()
    panel.pick_model("gated-40")
    panel.input.fill("Count")
    edit_first_cell(panel)
    keyboard.press("Control+Alt+Enter")
    expect(panel.questions).to_have_text(re.compile("Count"))
    provider.release(2)
    expect(panel.answer).to_contain_text("word1")
    edit_first_cell(panel)
    keyboard.press("Control+Alt+.")
    panel.wait_finished()
    expect(panel.root).to_contain_text("You stopped it")
    edit_first_cell(panel)
    keyboard.press("Control+Alt+l")
    expect(panel.root.get_by_role("searchbox")).to_be_focused()
    edit_first_cell(panel)
    keyboard.press("Control+Alt+m")
    expect(panel.root.get_by_role("combobox", name="Search models")).to_be_focused()
    keyboard.press("Escape")
    edit_first_cell(panel)
    keyboard.press("Control+Alt+n")
    expect(panel.questions).to_have_count(0)
    expect(panel.input).to_be_focused()
    expect(editor).to_have_text("rolls = [1, 2, 3]")


@pytest.mark.parametrize("mac", [False, True], ids=["linux", "mac"])
def test_no_shortcut_is_taken_from_somebody_else(scripted: JupyterServer, open_page: Any, mac: bool) -> None:
    panel = open_page(scripted, "lab/tree/rolls.ipynb", "&reset", init_script=MAC if mac else "")
    found = bindings(panel)
    ours = {(tuple(one["keys"]), one["selector"]) for one in found if one["command"].startswith("agent:")}
    # What has a selector of its own belongs to the panel or to a notebook's cell.
    everywhere = {keys for keys, selector in ours if selector == "body"}
    modifiers = "Ctrl Cmd" if mac else "Ctrl Alt"
    assert {f"{modifiers} {key}" for key in ("J", "N", "L", "M", "W", ".", "Enter")} == {keys[0] for keys in everywhere}
    theirs = {tuple(one["keys"]): one["command"] for one in found if not one["command"].startswith("agent:")}
    assert {keys: theirs[keys] for keys in everywhere if keys in theirs} == {}


def test_every_command_says_what_it_takes(scripted: JupyterServer, open_page: Any) -> None:
    panel = open_page(scripted, query="&reset")
    described = panel.page.evaluate(
        """async () => {
            const {commands} = window.jupyterapp;
            const ids = commands.listCommands().filter(id => id.startsWith('agent:'));
            return Promise.all(ids.map(async id => [id, commands.label(id), (await commands.describedBy(id)).args]));
        }"""
    )
    assert len(described) >= 13
    for command, label, args in described:
        assert label, command
        assert args is not None, f"{command} does not say what it takes"
        assert args["type"] == "object", command


def test_launcher_view_menu_and_palette_open_the_chat(scripted: JupyterServer, open_page: Any) -> None:
    panel = open_page(scripted, query="&reset")
    page = panel.page
    card = page.locator(".jp-Launcher-section").filter(has_text="Other").get_by_role("button", name="Agent Chat")
    expect(card).to_contain_text("Agent Chat")
    card.click()
    expect(panel.input).to_be_focused()
    for opener in ("menu", "palette"):
        page.evaluate("window.jupyterapp.shell.collapseRight()")
        expect(panel.root).to_be_hidden()
        if opener == "menu":
            page.locator(".lm-MenuBar-item").filter(has_text="View").click()
            page.locator(".lm-Menu-item[data-command='agent:open-chat']").click()
        else:
            page.keyboard.press("Control+Shift+c")
            page.locator(".lm-CommandPalette-input").fill("open agent chat")
            page.locator(".lm-CommandPalette-item[data-command='agent:open-chat']").click()
        expect(panel.input).to_be_focused()


def test_settings_are_set_in_the_editor_and_act_at_once(scripted: JupyterServer, open_page: Any) -> None:
    panel = open_page(scripted, query="&reset&agent-panel=open")
    panel.wait_ready()
    page = panel.page
    page.evaluate("window.jupyterapp.commands.execute('settingeditor:open', {query: 'Agent'}).then(() => null)")
    form = page.locator(".jp-SettingsForm").filter(has_text="Where the chat is")
    where = form.locator("select").filter(has_text="Left side bar")
    assert area(panel) == "right"
    where.select_option(label="Left side bar")
    expect(panel.root).to_be_visible()
    page.wait_for_function("() => document.querySelector('#jp-left-stack .jp-agent-Panel')")
    where.select_option(label="Tab in the main area")
    page.wait_for_function("() => document.querySelector('#jp-main-dock-panel .jp-agent-Panel')")
    assert area(panel) == "main"
    page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab").filter(has_text="Settings").click()
    where.select_option(label="Right side bar")
    page.wait_for_function("() => document.querySelector('#jp-right-stack .jp-agent-Panel')")
    expect(panel.root).to_be_visible()

    form.locator("select").filter(has_text="Enter").select_option(label="Ctrl+Enter (⌘ Enter on macOS)")
    panel.input.fill("one")
    page.wait_for_timeout(1500)  # the settings editor waits before it saves
    panel.input.press("Enter")
    panel.input.type("two")
    panel.input.press("Control+Enter")
    expect(panel.questions.last.locator(".jp-agent-userText")).to_have_text("one\ntwo")
    panel.wait_finished()


def test_the_current_notebook_is_attached_to_a_new_chat(scripted: JupyterServer, open_page: Any) -> None:
    panel = open_page(scripted, "lab/tree/rolls.ipynb", "&reset&agent-panel=open")
    panel.wait_ready()
    chip = panel.root.locator(".jp-agent-Chip").filter(has_text="rolls.ipynb")
    expect(chip.get_by_role("button", name=re.compile("^Remove"))).to_have_count(0)
    put_settings(scripted, {"attachCurrentNotebook": True})
    panel.page.evaluate("window.jupyterapp.serviceManager.settings.fetch('jupyterlab-agent:chat').then(() => null)")
    panel.reload()
    expect(chip).to_have_count(1)


def test_thinking_unfolds_when_that_is_set(scripted: JupyterServer, open_page: Any) -> None:
    panel = open_page(scripted, query="&reset&agent-panel=open")
    panel.wait_ready()
    panel.pick_model("thinking")
    panel.send("Why?")
    panel.wait_finished()
    thinking = panel.answer.locator("details.jp-agent-Thinking")
    expect(thinking).not_to_have_attribute("open", "")
    panel.page.evaluate("window.jupyterapp.commands.execute('settingeditor:open', {query: 'Agent'}).then(() => null)")
    panel.page.get_by_label("Show thinking").check()
    expect(thinking).to_have_attribute("open", "")


@pytest.mark.parametrize("announced", [True, False])
def test_screen_readers_are_told_as_much_as_is_set(
    scripted: JupyterServer, provider: ScriptedProvider, open_page: Any, announced: bool
) -> None:
    put_settings(scripted, {"announceProgress": announced})
    panel = open_page(scripted, query="&reset&agent-panel=open")
    panel.wait_ready()
    panel.pick_model("gated-40")
    panel.send("Count")
    provider.release(2)
    expect(panel.answer).to_contain_text("word1")
    expect(panel.spoken).to_have_text("The agent is answering." if announced else "")
    provider.release(38)
    expect(panel.spoken).to_have_text("The answer is complete.")


def test_as_a_tab_it_is_wide_and_its_text_is_not(scripted: JupyterServer, open_page: Any, tmp_path: Path) -> None:
    put_settings(scripted, {"area": "main"})
    panel = open_page(scripted, query="&reset&agent-panel=open")
    panel.wait_ready()
    panel.page.set_viewport_size({"width": 1900, "height": 900})
    panel.pick_model("markdown")
    panel.send("How?")
    panel.wait_finished()
    outer = panel.root.bounding_box()
    assert outer["width"] > 1300
    for part in (panel.answer, panel.root.locator(".jp-agent-Composer-box")):
        box = part.bounding_box()
        assert box["width"] < 950
        # As much room on the left as on the right, but for the scroll bar's.
        left, right = box["x"] - outer["x"], outer["x"] + outer["width"] - box["x"] - box["width"]
        assert abs(left - right) < 24, (left, right)
    tab = panel.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab").filter(has_text="Agent")
    panel.page.wait_for_timeout(1500)  # the layout is saved a while after it has changed
    panel.page.goto(f"{scripted.url}lab?token={scripted.token}")
    expect(tab).to_be_visible()
    expect(panel.answer.get_by_role("heading", name="A mean of rolls")).to_be_visible()
    tab.locator(".lm-TabBar-tabCloseIcon").click()
    expect(panel.root).to_be_hidden()
    assert area(panel) == ""
    status(panel).click()
    expect(panel.input).to_be_focused()
    expect(panel.answer.get_by_role("heading", name="A mean of rolls")).to_be_visible()


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_open_side_bar_is_open_after_a_reload(scripted: JupyterServer, open_page: Any, side: str) -> None:
    put_settings(scripted, {"area": side})
    panel = open_page(scripted, query="&reset")
    expect(panel.root).to_be_hidden()
    panel.page.keyboard.press("Control+Alt+j")
    expect(panel.input).to_be_focused()
    panel.page.wait_for_timeout(1500)  # the layout is saved a while after it has changed
    panel.page.goto(f"{scripted.url}lab?token={scripted.token}")
    expect(panel.root).to_be_visible()
    panel.wait_ready()
    assert area(panel) == side
    # A setting that was changed meanwhile counts more than the layout.
    put_settings(scripted, {"area": "main"})
    panel.page.reload()
    panel.wait_ready()
    panel.wait_until(lambda: area(panel) == "main")


def test_it_opens_at_start_where_that_is_set(scripted: JupyterServer, open_page: Any) -> None:
    put_settings(scripted, {"openAtStart": True})
    panel = open_page(scripted, query="&reset")
    # JupyterLab's launcher comes later and takes the cursor.
    panel.page.locator(".jp-Launcher").wait_for()
    panel.page.wait_for_timeout(1000)
    expect(panel.input).to_be_focused()
