"""How a tool is declared: one typed function. Its schema, its place in the policy and its record follow from that."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_agent.tools.models import Capability, Change

if TYPE_CHECKING:
    from jupyter_agent.app import Services


class ToolError(Exception):
    """The tool could not do it: the message is what the model reads. Nothing was changed."""

    def __init__(self, message: str, **metadata: Any) -> None:
        super().__init__(message)
        self.message = message
        self.metadata = metadata


@dataclass(frozen=True)
class Picture:
    """A picture that a tool gives."""

    media_type: str
    data: bytes


@dataclass
class ToolOutput:
    """What a tool gives."""

    text: str
    """What the model reads; however long: what is too long is kept as a blob that the model can page through."""
    pictures: Sequence[Picture] = ()
    is_error: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)
    """What people and programs see beside it; JSON."""


class Report(Protocol):
    """Tells of a call's progress while it runs: a piece of text, or how far it is from 0 to 1."""

    def __call__(self, delta: str | None = None, fraction: float | None = None) -> None: ...


@dataclass
class ToolContext:
    """What a tool knows of its call."""

    services: Services
    owner: str
    tool_call_id: str
    session_id: str | None
    turn_id: str | None
    """None where a person uses the tool directly: there is no checkpoint then."""
    notebook: str | None
    """The notebook that is meant where the call names none: path from the server's root."""
    progress: Report


Run = Callable[..., Awaitable[ToolOutput | str]]
Preview = Callable[..., Awaitable[list[Change]]]
Needs = Callable[[Mapping[str, Any]], Sequence[Capability]]


@dataclass(frozen=True)
class Tool:
    """One tool. `run(context, **arguments)` does it, with validated arguments."""

    name: str
    description: str
    group: str
    run: Run
    capabilities: tuple[Capability, ...]
    """What every call needs."""
    needs: Needs | None = None
    """What a call needs besides, by its arguments."""
    paths: tuple[str, ...] = ()
    """Names of arguments that are paths from the server's root."""
    preview: Preview | None = None
    """What a call would change, without changing it; called with the same arguments as `run`. Raises ToolError where
    the call cannot work: nobody is asked about it then."""
    available: Callable[[Services], str | None] | None = None
    """Why it cannot be used now; None where it can."""

    @property
    def changes(self) -> bool:
        """Whether it may change something: calls that do run one after the other, in the order of the model's."""
        return self.capabilities != ("read",)

    @cached_property
    def function_schema(self) -> Any:
        """pydantic-ai's schema of the function, without the context."""
        from pydantic_ai.tools import Tool as AgentTool

        return AgentTool(_without_context(self.run), name=self.name, description=self.description).function_schema

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments, without titles: they cost tokens and say nothing."""
        return _without_titles(self.function_schema.json_schema)


class Toolset:
    """The tools of one group."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.tools: list[Tool] = []

    def tool(
        self,
        *capabilities: Capability,
        name: str | None = None,
        needs: Needs | None = None,
        paths: Sequence[str] = (),
        preview: Preview | None = None,
        available: Callable[[Services], str | None] | None = None,
    ) -> Callable[[Run], Run]:
        """Declares a function `async def name(context, ...)` as a tool; its docstring's first line is what models read.

        Argument descriptions, where a name does not say enough, are `Annotated[..., Field(description=...)]`."""

        def register(function: Run) -> Run:
            self.tools.append(
                Tool(
                    name=name or function.__name__,
                    description=(inspect.getdoc(function) or "").split("\n", 1)[0],
                    group=self.group,
                    run=function,
                    capabilities=capabilities or ("read",),
                    needs=needs,
                    paths=tuple(paths),
                    preview=preview,
                    available=available,
                )
            )
            return function

        return register


def _without_context(function: Run) -> Callable[..., Awaitable[Any]]:
    """The function as its schema is made of: without its first parameter."""
    import functools
    import typing

    signature = inspect.signature(function)
    first, *rest = signature.parameters.values()

    @functools.wraps(function)
    async def call(**arguments: Any) -> Any:
        raise RuntimeError("a schema is not called")

    hints = typing.get_type_hints(function, include_extras=True)
    hints.pop(first.name, None)
    del call.__wrapped__  # type: ignore[attr-defined]
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [one.replace(annotation=hints.get(one.name, one.annotation)) for one in rest]
    )
    call.__annotations__ = hints
    return call


def _without_titles(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: {name: _without_titles(one) for name, one in value.items()}
            if key == "properties"
            else _without_titles(value)
            for key, value in schema.items()
            if not (key == "title" and isinstance(value, str))
        }
    if isinstance(schema, list):
        return [_without_titles(one) for one in schema]
    return schema
