"""What one does with messages: ask again, change, branch, look at what went with them; and with whole chats."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from ..scripted_provider import ScriptedProvider, png
from ..servers import JupyterServer
from .panel import Panel

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

MODELS = ["echo", "markdown", "thinking", "words-300", "gated-40"]


def asked(panel: Panel, *texts: str) -> None:
    """A chat of its own in which these were asked and echoed."""
    panel.new_chat()
    panel.pick_model("echo")
    for number, text in enumerate(texts, 1):
        panel.send(text)
        expect(panel.answers).to_have_count(number)
        panel.wait_finished()


def tool(message: Any, name: str) -> Any:
    """A button of a message, which is seen when one turns to it."""
    message.hover()
    return message.get_by_role("button", name=name, exact=True)


def latest(server: JupyterServer, q: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = server.api("GET", f"/sessions?latest=true&q={q}")["items"]
    return items


def test_a_message_is_changed_and_both_versions_stay(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    asked(panel, "The first zebra", "The second zebra")
    tool(panel.questions.first, "Edit and send again").click()
    editor = panel.root.get_by_role("group", name="Edit message")
    box = editor.get_by_role("textbox", name="Message")
    expect(box).to_be_focused()
    expect(box).to_have_value("The first zebra")
    box.press("Escape")
    expect(editor).to_be_hidden()
    expect(panel.questions.first.get_by_role("button", name="Edit and send again")).to_be_focused()
    panel.page.keyboard.press("Enter")
    box.fill("Another zebra")
    box.press("Enter")
    versions = panel.questions.first.get_by_role("group", name="Versions of this message")
    expect(versions).to_contain_text("2/2")
    expect(panel.questions).to_have_count(1)
    expect(panel.questions.last).to_contain_text("Another zebra")
    panel.wait_finished()
    assert panel.said() == "Another zebra"
    versions.get_by_role("button", name="Earlier version").click()
    expect(panel.questions).to_have_count(2)
    expect(panel.questions.first).to_contain_text("The first zebra")
    expect(versions).to_contain_text("1/2")
    expect(versions.get_by_role("button", name="Earlier version")).to_be_disabled()
    versions.get_by_role("button", name="Later version").click()
    expect(panel.questions.first).to_contain_text("Another zebra")
    [session] = latest(scripted, "zebra")
    assert session["version_count"] == 2
    panel.button("Chats").click()
    drawer = panel.root.get_by_role("region", name="Chats")
    drawer.get_by_role("searchbox").fill("zebra")
    expect(drawer.get_by_role("listitem")).to_have_count(1)


def test_a_version_stands_where_the_other_one_stood(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    asked(panel, "Before")
    panel.pick_model("words-300")
    for number, text in enumerate(("Long one", "Long two"), 2):
        panel.send(text)
        expect(panel.answers).to_have_count(number)
        panel.wait_finished()
    panel.pick_model("echo")
    tool(panel.questions.nth(1), "Edit and send again").click()
    panel.root.get_by_role("textbox", name="Message").fill("Short one")
    panel.page.keyboard.press("Enter")
    versions = panel.questions.nth(1).get_by_role("group", name="Versions of this message")
    expect(versions).to_contain_text("2/2")
    expect(panel.questions).to_have_count(2)
    panel.wait_finished()
    versions.get_by_role("button", name="Earlier version").click()
    expect(panel.questions).to_have_count(3)
    panel.wait_drawn()
    versions.scroll_into_view_if_needed()
    before = versions.bounding_box()["y"]
    versions.get_by_role("button", name="Later version").click()
    expect(panel.questions.nth(1)).to_contain_text("Short one")
    versions.get_by_role("button", name="Earlier version").click()
    expect(panel.questions).to_have_count(3)
    panel.wait_drawn()
    expect(panel.questions.nth(1)).to_be_in_viewport()
    assert abs(versions.bounding_box()["y"] - before) < 300


def test_another_model_is_asked_the_same(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    asked(panel, "Which is it?")
    expect(panel.answer).to_contain_text("echo")
    tool(panel.answer, "Ask another model").click()
    panel.page.get_by_role("menuitem", name="thinking (Scripted)", exact=True).click()
    expect(panel.answer).to_contain_text("The answer is 42.")
    panel.wait_finished()
    expect(panel.questions).to_have_count(1)
    expect(panel.questions.first).to_contain_text("Which is it?")
    expect(panel.questions.first).to_contain_text("2/2")
    expect(panel.answer.locator(".jp-agent-Thinking summary")).to_contain_text(re.compile("Thought|Thoughts"))
    numbers = panel.answer.get_by_role("button", name=re.compile("tokens"))
    numbers.hover()
    details = panel.root.get_by_role("tooltip")
    expect(details).to_contain_text("Input")
    expect(details).to_contain_text("thinking")
    expect(details).to_contain_text("Scripted")
    numbers.press("Escape")
    expect(details).to_be_hidden()


def test_a_branch_is_a_chat_of_its_own_with_the_way_back(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    asked(panel, "Okapi one", "Okapi two")
    tool(panel.answers.first, "Branch from here").click()
    expect(panel.root.get_by_text("Branched from")).to_be_visible()
    expect(panel.questions).to_have_count(1)
    panel.send("Okapi three")
    expect(panel.questions).to_have_count(2)
    panel.wait_finished()
    header = panel.root.locator(".jp-agent-Header")
    expect(header.get_by_role("button", name=re.compile("^Branch of"))).to_be_visible()
    assert len(latest(scripted, "Okapi")) == 2
    # A branch is branched and asked again like any other.
    tool(panel.questions.first, "Edit and send again").click()
    panel.root.get_by_role("textbox", name="Message").fill("Okapi four")
    panel.page.keyboard.press("Enter")
    expect(panel.questions.first).to_contain_text("2/2")
    expect(panel.questions.first).to_contain_text("Okapi four")
    panel.wait_finished()
    panel.root.locator(".jp-agent-Origin").get_by_role("button").click()
    expect(panel.root.get_by_text("Branched from")).to_be_hidden()
    expect(panel.questions.last).to_contain_text("Okapi two")


def test_what_went_with_a_message_is_looked_at_and_goes_again(scripted: JupyterServer, open_panel: Any) -> None:
    session = scripted.api("POST", "/sessions", json={"title": "With things"})
    turn = scripted.api(
        "POST",
        f"/sessions/{session['id']}/turns?wait=true",
        json={
            "message": "Look at it",
            "provider": "scripted",
            "model": "echo",
            "parts": [
                {"type": "context", "kind": "file", "name": "notes.txt", "text": "the text of the notes"},
                {
                    "type": "image",
                    "media_type": "image/png",
                    "name": "red.png",
                    "data": base64.b64encode(png((255, 0, 0), 64)).decode(),
                },
            ],
        },
    )
    assert turn["stop_reason"] == "completed"
    panel = open_panel(scripted)
    panel.button("Chats").click()
    panel.root.get_by_role("region", name="Chats").get_by_text("With things").click()
    question = panel.questions.last
    chip = question.get_by_role("button", name="notes.txt")
    chip.click()
    expect(question.get_by_text("the text of the notes")).to_be_visible()
    chip.click()
    expect(question.get_by_text("the text of the notes")).to_be_hidden()
    picture = question.get_by_role("button", name="Show red.png large")
    expect(picture.locator("img")).to_have_js_property("naturalWidth", 64)
    picture.click()
    dialog = panel.page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="red.png")).to_be_visible()
    expect(dialog.get_by_role("button", name="Close", exact=True)).to_be_focused()
    panel.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(picture).to_be_focused()
    tool(question, "Edit and send again").click()
    editor = panel.root.get_by_role("group", name="Edit message")
    editor.get_by_role("button", name="Take notes.txt away").click()
    editor.get_by_role("textbox", name="Message").fill("Look again")
    editor.get_by_role("button", name="Send").click()
    expect(panel.questions.last).to_contain_text("2/2")
    expect(panel.questions.last).to_contain_text("Look again")
    panel.wait_finished()
    expect(panel.questions.last.get_by_role("button", name="Show red.png large")).to_be_visible()
    expect(panel.questions.last.get_by_role("button", name="notes.txt")).to_have_count(0)


def test_a_chat_is_found_by_words_of_a_message_and_opened_there(scripted: JupyterServer, open_panel: Any) -> None:
    session = scripted.api("POST", "/sessions", json={"title": "A long history"})
    for number in range(130):
        text = "the needle is here" if number == 5 else f"line {number} of hay"
        role = "user" if number % 2 else "assistant"
        scripted.api("POST", f"/sessions/{session['id']}/messages", json={"role": role, "text": text})
    panel = open_panel(scripted)
    panel.button("Chats").click()
    drawer = panel.root.get_by_role("region", name="Chats")
    expect(drawer.get_by_role("heading", name="Today")).to_be_visible()
    drawer.get_by_role("searchbox").fill("needle")
    item = drawer.get_by_role("listitem")
    expect(item).to_have_count(1)
    expect(item.locator("mark")).to_have_text("needle")
    item.locator(".jp-agent-Sessions-open").click()
    expect(panel.questions.filter(has_text="the needle is here")).to_be_in_viewport()
    expect(panel.button("To the end")).to_be_visible()


def test_the_menu_of_a_chat_exports_and_branches(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    asked(panel, "About quaggas")
    panel.button("Chats").click()
    drawer = panel.root.get_by_role("region", name="Chats")
    drawer.get_by_role("searchbox").fill("quaggas")
    item = drawer.get_by_role("listitem")
    expect(item).to_have_count(1)
    item.hover()
    item.get_by_role("button", name=re.compile("^More for")).click()
    with panel.page.expect_download() as download:
        panel.page.get_by_role("menuitem", name="Export as Markdown").click()
    assert "About quaggas" in download.value.path().read_text()
    assert download.value.suggested_filename.endswith(".md")
    item.click(button="right")
    panel.page.get_by_role("menuitem", name="Branch", exact=True).click()
    expect(drawer).to_be_hidden()
    expect(panel.root.get_by_text("Branched from")).to_be_visible()
    expect(panel.questions).to_contain_text("About quaggas")


def test_what_is_deleted_is_deleted_also_when_the_page_goes_away(scripted: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(scripted)
    asked(panel, "Tapir in the mist")
    tool(panel.questions.last, "Edit and send again").click()
    panel.root.get_by_role("textbox", name="Message").fill("Tapir in the sun")
    panel.page.keyboard.press("Enter")
    expect(panel.questions.last).to_contain_text("2/2")
    panel.wait_finished()
    assert len(scripted.api("GET", "/sessions?q=tapir")["items"]) == 2
    panel.button("Chats").click()
    drawer = panel.root.get_by_role("region", name="Chats")
    drawer.get_by_role("searchbox").fill("tapir")
    expect(drawer.get_by_role("listitem")).to_have_count(1)
    panel.page.keyboard.press("ArrowDown")
    panel.page.keyboard.press("Delete")
    expect(panel.root.get_by_text("Chat deleted.")).to_be_visible()
    assert len(scripted.api("GET", "/sessions?q=tapir")["items"]) == 2
    panel.page.goto("about:blank")
    panel.wait_until(lambda: scripted.api("GET", "/sessions?q=tapir")["items"] == [])


def test_two_tabs_agree_on_the_versions(scripted: JupyterServer, open_panel: Any) -> None:
    first = open_panel(scripted)
    asked(first, "Ibex together")
    second = open_panel(scripted)
    second.button("Chats").click()
    drawer = second.root.get_by_role("region", name="Chats")
    drawer.get_by_role("searchbox").fill("ibex")
    expect(drawer.get_by_role("listitem")).to_have_count(1)
    drawer.locator(".jp-agent-Sessions-open").click()
    expect(second.questions).to_contain_text("Ibex together")
    tool(first.answer, "Try again").click()
    expect(first.questions.first).to_contain_text("2/2")
    first.wait_finished()
    versions = second.questions.first.get_by_role("group", name="Versions of this message")
    expect(versions).to_contain_text("1/2")
    versions.get_by_role("button", name="Later version").click()
    expect(versions).to_contain_text("2/2")


def test_a_long_chat_draws_what_is_near_and_nothing_twice(
    scripted: JupyterServer, provider: ScriptedProvider, open_panel: Any
) -> None:
    provider.reset()
    session = scripted.api("POST", "/sessions", json={"title": "Very long"})
    paragraph = "**Much** was said, and `code` as well.\n\n" * 80
    for number in range(60):
        role = "assistant" if number % 2 else "user"
        text = f"## Part {number}\n\n{paragraph}" if number % 2 else f"Question {number}"
        scripted.api("POST", f"/sessions/{session['id']}/messages", json={"role": role, "text": text})
    panel = open_panel(scripted)
    panel.button("Chats").click()
    panel.root.get_by_role("region", name="Chats").get_by_text("Very long").click()
    expect(panel.answers).to_have_count(30)
    panel.wait_drawn()
    drawn = panel.root.locator(".jp-agent-Markdown-block[data-renders]")
    few = drawn.count()
    assert 0 < few < panel.root.locator(".jp-agent-Markdown-block").count() / 2
    beside = panel.conversation.evaluate("node => node.scrollWidth - node.clientWidth")
    assert beside == 0
    panel.pick_model("gated-40")
    panel.send("Go on")
    provider.release(20)
    expect(panel.answer).to_contain_text("word19")
    provider.release(20)
    panel.wait_finished()
    twice = panel.root.locator(".jp-agent-Exchange:not(:last-of-type) [data-renders]:not([data-renders='1'])")
    assert twice.count() == 0
    panel.conversation.evaluate("node => { node.scrollTop = 0; }")
    expect(panel.answers.first.get_by_role("heading", name="Part 1")).to_be_visible()
    expect(panel.answers.first.locator("strong").first).to_have_text("Much")
