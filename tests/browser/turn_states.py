"""States in which one looks at turns: the inspector, comparisons, insights, grades, and what the chat tells of a turn.

Importing this adds them to `STATES`.
"""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from ..scripted_provider import Call
from .states import Stage, state
from .tool_states import EDIT, does
from .tool_states import STATES as STATES


def inspected(stage: Stage) -> Any:
    """What shows turns, in the side bar or a tab."""
    return stage.panel.page.locator(".jp-agent-Turns:not(.lm-mod-hidden)")


def run(stage: Stage, command: str, **args: Any) -> None:
    stage.panel.page.evaluate(
        "([command, args]) => window.jupyterapp.commands.execute(command, args).then(() => null)", [command, args]
    )


def made(stage: Stage) -> list[dict[str, Any]]:
    """The turns of the open chat, the oldest first."""
    session = stage.server.api("GET", "/sessions?limit=1")["items"][0]["id"]
    turns: list[dict[str, Any]] = stage.server.api("GET", f"/sessions/{session}/turns")["items"]
    return sorted(turns, key=lambda turn: turn["created_at"])


def edited(stage: Stage) -> dict[str, Any]:
    """A turn that read, asked, waited and changed a file."""
    stage.ask("echo", "Which of the two frames has doubled keys?")
    stage.panel.wait_finished()
    does(stage, "Mend the mean of the rolls", [Call("read_file", {"path": "study/mean.py"})], [EDIT])
    form = stage.panel.answer.get_by_role("region", name=re.compile("^Waits for you"))
    expect(form).to_contain_text("a mean needs rolls")
    stage.panel.page.wait_for_timeout(900)
    form.get_by_role("button", name=re.compile("^Accept")).click()
    stage.panel.wait_finished()
    return made(stage)[-1]


def open_inspector(stage: Stage, turn: dict[str, Any], **how: Any) -> Any:
    """Where there is as much room as the chat has: the side bar, or a tab."""
    where = "main" if stage.panel.area == "main" else "right"
    run(stage, "agent:inspect-turn", turnId=turn["id"], where=where, **how)
    root = inspected(stage)
    expect(root.locator(f"[data-turn='{turn['id']}']")).to_be_visible()
    expect(root.get_by_role("table", name="Tokens by part of the context")).to_be_visible()
    expect(root.get_by_text("Loading…")).to_have_count(0)
    return root


@state
def inspector(stage: Stage) -> None:
    open_inspector(stage, edited(stage))


@state
def inspector_part(stage: Stage) -> None:
    """What was sent, of one part."""
    root = open_inspector(stage, edited(stage))
    root.get_by_role("button", name="Instructions", exact=True).click()
    sent = root.get_by_role("group", name="Sent: Instructions")
    sent.get_by_role("searchbox").fill("tool")
    expect(sent.locator("mark").first).to_be_visible()


@state
def inspector_end(stage: Stage) -> None:
    """Below: tools, the choice of the model, tips, the grade."""
    turn = edited(stage)
    stage.server.api("PUT", f"/turns/{turn['id']}/feedback", json={"grade": 4, "comment": "Short and right"})
    root = open_inspector(stage, turn, tab="feedback")
    expect(root.get_by_role("radio", name="4: good")).to_be_checked()
    expect(root.get_by_role("heading", name="Your grade")).to_be_in_viewport()


@state
def turns_compared(stage: Stage) -> None:
    last = edited(stage)
    open_inspector(stage, last)
    first = made(stage)[0]
    run(stage, "agent:compare-turns", first=first["id"], second=last["id"])
    expect(inspected(stage).get_by_role("region", name="Only in the second")).to_contain_text("Message")


@state
def insights(stage: Stage) -> None:
    last = edited(stage)
    stage.server.api("PUT", f"/turns/{last['id']}/feedback", json={"grade": 5})
    open_inspector(stage, last)
    run(stage, "agent:session-insights", sessionId=last["session_id"])
    table = inspected(stage).get_by_role("table", name="Turns of this chat")
    expect(table.get_by_role("row")).to_have_count(3)


@state
def graded(stage: Stage) -> None:
    """An answer with a grade and the box for a comment."""
    stage.ask("echo", "Which of the two is larger?")
    stage.panel.wait_finished()
    answer = stage.panel.answer
    answer.hover()
    answer.get_by_role("radio", name="4: good").click()
    expect(answer.get_by_role("radio", name="4: good")).to_be_checked()
    answer.get_by_role("button", name="Add a comment").click()
    expect(answer.get_by_role("textbox", name="Comment on the answer")).to_be_focused()


@state
def stand_in(stage: Stage) -> None:
    """Another model answers in place of one that failed."""
    stage.server.api("PATCH", "/config", json={"values": {"selection.fallbacks": ["scripted/echo"]}})
    try:
        stage.ask("server-error", "Which of the two is larger?")
        stage.panel.wait_finished()
        expect(stage.panel.answer.locator("[data-note='fallback']")).to_contain_text("Asked echo")
    finally:
        stage.server.api("POST", "/config/reset", json={"names": ["selection.fallbacks"]})
