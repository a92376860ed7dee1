"""The turn inspector: what the model saw, when what happened, what it cost, and what one thinks of it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from ..scripted_provider import Say, ScriptedProvider, Step
from ..scripted_wire import Asked
from ..servers import JupyterServer, provider_writes
from .agents import MODEL, does
from .conftest import make_lab
from .notebooks import notebook, open_document
from .panel import Panel

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

MODELS = [MODEL, "echo", "server-error", "analyst"]
PRICE = {"input": "2", "output": "10", "cache_read": "0.2"}
"""A request is 100 tokens in, 20 of them of the cache, and 50 out: 80 * 2 + 20 * 0.2 + 50 * 10 millionths."""
COST = "$0.0007"
TABLE = "region,amount\nnorth,3\nsouth,4\n"
HOSTILE = "<img src=x onerror=\"document.title='broken'\"><b>bold</b> \u202eevil"
TURN_MIME = "application/vnd.jupyter-agent.turn+json"


async def analyst(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    yield Say("## It went well\n\nAsk for **less** at once.\n\n<img src='https://example.org/spy.png' alt='spy'>")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A JupyterLab whose server has Jupyter Notebook's pages, too."""
    config = {"JupyterNotebookApp": {"expose_app_in_browser": True}}
    with make_lab(tmp_path_factory.mktemp("lab"), config=config) as server:
        yield server


@pytest.fixture(scope="module")
def priced(lab: JupyterServer, provider: ScriptedProvider) -> JupyterServer:
    provider.script("analyst", analyst)
    prices = {**dict.fromkeys(MODELS, PRICE), MODEL: {"input": "0", "output": "10"}}
    for body in provider_writes(provider, MODEL, MODELS):
        lab.api("POST", "/providers", json={**body, "prices": prices})
    lab.api("PUT", "/providers/default", json={"provider": "scripted", "model": MODEL})
    return lab


class Turns:
    """Makes turns through the API: the chat is not what is looked at."""

    def __init__(self, server: JupyterServer) -> None:
        self.server = server
        self.session: str = server.api("POST", "/sessions", json={"title": "Sales"})["id"]

    def run(self, message: str, *, model: str = "echo", wait: bool = True, **more: Any) -> dict[str, Any]:
        turn: dict[str, Any] = self.server.api(
            "POST",
            f"/sessions/{self.session}/turns?wait={str(wait).lower()}",
            json={"message": message, "provider": "scripted", "model": model, **more},
        )
        return turn

    def contexts(self, turn: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.server.api("GET", f"/turns/{turn['id']}/context")["items"]
        return found


class Inspector:
    """One inspector of a page, in the side bar or a tab."""

    def __init__(self, panel: Panel, where: str = "main") -> None:
        self.panel = panel
        self.page = panel.page
        self.where = where

    def run(self, command: str, **args: Any) -> None:
        self.page.evaluate(
            "([command, args]) => window.jupyterapp.commands.execute(command, args).then(() => null)", [command, args]
        )

    def open(self, turn: dict[str, Any], **how: Any) -> Inspector:
        self.run("agent:inspect-turn", turnId=turn["id"], where=self.where, **how)
        self.at(turn)
        return self

    def at(self, turn: dict[str, Any]) -> None:
        expect(self.root.locator(f".jp-agent-Inspector[data-turn='{turn['id']}']")).to_be_visible()
        expect(self.section("What the model saw").get_by_text("Loading…")).to_have_count(0)

    @property
    def root(self) -> Any:
        return self.page.locator(".jp-agent-Turns:not(.lm-mod-hidden) > .jp-agent-Turns-view")

    def section(self, name: str) -> Any:
        return self.root.get_by_role("region", name=name, exact=True)

    def parts(self) -> dict[str, int]:
        """The table under the bar: names and tokens."""
        rows = self.root.get_by_role("table", name="Tokens by part of the context").locator("tbody tr").all()
        return {
            row.locator("th").inner_text().strip(): int(row.locator("td").first.inner_text().replace(",", ""))
            for row in rows
        }

    def part(self, name: str) -> Any:
        return self.root.get_by_role("table", name="Tokens by part of the context").get_by_role(
            "button", name=name, exact=True
        )

    def sent(self, name: str) -> Any:
        return self.root.get_by_role("group", name=f"Sent: {name}")

    def fact(self, name: str) -> Any:
        facts = self.root.locator(".jp-agent-Inspector-head .jp-agent-Facts > div")
        return facts.filter(has=self.page.locator("dt", has_text=re.compile(f"^{name}$"))).locator("dd")


@pytest.fixture
def turns(priced: JupyterServer) -> Turns:
    return Turns(priced)


@pytest.fixture(scope="module")
def shared(priced: JupyterServer, chromium: Any) -> Iterator[Panel]:
    """One page for the tests that leave nothing behind on it."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, permissions=["clipboard-read", "clipboard-write"]
    )
    panel = Panel(context.new_page(), priced)
    panel.open()
    yield panel
    context.close()


@pytest.fixture
def page(shared: Panel) -> Inspector:
    shared.page.evaluate("window.jupyterapp.commands.execute('application:close-all').then(() => null)")
    return Inspector(shared)


def test_the_bar_says_what_was_sent(page: Inspector, turns: Turns) -> None:
    """All numbers are known: the provider counts 100 tokens in, the budget is 5,000."""
    table = {"type": "context", "kind": "text", "name": "sales.csv", "text": TABLE}
    turn = turns.run("Which region is larger?", tools=[], parts=[table], context_budget=5000)
    [context] = turns.contexts(turn)
    page.open(turn)
    expect(page.root).to_contain_text("Which region is larger?")
    expect(page.root.get_by_role("status").filter(has_text="Finished")).to_be_visible()
    expect(page.fact("Tokens")).to_have_text("100 in, 50 out")
    expect(page.fact("Cost")).to_have_text(COST)
    expect(page.fact("Model")).to_have_text("scripted / echo")
    shown = page.parts()
    assert shown.pop("Free") == 4900
    assert sum(shown.values()) == 100
    assert sorted(shown.values()) == sorted(context["tokens"].values())
    assert shown["Attachments"] == context["tokens"]["attachments"] > 0
    bar = page.root.get_by_role("group", name="Context: 100 of 5,000 tokens")
    free = bar.get_by_role("button", name="Free: 4,900 tokens, 98%")
    assert 0.9 < free.bounding_box()["width"] / bar.bounding_box()["width"] < 0.99
    expect(page.root).to_contain_text("Total counted by the provider")
    expect(page.root).to_contain_text("20 tokens read (20%), 0 written")

    # Exactly what was sent, from the bar and from the table.
    bar.get_by_role("button", name=re.compile("^Attachments")).click()
    sent = page.sent("Attachments")
    expect(sent.locator("pre")).to_contain_text(TABLE.strip())
    expect(page.part("Attachments")).to_have_attribute("aria-pressed", "true")
    page.part("Message").click()
    expect(page.sent("Message").locator("pre")).to_contain_text("Which region is larger?")
    page.sent("Message").get_by_role("searchbox").fill("REGION")
    expect(page.sent("Message").locator("mark")).to_have_text("region")
    expect(page.sent("Message").get_by_text("1 hit", exact=True)).to_be_visible()
    page.sent("Message").get_by_role("searchbox").fill("nowhere to be found")
    expect(page.sent("Message")).to_contain_text("Nothing of this was sent.")
    page.sent("Message").get_by_role("button", name="Close").click()
    expect(page.part("Message")).to_be_focused()


def test_what_was_sent_is_text(
    page: Inspector, turns: Turns, priced: JupyterServer, provider: ScriptedProvider
) -> None:
    """Nothing of it is a part of the page, and nothing of it hides."""
    does(provider, [("update_tasks", {"items": [{"id": "a", "title": HOSTILE, "status": "pending"}]})])
    turn = turns.run(f"Look at {HOSTILE}", model=MODEL)
    page.open(turn)
    heading = page.section("Messages as sent")
    heading.locator("summary").first.click()
    everything = page.sent("Messages as sent")
    everything.get_by_role("searchbox").fill("onerror")
    shown = everything.locator("pre")
    expect(shown.first).to_contain_text("<img src=x onerror=")
    expect(shown.first).to_contain_text("⟨U+202E⟩evil")
    page.section("Tools").locator("summary").first.click()
    expect(page.section("Tools")).to_contain_text("<img src=x onerror=")
    assert page.root.locator("img, b").count() == 0
    assert page.page.title() != "broken"


def test_a_long_text_is_cut_and_all_of_it_is_there(page: Inspector, turns: Turns) -> None:
    text = "".join(f"{number},north\n" for number in range(3000))
    table = {"type": "context", "kind": "text", "name": "long.csv", "text": text}
    turn = turns.run("How many?", tools=[], parts=[table])
    page.open(turn, part="attachments")
    sent = page.sent("Attachments")
    expect(sent.locator("pre")).to_contain_text("0,north")
    expect(sent.locator("pre")).not_to_contain_text("2999,north")
    sent.get_by_role("button", name=re.compile("^Show all of it")).click()
    expect(sent.locator("pre")).to_contain_text("2999,north")
    sent.get_by_role("button", name=re.compile("^Copy “")).click()
    page.panel.wait_until(lambda: "2999,north" in page.page.evaluate("navigator.clipboard.readText()"))


def test_a_running_turn_is_followed(
    page: Inspector, turns: Turns, priced: JupyterServer, provider: ScriptedProvider
) -> None:
    """It waits, somebody says yes elsewhere, it goes on: the page shows each, and the timeline is to scale."""
    does(provider, [("write_file", {"path": "seen.txt", "text": "one\n"})])
    turn = turns.run("Write it", model=MODEL, wait=False)
    page.open(turn)
    status = page.root.locator(".jp-agent-Inspector-status")
    expect(status).to_have_text("Waits for you")
    waits = page.section("Timeline").locator("li").filter(has_text="Waited for you")
    expect(waits).to_contain_text("so far")
    expect(page.section("Tools")).to_contain_text("Asked: waits for you")
    [approval] = priced.api("GET", "/approvals?status=pending")["items"]
    time.sleep(1.2)
    priced.api("POST", f"/approvals/{approval['id']}/approve", json={})
    expect(status).to_have_text("Finished")
    expect(page.section("Tools")).to_contain_text("Asked: allowed by")
    trace = priced.api("GET", f"/turns/{turn['id']}/trace")
    whole = trace["duration_ms"]
    [wait] = [span for span in trace["spans"] if span["kind"] == "approval"]
    assert wait["duration_ms"] >= 1000
    expect(waits).not_to_contain_text("so far")
    expect(page.section("Timeline").get_by_role("listitem")).to_have_count(len(trace["spans"]))
    bars = {
        row.get_attribute("data-span"): row.locator(".jp-agent-Timeline-track > svg").bounding_box()
        for row in page.section("Timeline").get_by_role("listitem").all()
    }
    root = bars[trace["spans"][0]["id"]]
    shown = page.page.evaluate(
        "id => document.querySelector(`[data-span='${id}'] svg svg`).getAttribute('width')", wait["id"]
    )
    assert root is not None
    assert abs(float(shown.rstrip("%")) / 100 - wait["duration_ms"] / whole) < 0.02
    # The same as a table.
    page.section("Timeline").get_by_text("As a table").click()
    table = page.section("Timeline").get_by_role("table", name="Requests, tools and waits")
    expect(table.locator("tbody tr")).to_have_count(len(trace["spans"]))
    waits.get_by_role("button").click()
    expect(page.section("Timeline").get_by_role("group", name="Waited for you")).to_contain_text(wait["name"])
    # Two requests: the last one is shown, the first can be chosen.
    choice = page.root.get_by_role("combobox", name="Model request", exact=True)
    expect(choice.locator("option")).to_have_count(2)
    assert "Steps so far" in page.parts()
    page.root.get_by_role("button", name="Request before").click()
    assert "Steps so far" not in page.parts()


def test_two_turns_are_compared(page: Inspector, turns: Turns) -> None:
    first = turns.run("Which region is larger?", tools=[], context_budget=5000, system_prefix="Be brief.")
    table = {"type": "context", "kind": "text", "name": "sales.csv", "text": TABLE}
    second = turns.run("And which is smaller?", tools=[], parts=[table], context_budget=5000, system_prefix="Be kind.")
    page.open(second)
    page.root.get_by_role("combobox", name="Compare with").select_option("Which region is larger?")
    page.root.get_by_role("button", name="Compare", exact=True).click()
    expect(page.root.get_by_role("heading", name="Compare turns")).to_be_visible()
    rows = page.section("Tokens by part").get_by_role("row")
    [before], [after] = turns.contexts(first), turns.contexts(second)
    history = after["tokens"]["history"]
    expect(rows.filter(has_text="History")).to_contain_text(f"+{history}")
    expect(rows.filter(has_text="Sent")).to_contain_text("100")
    assert before["tokens"].get("history", 0) == 0
    # The first question is in both; its answer, the table and the second question are new.
    expect(page.section("Tokens by part")).to_contain_text("the same in both")
    expect(page.section("Only in the second")).to_contain_text("sales.csv")
    expect(page.section("Only in the second").get_by_role("listitem")).to_have_count(3)
    changed = page.section("Changed")
    expect(changed.get_by_role("listitem").filter(has_text="Instructions")).to_have_count(1)
    expect(changed).to_contain_text("Be brief.")
    expect(changed).to_contain_text("Be kind.")
    expect(page.section("Only in the first")).to_contain_text("Nothing that is not in the second.")


def test_tips_are_done(page: Inspector, turns: Turns, priced: JupyterServer, provider: ScriptedProvider) -> None:
    """A tip about the calls leads to them; one about a setting changes it; a model is asked, and says what it cost."""
    tasks = [("update_tasks", {"items": [{"id": "a", "title": f"Step {at}", "status": "pending"}]}) for at in range(5)]
    does(provider, tasks)
    turn = turns.run("Do it", model=MODEL)
    page.open(turn)
    tip = page.section("Tips").locator("[data-rule='high_tool_density']")
    expect(tip).to_contain_text("5 calls")
    tip.get_by_role("button", name="Show the calls").click()
    expect(page.section("Tools").get_by_role("heading", name="Tools")).to_be_focused()

    priced.api("PUT", "/providers/default", json={"provider": "scripted", "model": "analyst"})
    try:
        tips = page.section("Tips")
        tips.get_by_role("button", name="Ask a model").click()
        said = tips.get_by_role("article", name="What a model said")
        expect(said.get_by_role("heading", name="It went well")).to_be_visible()
        expect(said).to_contain_text(f"150 tokens · {COST}")
        # What a model writes loads nothing from elsewhere.
        expect(said.locator("img")).to_have_count(0)
        expect(tips.get_by_role("button", name="Ask a model again")).to_be_enabled()
    finally:
        priced.api("PUT", "/providers/default", json={"provider": "scripted", "model": MODEL})


def test_a_setting_is_changed_by_a_tip(page: Inspector, turns: Turns, priced: JupyterServer) -> None:
    turn = turns.run("Hello", tools=[])
    tip = {
        "severity": "warning",
        "category": "prompt",
        "rule": "system_prompt_heavy",
        "message": "The system prompt takes half of the context.",
        "suggestion": "Make it shorter.",
        "evidence": [{"metric": "share", "value": 0.5, "unit": "ratio", "context": ""}],
        "action": {"kind": "open_settings", "label": "Change the system prompt", "arguments": {}},
    }
    tip["action"]["arguments"] = {"name": "turns.system_prompt"}  # type: ignore[index]
    unknown = {**tip, "rule": "new", "action": {"kind": "dance", "label": "Dance", "arguments": {}}}
    body = {"turn_id": turn["id"], "tips": [tip, unknown], "tip_count": 2, "analysis": None}
    page.page.route("**/tips*", lambda route: route.fulfill(content_type="application/json", body=json.dumps(body)))
    try:
        page.open(turn)
        expect(page.section("Tips").get_by_role("button", name="Dance")).to_have_count(0)
        page.section("Tips").get_by_role("button", name="Change the system prompt").click()
        dialog = page.page.get_by_role("dialog")
        box = dialog.get_by_role("textbox", name="turns.system_prompt")
        expect(box).to_have_value(re.compile("helpful assistant"))
        box.fill("Be brief.")
        dialog.get_by_role("button", name="Save").click()
        expect(page.section("Tips")).to_contain_text("Saved")
        [setting] = [one for one in priced.api("GET", "/config")["settings"] if one["name"] == "turns.system_prompt"]
        assert setting["value"] == "Be brief."
    finally:
        page.page.unroute_all(behavior="ignoreErrors")
        priced.api("POST", "/config/reset", json={"names": ["turns.system_prompt"]})


def grade(root: Any) -> Any:
    return root.get_by_role("radiogroup", name="Grade this answer")


def test_grades_are_the_same_in_all_tabs(priced: JupyterServer, open_panel: Any) -> None:
    """Given by keyboard in the chat, seen in another tab and in its inspector, changed and taken back there."""
    one = open_panel(priced)
    one.pick_model("echo")
    one.send("Which is it?")
    one.wait_finished()
    session = priced.api("GET", "/sessions?limit=1")["items"][0]["id"]
    [turn] = priced.api("GET", f"/sessions/{session}/turns")["items"]
    other = open_panel(priced)
    Inspector(other).run("agent:open-chat", sessionId=session)
    expect(other.answers).to_have_count(1)
    grades = grade(one.answer)
    grades.get_by_role("radio", name="3: fair").focus()
    one.page.keyboard.press("ArrowRight")
    expect(grades.get_by_role("radio", name="4: good")).to_be_focused()
    expect(grades.get_by_role("radio", checked=True)).to_have_count(0)
    one.page.keyboard.press("Enter")
    expect(grades.get_by_role("radio", name="4: good")).to_be_checked()
    expect(grade(other.answer).get_by_role("radio", name="4: good")).to_be_checked()
    inspector = Inspector(other).open(turn)
    mark = inspector.section("Your grade")
    expect(mark.get_by_role("radio", name="4: good")).to_be_checked()
    mark.get_by_role("textbox", name="Comment on the answer").fill("Only the numbers were missing")
    mark.get_by_role("button", name="Save the comment").click()
    one.answer.hover()
    expect(one.answer.get_by_role("button", name="Change the comment: Only the numbers were missing")).to_be_visible()
    # Another grade keeps the comment; a digit gives it.
    one.page.keyboard.press("2")
    expect(mark.get_by_role("radio", name="2: poor")).to_be_checked()
    given = priced.api("GET", f"/turns/{turn['id']}/feedback")
    assert (given["grade"], given["comment"], given["source"]) == (2, "Only the numbers were missing", "lab")
    mark.get_by_role("button", name="Take the grade back").click()
    expect(grades.get_by_role("radio", checked=True)).to_have_count(0)
    assert priced.client.get(f"agent/v1/turns/{turn['id']}/feedback").status_code == 404


def test_a_tab_is_there_again_after_a_reload(priced: JupyterServer, open_panel: Any) -> None:
    turns = Turns(priced)
    first, second = turns.run("Which is the first?"), turns.run("Which is the second?")
    panel = open_panel(priced)
    inspector = Inspector(panel).open(first)
    expect(panel.page.locator(".lm-TabBar-tabLabel", has_text="Turn: Which is the first?")).to_be_visible()
    inspector.where = "right"
    inspector.run("agent:inspect-turn", turnId=second["id"], where="right")
    expect(panel.page.locator(f"[data-turn='{second['id']}']")).to_be_visible()
    # The layout is kept a moment after it was changed.
    panel.page.wait_for_timeout(1500)
    panel.page.reload()
    panel.page.wait_for_function("window.jupyterapp", timeout=60_000)
    panel.page.evaluate("window.jupyterapp.restored.then(() => null)")
    expect(panel.page.locator(f"#jp-main-dock-panel [data-turn='{first['id']}']")).to_be_visible()
    expect(panel.page.locator(f"#jp-right-stack [data-turn='{second['id']}']")).to_be_visible()


def test_keyboard_alone(priced: JupyterServer, open_panel: Any) -> None:
    """From an answer's numbers to what was sent, and back to the part."""
    panel = open_panel(priced)
    panel.pick_model("echo")
    panel.send("Which keys?")
    panel.wait_finished()
    panel.answer.get_by_role("button", name=re.compile("tokens")).focus()
    panel.page.keyboard.press("Enter")
    inspector = Inspector(panel)
    expect(inspector.root.get_by_role("heading", name="Turn inspector")).to_be_focused()
    expect(inspector.part("Instructions")).to_be_visible()
    bar = inspector.root.locator(".jp-agent-StackedBar-part")
    for _ in range(8):
        panel.page.keyboard.press("Tab")
        if panel.page.evaluate("document.activeElement.matches('.jp-agent-StackedBar-part')"):
            break
    expect(bar.first).to_be_focused()
    panel.page.keyboard.press("ArrowRight")
    expect(bar.nth(1)).to_be_focused()
    panel.page.keyboard.press("Enter")
    sent = inspector.sent("Tools")
    expect(sent).to_be_visible()
    sent.get_by_role("searchbox").focus()
    panel.page.keyboard.press("Tab")
    panel.focused()
    panel.page.keyboard.press("Escape")
    expect(sent).to_be_hidden()
    expect(inspector.part("Tools")).to_be_focused()


def test_a_chat_as_a_whole(page: Inspector, turns: Turns, priced: JupyterServer) -> None:
    first = turns.run("Which is the first?")
    turns.run("Which is the second?")
    priced.api("PUT", f"/turns/{first['id']}/feedback", json={"grade": 5, "comment": "Short"})
    page.run("agent:session-insights", sessionId=turns.session)
    expect(page.root.get_by_role("heading", name="Chat insights")).to_be_visible()
    expect(page.fact("Turns")).to_have_text("2")
    expect(page.fact("Tokens")).to_have_text("200 in, 100 out")
    expect(page.fact("Average grade")).to_have_text("5 of 5")
    table = page.root.get_by_role("table", name="Turns of this chat")
    expect(table.get_by_role("row").filter(has_text="Which is the first?")).to_contain_text("5/5")
    # It is told of what happens elsewhere.
    priced.api("PUT", f"/turns/{first['id']}/feedback", json={"grade": 1})
    expect(page.fact("Average grade")).to_have_text("1 of 5")
    table.get_by_role("button", name="Which is the first?").click()
    page.at(first)


def test_a_turn_that_is_gone_says_so(page: Inspector) -> None:
    page.run("agent:inspect-turn", turnId="turn_0123456789abcdef", where="main")
    expect(page.root.get_by_role("alert")).to_contain_text("This turn is not there any more.")


def test_a_piece_that_cannot_be_read_leaves_the_others(page: Inspector, turns: Turns) -> None:
    turn = turns.run("Which is it?")
    error = {"error": {"code": "unavailable", "message": "The database is busy.", "details": {}}}
    page.page.route(
        "**/trace*", lambda route: route.fulfill(status=503, content_type="application/json", body=json.dumps(error))
    )
    page.open(turn)
    timeline = page.section("Timeline")
    expect(timeline.get_by_role("alert")).to_contain_text("The database is busy.")
    assert page.parts()
    page.page.unroute_all(behavior="ignoreErrors")
    timeline.get_by_role("button", name="Try again").click()
    expect(timeline.get_by_role("listitem").first).to_be_visible()


def test_the_chat_tells_of_budgets_and_fallbacks(
    priced: JupyterServer, open_panel: Any, provider: ScriptedProvider
) -> None:
    """A soft limit warns, a hard one stops and says which, also after a reload; another model stands in in one line."""
    panel = open_panel(priced)
    does(
        provider, *([("update_tasks", {"items": [{"id": "a", "title": f"{at}", "status": "pending"}]})] for at in "ab")
    )
    priced.api("PUT", "/budgets", json={"items": [{"scope": "turn", "soft": "0.0004", "hard": "0.0005"}]})
    try:
        panel.pick_model(MODEL)
        panel.send("Do it")
        outcome = panel.answer.locator(".jp-agent-Outcome")
        expect(outcome).to_contain_text("The budget is used up")
        expect(outcome).to_contain_text("Budget of a turn: $0.0005 of $0.0005 spent")
        warned = panel.answer.locator("[data-note='budget']")
        expect(warned).to_contain_text("Budget of a turn: $0.0005 of $0.0004 spent")
        panel.reload()
        expect(outcome).to_contain_text("Budget of a turn: $0.0005 of $0.0005 spent")
        outcome.get_by_role("button", name="Raise the budget").click()
        expect(panel.page.get_by_role("region", name=re.compile("[Bb]udgets")).first).to_be_visible()
    finally:
        priced.api("PUT", "/budgets", json={"items": []})
    priced.api("PATCH", "/config", json={"values": {"selection.fallbacks": ["scripted/echo"]}})
    try:
        panel.new_chat()
        panel.pick_model("server-error")
        panel.send("Is anybody there?")
        note = panel.answer.locator("[data-note='fallback']")
        expect(note).to_contain_text("Asked echo, since server-error failed")
        panel.wait_finished()
        expect(panel.answer).to_contain_text("Is anybody there?")
        note.get_by_role("button", name="Details").click()
        inspector = Inspector(panel)
        expect(inspector.section("Choice of the model")).to_contain_text("It stands in for scripted / server-error.")
    finally:
        priced.api("POST", "/config/reset", json={"names": ["selection.fallbacks"]})


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_a_saved_turn_is_drawn(priced: JupyterServer, open_page: Any, app: str) -> None:
    """Where the extension is, it is drawn, and not the HTML that stands in for it elsewhere."""
    turns = Turns(priced)
    turn = turns.run("Which is it?", tools=[], context_budget=5000)
    contexts = turns.contexts(turn)
    bundle = {
        "version": 1,
        "turn": priced.api("GET", f"/turns/{turn['id']}"),
        "context": contexts,
        "trace": priced.api("GET", f"/turns/{turn['id']}/trace"),
        "tips": priced.api("GET", f"/turns/{turn['id']}/tips")["tips"],
        "selections": priced.api("GET", f"/turns/{turn['id']}/model-selection")["items"],
    }
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {TURN_MIME: bundle, "text/html": "<p>in its place</p>", "text/plain": "a turn"},
    }
    cell = {
        "cell_type": "code", "id": "shown", "metadata": {}, "source": "", "execution_count": 1, "outputs": [output]
    }  # fmt: skip
    (priced.root / "turn.ipynb").write_text(notebook(cell))
    if app == "lab":
        panel = open_page(priced)
        open_document(panel.page, "turn.ipynb")
    else:
        panel = open_page(priced, "notebooks/turn.ipynb")
    shown = panel.page.locator(".jp-agent-TurnOutput")
    expect(shown).to_contain_text("Which is it?")
    expect(shown.get_by_role("table", name="Tokens by part of the context")).to_contain_text("4,900")
    expect(shown.get_by_role("listitem").filter(has_text="Asked echo").first).to_be_visible()
    expect(panel.page.get_by_text("in its place")).to_have_count(0)
    shown.get_by_role("button", name="Open in the turn inspector").click()
    expect(panel.page.locator(f".jp-agent-Turns [data-turn='{turn['id']}']")).to_be_visible()


@pytest.mark.parametrize(("dark", "where"), [(True, "right"), (False, "main")])
def test_accessible_and_within_its_place(
    priced: JupyterServer, open_panel: Any, provider: ScriptedProvider, dark: bool, where: str
) -> None:
    """In both themes, at 280 pixels and as a tab: everything unfolded is within its place, and axe finds nothing."""
    does(provider, [("read_file", {"path": "a/very/long/path/to/a/file/that/is/not/there.py"})])
    turns = Turns(priced)
    table = {"type": "context", "kind": "file", "name": "sales.csv", "path": "data/sales.csv", "text": TABLE}
    other = turns.run("Which is it?")
    turn = turns.run("Why does the merge lose rows?", model=MODEL, parts=[table], context_budget=20_000)
    panel = open_panel(priced, dark=dark)
    panel.widen(280)
    inspector = Inspector(panel, where).open(turn)
    inspector.part("Attachments").click()
    expect(inspector.sent("Attachments").locator("pre").first).to_be_visible()
    inspector.section("Timeline").get_by_text("As a table").click()
    inspector.section("Tools").locator("summary").first.click()
    inspector.section("Timeline").get_by_role("listitem").nth(1).get_by_role("button").click()
    if where == "right":
        assert inspector.root.bounding_box()["width"] < 300
    assert panel.overflow(inspector.root) == []
    assert panel.violations() == []
    inspector.run("agent:compare-turns", first=other["id"], second=turn["id"])
    expect(inspector.section("Only in the second")).to_contain_text("sales.csv")
    assert panel.overflow(inspector.root) == []
    assert panel.violations() == []
    inspector.run("agent:session-insights", sessionId=turns.session)
    expect(inspector.fact("Turns")).to_have_text("2")
    assert panel.overflow(inspector.root) == []
    assert panel.violations() == []
