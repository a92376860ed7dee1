"""The widgets in a notebook's cells: what a person sees and types, in JupyterLab beside the chat panel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from ..scripted_provider import ScriptedProvider, words
from ..servers import JupyterServer
from .notebooks import cell, notebook
from .panel import Panel
from .states import open_session

IMPORT = "from jupyter_agent import ChatWidget, SessionsWidget"


class Notebook:
    """A notebook of some cells in JupyterLab, all of them run, the panel beside it."""

    def __init__(self, page: Any, server: JupyterServer, name: str, cells: list[str], *, dark: bool = False) -> None:
        self.page = page
        self.server = server
        made = (cell(source, f"cell{at}") for at, source in enumerate(cells))
        (server.root / name).write_text(notebook(*made))
        theme = "JupyterLab Dark" if dark else "JupyterLab Light"
        server.client.put(
            "lab/api/settings/@jupyterlab/apputils-extension:themes", json={"raw": f'{{"theme": "{theme}"}}'}
        ).raise_for_status()
        self.address = f"{server.url}lab/tree/{name}?token={server.token}&reset&agent-panel=open"
        self.panel = Panel(page, server)
        self.open()
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        self.run_all()

    def open(self) -> None:
        """Opens the page, and waits until its kernel is there."""
        page = self.page
        page.goto(self.address)
        self.panel.wait_ready()
        page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(timeout=60_000)
        page.evaluate(
            """async () => {
                const { context } = window.jupyterapp.shell.currentWidget;
                await context.ready;
                await context.sessionContext.ready;
                await context.sessionContext.session.kernel.info;
            }"""
        )

    def run_all(self) -> None:
        """Runs every cell, and waits for the last."""
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def execute(self, code: str, *, wait: bool = True) -> None:
        """Runs code in the notebook's kernel, beside its cells."""
        self.page.evaluate(
            """async ([code, wait]) => {
                const { kernel } = window.jupyterapp.shell.currentWidget.context.sessionContext.session;
                const future = kernel.requestExecute({ code });
                await (wait ? future.done : null);
            }""",
            [code, wait],
        )

    @property
    def views(self) -> Any:
        return self.page.get_by_role("region", name="Agent chat in the notebook")

    @property
    def chat(self) -> Chat:
        return Chat(self.views)

    @property
    def sessions(self) -> Any:
        return self.page.get_by_role("region", name="Conversations with the agent")


class Chat:
    """A chat widget on the screen."""

    def __init__(self, root: Any) -> None:
        self.root = root

    @property
    def box(self) -> Any:
        return self.root.get_by_role("textbox", name="Message to the agent")

    @property
    def answers(self) -> Any:
        return self.root.get_by_role("article", name="Agent")

    @property
    def questions(self) -> Any:
        return self.root.get_by_role("article", name="You")

    @property
    def stop(self) -> Any:
        return self.root.get_by_role("button", name="Stop (Esc)")

    def ask(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def wait_finished(self) -> None:
        expect(self.answers.last).to_have_attribute("aria-busy", "false")
        expect(self.stop).to_be_hidden()


@pytest.fixture
def open_notebook(chromium: Any, scripted: JupyterServer) -> Iterator[Callable[..., Notebook]]:
    """Opens a notebook of these cells: `open_notebook("n.ipynb", ["1 + 1"])`. An error of the page fails the test."""
    contexts, errors = [], []

    def note(error: Any) -> None:
        if "jupyterlab-agent" in (error.stack or "") or "blob:" in (error.stack or ""):
            errors.append(error.stack)

    def open_notebook(name: str, cells: list[str], **options: Any) -> Notebook:
        context = chromium.new_context(
            viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", note)
        return Notebook(page, scripted, name, cells, **options)

    yield open_notebook
    for context in contexts:
        context.close()
    assert not errors, errors


def show(notebook: Notebook, path: Path) -> None:
    """A picture to look at, without what is on its way over the toolbar."""
    notebook.page.mouse.move(2, 2)
    notebook.page.screenshot(path=path, animations="disabled")


def test_typed_answer_streams_in_the_cell_and_in_the_panel(
    open_notebook: Callable[..., Notebook], lab: JupyterServer, provider: ScriptedProvider, tmp_path: Path
) -> None:
    session = lab.api("POST", "/sessions", json={"title": "Shared by both", "model": "gated-3", "provider": "scripted"})
    notebook = open_notebook("chat.ipynb", [IMPORT, f"chat = ChatWidget({session['id']!r})\nchat"])
    chat, panel = notebook.chat, notebook.panel
    expect(chat.root.get_by_text("Ask the agent", exact=True)).to_be_visible()
    open_session(panel, "Shared by both")
    # Typed, not filled in: none of these letters is a command of the notebook's.
    chat.box.press_sequentially("add bread x")
    chat.box.press("Shift+Enter")
    chat.box.press_sequentially("and dd")
    expect(notebook.page.locator(".jp-Notebook .jp-Cell")).to_have_count(2)
    chat.box.press("Enter")
    expect(chat.box).to_have_value("")
    expect(chat.questions).to_contain_text("add bread x\nand dd")
    expect(panel.questions).to_contain_text("add bread x")
    provider.release()
    expect(chat.answers.last).to_contain_text("word0")
    expect(panel.answer).to_contain_text("word0")
    expect(chat.answers.last).to_have_attribute("aria-busy", "true")
    expect(chat.answers.last).not_to_contain_text("word1")
    show(notebook, tmp_path / "streaming.png")
    provider.release()
    provider.release()
    chat.wait_finished()
    panel.wait_finished()
    expect(chat.answers).to_have_count(1)
    expect(chat.answers.last).to_contain_text(words(3).strip())
    # The other way round.
    panel.send("From the panel")
    expect(chat.questions.last).to_contain_text("From the panel")
    for _ in range(3):
        provider.release()
    chat.wait_finished()
    expect(chat.answers).to_have_count(2)
    # What is saved beside the view is hidden while that lives.
    expect(notebook.page.locator("[class^=jp-agent-saved-]")).to_be_hidden()


def test_stop_error_and_a_busy_kernel(open_notebook: Callable[..., Notebook], tmp_path: Path) -> None:
    cells = [IMPORT, "chat = ChatWidget(model='scripted/slow-200x50')\nchat"]
    notebook = open_notebook("states.ipynb", cells)
    chat = notebook.chat
    chat.ask("a long one")
    expect(chat.answers.last).to_contain_text("word3")
    chat.box.press("Escape")
    chat.wait_finished()
    expect(chat.answers.last).to_contain_text("You stopped it")
    expect(chat.box).to_be_focused()
    notebook.execute("chat.model = 'scripted/unauthorized'")
    chat.ask("this fails")
    expect(chat.root.get_by_role("button", name="Try again")).to_be_visible()
    show(notebook, tmp_path / "error.png")
    # Deltas are painted while a cell runs.
    notebook.execute(
        "chat.model = 'scripted/slow-200x50'; chat.send('from Python'); import time; time.sleep(6)", wait=False
    )
    expect(chat.answers.last).to_contain_text("word9")
    expect(notebook.page.get_by_text("Python 3 (ipykernel) | Busy")).to_be_visible()
    chat.stop.click()
    chat.wait_finished()


def test_markdown_in_light_and_dark(open_notebook: Callable[..., Notebook], tmp_path: Path) -> None:
    cells = [IMPORT, "chat = ChatWidget(model='scripted/markdown')\nchat", "sessions = SessionsWidget(chat)\nsessions"]
    for theme in ("light", "dark"):
        notebook = open_notebook(f"{theme}.ipynb", cells, dark=theme == "dark")
        chat = notebook.chat
        chat.ask("Show what you can")
        chat.wait_finished()
        expect(chat.answers.last.get_by_role("table")).to_be_visible()
        code = chat.answers.last.locator("pre").first
        chat.answers.last.get_by_role("button", name="Copy code").first.click()
        notebook.panel.wait_copied(code.inner_text().rstrip("\n"))
        show(notebook, tmp_path / f"{theme}.png")
        assert notebook.panel.violations() == []


def test_sessions_are_opened_renamed_and_deleted(
    open_notebook: Callable[..., Notebook], lab: JupyterServer, tmp_path: Path
) -> None:
    ids = {}
    for title in ("First study", "Second study"):
        ids[title] = lab.api("POST", "/sessions", json={"title": title})["id"]
        lab.api("POST", f"/sessions/{ids[title]}/messages", json={"text": f"about the {title.lower()}"})
    notebook = open_notebook("sessions.ipynb", [IMPORT, "chat = ChatWidget()\nchat", "SessionsWidget(chat)"])
    chat, sessions = notebook.chat, notebook.sessions
    search = sessions.get_by_role("searchbox")
    search.fill("Second")
    rows = sessions.get_by_role("listitem")
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name=re.compile("Second study")).click()
    expect(chat.questions).to_contain_text("about the second study")
    expect(rows.get_by_role("button", name=re.compile("Second study"))).to_have_attribute("aria-current", "true")
    show(notebook, tmp_path / "sessions.png")
    rows.get_by_role("button", name=re.compile("Second study")).press("F2")
    sessions.get_by_role("textbox", name="Title").fill("Second study, renamed")
    sessions.get_by_role("textbox", name="Title").press("Enter")
    expect(rows.get_by_role("button", name=re.compile("renamed"))).to_be_visible()
    expect(chat.root.get_by_text("Second study, renamed")).to_be_visible()
    rows.get_by_role("button", name=re.compile("renamed")).press("Delete")
    expect(rows).to_have_count(0)
    show(notebook, tmp_path / "deleted.png")
    sessions.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(1)
    assert lab.api("GET", f"/sessions/{ids['Second study']}")["title"] == "Second study, renamed"


def test_two_views_and_a_reloaded_page_show_the_running_text(
    open_notebook: Callable[..., Notebook], provider: ScriptedProvider
) -> None:
    notebook = open_notebook("views.ipynb", [IMPORT, "chat = ChatWidget(model='scripted/gated-3')\nchat", "chat"])
    page = notebook.page
    views = [Chat(notebook.views.nth(number)) for number in range(2)]
    views[0].ask("both of you")
    provider.release()
    for view in views:
        expect(view.answers.last).to_contain_text("word0")
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    notebook.open()
    for view in views:
        expect(view.answers.last).to_contain_text("word0", timeout=60_000)
        expect(view.answers.last).to_have_attribute("aria-busy", "true")
    provider.release()
    provider.release()
    for view in views:
        view.wait_finished()
        expect(view.answers).to_have_count(1)
        expect(view.answers.last).to_contain_text(words(3).strip())


OBSERVED = [
    "from jupyter_agent import BudgetWidget, Client, CostDashboard, TraceView, TurnInspector\nclient = Client()\n"
    "first = client.ask('words to see', model='words-20')\n"
    # Long, so that there is something to see of it beside the tools.
    "import json\ntasks = {'items': [{'title': 'look ' * 40, 'status': 'pending'} for _ in range(10)]}\n"
    "answer = client.ask(f'update_tasks {json.dumps(tasks)}', model='tool')",
    "TurnInspector(answer)",
    "TraceView(answer)",
    "CostDashboard('24h')",
    "budgets = BudgetWidget()\nbudgets",
]


def region(notebook: Notebook, name: str) -> Any:
    return notebook.page.get_by_role("region", name=name, exact=True)


def bring(notebook: Notebook, name: str) -> Any:
    """A widget, at the top of the screen."""
    widget = region(notebook, name)
    widget.wait_for(timeout=60_000)
    widget.evaluate("node => node.scrollIntoView({ block: 'start' })")
    return widget


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_turns_and_costs(
    open_notebook: Callable[..., Notebook], lab: JupyterServer, tmp_path: Path, theme: str
) -> None:
    notebook = open_notebook(f"observed-{theme}.ipynb", OBSERVED, dark=theme == "dark")
    inspector = bring(notebook, "Inspector of a turn")
    bar = inspector.get_by_role("group", name=re.compile("^Context: [0-9,]+ tokens by part"))
    parts = bar.get_by_role("button")
    expect(parts.first).to_be_visible()
    tokens = inspector.get_by_role("table", name="Tokens by part")
    expect(tokens.get_by_role("row")).to_have_count(parts.count() + 1)

    # A click on a part shows what was sent, word for word; by keyboard, too.
    bar.get_by_role("button", name=re.compile("^Message: ")).click()
    sent = inspector.get_by_role("region", name="What was sent: Message")
    expect(sent.locator("pre")).to_contain_text("update_tasks")
    show(notebook, tmp_path / f"{theme}-inspector.png")
    assert notebook.panel.violations() == []
    sent.get_by_role("button", name="Close").click()
    expect(sent).to_be_hidden()
    expect(tokens.get_by_role("button", name="Message")).to_be_focused()
    parts.first.focus()
    notebook.page.keyboard.press("ArrowRight")
    expect(parts.nth(1)).to_be_focused()
    notebook.page.keyboard.press("Enter")
    expect(inspector.get_by_role("region", name=re.compile("^What was sent"))).to_be_visible()
    expect(parts.nth(1)).to_be_focused()

    inspector.get_by_role("combobox", name="Model request").select_option(index=0)
    expect(bar.get_by_role("button", name=re.compile("^Steps so far"))).to_have_count(0)
    inspector.get_by_role("button", name="4", exact=True).click()
    expect(inspector.get_by_role("button", name="4", exact=True)).to_have_attribute("aria-pressed", "true")

    timeline = bring(notebook, "Timeline of a turn").get_by_role("list", name="What happened when")
    expect(timeline.get_by_role("listitem").filter(has_text="update_tasks")).to_be_visible()
    show(notebook, tmp_path / f"{theme}-trace.png")

    costs = bring(notebook, "Costs of the agent")
    expect(costs.get_by_role("table", name="Costs")).to_contain_text("words-20")
    chart = costs.get_by_role("slider")
    chart.focus()
    expect(chart).to_have_attribute("aria-valuetext", re.compile("tool"))
    show(notebook, tmp_path / f"{theme}-costs.png")
    costs.get_by_role("combobox", name="Grouped by").select_option(label="By purpose")
    expect(costs.get_by_role("table", name="Costs")).to_contain_text("turn")
    assert notebook.panel.violations() == []

    budgets = bring(notebook, "Budgets of the agent")
    budgets.get_by_role("combobox", name="What the limit is for").select_option(label="Each day")
    budgets.get_by_label("soft $").fill("4")
    budgets.get_by_label("hard $").fill("3")
    budgets.get_by_label("hard $").press("Enter")
    expect(budgets).to_contain_text("The soft limit is not above the hard one")
    budgets.get_by_label("hard $").fill("5")
    budgets.get_by_role("button", name="Save").click()
    expect(budgets.get_by_role("listitem")).to_contain_text("soft $4.00, hard $5.00")
    show(notebook, tmp_path / f"{theme}-budgets.png")
    assert notebook.panel.violations() == []
    budgets.get_by_role("button", name="Remove the limit: Today").click()
    expect(budgets).to_contain_text("No limits are set.")


def test_a_running_turn_in_the_inspector(
    open_notebook: Callable[..., Notebook], provider: ScriptedProvider, tmp_path: Path
) -> None:
    start = "from jupyter_agent import Client, TurnInspector\nstream = Client().stream('slowly', model='gated-2')"
    notebook = open_notebook("live.ipynb", [start, "TurnInspector(stream)"])
    inspector = bring(notebook, "Inspector of a turn")
    expect(inspector.get_by_text("Working")).to_be_visible()
    open_span = inspector.locator("li[data-open]").filter(has_text="chat gated-2")
    expect(open_span).to_be_visible()
    show(notebook, tmp_path / "running.png")
    for _ in range(2):
        provider.release()
    expect(inspector.get_by_text("Working")).to_be_hidden()
    expect(open_span).to_have_count(0)
    expect(inspector.get_by_role("group", name=re.compile("tokens by part"))).to_be_visible()
