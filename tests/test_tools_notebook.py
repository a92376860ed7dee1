"""The notebook about tools, run from top to bottom on a real server, with a model that knows its questions."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from .kernels import Kernel, Result
from .scripted_provider import Call, Say, ScriptedProvider, Step
from .scripted_wire import Asked
from .servers import JupyterServer

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "02-tools.ipynb"

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "three kilos of pears": ("price", {"fruit": "pear", "kilos": 3}),
    "kilo of bananas": ("price", {"fruit": "banana"}),
    "plums are left": ("stock", {"fruit": "plum"}),
    "Which variables": ("list_variables", {}),
    "2.50 from today": ("set_price", {"fruit": "plum", "euros": 2.5}),
    "50 euros": ("set_price", {"fruit": "pear", "euros": 50}),
    "Markdown table": (
        "write_file",
        {"path": "sub/prices.md", "text": "| fruit | price |\n|---|---|\n| plum | 2.5 |\n"},
    ),
    "two kilos of plums": ("price", {"fruit": "plum", "kilos": 2}),
}
"""What the model does about each question."""


async def shopkeeper(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    if asked.results:
        yield Say(f"It says: {asked.results[-1]}")
        return
    [call] = [call for words, call in CALLS.items() if words in asked.user_texts[-1]]
    assert call[0] in asked.tools
    yield Call(*call)


def test_is_committed_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_runs(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    results: dict[str, Result] = {}

    def after(begin: str) -> Result:
        [found] = [result for source, result in results.items() if source.startswith(begin)]
        return found

    with JupyterServer(tmp_path) as server, ScriptedProvider() as provider:
        provider.script("shopkeeper", shopkeeper)
        server.use(provider, model="shopkeeper")
        (server.root / "sub").mkdir()
        (server.root / "sub" / "tools.ipynb").write_text(NOTEBOOK.read_text())
        with Kernel(server, "sub/tools.ipynb") as kernel:
            for cell in notebook.cells:
                if cell.cell_type != "code":
                    continue
                if cell.source.startswith("agent.forget()"):
                    # What the text before it says about the chat panel.
                    session = server.api("POST", "/sessions", json={"channel": "lab", "notebook": "sub/tools.ipynb"})
                    question = {"message": "What do two kilos of plums cost?"}
                    turn = server.api(
                        "POST", f"/sessions/{session['id']}/turns", params={"wait": "true"}, json=question, timeout=60
                    )
                    assert "5.0" in turn["answer"]
                result = kernel.run(cell.source, timeout=120)
                assert result.status == "ok", f"{cell.source}\n{result.text}"
                results[cell.source] = result

        pears = after("%%agent -o answer\nWhat do three")
        assert "looking up 3.0 kg of pear" in pears.text
        assert any("price(fruit='pear', kilos=3)" in text for text in pears.markdown)
        assert any(text.startswith("It says: 2.4") for text in pears.markdown)
        assert "price {'fruit': 'pear', 'kilos': 3} -> 2.4" in after("for call in answer.tools").text
        assert "KeyError: 'banana'" in after("print(answer.tools[-1]").text
        assert json.dumps({"fruit": "plum", "kilos": 12}, separators=(",", ":")) in after("from jupyter_agent").text
        [listed] = after("%agent tools").markdown
        assert "`price`" in listed
        assert "`write_file`" in listed
        assert "PRICES: dict (3)" in "".join(after("%%agent\nWhich variables").markdown)
        asked = after("@agent.tool(capabilities").text
        assert "asked: set_price {'fruit': 'plum', 'euros': 2.5}" in asked
        assert asked.strip().endswith("2.5")
        assert "denied 0.8" in after('reply = client.ask("Make pears').text
        assert "| plum | 2.5 |" in after("from pathlib").text
        assert "prices.md" in after("%agent undo").markdown[0]
        assert "prices.md is gone" in after('print("prices.md is"').text
        assert "`price`" not in after("agent.forget()").markdown[0]
        assert server.api("GET", "/approvals", params={"status": "pending"})["items"] == []


@pytest.mark.parametrize("words", list(CALLS))
def test_every_question_of_the_model_is_in_the_notebook(words: str) -> None:
    assert words in NOTEBOOK.read_text()
