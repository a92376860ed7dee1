"""Commands in a real terminal of Jupyter's, which the user can open, watch and take over."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from jupyter_agent.tools.models import Capability, Change
from jupyter_agent.tools.tool import ToolContext, ToolError, ToolOutput, Toolset

if TYPE_CHECKING:
    from jupyter_agent.app import Services
    from jupyter_agent.tools.builtin.terminal.terminals import Command, Terminals

toolset = Toolset("terminal")

PROGRESS_SECONDS = 0.25
PROGRESS_PIECE = 4_000
PROGRESS_CHARACTERS = 40_000
"""As much of the output is told while a command runs; its terminal shows the rest."""
LOOK_SECONDS = 1.0
"""How long a background command is watched before its call ends: what fails at once is said at once."""
WAIT_SECONDS = 120.0


def _unavailable(services: Services) -> str | None:
    if sys.platform == "win32":
        return "Commands need a POSIX terminal; on Windows there is none."
    if services.documents.server.web_app.settings.get("terminal_manager") is None:
        return "Terminals are switched off on this server."
    return None


def _terminals(context: ToolContext) -> Terminals:
    from jupyter_agent.tools.builtin.terminal.terminals import terminals_of

    reason = _unavailable(context.services)
    if reason is not None:
        raise ToolError(reason)
    return terminals_of(context.services.documents.server.web_app.settings["terminal_manager"])


def _needs(arguments: Mapping[str, Any]) -> list[Capability]:
    from jupyter_agent.tools.builtin.terminal.reading import read

    return read(str(arguments.get("command", ""))).capabilities


async def _check(context: ToolContext, command: str) -> None:
    """Raises ToolError for a command that is not run, whoever approves."""
    from jupyter_agent.tools.builtin.terminal.reading import MOST_BYTES, read

    if not command.strip():
        raise ToolError("The command is empty.")
    if "\0" in command:
        raise ToolError("A command holds no NUL character.")
    if len(command.encode("utf-8", "replace")) > MOST_BYTES:
        raise ToolError(f"A command has {MOST_BYTES:,} bytes at the most. Write a script with write_file and run that.")
    if not context.services.settings.tools.allow_sudo:
        reading = await asyncio.to_thread(read, command)
        if reading.too_complex:
            raise ToolError("The command is too complex to be checked. Split it up, or write a script and run that.")
        if (used := reading.other_rights) is not None:
            raise ToolError(
                f"{used} is not allowed on this server. Do it without, or ask the user to do it.", sudo_blocked=True
            )


async def _preview(context: ToolContext, command: str, **_: object) -> list[Change]:
    _terminals(context)
    await _check(context, command)
    return []


@toolset.tool("shell", needs=_needs, preview=_preview, available=_unavailable)
async def run_command(
    context: ToolContext,
    command: str,
    timeout: Annotated[float | None, Field(description="seconds")] = None,  # noqa: ASYNC109 - the model's word
    background: bool = False,
) -> ToolOutput:
    """Run a bash command in a terminal the user can watch. Nobody answers prompts. Each starts in the same folder."""
    terminals = _terminals(context)
    await _check(context, command)
    settings = context.services.settings.tools
    seconds = settings.command_seconds if timeout is None else timeout
    if not seconds > 0:
        raise ToolError("timeout is a number of seconds above 0.")
    seconds = min(seconds, settings.command_max_seconds)
    folder = await _folder(context)
    running = await terminals.run(context.owner, context.session_id, command, folder, background=background)
    progress = _Progress(context)
    running.listener = progress.add
    progress.add(running.output.raw()[0])
    try:
        if background:
            with suppress(TimeoutError):
                await asyncio.wait_for(running.ended.wait(), LOOK_SECONDS)
            return await _look(running)
        try:
            await asyncio.wait_for(running.ended.wait(), seconds)
        except TimeoutError:
            waits = await asyncio.to_thread(_waits_for_input, running)
            await running.stop()
            return await _result(running, stopped_after=seconds, waits=waits)
        return await _result(running)
    except asyncio.CancelledError:
        # The turn was interrupted. What stops the command goes on when this task is gone.
        if not background:
            _keep(asyncio.create_task(running.stop()))
        raise
    finally:
        running.listener = None
        progress.close()


@toolset.tool("read", available=_unavailable)
async def command_output(
    context: ToolContext,
    id: str,
    wait: Annotated[float, Field(description="seconds to wait for its end")] = 0,
) -> ToolOutput:
    """What a background command wrote since the last look."""
    running = _terminals(context).find(context.owner, context.session_id, id)
    if wait > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(running.ended.wait(), min(wait, WAIT_SECONDS))
    return await _look(running)


@toolset.tool("shell", available=_unavailable)
async def stop_command(context: ToolContext, id: str) -> ToolOutput:
    """Stop a background command."""
    running = _terminals(context).find(context.owner, context.session_id, id)
    if running.ended.is_set():
        raise ToolError(f"The command {id} has ended already: {_ending(running)}.")
    await running.stop()
    return await _look(running)


async def _folder(context: ToolContext) -> str:
    """Where commands start: the notebook's folder, else the server's root."""
    root = context.services.root_dir
    folder = root
    if context.notebook:
        path = await context.services.documents.contents.check(context.notebook)
        folder = (root / path).parent
    return str(folder if await asyncio.to_thread(folder.is_dir) else root)


async def _text(running: Command, start: int) -> str:
    """Its output from there on; it is read up to there then."""
    whole = running.ended.is_set()
    if running.output.length - start > 100_000:
        text, end = await asyncio.to_thread(running.output.text, start, whole=whole)
    else:
        text, end = running.output.text(start, whole=whole)
    running.read_to = end
    return text.rstrip("\n")


async def _result(running: Command, *, stopped_after: float | None = None, waits: bool = False) -> ToolOutput:
    """A command that ran in the foreground and has ended."""
    text = await _text(running, 0)
    said = _ending(running)
    if stopped_after is not None:
        said = f"stopped: it did not end within {stopped_after:g} seconds"
        if waits:
            said += (
                "; it seems to wait for input, which nobody gave. Give it with the command (an option, a pipe), or ask "
                "the user to run it"
            )
        else:
            said += ". Give it a longer timeout, or run it in the background"
    return ToolOutput(
        f"{text}\n[{said}]" if text else f"[{said}]",
        is_error=stopped_after is not None or running.lost,
        metadata={**_metadata(running), **({"timed_out": True} if stopped_after is not None else {})},
    )


async def _look(running: Command) -> ToolOutput:
    """A command that runs in the background, or has."""
    ended = running.ended.is_set()
    text = await _text(running, running.read_to)
    if ended:
        said = f"{running.id}: {_ending(running)}"
    else:
        said = f"{running.id} runs in the terminal {running.terminal.name}; command_output reads on"
    return ToolOutput(f"{text}\n[{said}]" if text else f"[{said}]", metadata=_metadata(running))


def _metadata(running: Command) -> dict[str, Any]:
    found: dict[str, Any] = {
        "command_id": running.id,
        "terminal": running.terminal.name,
        "running": not running.ended.is_set(),
        "exit_code": running.code,
        "output_characters": running.output.length,
    }
    if running.output.dropped:
        found["dropped_characters"] = running.output.dropped
    return found


def _ending(running: Command) -> str:
    if running.code is None:
        return "the terminal was closed while it ran" if running.lost else "it ended; its exit code is not known"
    if running.code < 0:
        with suppress(ValueError):
            return f"ended by {signal.Signals(-running.code).name} after {running.seconds:.1f} s"
    return f"exit code {running.code}, {running.seconds:.1f} s"


def _waits_for_input(running: Command) -> bool:
    """Whether one of the command's processes reads from its terminal, or it has written what looks like a question."""
    tail = running.output.raw(max(0, running.output.length - 200))[0]
    if tail and not tail.endswith("\n"):
        return True
    if running.pid is None or not sys.platform.startswith("linux"):
        return False
    import psutil

    with suppress(psutil.Error, OSError):
        parent = psutil.Process(running.pid)
        return any(_reads_terminal(one.pid) for one in [parent, *parent.children(recursive=True)])
    return False


def _reads_terminal(pid: int) -> bool:
    with suppress(OSError, ValueError):
        # The system call that it is in, and its arguments: `read` of a terminal.
        number, *arguments = Path(f"/proc/{pid}/syscall").read_text().split()
        read = {"x86_64": "0", "aarch64": "63"}.get(os.uname().machine)
        return number == read and os.readlink(f"/proc/{pid}/fd/{int(arguments[0], 16)}").startswith(
            ("/dev/pts/", "/dev/tty")
        )
    return False


class _Progress:
    """Tells of a command's output while it runs: in batches, and not of all of it where it is much."""

    def __init__(self, context: ToolContext) -> None:
        self._report = context.progress
        self._waiting = ""
        self._told = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, text: str) -> None:
        if self._told >= PROGRESS_CHARACTERS or not text:
            return
        self._waiting = (self._waiting + text)[-2 * PROGRESS_PIECE :]
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PROGRESS_SECONDS, self._tell)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._tell()

    def _tell(self) -> None:
        from jupyter_agent.tools.builtin.terminal.output import plain

        self._timer = None
        text, self._waiting = plain(self._waiting)[-PROGRESS_PIECE:], ""
        if text:
            self._told += len(text)
            if self._told >= PROGRESS_CHARACTERS:
                text += "\n[...]\n"
            self._report(delta=text)


_tasks: set[asyncio.Task[None]] = set()


def _keep(task: asyncio.Task[None]) -> None:
    """The loop itself holds tasks only weakly."""
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
