"""The tools for commands, in real terminals."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tornado.websocket import websocket_connect

from jupyter_agent.tools.builtin.terminal.output import HEAD_CHARACTERS, TAIL_CHARACTERS, Between, Output, plain
from jupyter_agent.tools.builtin.terminal.reading import read

from .conftest import Api
from .scripted_provider import ScriptedProvider
from .servers import JupyterServer
from .tool_calls import asking, needs, refusal, said, use

pytestmark = [
    pytest.mark.settings(
        ServerApp={"jpserver_extensions": {"jupyter_agent": True, "jupyter_server_terminals": True}},
    ),
    # Jupyter's own terminal handler has no @authenticated; its authentication is that of its base class.
    pytest.mark.filterwarnings("ignore::jupyter_server.utils.JupyterServerAuthWarning"),
]


@pytest.fixture
def root(jp_root_dir: Path) -> Path:
    return jp_root_dir.resolve()


@pytest.fixture
def manager(jp_serverapp: Any) -> Any:
    return jp_serverapp.web_app.settings["terminal_manager"]


async def run(api: Api, command: str, **arguments: Any) -> Any:
    return await use(api, "run_command", command=command, **arguments)


async def until(what: Callable[[], Awaitable[bool] | bool], seconds: float = 10) -> None:
    """Waits until it is so. Raises AssertionError where it does not come."""
    end = time.monotonic() + seconds
    while True:
        now = what()
        if now if isinstance(now, bool) else await now:
            return
        assert time.monotonic() < end, "it did not come"
        await asyncio.sleep(0.05)


def alive(marker: str) -> list[int]:
    """Processes whose command line has this word."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if marker.encode() in line:
                found.append(int(entry.name))
    return found


# Output and exit codes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "output", "code"),
    [
        ("echo hello", "hello", 0),
        ("echo out; echo err >&2; exit 3", "out\nerr", 3),
        ("printf 'no newline'", "no newline", 0),
        ("true", "", 0),
        ("exit 7", "", 7),
        ("false || echo or", "or", 0),
        ("cat <<'EOF'\na $x\n  b\n\nEOF\necho c", "a $x\n  b\n\nc", 0),
        ("for i in 1 2; do\n  echo $i\ndone", "1\n2", 0),
        ("echo 'one\ntwo' | wc -l", "2", 0),
        ("set -e; false; echo never", "", 1),
        ("# only a comment", "", 0),
        ("echo a\\\nb", "ab", 0),
        ("nosuchprogram", "/bin/bash: line 1: nosuchprogram: command not found", 127),
        ("echo 'é漢🎉'", "é漢🎉", 0),
        ("printf '\\033[31mred\\033[0m \\033]0;title\\007done\\n'", "red done", 0),
        ("printf '10%%\\r50%%\\r100%%\\n'", "100%", 0),
        ("stty raw -echo; echo raw", "raw", 0),
        ("python3 -c 'import sys; sys.exit(5)'", "", 5),
        ("echo hi; exec 1>&- 2>&-", "hi", 0),
        ("if", "syntax error", 2),
    ],
)
async def test_a_command_gives_what_it_wrote_and_its_exit_code(api: Api, command: str, output: str, code: int) -> None:
    result = await run(api, command)
    text, _, end = result["content"].rpartition("[")
    assert result["metadata"]["exit_code"] == code
    assert end.startswith(f"exit code {code}, ")
    if code in (2, 127):
        assert output.split(":")[-1] in text
    else:
        assert text.rstrip("\n") == output
    assert not result["is_error"]


async def test_commands_one_after_the_other_do_not_disturb_each_other(api: Api, manager: Any) -> None:
    await run(api, "stty -echo raw; printf '\\033[?1049h\\033[?25l'; exit 1")
    await run(api, "(sleep 0.3; echo late) & disown; cd /; export X=1; kill -9 $$")
    for number in range(5):
        result = await run(api, f"echo {number} $X; stty -a | grep -o ' echo '")
        assert result["content"].split("\n")[:2] == [str(number), " echo "]
    assert len(manager.list()) == 1


async def test_a_command_starts_in_the_root_or_beside_the_notebook(api: Api, root: Path) -> None:
    assert (await said(api, "run_command", command="pwd")).split("\n")[0] == str(root)
    (root / "work").mkdir()
    (root / "work" / "n.ipynb").write_text("{}")
    session = await api.session(notebook="work/n.ipynb")
    result = await run(api, "pwd", session=session)
    assert result["content"].split("\n")[0] == str(root / "work")


async def test_a_command_does_not_know_the_servers_secrets(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "JUPYTER_TOKEN", "JPY_API_TOKEN", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD"):
        monkeypatch.setenv(name, "sekret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:sekret@db/x")
    monkeypatch.setenv("HARMLESS", "shown")
    result = await run(api, "env")
    assert "HARMLESS=shown" in result["content"]
    assert "sekret" not in result["content"]
    assert "sekret" not in (await run(api, "tr '\\0' '\\n' < /proc/$PPID/environ"))["content"]


async def test_nothing_that_a_command_writes_ends_it_early(api: Api) -> None:
    marks = "\\033]5522;0123456789abcdef;end\\033\\\\\\033]5522;;end\\033\\\\"
    result = await run(api, f"printf '{marks}'; echo still; exit 4")
    assert result["content"].startswith("still\n")
    assert result["metadata"]["exit_code"] == 4
    # What the runner was told is in no place that the command can look at.
    found = await run(api, "tr '\\0' '\\n' < /proc/$PPID/cmdline; ls -l /proc/self/fd | grep -c socket")
    assert "5522" not in found["content"]
    assert "\n0\n" in found["content"]


async def test_much_output_is_cut_in_the_middle_and_said_to_be(api: Api) -> None:
    result = await use(
        api, "run_command", command="echo first; yes 0123456789abcdef | head -c 100000000; echo; echo last"
    )
    metadata = result["metadata"]
    assert metadata["exit_code"] == 0
    assert metadata["output_characters"] > 100_000_000
    assert metadata["dropped_characters"] > 100_000_000 - HEAD_CHARACTERS - TAIL_CHARACTERS
    assert result["content"].startswith("first\n0123456789abcdef\n")
    assert len(result["content"]) < 21_000
    whole = (await api("GET", f"/blobs/{result['blob_id']}")).content.decode()
    assert "characters were dropped here ...]" in whole
    assert "\nlast\n[exit code 0" in whole
    assert len(whole) < HEAD_CHARACTERS + TAIL_CHARACTERS + 1_000


async def test_the_server_answers_while_a_command_floods_its_terminal(api: Api) -> None:
    flood = asyncio.create_task(run(api, "yes | head -c 5000000"))
    await asyncio.sleep(0.5)
    slowest = 0.0
    while not flood.done():
        # The loop's own work, whatever else the machine does.
        started = time.thread_time()
        await api.ok("GET", "/health")
        slowest = max(slowest, time.thread_time() - started)
    assert (await flood)["metadata"]["exit_code"] == 0
    assert slowest < 1


# Time ----------------------------------------------------------------------------------------------------------------


async def test_a_command_that_takes_too_long_is_interrupted(api: Api, root: Path) -> None:
    command = "trap 'echo interrupted > said; exit 9' INT; echo begun; sleep 61.061 & wait"
    result = await run(api, command, timeout=0.7)
    assert result["is_error"]
    assert result["metadata"]["timed_out"] is True
    assert result["content"].startswith("begun\n")
    assert "did not end within 0.7 seconds" in result["content"]
    assert (root / "said").read_text() == "interrupted\n"
    await until(lambda: not alive("61.061"))


async def test_a_command_that_takes_no_notice_is_killed(api: Api) -> None:
    result = await run(api, "trap '' INT TERM HUP; sleep 61.062; sleep 61.062", timeout=0.3)
    assert result["metadata"]["exit_code"] == -9
    await until(lambda: not alive("61.062"))


@pytest.mark.parametrize("command", ["cat", "read -p 'Your name? ' name", "python3 -c 'input()'"])
async def test_a_command_that_waits_for_input_says_so(api: Api, command: str) -> None:
    result = await run(api, command, timeout=1)
    assert "seems to wait for input" in result["content"]


@pytest.mark.settings(ToolSettings={"command_seconds": 1.0, "command_max_seconds": 1.5})
async def test_the_settings_bound_the_time(api: Api) -> None:
    assert "within 1 seconds" in (await run(api, "sleep 20"))["content"]
    assert "within 1.5 seconds" in (await run(api, "sleep 20", timeout=300))["content"]
    for timeout in (0, -1):
        assert "above 0" in await refusal(api, "run_command", command="true", timeout=timeout)


async def test_an_interrupted_turn_stops_its_command(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session(mode="auto")
    message = asking("run_command", command="echo begun; sleep 61.063")
    turn = await api.ok("POST", f"/sessions/{session}/turns", json={"message": message, "model": "tool"})
    await until(lambda: bool(alive("61.063")))
    await api.ok("POST", f"/turns/{turn['id']}/interrupt", json={})
    await until(lambda: not alive("61.063"))
    events = await api.events(turn["id"])
    assert events[-1].data["stop_reason"] == "interrupted"


async def test_a_turn_sees_the_output_while_it_comes(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session(mode="auto")
    message = asking("run_command", command="for i in 1 2 3; do echo line $i; sleep 0.5; done")
    turn = await api.turn("tool", message, session_id=session)
    events = await api.events(turn["id"])
    pieces = [event.data["delta"] for event in events if event.type == "tool_progress"]
    assert "".join(pieces) == "line 1\nline 2\nline 3\n"
    assert len(pieces) >= 2
    assert any("line 1\nline 2\nline 3\n[exit code 0" in event.data.get("content", "") for event in events)


# In the background ---------------------------------------------------------------------------------------------------


async def test_a_background_command_is_read_on_from_where_it_was(api: Api) -> None:
    result = await run(api, "echo one; sleep 1.5; echo two; sleep 0.5; exit 2", background=True)
    id = result["metadata"]["command_id"]
    assert result["content"].startswith(f"one\n[{id} runs in the terminal")
    assert result["metadata"]["running"] is True
    assert (await said(api, "command_output", id=id)).startswith(f"[{id} runs")
    last = await use(api, "command_output", id=id, wait=20)
    assert last["content"].startswith(f"two\n[{id}: exit code 2")
    assert last["metadata"]["running"] is False
    assert (await said(api, "command_output", id=id)).startswith(f"[{id}: exit code 2")


async def test_a_background_command_that_fails_at_once_is_said_to(api: Api) -> None:
    result = await run(api, "echo no; exit 1", background=True)
    assert result["content"].startswith("no\n")
    assert result["metadata"]["exit_code"] == 1


async def test_a_background_command_is_stopped(api: Api) -> None:
    id = (await run(api, "sleep 61.064", background=True))["metadata"]["command_id"]
    result = await use(api, "stop_command", id=id)
    assert result["metadata"]["exit_code"] == -2
    assert not alive("61.064")
    assert "ended already" in await refusal(api, "stop_command", id=id)


async def test_commands_run_beside_a_background_one(api: Api, manager: Any) -> None:
    id = (await run(api, "sleep 61.065", background=True))["metadata"]["command_id"]
    assert (await said(api, "run_command", command="echo beside")).startswith("beside\n")
    assert len(manager.list()) == 2
    await use(api, "stop_command", id=id)


async def test_a_command_belongs_to_its_session_and_its_user(as_user: Callable[[str], Api], jp_root_dir: Path) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    one, other = await alice.session(), await alice.session()
    id = (await run(alice, "sleep 61.066", background=True, session=one))["metadata"]["command_id"]
    for api, session in ((alice, other), (alice, None), (bob, None), (bob, await bob.session())):
        assert "no command" in await refusal(api, "command_output", id=id, session=session)
        assert "no command" in await refusal(api, "stop_command", id=id, session=session)
    assert alive("61.066")
    await use(alice, "stop_command", id=id, session=one)


# The user's side -----------------------------------------------------------------------------------------------------


class Tab:
    """A terminal that somebody has open in the lab."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.text = ""
        self.reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while (message := await self.socket.read_message()) is not None:
            kind, *rest = json.loads(message)
            if kind == "stdout":
                self.text += rest[0]

    async def type(self, text: str) -> None:
        await self.socket.write_message(json.dumps(["stdin", text]))

    async def close(self) -> None:
        self.socket.close()
        await self.reader


async def open_tab(api: Api, name: str) -> Tab:
    from tornado.httpclient import HTTPRequest

    url = f"{api.base_url}terminals/websocket/{name}".replace("http", "ws", 1)
    return Tab(await websocket_connect(HTTPRequest(url, headers=api.headers)))


async def test_a_user_watches_a_command_and_answers_it(api: Api) -> None:
    started = await run(api, "read -p 'Name? ' name; echo Hello $name", background=True)
    tab = await open_tab(api, started["metadata"]["terminal"])
    await until(lambda: "$ read -p" in tab.text and "Name? " in tab.text)
    await tab.type("Ada\r")
    result = await use(api, "command_output", id=started["metadata"]["command_id"], wait=20)
    assert "Hello Ada" in result["content"]
    assert result["metadata"]["exit_code"] == 0
    await until(lambda: "Hello Ada" in tab.text)
    await tab.close()


async def test_a_user_stops_a_command_with_ctrl_c(api: Api) -> None:
    started = await run(api, "sleep 61.067", background=True)
    tab = await open_tab(api, started["metadata"]["terminal"])
    await tab.type("\x03")
    result = await use(api, "command_output", id=started["metadata"]["command_id"], wait=20)
    assert "ended by SIGINT" in result["content"]
    await tab.close()


async def test_ctrl_z_does_not_leave_a_command_hanging(api: Api) -> None:
    started = await run(api, "sleep 1.5; echo woke", background=True)
    tab = await open_tab(api, started["metadata"]["terminal"])
    await tab.type("\x1a")
    result = await use(api, "command_output", id=started["metadata"]["command_id"], wait=20)
    assert "woke" in result["content"]
    await tab.close()


async def test_what_is_typed_for_a_command_is_not_for_the_next(api: Api, manager: Any) -> None:
    started = await run(api, "sleep 2; echo slept", background=True)
    tab = await open_tab(api, started["metadata"]["terminal"])
    await tab.type("touch typed\r")
    await use(api, "command_output", id=started["metadata"]["command_id"], wait=20)
    result = await run(api, "read -t 1 line; echo got $line; ls")
    assert result["content"].startswith("got\n[exit")
    assert len(manager.list()) == 1
    await tab.close()


async def test_a_user_takes_a_terminal_over_and_the_agent_takes_another(api: Api, manager: Any) -> None:
    first = (await run(api, "echo one"))["metadata"]["terminal"]
    tab = await open_tab(api, first)
    await tab.type("\r")
    await asyncio.sleep(0.5)
    await tab.type("echo mine $((40 + 2))\r")
    await until(lambda: "mine 42" in tab.text)
    second = await run(api, "echo two")
    assert second["metadata"]["terminal"] != first
    assert "mine" not in second["content"]
    await tab.type("exit\r")
    await until(lambda: tab.text.count("Enter opens a shell") >= 3)
    assert len(manager.list()) == 2
    await tab.close()


async def test_the_command_that_is_shown_hides_nothing(api: Api) -> None:
    command = "echo shown #\x1b[2K\u202e\x07 rm"
    started = await run(api, command)
    tab = await open_tab(api, started["metadata"]["terminal"])
    await until(lambda: "shown" in tab.text)
    assert "\\x1b[2K\\u202e\\x07 rm" in tab.text
    await tab.close()


async def test_a_terminal_that_is_closed_ends_its_command(api: Api, manager: Any) -> None:
    waiting = asyncio.create_task(run(api, "echo begun; sleep 61.068"))
    await until(lambda: bool(alive("61.068")))
    await manager.terminate(manager.list()[0]["name"], force=True)
    result = await waiting
    assert result["is_error"]
    assert "the terminal was closed while it ran" in result["content"]
    await until(lambda: not alive("61.068"))
    assert (await said(api, "run_command", command="echo again")).startswith("again\n")


async def test_many_commands_at_once_each_have_a_terminal_of_their_own(api: Api, manager: Any) -> None:
    results = await asyncio.gather(*(run(api, f"echo {number}; sleep 2") for number in range(5)))
    assert [result["content"].split("\n")[0] for result in results] == [str(number) for number in range(5)]
    assert len({result["metadata"]["terminal"] for result in results}) == 5
    assert len(manager.list()) == 5


# Refusals ------------------------------------------------------------------------------------------------------------

SUDO = [
    "sudo ls",
    "doas ls",
    "a && sudo b",
    "a; sudo b",
    "a\nsudo b",
    "a | sudo b",
    "a & sudo b",
    "! sudo b",
    "(sudo b)",
    "{ sudo b; }",
    "echo $(sudo ls)",
    'echo "$(sudo ls)"',
    "echo `sudo ls`",
    "cat <(sudo ls)",
    "echo ${x:-$(sudo ls)}",
    "cat <<EOF\n$(sudo ls)\nEOF",
    "env sudo b",
    "env A=1 sudo b",
    "A=1 sudo b",
    "nice -n 5 sudo b",
    "timeout 5 sudo b",
    "nohup sudo b &",
    "xargs -n1 sudo",
    "find . -exec sudo rm {} ;",
    "exec sudo b",
    "command sudo b",
    "time sudo b",
    "coproc sudo b",
    "/usr/bin/sudo b",
    "\\sudo b",
    "su\\do b",
    '"su"do b',
    "s'u'do b",
    "$'\\x73udo' b",
    "bash -c 'sudo b'",
    'bash -lc "a; sudo b"',
    "sh -c 'bash -c \"sudo b\"'",
    "eval 'sudo b'",
    'eval su"do" b',
    "x=sudo; $x b",
    "alias s=sudo; s b",
    "echo sudo b | sh",
    "bash <<E\nsudo b\nE",
    "bash <<< 'sudo b'",
    "f() { sudo b; }; f",
    "if true; then sudo b; fi",
    "while sudo b; do :; done",
    "case a in a) sudo b;; esac",
    "trap 'sudo b' EXIT",
    "python3 -c 'import os; os.system(\"sudo b\")'",
]

NO_SUDO = [
    "cat sudo.txt",
    "ls sudo",
    "grep sudo file",
    "echo 'use sudo'",
    "man sudo",
    "git commit -m 'no sudo any more'",
    "python sudo.py",
    "sed -i s/sudo// file",
    "cat > x <<E\nrun sudo\nE",
    "ls /etc/sudoers.d",
]


@pytest.mark.parametrize("command", SUDO)
async def test_sudo_is_seen_wherever_it_stands(command: str) -> None:
    assert read(command).other_rights in ("sudo", "doas")


@pytest.mark.parametrize("command", NO_SUDO)
async def test_what_only_mentions_sudo_is_none(command: str) -> None:
    assert read(command).other_rights is None


async def test_sudo_is_refused_before_anybody_is_asked(api: Api, root: Path, scripted: ScriptedProvider) -> None:
    result = await run(api, "touch made; sudo ls")
    assert result["is_error"]
    assert result["metadata"]["sudo_blocked"] is True
    session = await api.session(mode="ask")
    turn = await api.turn("tool", asking("run_command", command="touch made && sudo ls"), session_id=session)
    events = await api.events(turn["id"])
    assert "approval_requested" not in [event.type for event in events]
    results = [event.data for event in events if event.type == "tool_result"]
    assert results[0]["metadata"]["sudo_blocked"] is True
    assert not (root / "made").exists()


async def test_what_a_person_made_of_a_command_is_looked_at_too(
    api: Api, root: Path, scripted: ScriptedProvider
) -> None:
    session = await api.session(mode="ask")
    for command, made in (("touch made; sudo ls", False), ("touch made", True)):
        body = {"message": asking("run_command", command="touch asked"), "model": "tool"}
        turn = await api.ok("POST", f"/sessions/{session}/turns", json=body)
        pending: list[Any] = []

        async def asked(pending: list[Any] = pending, turn: Any = turn) -> bool:
            items = (await api.ok("GET", "/approvals", params={"status": "pending"}))["items"]
            pending[:] = [one for one in items if one["turn_id"] == turn["id"]]
            return bool(pending)

        await until(asked)
        assert pending[0]["capabilities"] == ["shell"]
        await api.ok("POST", f"/approvals/{pending[0]['id']}/approve", json={"arguments": {"command": command}})
        results = [event.data for event in await api.events(turn["id"]) if event.type == "tool_result"]
        assert results[0]["is_error"] is not made
        assert (root / "made").exists() is made
    assert not (root / "asked").exists()


@pytest.mark.settings(ToolSettings={"allow_sudo": True})
async def test_sudo_is_run_where_it_is_allowed(api: Api, root: Path) -> None:
    (root / "bin").mkdir()
    (root / "bin" / "sudo").write_text("#!/bin/sh\necho as root: $*\n")
    (root / "bin" / "sudo").chmod(0o755)
    assert (await said(api, "run_command", command="PATH=$PWD/bin:$PATH sudo ls")).startswith("as root: ls\n")


async def test_what_cannot_be_a_command_is_refused(api: Api) -> None:
    assert "empty" in await refusal(api, "run_command", command="  \n")
    assert "bytes at the most" in await refusal(api, "run_command", command="echo " + "x" * 20_000)
    answer = await api(
        "POST", "/tools/run_command/call", json={"arguments": {"command": "echo a\0b"}, "approved": True}
    )
    assert answer.status == 422 or answer.json["is_error"] or "\0" not in answer.json["content"]


async def test_a_command_is_asked_about_and_not_run_without_a_yes(api: Api, root: Path) -> None:
    answer = await api("POST", "/tools/run_command/call", json={"arguments": {"command": "touch made"}})
    assert answer.status == 409
    session = await api.session(mode="read_only")
    body = {"arguments": {"command": "touch made"}, "approved": True, "session_id": session}
    assert (await api("POST", "/tools/run_command/call", json=body)).status == 403
    assert not (root / "made").exists()


@pytest.mark.parametrize(
    ("command", "capability"),
    [
        ("curl https://example.org", "network"),
        ("wget x", "network"),
        ("git push", "network"),
        ("pip install x", "network"),
        ("python -m pip install x", "network"),
        ("timeout 5 curl x", "network"),
        ("exec 3<>/dev/tcp/host/80", "network"),
        ("cat /etc/passwd", "external_directory"),
        ("cat ../x", "external_directory"),
        ("cat a/../../x", "external_directory"),
        ("cat ~/x", "external_directory"),
        ("cat $HOME/x", "external_directory"),
        ("cd", "external_directory"),
        ("echo x > /tmp/y", "external_directory"),
        ("bash -c 'cat /etc/passwd'", "external_directory"),
        ("tar --directory=/etc x", "external_directory"),
        ("cat .env", "secret"),
        ("cat keys/id_rsa", "secret"),
        ("echo $OPENAI_API_KEY", "secret"),
        ('echo "${GITHUB_TOKEN}"', "secret"),
    ],
)
async def test_a_command_needs_what_it_says(api: Api, command: str, capability: str) -> None:
    assert set(await needs(api, "run_command", command=command)) == {"shell", capability}


@pytest.mark.parametrize(
    "command",
    [
        "ls -la > /dev/null 2>&1",
        "git status",
        "pytest -q",
        "cat a/../b",
        "sed -n '/x/p' f",
        "npm run build",
        "echo /etc",
    ],
)
async def test_an_ordinary_command_needs_the_shell_alone(api: Api, command: str) -> None:
    assert await needs(api, "run_command", command=command) == ["shell"]


async def test_no_text_can_keep_the_reader_busy() -> None:
    started = time.thread_time()
    for text in (
        "$(" * 5_000,
        "bash -c '" * 2_000,
        "((((" * 5_000,
        "a;" * 20_000,
        "\\" * 50_000,
        '"' * 9_999,
        "<<E " * 999,
    ):
        read(text)
    assert time.thread_time() - started < 8


# Terminals that are not there ----------------------------------------------------------------------------------------


@pytest.mark.settings(ServerApp={"terminals_enabled": False})
async def test_without_terminals_the_tools_say_so(api: Api, scripted: ScriptedProvider) -> None:
    tools = {tool["name"]: tool for tool in (await api.ok("GET", "/tools"))["items"]}
    assert tools["run_command"]["available"] is False
    assert "switched off" in tools["run_command"]["unavailable_reason"]
    answer = await api("POST", "/tools/run_command/call", json={"arguments": {"command": "ls"}, "approved": True})
    assert answer.status == 409


# The parts -----------------------------------------------------------------------------------------------------------


def test_what_lies_between_two_marks_is_found_however_it_is_cut() -> None:
    stream = "before\x1b]1;B\x1b\\in\x1b[1mside\x1b]1\r\n\x1b]1;E\x1b\\after"
    for size in range(1, len(stream) + 1):
        between = Between("\x1b]1;B\x1b\\", "\x1b]1;E\x1b\\")
        pieces = [between.feed(stream[start : start + size]) for start in range(0, len(stream), size)]
        assert "".join(pieces) == "in\x1b[1mside\x1b]1\r\n"
        assert between.ended


def test_output_keeps_its_beginning_and_its_end() -> None:
    output = Output()
    for number in range(400_000):
        output.add(f"{number:09}\n")
    text, end = output.text()
    assert end == output.length == 4_000_000
    assert text.startswith("000000000\n000000001\n")
    assert text.endswith("000399999\n")
    kept, missing = output.raw(output.length - 10)
    assert (kept, missing) == ("000399999\n", 0)
    text, _ = output.text(HEAD_CHARACTERS + 5)
    assert text.startswith("[... 1,4")


def test_half_a_control_sequence_waits_for_its_rest() -> None:
    output = Output()
    output.add("a\x1b[3")
    text, end = output.text(0, whole=False)
    assert (text, end) == ("a", 1)
    output.add("1mb")
    assert output.text(end, whole=False) == ("b", 7)


def test_plain_text_has_no_control_characters() -> None:
    text = plain("a\x1b[1;31mb\x1b[0m\x07c\x08d\r\n\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x9b31m\x85\x00e\rf\n")
    assert text == "abd\nf\n"


# The server's end ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_no_command_outlives_its_server(tmp_path: Path, end: str) -> None:
    marker = {"stop": "61.071", "kill": "61.072"}[end]
    with JupyterServer(tmp_path) as server:
        body = {"arguments": {"command": f"sleep {marker}", "background": True}, "approved": True}
        result = server.api("POST", "/tools/run_command/call", json=body)
        assert [one["name"] for one in server.client.get("api/terminals").json()] == [result["metadata"]["terminal"]]
        assert alive(marker)
        started = time.monotonic()
        server.stop() if end == "stop" else server.kill()
        assert time.monotonic() - started < 20
        while alive(marker) and time.monotonic() - started < 20:
            time.sleep(0.1)
        assert not alive(marker)
        assert "Traceback" not in server.log()
