"""Cells that wait for the agent, in real kernels of a real server: they run its tools and answer its questions; and
functions of idle kernels, called for chats elsewhere. Nothing may wait for itself."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .kernels import Kernel, Result
from .scripted_provider import ScriptedProvider
from .servers import JupyterServer
from .tool_calls import asking

SETTINGS = {"ToolSettings": {"client_gone_seconds": 5, "client_tool_seconds": 30}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, provider: ScriptedProvider) -> Iterator[JupyterServer]:
    with JupyterServer(tmp_path_factory.mktemp("waiting"), config=SETTINGS) as running:
        running.use(provider, model="tool")
        yield running


SETUP = """
%load_ext jupyter_agent
import asyncio, json, threading
import jupyter_agent as agent
from jupyter_agent import AsyncClient, Client

client = Client()

def asking(name, /, **arguments):
    return f"{name} {json.dumps(arguments)}"
"""


@pytest.fixture(scope="module")
def running_kernel(server: JupyterServer) -> Iterator[Kernel]:
    with Kernel(server, "waiting.ipynb") as kernel:
        ok(kernel.run(SETUP))
        yield kernel


@pytest.fixture
def kernel(running_kernel: Kernel) -> Kernel:
    """A kernel that offers nothing yet."""
    ok(running_kernel.run("agent.forget()\n%agent mode default"))
    return running_kernel


def ok(result: Result) -> Result:
    assert result.status == "ok", result.text
    return result


def last_turn(server: JupyterServer) -> Any:
    (session,) = server.api("GET", "/sessions", params={"limit": 1})["items"]
    return server.api("GET", f"/sessions/{session['id']}/turns")["items"][-1]


def stop_reason(server: JupyterServer) -> str | None:
    """Why the last turn ended; on a busy machine that is a moment later."""
    turn = last_turn(server)
    deadline = time.monotonic() + 10
    while turn["status"] != "finished" and time.monotonic() < deadline:
        time.sleep(0.1)
        turn = server.api("GET", f"/turns/{turn['id']}")
    reason: str | None = turn["stop_reason"]
    return reason


class TestServedByTheWaitingCell:
    def test_a_function_runs_in_the_cells_own_thread(self, kernel: Kernel) -> None:
        result = ok(
            kernel.run(
                """
@agent.tool
def where(n: int) -> dict:
    "Where it runs."
    print("called with", n)
    main = threading.current_thread() is threading.main_thread()
    return {"main": main, "loop": asyncio.get_event_loop().is_running()}

answer = client.ask(asking("where", n=3))
print(answer)
print(answer.tools[0].name, answer.tools[0].arguments, answer.tools[0].status)
"""
            )
        )
        assert "called with 3" in result.text, "what it prints appears in the cell"
        assert '{"main":true,"loop":true}' in result.text
        assert "where {'n': 3} done" in result.text

    def test_by_the_magic(self, kernel: Kernel) -> None:
        ok(kernel.run("def double(n: int) -> int:\n    'Twice.'\n    print('doubling')\n    return 2 * n"))
        result = ok(kernel.run(f"%%agent --tools double -o answer\n{asking('double', n=21)}"))
        assert any("double(n=21)" in text for text in result.markdown), "the call is shown"
        assert "doubling" in result.text
        assert "42" in ok(kernel.run("print(answer)")).text
        # The shown answer is the whole answer, also where a call came in between.
        assert any(text.strip() == ok(kernel.run("print(answer, end='')")).text.strip() for text in result.markdown)

    def test_with_the_asynchronous_client(self, kernel: Kernel) -> None:
        result = ok(
            kernel.run(
                """
here = asyncio.get_running_loop()

async def where(n: int) -> str:
    "Where it runs."
    await asyncio.sleep(0.01)
    return f"same loop: {asyncio.get_running_loop() is here}"

async with AsyncClient() as other:
    answers = await asyncio.gather(*(other.ask(asking("where", n=n), tools=[where]) for n in range(3)))
    print(*answers, await answers[0].tools, sep="\\n")
"""
            )
        )
        assert result.text.count("same loop: True") >= 3

    def test_a_coroutine_function_with_the_blocking_client(self, kernel: Kernel) -> None:
        code = """
async def slowly(n: int) -> int:
    "Twice."
    await asyncio.sleep(0.01)
    return n * 2

print(client.ask(asking("slowly", n=4), tools=[slowly]))
"""
        assert "8" in ok(kernel.run(code)).text

    def test_exceptions_and_pictures_reach_the_model(self, kernel: Kernel, server: JupyterServer) -> None:
        code = """
from PIL import Image

def plot(colour: str):
    "Draws."
    if colour == "none":
        raise ValueError("no such colour")
    return Image.new("RGB", (4, 4), colour)

failed = client.ask(asking("plot", colour="none"), tools=[plot])
drawn = client.ask(asking("plot", colour="red"), tools=[plot])
print(failed.tools[0].is_error, failed.tools[0].content)
print(drawn.tools[0].content)
"""
        text = ok(kernel.run(code)).text
        assert "True ValueError: no such colour" in text
        assert "(a picture)" in text
        events = server.client.get(f"agent/v1/turns/{last_turn(server)['id']}/events").text
        assert '"media_type":"image/png"' in events

    def test_its_own_kernel_is_used_by_the_cell(self, kernel: Kernel, server: JupyterServer) -> None:
        code = """
fruits = {"apple": 1.2}
ran = client.ask(asking("run_code", code="print('ran'); fruits['pear'] = 0.8; len(fruits)"), mode="auto")
print(ran.tools[0].status, repr(ran.tools[0].content), fruits)
listed = client.ask(asking("list_variables"))
print("fruits: dict (2)" in listed.tools[0].content, listed.tools[0].status)
seen = client.ask(asking("inspect_variable", name="fruits"))
print(seen.tools[0].content)
wrong = client.ask(asking("run_code", code="1/0"), mode="auto")
print(wrong.tools[0].is_error, "ZeroDivisionError" in wrong.tools[0].content)
"""
        text = ok(kernel.run(code)).text
        assert "done 'ran\\n2' {'apple': 1.2, 'pear': 0.8}" in text
        assert "True done" in text
        assert "'pear': 0.8" in text
        assert "True True" in text

    def test_what_the_cell_cannot_do_for_its_kernel_is_refused(self, kernel: Kernel, server: JupyterServer) -> None:
        (server.root / "waiting.ipynb").write_text(
            json.dumps(
                {
                    "cells": [
                        {
                            "id": "one",
                            "cell_type": "code",
                            "source": "1",
                            "metadata": {},
                            "outputs": [],
                            "execution_count": None,
                        }
                    ],
                    "metadata": {},
                    "nbformat": 4,
                    "nbformat_minor": 5,
                }
            )
        )
        code = """
answer = client.ask(asking("run_cells", cell_ids=["one"]), mode="auto")
print(answer.tools[0].is_error, answer.tools[0].content, answer.tools[0].duration_ms)
"""
        started = time.monotonic()
        text = ok(kernel.run(code)).text
        assert "the cell that asked you runs in it and waits for your answer" in text
        assert time.monotonic() - started < 20


class TestNothingWaitsForItself:
    def test_a_function_that_asks_the_agent_itself(self, kernel: Kernel) -> None:
        code = """
@agent.tool
def inner(n: int) -> int:
    "Twice."
    return n * 2

@agent.tool
def outer(n: int) -> str:
    "Asks."
    return "inner said: " + client.ask(asking("inner", n=n))

print(client.ask(asking("outer", n=5)))
"""
        text = ok(kernel.run(code, timeout=60)).text
        assert "inner said: " in text
        assert "10" in text

    def test_two_turns_at_once_in_threads(self, kernel: Kernel) -> None:
        code = """
barrier = threading.Barrier(2, timeout=20)

def meet(n: int) -> int:
    "Waits for the other."
    barrier.wait()
    return n * 2

answers = {}
def work(n):
    answers[n] = client.ask(asking("meet", n=n), tools=[meet])

threads = [threading.Thread(target=work, args=(n,)) for n in (3, 4)]
[one.start() for one in threads]
[one.join() for one in threads]
print(sorted(answers), answers[3], answers[4])
"""
        text = ok(kernel.run(code, timeout=60)).text
        assert "[3, 4]" in text
        assert "6" in text
        assert "8" in text

    def test_two_streams_read_in_turns(self, kernel: Kernel) -> None:
        code = """
def double(n: int) -> int:
    "Twice."
    return n * 2

streams = [client.stream(asking("double", n=n), tools=[double]) for n in (5, 6)]
print([stream.answer.tools[0].content for stream in reversed(streams)])
"""
        assert "['12', '10']" in ok(kernel.run(code, timeout=60)).text

    def test_an_interrupt_of_the_cell_stops_function_and_turn(self, kernel: Kernel, server: JupyterServer) -> None:
        code = """
import time
def forever() -> None:
    "Does not end."
    print("began", flush=True)
    time.sleep(60)

client.ask(asking("forever"), tools=[forever])
"""
        interrupted = threading.Event()

        def stop(result: Result) -> None:
            if "began" in result.text and not interrupted.is_set():
                interrupted.set()
                threading.Timer(0.2, kernel.interrupt).start()

        result = kernel.run(code, on_output=stop, timeout=40)
        assert result.status == "error"
        assert "KeyboardInterrupt" in result.text
        assert stop_reason(server) == "interrupted"


class TestApprovals:
    RISKY = """
def risky(n: int) -> int:
    "Twice, over the network."
    return n * 2
risky = agent.tool(capabilities=["network"])(risky)
"""

    def test_a_function_answers_them(self, kernel: Kernel) -> None:
        code = (
            self.RISKY
            + """
seen = []
def judge(approval):
    seen.append((approval.tool, approval.arguments, approval.status))
    return answers.pop(0)

answers = [True, "not today", {"n": 50}, agent.Deny(message="no")]
results = [client.ask(asking("risky", n=4), on_approval=judge).tools[0] for _ in range(4)]
print([(one.status, one.content) for one in results], seen[0])
"""
        )
        text = ok(kernel.run(code)).text
        assert "('done', '8')" in text
        assert "not today" in text
        assert "('done', '100')" in text
        assert "('risky', {'n': 4}, 'pending')" in text

    def test_what_a_function_gives_that_means_nothing(self, kernel: Kernel, server: JupyterServer) -> None:
        result = kernel.run(self.RISKY + "\nclient.ask(asking('risky', n=4), on_approval=lambda approval: 7)")
        assert "TypeError" in result.text
        assert "on_approval gave 7" in result.text
        server.api("POST", f"/turns/{last_turn(server)['id']}/interrupt", json={})

    @pytest.mark.parametrize(
        ("said", "content"), [("y", "8"), ("n", "Denied by the user."), ("ask me later", "ask me later")]
    )
    def test_somebody_is_asked_in_the_cell(self, kernel: Kernel, said: str, content: str) -> None:
        prompts = []

        def answer(prompt: str) -> str:
            prompts.append(prompt)
            return "" if len(prompts) == 1 else said  # Enter alone decides nothing

        result = ok(
            kernel.run(self.RISKY + "\nprint(client.ask(asking('risky', n=4)).tools[0].content)", on_input=answer)
        )
        assert "risky" in result.text
        assert "n: 4" in result.text
        assert len(prompts) == 2
        assert "[y]es" in prompts[0]
        assert content in result.text

    def test_always_counts_for_the_conversation(self, kernel: Kernel) -> None:
        prompts: list[str] = []

        def answer(prompt: str) -> str:
            prompts.append(prompt)
            return "a"

        code = """
first = client.ask(asking('risky', n=4))
second = client.ask(asking('risky', n=5), session=first)
print(first.tools[0].content, second.tools[0].content)
"""
        assert "8 10" in ok(kernel.run(self.RISKY + code, on_input=answer)).text
        assert len(prompts) == 1

    def test_the_question_gives_way_to_an_answer_from_elsewhere(self, kernel: Kernel, server: JupyterServer) -> None:
        def elsewhere(prompt: str) -> None:
            def approve() -> None:
                (waiting,) = server.api("GET", "/approvals", params={"status": "pending"})["items"]
                server.api("POST", f"/approvals/{waiting['id']}/approve", json={"arguments": {"n": 7}})

            threading.Timer(0.5, approve).start()

        code = self.RISKY + "\nprint(client.ask(asking('risky', n=4)).tools[0].content)\nprint('and on')"
        result = ok(kernel.run(code, on_input=elsewhere, timeout=40))
        assert "answered elsewhere" in result.text
        assert "14" in result.text
        assert "and on" in result.text
        assert "5" in ok(kernel.run("print(2 + 3)")).text, "no interrupt is left over"

    def test_the_asynchronous_client_asks_and_gives_way_too(self, kernel: Kernel, server: JupyterServer) -> None:
        prompts: list[str] = []

        def answer(prompt: str) -> str | None:
            prompts.append(prompt)
            if len(prompts) == 1:
                return "y"
            (waiting,) = server.api("GET", "/approvals", params={"status": "pending"})["items"]
            server.api("POST", f"/approvals/{waiting['id']}/deny", json={"message": "said elsewhere"})
            return None

        code = """
async with AsyncClient() as other:
    for n in (4, 5):
        answer = await other.ask(asking("risky", n=n))
        print([call.content for call in await answer.tools])

    async def judge(approval):
        await asyncio.sleep(0.01)
        return "not now"

    answer = await other.ask(asking("risky", n=6), on_approval=judge)
    print([call.content for call in await answer.tools])
"""
        text = ok(kernel.run(self.RISKY + code, on_input=answer, timeout=60)).text
        assert "['8']" in text
        assert "said elsewhere" in text
        assert "not now" in text

    def test_an_interrupt_of_the_question_stops_the_turn(self, kernel: Kernel, server: JupyterServer) -> None:
        def interrupt(prompt: str) -> None:
            threading.Timer(0.2, kernel.interrupt).start()

        result = kernel.run(self.RISKY + "\nclient.ask(asking('risky', n=4))", on_input=interrupt, timeout=40)
        assert result.status == "error"
        assert "KeyboardInterrupt" in result.text
        assert stop_reason(server) == "interrupted"
        assert server.api("GET", "/approvals", params={"status": "pending"})["items"] == []

    def test_where_nobody_can_be_asked_it_is_said_where_to_answer(self, kernel: Kernel, server: JupyterServer) -> None:
        def approve(result: Result) -> None:
            waiting = server.api("GET", "/approvals", params={"status": "pending"})["items"]
            if "%agent approve" in result.text and waiting:
                server.api("POST", f"/approvals/{waiting[0]['id']}/approve", json={})

        code = self.RISKY + "\nprint(client.ask(asking('risky', n=4)).tools[0].content)"
        result = ok(kernel.run(code, on_output=approve, timeout=40))
        assert "The agent waits until somebody allows risky" in result.text
        assert "8" in result.text

    def test_another_notebook_answers(self, kernel: Kernel, server: JupyterServer) -> None:
        session = server.api("POST", "/sessions", json={})
        tool = {"name": "far", "capabilities": ["client", "network"]}
        body = {"message": asking("far"), "client_tools": [tool]}
        turn = server.api("POST", f"/sessions/{session['id']}/turns", json=body)
        for _ in range(100):
            waiting = server.api("GET", "/approvals", params={"status": "pending"})["items"]
            if waiting:
                break
            time.sleep(0.05)
        (approval,) = waiting
        assert approval["id"] in ok(kernel.run("%agent approve")).text
        assert "was denied" in ok(kernel.run(f"%agent deny {approval['id']} because")).text
        assert kernel.run(f"%agent approve {approval['id']}").status == "error"
        (call,) = server.api("GET", f"/turns/{turn['id']}/tools")["tool_calls"]
        assert (call["status"], "because" in call["content"]) == ("denied", True)
        assert "Nothing waits" in ok(kernel.run("%agent approve")).text


class TestFunctionsOfAnIdleKernel:
    @pytest.fixture
    def session(self, kernel: Kernel, server: JupyterServer) -> str:
        """A conversation of the lab's about the kernel's notebook."""
        body = {"channel": "lab", "notebook": "waiting.ipynb"}
        session_id: str = server.api("POST", "/sessions", json=body)["id"]
        return session_id

    @staticmethod
    def offered(server: JupyterServer, session: str) -> set[str]:
        tools = server.api("GET", "/tools", params={"session_id": session})["items"]
        return {tool["name"] for tool in tools if tool["group"] == "function"}

    def until_offered(self, server: JupyterServer, session: str, *names: str) -> None:
        for _ in range(200):
            if self.offered(server, session) == set(names):
                return
            time.sleep(0.05)
        raise AssertionError(f"{self.offered(server, session)} are offered, not {names}")

    @staticmethod
    def ask(server: JupyterServer, session: str, message: str, **fields: Any) -> Any:
        """The first call of a turn."""
        turn = server.api(
            "POST",
            f"/sessions/{session}/turns",
            params={"wait": "true"},
            json={"message": message, **fields},
            timeout=60,
        )
        return server.api("GET", f"/turns/{turn['id']}/tools")["tool_calls"][0]

    def test_is_called_and_leaves_no_trace_in_the_notebook(
        self, kernel: Kernel, server: JupyterServer, session: str
    ) -> None:
        ok(
            kernel.run(
                "base = 10\n@agent.tool\ndef add(n: int) -> int:\n    'Adds.'\n    print('adding')\n    return base + n"
            )
        )
        self.until_offered(server, session, "add")
        count = ok(kernel.run("print(len(In), sorted(name for name in globals() if 'answer' in name.lower()))")).text
        call = self.ask(server, session, asking("add", n=5))
        assert (call["status"], call["content"]) == ("done", "15")
        after = ok(
            kernel.run("print(len(In) - 1, sorted(name for name in globals() if 'answer' in name.lower()))")
        ).text
        assert after.split() == count.split()

    def test_defined_again_it_is_the_new_one(self, kernel: Kernel, server: JupyterServer, session: str) -> None:
        for number in (1, 2):
            ok(kernel.run(f"@agent.tool\nasync def version() -> int:\n    'Which.'\n    return {number}"))
            self.until_offered(server, session, "version")
            assert self.ask(server, session, asking("version"))["content"] == str(number)
        ok(kernel.run("agent.forget()"))
        self.until_offered(server, session)

    def test_errors_and_pictures(self, kernel: Kernel, server: JupyterServer, session: str) -> None:
        code = """
from PIL import Image
@agent.tool
def draw(colour: str):
    "Draws."
    if colour == "none":
        raise ValueError("no such colour")
    return Image.new("RGB", (4, 4), colour)
"""
        ok(kernel.run(code))
        self.until_offered(server, session, "draw")
        failed = self.ask(server, session, asking("draw", colour="none"))
        assert failed["is_error"]
        assert failed["content"].startswith("ValueError: no such colour")
        assert self.ask(server, session, asking("draw", colour="red"))["content"] == "(a picture)"

    def test_a_busy_kernel_is_waited_for(self, kernel: Kernel, server: JupyterServer, session: str) -> None:
        ok(kernel.run("import time\nsteps = []\n@agent.tool\ndef look() -> list:\n    'Looks.'\n    return steps"))
        self.until_offered(server, session, "look")
        kernel.client.execute("time.sleep(3)\nsteps.append('cell')")
        time.sleep(0.5)
        call = self.ask(server, session, asking("look"))
        assert (call["status"], call["content"]) == ("done", '["cell"]')
        assert call["duration_ms"] > 1000

    def test_a_kernel_that_stays_busy_fails_the_call_and_is_not_called_later(
        self, kernel: Kernel, server: JupyterServer, session: str
    ) -> None:
        code = "calls = []\n@agent.tool(timeout_seconds=1)\ndef note() -> None:\n    'Notes.'\n    calls.append(1)"
        ok(kernel.run("import time\n" + code))
        self.until_offered(server, session, "note")
        kernel.client.execute("time.sleep(4)")
        time.sleep(0.5)
        call = self.ask(server, session, asking("note"))
        assert call["is_error"]
        assert "has not ended within 1 seconds" in call["content"]
        assert ok(kernel.run("print(calls)")).text.strip() == "[]"

    def test_a_stopped_turn_stops_the_function(self, kernel: Kernel, server: JupyterServer, session: str) -> None:
        code = """
import time
state = []
@agent.tool
def forever() -> None:
    "Does not end."
    state.append("began")
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        state.append("stopped")
        raise
"""
        ok(kernel.run(code))
        self.until_offered(server, session, "forever")
        turn = server.api("POST", f"/sessions/{session}/turns", json={"message": asking("forever")})
        for _ in range(100):
            calls = server.api("GET", f"/turns/{turn['id']}/tools")["tool_calls"]
            if calls and calls[0]["status"] == "running":
                break
            time.sleep(0.05)
        time.sleep(1)
        server.api("POST", f"/turns/{turn['id']}/interrupt", json={})
        assert "['began', 'stopped']" in ok(kernel.run("print(state)", timeout=30)).text

    def test_is_not_offered_to_others(self, kernel: Kernel, server: JupyterServer, session: str) -> None:
        ok(kernel.run("@agent.tool\ndef mine() -> int:\n    'Mine.'\n    return 1"))
        self.until_offered(server, session, "mine")
        other = server.api("POST", "/sessions", json={"channel": "lab", "notebook": "other.ipynb"})["id"]
        assert self.offered(server, other) == set()

    def test_is_gone_after_a_restart(self, server: JupyterServer) -> None:
        with Kernel(server, "restarted.ipynb") as kernel:
            ok(kernel.run(SETUP + "\n@agent.tool\ndef mine() -> int:\n    'Mine.'\n    return 1"))
            session = server.api("POST", "/sessions", json={"notebook": "restarted.ipynb"})["id"]
            self.until_offered(server, session, "mine")
            server.client.post(f"api/kernels/{kernel.id}/restart").raise_for_status()
            assert self.offered(server, session) == set()
            assert server.api("GET", "/tools/functions")["items"] == [] or all(
                item["kernel_id"] != kernel.id for item in server.api("GET", "/tools/functions")["items"]
            )


def test_an_undefined_function_is_an_error_of_the_magic(kernel: Kernel) -> None:
    result = kernel.run("%%agent --tools nothing_like_it\nhello")
    assert result.status == "error"
    assert "there is no tool 'nothing_like_it'" in result.text


def test_tools_and_modes_are_listed(kernel: Kernel) -> None:
    ok(kernel.run("@agent.tool\ndef mine() -> int:\n    'Mine alone.'\n    return 1"))
    listed = ok(kernel.run("%agent tools")).text
    assert "mine" in listed
    assert "Mine alone." in listed
    assert "update_tasks" in listed
    assert "read_only" in ok(kernel.run("%agent mode read_only")).text
    assert kernel.run("%agent mode reckless").status == "error"


def test_undo_says_what_it_took_back(kernel: Kernel, server: JupyterServer) -> None:
    Path(server.root / "notes.txt").write_text("before\n")
    code = """
answer = client.ask(asking("write_file", path="notes.txt", text="after"), mode="auto_edit")
print(answer.tools[0].status, open("notes.txt").read())
checkpoint = answer.undo()
print(checkpoint.state, open("notes.txt").read())
"""
    text = ok(kernel.run(code)).text
    assert "done after" in text
    assert "undone before" in text
