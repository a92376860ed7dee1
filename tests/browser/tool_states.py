"""The states of the panel in which an agent does something: calls of tools, what it asks, what it changed.

Importing this adds them to `STATES`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence

from playwright.sync_api import expect

from ..scripted_provider import Call, Say, Step
from ..scripted_wire import Asked
from .states import STATES as STATES
from .states import Stage, state

MEAN = '''\
"""What is computed of rolls."""


def mean(rolls):
    """The mean of some rolls."""
    return sum(rolls) / len(rolls)
'''
EDIT = Call(
    "edit_file",
    {
        "path": "study/mean.py",
        "old": "    return sum(rolls) / len(rolls)",
        "new": '    if not rolls:\n        raise ValueError("a mean needs rolls")\n    return sum(rolls) / len(rolls)',
    },
)


def does(stage: Stage, text: str, *steps: Sequence[Call], mode: str | None = None) -> None:
    """Asks an agent that calls these tools, step by step, and then says that it is done."""

    async def deeds(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
        if before < len(steps):
            yield Say("I look at it." if before == 0 else "And then this.")
            for call in steps[before]:
                yield call
        else:
            yield Say("That is all.")

    study = stage.server.root / "study"
    study.mkdir(exist_ok=True)
    (study / "mean.py").write_text(MEAN)
    stage.provider.script("deeds", deeds)
    if mode is not None:
        stage.panel.send(f"/mode {mode}")
        expect(stage.panel.button(re.compile("^What the agent may do"))).to_have_attribute(
            "aria-label", re.compile(mode.replace("-", " "), re.IGNORECASE)
        )
    stage.ask("deeds", text)


def unfold(stage: Stage, at: int = -1) -> None:
    """Opens a call's card."""
    stage.panel.answer.locator("details.jp-agent-Tool").nth(at).locator("summary").first.click()


@state
def tool_running(stage: Stage) -> None:
    command = "for step in one two three; do echo step $step; done; sleep 50"
    does(stage, "Run the study", [Call("run_command", {"command": command})], mode="auto")
    call = stage.panel.answer.locator(".jp-agent-Call.jp-mod-running")
    expect(call).to_contain_text("step three")
    unfold(stage)
    expect(call.locator("pre").last).to_contain_text("step one")


@state
def tool_done(stage: Stage) -> None:
    does(
        stage,
        "What is in the study?",
        [Call("list_files", {"path": "study"}), Call("read_file", {"path": "study/mean.py"})],
    )
    stage.panel.wait_finished()
    calls = stage.panel.answer.locator(".jp-agent-Call.jp-mod-done")
    expect(calls).to_have_count(2)
    unfold(stage)
    expect(calls.last).to_contain_text("What is computed of rolls")


@state
def tool_error(stage: Stage) -> None:
    does(stage, "Read the notes", [Call("read_file", {"path": "study/notes.md"})])
    stage.panel.wait_finished()
    unfold(stage)
    expect(stage.panel.answer.locator(".jp-agent-Call.jp-mod-error")).to_contain_text("There is no file")


@state
def tool_denied(stage: Stage) -> None:
    does(stage, "Mend the mean", [EDIT], mode="read-only")
    stage.panel.wait_finished()
    unfold(stage)
    expect(stage.panel.answer.locator(".jp-agent-Call.jp-mod-denied")).to_contain_text("What the agent was told")


@state
def approval(stage: Stage) -> None:
    does(stage, "Mend the mean", [EDIT])
    form = stage.panel.answer.get_by_role("region", name=re.compile("^Waits for you"))
    expect(form).to_contain_text("a mean needs rolls")
    expect(form.get_by_role("button", name=re.compile("^Accept"))).to_be_visible()


@state
def approval_command(stage: Stage) -> None:
    command = "rm -rf study/cache && python -m pip install --upgrade pandas && echo '\x1b[2K\u202edone'"
    does(stage, "Clean up", [Call("run_command", {"command": command})])
    form = stage.panel.answer.get_by_role("region", name=re.compile("^Waits for you"))
    expect(form).to_contain_text("pip install --upgrade pandas")
    assert "\u202e" not in form.inner_text(), "what turns the text around is not shown as it is"


@state
def approval_why(stage: Stage) -> None:
    approval(stage)
    stage.panel.answer.get_by_role("button", name="Deny because…").click()
    expect(stage.panel.answer.get_by_role("textbox", name=re.compile("^Why not"))).to_be_focused()


@state
def approval_edited(stage: Stage) -> None:
    approval(stage)
    stage.panel.answer.get_by_role("button", name="Edit", exact=True).click()
    expect(
        stage.panel.answer.locator(".jp-agent-Approval .cm-content, .jp-agent-Approval textarea").first
    ).to_be_visible()


@state
def approvals(stage: Stage) -> None:
    """Several of one step."""
    does(
        stage,
        "Mend the mean, try it, and write down what you did",
        [
            EDIT,
            Call("run_command", {"command": "python -m pytest -q study"}),
            Call("write_file", {"path": "study/done.md", "text": "# Done\n\nThe mean of nothing is an error now.\n"}),
        ],
    )
    bar = stage.panel.root.get_by_role("group", name="Calls that wait for you")
    expect(bar).to_contain_text("3 calls wait for you")
    expect(stage.panel.answer.locator(".jp-agent-Approval")).to_have_count(3)


@state
def approval_expired(stage: Stage) -> None:
    stage.server.api("PATCH", "/config", json={"values": {"tools.approval_seconds": 1}})
    try:
        does(stage, "Mend the mean", [EDIT])
        stage.panel.wait_finished()
    finally:
        stage.server.api("POST", "/config/reset", json={"names": ["tools.approval_seconds"]})
    unfold(stage)
    expect(stage.panel.answer).to_contain_text("Nobody answered in time")


@state
def queue(stage: Stage) -> None:
    """All that waits, over the status bar."""
    approvals(stage)
    status = stage.panel.page.locator(".jp-agent-ActivityItem button")
    expect(status).to_contain_text("3 wait for you")
    status.click()
    popup = stage.panel.page.get_by_role("region", name="What waits for you")
    expect(popup.get_by_role("article")).to_have_count(3)
    expect(popup.get_by_role("button", name="Mend the mean, try it, and write down what you did")).to_have_count(3)
    # The first one is unfolded.
    expect(popup.get_by_role("button", name=re.compile("^Accept"))).to_have_count(1)
    popup.get_by_role("article", name="Edit mean.py").locator("summary").first.click()
    expect(popup).to_contain_text("a mean needs rolls")


@state
def to_do(stage: Stage) -> None:
    titles = {
        "completed": "Look at the frames",
        "in_progress": "Find the duplicate keys",
        "pending": "Merge them again",
        "cancelled": "Ask for the raw data",
    }
    items = [{"id": status, "title": title, "status": status} for status, title in titles.items()]
    does(stage, "Why does the merge lose rows?", [Call("update_tasks", {"items": items})])
    stage.panel.wait_finished()
    tasks = stage.panel.root.get_by_role("region", name="To-do list")
    expect(tasks).to_contain_text("Find the duplicate keys")
    tasks.locator("summary").click()
    expect(tasks.get_by_text("Ask for the raw data")).to_be_visible()


@state
def mode_menu(stage: Stage) -> None:
    stage.panel.button(re.compile("^What the agent may do")).click()
    expect(stage.panel.root.get_by_role("menuitemradio", name="Ask", exact=True)).to_be_focused()


@state
def mode_auto(stage: Stage) -> None:
    stage.panel.send("/mode auto")
    expect(stage.panel.root.locator(".jp-agent-Mode-button.jp-mod-auto")).to_be_visible()
    expect(stage.panel.root.locator(".jp-agent-Notice")).to_contain_text("Auto")


@state
def changed(stage: Stage) -> None:
    """A turn that changed something: the diff in its card, and the way back."""
    does(stage, "Mend the mean", [EDIT], mode="auto-edit")
    stage.panel.wait_finished()
    changes = stage.panel.answer.get_by_role("group", name="What this turn changed")
    expect(changes.get_by_role("button", name="Undo this turn")).to_be_visible()
    unfold(stage)
    expect(stage.panel.answer.locator(".jp-agent-Call")).to_contain_text("a mean needs rolls")


@state
def undone(stage: Stage) -> None:
    changed(stage)
    changes = stage.panel.answer.get_by_role("group", name="What this turn changed")
    changes.get_by_role("button", name="Undo this turn").click()
    expect(changes).to_contain_text("Undone")
    expect(changes.get_by_role("button", name="Redo")).to_be_visible()
    assert (stage.server.root / "study" / "mean.py").read_text() == MEAN


@state
def undo_conflict(stage: Stage) -> None:
    changed(stage)
    file = stage.server.root / "study" / "mean.py"
    file.write_text(file.read_text() + "\n\nTHIS = 'was written meanwhile'\n")
    changes = stage.panel.answer.get_by_role("group", name="What this turn changed")
    changes.get_by_role("button", name="Undo this turn").click()
    expect(changes.get_by_role("alert")).to_contain_text("Nothing was undone")
    assert "written meanwhile" in file.read_text()
