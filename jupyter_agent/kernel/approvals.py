"""Approvals, answered where one waits for the agent: by a function of the user's, or by a question in the cell."""

from __future__ import annotations

import _thread
import builtins
import difflib
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from jupyter_agent.kernel.errors import AgentError, Conflict, ConnectionLost
from jupyter_agent.tools.models import Approval, Approve, Change, Deny

if TYPE_CHECKING:
    from jupyter_agent.kernel.operations import Rooms

OnApproval = Callable[[Approval], Any]
"""Answers an approval: True, False, a dict of other arguments, a text (a no, with what the agent is told), an `Approve`
or a `Deny`; None leaves it to whoever else answers."""

DIFF_LINES = 60
LOOK_SECONDS = 0.5
"""How often it is looked whether somebody has answered elsewhere."""
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Control and direction characters, which make a text look like another one."""


def decision_of(answer: Any) -> Approve | Deny | None:
    """What an answer means. Raises TypeError where it means nothing."""
    if answer is None or isinstance(answer, (Approve, Deny)):
        return answer
    if isinstance(answer, bool):
        return Approve() if answer else Deny()
    if isinstance(answer, Mapping):
        return Approve(arguments=dict(answer))
    if isinstance(answer, str):
        return Deny(message=answer)
    raise TypeError(
        f"on_approval gave {answer!r}; it gives True, False, a dict of other arguments, a text that says why not, "
        "an Approve or Deny, or None"
    )


def described(approval: Approval) -> str:
    """The call as text for people: what would be done, why it is asked, what would change."""
    lines = [approval.shown or f"{approval.tool}({approval.arguments})"]
    lines += [diff for change in approval.changes if (diff := difference(change))]
    lines.append(f"({approval.reason})" if approval.reason else "")
    return visible("\n".join(line for line in lines if line))


def difference(change: Change) -> str:
    """A change as a diff, cut where it is long."""
    before, after = (change.before or "").splitlines(), (change.after or "").splitlines()
    name = " ".join(part for part in (change.path, change.title) if part)
    lines = list(difflib.unified_diff(before, after, f"{name} (now)", f"{name} (then)", lineterm=""))
    more = [f"... ({len(lines) - DIFF_LINES} more lines)"] if len(lines) > DIFF_LINES else []
    return "\n".join([*lines[:DIFF_LINES], *more])


def visible(text: str) -> str:
    """The text with its control and direction characters written out."""
    return HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


# The question in a cell -----------------------------------------------------------------------------------------------


def can_ask() -> bool:
    """Whether somebody sits in front of this cell or prompt and can be asked."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    shell: Any = get_ipython()
    if shell is None:
        return False
    kernel = getattr(shell, "kernel", None)
    return bool(kernel._allow_stdin) if kernel is not None else sys.stdin is not None and sys.stdin.isatty()


QUESTION = "Allow it? [y]es, [n]o, [a]lways in this conversation, or say what the agent should do instead: "


def asked(rooms: Rooms, approval: Approval) -> Approve | Deny | None:
    """What whoever sits here says to it; where nobody does, it is said where to answer, and this is None."""
    if not can_ask():
        say(where_to_answer(approval))
        return None

    def is_pending() -> bool:
        try:
            return rooms.tools.get_approval(approval.id).status == "pending"
        except ConnectionLost:
            return True
        except AgentError:
            return False

    return ask(approval, is_pending)


def decide(rooms: Rooms, approval: Approval, decision: Approve | Deny) -> None:
    """Tells the server; what somebody else has said meanwhile stays. Raises AgentError."""
    with suppress(Conflict):
        if isinstance(decision, Approve):
            rooms.tools.approve(approval.id, decision)
        else:
            rooms.tools.deny(approval.id, decision)


def ask(approval: Approval, is_pending: Callable[[], bool]) -> Approve | Deny | None:
    """Asks whoever sits there; None where somebody answered elsewhere meanwhile, or nobody can answer here.

    `is_pending` is called from another thread, again and again. Raises KeyboardInterrupt where the cell is
    interrupted."""
    say(f"The agent asks before it does this:\n\n{described(approval)}\n")
    try:
        while True:
            said = ""
            with _while(is_pending) as elsewhere:
                said = builtins.input(QUESTION).strip()
            if elsewhere.is_set():
                say("It was answered elsewhere.")
                return None
            match said.lower():
                case "":
                    continue
                case "y" | "yes":
                    return Approve()
                case "n" | "no":
                    return Deny()
                case "a" | "always":
                    return Approve(remember="session")
                case _:
                    return Deny(message=said)
    except EOFError:
        say(where_to_answer(approval))
        return None


@contextmanager
def _while(is_pending: Callable[[], bool]) -> Iterator[threading.Event]:
    """What waits inside for a person is interrupted when the answer came from elsewhere, and the event is set then."""
    elsewhere = threading.Event()
    done = threading.Event()
    guard = threading.Lock()
    waiting_thread = threading.current_thread()

    def look() -> None:
        while not done.wait(LOOK_SECONDS):
            if not is_pending():
                with guard:
                    if not done.is_set():
                        elsewhere.set()
                        if waiting_thread is threading.main_thread():
                            _interrupt(waiting_thread)
                return

    looking = threading.Thread(target=look, name="jupyter-agent-approval", daemon=True)
    looking.start()
    try:
        try:
            with _interruptible():
                yield elsewhere
        finally:
            with guard:
                done.set()
    except KeyboardInterrupt:
        if not elsewhere.is_set():
            raise


@contextmanager
def _interruptible() -> Iterator[None]:
    """While a cell awaits something, a kernel takes an interrupt as a wish to cancel that, later; who is asked waits
    now, and is interrupted now."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        # None: it was not set from Python, so that it cannot be set from here.
        signal.signal(signal.SIGINT, before if before is not None else signal.default_int_handler)


def _interrupt(thread: threading.Thread) -> None:
    """Wakes the main thread as Ctrl-C does; a real signal also ends a read from a terminal."""
    if hasattr(signal, "pthread_kill") and thread.ident is not None:
        signal.pthread_kill(thread.ident, signal.SIGINT)
    else:
        _thread.interrupt_main()


def where_to_answer(approval: Approval) -> str:
    """What to do where nobody can be asked here."""
    return (
        f"The agent waits until somebody allows {approval.tool} or not: in the chat panel, with "
        f"client.tools.approve({approval.id!r}) or `%agent approve` elsewhere."
    )


def say(text: str) -> None:
    """Writes to whoever looks at the cell, or the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
