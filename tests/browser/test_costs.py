"""The dashboard of costs, in a real browser on a real server whose every number is known in advance."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from ..scripted_provider import ScriptedProvider
from ..servers import JupyterServer, provider_writes
from .conftest import make_lab
from .notebooks import notebook
from .panel import OVERFLOW, Panel

PICTURES = os.environ.get("COSTS_PICTURES")
"""A folder for screenshots to look at."""

PRICES = {"echo": {"input": "1000", "output": "2000", "cache_read": "100"}}
EACH = Decimal("0.182")
"""80 tokens at 1,000 dollars a million, 20 from the cache at 100, and 50 that were written, at 2,000."""
HOSTILE = '<img src=x onerror="window.hacked=1"> & <b>bold</b>'
ZONE = ZoneInfo("Asia/Tokyo")
PAST = datetime.now(UTC).replace(hour=15, minute=30, second=0, microsecond=0) - timedelta(days=3)
"""Half past three in the afternoon in London is the next day in Tokyo."""


def seed(server: JupyterServer, owner: str) -> None:
    """Requests of days before, on two more models: one whose price nobody knows, one that failed."""
    from jupyter_agent.providers.ledger import add_in
    from jupyter_agent.storage.tables import ModelRequestRow

    def write(orm: Any) -> None:
        for number, (model, cost, error) in enumerate(
            [("big", Decimal("2.5"), None), ("big", Decimal("1.25"), None), ("odd", None, None), ("big", None, "cut")]
        ):
            used = 0 if error else 1_000
            row = ModelRequestRow(
                id=f"req_seed{number}", owner=owner, purpose="completion", provider="old", model=model, cost=cost,
                input_tokens=used * 2, output_tokens=used, cache_read_tokens=0, cache_write_tokens=0,
                duration_ms=1_500, error_code=error, created_at=PAST,
            )  # fmt: skip
            add_in(orm, row)

    server.in_database(write)


def ask(server: JupyterServer, session_id: str) -> Any:
    return server.api("POST", f"/sessions/{session_id}/turns", params={"wait": "true"}, json={"message": "hello"})


@pytest.fixture(scope="module")
def spent(tmp_path_factory: pytest.TempPathFactory, provider: ScriptedProvider) -> Iterator[JupyterServer]:
    """A lab where two chats were answered three times today, and something was spent three days ago."""
    config = {"BudgetSettings": {"timezone": ZONE.key, "month_hard": "1000"}}
    with make_lab(tmp_path_factory.mktemp("costs"), config=config) as server:
        write = provider_writes(provider, "echo", ["echo"])[0]
        server.api("POST", "/providers", json={**write, "prices": PRICES})
        server.api("PUT", "/providers/default", json={"provider": "scripted", "model": "echo"})
        for title, times in (("Fix the join", 2), (HOSTILE, 1)):
            session = server.api("POST", "/sessions", json={"title": title})
            for _ in range(times):
                assert ask(server, session["id"])["usage"]["cost"] == str(EACH)
        owner: list[str] = []
        from sqlalchemy import text

        server.in_database(lambda orm: owner.append(orm.scalar(text("SELECT owner FROM sessions LIMIT 1"))))
        seed(server, owner[0])
        yield server


class Costs:
    """The dashboard as its user sees it."""

    def __init__(self, panel: Panel) -> None:
        self.page = panel.page
        self.panel = panel
        self.asked: list[str] = []
        panel.page.on("request", lambda one: "agent/v1/" in one.url and self.asked.append(path_of(one.url)))

    def open(self, command: str = "agent:open-costs", **args: Any) -> Costs:
        self.page.evaluate(
            "([command, args]) => window.jupyterapp.commands.execute(command, args).then(() => null)", [command, args]
        )
        expect(self.figure("Today")).to_contain_text("request")
        return self

    @property
    def root(self) -> Any:
        return self.page.get_by_role("region", name="Agent costs", exact=True)

    def figure(self, name: str) -> Any:
        return self.root.get_by_role("group", name=name, exact=True)

    def section(self, name: str) -> Any:
        return self.root.get_by_role("region", name=name, exact=True)

    def button(self, name: str | re.Pattern[str]) -> Any:
        return self.root.get_by_role("button", name=name, exact=isinstance(name, str))

    def rows(self, name: str) -> list[list[str]]:
        """The cells of a table that can be seen."""
        table = self.root.get_by_role("table", name=name)
        expect(table).to_be_visible()
        found: list[list[str]] = table.evaluate(
            "table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.innerText.trim()))"
        )
        return found

    def picture(self, name: str) -> None:
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(PICTURES) / f"costs-{name}.png")


def path_of(url: str) -> str:
    return url.split("agent/v1/")[1].split("?")[0]


@pytest.fixture
def costs(spent: JupyterServer, open_page: Any) -> Costs:
    return Costs(open_page(spent, query="&reset"))


def known(server: JupyterServer) -> tuple[Decimal, Decimal, int]:
    """What was spent today, and in 30 days; and how many requests were made today. By the ledger's single lines."""
    lines = server.api("GET", "/stats/transactions", params={"period": "30d", "limit": 500})["items"]
    today = datetime.now(ZONE).date()
    of_today = [one for one in lines if datetime.fromisoformat(one["created_at"]).astimezone(ZONE).date() == today]

    def sums(rows: list[Any]) -> Decimal:
        return sum((Decimal(one["cost"] or 0) for one in rows), Decimal(0))

    return sums(of_today), sums(lines), len(of_today)


def dollars(amount: Decimal) -> str:
    return f"${amount:,.2f}" if amount >= 1 else f"${amount.normalize()}"


def test_numbers(spent: JupyterServer, costs: Costs) -> None:
    """What is shown are the sums that are known; nothing is asked for that nobody looks at."""
    costs.page.get_by_role("button", name=re.compile("^Agents cost .* today")).click()
    today, month, requests = known(spent)
    assert (today, requests) == (3 * EACH, 3)
    expect(costs.figure("Today")).to_contain_text(dollars(today))
    expect(costs.figure("Today")).to_contain_text("3 requests, 450 tokens")
    expect(costs.figure("Budget left")).to_contain_text("of $1,000.00 this month")
    expect(costs.section("Spending")).to_contain_text(dollars(month))
    assert month == 3 * EACH + Decimal("3.75")
    expect(costs.section("Spending")).to_contain_text("1 request has no known price; the sums are without them")
    assert costs.rows("Costs by model") == [
        ["big old", "87%", "$3.75", "3", "4,000", "2,000", "0", "1"],
        ["echo scripted", "13%", "$0.546", "3", "300", "150", "60", "0"],
        ["odd old", "0%", "no price known", "1", "2,000", "1,000", "0", "0"],
    ]
    later = {"stats/cache", "stats/efficiency", "stats/capacity", "stats/timeseries", "stats/transactions"}
    assert not later & set(costs.asked)
    assert costs.asked.count("stats/costs") == 1
    assert costs.asked.count("stats/summary") <= 2
    costs.picture("numbers")

    # By another column; then the same sums by chat and by purpose.
    costs.button("Requests").last.click()
    assert [row[3] for row in costs.rows("Costs by model")] == ["3", "3", "1"]
    costs.button("Chats").click()
    assert [row[:3] for row in costs.rows("Costs by chat")] == [
        ["Outside of chats", "87%", "$3.75+"],
        ["Fix the join", "8%", "$0.364"],
        [HOSTILE, "4%", "$0.182"],
    ]
    costs.button("Purposes").click()
    assert [row[0] for row in costs.rows("Costs by purpose")] == ["Suggestions at the cursor", "Answers"]


def test_time(spent: JupyterServer, costs: Costs) -> None:
    """Days are those of the zone; the chart says the same to those who use a keyboard, and the table has it all."""
    costs.open()
    day = PAST.astimezone(ZONE)
    assert day.date() != PAST.date()
    costs.root.get_by_text("The same numbers as a table").click()
    rows = costs.rows("Costs in detail")
    assert [row[1:] for row in rows if row[0] == f"{day:%a, %b} {day.day}, {day.year}"] == [
        ["big", "3", "6,000", "$3.75"],
        ["odd", "1", "3,000", "$0.00"],
    ]
    chart = costs.root.get_by_role("slider", name="Cost by model over time")
    chart.focus()
    for _ in range(3):
        chart.press("ArrowLeft")
    ago = (datetime.now(ZONE).date() - day.date()).days
    for _ in range(ago - 3):
        chart.press("ArrowLeft")
    for _ in range(3 - ago):
        chart.press("ArrowRight")
    expect(chart).to_have_attribute("aria-valuetext", f"{day:%a, %b} {day.day}, {day.year}: $3.75, big $3.75")
    # Enter goes into the day; its hours add up to the same.
    chart.press("Enter")
    expect(costs.section("Spending")).to_contain_text("4 requests, 9K tokens")
    hour = PAST.astimezone(ZONE).strftime("%-I:%M %p").replace(":30", ":00")
    shown = next(row for row in costs.rows("Costs in detail") if row[1] == "big")[0]
    assert shown.replace("\u202f", " ").endswith(hour)
    costs.button("30 days").click()
    expect(costs.section("Spending")).to_contain_text("$4.30")
    costs.button("Own days").click()
    costs.root.get_by_label("From").fill(f"{day:%Y-%m-%d}")
    costs.root.get_by_label("to", exact=True).fill(f"{day - timedelta(days=1):%Y-%m-%d}")
    expect(costs.root).to_contain_text("It ends before it begins")
    costs.root.get_by_label("to", exact=True).fill(f"{day:%Y-%m-%d}")
    costs.button("Show").click()
    expect(costs.section("Spending")).to_contain_text("$3.75")
    assert "stats/transactions" not in costs.asked


def test_down_to_a_turn(spent: JupyterServer, costs: Costs) -> None:
    costs.open()
    costs.button(re.compile("^echo")).last.click()
    costs.button(HOSTILE).click()
    expect(costs.root.get_by_role("navigation", name="Where you are")).to_contain_text(HOSTILE)
    rows = costs.rows("Requests to models")
    assert [row[1:5] + row[7:] for row in rows] == [["Answers", "echo", "100", "50", "$0.182"]]
    costs.root.get_by_role("table", name="Requests to models").get_by_role("button").last.click()
    expect(costs.page.locator(".jp-agent-Turns").first).to_contain_text("hello")
    assert costs.page.evaluate("window.hacked") is None
    # Back where one came from.
    costs.open()
    costs.button("echo").click()
    costs.button("All models").click()
    assert len(costs.rows("Costs by model")) == 3


def test_budgets(spent: JupyterServer, open_panel: Any) -> None:
    """Set by keyboard alone, refused where they make no sense, undone; and a turn stops at one, and says so."""
    panel = open_panel(spent)
    costs = Costs(panel).open("agent:edit-budgets")
    page = costs.page
    first = costs.root.get_by_label("Each turn, soft limit")
    expect(first).to_be_focused()
    assert panel.focused()["shown"]
    expect(costs.section("Budgets")).to_contain_text("The administrator has set hard $1,000.00")
    page.keyboard.type("0.20")
    page.keyboard.press("Tab")
    page.keyboard.type("0.10")
    page.keyboard.press("Enter")
    expect(costs.section("Budgets").get_by_role("alert")).to_have_text("The soft limit is above the hard one")
    expect(first).to_be_focused()
    assert all(one["source"] == "admin" for one in spent.api("GET", "/budgets")["items"])
    page.keyboard.press("Control+a")
    page.keyboard.type("lots")
    page.keyboard.press("Enter")
    expect(costs.section("Budgets").get_by_role("alert")).to_have_text("An amount of US dollars, such as 0.50")
    costs.picture("editor")
    page.keyboard.press("Control+a")
    page.keyboard.type("0.05")
    page.keyboard.press("Enter")
    expect(costs.section("Budgets")).to_contain_text("The budgets are saved.")
    own = [one for one in spent.api("GET", "/budgets")["items"] if one["source"] == "user"]
    assert [(one["scope"], float(one["soft"]), float(one["hard"])) for one in own] == [("turn", 0.05, 0.1)]

    panel.pick_model("echo")
    panel.send("what does it cost")
    expect(panel.answer).to_contain_text(re.compile("budget", re.IGNORECASE))
    panel.wait_finished()
    turn = spent.api("GET", "/stats/transactions", params={"limit": 1})["items"][0]
    assert Decimal(spent.api("GET", f"/turns/{turn['turn_id']}")["usage"]["cost"]) <= EACH

    costs.button("Undo").click()
    costs.panel.wait_until(lambda: all(one["source"] == "admin" for one in spent.api("GET", "/budgets")["items"]))
    expect(costs.section("Budgets")).not_to_contain_text("Each turn")


def test_status_bar(spent: JupyterServer, costs: Costs) -> None:
    """It says what today cost, follows, warns in words, and can be hidden."""
    item = costs.page.locator(".jp-agent-CostsItem")
    today, _, _ = known(spent)
    expect(item).to_have_text(f"{dollars(today)} today")
    session = spent.api("POST", "/sessions", json={})["id"]
    spent.api("PUT", "/budgets", json={"items": [{"scope": "day", "soft": "0.01"}]})
    try:
        ask(spent, session)
        expect(item).to_have_text(f"{dollars(today + EACH)} today | Over the soft limit")
        spent.api("PUT", "/budgets", json={"items": [{"scope": "day", "soft": "0.01", "hard": str(today + EACH)}]})
        assert ask(spent, session)["stop_reason"] == "budget"
        expect(item).to_have_text(f"{dollars(today + EACH)} today | Budget used up")
        assert costs.panel.violations() == []
    finally:
        spent.api("PUT", "/budgets", json={"items": []})
    spent.client.put("lab/api/settings/jupyterlab-agent:costs", json={"raw": '{"showToday": false}'})
    try:
        costs.page.reload()
        costs.page.wait_for_function("window.jupyterapp")
        costs.page.evaluate("window.jupyterapp.restored.then(() => null)")
        expect(costs.page.locator(".jp-agent-ActivityItem").first).to_contain_text("Idle")
        expect(item).to_be_hidden()
    finally:
        spent.client.put("lab/api/settings/jupyterlab-agent:costs", json={"raw": "{}"})


def test_export(spent: JupyterServer, costs: Costs) -> None:
    costs.open()
    costs.button("Export…").click()
    form = costs.root.get_by_role("form", name="Export")
    form.get_by_label("What").select_option("transactions")
    with costs.page.expect_download() as download:
        form.get_by_role("button", name="Save file").click()
    expect(form).to_contain_text(f"Saved as {download.value.suggested_filename}")
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    lines = spent.api("GET", "/stats/transactions", params={"period": "30d", "limit": 500})
    assert len(rows) == lines["total"]
    assert {row["id"]: Decimal(row["cost"] or 0) for row in rows} == {
        one["id"]: Decimal(one["cost"] or 0) for one in lines["items"]
    }
    costs.page.route(
        re.compile("stats/export"),
        lambda route: route.fulfill(
            status=409, json={"error": {"code": "not_installed", "message": "Parquet needs pyarrow.", "details": {}}}
        ),
    )
    form.get_by_label("As").select_option("parquet")
    form.get_by_role("button", name="Save file").click()
    expect(form.get_by_role("alert")).to_have_text("Parquet needs pyarrow.")
    costs.page.keyboard.press("Escape")
    expect(costs.button("Export…")).to_be_focused()


def test_price(spent: JupyterServer, costs: Costs) -> None:
    """What a model costs can be said where nobody knows it."""
    costs.page.route(re.compile("stats/costs"), odd_echo)
    costs.open()
    costs.button("Set a price").click()
    dialog = costs.page.get_by_role("dialog")
    dialog.get_by_label("Input").fill("1,5")
    dialog.get_by_label("Output").fill("3")
    dialog.get_by_role("button", name="Save price").click()
    expect(costs.page.get_by_role("alert")).to_contain_text("such as 0.25")
    dialog.get_by_label("Input").fill("1.5")
    dialog.get_by_role("button", name="Save price").click()
    expect(dialog).to_have_count(0)
    expect(costs.page.locator(".jp-toast-message")).to_contain_text("The price is kept")
    found = next(one for one in spent.api("GET", "/providers")["items"] if one["id"] == "scripted")
    assert found["prices"]["odd"]["input"] == "1.5"
    assert found["prices"]["echo"] == {**PRICES["echo"], "cache_write": None}
    assert found["key_source"] == "stored"
    assert ask(spent, spent.api("POST", "/sessions", json={})["id"])["stop_reason"] == "completed"


def odd_echo(route: Any) -> None:
    """The model without a price as one of the provider that there is."""
    response = route.fetch()
    report = response.json()
    for row in report["items"]:
        if row["model"] == "odd":
            row["provider"] = "scripted"
    route.fulfill(response=response, json=report)


def test_states(spent: JupyterServer, costs: Costs) -> None:
    """An error says so and can be tried again; without a connection what was there stays; a reload brings it back."""
    page = costs.page
    page.route(re.compile("stats/costs"), lambda route: route.fulfill(status=500, json={}))
    costs.open()
    expect(costs.section("Spending").get_by_role("alert")).to_contain_text("The numbers cannot be shown")
    page.unroute_all()
    costs.section("Spending").get_by_role("button", name="Try again").click()
    expect(costs.root.get_by_role("table", name="Costs by model")).to_be_visible()
    for name in ("Cache", "Efficiency by model", "Limits of the providers", "The last 24 hours"):
        costs.root.get_by_role("heading", name=name).click()
    expect(costs.root.get_by_role("table", name="Use of the cache by model")).to_contain_text("echo")
    expect(costs.root).to_contain_text("The providers read")
    expect(costs.root.get_by_role("table", name="What each model gave")).to_contain_text("$0.182")
    costs.button("What the columns mean").click()
    expect(costs.root).to_contain_text("Tokens that it wrote over tokens that it was sent")
    expect(costs.root.get_by_role("table", name="Each of the last hours")).to_be_visible()
    page.reload()
    page.wait_for_function("window.jupyterapp")
    expect(costs.figure("Today")).to_contain_text("request", timeout=30_000)


LOOKS = [(theme, width) for theme in ("Light", "Dark") for width in (1280, 358)]


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_looks(spent: JupyterServer, costs: Costs, theme: str, width: int) -> None:
    """In both themes, in a tab and as narrow as a side bar: nothing sticks out, and axe finds nothing."""
    page = costs.page
    page.evaluate(f"window.jupyterapp.commands.execute('apputils:change-theme', {{theme: 'JupyterLab {theme}'}})")
    page.evaluate("window.jupyterapp.shell.collapseLeft()")
    page.set_viewport_size({"width": width, "height": 2600})
    costs.open("agent:edit-budgets")
    for name in ("Cache", "Efficiency by model", "Limits of the providers", "The last 24 hours"):
        costs.root.get_by_role("heading", name=name).click()
    costs.button("What the columns mean").click()
    costs.button("Export…").click()
    chart = costs.root.get_by_role("slider", name="Cost by model over time")
    chart.focus()
    page.wait_for_timeout(400)
    costs.picture(f"{theme.lower()}-{width}")
    assert costs.root.evaluate(OVERFLOW) == []
    assert costs.panel.violations() == []
    page.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")


def test_nothing_yet(lab: JupyterServer, open_page: Any) -> None:
    costs = Costs(open_page(lab, query="&reset"))
    costs.open()
    expect(costs.figure("Today")).to_contain_text("$0.00")
    expect(costs.figure("Budget left")).to_contain_text("No limit")
    expect(costs.section("Spending")).to_contain_text("Nothing was spent yet")
    expect(costs.section("Budgets")).to_contain_text("There is no limit.")
    costs.picture("empty")
    assert costs.panel.violations() == []
    costs.button("Set a budget").first.click()
    expect(costs.root.get_by_label("Each turn, soft limit")).to_be_focused()
    costs.page.keyboard.press("Escape")
    expect(costs.section("Budgets")).to_contain_text("There is no limit.")


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_saved(app: str, spent: JupyterServer, tmp_path: Path, open_page: Any) -> None:
    """Costs in the output of a cell are drawn, before their HTML, from what was saved."""
    report = spent.api("GET", "/stats/costs", params={"by": "day,model"})
    data = {
        "application/vnd.jupyter-agent.costs+json": {"version": 1, "report": report, "budgets": None},
        "text/html": "<p>the fallback</p>",
        "text/plain": "costs",
    }
    cell = {
        "cell_type": "code", "id": "costs", "metadata": {}, "source": "", "execution_count": 1,
        "outputs": [{"output_type": "display_data", "data": data, "metadata": {}}],
    }  # fmt: skip
    content = json.loads(notebook())
    content["cells"] = [cell]

    def look(server: JupyterServer, path: str) -> None:
        (server.root / "costs.ipynb").write_text(json.dumps(content))
        panel = open_page(server, path)
        output = panel.page.locator(".jp-agent-CostsOutput")
        total = Decimal(report["totals"]["cost"])
        expect(output).to_contain_text(dollars(total), timeout=60_000)
        expect(panel.page.locator("body")).not_to_contain_text("the fallback")
        expect(output.get_by_role("slider")).to_be_visible()
        assert panel.violations() == []

    if app == "lab":
        look(spent, "lab/tree/costs.ipynb")
        return
    pytest.importorskip("notebook", minversion="7.4")
    config = {"JupyterNotebookApp": {"expose_app_in_browser": True}}
    with make_lab(tmp_path / "notebook", app="notebook", config=config) as server:
        look(server, "notebooks/costs.ipynb")
