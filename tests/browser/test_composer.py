"""Where one writes, in a real browser: what is attached reaches the model, drafts stay, commands do what they say."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ..scripted_provider import ScriptedProvider, png
from ..servers import JupyterServer

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

MODELS = ["echo", "see", "gated-40", "remember"]

PUT_FILES = """([files, how]) => {
    const data = new DataTransfer();
    for (const [name, type, text] of files) {
        const bytes = Uint8Array.from(atob(text), char => char.charCodeAt(0));
        data.items.add(new File([bytes], name, {type}));
    }
    const box = document.querySelector('.jp-agent-Composer-input');
    const init = {bubbles: true, cancelable: true};
    if (how === 'paste') {
        box.dispatchEvent(new ClipboardEvent('paste', {...init, clipboardData: data}));
    } else {
        for (const type of ['dragenter', 'dragover', 'drop']) {
            box.dispatchEvent(new DragEvent(type, {...init, dataTransfer: data}));
        }
    }
}"""


@pytest.fixture
def panel(scripted: JupyterServer, provider: ScriptedProvider, open_panel: Any) -> Any:
    (scripted.root / "notes.md").write_text("The secret word is pelican.\n")
    (scripted.root / "numbers.csv").write_text("a,b\n1,2\n")
    provider.reset()
    return open_panel(scripted)


def menu(panel: Any) -> Any:
    return panel.root.get_by_role("listbox", name=re.compile("What can be attached|Commands"))


def chips(panel: Any) -> Any:
    return panel.root.locator(".jp-agent-Chip:not(.jp-mod-offered)")


def notice(panel: Any) -> Any:
    return panel.root.locator(".jp-agent-Notice")


def put_files(panel: Any, how: str, *files: tuple[str, str, bytes]) -> None:
    wire = [[name, kind, base64.b64encode(data).decode()] for name, kind, data in files]
    panel.page.evaluate(PUT_FILES, [wire, how])


def session_of(server: JupyterServer, title: str) -> dict[str, Any]:
    for item in server.api("GET", "/sessions")["items"]:
        session: dict[str, Any] = item
        messages = server.api("GET", f"/sessions/{session['id']}/messages")["items"]
        if messages and messages[0]["text"] == title:
            return session
    raise AssertionError(f"no session begins with {title!r}")


def test_a_file_is_attached_by_keyboard_and_the_model_reads_it(panel: Any, provider: ScriptedProvider) -> None:
    box = panel.input
    box.press_sequentially("What is in @not")
    option = menu(panel).get_by_role("option", name="notes.md")
    expect(option).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    box.press("Enter")
    expect(menu(panel)).to_have_count(0)
    expect(box).to_have_value("What is in ")
    expect(chips(panel)).to_have_text(["notes.md"])
    expect(box).to_be_focused()
    box.press_sequentially("it?")
    box.press("Enter")
    panel.wait_finished()
    expect(panel.questions.last).to_contain_text("notes.md")
    expect(chips(panel)).to_have_count(0)
    sent = json.dumps(provider.last.body, ensure_ascii=False)
    assert "What is in it?" in sent
    assert "The secret word is pelican." in sent
    assert "@not" not in sent


def test_the_menu_is_left_by_escape_and_says_when_nothing_fits(panel: Any) -> None:
    box = panel.input
    box.press_sequentially("@")
    expect(menu(panel).get_by_role("option", name="numbers.csv")).to_be_visible()
    first = box.get_attribute("aria-activedescendant")
    box.press("ArrowDown")
    expect(box).not_to_have_attribute("aria-activedescendant", first)
    box.press("Escape")
    expect(menu(panel)).to_have_count(0)
    expect(box).to_have_value("@")
    box.fill("")
    box.press_sequentially("@zzzz")
    expect(panel.root.locator(".jp-agent-Suggest")).to_contain_text("Nothing of this name")
    box.fill("")
    panel.button("Attach (@)").click()
    expect(menu(panel)).to_be_visible()
    expect(box).to_be_focused()
    box.press("Escape")
    expect(box).to_have_value("")


def test_what_is_attached_is_taken_away_by_keyboard(panel: Any) -> None:
    box = panel.input
    for name in ("notes", "numbers"):
        box.press_sequentially(f"@{name}")
        expect(menu(panel).get_by_role("option").first).to_contain_text(name)
        box.press("Enter")
    expect(chips(panel)).to_have_text(["notes.md", "numbers.csv"])
    box.press("Backspace")
    last = chips(panel).last.get_by_role("button", name="numbers.csv").first
    expect(last).to_be_focused()
    panel.page.keyboard.press("ArrowLeft")
    expect(chips(panel).first.get_by_role("button").first).to_be_focused()
    panel.page.keyboard.press("Delete")
    expect(chips(panel)).to_have_text(["numbers.csv"])
    expect(last).to_be_focused()
    panel.page.keyboard.press("Enter")  # shows it
    expect(panel.page.get_by_role("tab", name="numbers.csv")).to_be_visible()
    chips(panel).get_by_role("button", name="Take away numbers.csv").click()
    expect(chips(panel)).to_have_count(0)
    expect(box).to_be_focused()


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_a_picture_reaches_the_model_to_the_byte(panel: Any, provider: ScriptedProvider, how: str) -> None:
    panel.pick_model("see")
    picture = png((255, 0, 0), 32)
    put_files(panel, how, ("red.png", "image/png", picture))
    expect(chips(panel)).to_have_count(1)
    expect(chips(panel)).to_contain_text("red.png")
    expect(chips(panel).locator("img")).to_be_visible()
    panel.send("Which colour?")
    panel.wait_finished()
    assert panel.said() == "red"
    assert provider.last.asked.images == [picture]


def test_a_large_picture_is_made_smaller(panel: Any, provider: ScriptedProvider) -> None:
    panel.pick_model("see")
    put_files(panel, "paste", ("blue.png", "image/png", png((0, 0, 255), 3000)))
    expect(chips(panel).locator("img")).to_be_visible()
    panel.send("Which colour?")
    panel.wait_finished()
    assert panel.said() == "blue"
    [image] = provider.last.asked.images
    assert int.from_bytes(image[16:20], "big") == 2048


def test_what_is_no_picture_stops_the_message_until_it_is_taken_away(panel: Any, provider: ScriptedProvider) -> None:
    put_files(
        panel,
        "paste",
        *[(f"{name}.png", "image/png", png((0, 160, 0))) for name in "abc"],
        ("much.png", "image/png", png((0, 160, 0))),
    )
    expect(notice(panel)).to_contain_text("A message takes 3 pictures")
    expect(chips(panel)).to_have_count(3)
    chips(panel).last.get_by_role("button", name="Take away c.png").click()
    put_files(panel, "drop", ("broken.png", "image/png", b"not a picture"))
    expect(chips(panel).last).to_contain_text("no picture that can be read")
    panel.send("Look")
    expect(notice(panel)).to_contain_text("Nothing was sent")
    assert provider.requests == []
    expect(panel.input).to_have_value("Look")
    chips(panel).last.get_by_role("button", name="Take away broken.png").click()
    panel.input.press("Enter")
    panel.wait_finished()
    assert len(provider.last.asked.images) == 2
    put_files(panel, "drop", ("table.csv", "text/csv", b"a,b"))
    expect(notice(panel)).to_contain_text("Only pictures can be added here")


def test_a_file_that_is_gone_is_marked_and_nothing_is_sent(
    panel: Any, lab: JupyterServer, provider: ScriptedProvider
) -> None:
    (lab.root / "passing.txt").write_text("here today")
    panel.input.press_sequentially("@passing")
    expect(menu(panel).get_by_role("option", name="passing.txt")).to_be_visible()
    panel.input.press("Enter")
    expect(chips(panel)).to_have_text(["passing.txt"])
    (lab.root / "passing.txt").unlink()
    panel.send("Read it")
    expect(notice(panel)).to_contain_text("Nothing was sent")
    expect(chips(panel).get_by_role("alert")).not_to_be_empty()
    assert provider.requests == []
    panel.button("Take away passing.txt").click()
    panel.input.press("Enter")
    panel.wait_finished()
    assert panel.said() == "Read it"


def test_a_file_of_the_file_browser_is_dropped_on_the_chat(panel: Any) -> None:
    row = panel.page.get_by_role("listitem", name=re.compile("^Name: numbers.csv")).first
    start, end = row.bounding_box(), panel.input.bounding_box()
    mouse = panel.page.mouse
    mouse.move(start["x"] + 40, start["y"] + 8)
    mouse.down()
    mouse.move(start["x"] + 60, start["y"] + 30, steps=4)
    mouse.move(end["x"] + 20, end["y"] + 8, steps=8)
    mouse.up()
    expect(chips(panel)).to_have_text(["numbers.csv"])


def test_guidance_is_words_and_what_is_attached_waits(panel: Any, provider: ScriptedProvider) -> None:
    panel.pick_model("gated-40")
    panel.send("Write")
    expect(panel.stop).to_be_enabled()
    provider.release(2)
    panel.input.press_sequentially("@notes")
    expect(menu(panel).get_by_role("option", name="notes.md")).to_be_visible()
    panel.input.press("Escape")  # closes the menu, and stops nothing
    expect(panel.stop).to_be_visible()
    panel.input.fill("")
    panel.input.press_sequentially("@notes")
    panel.input.press("Enter")
    expect(panel.root).to_contain_text("What is attached goes with the next message")
    panel.send("Shorter")
    expect(panel.answer).to_contain_text("Shorter")
    expect(notice(panel)).to_contain_text("Guidance is text alone")
    expect(chips(panel)).to_have_text(["notes.md"])
    panel.input.press("Escape")
    panel.wait_finished()
    expect(chips(panel)).to_have_text(["notes.md"])


def test_a_draft_is_kept_by_conversation_and_over_a_reload(panel: Any) -> None:
    panel.send("The first chat")
    panel.wait_finished()
    panel.input.press_sequentially("for the first @notes")
    expect(menu(panel).get_by_role("option", name="notes.md")).to_be_visible()
    panel.input.press("Enter")
    put_files(panel, "paste", ("red.png", "image/png", png((255, 0, 0))))
    expect(chips(panel)).to_have_count(2)
    expect(chips(panel).last).not_to_have_attribute("aria-busy", "true")
    panel.button("New chat").click()
    expect(panel.input).to_have_value("")
    expect(chips(panel)).to_have_count(0)
    panel.input.fill("for a new one")
    panel.button("Chats").click()
    panel.root.get_by_role("region", name="Chats").get_by_text("The first chat").first.click()
    expect(panel.input).to_have_value("for the first ")
    expect(chips(panel)).to_have_count(2)
    panel.reload()
    expect(panel.input).to_have_value("for the first ")
    expect(chips(panel).first).to_contain_text("notes.md")
    expect(chips(panel).last.locator("img")).to_be_visible()
    panel.button("New chat").click()
    expect(panel.input).to_have_value("for a new one")


def test_what_was_written_before_is_recalled(panel: Any) -> None:
    for text in ("one", "two"):
        panel.send(text)
        panel.wait_finished()
    box = panel.input
    box.press("ArrowUp")
    expect(box).to_have_value("two")
    box.press("ArrowUp")
    expect(box).to_have_value("one")
    box.press("ArrowDown")
    expect(box).to_have_value("two")
    box.press("ArrowDown")
    expect(box).to_have_value("")


def test_commands_do_what_they_say(panel: Any, lab: JupyterServer, provider: ScriptedProvider, tmp_path: Path) -> None:
    box = panel.input
    panel.send("To be cleared")
    panel.wait_finished()
    box.press_sequentially("/exp")
    expect(menu(panel).get_by_role("option").first).to_contain_text("/export")
    box.press("Tab")
    expect(box).to_have_value("/export ")
    box.press_sequentially("md")
    with panel.page.expect_download() as download:
        box.press("Enter")
    download.value.save_as(tmp_path / "chat.md")
    assert "To be cleared" in (tmp_path / "chat.md").read_text()
    panel.send("/rename Of elephants")
    expect(panel.root.locator(".jp-agent-Header")).to_contain_text("Of elephants")
    panel.send("/model see")
    expect(panel.model_button).to_contain_text("see")
    panel.send("/model echo")
    expect(panel.model_button).to_contain_text("echo")
    session = session_of(lab, "To be cleared")
    panel.send("/clear")
    expect(notice(panel).get_by_role("button", name="Keep them")).to_be_focused()
    panel.page.keyboard.press("Escape")
    expect(notice(panel)).to_have_count(0)
    assert lab.api("GET", f"/sessions/{session['id']}")["message_count"] == 2
    panel.send("/clear")
    notice(panel).get_by_role("button", name="Delete them").click()
    expect(notice(panel)).to_contain_text("The messages are deleted.")
    expect(panel.questions).to_have_count(0)
    assert lab.api("GET", f"/sessions/{session['id']}")["message_count"] == 0
    panel.send("/new")
    expect(panel.root.locator(".jp-agent-Header")).to_contain_text("New chat")


def asked(panel: Any, *texts: str) -> None:
    """These were asked and echoed."""
    for text in texts:
        before = panel.answers.count()
        panel.send(text)
        expect(panel.answers).to_have_count(before + 1)
        panel.wait_finished()


def test_a_summary_stands_for_what_is_older(panel: Any, provider: ScriptedProvider) -> None:
    asked(panel, "The first giraffe", "The second giraffe")
    panel.send("/summarize above all the giraffes")
    expect(notice(panel)).to_contain_text("A summary stands for 2 messages in what the model reads")
    assert "above all the giraffes" in json.dumps(provider.last.body)
    expect(panel.root.get_by_role("article", name="Summary")).to_be_visible()
    expect(panel.questions).to_have_count(2)  # the chat keeps them
    panel.pick_model("remember")
    asked(panel, "The third giraffe")
    said = panel.said()
    assert "The second giraffe" in said
    assert "The third giraffe" in said
    assert "The first giraffe |" not in said


def test_commands_ask_again_stop_and_choose(panel: Any, provider: ScriptedProvider, tmp_path: Path) -> None:
    asked(panel, "Once more")
    panel.send("/retry")
    expect(panel.questions).to_contain_text("2/2")
    panel.wait_finished()
    assert [one.asked.user_texts[-1] for one in provider.requests] == ["Once more", "Once more"]
    panel.send("/export pdf")
    expect(notice(panel)).to_contain_text("There is no format pdf")
    panel.input.fill("/export json")
    with panel.page.expect_download() as download:
        panel.input.press("Enter")
    download.value.save_as(tmp_path / "chat.json")
    assert "Once more" in (tmp_path / "chat.json").read_text()
    # A name that is not one model's opens the list with what it may have meant.
    panel.send("/model gate")
    expect(panel.root.get_by_role("combobox", name="Search models")).to_have_value("gate")
    panel.root.get_by_role("option", name=re.compile("gated-40")).first.click()
    expect(panel.model_button).to_contain_text("gated-40")
    panel.send("On and on")
    provider.release(2)
    expect(panel.answer).to_contain_text("word1")
    panel.send("/stop")
    expect(panel.answer).to_contain_text("You stopped it")


def test_commands_put_a_chat_away_and_bring_it_back(panel: Any, scripted: JupyterServer) -> None:
    asked(panel, "Archived okapi")
    session = session_of(scripted, "Archived okapi")

    def status() -> str:
        found: str = scripted.api("GET", f"/sessions/{session['id']}")["status"]
        return found

    panel.send("/archive")
    expect(panel.root.get_by_text("Chat archived.")).to_be_visible()
    assert status() == "archived"
    panel.send("/archive")
    expect(panel.root.get_by_text("Chat archived.")).to_have_count(0)
    panel.wait_until(lambda: status() != "archived")
    panel.send("/delete")
    expect(panel.questions).to_have_count(0)
    panel.button("Undo").click()
    expect(panel.questions).to_contain_text("Archived okapi")
    panel.send("/delete")
    expect(panel.root.get_by_text("Chat deleted.")).to_be_visible()
    assert status() in ("active", "idle"), "until its time is over it is only hidden"


def test_a_picture_is_chosen_from_the_computer(panel: Any, provider: ScriptedProvider, tmp_path: Path) -> None:
    panel.pick_model("see")
    picture = png((0, 160, 0), 32)
    (tmp_path / "green.png").write_bytes(picture)
    panel.button("Attach (@)").click()
    with panel.page.expect_file_chooser() as chooser:
        menu(panel).get_by_role("option", name="Picture from this computer…").click()
    assert chooser.value.is_multiple()
    chooser.value.set_files(tmp_path / "green.png")
    expect(chips(panel)).to_contain_text("green.png")
    expect(panel.input).to_have_value("")
    panel.send("Which colour?")
    panel.wait_finished()
    assert panel.said() == "green"
    assert provider.last.asked.images == [picture]


def test_a_picture_that_was_not_uploaded_is_tried_again(panel: Any, provider: ScriptedProvider) -> None:
    panel.pick_model("see")
    blobs = re.compile(r"/agent/v1/blobs(\?|$)")
    error = {"error": {"code": "unavailable", "message": "The disk is full.", "details": {}}}
    panel.page.route(blobs, lambda route: route.fulfill(status=503, json=error))
    put_files(panel, "paste", ("red.png", "image/png", png((255, 0, 0), 32)))
    expect(chips(panel).get_by_role("alert")).to_contain_text("The disk is full.")
    panel.send("Which colour?")
    expect(notice(panel)).to_contain_text("Nothing was sent")
    assert provider.requests == []
    panel.page.unroute(blobs)
    chips(panel).get_by_role("button", name="Try again: red.png").click()
    expect(chips(panel).get_by_role("alert")).to_have_count(0)
    expect(chips(panel).locator("img")).to_be_visible()
    panel.input.press("Enter")
    panel.wait_finished()
    assert panel.said() == "red"


def test_an_unknown_command_is_not_sent_and_text_may_begin_with_a_slash(panel: Any, provider: ScriptedProvider) -> None:
    panel.send("/nonsense at all")
    expect(notice(panel)).to_contain_text("There is no command /nonsense")
    assert provider.requests == []
    expect(panel.input).to_have_value("/nonsense at all")
    panel.send("/clear")
    expect(notice(panel)).to_contain_text("/clear cannot be done here now")
    for written, text in (("//new is a word", "/new is a word"), ("/etc/hosts", "/etc/hosts")):
        panel.send(written)
        expect(panel.answer).to_contain_text(text)
        panel.wait_finished()
        assert panel.said() == text


def test_a_model_is_chosen_before_the_list_is_there(panel: Any) -> None:
    held: list[Any] = []
    released = False

    def hold(route: Any) -> None:
        if released:
            route.continue_()
        else:
            held.append(route)

    panel.page.route(re.compile(r"/agent/v1/(models|providers)(\?|$)"), hold)
    panel.page.reload()
    panel.input.wait_for()
    panel.model_button.click()
    panel.page.keyboard.type("see")
    panel.page.keyboard.press("Enter")
    expect(panel.root).to_contain_text("The first that fits is taken when they are here")
    released = True
    for route in held:
        route.continue_()
    expect(panel.model_button).to_contain_text("see")
    expect(panel.model_button).to_be_focused()


def test_the_provider_dialog_keeps_the_keyboard(panel: Any) -> None:
    panel.send("/key")
    dialog = panel.page.get_by_role("dialog", name="Providers and keys")
    expect(dialog.get_by_label("Key")).to_be_focused()
    for _ in range(6):
        panel.page.keyboard.press("Tab")
        assert dialog.evaluate("node => node.contains(document.activeElement)")
    panel.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
