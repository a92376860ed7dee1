"""The main job, in a real browser: ask, read, stop, guide, choose, find again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ..scripted_provider import KEY, ScriptedProvider, words
from ..servers import JupyterServer

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

MODELS = [
    "echo",
    "markdown",
    "thinking",
    "tool",
    "unauthorized",
    "rate-limited",
    "words-2000",
    "slow-40x50",
    "gated-40",
]


def sessions(server: JupyterServer) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = server.api("GET", "/sessions")["items"]
    return items


def test_an_answer_streams_and_is_kept(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    panel.send("Say this back")
    expect(panel.questions.last).to_contain_text("Say this back")
    panel.wait_finished()
    assert panel.said() == "Say this back"
    expect(panel.answer).to_contain_text("echo")
    expect(panel.answer).to_contain_text("tokens")
    expect(panel.spoken).to_have_text("The answer is complete.")
    [session] = [item for item in sessions(scripted) if item["message_count"] == 2]
    assert session["channel"] == "lab"
    messages = scripted.api("GET", f"/sessions/{session['id']}/messages")["items"]
    assert [message["text"] for message in messages] == ["Say this back", "Say this back"]


def test_markdown_is_drawn_as_in_a_notebook(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    panel.pick_model("markdown")
    panel.send("How?")
    panel.wait_finished()
    expect(panel.answer.get_by_role("heading", name="A mean of rolls")).to_be_visible()
    expect(panel.answer.locator("mjx-container")).to_be_visible()
    expect(panel.answer.get_by_role("cell", name="0.054")).to_be_visible()
    code = panel.answer.locator(".jp-agent-Code")
    expect(code).to_contain_text("rolls = [random.randint(1, 6)")
    code.get_by_role("button", name="Copy code").click()
    panel.wait_copied("import random\n\nrolls")
    panel.answer.hover()
    panel.answer.get_by_role("button", name="Copy answer").click()
    panel.wait_copied("## A mean of rolls\n\nRoll **many**")


def test_what_is_finished_is_drawn_once(scripted: JupyterServer, open_panel: Any) -> None:
    """While the rest of an answer streams, its first paragraph's nodes stay the very same."""
    panel = open_panel(scripted)
    panel.pick_model("markdown")
    panel.send("How?")
    heading = panel.answer.get_by_role("heading", name="A mean of rolls")
    panel.answer.locator(".jp-agent-Code").wait_for()
    # Marks the node, and counts what is added to its block from now on.
    heading.evaluate(
        """node => {
            node.dataset.marked = 'yes';
            window.redrawn = 0;
            new MutationObserver(changes => { window.redrawn += changes.length; })
                .observe(node.closest('.jp-agent-Markdown-block'), {childList: true, subtree: true});
        }"""
    )
    panel.wait_finished()
    expect(panel.answer.locator("table")).to_be_visible()
    assert heading.get_attribute("data-marked") == "yes"
    assert panel.page.evaluate("window.redrawn") == 0


def test_thinking_and_tools_are_folded_to_a_line(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    panel.pick_model("thinking")
    panel.send("What is it?")
    panel.wait_finished()
    assert panel.said().endswith("The answer is 42.")
    thoughts = panel.answer.get_by_text("First I weigh it.")
    expect(thoughts).to_be_hidden()
    panel.answer.locator(".jp-agent-Thinking summary").click()
    expect(thoughts).to_be_visible()
    panel.button("New chat").click()
    panel.pick_model("tool")
    panel.send('update_tasks {"items": [{"id": "a", "title": "Look at the data", "status": "in_progress"}]}')
    panel.wait_finished()
    tool = panel.answer.locator(".jp-agent-Tool")
    expect(tool.locator("summary")).to_contain_text("Update the to-do list")
    expect(tool.get_by_text("Look at the data").first).to_be_hidden()
    tool.locator("summary").click()
    expect(tool.get_by_text("Look at the data").first).to_be_visible()


def test_escape_stops_and_what_was_said_stays(
    scripted: JupyterServer, provider: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(scripted)
    panel.pick_model("gated-40")
    panel.send("Go on")
    provider.release(5)
    expect(panel.answer).to_contain_text("word4")
    panel.input.press("Escape")
    expect(panel.answer).to_contain_text("You stopped it")
    expect(panel.stop).to_be_hidden()
    assert panel.said() == words(5).strip()
    expect(panel.spoken).to_have_text("You stopped it")


def test_what_is_typed_meanwhile_is_guidance(
    scripted: JupyterServer, provider: ScriptedProvider, open_panel: Any
) -> None:
    provider.reset()
    panel = open_panel(scripted)
    panel.pick_model("gated-40")
    panel.send("Go on")
    provider.release(2)
    expect(panel.answer).to_contain_text("word1")
    expect(panel.input).to_have_attribute("placeholder", "Guide it while it works")
    panel.send("Be brief")
    expect(panel.answer).to_contain_text("Guidance: read before the next step")
    expect(panel.answer).to_contain_text("Be brief")
    expect(panel.questions).to_have_count(1)
    provider.release(100)
    panel.wait_finished()
    [turns] = [
        scripted.api("GET", f"/sessions/{item['id']}/turns")["items"]
        for item in sessions(scripted)
        if item["preview"] and item["id"] == sessions(scripted)[0]["id"]
    ]
    assert len(turns) == 1


def test_reading_is_not_disturbed_by_new_text(
    scripted: JupyterServer, provider: ScriptedProvider, open_panel: Any
) -> None:
    provider.reset()
    panel = open_panel(scripted)
    panel.pick_model("words-2000")
    panel.send("Much")
    panel.wait_finished()
    panel.pick_model("gated-40")
    panel.send("More")
    provider.release(3)
    expect(panel.answer).to_contain_text("word2")
    at_end = "node => node.scrollHeight - node.clientHeight - node.scrollTop < 40"
    panel.wait_until(lambda: panel.conversation.evaluate(at_end))
    panel.conversation.hover()
    panel.page.mouse.wheel(0, -600)
    more = panel.button("New text below")
    expect(more).to_be_visible()
    before = panel.conversation.evaluate("node => node.scrollTop")
    provider.release(37)
    panel.wait_finished()
    assert panel.conversation.evaluate("node => node.scrollTop") == before
    panel.button("To the end").click()
    expect(panel.answer.get_by_text("word39")).to_be_in_viewport()
    panel.wait_until(lambda: panel.conversation.evaluate(at_end))


def test_an_error_says_what_to_do(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    panel.pick_model("unauthorized")
    panel.send("Hello")
    expect(panel.answer).to_contain_text("The provider refused the key")
    assert KEY not in panel.page.content()
    panel.answer.get_by_role("button", name="Set the key").click()
    expect(panel.page.get_by_role("dialog", name="Providers and keys")).to_be_visible()
    panel.page.keyboard.press("Escape")
    panel.pick_model("echo")
    panel.answer.locator(".jp-agent-Outcome").get_by_role("button", name="Try again").click()
    expect(panel.answers.last).to_contain_text("Hello")
    panel.wait_finished()
    assert panel.said() == "Hello"


def test_a_provider_is_set_up_and_its_key_stays_on_the_server(
    lab: JupyterServer, provider: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(lab)
    panel.model_button.click()
    panel.button("Providers and keys…").click()
    dialog = panel.page.get_by_role("dialog", name="Providers and keys")
    dialog.get_by_label("Provider").select_option(label="Another server that speaks the OpenAI format…")
    dialog.get_by_label("Name").fill("My models")
    dialog.get_by_label("Address").fill(provider.openai_url)
    dialog.get_by_label("Key").fill("sk-wrong-key-000")
    dialog.get_by_label("Key").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("It does not work")
    dialog.get_by_label("Key").fill(KEY)
    dialog.get_by_role("button", name="Check and save").click()
    expect(dialog).to_be_hidden()
    [made] = [item for item in lab.api("GET", "/providers")["items"] if item["name"] == "My models"]
    assert made["key_source"] == "stored"
    kept = panel.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}]) + document.body.innerHTML")
    assert KEY not in kept
    lab.api("DELETE", f"/providers/{made['id']}")


def test_sessions_are_found_renamed_archived_and_deleted(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    panel.pick_model("echo")
    for text in ("About elephants", "About giraffes"):
        panel.button("New chat").click()
        panel.send(text)
        panel.wait_finished()
    panel.button("Chats").click()
    drawer = panel.root.get_by_role("region", name="Chats")
    drawer.get_by_role("searchbox").fill("elephants")
    expect(drawer.get_by_role("listitem")).to_have_count(1)
    drawer.get_by_role("listitem").hover()
    drawer.get_by_role("button", name=re.compile("^Rename")).click()
    drawer.get_by_role("textbox", name="Title of the chat").fill("Big elephants")
    panel.page.keyboard.press("Enter")
    expect(drawer.get_by_role("listitem")).to_contain_text("Big elephants")
    drawer.locator(".jp-agent-Sessions-open").click()
    expect(drawer).to_be_hidden()
    expect(panel.questions).to_have_text(re.compile("About elephants"))
    panel.button("Chats").click()
    item = drawer.get_by_role("listitem").filter(has_text="Big elephants")
    item.hover()
    item.get_by_role("button", name=re.compile("^Delete")).click()
    expect(item).to_be_hidden()
    panel.button("Undo").click()
    expect(item).to_be_visible()
    item.hover()
    item.get_by_role("button", name=re.compile("^Archive")).click()
    expect(item).to_be_hidden()
    drawer.get_by_role("checkbox", name="Archived").check()
    expect(item).to_be_visible()
    item.hover()
    item.get_by_role("button", name=re.compile("^Delete")).click()
    expect(item).to_be_hidden()
    expect(panel.root.get_by_text("Chat deleted.")).to_be_hidden(timeout=15_000)

    def titles() -> list[str]:
        return [entry["title"] for entry in scripted.api("GET", "/sessions?status=archived,active,idle")["items"]]

    panel.wait_until(lambda: "Big elephants" not in titles())


def test_two_tabs_show_the_same_stream(scripted: JupyterServer, provider: ScriptedProvider, open_panel: Any) -> None:
    provider.reset()
    first = open_panel(scripted)
    first.pick_model("echo")
    first.send("Shared")
    first.wait_finished()
    second = open_panel(scripted)
    second.button("Chats").click()
    second.root.get_by_role("region", name="Chats").locator(".jp-agent-Sessions-open").first.click()
    expect(second.questions).to_contain_text("Shared")
    first.pick_model("gated-40")
    first.send("Both")
    provider.release(3)
    for panel in (first, second):
        expect(panel.answer).to_contain_text("word2")
    provider.release(37)
    for panel in (first, second):
        panel.wait_finished()
        assert panel.said() == words(40).strip()
        expect(panel.questions).to_have_count(2)


def test_everything_is_reached_by_keyboard(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    page = panel.page
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Control+Alt+j")
    expect(panel.input).to_be_focused()
    page.keyboard.press("Control+Alt+m")
    expect(panel.root.get_by_role("combobox", name="Search models")).to_be_focused()
    page.keyboard.type("echo")
    panel.root.get_by_role("option", name="echo").first.wait_for()
    page.keyboard.press("Enter")
    expect(panel.model_button).to_be_focused()
    page.keyboard.press("Control+Alt+j")
    expect(panel.input).to_be_focused()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    panel.wait_finished()
    expect(panel.questions.last.locator(".jp-agent-userText")).to_have_text("one\ntwo")
    page.keyboard.press("Control+Alt+l")
    expect(panel.root.get_by_role("searchbox")).to_be_focused()
    panel.root.locator(".jp-agent-Sessions-open").first.wait_for()
    page.keyboard.press("ArrowDown")
    expect(panel.root.locator(".jp-agent-Sessions-open").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel.input).to_be_focused()
    page.keyboard.press("Control+Alt+n")
    expect(panel.questions).to_have_count(0)
    expect(panel.input).to_be_focused()


def test_the_palette_has_the_commands(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    ids = panel.page.evaluate("window.jupyterapp.commands.listCommands().filter(id => id.startsWith('agent:'))")
    assert {"agent:open-chat", "agent:new-chat", "agent:stop", "agent:focus-input"} <= set(ids)
    panel.page.keyboard.press("Control+Shift+c")
    panel.page.locator(".lm-CommandPalette-input").fill("agent chat")
    panel.page.locator(".lm-CommandPalette-item[data-command='agent:new-chat']").wait_for()
