"""The magics, in a real kernel that a real server started; and in a terminal's IPython."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from jupyter_agent.kernel.magics import OPTIONS, AgentMagics

from .kernels import Kernel, Result
from .scripted_provider import ScriptedProvider, png
from .servers import JupyterServer, provider_writes

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def running_kernel(server: JupyterServer) -> Iterator[Kernel]:
    with Kernel(server, "magics.ipynb") as kernel:
        assert kernel.run("%load_ext jupyter_agent").status == "ok"
        yield kernel


@pytest.fixture
def kernel(running_kernel: Kernel) -> Kernel:
    """A kernel in which nothing has been said yet."""
    assert running_kernel.run("%reload_ext jupyter_agent").status == "ok"
    return running_kernel


def ok(result: Result) -> Result:
    assert result.status == "ok", result.text
    return result


class TestAsking:
    def test_answer_streams_as_markdown_with_its_usage(self, kernel: Kernel) -> None:
        result = ok(kernel.run("%%agent -m scripted/slow-40x50\nhello"))
        answer, note = result.markdown
        assert len(answer) > 40
        assert result.updates > 3
        # Two seconds of chunks every 50 ms, shown ten times a second.
        assert result.updates < 30
        assert "scripted/slow-40x50" in note
        assert "tokens in" in note

    def test_whole_markdown_is_the_last_state(self, kernel: Kernel) -> None:
        answer, _ = ok(kernel.run("%%agent -m scripted/markdown -o answer\nhello")).markdown
        said = ok(kernel.run("print(answer, end='')")).text
        assert answer == said
        assert "#" in answer
        assert "```" in answer

    def test_without_streaming_there_is_one_output_and_no_update(self, kernel: Kernel) -> None:
        result = ok(kernel.run("%%agent --no-stream -m scripted/slow-10x20\nhello"))
        assert result.updates == 0
        assert len(result.markdown) == 2

    def test_one_conversation_per_notebook(self, kernel: Kernel, server: JupyterServer) -> None:
        ok(kernel.run("%%agent -m scripted/remember -o one\nfirst thing"))
        answer = ok(kernel.run("%%agent -m remember -o two\nsecond thing")).markdown[0]
        assert "first thing" in answer
        assert ok(kernel.run("print(one.session_id == two.session_id)")).text.strip() == "True"
        session_id = ok(kernel.run("print(one.session_id)")).text.strip()
        session = server.api("GET", f"/sessions/{session_id}")
        assert (session["channel"], session["notebook"]) == ("notebook", "magics.ipynb")
        ok(kernel.run("%%agent --session new -o three\nthird"))
        assert ok(kernel.run("print(one.session_id == three.session_id)")).text.strip() == "False"
        ok(kernel.run(f"%%agent --session {session_id} -o four\nfourth"))
        ok(kernel.run("%%agent -o five\nfifth"))
        assert ok(kernel.run("print(one.session_id == four.session_id == five.session_id)")).text.strip() == "True"

    def test_variables(self, kernel: Kernel, provider: ScriptedProvider) -> None:
        ok(kernel.run("prices = {'apple': 1.25}\nbig = 'x' * 100_000"))
        ok(kernel.run("%%agent --var prices --var big\nlook"))
        sent = str(provider.last.body)
        assert "apple" in sent
        assert "length: 100000" in sent
        assert "x" * 10_000 not in sent

    def test_pictures(self, kernel: Kernel, tmp_path: Path) -> None:
        (tmp_path / "red.png").write_bytes(png((220, 20, 20)))
        ok(kernel.run(f"from IPython.display import Image\nimage = Image('{tmp_path}/red.png')\nnumber = 3"))
        result = ok(kernel.run(f"%%agent -m scripted/see --image image --image {tmp_path}/red.png\nwhat is it?"))
        assert result.markdown[0] == "red, red"

    def test_model_of_the_notebook(self, kernel: Kernel) -> None:
        assert "the default one" in ok(kernel.run("%agent model")).markdown[0]
        assert "`scripted/words-20`" in ok(kernel.run("%agent model words-20")).markdown[0]
        assert "scripted/words-20" in ok(kernel.run("%%agent\nhello")).markdown[-1]
        assert "scripted/see" in ok(kernel.run("%%agent -m see\nhello")).markdown[-1]
        assert "`scripted/words-20`" in ok(kernel.run("%agent model")).markdown[0]
        assert "the default one" in ok(kernel.run("%agent model default")).markdown[0]
        ok(kernel.run("%agent new"))
        assert "scripted/echo" in ok(kernel.run("%%agent\nhello")).markdown[-1]

    def test_words_after_the_options_belong_to_the_question(self, kernel: Kernel) -> None:
        answer = ok(kernel.run("%%agent please say\nthis back")).markdown[0]
        assert "please say" in answer
        assert "this back" in answer

    def test_stop_reason_is_said(self, kernel: Kernel) -> None:
        result = ok(kernel.run('%%agent -m scripted/repeat-tool\nupdate_tasks {"items": []}'))
        assert "repetition" in result.markdown[-1]
        assert "Stopped: the model repeated itself" in result.markdown[-1]


class TestFailing:
    def test_error_of_the_provider_is_short_and_says_what_to_do(self, kernel: Kernel) -> None:
        result = kernel.run("%%agent -m scripted/unauthorized -o failed\nhello")
        assert result.status == "error"
        assert "Traceback" not in result.text
        assert "Check the provider's key" in result.text
        assert "stopped: provider_error" in result.text
        assert ok(kernel.run("print('failed' in globals())")).text.strip() == "False"

    def test_what_was_said_before_the_failure_stays(self, kernel: Kernel) -> None:
        result = kernel.run("%%agent -m scripted/malformed\nhello")
        assert result.status == "error"
        assert result.markdown[0]

    @pytest.mark.parametrize(
        ("cell", "message"),
        [
            ("%%agent\n\n", "the cell is empty"),
            ("%%agent --var nosuch\nhello", "no variable 'nosuch'"),
            ("%%agent -o 1x\nhello", "cannot be the name"),
            ("%%agent --nosuch\nhello", "unrecognized arguments"),
            ("%%agent -m nosuch\nhello", "no model 'nosuch'"),
            ("%%agent --session sess_nosuch\nhello", "sess_nosuch"),
            ("%%agent --image nosuch.png\nhello", "no such variable"),
            ("%%agent --image number\nhello", "--image number: builtins.int is no picture"),
            ("%agent what is this", "%%agent"),
            ("%agent model nosuch", "no model 'nosuch'"),
            ("%agent use sess_nosuch", "%agent sessions"),
            ("%agent use", "name the conversation"),
        ],
    )
    def test_mistakes_get_a_short_message(self, kernel: Kernel, cell: str, message: str) -> None:
        ok(kernel.run("number = 3"))
        result = kernel.run(cell)
        assert message in result.text
        assert "Traceback" not in result.text
        assert len(result.text) < 600

    def test_interrupting_the_cell_interrupts_the_turn(self, kernel: Kernel, server: JupyterServer) -> None:
        stopped = threading.Event()

        def stop(result: Result) -> None:
            if result.markdown and not stopped.is_set():
                stopped.set()
                kernel.interrupt()

        started = time.monotonic()
        result = kernel.run("%%agent -m scripted/slow-500x20\nhello", on_output=stop)
        assert time.monotonic() - started < 8
        assert result.status == "error"
        assert "Stopped. The turn was interrupted in the server too." in result.text
        assert "Traceback" not in result.text
        assert result.markdown[0]
        [turn] = [
            turn
            for session in server.api("GET", "/sessions")["items"]
            for turn in server.api("GET", f"/sessions/{session['id']}/turns")["items"]
            if turn["model"] == "slow-500x20"
        ]
        # On a busy machine it ends a moment later.
        deadline = time.monotonic() + 10
        while turn["status"] != "finished" and time.monotonic() < deadline:
            time.sleep(0.1)
            turn = server.api("GET", f"/turns/{turn['id']}")
        assert turn["stop_reason"] == "interrupted"
        ok(kernel.run("%%agent\nand on we go"))

    def test_interrupting_before_the_first_answer_stops_the_turn_too(
        self, kernel: Kernel, server: JupyterServer
    ) -> None:
        # As if the key came while the request was on its way: the server has the turn, the kernel not yet.
        ok(
            kernel.run(
                "from jupyter_agent.kernel.operations import Turns\n"
                "start = Turns.start_turn\n"
                "def lost(self, *arguments, **options):\n"
                "    Turns.start_turn = start\n"
                "    global begun\n"
                "    begun = start(self, *arguments, **options)\n"
                "    raise KeyboardInterrupt\n"
                "Turns.start_turn = lost"
            )
        )
        result = kernel.run("%%agent -m scripted/slow-500x20\nhello")
        assert (result.status, "Traceback" in result.text) == ("error", False)
        assert "Stopped." in result.text
        turn_id = ok(kernel.run("print(begun.id)")).text.strip()
        events = ok(kernel.run("from jupyter_agent import Client\nprint(Client().follow(begun).answer.stop_reason)"))
        assert events.text.strip() == "interrupted"
        assert server.api("GET", f"/turns/{turn_id}")["stop_reason"] == "interrupted"

    def test_without_a_server(self, tmp_path: Path) -> None:
        out = ipython("%load_ext jupyter_agent\n%agent status", tmp_path)
        assert "No Jupyter server with the agent was found" in out
        assert "jupyter agent lab" in out
        assert "Traceback" not in out


class TestLooking:
    def test_status(self, kernel: Kernel) -> None:
        text = ok(kernel.run("%agent status")).markdown[0]
        assert "Version" in text
        assert "✓" in text

    def test_models(self, kernel: Kernel) -> None:
        text = ok(kernel.run("%agent models")).markdown[0]
        assert "`scripted/echo`" in text
        assert "ready, default" in text

    def test_sessions_history_new_and_use(self, kernel: Kernel) -> None:
        assert "no conversation yet" in ok(kernel.run("%agent history")).markdown[0]
        ok(kernel.run("%%agent -o answer\nremember | the pipe"))
        history = ok(kernel.run("%agent history")).markdown[0]
        assert "remember | the pipe" in history
        assert "**assistant**" in history
        first = ok(kernel.run("print(answer.session_id)")).text.strip()
        assert first not in ok(kernel.run("%agent new Second one")).markdown[0]
        listed = ok(kernel.run("%agent sessions")).markdown[0]
        assert "Second one" in listed
        [current] = [line for line in listed.splitlines() if line.startswith("| →")]
        assert "Second one" in current
        ok(kernel.run(f"%agent use {first}"))
        [current] = [
            line for line in ok(kernel.run("%agent sessions")).markdown[0].splitlines() if line.startswith("| →")
        ]
        assert first in current

    def test_the_tab_key(self, kernel: Kernel) -> None:
        def completed(line: str) -> list[str]:
            kernel.client.complete(line, len(line))
            while True:
                reply = kernel.client.get_shell_msg(timeout=30)
                if reply["msg_type"] == "complete_reply":
                    matches: list[str] = reply["content"]["matches"]
                    return matches

        ok(kernel.run("%%agent -o answer\nhello\n"))
        ok(kernel.run("prices = {}"))
        session_id = ok(kernel.run("print(answer.session_id)")).text.strip()
        assert {"status", "sessions"} <= set(completed("%agent s"))
        assert "models" not in completed("%agent s")
        assert "scripted/echo" in completed("%agent model scr")
        assert "scripted/echo" in completed("%%agent -m scripted/e")
        assert session_id in completed("%agent use ")
        assert {"new", session_id} <= set(completed("%%agent --session "))
        assert "prices" in completed("%%agent --var pri")
        assert "--image" in completed("%%agent --i")
        assert {"--period", "--by"} <= set(completed("%agent costs "))
        assert "7d" in completed("%agent costs --by model --period ")
        assert "provider" in completed("%agent costs --by p")
        assert {"turn", "session", "day", "month", "user"} <= set(completed("%agent budget "))
        assert "off" in completed("%agent budget day ")
        assert "5" in completed("%agent grade ")
        turn_id = ok(kernel.run("print(answer.turn.id)")).text.strip()
        assert turn_id in completed("%agent inspect ")

    def test_options_are_those_there_are(self) -> None:
        parser = AgentMagics.agent.parser  # type: ignore[attr-defined]
        assert set(OPTIONS) == {word for word in re.findall(r"--[a-z-]+", parser.format_help()) if word != "--help"}

    def test_inspect_and_grade_the_last_question(self, kernel: Kernel, server: JupyterServer) -> None:
        ok(kernel.run("%%agent\nlook at this"))
        [output] = ok(kernel.run("%agent inspect")).outputs
        assert "“look at this”" in output["data"]["text/plain"]
        turn = output["data"]["application/vnd.jupyter-agent.turn+json"]["turn"]
        assert turn["message"] == "look at this"
        assert "What the model saw" in output["data"]["text/html"]
        ok(kernel.run("%%agent\nanother"))
        again = ok(kernel.run(f"%agent inspect {turn['id']}")).outputs[0]["data"]
        assert again["application/vnd.jupyter-agent.turn+json"]["turn"]["id"] == turn["id"]
        assert "grade 4 of 5" in ok(kernel.run("%agent grade 4 short and right")).markdown[0]
        turns = server.api("GET", f"/sessions/{turn['session_id']}/turns")["items"]
        given = server.api("GET", f"/turns/{turns[-1]['id']}/feedback")
        assert (given["grade"], given["comment"], given["source"]) == (4, "short and right", "notebook")

    def test_costs(self, kernel: Kernel) -> None:
        ok(kernel.run("%%agent\ncosts something"))
        for line, by in (("", ["day", "model"]), (" --period 24h --by session", ["session"]), (" --by=provider", None)):
            [output] = ok(kernel.run(f"%agent costs{line}")).outputs
            report = output["data"]["application/vnd.jupyter-agent.costs+json"]["report"]
            assert report["by"] == (by or ["provider"])
            assert report["totals"]["requests"] > 0
            assert f"{report['totals']['requests']} request" in output["data"]["text/plain"]

    def test_budgets(self, kernel: Kernel, server: JupyterServer) -> None:
        assert "No limits are set." in ok(kernel.run("%agent budget")).text
        assert "hard $0.50" in ok(kernel.run("%agent budget day 0.50")).text
        assert "soft $0.40, hard $0.50" in ok(kernel.run("%agent budget day $0.40 0.50")).text
        assert "soft $0.40)" in ok(kernel.run("%agent budget day 0.40 -")).text
        [limit] = server.api("GET", "/budgets")["items"]
        assert (limit["scope"], limit["soft"], limit["hard"]) == ("day", "0.4", None)
        ok(kernel.run("%agent budget day off"))
        assert server.api("GET", "/budgets")["items"] == []

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("costs --period 3d", "'3d' is none of 1h"),
            ("costs --by color", "'color' is none of hour"),
            ("costs 7d", "takes --period"),
            ("costs --by", "takes --period"),
            ("budget year 5", "there are turn, session, day, month, user"),
            ("budget day", "`day 0.50`"),
            ("budget day much", "no amount of US dollars"),
            ("budget day 5 4", "the soft limit is not above the hard one"),
            ("grade 6", "1 (useless) to 5"),
            ("grade", "1 (useless) to 5"),
        ],
    )
    def test_mistakes_about_costs(self, kernel: Kernel, line: str, said: str) -> None:
        result = kernel.run(f"%agent {line}")
        assert result.status == "error"
        assert said in result.text
        assert "Traceback" not in result.text

    def test_a_turn_that_a_budget_stops_says_which(
        self, kernel: Kernel, server: JupyterServer, provider: ScriptedProvider
    ) -> None:
        [scripted, *_] = provider_writes(provider)
        scripted.pop("id")
        server.api("PUT", "/providers/scripted", json={**scripted, "prices": {"echo": {"input": "15", "output": "60"}}})
        ok(kernel.run("%agent budget turn 0.000001"))
        stopped = ok(kernel.run("%%agent\ntoo much"))
        ok(kernel.run("%agent budget turn off"))
        assert any("the budget was reached, $0 of $0.000001 (turn)" in text for text in stopped.markdown)
        ok(kernel.run("%agent budget month 0.00001 100"))
        warned = ok(kernel.run("%%agent\nwarn me"))
        ok(kernel.run("%agent budget month off"))
        assert any("Over the soft limit" in text and "(month)" in text for text in warned.markdown)

    def test_chat_shares_the_conversation(self, kernel: Kernel) -> None:
        ok(kernel.run("%%agent -o answer\nhello"))
        shown = ok(kernel.run("%agent chat"))
        assert [VIEW for one in shown.outputs if VIEW in one.get("data", {})] == [VIEW], shown.outputs
        ok(kernel.run("%%agent -o again\nhello"))
        assert ok(kernel.run("print(answer.session_id == again.session_id)")).text.strip() == "True"

    def test_help_is_what_it_says_without_arguments(self, kernel: Kernel) -> None:
        assert ok(kernel.run("%agent")).markdown == ok(kernel.run("%agent help")).markdown
        assert "%agent models" in ok(kernel.run("%agent help")).markdown[0]

    def test_unloading(self, kernel: Kernel) -> None:
        ok(kernel.run("%unload_ext jupyter_agent"))
        assert "not found" in kernel.run("%agent status").text
        ok(kernel.run("%load_ext jupyter_agent"))
        ok(kernel.run("%agent status"))


def ipython(code: str, directory: Path, **env: str) -> str:
    """What a terminal's IPython writes."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("JPY_", "JUPYTER"))}
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=nocolor", "-c", code],
        capture_output=True,
        text=True,
        cwd=directory,
        env={**clean, "JUPYTER_RUNTIME_DIR": str(directory), "IPYTHONDIR": str(directory / "ipython"), **env},
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def test_in_a_terminal_the_answer_is_plain_text(server: JupyterServer, tmp_path: Path) -> None:
    code = (
        "%load_ext jupyter_agent\n"
        "get_ipython().run_cell_magic('agent', '-m scripted/words-20', 'hello')\n"
        "get_ipython().run_line_magic('agent', 'models')"
    )
    out = ipython(code, tmp_path, JUPYTER_AGENT_URL=server.url, JUPYTER_AGENT_TOKEN=server.token)
    assert "<IPython" not in out
    assert "scripted/words-20 · " in out
    assert "scripted/echo" in out


def test_in_jupyter_console_the_answer_is_written_as_it_comes(server: JupyterServer) -> None:
    lines = [
        "%load_ext jupyter_agent",
        "get_ipython().run_cell_magic('agent', '-m scripted/slow-30x30', 'hello')",
        "%agent chat",
        "exit",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_console", "--simple-prompt"],
        input="\n".join([*lines, ""]),
        capture_output=True,
        text=True,
        env={**server.env, "JUPYTER_AGENT_URL": server.url, "JUPYTER_AGENT_TOKEN": server.token},
        timeout=90,
        check=False,
    )
    assert " ".join(f"word{number}" for number in range(30)) in done.stdout
    assert done.stdout.count("word29") == 1
    assert "a chat needs a notebook" in done.stdout + done.stderr


def test_executed_by_nbconvert_the_output_is_complete(server: JupyterServer, tmp_path: Path) -> None:
    notebook = new_notebook(
        cells=[
            new_code_cell("%load_ext jupyter_agent"),
            new_code_cell("%%agent -m scripted/slow-20x30 -o answer\nhello"),
        ]
    )
    notebook.cells.append(new_code_cell("print(answer, end='')"))
    path = tmp_path / "n.ipynb"
    nbformat.write(notebook, path)
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", str(path)],
        check=True,
        capture_output=True,
        env={**server.env, "JUPYTER_AGENT_URL": server.url, "JUPYTER_AGENT_TOKEN": server.token},
        timeout=120,
    )
    done = nbformat.read(path, as_version=4)
    shown = done.cells[1].outputs[0]["data"]["text/markdown"]
    assert len(done.cells[1].outputs) == 2
    assert shown == done.cells[2].outputs[0]["text"]
