"""`client.stats` and `client.inspect`: tables of what was used, turns to look at, and what a notebook keeps of both."""

from __future__ import annotations

import asyncio
import html.parser
import io
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jupyter_agent import AgentError, AsyncClient, Client, Invalid
from jupyter_agent.api.models import Page
from jupyter_agent.kernel import frames, readable
from jupyter_agent.kernel.inspection import Inspection, Looked, turn_id_of
from jupyter_agent.kernel.reports import BudgetList, Costs, Transactions
from jupyter_agent.kernel.stats import changed_limits, moment
from jupyter_agent.observatory.models import Budgets, CostRow, Feedback, Totals, Transaction

from . import observed
from .observed import HOSTILE
from .scripted_provider import ScriptedProvider
from .servers import JupyterServer, provider_writes

pd = pytest.importorskip("pandas", reason="NOT TESTED: data frames, because pandas is not installed")

COSTS_MIME = "application/vnd.jupyter-agent.costs+json"
TURN_MIME = "application/vnd.jupyter-agent.turn+json"
PRICES = {"echo": {"input": "1.5", "output": "6", "cache_read": "0.15"}, "words-3": {"input": "15", "output": "60"}}
"""US dollars for a million tokens. The scripted provider says 100 in, 20 of them from its cache, and 50 out."""
ECHO = Decimal("0.000423")
"""80 x 1.5 + 20 x 0.15 + 50 x 6, of a million."""
WORDS = Decimal("0.0045")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Three answers of one model, two of another, one failure; all in one conversation but the last."""
    with JupyterServer(tmp_path_factory.mktemp("server")) as running, ScriptedProvider() as provider:
        running.use(provider)
        [scripted, *_] = provider_writes(provider)
        scripted.pop("id")
        running.api("PUT", "/providers/scripted", json={**scripted, "prices": PRICES})
        with Client(running.url, running.token) as client:
            answer = client.ask("one", model="echo")
            for model in ("echo", "echo", "words-3"):
                answer = client.ask("more", session=answer, model=model)
            client.ask("alone", model="words-3")
            with pytest.raises(AgentError):
                client.ask("fails", model="unauthorized")
        yield running


@pytest.fixture
def client(server: JupyterServer) -> Iterator[Client]:
    with Client(server.url, server.token) as made:
        yield made


def looked(message: str = "Why?", **fields: Any) -> Looked:
    known: dict[str, Any] = {
        "turn": observed.turn(message),
        "context": observed.contexts(),
        "trace": observed.trace(),
        "tips": observed.tips(),
        "selection": observed.selections(),
        "tools": observed.calls(),
        "given": None,
    }
    return Looked(**{**known, **fields})


def costs(**fields: Any) -> Costs:
    return Costs(observed.costs(**fields), lambda offset: None)


class TestCosts:
    def test_every_number_is_what_the_provider_said(self, client: Client) -> None:
        report = client.stats.costs(by=["model"])
        frame = report.to_pandas(decimals=True).set_index("model")
        assert frame.loc["echo", ["requests", "input", "cache_read", "output"]].tolist() == [3, 300, 60, 150]
        assert frame.loc["echo", "cost"] == 3 * ECHO
        assert frame.loc["words-3", "cost"] == 2 * WORDS
        assert frame.loc["unauthorized", "errors"] == 1
        assert frame["cost"].sum() == Decimal(report.totals.cost) == 3 * ECHO + 2 * WORDS

    def test_columns_are_those_that_were_grouped_by(self, client: Client) -> None:
        frame = client.stats.costs("7d", by="day,session", timezone="Europe/Berlin").to_pandas()
        assert list(frame.columns[:4]) == ["time", "session_id", "title", "requests"]
        assert str(frame["time"].dt.tz) == "Europe/Berlin"
        assert (frame["time"].dt.hour == 0).all()
        assert frame["cost"].dtype == "float64"
        assert isinstance(frame.index, pd.RangeIndex)

    def test_of_one_conversation(self, client: Client) -> None:
        first = client.stats.transactions(sort="created_at").items[0]
        report = client.stats.costs(by="model", session=first.session_id)
        assert Decimal(report.totals.cost) == 3 * ECHO + WORDS

    def test_between_two_moments(self, client: Client) -> None:
        assert client.stats.costs(start=date(2020, 1, 1), end="2020-02-01").totals.requests == 0
        assert client.stats.costs(start=datetime(2020, 1, 1, tzinfo=UTC), by="model").totals.requests == 6

    def test_what_the_server_refuses_is_an_error(self, client: Client) -> None:
        with pytest.raises(Invalid):
            client.stats.costs(by="color")

    def test_arrow_is_exact(self, client: Client) -> None:
        pa = pytest.importorskip("pyarrow", reason="NOT TESTED: Arrow, because pyarrow is not installed")
        table = client.stats.costs(by="day,model").to_arrow()
        assert pa.types.is_decimal(table.schema.field("cost").type)
        assert sum(table["cost"].to_pylist()) == 3 * ECHO + 2 * WORDS
        assert table.schema.field("time").type.tz


class TestPages:
    def test_all_are_read_for_a_table(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        from jupyter_agent.kernel import stats

        monkeypatch.setattr(stats, "TRANSACTION_ROWS", 2)
        report = client.stats.transactions()
        assert (len(report.items), len(report), report.complete) == (2, 6, False)
        frame = report.to_pandas()
        assert len(frame) == 6
        assert frame["id"].is_unique
        assert frame["created_at"].is_monotonic_decreasing
        assert str(frame["created_at"].dt.tz) == "UTC"
        assert report.complete

    def test_too_many_are_refused_before_anything_is_read(self) -> None:
        read: list[int] = []
        page = Page[Transaction](items=[], total=100_001, limit=500, offset=0)
        with pytest.raises(ValueError, match="100,001 rows"):
            Transactions(page, read.append).to_pandas()
        assert read == []

    def test_rows_that_come_meanwhile_are_not_there_twice(self) -> None:
        def transaction(number: int) -> Transaction:
            zero = dict.fromkeys(("input", "output", "cache_read", "cache_write"), 0)
            about = {"purpose": "turn", "provider": "p", "model": "m", "cached": False, "created_at": observed.BEGIN}
            return Transaction(id=str(number), **zero, **about)

        def page(numbers: list[int], offset: int) -> Page[Transaction]:
            return Page[Transaction](items=[transaction(one) for one in numbers], total=4, limit=2, offset=offset)

        # A newer one has pushed what was read already to the next page.
        report = Transactions(page([3, 2], 0), lambda offset: page([2, 1] if offset == 2 else [0], offset))
        assert report.to_pandas()["id"].tolist() == ["3", "2", "1", "0"]

    def test_a_copy_keeps_what_was_read(self) -> None:
        copy = pickle.loads(pickle.dumps(costs()))
        assert copy.to_pandas().equals(costs().to_pandas())


class TestOthers:
    def test_consumption(self, client: Client) -> None:
        report = client.stats.consumption()
        assert set(report.to_pandas()["model"]) == {"echo", "words-3", "unauthorized"}
        for table in report.tables():
            frame = report.to_pandas(table, decimals=True)
            assert frame["cost"].sum() == 3 * ECHO + 2 * WORDS, table

    def test_cache(self, client: Client) -> None:
        [echo] = [row for row in client.stats.cache().rows() if row["model"] == "echo"]
        assert (echo["hits"], echo["tokens_read"]) == (3, 60)
        assert echo["saved"] == 60 * (Decimal("1.5") - Decimal("0.15")) / 1_000_000

    def test_hours(self, client: Client) -> None:
        frame = client.stats.timeseries(hours=2).to_pandas(decimals=True)
        assert len(frame) == 2
        assert frame["requests"].sum() == 6
        assert frame["cost"].sum() == 3 * ECHO + 2 * WORDS

    def test_summary_and_capacity(self, client: Client) -> None:
        usage = client.stats.summary().to_pandas().set_index("span")
        assert usage.loc["month", "requests"] == 6
        capacity = client.stats.capacity().to_pandas().set_index("provider")
        assert not capacity.loc["scripted", "near_capacity"]

    def test_efficiency(self, client: Client) -> None:
        report = client.stats.efficiency()
        models = report.to_pandas(decimals=True).set_index("model")
        assert models.loc["echo", "cost_total"] == 3 * ECHO
        assert models.loc["echo", "total_turns"] == 3
        parts = report.to_pandas("attribution")
        assert parts.groupby("model")["share"].sum()["echo"] == pytest.approx(1)

    def test_a_table_there_is_not_is_named(self, client: Client) -> None:
        with pytest.raises(ValueError, match="models, providers, sessions, users, days"):
            client.stats.consumption().to_pandas("weeks")

    def test_nothing_is_an_empty_table_with_all_columns(self) -> None:
        empty = costs(items=[], total=0, totals=Totals()).to_pandas()
        assert len(empty) == 0
        assert empty.dtypes.to_dict() == costs().to_pandas().dtypes.to_dict()


class TestExport:
    def test_to_a_file_and_into_a_buffer(self, client: Client, tmp_path: Path) -> None:
        path = tmp_path / "costs.csv"
        size = client.stats.export(path, by=["model"])
        assert path.stat().st_size == size
        frame = pd.read_csv(path, dtype=str)
        assert sum(map(Decimal, frame["cost"])) == 3 * ECHO + 2 * WORDS
        for buffer in (io.BytesIO(), io.StringIO()):
            client.stats.export(buffer, table="transactions")
            buffer.seek(0)
            assert len(pd.read_csv(buffer)) == 6

    def test_by_the_name_of_the_file(self, client: Client, tmp_path: Path) -> None:
        pytest.importorskip("pyarrow", reason="NOT TESTED: Parquet, because pyarrow is not installed")
        client.stats.export(tmp_path / "all.parquet", table="transactions")
        frame = pd.read_parquet(tmp_path / "all.parquet")
        assert sum(frame["cost"].dropna()) == 3 * ECHO + 2 * WORDS

    def test_a_name_that_says_nothing(self, client: Client, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match=r"none of \.csv"):
            client.stats.export(tmp_path / "costs.xlsx")
        assert list(tmp_path.iterdir()) == []


class TestBudgets:
    def test_one_is_set_and_the_others_stay(self, client: Client) -> None:
        client.stats.set_budget("month", hard=100)
        report = client.stats.set_budget("day", soft="$40", hard=Decimal("50.5"))
        frame = report.to_pandas(decimals=True).set_index("scope")
        assert frame.loc["day", ["soft", "hard"]].tolist() == [Decimal(40), Decimal("50.5")]
        assert frame.loc["month", "hard"] == 100
        assert frame.loc["day", "spent"] > 0
        for scope in ("day", "month"):
            report = client.stats.set_budget(scope)
        assert report.items == []

    @pytest.mark.parametrize("wrong", ["-1", "much", float("nan"), "1e400"])
    def test_what_is_no_amount_changes_nothing(self, client: Client, wrong: Any) -> None:
        with pytest.raises((ValueError, AgentError)):
            client.stats.set_budget("day", hard=wrong)
        assert client.stats.budgets().items == []

    def test_soft_above_hard(self) -> None:
        with pytest.raises(ValueError, match="soft limit"):
            changed_limits(Budgets(items=[], timezone="UTC"), "day", 2, 1, None)

    def test_the_administrators_are_not_taken_over(self) -> None:
        mine = changed_limits(Budgets(items=observed.budgets(), timezone="UTC"), "user", None, "7", None)
        assert {one.scope for one in mine} == {"turn", "day", "user"}


class TestAsync:
    def test_the_same_numbers(self, server: JupyterServer, client: Client, tmp_path: Path) -> None:
        async def main() -> None:
            async with AsyncClient(server.url, server.token) as there:
                stats = there.stats
                assert (await stats.costs(by="model")).to_pandas().equals(client.stats.costs(by="model").to_pandas())
                for name in ("consumption", "cache", "timeseries", "efficiency"):
                    mine, theirs = getattr(client.stats, name)(), await getattr(stats, name)()
                    assert theirs.to_pandas().equals(mine.to_pandas()), name
                assert (await stats.summary()).month.requests == 6
                assert "scripted" in (await stats.capacity()).providers
                assert (await stats.budgets()).items == []
                assert (await stats.set_budget("user", hard=9)).items[0].hard == "9"
                assert (await stats.set_budget("user")).items == []
                assert await stats.export(tmp_path / "costs.csv") == (tmp_path / "costs.csv").stat().st_size

        asyncio.run(main())

    def test_pages_are_awaited(self, server: JupyterServer, monkeypatch: pytest.MonkeyPatch) -> None:
        from jupyter_agent.kernel import stats

        monkeypatch.setattr(stats, "TRANSACTION_ROWS", 4)

        async def main() -> None:
            async with AsyncClient(server.url, server.token) as there:
                report = await there.stats.transactions()
                with pytest.raises(ValueError, match="4 of 6"):
                    report.to_pandas()
                assert len((await report.all()).to_pandas()) == 6

        asyncio.run(main())

    def test_a_turn(self, server: JupyterServer) -> None:
        async def main() -> None:
            async with AsyncClient(server.url, server.token) as there:
                answer = await there.ask("async", model="echo")
                seen = await answer.inspect()
                assert seen.turn.id == answer.turn.id
                given = await seen.feedback(5)
                assert (given.grade, seen.grade) == (5, 5)
                assert "async" in str([item.content for item in (await seen.contents()).items])
                assert (await seen.refresh()).grade == 5
                await there.observatory.delete_feedback(answer.turn.id)
                await there.sessions.delete_session(answer.session_id, purge=True)

        asyncio.run(main())


class TestInspecting:
    def test_an_answer(self, client: Client) -> None:
        answer = client.ask("look at me", model="echo")
        seen = answer.inspect()
        [snapshot] = seen.context
        assert snapshot.total == 100
        assert sum(snapshot.tokens.values()) == 100
        assert seen.to_pandas()["tokens"].sum() == 100
        assert [one.strategy for one in seen.selection] == ["asked"]
        spans = seen.to_pandas("spans")
        assert set(spans["kind"]) >= {"turn", "request"}
        assert str(spans["started_at"].dt.tz) == "UTC"
        assert seen.grade is None
        seen.feedback(2, "meh")
        assert client.inspect(answer.turn.id).grade == 2
        assert client.observatory.get_feedback(answer.turn.id).source == "notebook"
        assert any("look at me" in (item.content or "") for item in seen.contents().items)
        assert all(item.content is None for one in seen.context for item in one.items)

    def test_every_table_is_made(self) -> None:
        seen = Inspection(looked(), None)
        frames_of = {name: seen.to_pandas(name) for name in seen.tables()}
        assert {name: len(frame) for name, frame in frames_of.items()} == {
            "context": 11,
            "requests": 2,
            "spans": 5,
            "items": 11,
            "retrieved": 1,
            "left_out": 1,
            "tools": 1,
            "tips": 1,
            "selection": 1,
        }
        assert frames_of["context"].groupby("step")["tokens"].sum().tolist() == [3000, 3500]
        assert frames_of["context"].groupby("step")["share"].sum().tolist() == pytest.approx([1, 1])

    def test_a_copy_says_what_to_do(self) -> None:
        copy = pickle.loads(pickle.dumps(Inspection(looked(), None)))
        assert copy.context[0].total == 3000
        with pytest.raises(AgentError, match=r"client\.inspect"):
            copy.feedback(5)

    def test_what_is_no_turn(self, client: Client) -> None:
        with pytest.raises(TypeError, match="is no turn"):
            turn_id_of(7)
        with pytest.raises(AgentError):
            client.inspect("turn_unknown")


class Reader(html.parser.HTMLParser):
    """What a person reads of a page, and what a browser would do."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.styles = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.styles += " ".join(value or "" for name, value in attrs if name == "style")

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


def pages() -> dict[str, str]:
    """All that is shown as HTML, with hostile texts wherever people or models write."""
    rows = [
        CostRow(provider=HOSTILE, model=HOSTILE, session_id="s", title=HOSTILE, purpose=HOSTILE, user=HOSTILE, cost="1")
    ]
    bad = observed.costs(items=rows, total=1, by=["session", "model", "purpose", "user"])
    feedback = Feedback(
        turn_id="t", session_id="s", grade=3, comment=HOSTILE, created_at=observed.BEGIN, updated_at=observed.BEGIN
    )
    full = looked(
        HOSTILE,
        turn=observed.turn(HOSTILE, provider=HOSTILE, model=HOSTILE),
        context=[observed.snapshot(0, observed.PARTS, purpose=HOSTILE, left_out=observed.contexts()[0].left_out)],
        trace=observed.trace(HOSTILE),
        tips=observed.tips(HOSTILE),
        selection=observed.selections(HOSTILE),
        tools=observed.calls(HOSTILE),
        given=feedback,
    )
    full.trace.spans[1].name = full.trace.spans[1].message = HOSTILE
    full.context[0].left_out[0].reason = HOSTILE
    budgets = [
        *observed.budgets(),
        observed.budgets()[0].model_copy(update={"scope": "session", "session_id": HOSTILE}),
    ]
    return {
        "costs": readable.costs_html(bad, budgets),
        "turn": full.html(),
        "trace": readable.trace_html(full.trace),
        "budgets": readable.budgets_html(budgets, HOSTILE),
        "table": readable.table_html(HOSTILE, HOSTILE, {"costs": frames.table_of(CostRow, rows)}),
        "note": readable.note_html(HOSTILE, HOSTILE),
    }


class TestReadable:
    @pytest.mark.parametrize("name", list(pages()))
    def test_hostile_texts_are_texts(self, name: str) -> None:
        page = Reader(pages()[name])
        harmless = {"div", "p", "strong", "br", "span", "table", "caption", "thead", "tbody", "tr", "th", "td"}
        assert page.tags <= harmless
        assert page.attributes <= {"style", "scope", "aria-hidden", "title"}
        assert "<script>alert(1)</script>" in page.text
        # Written out: it would turn the rest of the line around.
        assert "\u202e" not in page.text

    @pytest.mark.parametrize("name", list(pages()))
    def test_needs_nothing(self, name: str) -> None:
        page = Reader(pages()[name])
        assert "var(" not in page.styles
        assert "url(" not in page.styles
        assert "http" not in page.styles
        # On any page: text has the page's own color, but where it stands on a color of ours.
        for style in re.findall(r'style="([^"]*)"', pages()[name]):
            if re.search(r"(?<!background-)color:", style):
                assert "background-color:" in style, style

    def test_colors_are_seen_on_white_and_on_black(self) -> None:
        def luminance(color: str) -> float:
            parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
            linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

        for color in (*readable.COLORS, readable.OTHER):
            assert 1.05 / (luminance(color) + 0.05) >= 4.5, color
            assert (luminance(color) + 0.05) / (luminance("#111111") + 0.05) >= 3, color

    def test_a_turn_has_its_numbers_without_the_bars(self) -> None:
        page = Reader(re.sub(r'<div aria-hidden="true".*?</div>', "", looked().html()))
        for said in ("3,000", "3,500", "1,200", "34.3 %", "5,000", "of 8,000", "$0.0084", "6,000 to 3,500", "4.0 s"):
            assert said in page.text, said
        assert "execute_tool run_cells" in page.text
        assert "failed: KeyError: 'id'" in page.text
        assert "left out 2 history" in page.text
        assert "Begin a new conversation." in page.text
        assert "request 2" in looked().text()

    def test_costs_have_their_numbers_without_the_bars(self) -> None:
        page = Reader(re.sub(r'<div aria-hidden="true".*?</div>', "", costs()._html()))
        for said in ("$3.75", "$1.25", "2026-03-02", "scripted/big", "10 (1 failed)", "2,000", "800", "Europe/Berlin"):
            assert said in page.text, said
        assert "The price of 3 requests is not known" in page.text
        assert "$3.75" in repr(costs())

    def test_a_long_turn_is_cut_and_says_so(self) -> None:
        many = looked(context=[observed.snapshot(step, observed.PARTS) for step in range(30)])
        page = Reader(many.html())
        assert "22 requests in between are not shown" in page.text
        assert "request 30" in page.text

    def test_many_rows_are_cut_and_say_so(self) -> None:
        report = observed.costs(days=200)
        page = Reader(readable.costs_html(report))
        assert "340 more rows" in page.text
        assert len(readable.costs_html(report)) < 100_000

    @pytest.mark.parametrize(
        ("amount", "text"),
        [
            ("0", "$0"),
            ("0.000000001", "< $0.000001"),
            ("0.000423", "$0.000423"),
            ("0.0042", "$0.0042"),
            ("0.5", "$0.50"),
            ("0.126", "$0.126"),
            ("1234.567", "$1,234.57"),
        ],
    )
    def test_money(self, amount: str, text: str) -> None:
        assert readable.money(amount) == text


class TestBundles:
    def test_costs(self) -> None:
        bundle = Costs(observed.costs(), lambda offset: None, budgets=observed.budgets())._repr_mimebundle_()
        assert set(bundle) == {COSTS_MIME, "text/html", "text/plain"}
        kept = json.loads(json.dumps(bundle[COSTS_MIME]))
        assert kept["version"] == 1
        assert kept["report"]["totals"]["cost"] == "3.75"
        assert kept["report"]["items"][0]["time"] == "2026-03-01T23:00:00.000Z"
        assert [one["scope"] for one in kept["budgets"]] == ["turn", "day", "month"]
        assert costs()._repr_mimebundle_()[COSTS_MIME]["budgets"] is None

    def test_a_turn_without_what_was_sent(self) -> None:
        secret = "what was sent"
        context = observed.contexts()
        bundle = Inspection(looked(context=context), None)._repr_mimebundle_()
        assert set(bundle) == {TURN_MIME, "text/html", "text/plain"}
        kept = bundle[TURN_MIME]
        assert list(kept) == ["version", "turn", "context", "trace", "tips", "selections"]
        assert kept["context"][0]["tokens"]["tools"] == 1200
        assert observed.EXCERPT not in json.dumps(bundle)
        context[0].items[0].content = secret
        assert secret not in json.dumps(Inspection(looked(context=context), None)._repr_mimebundle_())

    def test_a_large_report_keeps_its_first_rows(self) -> None:
        report = costs(days=2000)
        kept = report._repr_mimebundle_()[COSTS_MIME]["report"]
        assert len(kept["items"]) == 2000
        assert kept["total"] == 4000
        assert len(report.items) == 4000

    def test_others_have_html_and_text(self) -> None:
        report = BudgetList(Budgets(items=observed.budgets(), timezone="UTC"))
        assert set(report._repr_mimebundle_()) == {"text/html", "text/plain"}
        assert "$0.05 left" in repr(report)


class TestTimes:
    def test_moments(self) -> None:
        assert moment("2026-01-01T12:00:00+02:00") == datetime(2026, 1, 1, 10, tzinfo=UTC)
        assert moment(datetime(2026, 1, 1, 12, tzinfo=UTC)) == datetime(2026, 1, 1, 12, tzinfo=UTC)
        # Without a zone it is this machine's.
        assert moment(date(2026, 1, 1)) == datetime(2026, 1, 1).astimezone()

    @pytest.mark.parametrize(
        ("name", "hours"), [("Europe/Berlin", 1), ("UTC+05:30", 5.5), ("UTC", 0), ("Moon/Base", 0), ("", 0)]
    )
    def test_zones(self, name: str, hours: float) -> None:
        offset = datetime(2026, 1, 1, tzinfo=frames.zone_of(name)).utcoffset()
        assert offset is not None
        assert offset.total_seconds() == hours * 3600

    def test_a_day_of_another_zone(self) -> None:
        frame = costs().to_pandas()
        assert frame["time"].iloc[0] == pd.Timestamp("2026-03-02", tz=ZoneInfo("Europe/Berlin"))


def test_libraries_are_loaded_when_they_are_asked_for() -> None:
    code = """
import sys
from tests import observed
from jupyter_agent.kernel.client import Client
from jupyter_agent.kernel.reports import Costs
report = Costs(observed.costs(), None)
report._repr_mimebundle_()
heavy = {"pandas", "pyarrow", "numpy", "IPython", "sqlalchemy", "tornado", "jupyter_server"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
sys.modules["pandas"] = sys.modules["pyarrow"] = None
for make in (report.to_pandas, report.to_arrow):
    try:
        make()
    except ImportError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1]
    )
    assert done.returncode == 0, done.stderr
    assert "This needs pandas, which is not installed here: pip install pandas" in done.stdout
    assert "This needs pyarrow" in done.stdout
