"""`%agent` and `%%agent`: the agent in a notebook's cells."""

# IPython's decorators have no types.
# mypy: disallow-untyped-calls=False, disallow-untyped-decorators=False

from __future__ import annotations

import math
import shlex
import time
from collections.abc import Callable
from typing import Any, NoReturn, cast, get_args

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display
from pydantic import ValidationError

from jupyter_agent.kernel.answers import Answer, usage_line
from jupyter_agent.kernel.approvals import asked, can_ask, decide, described, visible
from jupyter_agent.kernel.client import AnswerStream, Client
from jupyter_agent.kernel.display import MarkdownOutput, TerminalOutput, in_console, show_markdown
from jupyter_agent.kernel.errors import (
    AgentError,
    Conflict,
    ConnectionLost,
    Forbidden,
    NotFound,
    RateLimited,
    TurnFailed,
    Unauthorized,
)
from jupyter_agent.kernel.functions import AnyTool, registered
from jupyter_agent.kernel.pictures import image_part
from jupyter_agent.kernel.readable import money
from jupyter_agent.kernel.stats import amount
from jupyter_agent.observatory.models import BudgetScope, GroupBy, Period
from jupyter_agent.sessions.models import Session
from jupyter_agent.tools.models import Approval, Approve, Deny, Mode
from jupyter_agent.turns.models import ImagePart

HELP = """\
| | |
|---|---|
| `%%agent` + text in the cell | ask; the answer streams below the cell |
| `%agent status` | is everything ready, and what to do where it is not |
| `%agent models` | the models you can choose; `%agent model NAME` chooses one for this notebook |
| `%agent sessions` | your latest conversations; `%agent history` shows this one |
| `%agent new [title]` | begin a new conversation |
| `%agent use ID` | go on with another one |
| `%agent chat` | this conversation in a chat below the cell |
| `%agent tools` | what the agent can do here: the server's tools, and this notebook's functions |
| `%agent mode [NAME]` | how much it may do without asking: read_only, ask, auto_edit or auto |
| `%agent approve [ID]`, `%agent deny ID [why]` | answer what it asks before it does something |
| `%agent undo` | take back what it changed for the last question |
| `%agent inspect [TURN]` | what the model saw for the last question, what it did, when, and tips |
| `%agent grade 1-5 [comment]` | how good the last answer was |
| `%agent costs [--period 7d] [--by day,model]` | what was used and what it cost |
| `%agent budget [day 0.40 0.50]` | what may be spent; sets a soft and a hard limit, `off` takes it away |
| `%agent help` | this list |

Options of `%%agent`: `-m provider/model` the model · `--var df` tell it about a variable (repeat for more) ·
`--image fig` show it a figure, a picture or a file (repeat for more) · `-o answer` keep the answer in a variable ·
`--session ID` or `--session new` the conversation · `--tools f,g` functions that it may call ·
`--mode auto_edit` how much it may do without asking · `--no-stream` show only the whole answer.
"""

OPTIONS = ("--model", "--session", "--var", "--image", "--tools", "--mode", "--output", "--no-stream")
"""Of `%%agent`."""

LISTED = 20
"""Rows that a list shows."""
MODES: tuple[str, ...] = get_args(Mode)
CALL_CHARACTERS = 120
"""Of a call that is shown below the cell."""
PERIODS: tuple[str, ...] = get_args(Period)
GROUPS: tuple[str, ...] = get_args(GroupBy)
SCOPES: tuple[str, ...] = get_args(BudgetScope)
MODELS_SECONDS = 30.0
"""How long the models are remembered for the Tab key."""

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


def _call(data: dict[str, Any]) -> str:
    """A call of a tool in one line."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in (data.get("args") or {}).items())
    text = visible(f"{data['name']}({arguments})").replace("\n", " ").replace("`", "'")
    return f"`{text if len(text) <= CALL_CHARACTERS else text[: CALL_CHARACTERS - 1] + '…'}`"


def _spent(data: dict[str, Any]) -> str:
    """What an event says of a budget: `$0.50 of $0.50 (day)`."""
    return f"{money(data.get('spent')) or '$0'} of {money(data.get('limit'))} ({data.get('scope')})"


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
        self.model: str | None = None
        """What answers in this notebook, as `-m` takes it; None for the conversation's own or the default."""
        self.mode: str | None = None
        """How much the agent may do without asking; None for the conversation's own or the default."""
        self.turn_id: str | None = None
        """The last question's turn."""

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
    @argument(
        "--image",
        action="append",
        default=[],
        metavar="NAME",
        help="show the model a picture: a variable with a figure or an image, or a file; may be repeated",
    )
    @argument(
        "--tools",
        action="append",
        default=[],
        metavar="NAMES",
        help="functions of this notebook that the agent may call, and names of the server's tools, with commas between",
    )
    @argument("--mode", choices=MODES, help="how much the agent may do without asking, for this question")
    @argument("-o", "--output", metavar="NAME", help="keep the answer in this variable")
    @argument("--no-stream", action="store_true", help="show the answer only when it is whole")
    @argument(
        "words",
        nargs="*",
        help="in a cell: more of the question; in a line: a command, of which %%agent help has the list",
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
        except KeyboardInterrupt:
            # Not its traceback: the frames of the HTTP library hold the request's headers.
            raise Stopped from None

    # -- %%agent

    def _ask(self, line: str, cell: str) -> None:
        options = parse_argstring(self.agent, line)
        message = "\n".join(part for part in (" ".join(options.words), cell.strip()) if part)
        if not message:
            raise UsageError("%%agent: the cell is empty; write your question below the first line")
        if options.output is not None and not options.output.isidentifier():
            raise UsageError(f"%%agent: {options.output!r} cannot be the name of a variable")
        variables = self._variables(options.var)
        tools = self._tools([name for names in options.tools for name in names.split(",") if name])
        images = [self._image(name) for name in options.image]
        wanted = options.model or self.model
        provider, model = self.client.choose_model(wanted) if wanted else (None, None)
        session = self._session(options.session)
        mode = options.mode or self.mode
        more: dict[str, Any] = {"mode": mode} if mode else {}
        stream = self.client.stream(
            message,
            session=session,
            provider=provider,
            model=model,
            variables=variables,
            images=images,
            tools=tools,
            **more,
        )
        self.session_id, self.turn_id = stream.session_id, stream.turn.id
        answer = self._show(stream, updating=not options.no_stream)
        if options.output is not None:
            self.shell.user_ns[options.output] = answer

    def _variables(self, names: list[str]) -> dict[str, Any]:
        namespace: dict[str, Any] = self.shell.user_ns
        for name in names:
            if name not in namespace:
                raise UsageError(f"%%agent: there is no variable {name!r}; run the cell that defines it")
        return {name: namespace[name] for name in names}

    def _tools(self, names: list[str]) -> list[AnyTool] | None:
        """Functions of the notebook by their names; other names are the server's tools. None where none is named."""
        namespace: dict[str, Any] = self.shell.user_ns
        found = [namespace[name] if callable(namespace.get(name)) else name for name in names]
        return found or None

    def _image(self, name: str) -> ImagePart:
        """Of a variable, or else of a file."""
        try:
            return image_part(self.shell.user_ns.get(name, name))
        except TypeError as error:
            raise UsageError(f"%%agent: --image {name}: {error}") from None
        except AgentError as error:
            known = name in self.shell.user_ns
            raise UsageError(f"%%agent: --image {name}: {'' if known else 'no such variable. '}{error}") from None

    def _session(self, wanted: str | None) -> str | None:
        if wanted == "new":
            return None
        return wanted or self.session_id

    def _show(self, stream: AnswerStream, *, updating: bool) -> Answer:
        """Streams the answer into the cell, then says what it took. Raises CellError where there is none."""
        output = self._output(updating)
        reached: dict[str, Any] | None = None
        try:
            # An interrupt that comes while something is shown stops the turn as well.
            with stream:
                for event in stream.events():
                    if event.type == "content":
                        output.add(event.data["delta"])
                    elif event.type == "tool_call":
                        # What it shows or prints comes below what was said before it.
                        output.flush()
                        self._note(_call(event.data))
                        output = self._output(updating)
                    elif event.type == "budget" and event.data.get("level") == "soft":
                        output.flush()
                        self._note(f"Over the soft limit: {_spent(event.data)}.")
                        output = self._output(updating)
                    elif event.type == "turn_finished":
                        reached = event.data.get("budget")
                answer = stream.answer
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
        if answer.stop_reason == "budget" and reached:
            note = f"Stopped: the budget was reached, {_spent(reached)}. `%agent budget` shows and sets it."
        self._note(" ".join(part for part in (note, usage_line(answer.turn)) if part))
        return answer

    def _output(self, updating: bool) -> MarkdownOutput | TerminalOutput:
        return TerminalOutput() if self._plain and updating else MarkdownOutput(updating=updating)

    def _note(self, text: str) -> None:
        show_markdown(text if self._plain else f"*{text}*")

    @property
    def _plain(self) -> bool:
        """Whether the front end shows plain text only, and nothing twice."""
        return getattr(self.shell, "kernel", None) is None or in_console()

    # -- %agent

    @property
    def commands(self) -> dict[str, Callable[[str], None]]:
        """What `%agent` knows, by name."""
        return {
            "status": self._status,
            "models": self._models,
            "model": self._model,
            "sessions": self._sessions,
            "history": self._history,
            "new": self._new,
            "use": self._use,
            "chat": self._chat,
            "tools": self._list_tools,
            "mode": self._set_mode,
            "approve": self._approve,
            "deny": self._deny,
            "undo": self._undo,
            "inspect": self._inspect,
            "grade": self._grade,
            "costs": self._costs,
            "budget": self._budget,
            "help": self._help,
        }

    def _command(self, line: str) -> None:
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UsageError(f"%agent: {error}") from None
        name, *arguments = words or ["help"]
        commands = self.commands
        if name not in commands:
            raise UsageError(
                f"%agent: {name!r} is none of {', '.join(commands)}. To ask something, begin the cell with %%agent "
                "and write the question below."
            )
        commands[name](" ".join(arguments))

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

    def _model(self, name: str = "") -> None:
        if name == "default":
            self.model = None
        elif name:
            provider, model = self.client.choose_model(name)
            self.model = f"{provider}/{model}" if model else provider
        chosen = f"`{self.model}`" if self.model else "the conversation's own model, or the default one"
        show_markdown(f"This notebook asks {chosen}." + ("" if name else " `%agent model NAME` chooses another."))

    def _list_tools(self, _: str = "") -> None:
        rows = [
            _row(f"`{one.name}`", one.offer().description.split("\n")[0], "function") for one in registered.values()
        ]
        rows += [
            _row(f"`{tool.name}`", tool.description, tool.unavailable_reason or tool.group)
            for tool in self.client.tools.list_tools(session_id=self.session_id).items
            if tool.group != "function" and tool.name not in registered
        ]
        make = "\n\n`import jupyter_agent as agent`; `@agent.tool` then makes a function of this notebook a tool."
        hint = "" if registered else make
        show_markdown(_table(("for --tools", "", ""), rows) + hint)

    def _set_mode(self, name: str = "") -> None:
        if name and name not in (*MODES, "default"):
            raise UsageError(f"%agent mode: {name!r} is none of {', '.join(MODES)}, default")
        if name:
            self.mode = None if name == "default" else name
        chosen = f"`{self.mode}`" if self.mode else "the conversation's own mode, or yours"
        show_markdown(f"This notebook asks in {chosen}." + ("" if name else " `%agent mode NAME` sets another."))

    def _pending(self) -> list[Approval]:
        return self.client.tools.list_approvals(status="pending").items

    def _approve(self, approval_id: str = "") -> None:
        if approval_id:
            self._decide(approval_id, Approve())
            return
        pending = self._pending()
        if not pending:
            show_markdown("Nothing waits for an answer.")
            return
        if can_ask():
            for approval in pending:
                decision = asked(self.client, approval)
                if decision is not None:
                    decide(self.client, approval, decision)
            return
        blocks = [f"`{one.id}` {one.session_title}\n\n~~~~\n{described(one)}\n~~~~" for one in pending]
        show_markdown("\n\n".join([*blocks, "`%agent approve ID` or `%agent deny ID` answers."]))

    def _deny(self, line: str = "") -> None:
        approval_id, _, why = line.partition(" ")
        if not approval_id:
            raise UsageError("%agent deny: name what is denied; %agent approve lists what waits")
        self._decide(approval_id, Deny(message=why or None))

    def _decide(self, approval_id: str, decision: Approve | Deny) -> None:
        tools = self.client.tools
        if isinstance(decision, Approve):
            approval = tools.approve(approval_id, decision)
        else:
            approval = tools.deny(approval_id, decision)
        show_markdown(f"`{approval.tool}` was {approval.status}.")

    def _undo(self, turn_id: str = "") -> None:
        turn_id = turn_id or self.turn_id or ""
        if not turn_id:
            raise UsageError("%agent undo: nothing was asked here yet; name a turn")
        try:
            checkpoint = self.client.tools.undo_turn(turn_id)
        except Conflict as error:
            said = [f"- {one.get('message', '')}" for one in error.details.get("conflicts", [])]
            raise CellError("\n".join([f"Agent: {error.message}", *said])) from None
        rows = [
            _row(edit.change.action, f"`{edit.change.path}`", edit.change.title, edit.state)
            for edit in checkpoint.edits
        ]
        show_markdown(_table(("what it did", "", "", "is"), rows) if rows else "It changed nothing.")

    def _last_turn(self, command: str) -> str:
        if self.turn_id is None:
            raise UsageError(f"%agent {command}: nothing was asked here yet; begin a cell with %%agent")
        return self.turn_id

    def _inspect(self, turn_id: str = "") -> None:
        display(self.client.inspect(turn_id or self._last_turn("inspect")))

    def _grade(self, line: str = "") -> None:
        grade, _, comment = line.partition(" ")
        if grade not in ("1", "2", "3", "4", "5"):
            raise UsageError("%agent grade: 1 (useless) to 5 (just right), and a comment if you like")
        turn_id = self._last_turn("grade")
        given = self.client.observatory.give_feedback(
            turn_id, grade=int(grade), comment=comment.strip(), source="notebook"
        )
        show_markdown(f"The last answer has grade {given.grade} of 5." + (" Thank you." if given.comment else ""))

    def _costs(self, line: str = "") -> None:
        options = {"--period": "30d", "--by": "day,model"}
        words = line.replace("=", " ").split()
        for name, value in zip(words[::2], [*words[1::2], ""], strict=False):
            if name not in options or not value:
                raise UsageError("%agent costs: takes --period 7d and --by day,model")
            options[name] = value
        period, groups = options["--period"], options["--by"].split(",")
        if period not in PERIODS:
            raise UsageError(f"%agent costs: {period!r} is none of {', '.join(PERIODS)}")
        if unknown := [group for group in groups if group not in GROUPS]:
            raise UsageError(f"%agent costs: {unknown[0]!r} is none of {', '.join(GROUPS)}")
        display(self.client.stats.costs(cast("Period", period), by=cast("list[GroupBy]", groups), budgets=True))

    def _budget(self, line: str = "") -> None:
        scope, *amounts = line.split() or [""]
        stats = self.client.stats
        if not scope:
            display(stats.budgets(session=self.session_id))
            return
        usage = "%agent budget: say for example `day 0.50`, `day 0.40 0.50` for a soft and a hard limit, or `day off`"
        if scope not in SCOPES or not 1 <= len(amounts) <= 2:
            raise UsageError(f"{usage}; there are {', '.join(SCOPES)}")
        limits = [None if one in ("off", "-") else one for one in amounts]
        try:
            soft, hard = [amount(one, scope) for one in ([None, *limits] if len(limits) == 1 else limits)]
            display(stats.set_budget(cast("BudgetScope", scope), soft=soft, hard=hard))
        except ValueError as error:
            # Pydantic's own has a line for each field; what it says is in the last.
            said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            raise UsageError(f"{usage}. {said}") from None

    def _chat(self, session_id: str = "") -> None:
        if self._plain:
            raise UsageError("%agent chat: a chat needs a notebook; here write %%agent, and the question below it")
        try:
            from jupyter_agent import ChatWidget
        except ImportError as error:
            raise UsageError(f"%agent chat: {error}") from None
        widget = ChatWidget(session_id or self.session_id, model=self.model or "")

        def share(change: dict[str, Any]) -> None:
            # The conversation is made with its first message; from then on the cells go on with it, too.
            self.session_id = change["new"] or self.session_id

        widget.observe(share, "session_id")
        display(widget)

    def _sessions(self, _: str = "") -> None:
        page = self.client.sessions.list_sessions(limit=LISTED, latest=True)
        current = self.client.sessions.get_session(self.session_id).conversation_id if self.session_id else None
        rows = [self._session_row(session, current) for session in page.items]
        if not rows:
            show_markdown("No conversations yet. Begin a cell with `%%agent` and write your question below.")
            return
        more = f"\n\n{page.total - len(rows)} more: `client.sessions.iter_sessions()`" if page.total > len(rows) else ""
        show_markdown(_table(("", "conversation", "title", "messages", "cost", "last used"), rows) + more)

    def _session_row(self, session: Session, current: str | None) -> str:
        return _row(
            "→" if session.conversation_id == current else "",
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


class Completer:
    """Completes what follows `%agent` and `%%agent`: commands, options, models, conversations, variables."""

    def __init__(self, magics: AgentMagics) -> None:
        self._magics = magics
        self._models: list[str] = []
        self._models_at = -math.inf

    def __call__(self, shell: InteractiveShell, event: Any) -> list[str]:
        """As IPython's hook `complete_command`: whole words; IPython picks those that fit."""
        before, _, word = event.text_until_cursor.replace("\t", " ").rpartition(" ")
        words = before.split()
        if not words:
            return []
        try:
            found = self._words(words[0] == "%%agent", words[1:], word)
        except AgentError:
            # Nobody waits for an error on a press of Tab; what is run next tells it.
            return []
        # IPython completes from the last delimiter on: a model's name may have a colon.
        cut = len(word) - len(event.symbol)
        return [one[cut:] for one in found if one.startswith(word)]

    def _words(self, in_cell: bool, words: list[str], word: str) -> list[str]:
        last = words[-1] if words else ""
        client = self._magics.client
        if (in_cell and last in ("-m", "--model")) or words == ["model"]:
            return self._model_names()
        if (in_cell and last in ("-s", "--session")) or words in (["use"], ["chat"]):
            sessions = [item.id for item in client.sessions.list_sessions(limit=LISTED, latest=True).items]
            return [*(["new"] if in_cell else []), *sessions]
        if (in_cell and last == "--mode") or words == ["mode"]:
            return list(MODES)
        if in_cell and last == "--tools":
            shell = self._magics.shell
            own = [name for name, value in shell.user_ns.items() if callable(value) and not name.startswith("_")]
            return [name for name in own if name not in shell.user_ns_hidden]
        if words and not in_cell and words[0] in ("costs", "budget", "grade", "inspect"):
            return self._observatory_words(words)
        if in_cell and last in ("--var", "--image"):
            shell = self._magics.shell
            return [name for name in shell.user_ns if not name.startswith("_") and name not in shell.user_ns_hidden]
        if in_cell:
            return list(OPTIONS) if word.startswith("-") else []
        return list(self._magics.commands) if not words else []

    def _observatory_words(self, words: list[str]) -> list[str]:
        match words:
            case ["costs", *_, "--period"]:
                return list(PERIODS)
            case ["costs", *_, "--by"]:
                return list(GROUPS)
            case ["costs", *given]:
                return [one for one in ("--period", "--by") if one not in given]
            case ["budget"]:
                return list(SCOPES)
            case ["budget", _]:
                return ["off"]
            case ["grade"]:
                return ["1", "2", "3", "4", "5"]
            case ["inspect"] if self._magics.session_id is not None:
                client, session_id = self._magics.client, self._magics.session_id
                first = max(0, client.sessions.get_session(session_id).turn_count - LISTED)
                return [turn.id for turn in client.turns.list_turns(session_id, offset=first, limit=LISTED).items]
        return []

    def _model_names(self) -> list[str]:
        if time.monotonic() - self._models_at > MODELS_SECONDS:
            models = self._magics.client.providers.list_models().items
            self._models = ["/".join((model.provider, model.id)) for model in models if model.available]
            self._models_at = time.monotonic()
        return self._models


def load(shell: InteractiveShell) -> None:
    """Registers the magics; a second time changes nothing."""
    if not isinstance(shell.magics_manager.registry.get("AgentMagics"), AgentMagics):
        magics = AgentMagics(shell)
        shell.register_magics(magics)
        completer = Completer(magics)
        for escape in ("%", "%%"):
            shell.set_hook("complete_command", completer, str_key=f"{escape}agent")


def unload(shell: InteractiveShell) -> None:
    """Takes the magics away and closes their connection."""
    magics = shell.magics_manager.registry.pop("AgentMagics", None)
    if isinstance(magics, AgentMagics):
        magics.close()
        for escape in ("%", "%%"):
            shell.strdispatchers["complete_command"].strs.pop(f"{escape}agent", None)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("agent", None)
