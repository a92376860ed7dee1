"""The program in an agent's terminal: it runs one command after the other, in the foreground of the terminal.

It is started as a script of its own (`python -I runner.py SOCKET SHELL USER_SHELL`) and imports nothing but the
standard library. Commands come and ends go over a Unix socket that no command inherits. What a command writes lies in
the terminal's stream between two marks with a word that the command does not know: it cannot pretend to have ended.

Whoever watches the terminal can type: while a command runs it goes to the command, and Ctrl-C stops it; while none
runs, Enter opens a shell, and the agent takes another terminal for as long as it is open."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import termios
from typing import Any, NoReturn

TTY = 0
MARK = "\x1b]5522;{word};{what}\x1b\\"
HINT = "\x1b[2m(agent's terminal: Enter opens a shell)\x1b[0m\r\n"


def write(text: str) -> None:
    data = text.encode("utf-8", "replace")
    while data:
        data = data[os.write(TTY, data) :]


def visible(command: str) -> str:
    """The command as it is shown: with its control and direction characters spelled out."""
    return "\r\n> ".join(
        "".join(one if one.isprintable() or one == "\t" else ascii(one)[1:-1] for one in line)
        for line in command.split("\n")
    )


class Runner:
    def __init__(self, address: str, shell: str, user_shell: list[str]) -> None:
        self.shell = shell
        self.user_shell = user_shell
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(address)
        self.received = b""
        self.modes = termios.tcgetattr(TTY)
        self.child = 0
        self.current: dict[str, Any] | None = None
        """The command that runs; None where none does, or a person's shell."""
        self.stopping = False
        self.wake, wake_end = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(wake_end, False)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, self.hang_up)
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN):
            signal.signal(number, signal.SIG_IGN)

    def say(self, **message: Any) -> None:
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def run(self) -> None:
        write(HINT)
        self.say(state="idle")
        while True:
            # While a child runs the terminal is the child's: reading from it would take what is typed for the child.
            waiting: list[Any] = [self.socket, self.wake] if self.child else [self.socket, self.wake, TTY]
            ready, _, _ = select.select(waiting, [], [])
            if self.wake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.wake, 4096)
                self.reap()
            if self.socket in ready:
                self.receive()
            if TTY in ready and not self.child:
                if not os.read(TTY, 4096):
                    continue  # Ctrl-D
                self.say(state="user")
                self.start(self.user_shell, os.getcwd())

    def receive(self) -> None:
        data = self.socket.recv(65536)
        if not data:  # the server is gone
            self.hang_up()
        *lines, self.received = (self.received + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "run" in message:
                self.begin(message["run"])
            elif "signal" in message and self.current is not None and self.current["id"] == message["id"]:
                self.stopping = True
                self.kill(signal.Signals[message["signal"]])

    def begin(self, command: dict[str, Any]) -> None:
        if self.child:  # a person was quicker
            self.say(refused=command["id"])
            return
        self.current = command
        self.stopping = False
        write(f"\x1b[1m$ {visible(command['command'])}\x1b[0m\r\n")
        write(MARK.format(word=command["word"], what="begin"))
        self.start([self.shell, "-c", command["command"]], command["cwd"])
        self.say(started=command["id"], pid=self.child)

    def start(self, argv: list[str], cwd: str) -> None:
        self.child = os.fork()
        if self.child == 0:
            exec_child(argv, cwd)
        # Both sides do it: whoever comes first.
        with contextlib.suppress(OSError):
            os.setpgid(self.child, self.child)
        with contextlib.suppress(OSError):
            os.tcsetpgrp(TTY, self.child)

    def kill(self, number: int) -> None:
        if self.child:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.child, number)
                os.killpg(self.child, signal.SIGCONT)

    def reap(self) -> None:
        if not self.child:
            return
        # Not on macOS before Python 3.13.
        if self.stopping and hasattr(os, "waitid"):
            ended = os.waitid(os.P_PID, self.child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                # What it left in the background ends with it, while its group cannot be another's yet.
                self.kill(signal.SIGKILL)
        pid, status = os.waitpid(self.child, os.WNOHANG | os.WUNTRACED)
        if pid == 0:
            return
        if os.WIFSTOPPED(status):  # Ctrl-Z: there is no shell here to go back to
            os.killpg(self.child, signal.SIGCONT)
            return
        code = os.waitstatus_to_exitcode(status)
        self.child = 0
        os.tcsetpgrp(TTY, os.getpgrp())
        termios.tcflow(TTY, termios.TCOON)  # after a Ctrl-S
        termios.tcflush(TTY, termios.TCIFLUSH)  # what was typed for it is not for what comes next
        termios.tcsetattr(TTY, termios.TCSANOW, self.modes)
        command, self.current = self.current, None
        if command is not None:
            write(MARK.format(word=command["word"], what="end"))
        # Out of the other screen, with a cursor, no colours, no mouse, no bracketed paste.
        write("\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?2004l\x1b[0m\r\n")
        if command is not None:
            self.say(ended=command["id"], code=code)
        write(HINT)
        self.say(state="idle")

    def hang_up(self, *_: object) -> NoReturn:
        self.kill(signal.SIGHUP)
        os._exit(0)


def exec_child(argv: list[str], cwd: str) -> NoReturn:
    """Becomes the command: the terminal's foreground, signals as a program expects them, only the terminal open."""
    try:
        os.setpgid(0, 0)
        os.tcsetpgrp(TTY, os.getpgrp())
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.chdir(cwd)
        os.execvp(argv[0], argv)  # noqa: S606 - to run commands is what it is for
    except OSError as error:
        write(f"{error}\r\n")
    finally:
        os._exit(127)


if __name__ == "__main__":
    Runner(sys.argv[1], sys.argv[2], sys.argv[3:]).run()
