"""The widgets, in a real kernel that talks with a real server; the tests are the front end."""

from __future__ import annotations

import asyncio
import html
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from jupyter_agent.kernel.discovery import Server
from jupyter_agent.kernel.secret import Secret
from jupyter_agent.kernel.widgets.link import Link

from .front_ends import LocalKernel, View, text_of
from .scripted_provider import ScriptedProvider, words
from .servers import JupyterServer, provider_writes

DOCS = Path(__file__).parents[1] / "docs" / "widgets.md"


@pytest.fixture(scope="module")
def running_kernel(server: JupyterServer) -> Iterator[LocalKernel]:
    with LocalKernel(server) as kernel:
        kernel.run(
            "import time\nfrom ipywidgets.widgets import widget as _widgets\n"
            "from jupyter_agent import BudgetWidget, ChatWidget, Client, CostDashboard, SessionsWidget, TraceView\n"
            "from jupyter_agent import TurnInspector\n"
            "OURS = (BudgetWidget, ChatWidget, CostDashboard, SessionsWidget, TraceView, TurnInspector)\n"
            "client = Client()\n"
            "def made(): return [one for one in list(_widgets._instances.values()) if isinstance(one, OURS)]"
        )
        yield kernel


@pytest.fixture
def kernel(running_kernel: LocalKernel) -> Iterator[LocalKernel]:
    yield running_kernel
    running_kernel.run("chat = sessions = second = other = chooser = None\nfor widget in made(): widget.close()")


def make_chat(kernel: LocalKernel, model: str = "echo", arguments: str = "") -> View:
    kernel.run(f"chat = ChatWidget(model='scripted/{model}'{arguments})")
    view = kernel.widget("chat")
    view.until(lambda state: state["connection"] == "online")
    return view


def finished(state: dict[str, Any], messages: int = 2) -> bool:
    return not state["running"] and len(state["messages"]) >= messages


def test_importing_the_package_does_not_load_the_widgets(server: JupyterServer) -> None:
    code = "import sys, jupyter_agent, jupyter_agent.kernel.client; print('anywidget' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=server.env)
    assert done.stdout.strip() == "False"


class TestFromPython:
    def test_traits_are_observable(self, kernel: LocalKernel) -> None:
        make_chat(kernel)
        kernel.run(
            "seen = []\n"
            "chat.observe(lambda change: seen.append([change.name, change.new]), ['running'])\n"
            "chat.observe(lambda change: seen.append([change.name, len(change.new)]), ['messages'])\n"
            "answer = chat.send('hello', wait=True)"
        )
        answer, seen = kernel.value("[answer, seen]")
        assert answer == "hello"
        assert seen[0] == ["running", True]
        assert seen[-1] == ["running", False]
        assert ["messages", 2] in seen

    def test_a_message_says_who_what_with_which_model_and_at_what_price(self, kernel: LocalKernel) -> None:
        make_chat(kernel)
        kernel.run("chat.send('hello', wait=True)")
        said, answered = kernel.value("chat.messages")
        assert (said["role"], said["text"]) == ("user", "hello")
        assert (answered["role"], answered["text"]) == ("assistant", "hello")
        assert answered["model"] == "scripted/echo"
        assert answered["stop_reason"] == "completed"
        assert answered["turn_id"] == said["turn_id"]
        assert answered["usage"]["output"] > 0
        assert kernel.value("[chat.cost, chat.usage['requests'], chat.session_id[:5]]") == [None, 1, "sess_"]

    def test_cost_is_a_number_where_there_is_a_price(
        self, kernel: LocalKernel, server: JupyterServer, provider: ScriptedProvider
    ) -> None:
        prices = {"words-5": {"input": "1.5", "output": "6"}}
        [scripted, *_] = provider_writes(provider)
        scripted.pop("id")
        server.api("PUT", "/providers/scripted", json={**scripted, "prices": prices})
        make_chat(kernel, "words-5")
        kernel.run("chat.send('hello', wait=True)")
        exact = server.api("GET", f"/sessions/{kernel.value('chat.session_id')}")["usage"]["cost"]
        assert float(exact) > 0
        assert kernel.value("[chat.cost, chat.usage['cost'], chat.messages[-1]['cost']]") == [
            float(exact),
            exact,
            exact,
        ]

    def test_send_returns_at_once(self, kernel: LocalKernel) -> None:
        make_chat(kernel, "slow-20x100")
        took, running = kernel.value("(_t := time.time(), chat.send('hello'), [time.time() - _t, chat.running])[2]")
        assert took < 1.5
        assert running is True
        kernel.run("chat.stop()")

    def test_variables_go_along(self, kernel: LocalKernel, provider: ScriptedProvider) -> None:
        make_chat(kernel)
        provider.reset()
        kernel.run("prices = {'apple': 1.2}\nchat.send('which?', wait=True, variables={'prices': prices})")
        assert "apple" in json.dumps(provider.requests[-1].body)
        assert kernel.value("chat.messages[0]['attachments']") == ["prices"]

    def test_what_is_wrong_says_so_and_changes_nothing(self, kernel: LocalKernel) -> None:
        make_chat(kernel)
        for call, error in (
            ("chat.send('  ')", "ValueError"),
            ("chat.send('x', nonsense=1)", "TypeError"),
            ("chat.send('x', model='no-such-model')", "AgentError"),
            ("ChatWidget(history=0)", "ValueError"),
        ):
            with pytest.raises(AssertionError, match=error):
                kernel.run(call)
        assert kernel.value("[chat.messages, chat.session_id, chat.running]") == [[], "", False]

    def test_a_failed_turn_raises_where_it_is_waited_for(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel, "unauthorized")
        with pytest.raises(AssertionError, match="TurnFailed"):
            kernel.run("chat.send('hello', wait=True)")
        message = view.until(lambda state: finished(state, 1) and state["messages"][-1])
        assert message["stop_reason"] == "provider_error"
        assert message["error"]

    def test_new_and_open(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel)
        kernel.run("chat.send('first', wait=True)\nfirst = chat.session_id\nchat.new()")
        view.until(lambda state: state["session_id"] == "" and state["messages"] == [])
        kernel.run("chat.send('second', wait=True)")
        assert kernel.value("first != chat.session_id")
        kernel.run("chat.open(first)")
        view.until(lambda state: [item["text"] for item in state["messages"]] == ["first", "first"])
        assert kernel.value("chat.session_id == first")

    def test_a_session_that_is_not_there(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel)
        kernel.run("chat.open('sess_nowhere')")
        assert "sess_nowhere" in view.until(lambda state: state["error"])


class TestFromAView:
    def test_a_command_is_acknowledged_and_the_answer_streams(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel, "slow-40x25")
        with view.new_deltas() as deltas:
            assert view.do("send", text="hello")["type"] == "done"
            view.until(finished)
        assert text_of(deltas) == words(40)
        # A second of chunks, told about twenty times a second.
        assert 5 < len(deltas) < 35
        assert view.state["messages"][-1]["text"] == words(40)

    def test_the_list_is_sent_at_the_turns_ends_only(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel, "slow-40x25")
        before = len(view.model.updates)
        view.do("send", text="hello")
        view.until(finished)
        lists = [update for update in view.model.updates[before:] if "messages" in update]
        assert 2 <= len(lists) <= 4

    def test_stop(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel, "slow-200x50")
        view.do("send", text="hello")
        view.until(lambda state: state["running"])
        assert view.do("stop")["type"] == "done"
        message = view.until(lambda state: finished(state, 1) and state["messages"][-1])
        assert message["stop_reason"] == "interrupted"
        assert view.do("stop")["note"] == "Nothing is running."

    def test_sending_while_it_runs_is_guidance(
        self, kernel: LocalKernel, server: JupyterServer, provider: ScriptedProvider
    ) -> None:
        view = make_chat(kernel, "slow-20x100")
        view.do("send", text="hello")
        view.until(lambda state: state["running"])
        answer = view.do("send", text="in German, please")
        assert "next step" in answer["note"]
        view.until(finished)
        assert server.api("GET", f"/sessions/{view.state['session_id']}")["turn_count"] == 1

    def test_two_messages_at_once_make_one_session(self, kernel: LocalKernel, server: JupyterServer) -> None:
        view = make_chat(kernel, "slow-10x50")
        total = server.api("GET", "/sessions")["total"]
        first, second = view.command("send", text="one"), view.command("send", text="two")
        assert view.answer(first)["type"] == view.answer(second)["type"] == "done"
        view.until(finished)
        assert server.api("GET", "/sessions")["total"] == total + 1

    def test_an_error_of_the_provider(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel, "unauthorized")
        view.do("send", text="hello")
        message = view.until(lambda state: finished(state, 1) and state["messages"][-1])
        assert message["error"]

    def test_what_could_not_be_sent(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel, "no-such")
        kernel.run("chat.model = 'nobody/nothing'")
        answer = view.do("send", text="hello")
        assert answer["type"] == "failed"
        assert "nobody/nothing" in answer["message"]

    @pytest.mark.parametrize(
        "content",
        [{}, {"id": 1}, {"id": "a"}, {"id": "a", "type": "nothing"}, {"id": "a", "type": "send", "text": 1}, 7],
    )
    def test_nonsense_does_no_harm(self, kernel: LocalKernel, content: Any) -> None:
        view = make_chat(kernel)
        view.send(content)
        if isinstance(content, dict) and isinstance(content.get("id"), str):
            assert view.answer(content["id"])["type"] == "failed"
        assert view.do("send", text="hello")["type"] == "done"
        view.until(finished)

    def test_retry_shows_the_new_version(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel)
        view.do("send", text="hello")
        view.until(finished)
        first = view.state["session_id"]
        assert view.do("retry")["type"] == "done"
        view.until(lambda state: finished(state) and state["session_id"] != first)
        assert [item["text"] for item in view.state["messages"]] == ["hello", "hello"]

    def test_unicode_is_counted_as_javascript_counts(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel, "unicode")
        with view.new_deltas() as deltas:
            view.do("send", text="hello")
            view.until(finished)
        assert text_of(deltas) == view.state["messages"][-1]["text"]


class TestTools:
    RISKY = """
import threading
import jupyter_agent as agent
def risky(n: int) -> int:
    "Twice, over the network."
    print("in the cell's thread:", threading.current_thread() is threading.main_thread())
    return n * 2
risky = agent.tool(capabilities=["network"])(risky)
"""

    def test_a_cell_that_waits_runs_them_and_answers_approvals(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel, "tool")
        said = kernel.run(
            self.RISKY
            + """
seen = []
answer = chat.send(
    'risky {"n": 4}', wait=True, tools=[risky], on_approval=lambda approval: seen.append(approval.tool) or True
)
print(answer, seen)
"""
        )
        assert "in the cell's thread: True" in said
        assert "8" in said
        assert "['risky']" in said
        [tool] = [block for block in view.state["messages"][-1]["blocks"] if block["kind"] == "tool"]
        assert (tool["name"], tool["state"], tool["text"], tool["approval"]) == ("risky", "done", "8", None)

    def test_functions_need_a_cell_that_waits(self, kernel: LocalKernel) -> None:
        make_chat(kernel, "tool")
        said = kernel.run(
            self.RISKY
            + """
try:
    chat.send("hello", tools=[risky])
except ValueError as error:
    print(error)
"""
        )
        assert "wait=True" in said

    @pytest.mark.parametrize(("approve", "status"), [(True, "done"), (False, "denied")])
    def test_an_approval_is_answered_in_a_view(
        self, kernel: LocalKernel, server: JupyterServer, approve: bool, status: str
    ) -> None:
        view = make_chat(kernel, "tool")
        (server.root / "asked.txt").unlink(missing_ok=True)
        arguments = {"path": "asked.txt", "text": "new\u202e line"}
        assert view.do("send", text=f"write_file {json.dumps(arguments)}")["type"] == "done"

        def waiting() -> Any:
            blocks = [change.get("block", {}) for item in view.model.custom for change in item.get("changes", [])]
            return next((block for block in blocks if block.get("state") == "waiting"), None)

        block = kernel.until(waiting)
        assert "write_file" in block["question"]
        assert "+new" in block["question"]
        assert "\u202e" not in block["question"], "what turns the direction of text is written out"
        assert view.do("decide", approval_id=block["approval"], approve=approve)["type"] == "done"
        view.until(finished)
        assert (server.root / "asked.txt").exists() is approve
        answer = view.do("decide", approval_id=block["approval"], approve=True)
        assert answer["type"] == "failed", "it was answered already"
        turn_id = view.state["messages"][-1]["turn_id"]
        (call,) = server.api("GET", f"/turns/{turn_id}/tools")["tool_calls"]
        assert call["status"] == status


class TestBusyKernel:
    def test_deltas_are_sent_while_a_cell_runs(self, kernel: LocalKernel, provider: ScriptedProvider) -> None:
        view = make_chat(kernel, "gated-3")
        cell = kernel.start("chat.send('hello')\ndeadline = time.time() + 30\nwhile chat.running: time.sleep(0.01)")
        view.until(lambda state: state["running"])
        for number in range(3):
            provider.release()
            kernel.until(lambda number=number: f"word{number} " in json.dumps(view.model.custom))
            # The cell is still running while this is here already.
            assert cell not in kernel._idle
        kernel.finish(cell)
        assert view.state["messages"][-1]["text"] == words(3)

    def test_a_command_is_done_after_the_cell(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel)
        cell = kernel.start("time.sleep(2)")
        time.sleep(0.5)
        command = view.command("send", text="hello")
        time.sleep(0.9)
        assert not view.acknowledged(command)
        kernel.finish(cell)
        assert view.answer(command)["type"] == "done"
        view.until(finished)


class TestElsewhere:
    def test_a_turn_of_somebody_else_appears_live(
        self, kernel: LocalKernel, server: JupyterServer, provider: ScriptedProvider
    ) -> None:
        session = server.api("POST", "/sessions", json={})["id"]
        view = make_chat(kernel, arguments=f", session={session!r}")
        body = {"message": "from the panel", "model": "gated-3", "provider": "scripted"}
        with view.new_deltas() as deltas:
            server.api("POST", f"/sessions/{session}/turns", json=body)
            view.until(lambda state: state["running"] and len(state["messages"]) == 1)
            for _ in range(3):
                provider.release()
            view.until(finished)
        assert text_of(deltas) == words(3)
        assert [item["text"] for item in view.state["messages"]] == ["from the panel", words(3)]

    def test_two_widgets_of_one_session_agree(self, kernel: LocalKernel, server: JupyterServer) -> None:
        session = server.api("POST", "/sessions", json={})["id"]
        first = make_chat(kernel, "slow-10x50", f", session={session!r}")
        kernel.run(f"second = ChatWidget({session!r})")
        second = kernel.widget("second")
        second.until(lambda state: state["connection"] == "online")
        with first.new_deltas() as here, second.new_deltas() as there:
            first.do("send", text="hello")
            first.until(finished)
            second.until(finished)
        assert text_of(here) == text_of(there) == words(10)
        assert first.state["messages"] == second.state["messages"]

    def test_a_new_title_and_a_cleared_session(self, kernel: LocalKernel, server: JupyterServer) -> None:
        view = make_chat(kernel)
        view.do("send", text="hello")
        view.until(finished)
        session = view.state["session_id"]
        server.api("PATCH", f"/sessions/{session}", json={"title": "Renamed elsewhere"})
        view.until(lambda state: state["title"] == "Renamed elsewhere")
        server.api("POST", f"/sessions/{session}/clear")
        view.until(lambda state: state["messages"] == [])

    def test_a_view_that_comes_late_gets_the_running_text(
        self, kernel: LocalKernel, provider: ScriptedProvider
    ) -> None:
        view = make_chat(kernel, "gated-3")
        view.do("send", text="hello")
        provider.release()
        kernel.until(lambda: "word0 " in json.dumps(view.model.custom))
        view.raw({"method": "request_state"})
        live = view.until(lambda state: state["_live"] and state["_live"]["blocks"] and state["_live"])
        assert live["blocks"] == [{"kind": "text", "text": "word0 "}]
        for _ in range(2):
            provider.release()
        view.until(lambda state: finished(state) and state["_live"] is None)


class TestServerGone:
    def test_a_restart_leaves_no_gap(self, tmp_path: Path, provider: ScriptedProvider) -> None:
        with JupyterServer(tmp_path) as server, LocalKernel(server) as kernel:
            server.use(provider)
            kernel.run("import time\nfrom jupyter_agent import ChatWidget, SessionsWidget")
            view = make_chat(kernel, "slow-200x50")
            view.do("send", text="hello")
            kernel.until(lambda: "word5 " in json.dumps(view.model.custom))
            server.kill()
            view.until(lambda state: state["connection"] == "offline")
            assert view.state["running"] is True
            answer = view.do("send", text="while it is away")
            assert answer["type"] == "failed"
            server.start()
            view.until(lambda state: state["connection"] == "online")
            message = view.until(lambda state: finished(state) and state["messages"][-1], 60)
            assert message["stop_reason"] == "server_restart"
            text = text_of([item for item in view.model.custom if item["type"] == "delta"])
            assert words(200).startswith(text)
            assert message["text"] == text
            assert view.do("send", text="and now?")["type"] == "done"
            view.until(lambda state: state["running"])

    def test_without_a_server_the_widget_says_so(self, tmp_path: Path) -> None:
        server = JupyterServer(tmp_path)
        with LocalKernel(server) as kernel:
            kernel.run("from jupyter_agent import ChatWidget\nchat = ChatWidget()")
            view = kernel.widget("chat")
            view.until(lambda state: state["connection"] == "offline" and state["_connection_reason"])
            with pytest.raises(AssertionError, match="ConnectionLost"):
                kernel.run("chat.send('hello')")
            assert view.do("send", text="hello")["type"] == "failed"
            with server:
                view.until(lambda state: state["connection"] == "online")

    def test_a_wrong_token(self, server: JupyterServer) -> None:
        with LocalKernel(server, JUPYTER_AGENT_TOKEN="wrong-0123456789") as kernel:
            kernel.run("from jupyter_agent import ChatWidget\nchat = ChatWidget()")
            reason = kernel.widget("chat").until(lambda state: state["_connection_reason"])
            assert "token" in reason
            assert "wrong-0123456789" not in "".join(kernel.sent)

    def test_over_a_unix_socket(self, tmp_path: Path) -> None:
        from tornado.httpserver import HTTPServer
        from tornado.netutil import bind_unix_socket
        from tornado.web import Application
        from tornado.websocket import WebSocketHandler

        class Turns(WebSocketHandler):
            def on_message(self, message: str | bytes) -> None:
                token = self.request.headers["Authorization"]
                self.write_message(json.dumps({"type": "snapshot", "topic": "turns", "data": {"token": token}}))

        class Listening:
            def __init__(self) -> None:
                self.snapshot: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

            def connection_changed(self, connection: str, reason: str) -> None:
                """Not looked at."""

            def topic_snapshot(self, topic: str, data: dict[str, Any]) -> None:
                self.snapshot.set_result(data)

            def topic_event(self, topic: str, event: dict[str, Any]) -> None:
                """None comes."""

        async def connect() -> Any:
            path = str(tmp_path / "s")
            server = HTTPServer(Application([("/agent/v1/ws", Turns)]))
            server.add_socket(bind_unix_socket(path))
            link, listening = Link(None, None, True), Listening()
            link._listeners.add(listening)
            task = asyncio.ensure_future(link._listen(Server("http://localhost/", Secret("t"), socket=path)))
            data = await asyncio.wait_for(listening.snapshot, 10)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            server.stop()
            await server.close_all_connections()
            return data

        assert asyncio.run(connect()) == {"token": "token t"}


class TestClosed:
    def test_the_turn_goes_on_and_nothing_more_is_said(self, kernel: LocalKernel, server: JupyterServer) -> None:
        view = make_chat(kernel, "slow-20x50")
        view.do("send", text="hello")
        view.until(lambda state: state["running"])
        session = view.state["session_id"]
        kernel.run("chat.close()")
        kernel.until(lambda: view.model.closed)
        said = len(view.model.custom)
        view.command("send", text="anybody there?")
        with pytest.raises(AssertionError, match="was closed"):
            kernel.run("chat.send('hello')")
        deadline = time.monotonic() + 20
        while server.api("GET", f"/sessions/{session}")["message_count"] < 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert len(view.model.custom) == said
        [_, answer] = server.api("GET", f"/sessions/{session}/messages")["items"]
        assert answer["text"] == words(20)


class TestSaved:
    def test_the_bundle_is_readable_without_widgets(self, kernel: LocalKernel) -> None:
        make_chat(kernel)
        kernel.run("chat.send('<script>alert(1)</script> & **bold**', wait=True)")
        bundle = kernel.value("chat._repr_mimebundle_()[0]")
        assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
        assert html.escape("<script>alert(1)</script> & **bold**") in bundle["text/html"]
        assert "<script" not in bundle["text/html"]
        assert "<script>alert(1)</script> & **bold**" in bundle["text/plain"]

    def test_the_html_beside_the_view_follows_the_conversation(self, kernel: LocalKernel) -> None:
        view = make_chat(kernel)
        shown = kernel.outputs("chat")
        assert "application/vnd.jupyter.widget-view+json" in shown[0]
        assert "Nothing has been said yet" in shown[1]["text/html"]
        view.do("send", text="typed later")
        view.until(finished)
        kernel.until(lambda: kernel.displays[view.state["_uid"]]["text/html"].count("typed later") == 2)

    def test_nbconvert_shows_the_conversation(self, server: JupyterServer, tmp_path: Path) -> None:
        notebook = new_notebook(
            cells=[
                new_code_cell("from jupyter_agent import ChatWidget, SessionsWidget\nchat = ChatWidget()\nchat"),
                new_code_cell(
                    "chat.send('Is 1 < 2 & 3?', model='scripted/echo', wait=True)\n"
                    "chat.send('```python\\nprint(1 < 2)\\n```', model='scripted/echo', wait=True)"
                ),
                new_code_cell("sessions = SessionsWidget(chat)\nsessions.refresh()\nsessions"),
            ]
        )
        path = tmp_path / "saved.ipynb"
        nbformat.write(notebook, path)
        env = {**server.env, "JUPYTER_AGENT_URL": server.url, "JUPYTER_AGENT_TOKEN": server.token}
        for arguments in (["--to", "notebook", "--execute", "--inplace"], ["--to", "html"]):
            subprocess.run(
                [sys.executable, "-m", "nbconvert", *arguments, str(path)],
                check=True,
                capture_output=True,
                env=env,
                timeout=120,
            )
        page = path.with_suffix(".html").read_text()
        # What a browser shows, not what the widgets' state says in a script.
        shown = page[: page.index('<script type="application/vnd.jupyter.widget-state+json">')]
        assert shown.count("Is 1 &lt; 2 &amp; 3?") >= 2
        assert "<code>print(1 &lt; 2)</code>" in shown
        for written in (path.read_text(), page):
            assert server.token not in written

    def test_no_token_is_ever_published(self, server: JupyterServer) -> None:
        with LocalKernel(server, JUPYTER_AGENT_TOKEN="") as kernel:
            kernel.run("from jupyter_agent import ChatWidget, CostDashboard, SessionsWidget, TurnInspector")
            kernel.run(f"chat = ChatWidget(model='scripted/echo', base_url={server.url!r}, token={server.token!r})")
            code = kernel.sent.index(next(text for text in kernel.sent if server.token in text))
            kernel.run("chat")
            kernel.run("sessions = SessionsWidget(chat)\nsessions")
            kernel.run(f"where = dict(base_url={server.url!r}, token=chat._link._where[1].value)")
            kernel.run("dashboard = CostDashboard(**where)\ndashboard")
            kernel.run("inspector = TurnInspector('turn_unknown', **where)\ninspector")
            view = kernel.widget("chat")
            view.do("send", text="hello")
            view.until(finished)
            view.raw({"method": "request_state"})
            with pytest.raises(AssertionError):
                kernel.run("%xmode Verbose\nchat.send('x', model='nobody/nothing')")
            # The cell's own code is repeated by every kernel; nothing after it has the token.
            assert not [text for text in kernel.sent[code + 1 :] if server.token in text]


class TestSessions:
    @pytest.fixture
    def ids(self, server: JupyterServer) -> list[str]:
        made = []
        for title in ("Alpha study", "Beta study"):
            made.append(server.api("POST", "/sessions", json={"title": title})["id"])
            server.api("POST", f"/sessions/{made[-1]}/messages", json={"text": f"about {title}"})
        return made

    def make(self, kernel: LocalKernel, arguments: str = "") -> View:
        kernel.run(f"sessions = SessionsWidget({arguments})\nsessions.refresh()")
        return kernel.widget("sessions")

    def listed(self, view: View) -> list[str]:
        return [item["id"] for item in view.state["sessions"]]

    def test_lists_searches_and_follows(self, kernel: LocalKernel, server: JupyterServer, ids: list[str]) -> None:
        view = self.make(kernel)
        assert set(ids) <= set(self.listed(view))
        view.do("search", query="Alpha", archived=False)
        assert ids[0] in self.listed(view)
        assert ids[1] not in self.listed(view)
        view.do("search", query="", archived=False)
        new = server.api("POST", "/sessions", json={"title": "Made elsewhere"})["id"]
        view.until(lambda state: new in [item["id"] for item in state["sessions"]])

    def test_opens_in_the_linked_chat(self, kernel: LocalKernel, ids: list[str]) -> None:
        chat = make_chat(kernel)
        view = self.make(kernel, "chat")
        view.do("open", session_id=ids[0])
        chat.until(lambda state: [item["text"] for item in state["messages"]] == ["about Alpha study"])
        assert kernel.value("sessions.value") == ids[0]
        view.do("new")
        chat.until(lambda state: state["session_id"] == "" and state["messages"] == [])
        chat.do("send", text="hello")
        view.until(lambda state: state["value"].startswith("sess_"))
        assert view.state["value"] == chat.state["session_id"]

    def test_value_is_observable_and_links(self, kernel: LocalKernel, ids: list[str]) -> None:
        make_chat(kernel)
        view = self.make(kernel)
        kernel.run("seen = []\nsessions.observe(lambda change: seen.append(change.new), 'value')")
        kernel.run("import traitlets\nbond = traitlets.link((sessions, 'value'), (chat, 'session_id'))")
        view.do("open", session_id=ids[1])
        assert kernel.value("[seen, chat.session_id]") == [[ids[1]], ids[1]]

    def test_renames_and_archives(self, kernel: LocalKernel, server: JupyterServer, ids: list[str]) -> None:
        view = self.make(kernel)
        assert view.do("rename", session_id=ids[0], title=" A better title ")["type"] == "done"
        assert server.api("GET", f"/sessions/{ids[0]}")["title"] == "A better title"
        assert view.do("rename", session_id=ids[0], title="  ")["type"] == "failed"
        view.do("archive", session_id=ids[0], archived=True)
        assert ids[0] not in self.listed(view)
        view.do("search", query="", archived=True)
        assert ids[0] in self.listed(view)
        view.do("undo")
        assert server.api("GET", f"/sessions/{ids[0]}")["status"] == "active"

    def test_deletes_with_undo(self, kernel: LocalKernel, server: JupyterServer, ids: list[str]) -> None:
        view = self.make(kernel)
        view.do("open", session_id=ids[0])
        view.do("delete", session_id=ids[0])
        assert ids[0] not in self.listed(view)
        assert view.state["value"] == ""
        assert "A" in view.state["_undo"]
        view.do("undo")
        assert ids[0] in self.listed(view)
        server.api("GET", f"/sessions/{ids[0]}")
        kernel.run("import jupyter_agent.kernel.widgets.sessions as module\nmodule.UNDO_SECONDS = 0.2")
        view.do("delete", session_id=ids[0])
        view.until(lambda state: state["_undo"] == "")
        deadline = time.monotonic() + 20
        while server.client.get(f"agent/v1/sessions/{ids[0]}").status_code != 404:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def test_what_is_not_there(self, kernel: LocalKernel) -> None:
        view = self.make(kernel)
        answer = view.do("delete", session_id="sess_nowhere")
        assert answer["type"] == "failed"
        assert "sess_nowhere" in answer["message"]


@pytest.fixture
def priced(server: JupyterServer, provider: ScriptedProvider) -> None:
    """Each answer of `echo` costs $0.000423: 80 tokens in, 20 from the cache, 50 out."""
    prices = {"echo": {"input": "1.5", "output": "6", "cache_read": "0.15"}}
    [scripted, *_] = provider_writes(provider)
    scripted.pop("id")
    server.api("PUT", "/providers/scripted", json={**scripted, "prices": prices})


@pytest.mark.usefixtures("priced")
class TestTurns:
    def test_what_was_seen_chosen_and_done(self, kernel: LocalKernel) -> None:
        kernel.run("answer = client.ask('hello there', model='echo')\ninspector = TurnInspector(answer)")
        view = kernel.widget("inspector")
        view.until(lambda state: state["context"])
        state = view.state
        [snapshot] = state["context"]
        assert sum(snapshot["tokens"].values()) == snapshot["total"] == 100
        assert state["turn"]["usage"]["cost"] == "0.000423"
        assert [one["model"] for one in state["selection"]] == ["echo"]
        assert {span["kind"] for span in state["trace"]["spans"]} >= {"turn", "request"}
        assert (state["running"], state["grade"], state["error"]) == (False, 0, "")
        assert "hello there" in kernel.value("str(inspector)")

    def test_what_was_sent_comes_when_it_is_asked_for_and_is_in_no_trait(self, kernel: LocalKernel) -> None:
        kernel.run(
            "answer = client.ask('only once', model='words-3', parts=[{'type': 'context', 'kind': 'text', "
            "'name': 'notes', 'text': 'the hidden text'}])\ninspector = TurnInspector(answer)"
        )
        view = kernel.widget("inspector")
        view.until(lambda state: state["context"])
        request_id = view.state["context"][0]["id"]
        assert view.do("contents", request_id=request_id)["type"] == "done"
        [contents] = [message for message in view.model.custom if message["type"] == "contents"]
        assert any("the hidden text" in (item["content"] or "") for item in contents["items"])
        assert "the hidden text" not in json.dumps(view.state)
        assert "the hidden text" not in json.dumps(kernel.outputs("inspector"))
        assert view.do("contents", request_id="mreq_unknown")["type"] == "failed"

    def test_a_running_turn_is_followed(
        self, kernel: LocalKernel, server: JupyterServer, provider: ScriptedProvider
    ) -> None:
        kernel.run(
            "stream = client.stream('slowly', model='gated-2')\n"
            "inspector = TurnInspector(stream)\ntimeline = TraceView(stream)"
        )
        view, timeline = kernel.widget("inspector"), kernel.widget("timeline")
        for one in (view, timeline):
            one.until(
                lambda state: (
                    state["running"]
                    and any(
                        span["kind"] == "request" and span["finished_at"] is None
                        for span in state["trace"].get("spans", [])
                    )
                )
            )
        shown = kernel.outputs("inspector")
        assert "What the model saw" not in shown[1]["text/html"]
        for _ in range(2):
            provider.release()
        view.until(lambda state: not state["running"] and state["context"] and state["turn"]["stop_reason"])
        kernel.until(lambda: "What the model saw" in kernel.displays[view.state["_uid"]]["text/html"])
        timeline.until(lambda state: not state["running"])
        for one in (view, timeline):
            assert all(span["finished_at"] for span in one.state["trace"]["spans"])

    def test_a_grade_here_and_elsewhere(self, kernel: LocalKernel, server: JupyterServer) -> None:
        kernel.run("answer = client.ask('grade me', model='echo')\ninspector = TurnInspector(answer)")
        view = kernel.widget("inspector")
        view.until(lambda state: state["context"])
        assert view.do("grade", grade=4, comment="nice")["note"] == "Graded 4 of 5."
        turn_id = view.state["turn_id"]
        given = server.api("GET", f"/turns/{turn_id}/feedback")
        assert (given["grade"], given["comment"], given["source"]) == (4, "nice", "notebook")
        server.api("PUT", f"/turns/{turn_id}/feedback", json={"grade": 2})
        view.until(lambda state: state["grade"] == 2)
        kernel.run("inspector.feedback(5)")
        assert view.state["grade"] == 5

    @pytest.mark.parametrize(
        "content",
        [
            {"type": "grade", "grade": 6, "comment": ""},
            {"type": "grade", "grade": "5", "comment": ""},
            {"type": "contents", "request_id": 7},
            {"type": "delete"},
        ],
    )
    def test_nonsense_does_no_harm(self, kernel: LocalKernel, content: dict[str, Any]) -> None:
        kernel.run("inspector = TurnInspector()")
        answer = kernel.widget("inspector").do(**content)
        assert answer["type"] == "failed"

    def test_another_turn_and_one_that_is_not_there(self, kernel: LocalKernel) -> None:
        kernel.run(
            "one, two = (client.ask(text, model='echo') for text in ('first', 'second'))\n"
            "inspector = TurnInspector(one)"
        )
        view = kernel.widget("inspector")
        view.until(lambda state: state["turn"].get("message") == "first")
        kernel.run("inspector.look_at(two)")
        view.until(lambda state: state["turn"]["message"] == "second")
        kernel.run("inspector.turn_id = 'turn_unknown'")
        view.until(lambda state: "turn_unknown" in state["error"])


@pytest.mark.usefixtures("priced")
class TestMoney:
    def test_numbers_follow_what_is_asked(self, kernel: LocalKernel) -> None:
        kernel.run("dashboard = CostDashboard('24h', by='hour,model')")
        view = kernel.widget("dashboard")
        view.until(lambda state: state["report"])
        before = view.state["report"]["totals"]["requests"]
        assert view.state["report"]["by"] == ["hour", "model"]
        kernel.run("client.ask('one more', model='echo')")
        view.until(lambda state: state["report"]["totals"]["requests"] == before + 1)
        assert view.state["summary"]["today"]["requests"] >= before + 1

    def test_grouped_otherwise(self, kernel: LocalKernel) -> None:
        kernel.run("client.ask('one', model='echo')\ndashboard = CostDashboard()")
        view = kernel.widget("dashboard")
        view.until(lambda state: state["report"])
        assert view.do("group", period="7d", by="session")["type"] == "done"
        assert view.state["report"]["by"] == ["session"]
        assert all(row["session_id"] for row in view.state["report"]["items"] if row["requests"])
        kernel.run("dashboard.period = '1h'")
        view.until(lambda state: state["report"]["period"] == "1h")
        assert view.do("group", period="7d", by="color")["type"] == "failed"
        assert view.state["period"] == "1h"

    def test_budgets_are_set_and_removed(self, kernel: LocalKernel, server: JupyterServer) -> None:
        kernel.run("budgets = BudgetWidget()")
        view = kernel.widget("budgets")
        view.until(lambda state: state["timezone"])
        assert view.do("set", scope="day", session_id="", soft="4", hard="5")["note"].startswith("Saved")
        [limit] = server.api("GET", "/budgets")["items"]
        assert (limit["scope"], limit["soft"], limit["hard"]) == ("day", "4", "5")
        assert "soft $4.00, hard $5.00" in kernel.value("str(budgets)")
        for wrong in ({"soft": "6", "hard": "5"}, {"soft": "", "hard": "much"}):
            answer = view.do("set", scope="day", session_id="", **wrong)
            assert answer["type"] == "failed"
            assert "\n" not in answer["message"]
        kernel.run("budgets.set_budget('turn', hard='0.5')")
        assert [one["scope"] for one in view.state["budgets"]] == ["turn", "day"]
        for scope in ("day", "turn"):
            assert view.do("set", scope=scope, session_id="", soft="", hard="")["note"] == "Removed."
        assert server.api("GET", "/budgets")["items"] == []

    def test_what_is_saved_has_the_numbers_from_the_beginning(self, kernel: LocalKernel) -> None:
        kernel.run("answer = client.ask('saved <b>', model='echo')")
        for made, said in (
            ("TurnInspector(answer)", "saved &lt;b&gt;"),
            ("TraceView(answer)", "chat echo"),
            ("CostDashboard()", "scripted/echo"),
            ("BudgetWidget()", "No limits are set."),
        ):
            view, saved = kernel.outputs(f"widget = {made}\nwidget")
            assert "application/vnd.jupyter.widget-view+json" in view
            assert said in saved["text/html"], made
            assert "jp-agent-saved-" in saved["text/html"]
            assert saved["text/plain"]
            assert "<b>" not in saved["text/html"]


def test_in_a_script_the_widgets_print_text(server: JupyterServer) -> None:
    code = (
        "from jupyter_agent import BudgetWidget, Client, CostDashboard, TraceView, TurnInspector\n"
        "answer = Client().ask('from a script', model='echo')\n"
        "for widget in TurnInspector(answer), TraceView(answer), CostDashboard(), BudgetWidget(): print(widget)"
    )
    env = {**server.env, "JUPYTER_AGENT_URL": server.url, "JUPYTER_AGENT_TOKEN": server.token}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    for said in ("request 1: 100 tokens", "Trace of “from a script”", "Costs · ", "No limits are set."):
        assert said in done.stdout


def test_documented_examples_run(kernel: LocalKernel) -> None:
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert len(blocks) >= 10
    printed = [kernel.run(block) for block in blocks]
    assert printed[2] == "And a confidence interval?\nTrue\n"  # the scripted model says back what it is asked
    assert printed[3] == "[True, False]\n"
    assert printed[5] == "True\n"
    assert printed[7] == "What happens when?\n5\n"
    assert "hard $5.00" in printed[9]
