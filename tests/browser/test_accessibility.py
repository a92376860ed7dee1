"""What a screen reader reads of a conversation: roles and names, in their order. Axe goes over every state in
test_states.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed")

from ..scripted_provider import ScriptedProvider
from ..servers import JupyterServer
from .panel import Panel, expect
from .states import Stage, State, versions
from .tool_states import approval, changed, to_do

CONVERSATION = """
- toolbar "Chat":
  - button "Chats"
  - heading "Which keys are doubled, and where?" [level=2]:
    - button "Which keys are doubled, and where?"
  - button "New chat"
  - button "More"
- region "Conversation":
  - article "You":
    - heading "You" [level=3]
    - button "Edit and send again"
    - button "Copy message"
    - group "Versions of this message":
      - button "Earlier version"
      - text: 2/2
      - button "Later version" [disabled]
    - text: Which keys are doubled, and where?
  - article "Agent":
    - heading "Agent" [level=3]
    - text: echo
    - button "150 tokens"
    - paragraph: Which keys are doubled, and where?
    - button "Copy answer"
    - button "Try again"
    - button "Ask another model"
    - button "Branch from here"
    - radiogroup "Grade this answer":
      - 'radio "1: useless"': "1"
      - 'radio "2: poor"': "2"
      - 'radio "3: fair"': "3"
      - 'radio "4: good"': "4"
      - 'radio "5: just right"': "5"
- textbox "Ask the agent"
- button "Attach (@)"
- 'button "What the agent may do: Ask"'
- button "echo"
- button "Send (Enter)" [disabled]
- status: The answer is complete.
"""

QUESTION = """
- region "Conversation":
  - article "Agent":
    - group: Edit mean.py waits for you
    - 'region "Waits for you: Edit mean.py"':
      - button "mean.py"
      - textbox "mean.py changes":
        - insertion: "if not rolls:"
        - insertion: raise ValueError("a mean needs rolls")
      - group: The exact call
      - button "Accept Enter"
      - button "Edit"
      - button "Deny Esc"
      - button "Deny because…"
      - button "Always in this session"
      - button "Always"
- textbox "Guide the agent while it works"
- button "Stop (Esc)"
- status: "It waits for you: Edit mean.py"
"""

CHANGED = """
- article "Agent":
  - group:
    - text: /Edit mean.py/
    - 'button "Accept the change: mean.py"'
    - 'button "Reject the change: mean.py"'
    - textbox "mean.py changes"
    - group: Call of edit_file
  - group "What this turn changed":
    - text: Changed 1 file
    - button "Accept all"
    - button "Undo this turn"
"""

TO_DO = """
- region "To-do list":
  - group:
    - text: Find the duplicate keys
    - progressbar "To-do list"
    - text: 1 of 3
    - list:
      - listitem: Look at the frames done
      - listitem: Find the duplicate keys in progress
      - listitem: Merge them again to do
      - listitem: Ask for the raw data given up
"""


@pytest.fixture(scope="module")
def stage(staged: JupyterServer, provider: ScriptedProvider, chromium: Any) -> Iterator[Stage]:
    context = chromium.new_context(viewport={"width": 1000, "height": 760})
    panel = Panel(context.new_page(), staged)
    panel.open()
    yield Stage(panel, provider, staged)
    context.close()


@pytest.mark.parametrize(
    ("drive", "tree"), [(versions, CONVERSATION), (approval, QUESTION), (changed, CHANGED), (to_do, TO_DO)]
)
def test_what_is_read(stage: Stage, drive: State, tree: str) -> None:
    stage.reset()
    drive(stage)
    expect(stage.panel.root).to_match_aria_snapshot(tree)
