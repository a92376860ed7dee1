"""How a context that is too long for its budget is made shorter.

A request's messages are seen as three sections: the conversation before the question (in exchanges: what the user said
and what came of it), the question, and what the turn has done since (in steps: a response and the results of its
calls).
Exchanges and steps go or stay as a whole, so that every call keeps its result; the question always stays.

What was left out stays left out for the rest of the turn: a context that loses something else at each step would find
nothing in the provider's cache."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    SystemPromptPart,
    TextPart,
    ToolReturnPart,
    UserPromptPart,
    repair_messages,
)

Strategy = Literal["summarize", "shorten", "drop"]
What = Literal["history", "tool_result", "picture"]

END = 300
"""Characters that are kept of each end of a result that is shortened."""
WORTH_IT = 4 * END
"""Characters from which on a result is shortened."""
LEAST_CUT = 200
"""Characters of a text that are worth keeping when it has to be cut to fit."""
ROOM_AFTER = {"shorten": 0.75, "drop": 0.75, "summarize": 0.5}
"""Share of the threshold that is left full when a running turn is made shorter, so that it is not done at every step;
a summary costs a request, so it makes more room."""
_READS_ON = re.compile(r'read_result\(id="(\w+)"')


@dataclass
class Fragment:
    """A message, or as much of it as belongs to one section."""

    message: ModelMessage
    parts: list[Any]
    first: int
    """Place of its first part among all parts of the run's messages: these only ever grow, so it names the part."""


Group = list[Fragment]


@dataclass
class Sections:
    history: list[Group]
    prompt: Group
    steps: list[Group]

    def parts(self) -> Iterator[tuple[Literal["history", "prompt", "steps"], Any]]:
        for group in self.history:
            for fragment in group:
                for part in fragment.parts:
                    yield "history", part
        for fragment in self.prompt:
            for part in fragment.parts:
                yield "prompt", part
        for group in self.steps:
            for fragment in group:
                for part in fragment.parts:
                    yield "steps", part


@dataclass
class Shortened:
    """Everything that was taken out of a turn's context so far. JSON, so that a resumed turn goes on with it."""

    history: int = 0
    """Exchanges that are left out, the oldest ones."""
    steps: int = 0
    texts: dict[int, str] = field(default_factory=dict)
    """What stands in place of parts, by their place."""
    summary: str | None = None
    """What stands for the exchanges that are left out."""
    steps_summary: str | None = None
    tokens: dict[str, int] = field(default_factory=dict)
    """What it saved: of `history`, `steps`, `texts`."""
    pictures: int = 0
    _made: dict[int, Any] = field(default_factory=dict, repr=False)

    def __bool__(self) -> bool:
        return bool(self.history or self.steps or self.texts)

    def state(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in dataclasses.fields(self) if one.name != "_made"}

    @classmethod
    def of(cls, state: dict[str, Any]) -> Shortened:
        return cls(**{**state, "texts": {int(place): text for place, text in state["texts"].items()}})

    def part(self, place: int, part: Any) -> Any:
        """The part that stands in this place."""
        text = self.texts.get(place)
        if text is None:
            return part
        made = self._made.get(place)
        if made is None or made.content != text:
            made = self._made[place] = dataclasses.replace(part, content=text)
        return made

    def saved(self, what: str, tokens: int) -> None:
        self.tokens[what] = self.tokens.get(what, 0) + tokens


@dataclass
class Limits:
    total: int
    """Tokens from which on something has to go."""
    target: int
    """Tokens that are to be left then."""
    history: int
    """Tokens that the conversation may take, whatever the rest is."""


@dataclass
class Gone:
    """What one compaction took out of the context."""

    history: list[Group] = field(default_factory=list)
    steps: list[Group] = field(default_factory=list)
    results: dict[int, ToolReturnPart] = field(default_factory=dict)
    """Results that were shortened, whole, by their place."""
    cut: int = 0
    """Texts of the conversation that lost their middle."""

    def __bool__(self) -> bool:
        return bool(self.history or self.steps or self.results or self.cut)


def split(messages: Sequence[ModelMessage], history_parts: int) -> Sections:
    """The sections of a run's messages, of which the first so many parts are the conversation before the question."""
    history: list[Group] = []
    prompt: Group = []
    steps: list[Group] = []
    place = 0
    for message in messages:
        parts = list(message.parts)
        before = max(0, min(len(parts), history_parts - place))
        if before:
            old = Fragment(message, parts[:before], place)
            if not history or _begins_exchange(old):
                history.append([])
            history[-1].append(old)
        if len(parts) > before:
            new = Fragment(message, parts[before:], place + before)
            if not prompt:
                prompt.append(new)
            elif isinstance(message, ModelResponse) or not steps:
                steps.append([new])
            else:
                steps[-1].append(new)
        place += len(parts)
    return Sections(history, prompt, steps)


def _begins_exchange(fragment: Fragment) -> bool:
    return isinstance(fragment.message, ModelRequest) and not any(
        isinstance(part, ToolReturnPart) for part in fragment.parts
    )


def applied(sections: Sections, gone: Shortened) -> Sections:
    """The sections without what has gone."""
    if not gone:
        return sections
    history = [_with_texts(group, gone) for group in sections.history[gone.history :]]
    if gone.summary is not None:
        summary = ModelRequest(parts=[_note(gone, -1, SystemPromptPart, gone.summary)])
        history.insert(0, [Fragment(summary, list(summary.parts), -1)])
    prompt = [dataclasses.replace(fragment, parts=list(fragment.parts)) for fragment in sections.prompt]
    left_out = sections.steps[: gone.steps]
    if left_out and prompt:
        # What the user said meanwhile is never left out.
        said = [part for group in left_out for one in group for part in one.parts if isinstance(part, UserPromptPart)]
        note = _note(gone, -2, UserPromptPart, _steps_note(gone))
        prompt[-1].parts = [*prompt[-1].parts, note, *said]
    return Sections(history, prompt, [_with_texts(group, gone) for group in sections.steps[gone.steps :]])


def _note(gone: Shortened, key: int, kind: Callable[..., Any], text: str) -> Any:
    """The same object for the same text, so that it is counted once."""
    made = gone._made.get(key)
    if made is None or made.content != text:
        made = gone._made[key] = kind(content=text)
    return made


def _steps_note(gone: Shortened) -> str:
    if gone.steps_summary is not None:
        return f"<earlier_steps>\n{gone.steps_summary}\n</earlier_steps>"
    return f"[{gone.steps} earlier steps of yours at this task are left out, to save room.]"


def _with_texts(group: Group, gone: Shortened) -> Group:
    if not gone.texts:
        return group
    return [
        dataclasses.replace(one, parts=[gone.part(one.first + at, part) for at, part in enumerate(one.parts)])
        for one in group
    ]


def joined(sections: Sections) -> list[ModelMessage]:
    """The messages to send. Every call has its result."""
    groups = [*sections.history, sections.prompt, *sections.steps]
    messages: list[ModelMessage] = []
    for fragment in (one for group in groups for one in group):
        message: Any = fragment.message
        messages.append(dataclasses.replace(message, parts=fragment.parts))
    return repair_messages(messages, repair_last_response=False)


Size = Callable[[Any], int]
"""Tokens of a part."""


def compact(
    sections: Sections, gone: Shortened, size: Size, fixed: int, limits: Limits, strategy: Strategy, *, reads: bool
) -> Gone:
    """Takes out what has to go, and says in `gone` what that is. `fixed`: tokens of what is not in the sections;
    `reads`: whether the model can read a shortened result with `read_result`."""
    return _Compactor(sections, gone, size, fixed, limits, reads).run(strategy)


class _Compactor:
    def __init__(
        self, sections: Sections, gone: Shortened, size: Size, fixed: int, limits: Limits, reads: bool
    ) -> None:
        self._sections = sections
        self._gone = gone
        self._size = size
        self._fixed = fixed
        self._limits = limits
        self._reads = reads
        self._made = Gone()
        self._measure()
        self._goal = limits.target if self._total > limits.total else limits.total

    def _measure(self) -> None:
        now = applied(self._sections, self._gone)
        size = self._size
        self._history = sum(size(part) for group in now.history for one in group for part in one.parts)
        rest = (part for group in (now.prompt, *now.steps) for one in group for part in one.parts)
        self._total = self._fixed + self._history + sum(size(part) for part in rest)

    def _fits(self) -> bool:
        return self._total <= self._goal and self._history <= self._limits.history

    def run(self, strategy: Strategy) -> Gone:
        steps = self._sections.steps
        if strategy == "shorten":
            self._shorten(self._sections.history[self._gone.history :], in_history=True)
            self._shorten(steps[self._gone.steps : -1])
        self._drop_history()
        self._drop_steps()
        self._shorten(steps[-1:])
        return self._made

    def _shorten(self, groups: Sequence[Group], *, in_history: bool = False) -> None:
        """Cuts what tools gave, oldest first, until the rest fits."""
        for group in groups:
            for fragment in group:
                for at, part in enumerate(fragment.parts):
                    if self._fits():
                        return
                    if isinstance(part, ToolReturnPart) and (fragment.first + at) not in self._gone.texts:
                        self._shorten_one(fragment.first + at, part, in_history)

    def _shorten_one(self, place: int, part: ToolReturnPart, in_history: bool) -> None:
        text, pictures = _text(part)
        if len(text) <= WORTH_IT and not pictures:
            return
        # What the model can read again it is told how; in older turns the text itself says so, where it can.
        short = shortened(text, "" if in_history or not self._reads else PLACEHOLDER)
        if pictures:
            short += f"\n[{pictures} pictures are left out.]"
        new = dataclasses.replace(part, content=short)
        saved = self._size(part) - self._size(new)
        if saved <= 0:
            return
        self._gone.texts[place] = short
        self._gone.saved("texts", saved)
        self._gone.pictures += pictures
        self._made.results[place] = part
        self._total -= saved
        self._history -= saved if in_history else 0

    def _drop_history(self) -> None:
        groups = self._sections.history
        while not self._fits() and self._gone.history < len(groups):
            group = groups[self._gone.history]
            if self._gone.history == len(groups) - 1 and self._cut(group):
                return
            tokens = self._group_size(group)
            self._gone.history += 1
            self._gone.saved("history", tokens)
            self._made.history.append(group)
            self._total -= tokens
            self._history -= tokens

    def _drop_steps(self) -> None:
        groups = self._sections.steps
        while not self._fits() and self._total > self._goal and self._gone.steps < len(groups) - 1:
            group = groups[self._gone.steps]
            self._gone.steps += 1
            self._gone.saved("steps", self._group_size(group))
            self._made.steps.append(group)
            self._measure()

    def _group_size(self, group: Group) -> int:
        return sum(self._size(part) for one in _with_texts(group, self._gone) for part in one.parts)

    def _cut(self, group: Group) -> bool:
        """Cuts the longest text of what was said last: the question is most likely about it. False where that does
        not make it fit."""
        texts = [
            (fragment.first + at, part)
            for fragment in group
            for at, part in enumerate(fragment.parts)
            if isinstance(part, (TextPart, UserPromptPart, SystemPromptPart)) and isinstance(part.content, str)
        ]
        if not texts:
            return False
        place, part = max(texts, key=lambda one: len(one[1].content))
        over = max(self._total - self._goal, self._history - self._limits.history)
        tokens = self._size(part)
        if over >= tokens:
            return False
        text = str(part.content)
        keep = int(len(text) * (tokens - over) / tokens)
        while keep >= LEAST_CUT:
            short = middle_cut(text, keep)
            saved = tokens - self._size(dataclasses.replace(part, content=short))
            if saved >= over:
                self._gone.texts[place] = short
                self._gone.saved("history", saved)
                self._made.cut += 1
                self._total -= saved
                self._history -= saved
                return True
            keep = int(keep * 0.9) - 20
        return False


PLACEHOLDER = "blob_" + "0" * 32
"""As long as the id that comes in its place."""


def shortened(text: str, blob_id: str = "") -> str:
    """Both ends of a result, and how the model can read all of it."""
    if len(text) <= WORTH_IT:
        return text
    known = _READS_ON.search(text)
    id = known[1] if known is not None else blob_id
    more = f' read_result(id="{id}") reads all of it.' if id else ""
    return f"{text[:END]}\n[... {len(text) - 2 * END:,} characters are left out to save room.{more}]\n{text[-END:]}"


def middle_cut(text: str, keep: int) -> str:
    return f"{text[: keep // 2]}\n[... left out ...]\n{text[len(text) - keep // 2 :]}"


def has_own_blob(text: str) -> bool:
    """Whether a result says already where all of it is."""
    return _READS_ON.search(text) is not None


def _text(part: ToolReturnPart) -> tuple[str, int]:
    """What a tool gave as text, and how many pictures it gave."""
    content = part.content
    if isinstance(content, list):
        texts = [one for one in content if isinstance(one, str)]
        return "\n".join(texts), len(content) - len(texts)
    return content if isinstance(content, str) else part.model_response_str(), 0


def result_text(part: ToolReturnPart) -> str:
    return _text(part)[0]
