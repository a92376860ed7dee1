"""What an installation brings, and what the README shows."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

import jupyter_agent

from .scripted_provider import Call, Say, ScriptedProvider, Step
from .scripted_wire import Asked
from .servers import JupyterServer

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed() -> None:
    """For tests of what only an installation has; a checkout on a path is none."""
    try:
        distribution("jupyterlab-agent")
    except PackageNotFoundError:
        pytest.skip("jupyterlab-agent is not installed here, only on the path")


def jupyter(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "jupyter", *words], capture_output=True, text=True, check=True)
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)


@pytest.mark.usefixtures("installed")
def test_the_tests_run_against_the_installation() -> None:
    found = distribution("jupyterlab-agent")
    assert found.version == jupyter_agent.__version__
    editable = "editable" in (found.read_text("direct_url.json") or "")
    assert editable or CHECKOUT not in Path(jupyter_agent.__file__).parents or sys.prefix.startswith(str(CHECKOUT))


@pytest.mark.usefixtures("installed")
def test_installing_enables_the_server_extension() -> None:
    listed = jupyter("server", "extension", "list")
    assert re.search(r"jupyter_agent enabled", listed), listed
    assert re.search(rf"jupyter_agent {re.escape(jupyter_agent.__version__)} OK", listed), listed


@pytest.mark.usefixtures("installed")
def test_installing_enables_the_lab_extension() -> None:
    listed = jupyter("labextension", "list")
    line = rf"jupyterlab-agent v{re.escape(jupyter_agent.__version__)} enabled OK \(python, jupyterlab-agent\)"
    assert re.search(line, listed), listed


@pytest.mark.usefixtures("installed")
def test_the_base_installation_takes_no_provider_and_no_test_tool() -> None:
    requires = [one for one in distribution("jupyterlab-agent").requires or [] if "extra ==" not in one]
    names = {re.split(r"[^\w.-]", one, maxsplit=1)[0].lower() for one in requires}
    assert names.isdisjoint({"openai", "anthropic", "google-genai", "xllamacpp", "psycopg", "pytest", "playwright"})


def python_examples() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (CHECKOUT / "README.md").read_text(encoding="utf-8"), re.S | re.M)


SHOWN = {
    "\nclient = Client()": ["Name three uses of a heat map.", "And one of a histogram?"],
    "@agent.tool": ["It says: 2.1", "name='price'"],
    # What a notebook shows of the last line.
    "ChatWidget()": ["Chat with the agent"],
    # Of the turn that was made before.
    ".stats.costs(": ["echo", "1"],
}


async def asks_for_the_price(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
    if asked.results:
        yield Say(f"It says: {asked.results[-1]}")
    else:
        yield Call("price", {"fruit": "plum"})


@pytest.mark.parametrize("source", python_examples())
def test_the_readme_s_example_runs(source: str, tmp_path: Path, scripted_server: ScriptedProvider) -> None:
    [shown] = [text for name, text in SHOWN.items() if name in source]
    *lines, last = source.rstrip().split("\n")
    if last.isidentifier():
        source = "\n".join([*lines, f"print({last}._repr_mimebundle_()[0]['text/plain'])", f"{last}.close()"])
    with JupyterServer(tmp_path) as server:
        model = "echo"
        if "@agent.tool" in source:
            scripted_server.script(model := "shopkeeper", asks_for_the_price)
        server.use(scripted_server, model=model)
        server.api("POST", "/run", json={"message": "Before"})
        done = subprocess.run(
            [sys.executable, "-c", source],
            cwd=server.root,
            env={**server.env, "JUPYTER_AGENT_URL": server.url, "JUPYTER_AGENT_TOKEN": server.token},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert [text for text in shown if text not in done.stdout] == []


def test_the_readme_s_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (CHECKOUT / "README.md").read_text(encoding="utf-8"))
    assert len(links) > 5
    assert [link for link in links if not (CHECKOUT / link).exists()] == []
