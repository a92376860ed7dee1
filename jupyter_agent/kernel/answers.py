"""What a question is made of and what comes back: the same for both clients and for the widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jupyter_agent.api.models import Usage
from jupyter_agent.kernel.errors import AgentError, TurnFailed
from jupyter_agent.kernel.operations import AsyncRooms
from jupyter_agent.kernel.pictures import image_parts
from jupyter_agent.kernel.variables import variable_parts
from jupyter_agent.sessions.models import Session
from jupyter_agent.tools.models import ToolCallRecord
from jupyter_agent.turns.models import InputPart, Turn, TurnEvent, TurnStart

if TYPE_CHECKING:
    from jupyter_agent.kernel.client import AsyncClient, Client

FAILED = frozenset({"provider_error", "server_restart", "refused"})
"""Stop reasons after which there is no answer to use."""

Variables = Mapping[str, Any] | Sequence[str]


class Answer(str):
    """What the agent said: a string that also knows its turn, and that a notebook shows as Markdown."""

    turn: Turn
    """How it came about: stop reason, model, usage, times."""
    _client: Client | AsyncClient | None = None

    @classmethod
    def of(cls, turn: Turn, text: str, client: Client | AsyncClient | None = None) -> Answer:
        answer = cls(text)
        answer.turn = turn
        answer._client = client
        return answer

    def __reduce__(self) -> tuple[Any, ...]:
        # A connection goes nowhere; what was said does.
        return (_answer, (self.turn, self.text))

    @property
    def text(self) -> str:
        return str.__str__(self)

    @property
    def session_id(self) -> str:
        return self.turn.session_id

    @property
    def usage(self) -> Usage:
        return self.turn.usage

    @property
    def stop_reason(self) -> str | None:
        """`completed`, or why it is not a whole answer."""
        return self.turn.stop_reason

    @property
    def tools(self) -> Any:
        """The calls that the agent made for it: `ToolCallRecord`s, with arguments, result, duration and who approved.
        Of an `AsyncClient`'s answer it is awaited. Raises AgentError."""
        client = self._require_client()
        if isinstance(client, AsyncRooms):
            return _tool_calls(client, self.turn.id)
        return client.tools.get_turn_tools(self.turn.id).tool_calls

    def undo(self) -> Any:
        """Takes back what the agent changed in cells and files for it, and gives the `Checkpoint`. Of an
        `AsyncClient`'s answer it is awaited.

        Raises Conflict where somebody has changed the same since: then nothing is taken back."""
        return self._require_client().tools.undo_turn(self.turn.id)

    def inspect(self) -> Any:
        """What the model saw for it, why it was asked, what happened when, what could be better: an `Inspection`. Of an
        `AsyncClient`'s answer it is awaited. Raises AgentError."""
        return self._require_client().inspect(self.turn)

    def _require_client(self) -> Client | AsyncClient:
        if self._client is None:
            raise AgentError("This answer was copied from elsewhere: use client.tools with its turn.id.")
        return self._client

    def _repr_markdown_(self) -> str:
        return self.text


def _answer(turn: Turn, text: str) -> Answer:
    return Answer.of(turn, text)


async def _tool_calls(client: AsyncRooms, turn_id: str) -> list[ToolCallRecord]:
    return (await client.tools.get_turn_tools(turn_id)).tool_calls


AnySession = str | Session | Answer
"""A conversation, as people name it: its id, itself, or an answer that was given in it."""


def session_id_of(session: AnySession) -> str:
    if isinstance(session, Answer):
        return session.session_id
    return session.id if isinstance(session, Session) else session


def turn_start(
    message: str,
    *,
    provider: str | None = None,
    model: str | None = None,
    variables: Variables | None = None,
    images: Any = None,
    parts: Sequence[InputPart] | None = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The fields of a `TurnStart` that say what is given here and nothing more.

    Raises TypeError for an option that there is not, and for an image that is none; AgentError for a variable or image
    that cannot be read."""
    options = options or {}
    unknown = set(options) - set(TurnStart.model_fields)
    if unknown:
        raise TypeError(f"unknown option {', '.join(sorted(unknown))}; a turn has {', '.join(TurnStart.model_fields)}")
    fields: dict[str, Any] = {"message": message, **options}
    if provider is not None:
        fields["provider"] = provider
    if model is not None:
        fields["model"] = model
    whole = [*(parts or []), *image_parts(images), *variable_parts(variables)]
    if whole:
        fields["parts"] = whole
    return fields


class Progress:
    """How far the events of a turn have been read: what both kinds of streams keep."""

    def __init__(self) -> None:
        self.text = ""
        """What has come so far."""
        self._last_index: int | None = None
        self._finished = False

    def _take(self, event: TurnEvent) -> None:
        self._last_index = event.index
        if event.type == "content":
            self.text += event.data["delta"]
        self._finished = event.type == "turn_finished"


def finish(turn: Turn, streamed: str, client: Client | AsyncClient | None = None) -> Answer:
    """The answer of a turn that has ended. Raises TurnFailed where it has none to use."""
    answer = Answer.of(turn, turn.answer if turn.answer is not None else streamed, client)
    if turn.stop_reason in FAILED:
        reason = turn.error.message if turn.error else f"The turn stopped: {turn.stop_reason}."
        if turn.stop_reason == "refused" and answer:
            reason = f"The provider refused: {answer.text}"
        code = turn.error.code if turn.error else turn.stop_reason
        raise TurnFailed(reason, turn=turn, answer=answer, code=code)
    return answer


def usage_line(turn: Turn) -> str:
    """One line of what a turn took: model, tokens, money, and why it stopped where it did not complete."""
    parts = ["/".join(part for part in (turn.provider, turn.model) if part)]
    parts.append(f"{turn.usage.input:,} tokens in, {turn.usage.output:,} out")
    if turn.usage.cost is not None:
        parts.append(f"${turn.usage.cost}")
    if turn.started_at and turn.finished_at:
        parts.append(f"{(turn.finished_at - turn.started_at).total_seconds():.1f} s")
    if turn.stop_reason not in (None, "completed"):
        parts.append(f"stopped: {turn.stop_reason}")
    return " · ".join(part for part in parts if part)
