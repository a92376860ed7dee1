"""What an agent asks, and how it is answered: in its card, by keyboard, elsewhere, later."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ..scripted_provider import ScriptedProvider
from ..servers import JupyterServer
from .agents import MODEL, does
from .panel import Panel

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

ASKS = re.compile("^Waits for you")


def write(path: str, text: str = "one\n") -> tuple[str, dict[str, Any]]:
    return "write_file", {"path": path, "text": text}


def asked(panel: Panel) -> Any:
    """What waits in the conversation."""
    return panel.conversation.get_by_role("region", name=ASKS)


def file(server: JupyterServer, path: str) -> str | None:
    found = server.root / path
    return found.read_text() if found.exists() else None


@pytest.fixture(scope="module")
def scripted(lab: JupyterServer, provider: ScriptedProvider) -> JupyterServer:
    """The lab with the agent whose deeds the tests write."""
    lab.use(provider, model=MODEL)
    return lab


@pytest.fixture
def panel(scripted: JupyterServer, open_panel: Any) -> Any:
    panel = open_panel(scripted)
    yield panel
    for approval in scripted.api("GET", "/approvals?status=pending")["items"]:
        scripted.client.post(f"agent/v1/turns/{approval['turn_id']}/interrupt", json={})


def test_enter_says_yes(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    """The call gets the focus by itself; everything that shows that it waits stops showing it."""
    does(provider, [write("yes.txt", "first\nsecond\n")])
    panel.send("Write it")
    form = asked(panel)
    expect(form).to_be_focused()
    expect(form).to_contain_text("second")
    expect(form).to_contain_text("+2 lines")
    expect(panel.spoken).to_have_text("It waits for you: Write yes.txt")
    status = panel.page.locator(".jp-agent-ActivityItem")
    expect(status).to_contain_text("1 waits for you")
    tab = panel.page.locator(".jp-SideBar .lm-TabBar-tab[data-id='jupyterlab-agent-chat']")
    expect(tab).to_have_attribute("title", re.compile("1 call waits for you"))
    panel.button("Chats").click()
    item = panel.root.get_by_role("region", name="Chats").get_by_role("listitem").first
    expect(item).to_contain_text("waits for you")
    panel.page.keyboard.press("Escape")
    assert file(scripted, "yes.txt") is None
    form.focus()
    # A key of the moment before is not meant for it.
    panel.page.wait_for_timeout(500)
    panel.page.keyboard.press("Enter")
    panel.wait_finished()
    assert file(scripted, "yes.txt") == "first\nsecond\n"
    expect(status).to_contain_text("Idle")
    expect(tab).to_have_attribute("title", re.compile("^Agent$"))
    expect(panel.input).to_be_focused()


def test_escape_says_no_and_stops_nothing(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    does(provider, [write("no.txt")])
    panel.send("Write it")
    expect(asked(panel)).to_be_focused()
    panel.page.keyboard.press("Escape")
    panel.wait_finished()
    assert file(scripted, "no.txt") is None
    expect(panel.answer.locator(".jp-agent-Call")).to_have_class(re.compile("jp-mod-denied"))
    expect(panel.answer).to_contain_text("Told:")
    [turn] = scripted.api("GET", f"/sessions/{session(scripted)}/turns")["items"]
    assert turn["stop_reason"] == "completed"


def session(server: JupyterServer) -> str:
    found: str = server.api("GET", "/sessions?limit=1")["items"][0]["id"]
    return found


def test_no_with_a_reason(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    does(provider, [write("why.txt")])
    panel.send("Write it")
    form = asked(panel)
    form.get_by_role("button", name="Deny because…").click()
    why = form.get_by_role("textbox", name="Why not; the agent reads it")
    expect(why).to_be_focused()
    panel.page.keyboard.press("Escape")
    expect(form).to_be_focused()
    form.get_by_role("button", name="Deny because…").click()
    why.fill("Not there: use notes/")
    panel.page.keyboard.press("Enter")
    panel.wait_finished()
    assert file(scripted, "why.txt") is None
    assert "Not there: use notes/" in " ".join(provider.last.asked.results)
    panel.answer.locator(".jp-agent-Call summary").first.click()
    expect(panel.answer.locator(".jp-agent-Call")).to_contain_text("“Not there: use notes/”")


def test_a_no_can_end_the_turn(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    does(provider, [write("end.txt")])
    panel.send("Write it")
    asked(panel).get_by_role("button", name="Deny because…").click()
    asked(panel).get_by_role("button", name="Deny and stop").click()
    expect(panel.answer).to_contain_text("It ended because a call was not allowed")
    does(provider, [("list_files", {})])
    panel.answer.get_by_role("button", name="Continue").click()
    expect(panel.questions).to_have_count(2)
    panel.wait_finished()
    assert file(scripted, "end.txt") is None


def test_what_it_does_can_be_changed_first(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    does(provider, [write("edited.txt", "theirs\n")])
    panel.send("Write it")
    form = asked(panel)
    form.get_by_role("button", name="Edit", exact=True).click()
    text = form.get_by_role("textbox", name="Edit text")
    expect(text).to_be_focused()
    panel.page.keyboard.press("Control+a")
    panel.page.keyboard.type("mine")
    panel.page.keyboard.press("Enter")
    panel.page.keyboard.type("and more")
    # What is no JSON is not sent.
    rest = form.get_by_role("textbox", name="Edit the arguments")
    rest.click()
    panel.page.keyboard.press("Control+a")
    panel.page.keyboard.type("nonsense")
    panel.page.keyboard.press("Control+Enter")
    expect(form.get_by_role("alert")).to_contain_text("This is not JSON")
    panel.page.keyboard.press("Control+a")
    panel.page.keyboard.insert_text(json.dumps({"path": "else.txt"}))
    panel.page.keyboard.press("Control+Enter")
    panel.wait_finished()
    assert file(scripted, "edited.txt") is None
    assert file(scripted, "else.txt") == "mine\nand more"
    expect(panel.answer.locator(".jp-agent-Call")).to_contain_text("Write else.txt")


def test_what_cannot_be_run_so_is_said(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    """Arguments that the tool does not take are not taken; the call still waits."""
    does(provider, [("make_directory", {"path": "here"})])
    panel.send("Make it")
    form = asked(panel)
    form.get_by_role("button", name="Edit", exact=True).click()
    expect(form.get_by_role("textbox", name="Edit the arguments")).to_be_focused()
    panel.page.keyboard.press("Control+a")
    panel.page.keyboard.insert_text('{"wrong": 1}')
    panel.page.keyboard.press("Control+Enter")
    expect(form.get_by_role("alert")).to_contain_text("Your answer was not taken")
    panel.page.keyboard.press("Escape")
    form.get_by_role("button", name=re.compile("^Accept")).click()
    panel.wait_finished()
    assert (scripted.root / "here").is_dir()


def test_several_at_once(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    does(provider, [write("1.txt"), write("2.txt"), write("3.txt")])
    panel.send("Write them")
    bar = panel.root.get_by_role("group", name="Calls that wait for you")
    expect(bar).to_contain_text("3 calls wait for you")
    expect(panel.spoken).to_have_text("3 calls wait for you")
    # One by one: after an answer the next one has the focus.
    expect(asked(panel).first).to_be_focused()
    panel.page.keyboard.press("Escape")
    expect(asked(panel)).to_have_count(2)
    expect(asked(panel).first).to_be_focused()
    bar.get_by_role("button", name="Accept all (2)").click()
    panel.wait_finished()
    assert [file(scripted, f"{number}.txt") for number in (1, 2, 3)] == [None, "one\n", "one\n"]


def test_who_writes_is_left_alone(panel: Panel, provider: ScriptedProvider) -> None:
    does(provider, [("list_files", {})], [write("writing.txt")])
    panel.send("Write it")
    panel.input.press_sequentially("And then", delay=40)
    expect(asked(panel)).to_be_visible()
    panel.input.press_sequentially(" this", delay=40)
    assert panel.input.input_value() == "And then this"
    expect(panel.input).to_be_focused()


def test_it_waits_over_a_reload(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    does(provider, [write("reload.txt")])
    panel.send("Write it")
    expect(asked(panel)).to_be_visible()
    panel.reload()
    form = asked(panel)
    expect(form).to_contain_text("reload.txt")
    expect(panel.page.locator(".jp-agent-ActivityItem")).to_contain_text("1 waits for you")
    form.get_by_role("button", name=re.compile("^Accept")).click()
    panel.wait_finished()
    assert file(scripted, "reload.txt") == "one\n"


def test_answered_in_another_tab(
    panel: Panel, scripted: JupyterServer, provider: ScriptedProvider, open_panel: Any
) -> None:
    does(provider, [write("other.txt")])
    panel.send("Write it")
    expect(asked(panel)).to_be_visible()
    other = open_panel(scripted)
    other.button("Chats").click()
    other.root.get_by_role("region", name="Chats").get_by_role("listitem").first.get_by_role("button").first.click()
    asked(other).get_by_role("button", name=re.compile("^Accept")).click()
    expect(asked(panel)).to_have_count(0)
    panel.wait_finished()
    other.wait_finished()
    assert file(scripted, "other.txt") == "one\n"
    expect(panel.page.locator(".jp-agent-ActivityItem")).to_contain_text("Idle")


def test_everything_that_waits_in_one_place(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    """The list over the status bar has the calls of all chats, answers them, and leads to their chats."""
    does(provider, [write("queue.txt")])
    panel.send("The first chat")
    expect(asked(panel)).to_be_visible()
    panel.new_chat()
    panel.send("The second chat")
    status = panel.page.locator(".jp-agent-ActivityItem button")
    expect(status).to_contain_text("2 wait for you")
    panel.page.evaluate("window.jupyterapp.commands.execute('agent:show-waiting').then(() => null)")
    queue = panel.page.get_by_role("region", name="What waits for you")
    expect(queue).to_be_focused()
    expect(queue.get_by_role("article")).to_have_count(2)
    # Escape closes it, and answers nothing.
    panel.page.keyboard.press("Escape")
    expect(queue).to_have_count(0)
    status.click()
    queue.get_by_role("button", name=re.compile("^Accept")).first.click()
    expect(queue.get_by_role("article")).to_have_count(1)
    expect(status).to_contain_text("1 waits for you")
    panel.wait_until(lambda: file(scripted, "queue.txt") == "one\n")
    queue.get_by_role("article").get_by_role("button", name="The second chat").click()
    expect(queue).to_have_count(0)
    expect(panel.questions.first).to_contain_text("The second chat")
    expect(asked(panel)).to_be_visible()


def test_always_in_this_session(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    does(provider, [write("always.txt")], [write("always.txt", "two\n")])
    panel.send("Write it")
    asked(panel).get_by_role("button", name="Always in this session").click()
    panel.wait_finished()
    assert file(scripted, "always.txt") == "two\n"
    [rule] = [rule for rule in scripted.api("GET", "/policy")["rules"] if rule["session_id"] == session(scripted)]
    assert (rule["effect"], rule["source"]) == ("allow", "approval")


def test_without_a_network_it_stays(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    does(provider, [write("offline.txt")])
    panel.send("Write it")
    form = asked(panel)
    expect(form).to_be_visible()
    panel.page.route("**/approvals/**", lambda route: route.abort())
    form.get_by_role("button", name=re.compile("^Accept")).click()
    expect(form.get_by_role("alert")).to_contain_text("the server cannot be reached")
    assert file(scripted, "offline.txt") is None
    panel.page.unroute("**/approvals/**")
    form.get_by_role("button", name=re.compile("^Accept")).click()
    panel.wait_finished()
    assert file(scripted, "offline.txt") == "one\n"


def test_what_is_hidden_is_shown(panel: Panel, provider: ScriptedProvider) -> None:
    """Characters that turn the text around, or are drawn as nothing, are written out wherever the call is."""
    does(provider, [("run_command", {"command": "echo ok \u202e fr- mr \u200b\u0007"})])
    panel.send("Run it")
    form = asked(panel)
    expect(form).to_contain_text("⟨U+202E⟩")
    card = panel.answer.locator(".jp-agent-Call")
    card.locator("summary").first.click()
    for text in (card.inner_text(), form.inner_text()):
        assert not set("\u202e\u200b\u0007") & set(text)
    expect(card.locator(".jp-agent-Fold-title")).to_contain_text("⟨U+202E⟩")
    panel.page.keyboard.press("Escape")


def test_kill_9_while_it_waits(provider: ScriptedProvider, open_panel: Any, tmp_path: Any) -> None:
    """The server is killed and comes back; the same turn goes on with the answer."""
    from .conftest import make_lab

    does(provider, [write("killed.txt")])
    with make_lab(tmp_path / "lab") as server:
        server.use(provider, model=MODEL)
        panel = open_panel(server)
        panel.send("Write it")
        expect(asked(panel)).to_be_visible()
        server.kill()
        expect(panel.root.get_by_text("Connection lost. It resumes by itself.")).to_be_visible()
        asked(panel).get_by_role("button", name=re.compile("^Accept")).click()
        expect(asked(panel).get_by_role("alert")).to_contain_text("was not sent")
        server.start()
        panel.page.add_locator_handler(
            panel.page.locator(".jp-Dialog"), lambda dialog: dialog.get_by_role("button").last.click()
        )
        expect(panel.root.get_by_text("Connection lost. It resumes by itself.")).to_be_hidden(timeout=30_000)
        asked(panel).get_by_role("button", name=re.compile("^Accept")).click()
        panel.wait_finished(60_000)
        assert file(server, "killed.txt") == "one\n"
        expect(panel.questions).to_have_count(1)


def test_from_wherever_one_is_and_back(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    """The shortcut leads to what waits, again to the next; with the answer the cursor is where it was."""
    does(provider, [write("go1.txt"), write("go2.txt")])
    panel.send("Write them")
    expect(asked(panel)).to_have_count(2)
    keyboard = panel.page.keyboard
    panel.input.click()
    keyboard.type("And  that")
    for _ in range(5):
        keyboard.press("ArrowLeft")
    keyboard.press("Control+Alt+w")
    expect(asked(panel).first).to_be_focused()
    keyboard.press("Control+Alt+w")
    expect(asked(panel).last).to_be_focused()
    # No to this one; the turn goes on.
    keyboard.press("Escape")
    expect(panel.input).to_be_focused()
    keyboard.type("then")
    assert panel.input.input_value() == "And then that"
    expect(asked(panel)).to_have_count(1)
    # From another chat, with the panel closed.
    panel.new_chat()
    keyboard.press("Control+Alt+n")
    panel.page.locator(".jp-SideBar .lm-TabBar-tab[data-id='jupyterlab-agent-chat']").click()
    expect(panel.root).to_be_hidden()
    launcher = panel.page.locator(".jp-Launcher-body [tabindex='0']").first
    launcher.focus()
    keyboard.press("Control+Alt+w")
    expect(asked(panel)).to_be_focused()
    keyboard.press("Enter")
    expect(launcher).to_be_focused()
    panel.wait_finished()
    assert [file(scripted, f"go{number}.txt") for number in (1, 2)] == ["one\n", None]
    [turn] = scripted.api("GET", f"/sessions/{session(scripted)}/turns")["items"]
    assert turn["stop_reason"] == "completed"
    # Somebody who goes elsewhere in between is not brought back.
    does(provider, [write("go3.txt")])
    launcher.focus()
    panel.send("Another")
    expect(asked(panel)).to_be_visible()
    launcher.focus()
    keyboard.press("Control+Alt+w")
    expect(asked(panel)).to_be_focused()
    panel.input.click()
    asked(panel).get_by_role("button", name=re.compile("^Accept")).click()
    panel.wait_finished()
    expect(panel.input).to_be_focused()
    assert not panel.page.evaluate("window.jupyterapp.commands.isEnabled('agent:answer-waiting')")
