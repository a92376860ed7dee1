"""Every state of the panel: how to get it there, and what must be seen in it.

`STATES` has them by name; the tests of pictures, of overflow and of accessibility go through all of them.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from ..scripted_provider import Call, Hang, Say, ScriptedProvider, Step, Think, png
from ..scripted_wire import Asked
from ..servers import JupyterServer
from .panel import Panel

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Orm

MODELS = [
    "echo",
    "rich",
    "pondering",
    "working",
    "looking",
    "tool",
    "thinking",
    "gated-40",
    "repeat-tool",
    "length",
    "refuse-said",
    "unauthorized",
    "rate-limited",
    "overloaded",
    "cut",
    "malformed",
    "server-error",
    "too-long",
    "gone",
    "deeds",
]

RICH = """\
Three things happen when a die is rolled often: the **mean** settles, the *spread* shrinks, and `statistics.stdev` says
how fast.

## The mean of many rolls

```python
import random
from statistics import mean, stdev

rolls = [random.randint(1, 6) for _ in range(1_000)]
print(f"{mean(rolls):.3f} ± {stdev(rolls) / len(rolls) ** 0.5:.3f}")
```

It comes near $\\mu = 3.5$, and its error falls with the root of $n$:

$$\\sigma_{\\bar{x}} = \\frac{\\sigma}{\\sqrt{n}}$$

| rolls | mean | standard error |
|------:|-----:|---------------:|
| 10 | 3.20 | 0.540 |
| 100 | 3.42 | 0.171 |
| 1000 | 3.49 | 0.054 |

```mermaid
graph LR
  A[Roll] --> B{Enough?}
  B -- no --> A
  B -- yes --> C[Mean]
```

1. More rolls, less spread.
2. Ten times as exact takes a hundred times as many; see [the central limit theorem](https://en.wikipedia.org/wiki/Central_limit_theorem).

> What you see is a sample, not the law.
"""


@dataclass
class Stage:
    """A page with the panel, and what the states need around it."""

    panel: Panel
    provider: ScriptedProvider
    server: JupyterServer

    def ask(self, model: str, text: str) -> None:
        self.panel.pick_model(model)
        self.panel.send(text)

    def reset(self) -> None:
        """Back to an empty chat, whatever the last state left."""
        page = self.panel.page
        page.unroute_all(behavior="ignoreErrors")
        page.context.set_offline(False)
        for session in self.server.api("GET", "/sessions?limit=200")["items"]:
            if session["running_turn_id"]:
                self.server.client.post(f"agent/v1/turns/{session['running_turn_id']}/interrupt", json={})
        # The states of failures are more of them than a provider is allowed before it is left alone.
        for provider in self.server.api("GET", "/providers/breakers")["providers"]:
            self.server.api("POST", f"/providers/{provider}/breaker/reset")
        for _ in range(3):
            page.keyboard.press("Escape")
        # What was opened over the chat, or beside it.
        page.evaluate(
            """async () => {
                const {commands, shell} = window.jupyterapp;
                for (const one of [...shell.widgets('main')])
                    if (one.hasClass('jp-agent-Turns')) one.close();
                await commands.execute('agent:open-chat');
            }"""
        )
        self.provider.reset()
        add_models(self.provider)
        self.panel.page.mouse.move(1, 1)
        self.panel.new_chat()
        expect(self.panel.questions).to_have_count(0)
        self.panel.input.fill("")


def at_start(stage: Stage) -> None:
    """An empty chat, also where the state before was left half-way or has no chat at all."""
    try:
        stage.reset()
    except Exception:
        stage.panel.page.unroute_all(behavior="ignoreErrors")
        stage.panel.reload()
        stage.reset()


State = Callable[[Stage], None]
STATES: dict[str, State] = {}
"""Those of a server that has a provider."""


def state(drive: State) -> State:
    STATES[drive.__name__] = drive
    return drive


async def _rich(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    for piece in re.findall(r"\S*\s*", RICH):
        if piece:
            yield Say(piece)


async def _pondering(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Think("The merge loses rows, so the keys do not match one to one. I look at the duplicates first.")
    yield Hang()


async def _working(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Hang()


async def _looking(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    if asked.results:
        yield Say("The second step could not be done: there is no such tool here.")
    else:
        yield Think("Let me see what there is to do.")
        yield Say("I write down the steps first.")
        items = [
            {"id": "a", "title": "Look at the frames", "status": "completed"},
            {"id": "b", "title": "Find the duplicate keys", "status": "in_progress"},
        ]
        yield Call("update_tasks", {"items": items})
        yield Call("no_such_tool", {"cell": 12})


def add_models(provider: ScriptedProvider) -> None:
    provider.script("rich", _rich)
    provider.script("pondering", _pondering)
    provider.script("working", _working)
    provider.script("looking", _looking)


def prepare(server: JupyterServer, provider: ScriptedProvider) -> None:
    """Makes the scripted provider this server's only default, with the models that the states use."""
    add_models(provider)
    server.use(provider, models=MODELS)


@state
def empty(stage: Stage) -> None:
    expect(stage.panel.root).to_contain_text("by Scripted answers")
    expect(stage.panel.input).to_have_attribute("placeholder", re.compile("^Ask"))


@state
def typing(stage: Stage) -> None:
    stage.panel.input.fill("The merge loses rows.\nWhich keys are doubled,\nand in which of the two frames?")
    expect(stage.panel.button(re.compile("^Send"))).to_be_enabled()


@state
def working(stage: Stage) -> None:
    stage.ask("working", "Why does the merge lose rows?")
    expect(stage.panel.answer).to_contain_text("Working…")
    expect(stage.panel.stop).to_be_visible()


@state
def thinking(stage: Stage) -> None:
    stage.ask("pondering", "Why does the merge lose rows?")
    expect(stage.panel.answer).to_contain_text("Thinking…")
    expect(stage.panel.stop).to_be_visible()


@state
def streaming(stage: Stage) -> None:
    stage.ask("gated-40", "Tell me about it")
    stage.provider.release(30)
    expect(stage.panel.answer).to_contain_text("word29")
    expect(stage.panel.answer).to_have_attribute("aria-busy", "true")
    expect(stage.panel.stop).to_be_visible()


@state
def guidance(stage: Stage) -> None:
    streaming(stage)
    stage.panel.send("Only the short version")
    expect(stage.panel.answer).to_contain_text("Guidance: read before the next step")


@state
def finished(stage: Stage) -> None:
    stage.ask("rich", "What happens to the mean when I roll a die often?")
    stage.panel.wait_finished()
    answer = stage.panel.answer
    expect(answer.get_by_role("heading", name="The mean of many rolls")).to_be_visible()
    expect(answer.locator("mjx-container")).to_have_count(3)
    expect(answer.get_by_role("cell", name="0.054")).to_be_visible()
    expect(answer.locator(".jp-RenderedMermaid img")).to_be_visible()
    expect(answer).to_contain_text("tokens")
    # Not the answer's middle: that would scroll there.
    answer.locator("blockquote").hover()


@state
def finished_above(stage: Stage) -> None:
    """The start of a long answer, with the question and the first block of code."""
    finished(stage)
    stage.panel.conversation.evaluate("node => { node.scrollTop = 0; }")
    expect(stage.panel.questions.last).to_be_in_viewport()
    stage.panel.answer.locator(".jp-agent-Code").first.hover()


@state
def folded(stage: Stage) -> None:
    stage.ask("thinking", "What is it?")
    stage.panel.wait_finished()
    expect(stage.panel.answer.locator(".jp-agent-Thinking summary")).to_be_visible()
    expect(stage.panel.answer).to_contain_text("The answer is 42.")


@state
def tools(stage: Stage) -> None:
    stage.ask("looking", "Why does the merge lose rows?")
    stage.panel.wait_finished()
    first, second = stage.panel.answer.locator(".jp-agent-Tool").all()
    expect(first).to_contain_text("Update the to-do list")
    expect(second).to_contain_text("no_such_tool")
    first.locator("summary").click()
    expect(first.get_by_text("Find the duplicate keys").first).to_be_visible()


@state
def stopped(stage: Stage) -> None:
    stage.ask("gated-40", "Tell me about it")
    stage.provider.release(9)
    expect(stage.panel.answer).to_contain_text("word8")
    stage.panel.stop.click()
    expect(stage.panel.answer).to_contain_text("You stopped it")
    expect(stage.panel.stop).to_be_hidden()


def _ends(name: str, model: str, says: str, *remedies: str) -> None:
    def drive(stage: Stage) -> None:
        stage.ask(model, 'Do it: update_tasks {"items": [{"id": "a", "title": "Look at it", "status": "pending"}]}')
        expect(stage.panel.answer.locator(".jp-agent-Outcome")).to_contain_text(says)
        for remedy in remedies:
            expect(stage.panel.answer.locator(".jp-agent-Outcome").get_by_role("button", name=remedy)).to_be_visible()

    STATES[name] = drive


_ends("repetition", "repeat-tool", "It did the same again and again", "Try again", "Switch model")
_ends("refused", "refuse-said", "The provider refused", "Switch model")
_ends("unauthorized", "unauthorized", "The provider refused the key", "Set the key", "Switch model", "Try again")
_ends("rate_limited", "rate-limited", "The provider allows no more for now", "Try again", "Switch model")
_ends("overloaded", "overloaded", "The provider is overloaded", "Try again", "Switch model")
_ends("cut", "cut", "The provider broke off in the middle", "Try again", "Switch model")
_ends("bad_answer", "malformed", "The provider", "Try again")
_ends("server_error", "server-error", "The provider", "Try again")
_ends("too_long", "too-long", "The conversation is too long for this model", "New chat", "Switch model")
_ends("model_gone", "gone", "The provider does not know this model", "Switch model")


@state
def unsent(stage: Stage) -> None:
    error = {"error": {"code": "too_large", "message": "The message is larger than 50 MB.", "details": {}}}
    stage.panel.page.route(
        re.compile(r"/agent/v1/sessions(\?|$)"),
        lambda route: (
            route.fulfill(status=413, content_type="application/json", body=json.dumps(error))
            if route.request.method == "POST"
            else route.continue_()
        ),
    )
    stage.panel.send("All of it")
    expect(stage.panel.root).to_contain_text("Not sent")
    expect(stage.panel.root).to_contain_text("larger than 50 MB")
    expect(stage.panel.button("Try again")).to_be_visible()
    expect(stage.panel.button("Edit")).to_be_visible()


@state
def offline(stage: Stage) -> None:
    stage.panel.page.context.set_offline(True)
    stage.panel.send("Later, then")
    expect(stage.panel.root.get_by_text("Connection lost. It resumes by itself.")).to_be_visible()
    expect(stage.panel.questions.last).to_contain_text("Sending…")


@state
def loading(stage: Stage) -> None:
    page = stage.panel.page
    page.route("**/agent/v1/info*", lambda route: None)
    page.reload()
    expect(stage.panel.root).to_contain_text("Loading…", timeout=60_000)


@state
def problem(stage: Stage) -> None:
    """The server has no agent."""
    page = stage.panel.page
    error = {"error": {"code": "not_found", "message": "Not found", "details": {}}}
    page.route(
        "**/agent/v1/info*",
        lambda route: route.fulfill(status=404, content_type="application/json", body=json.dumps(error)),
    )
    page.reload()
    expect(stage.panel.root.get_by_role("alert")).to_contain_text("The server has no agent", timeout=60_000)
    expect(stage.panel.button("Try again")).to_be_visible()


def long_texts(count: int, size: int) -> list[str]:
    """Questions and answers by turns, the answers of about so many bytes, with what is slow to draw in them."""

    def text(seq: int) -> str:
        if seq % 2 == 0:
            return f"Question {seq // 2}: what comes next?"
        paragraph = f"Answer {seq // 2}. " + "All of this has been said before, and it is said again. " * 6
        code = "```python\nfor roll in range(10):\n    print(roll, roll**2)\n```"
        blocks = [code, "- one\n- two\n- three", paragraph]
        whole = [paragraph]
        while sum(map(len, whole)) < size:
            whole.append(blocks[len(whole) % len(blocks)])
        return "\n\n".join(whole)

    return [text(seq) for seq in range(count)]


def fill(orm: Orm, session: str, count: int, size: int) -> None:
    """Puts a conversation into a session."""
    from sqlalchemy import insert

    from jupyter_agent.storage.tables import MessageRow, SessionRow

    rows = [
        {
            "id": f"msg_{session}_{seq}",
            "session_id": session,
            "seq": seq,
            "role": ("user", "assistant")[seq % 2],
            "parts": [{"type": "text", "text": text}],
            "text": text,
        }
        for seq, text in enumerate(long_texts(count, size))
    ]
    orm.execute(insert(MessageRow), rows)
    orm.get_one(SessionRow, session).message_count = count


def long_session(server: JupyterServer, *, messages: int, size: int, title: str) -> str:
    """The id of a new session with so many messages, its answers of about so many bytes."""
    session: str = server.api("POST", "/sessions", json={"title": title})["id"]
    server.in_database(lambda orm: fill(orm, session, messages, size))
    return session


def open_session(panel: Panel, title: str) -> None:
    panel.button("Chats").click()
    drawer = panel.root.get_by_role("region", name="Chats")
    drawer.locator(".jp-agent-Sessions-open").filter(has_text=title).first.click()
    expect(drawer).to_be_hidden()


@state
def long(stage: Stage) -> None:
    title = "A long talk about rolls"
    # Anew, so that it is on the list's first page, however many chats the states before have made.
    for item in stage.server.api("GET", "/sessions?limit=200")["items"]:
        if item["title"] == title:
            stage.server.api("DELETE", f"/sessions/{item['id']}")
    long_session(stage.server, messages=130, size=2000, title=title)
    open_session(stage.panel, title)
    expect(stage.panel.answers).to_have_count(50)
    expect(stage.panel.answer).to_be_in_viewport()
    stage.panel.wait_drawn()
    stage.panel.conversation.hover()
    stage.panel.page.mouse.wheel(0, -900)
    expect(stage.panel.button("To the end")).to_be_visible()


@state
def drawer(stage: Stage) -> None:
    titles = ("Fix the join in sales.ipynb", "Plot the residuals", "Explain a covariance matrix to a newcomer")
    for item in stage.server.api("GET", "/sessions?limit=200")["items"]:
        if item["title"] in titles:
            stage.server.api("DELETE", f"/sessions/{item['id']}")
    # Anew, so that they are the first ones, however many chats the states before have made.
    for title in titles:
        stage.server.api("POST", "/sessions", json={"title": title})
    stage.panel.button("Chats").click()
    panel = stage.panel.root.get_by_role("region", name="Chats")
    expect(panel.get_by_role("searchbox")).to_be_focused()
    expect(panel.get_by_text("Plot the residuals")).to_be_visible()
    panel.get_by_role("listitem").filter(has_text="Plot the residuals").hover()


@state
def renaming(stage: Stage) -> None:
    drawer(stage)
    panel = stage.panel.root.get_by_role("region", name="Chats")
    panel.get_by_role("button", name="Rename “Plot the residuals”").click()
    expect(panel.get_by_role("textbox", name="Title of the chat")).to_be_focused()


@state
def nothing_found(stage: Stage) -> None:
    stage.panel.button("Chats").click()
    panel = stage.panel.root.get_by_role("region", name="Chats")
    panel.get_by_role("searchbox").fill("zebra crossing")
    expect(panel.get_by_role("listitem")).to_have_count(0)
    expect(panel).to_contain_text("No chat has these words")


@state
def undo(stage: Stage) -> None:
    stage.server.api("POST", "/sessions", json={"title": "Not wanted any more"})
    stage.panel.button("Chats").click()
    item = stage.panel.root.get_by_role("listitem").filter(has_text="Not wanted any more").first
    item.hover()
    item.get_by_role("button", name=re.compile("^Archive")).click()
    expect(stage.panel.root.get_by_text("Chat archived.")).to_be_visible()
    expect(stage.panel.button("Undo")).to_be_visible()


@state
def archived(stage: Stage) -> None:
    made = stage.server.api("POST", "/sessions", json={"title": "Done with"})
    stage.server.api("PATCH", f"/sessions/{made['id']}", json={"archived": True})
    stage.panel.button("Chats").click()
    panel = stage.panel.root.get_by_role("region", name="Chats")
    panel.get_by_role("checkbox", name="Archived").check()
    expect(panel.get_by_role("listitem").filter(has_text="Done with").first).to_be_visible()


@state
def models(stage: Stage) -> None:
    stage.panel.model_button.click()
    expect(stage.panel.root.get_by_role("combobox", name="Search models")).to_be_focused()
    expect(stage.panel.root.get_by_role("option").first).to_be_visible()


@state
def menu(stage: Stage) -> None:
    stage.ask("echo", "Say this back")
    stage.panel.wait_finished()
    stage.panel.button("More").click()
    expect(stage.panel.page.get_by_role("menu")).to_be_visible()


@state
def slash(stage: Stage) -> None:
    stage.panel.input.press_sequentially("/")
    menu = stage.panel.root.get_by_role("listbox")
    expect(menu.get_by_role("option", name=re.compile(r"\bnew\b"))).to_be_visible()


@state
def at(stage: Stage) -> None:
    (stage.server.root / "sales.csv").write_text("region,amount\nnorth,3\n")
    stage.panel.input.press_sequentially("Look at @sales")
    menu = stage.panel.root.get_by_role("listbox")
    expect(menu.get_by_role("option", name=re.compile("sales"))).to_be_visible()


def paste_picture(panel: Panel, name: str = "plot.png") -> None:
    """Pastes a picture into the box, as from the clipboard."""
    data = base64.b64encode(png((70, 110, 180), 96)).decode()
    panel.input.evaluate(
        """(node, [data, name]) => {
            const bytes = Uint8Array.from(atob(data), one => one.charCodeAt(0));
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([bytes], name, {type: 'image/png'}));
            node.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
        }""",
        [data, name],
    )


@state
def attached(stage: Stage) -> None:
    at(stage)
    stage.panel.root.get_by_role("option", name=re.compile("sales")).first.click()
    paste_picture(stage.panel)
    context = stage.panel.root.locator(".jp-agent-ContextBar")
    expect(context).to_contain_text("sales.csv")
    expect(context.locator("img")).to_be_visible()
    expect(context).to_contain_text("KB")


@state
def provider_dialog(stage: Stage) -> None:
    stage.panel.model_button.click()
    stage.panel.button("Providers and keys…").click()
    dialog = stage.panel.page.get_by_role("dialog", name="Providers and keys")
    expect(dialog.get_by_role("combobox").first).to_be_visible()


@state
def help(stage: Stage) -> None:
    stage.panel.send("/help")
    expect(stage.panel.root.locator(".jp-agent-Help")).to_contain_text("attaches a notebook")


def _echoed(stage: Stage, text: str) -> None:
    stage.ask("echo", text)
    stage.panel.wait_finished()


@state
def numbers(stage: Stage) -> None:
    _echoed(stage, "What does it cost?")
    stage.panel.answer.locator(".jp-agent-Numbers").hover()
    expect(stage.panel.page.get_by_role("tooltip")).to_contain_text("Scripted")


@state
def editing(stage: Stage) -> None:
    _echoed(stage, "Which keys are doubled?")
    stage.panel.questions.hover()
    stage.panel.button("Edit and send again").click()
    editor = stage.panel.root.get_by_role("group", name="Edit message")
    expect(editor.get_by_role("textbox", name="Message")).to_be_focused()


@state
def versions(stage: Stage) -> None:
    editing(stage)
    box = stage.panel.root.get_by_role("textbox", name="Message", exact=True)
    box.fill("Which keys are doubled, and where?")
    box.press("Enter")
    expect(stage.panel.questions).to_contain_text("2/2")
    stage.panel.wait_finished()
    stage.panel.questions.hover()


@state
def other_model(stage: Stage) -> None:
    _echoed(stage, "Which is it?")
    stage.panel.answer.hover()
    stage.panel.button("Ask another model").click()
    expect(stage.panel.page.get_by_role("menu")).to_be_visible()


@state
def branched(stage: Stage) -> None:
    _echoed(stage, "Which of the two is larger?")
    stage.panel.answer.hover()
    stage.panel.button("Branch from here").click()
    expect(stage.panel.root.get_by_text("Branched from")).to_be_visible()
    stage.panel.wait_drawn()


@state
def session_menu(stage: Stage) -> None:
    drawer(stage)
    stage.panel.button("More for “Plot the residuals”").click()
    expect(stage.panel.page.get_by_role("menu")).to_be_visible()
