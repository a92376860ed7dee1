"""The quickstart notebook, run from top to bottom on a real server, in a kernel it started, with the embedded model."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from .kernels import Kernel
from .servers import JupyterServer, put_weights

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "01-quickstart.ipynb"


def test_is_committed_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.slow
def test_runs_on_the_embedded_model(tmp_path: Path, real_weights: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    # So small a model does not always find an end by itself.
    server = JupyterServer(tmp_path, config={"LocalModelSettings": {"max_output_tokens": 200}})
    put_weights(server, real_weights)
    with server:
        (server.root / "sub").mkdir()
        (server.root / "sub" / "quickstart.ipynb").write_text(NOTEBOOK.read_text())
        results = {}
        with Kernel(server, "sub/quickstart.ipynb") as kernel:
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    result = kernel.run(cell.source, timeout=300)
                    assert result.status == "ok", f"{cell.source}\n{result.text}"
                    results[cell.source] = result

        def after(begin: str) -> list[str]:
            [found] = [result for source, result in results.items() if source.startswith(begin)]
            return found.markdown

        def text_after(begin: str) -> str:
            [found] = [result for source, result in results.items() if source.startswith(begin)]
            return found.text

        assert "The agent" in after("%agent status")[0]
        for question in ("%%agent\n", "%%agent -o answer", "%%agent --var prices"):
            answer, note = after(question)
            assert answer.strip()
            assert "local/" in note
            assert "tokens in" in note
        assert "stopped because: completed" in text_after("print(answer.usage)")
        assert after("from jupyter_agent import Client")[0].strip()
        assert text_after("for delta in client.stream").strip()
        assert text_after("answer = chat.send").strip() == "2 messages, finished"
        [shown] = [
            result for source, result in results.items() if source.startswith("from jupyter_agent import ChatWidget")
        ]
        assert "application/vnd.jupyter.widget-view+json" in shown.outputs[0]["data"]
        assert "4 conversations" in text_after("page = client.sessions.list_sessions")
        assert "→" in after("%agent sessions")[0]
        assert "%agent new" in after("%agent help")[0]

        sessions = server.api("GET", "/sessions")["items"]
        assert {session["channel"] for session in sessions} == {"notebook"}
        assert {session["notebook"] for session in sessions} == {"sub/quickstart.ipynb"}
        # The three cells are one conversation.
        assert max(session["turn_count"] for session in sessions) == 3
