"""The notebook about turns and costs, run from top to bottom on a real server, and what is left of it when saved."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import pytest

from .kernels import Kernel, Result
from .scripted_provider import Say, ScriptedProvider, Step
from .scripted_wire import Asked
from .servers import JupyterServer, provider_writes

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "03-turns-and-costs.ipynb"
PRICES = {"grocer": {"input": "1.5", "output": "6", "cache_read": "0.15"}}
COST = Decimal("0.000423")
"""Of each answer: the provider says 100 tokens in, 20 of them from its cache, and 50 out."""
ANSWERS = {"cheapest": "The pear, by 0.40.", "autumn": "Apples, pears and plums.", "poem": "Plums, plums, plums."}


async def grocer(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    [answer] = [answer for words, answer in ANSWERS.items() if words in asked.user_texts[-1]]
    yield Say(answer)


class Run:
    """The executed notebook."""

    def __init__(self, cells: list[tuple[Any, Result | None]]) -> None:
        self.cells = cells

    def after(self, begin: str) -> Result:
        [found] = [result for cell, result in self.cells if result is not None and begin in cell.source]
        return found

    def page(self) -> str:
        """What nbconvert makes of it: what a browser shows, and no script."""
        from nbconvert import HTMLExporter
        from nbformat import v4

        notebook = v4.new_notebook()  # type: ignore[no-untyped-call]
        for cell, result in self.cells:
            if result is not None:
                outputs = [{"metadata": {}, "execution_count": 1, **output} for output in result.outputs]
                for output in outputs:
                    unwanted = {"stream": ("metadata", "execution_count"), "display_data": ("execution_count",)}
                    for name in unwanted.get(output["output_type"], ()):
                        del output[name]
                cell.outputs = [nbformat.from_dict(output) for output in outputs]  # type: ignore[no-untyped-call]
            notebook.cells.append(cell)
        page: str = HTMLExporter().from_notebook_node(notebook)[0]
        return page


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    pytest.importorskip("pandas", reason="NOT TESTED: the notebook about costs, because pandas is not installed")
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    cells: list[tuple[Any, Result | None]] = []
    with JupyterServer(tmp_path_factory.mktemp("server")) as server, ScriptedProvider() as provider:
        provider.script("grocer", grocer)
        server.use(provider, model="grocer")
        [scripted, *_] = provider_writes(provider, "grocer")
        scripted.pop("id")
        server.api("PUT", "/providers/scripted", json={**scripted, "prices": PRICES})
        (server.root / "costs.ipynb").write_text(NOTEBOOK.read_text())
        with Kernel(server, "costs.ipynb") as kernel:
            for cell in notebook.cells:
                result = None
                if cell.cell_type == "code":
                    result = kernel.run(cell.source, timeout=120)
                    assert result.status == "ok", f"{cell.source}\n{result.text}"
                cells.append((cell, result))
        assert server.api("GET", "/budgets")["items"] == []
        yield Run(cells)


def test_is_committed_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_says_what_is_true(run: Run) -> None:
    seen = run.after("%agent inspect").text
    assert f"100 tokens in, 50 out · ${COST}" in seen
    assert "request 1: 100 tokens" in seen
    [frame] = [output for output in run.after("seen = answer.inspect()").outputs if "text/html" in output["data"]]
    assert "instructions" not in frame["data"]["text/plain"]
    assert "system_prompt" in frame["data"]["text/plain"]
    assert "Which fruit is the cheapest" in run.after("seen.contents()").text
    assert "prices" in run.after("seen.contents()").text
    assert run.after("%agent grade").markdown == ["The last answer has grade 5 of 5. Thank you."]
    assert "Apples, pears and plums." in run.after("print(stream.answer)").text
    assert "request" in run.after("spans = ").text
    assert f"Costs · ${2 * COST}" in run.after("%agent costs").text
    assert "grocer" in run.after("costs = client").text
    assert "stopped because: budget" in run.after("long poem").text
    assert "spent: 0\n" in run.after("long poem").text
    assert "hard $5.00" in run.after("%agent budget day 4 5").text
    assert re.search(r"day +4\.0 +5\.0", run.after("client.stats.budgets()").text)
    for plot in ("barh", "plot.bar("):
        assert any("image/png" in output.get("data", {}) for output in run.after(plot).outputs), plot


def test_is_readable_in_a_browser_without_anything(run: Run) -> None:
    shown = re.sub(r"<script.*?</script>", "", run.page(), flags=re.DOTALL)
    for said in ("What the model saw", "Tokens by part", "What happened when", f"${COST}", f"${2 * COST}"):
        assert said in shown, said
    # The widgets' outputs, too: `TurnInspector` of a turn that may still run then, and the dashboard.
    assert shown.count("What the model saw") >= 1
    assert shown.count("Costs · ") == 2
    assert shown.count("Name three fruits that are in season") >= 2
    assert "$5.00" in shown


def test_keeps_turns_and_costs_for_the_extension(run: Run) -> None:
    [turn] = [
        output["data"]["application/vnd.jupyter-agent.turn+json"]
        for output in run.after("%agent inspect").outputs
        if "application/vnd.jupyter-agent.turn+json" in output["data"]
    ]
    assert turn["turn"]["usage"]["cost"] == str(COST)
    assert sum(turn["context"][0]["tokens"].values()) == 100
    assert all(item["content"] is None for item in turn["context"][0]["items"])
    [costs] = [
        output["data"]["application/vnd.jupyter-agent.costs+json"]
        for output in run.after("%agent costs").outputs
        if "application/vnd.jupyter-agent.costs+json" in output["data"]
    ]
    assert costs["report"]["totals"]["cost"] == str(2 * COST)
    assert costs["budgets"] == []


@pytest.mark.parametrize("words", list(ANSWERS))
def test_every_question_of_the_model_is_in_the_notebook(words: str) -> None:
    assert words in NOTEBOOK.read_text()
