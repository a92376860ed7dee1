"""Agents' terminals: Jupyter's own, in which a small program (`runner.py`) runs commands. Users see and use them like
any other terminal."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from jupyter_agent.tools.builtin.terminal.output import Between, Output
from jupyter_agent.tools.builtin.terminal.runner import MARK
from jupyter_agent.tools.sensitive import is_secret_variable
from jupyter_agent.tools.tool import ToolError

if TYPE_CHECKING:
    from jupyter_server_terminals.terminalmanager import TerminalManager

log = logging.getLogger(__name__)

MOST_TERMINALS = 20
"""Of one user's agents, at the same time."""
KEPT_COMMANDS = 100
"""Ended ones of a user whose output can still be read."""
IDLE_SECONDS = 900.0
"""After so long a terminal that nobody looks at is closed."""
START_SECONDS = 20.0
COLUMNS, ROWS = 160, 40

ENVIRONMENT = {
    # Nobody can press `q`: what is long is cut by us.
    **dict.fromkeys(("PAGER", "GIT_PAGER", "MANPAGER", "SYSTEMD_PAGER"), "cat"),
    "JUPYTER_AGENT_TERMINAL": "1",
    "COLUMNS": None,  # programs ask the terminal
    "LINES": None,
}


@dataclass(eq=False)
class Command:
    """A command that runs, or has run."""

    id: str
    owner: str
    session_id: str | None
    text: str
    cwd: str
    terminal: AgentTerminal
    background: bool
    output: Output = field(default_factory=Output)
    code: int | None = None
    """Its exit code, or minus the signal that ended it; None while it runs, and where it is not known."""
    lost: bool = False
    """The terminal was closed under it."""
    pid: int | None = None
    read_to: int = 0
    """Position in the output up to which it was read."""
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with each output and at the end; whoever waits clears it."""
    listener: Callable[[str], None] | None = None
    """Gets the output as it comes."""

    def add(self, text: str) -> None:
        if text:
            self.output.add(text)
            if self.listener is not None:
                self.listener(text)
            self.changed.set()

    def end(self) -> None:
        if not self.ended.is_set():
            self.seconds = time.monotonic() - self.started
            self.ended.set()
            self.changed.set()

    async def signal(self, name: str) -> None:
        if not self.ended.is_set():
            await self.terminal.send(signal=name, id=self.id)

    async def stop(self) -> None:
        """Ctrl-C, and what is stronger where that does not help; comes back when it has ended."""
        for name, patience in (("SIGINT", 2.0), ("SIGTERM", 1.0), ("SIGKILL", 2.0)):
            if self.ended.is_set():
                return
            await self.signal(name)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), patience)
        if not self.ended.is_set():
            await self.terminal.close()


class AgentTerminal:
    """One terminal of Jupyter's in which the runner waits for commands."""

    size = (None, None)  # as of a client that shows nothing

    def __init__(self, manager: TerminalManager, name: str, key: tuple[str, str | None]) -> None:
        self.manager = manager
        self.name = name
        self.key = key
        self.state = "starting"
        """starting, idle, busy, user (somebody has a shell in it) or closed."""
        self.command: Command | None = None
        self._pty: Any = None
        self._between: Between | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._ready = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    async def start(self, cwd: str) -> None:
        """Opens the terminal and waits for its runner. Raises ToolError where it does not come."""
        folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="jupyter-agent-")
        address = os.path.join(folder, "runner")
        loop = asyncio.get_running_loop()
        connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = loop.create_future()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if connected.done():
                writer.close()
            else:
                connected.set_result((reader, writer))

        server = await asyncio.start_unix_server(accept, address)
        try:
            shell = shutil.which("bash") or shutil.which("sh") or "/bin/sh"
            users = list(self.manager.shell_command) or [shell]
            runner = str(Path(__file__).with_name("runner.py"))
            secret = {name: None for name, value in os.environ.items() if is_secret_variable(name, value)}
            self.manager.create(
                name=self.name,
                cwd=cwd,
                shell_command=[sys.executable, "-I", runner, address, shell, *users],
                extra_env={**ENVIRONMENT, **secret},
            )
            self._pty = self.manager.terminals[self.name]
            self._pty.ptyproc.setwinsize(ROWS, COLUMNS)
            self._pty.clients.append(self)
            reader, self._writer = await asyncio.wait_for(connected, START_SECONDS)
        except (TimeoutError, OSError) as error:
            await self.close()
            raise ToolError("No terminal could be started on this server.") from error
        finally:
            server.close()
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        self._reading = asyncio.create_task(self._read(reader))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), START_SECONDS)
        if self.state != "idle":
            await self.close()
            raise ToolError("No terminal could be started on this server.")

    async def run(self, command: Command) -> None:
        """Begins a command; only in an idle terminal."""
        self._disarm()
        word = secrets.token_hex(16)
        self.state = "busy"
        self.command = command
        self._between = Between(MARK.format(word=word, what="begin"), MARK.format(word=word, what="end"))
        await self.send(run={"id": command.id, "command": command.text, "cwd": command.cwd, "word": word})

    async def send(self, **message: Any) -> None:
        if self._writer is None or self._writer.is_closing():
            return
        self._writer.write(json.dumps(message).encode() + b"\n")
        with suppress(ConnectionError):  # its end is seen by who reads
            await self._writer.drain()

    async def close(self) -> None:
        """Closes the terminal, and what runs in it."""
        self._closed()
        if self.name in self.manager.terminals:
            await self.manager.terminate(self.name, force=True)

    # What terminado tells its clients ----------------------------------------------------------------------------

    def on_pty_read(self, text: str) -> None:
        command, between = self.command, self._between
        if command is None or between is None:
            return
        command.add(between.feed(text))
        if between.ended and command.code is not None:
            self._end()

    def on_pty_died(self) -> None:
        self._closed()

    # What the runner tells ---------------------------------------------------------------------------------------

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            async for line in reader:
                self._told(json.loads(line))
        self._closed()

    def _told(self, message: dict[str, Any]) -> None:
        command = self.command
        if command is not None and message.get("started") == command.id:
            command.pid = message["pid"]
        elif command is not None and message.get("ended") == command.id:
            command.code = message["code"]
            if self._between is None or self._between.ended:
                self._end()
            else:  # what it wrote last is still on its way through the terminal
                asyncio.get_running_loop().call_later(2.0, self._end, command)
        elif command is not None and message.get("refused") == command.id:
            command.lost = True
            self.command = self._between = None
            command.end()
        elif "state" in message:
            self._set(message["state"])

    def _end(self, only: Command | None = None) -> None:
        command = self.command
        if command is None or (only is not None and only is not command):
            return
        self.command = self._between = None
        command.end()
        self._set("idle")

    def _set(self, state: str) -> None:
        if self.state == "closed" or (state == "idle" and self.command is not None):
            return
        self.state = state
        self._ready.set()
        self._disarm()
        if state == "idle":
            self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._idle)

    def _idle(self) -> None:
        if len(self._pty.clients) > 1:  # somebody has it open
            self._set("idle")
        else:
            self._closing = asyncio.create_task(self.close())

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _closed(self) -> None:
        if self.state == "closed":
            return
        self.state = "closed"
        self._ready.set()
        self._disarm()
        if self._writer is not None:
            self._writer.close()
        command, self.command, self._between = self.command, None, None
        if command is not None:
            command.lost = True
            command.end()


class Terminals:
    """The agents' terminals of one server, and the commands in them."""

    def __init__(self, manager: TerminalManager) -> None:
        self.manager = manager
        self.all: list[AgentTerminal] = []
        self.commands: dict[str, Command] = {}
        self._taking = asyncio.Lock()

    async def run(self, owner: str, session_id: str | None, text: str, cwd: str, *, background: bool) -> Command:
        """Begins a command, in an idle terminal of the session's or in a new one. Raises ToolError."""
        for _ in range(3):
            async with self._taking:
                terminal = await self._idle(owner, session_id, cwd)
                command = Command(
                    f"c{secrets.token_hex(3)}", owner, session_id, text, cwd, terminal, background=background
                )
                await terminal.run(command)
            # Somebody may have opened a shell in it at the same moment; the runner says at once.
            while command.pid is None and not command.ended.is_set():
                command.changed.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(command.changed.wait(), 0.02)
            if command.pid is not None or command.code is not None:
                self._keep(command)
                return command
        raise ToolError("The terminal was closed before the command began.")

    def find(self, owner: str, session_id: str | None, id: str) -> Command:
        """A command of this session's. Raises ToolError."""
        command = self.commands.get(id)
        if command is None or command.owner != owner or command.session_id != session_id:
            raise ToolError(
                f"There is no command {id[:40]!r}. Commands are forgotten when the server stops, and after a while."
            )
        return command

    async def _idle(self, owner: str, session_id: str | None, cwd: str) -> AgentTerminal:
        self.all = [one for one in self.all if one.state != "closed"]
        mine = [one for one in self.all if one.key[0] == owner]
        found = next((one for one in mine if one.key[1] == session_id and one.state == "idle"), None)
        if found is not None:
            return found
        if len(mine) >= MOST_TERMINALS:
            unused = next((one for one in mine if one.state == "idle"), None)
            if unused is None:
                raise ToolError(f"{MOST_TERMINALS} commands run already. Stop one with stop_command.")
            await unused.close()
        number = 1
        while f"agent{number}" in self.manager.terminals:
            number += 1
        terminal = AgentTerminal(self.manager, f"agent{number}", (owner, session_id))
        self.all.append(terminal)
        await terminal.start(cwd)
        return terminal

    def _keep(self, command: Command) -> None:
        self.commands[command.id] = command
        ended = [one for one in self.commands.values() if one.owner == command.owner and one.ended.is_set()]
        for one in ended[: max(0, len(ended) - KEPT_COMMANDS)]:
            del self.commands[one.id]


_known: WeakKeyDictionary[Any, Terminals] = WeakKeyDictionary()


def terminals_of(manager: TerminalManager) -> Terminals:
    """The agents' terminals of the server that this manager is of."""
    if manager not in _known:
        _known[manager] = Terminals(manager)
    return _known[manager]
