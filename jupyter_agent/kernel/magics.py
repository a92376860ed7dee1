"""`%agent` and `%%agent`: the agent in a notebook's cells."""

# IPython's decorators have no types.
# mypy: disallow-untyped-calls=False, disallow-untyped-decorators=False

from __future__ import annotations

import shlex
from typing import Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from jupyter_agent.kernel.answers import Answer, usage_line
from jupyter_agent.kernel.client import AnswerStream, Client
from jupyter_agent.kernel.display import MarkdownOutput, TerminalOutput, show_markdown
from jupyter_agent.kernel.errors import (
    AgentError,
    ConnectionLost,
    Forbidden,
    NotFound,
    RateLimited,
    TurnFailed,
    Unauthorized,
)
from jupyter_agent.sessions.models import Session

HELP = """\
| | |
|---|---|
| `%%agent` + text in the cell | ask; the answer streams below the cell |
| `%agent status` | is everything ready, and what to do where it is not |
| `%agent models` | the models you can choose |
| `%agent sessions` | your latest conversations; `%agent history` shows this one |
| `%agent new [title]` | begin a new conversation |
| `%agent use ID` | go on with another one |
| `%agent help` | this list |

Options of `%%agent`: `-m provider/model` the model · `--var df` tell it about a variable (repeat for more) ·
`-o answer` keep the answer in a variable · `--session ID` or `--session new` the conversation ·
`--no-stream` show only the whole answer.
"""

LISTED = 20
"""Rows that a list shows."""

STOP_NOTES = {
    "interrupted": "Stopped.",
    "budget": "Stopped: the turn's budget was reached. Give it more, or ask for less.",
    "max_steps": "Stopped: the turn used all its steps. Say “go on” to continue.",
    "repetition": "Stopped: the model repeated itself. Ask in other words, or choose another model with -m.",
    "timeout": "Stopped: the turn took too long. Ask for less, or choose a faster model with -m.",
    "denied": "Stopped: a tool the model wanted was denied.",
}

NEXT_ACTIONS = {
    "unauthorized": "Check the provider's key (%agent status), or choose another model with -m.",
    "not_configured": "Add a key for this provider, or use the embedded model: %%agent -m local",
    "rate_limited": "Wait a little and run the cell again, or choose another model with -m.",
    "overloaded": "Run the cell again in a moment, or choose another model with -m.",
    "unreachable": "Check the network and the provider's address, or use the embedded model: %%agent -m local",
    "model_not_found": "See the models there are with %agent models.",
    "context_too_long": "Begin a new conversation with %agent new, or send less.",
}


class CellError(Exception):
    """Ends a cell with a short message in place of a traceback; the cells after it do not run."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Stopped(KeyboardInterrupt):
    """The cell was interrupted, and the turn with it."""

    def _render_traceback_(self) -> list[str]:
        return ["Stopped. The turn was interrupted in the server too."]


def _next_action(error: AgentError) -> str:
    """What a person can do about it, where the message does not say so already."""
    if isinstance(error, TurnFailed):
        return NEXT_ACTIONS.get(error.code or "", "Run the cell again, or choose another model with -m.")
    if isinstance(error, RateLimited):
        return "Wait a little and run the cell again."
    if isinstance(error, ConnectionLost):
        return "Run the cell again when the server answers; %agent history shows what was said."
    if isinstance(error, NotFound):
        return "%agent sessions lists the conversations there are; %agent new begins one."
    if isinstance(error, (Forbidden, Unauthorized)):
        return ""
    return ""


def _fail(error: AgentError) -> NoReturn:
    raise CellError("\n".join(part for part in (f"Agent: {error.message}", _next_action(error)) if part)) from None


def _row(*cells: object) -> str:
    # A pipe or a line break in a title must not end the cell of the table.
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _table(head: tuple[str, ...], rows: list[str]) -> str:
    return "\n".join([_row(*head), _row(*("---" for _ in head)), *rows])


@magics_class
class AgentMagics(Magics):
    """The magics of one notebook: one client, one conversation until another is asked for."""

    shell: InteractiveShell

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._client: Client | None = None
        self.session_id: str | None = None
        """The conversation of this notebook; None until the first question."""

    @property
    def client(self) -> Client:
        """Found when it is first needed. Raises ServerNotFound."""
        if self._client is None:
            self._client = Client()
        return self._client

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    @magic_arguments()
    @argument("-m", "--model", help="the model: provider/model, a provider, or a model alone")
    @argument(
        "-s", "--session", metavar="ID", help="the conversation to go on with, or `new`; this notebook's own by default"
    )
    @argument(
        "--var", action="append", default=[], metavar="NAME", help="tell the model about a variable; may be repeated"
    )
    @argument("-o", "--output", metavar="NAME", help="keep the answer in this variable")
    @argument("--no-stream", action="store_true", help="show the answer only when it is whole")
    @argument(
        "words",
        nargs="*",
        help="in a cell: more of the question; in a line: status, models, sessions, history, new, use, help",
    )
    @line_cell_magic("agent")  # type: ignore[arg-type]
    def agent(self, line: str, cell: str | None = None) -> None:
        """Ask the agent (`%%agent`), or look after it (`%agent status`, `%agent help`)."""
        try:
            if cell is None:
                self._command(line)
            else:
                self._ask(line, cell)
        except AgentError as error:
            _fail(error)

    # -- %%agent

    def _ask(self, line: str, cell: str) -> None:
        options = parse_argstring(self.agent, line)
        message = "\n".join(part for part in (" ".join(options.words), cell.strip()) if part)
        if not message:
            raise UsageError("%%agent: the cell is empty; write your question below the first line")
        if options.output is not None and not options.output.isidentifier():
            raise UsageError(f"%%agent: {options.output!r} cannot be the name of a variable")
        variables = self._variables(options.var)
        provider, model = self.client.choose_model(options.model) if options.model else (None, None)
        session = self._session(options.session)
        stream = self.client.stream(message, session=session, provider=provider, model=model, variables=variables)
        self.session_id = stream.session_id
        answer = self._show(stream, updating=not options.no_stream)
        if options.output is not None:
            self.shell.user_ns[options.output] = answer

    def _variables(self, names: list[str]) -> dict[str, Any]:
        namespace: dict[str, Any] = self.shell.user_ns
        for name in names:
            if name not in namespace:
                raise UsageError(f"%%agent: there is no variable {name!r}; run the cell that defines it")
        return {name: namespace[name] for name in names}

    def _session(self, wanted: str | None) -> str | None:
        if wanted == "new":
            return None
        return wanted or self.session_id

    def _show(self, stream: AnswerStream, *, updating: bool) -> Answer:
        """Streams the answer into the cell, then says what it took. Raises CellError where there is none."""
        output: MarkdownOutput | TerminalOutput
        in_terminal = getattr(self.shell, "kernel", None) is None
        output = TerminalOutput() if in_terminal and updating else MarkdownOutput(updating=updating)
        try:
            for delta in stream:
                output.add(delta)
            answer = stream.answer
        except KeyboardInterrupt:
            output.flush()
            raise Stopped from None
        except TurnFailed as failure:
            output.flush()
            self._note(usage_line(failure.turn))
            raise
        finally:
            output.flush()
        if not stream.text and answer.text:
            output.add(answer.text)
            output.flush()
        note = STOP_NOTES.get(answer.stop_reason or "", "")
        self._note(" ".join(part for part in (note, usage_line(answer.turn)) if part))
        return answer

    def _note(self, text: str) -> None:
        show_markdown(f"*{text}*" if getattr(self.shell, "kernel", None) is not None else text)

    # -- %agent

    def _command(self, line: str) -> None:
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UsageError(f"%agent: {error}") from None
        name, *arguments = words or ["help"]
        commands = {
            "status": self._status,
            "models": self._models,
            "sessions": self._sessions,
            "history": self._history,
            "new": self._new,
            "use": self._use,
            "help": self._help,
        }
        if name not in commands:
            raise UsageError(
                f"%agent: {name!r} is none of {', '.join(commands)}. To ask something, begin the cell with %%agent "
                "and write the question below."
            )
        commands[name](*arguments[:1] if name == "use" else [" ".join(arguments)])

    def _help(self, _: str = "") -> None:
        show_markdown(HELP)

    def _status(self, _: str = "") -> None:
        status = self.client.system.get_status()
        marks = {"ok": "✓", "warning": "!", "error": "✗"}
        rows = [_row(marks[item.status], item.title, item.detail, item.next_action or "") for item in status.readiness]
        title = "The agent is ready." if status.status == "ok" else "The agent runs, with limits."
        show_markdown(
            f"**{title}** Version {status.version} at {self.client.base_url}, {status.sessions} conversations, "
            f"{status.running_turns} turns running.\n\n" + _table(("", "", "", "what to do"), rows)
        )

    def _models(self, _: str = "") -> None:
        models = self.client.providers.list_models().items
        rows = []
        for model in sorted(models, key=lambda item: not item.available):
            price = f"${model.input_price} / ${model.output_price}" if model.input_price is not None else ""
            state = (
                ("ready, default" if model.is_default else "ready") if model.available else model.reason or "not ready"
            )
            rows.append(_row(f"`{model.provider}/{model.id}`", model.name, price, state))
        more = f"\n\n{len(rows) - LISTED} more: `client.providers.list_models()`" if len(rows) > LISTED else ""
        show_markdown(_table(("for -m", "model", "$ per million tokens, in / out", ""), rows[:LISTED]) + more)

    def _sessions(self, _: str = "") -> None:
        page = self.client.sessions.list_sessions(limit=LISTED)
        rows = [self._session_row(session) for session in page.items]
        if not rows:
            show_markdown("No conversations yet. Begin a cell with `%%agent` and write your question below.")
            return
        more = f"\n\n{page.total - len(rows)} more: `client.sessions.iter_sessions()`" if page.total > len(rows) else ""
        show_markdown(_table(("", "conversation", "title", "messages", "cost", "last used"), rows) + more)

    def _session_row(self, session: Session) -> str:
        return _row(
            "→" if session.id == self.session_id else "",
            f"`{session.id}`",
            session.title or session.preview[:60],
            session.message_count,
            f"${session.usage.cost}" if session.usage.cost is not None else "",
            f"{session.last_activity_at:%Y-%m-%d %H:%M} UTC",
        )

    def _history(self, _: str = "") -> None:
        if self.session_id is None:
            show_markdown(
                "This notebook has no conversation yet. Begin a cell with `%%agent` and write your question below."
            )
            return
        first = max(0, self.client.sessions.get_session(self.session_id).message_count - LISTED)
        page = self.client.sessions.list_messages(self.session_id, limit=LISTED, offset=first)
        shown = [f"**{message.role}**\n\n{message.text}" for message in page.items]
        earlier = [f"*{first} earlier messages*"] if first else []
        show_markdown("\n\n---\n\n".join([*earlier, *shown]) or "Nothing has been said yet.")

    def _new(self, title: str = "") -> None:
        fields = self.client.new_session_fields()
        session = self.client.sessions.create_session(**fields, title=title or None)
        self.session_id = session.id
        show_markdown(f"New conversation `{session.id}`.")

    def _use(self, session_id: str = "") -> None:
        if not session_id:
            raise UsageError("%agent use: name the conversation; %agent sessions lists them")
        session = self.client.sessions.get_session(session_id)
        self.session_id = session.id
        show_markdown(f"This notebook goes on with `{session.id}` {session.title}".rstrip() + ".")


def load(shell: InteractiveShell) -> None:
    """Registers the magics; a second time changes nothing."""
    if not isinstance(shell.magics_manager.registry.get("AgentMagics"), AgentMagics):
        shell.register_magics(AgentMagics(shell))


def unload(shell: InteractiveShell) -> None:
    """Takes the magics away and closes their connection."""
    magics = shell.magics_manager.registry.pop("AgentMagics", None)
    if isinstance(magics, AgentMagics):
        magics.close()
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("agent", None)
