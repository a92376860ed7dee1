"""What an agent does, as the panel shows it: cards of calls, changes and the way back, modes, the to-do list."""

from __future__ import annotations

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

BEFORE = "".join(f"line {number}\n" for number in range(1, 41))
AFTER = BEFORE.replace("line 20\n", "line twenty\n")
MODE = re.compile("^What the agent may do")


@pytest.fixture(scope="module")
def scripted(lab: JupyterServer, provider: ScriptedProvider) -> JupyterServer:
    """The lab with the agent whose deeds the tests write."""
    lab.use(provider, model=MODEL)
    return lab


@pytest.fixture
def panel(scripted: JupyterServer, open_panel: Any) -> Panel:
    opened: Panel = open_panel(scripted)
    return opened


def set_mode(panel: Panel, mode: str, name: str) -> None:
    panel.send(f"/mode {mode}")
    expect(panel.root.get_by_role("button", name=MODE)).to_have_attribute("aria-label", re.compile(f": {name}$"))


def cards(panel: Panel) -> Any:
    return panel.answer.locator(".jp-agent-Call")


def unfold(panel: Panel, at: int) -> Any:
    card = cards(panel).nth(at)
    card.locator("summary").first.click()
    return card


def test_cards_say_what_was_done(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    """One line each, the rest when it is unfolded; read from the history they are the same."""
    (scripted.root / "some").mkdir(exist_ok=True)
    (scripted.root / "some" / "notes.txt").write_text(BEFORE)
    does(
        provider,
        [
            ("read_file", {"path": "some/notes.txt", "start": 3, "end": 4}),
            ("find_files", {"pattern": "*.nothing"}),
            ("read_file", {"path": "some/not-there.txt"}),
        ],
    )
    panel.send("Look")
    panel.wait_finished()
    expect(cards(panel)).to_have_count(3)
    lines = [" ".join(line.split()) for line in cards(panel).locator("summary").all_inner_texts()]
    assert re.fullmatch(r"Read lines 3.4 of notes\.txt( \d+\.\d s)?", lines[0]), lines
    assert lines[2] == "Read not-there.txt failed"
    assert "0.0 s" not in " ".join(lines)
    card = unfold(panel, 0)
    expect(card).to_contain_text("line 3")
    expect(card.locator("pre").first).to_contain_text('"start": 3')
    expect(unfold(panel, 2)).to_contain_text("What the agent was told")
    told = [cards(panel).nth(at).inner_text() for at in (0, 2)]
    panel.reload()
    expect(cards(panel)).to_have_count(3)
    # What is in them is drawn a moment after they open.
    expect(unfold(panel, 0)).to_contain_text("line 3")
    expect(unfold(panel, 2)).to_contain_text("What the agent was told")
    assert [cards(panel).nth(at).inner_text() for at in (0, 2)] == told


def test_a_command_is_seen_while_it_runs(panel: Panel, provider: ScriptedProvider) -> None:
    set_mode(panel, "auto", "Auto")
    does(
        provider,
        [
            ("run_command", {"command": "echo begun; sleep 4; echo over; exit 3"}),
            ("run_command", {"command": "sudo true"}),
        ],
    )
    panel.send("Run it")
    live = cards(panel).first.locator(".jp-agent-Tool-live")
    expect(live).to_contain_text("begun")
    panel.wait_finished()
    expect(live).to_have_count(0)
    expect(unfold(panel, 0)).to_contain_text("Exit code 3")
    expect(unfold(panel, 1)).to_contain_text("sudo is not allowed here")


def test_a_long_result_can_be_had_whole(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    whole = "".join(f"{number:06d} some words of a long file\n" for number in range(3_000))
    (scripted.root / "long.txt").write_text(whole)
    set_mode(panel, "auto", "Auto")
    does(provider, [("run_command", {"command": "cat long.txt"})])
    panel.send("Read it")
    panel.wait_finished()
    card = unfold(panel, 0)
    with panel.page.expect_download() as download:
        card.get_by_role("button", name="Download the whole result").click()
    assert "002999 some words" in download.value.path().read_text()


def test_a_picture_is_shown(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    from .notebooks import cell, notebook

    (scripted.root / "plot.ipynb").write_text(notebook(cell("1", "one")))
    code = (
        "import base64\nfrom IPython.display import Image, display\n"
        "display(Image(base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
        "AAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), format='png'))"
    )
    set_mode(panel, "auto", "Auto")
    does(provider, [("run_code", {"code": code, "path": "plot.ipynb"})])
    panel.send("Plot it")
    panel.wait_finished(90_000)
    picture = unfold(panel, 0).get_by_role("button", name="Show the picture large")
    expect(picture).to_be_visible()
    assert picture.locator("img").evaluate("image => image.naturalWidth") > 0


def test_changes_are_taken_back_one_by_one_or_all(
    panel: Panel, scripted: JupyterServer, provider: ScriptedProvider
) -> None:
    """Without being asked: the difference with its unchanged lines folded, accept, reject, undo, redo, a conflict."""
    one, two = scripted.root / "one.txt", scripted.root / "two.txt"
    one.write_text(BEFORE)
    two.write_text(BEFORE)
    edit = {"old": "line 20\n", "new": "line twenty\n"}
    set_mode(panel, "auto-edit", "Auto edit")
    does(provider, [("edit_file", {"path": "one.txt", **edit}), ("edit_file", {"path": "two.txt", **edit})])
    panel.send("Edit both")
    panel.wait_finished()
    assert one.read_text() == two.read_text() == AFTER
    turn = panel.answer.get_by_role("group", name="What this turn changed")
    expect(turn).to_contain_text("Changed 2 files")
    card = unfold(panel, 0)
    difference = card.get_by_role("textbox", name=re.compile("changes$"))
    expect(difference).to_contain_text("line twenty")
    expect(difference).not_to_contain_text("line 35")
    # The folded lines are a button for the keyboard, too.
    fold = card.locator(".cm-collapsedLines").last
    fold.focus()
    panel.page.keyboard.press("Enter")
    expect(difference).to_contain_text("line 35")
    card.get_by_role("button", name="Reject the change: one.txt").click()
    expect(card).to_contain_text("undone")
    assert (one.read_text(), two.read_text()) == (BEFORE, AFTER)
    expect(turn).to_contain_text("1 of 2 changes undone")
    other = unfold(panel, 1)
    other.get_by_role("button", name="Accept the change: two.txt").click()
    expect(other).to_contain_text("accepted")
    turn.get_by_role("button", name="Redo").click()
    expect(turn).not_to_contain_text("undone")
    assert one.read_text() == AFTER
    # Somebody else writes: then nothing is undone, and it says what stands in the way.
    two.write_text("mine\n")
    turn.get_by_role("button", name="Undo this turn").click()
    expect(turn.get_by_role("alert")).to_contain_text("two.txt")
    assert (one.read_text(), two.read_text()) == (AFTER, "mine\n")
    two.write_text(AFTER)
    panel.reload()
    turn.get_by_role("button", name="Undo this turn").click()
    expect(turn).to_contain_text("Undone: 2 files")
    assert one.read_text() == two.read_text() == BEFORE


def test_modes_by_keyboard(panel: Panel, scripted: JupyterServer, provider: ScriptedProvider) -> None:
    """A new chat has its mode from its beginning; the next one has the usual one again."""
    button = panel.root.get_by_role("button", name=MODE)
    expect(button).to_have_attribute("aria-label", "What the agent may do: Ask")
    button.focus()
    panel.page.keyboard.press("Enter")
    expect(panel.root.get_by_role("menuitemradio", name="Ask", exact=True)).to_be_focused()
    panel.page.keyboard.press("ArrowUp")
    panel.page.keyboard.press("Enter")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-label", "What the agent may do: Read only")
    panel.reload()
    expect(button).to_have_attribute("aria-label", "What the agent may do: Read only")
    does(provider, [("write_file", {"path": "mode.txt", "text": "x"})])
    panel.send("Write it")
    panel.wait_finished()
    expect(cards(panel)).to_contain_text("not allowed")
    assert not (scripted.root / "mode.txt").exists()
    [session] = scripted.api("GET", "/sessions?limit=1")["items"]
    assert session["mode"] == "read_only"
    # Another client changes it.
    scripted.api("PATCH", f"/sessions/{session['id']}", json={"mode": "auto"})
    expect(button).to_have_attribute("aria-label", "What the agent may do: Auto")
    expect(button).to_have_class(re.compile("jp-mod-auto"))
    panel.send("/mode sometimes")
    expect(panel.root).to_contain_text("There is no mode sometimes")
    panel.input.fill("")
    panel.new_chat()
    expect(button).to_have_attribute("aria-label", "What the agent may do: Ask")


def test_the_to_do_list(panel: Panel, provider: ScriptedProvider) -> None:
    def tasks(*states: str) -> tuple[str, dict[str, Any]]:
        titles = ("Look", "Mend", "Try")
        items = [{"id": title, "title": title, "status": state} for title, state in zip(titles, states, strict=True)]
        return "update_tasks", {"items": items}

    does(provider, [tasks("completed", "in_progress", "pending")])
    panel.send("Begin")
    panel.wait_finished()
    shown = panel.root.get_by_role("region", name="To-do list")
    expect(shown).to_contain_text("1 of 3")
    expect(shown.locator("summary")).to_contain_text("Mend")
    panel.reload()
    expect(shown).to_contain_text("1 of 3")
    shown.locator("summary").click()
    expect(shown.get_by_role("listitem")).to_have_count(3)
    does(provider, [tasks("completed", "completed", "completed")])
    panel.send("Go on")
    panel.wait_finished()
    # All is done: there is nothing to show any more.
    expect(shown).to_have_count(0)


def test_what_goes_round_in_circles_can_go_on(panel: Panel, provider: ScriptedProvider) -> None:
    does(provider, *[[("list_files", {"path": ""})]] * 30)
    panel.send("Look")
    panel.wait_finished(90_000)
    expect(panel.answer).to_contain_text("It did the same again and again")
    does(provider, [("list_files", {})])
    panel.answer.get_by_role("button", name="Continue").click()
    expect(panel.questions).to_have_count(2)
    panel.wait_finished()
    expect(panel.answer).to_contain_text("Told:")
