"""How a tool is declared: one typed function. Its schema, its place in the policy and its record follow from that."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NotRequired, Protocol, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from typing_extensions import TypedDict  # typing's own is not enough for pydantic before Python 3.12

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
    emit: Callable[..., None] | None = None
    """`emit(type, **data)` appends an event to the turn's log; None where a person uses the tool directly."""


Run = Callable[..., Awaitable[ToolOutput | str]]
Preview = Callable[..., Awaitable[list[Change]]]
Needs = Callable[[Mapping[str, Any]], Sequence[Capability]]
RunT = TypeVar("RunT", bound=Run)


class BadArguments(Exception):
    """A call's arguments do not fit; the message says which, for the model to read."""


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
    schema: Mapping[str, Any] | None = None
    """JSON Schema of the arguments, where they are not those of `run`'s signature: of a tool that a client offers."""

    @property
    def changes(self) -> bool:
        """Whether it may change something: calls that do run one after the other, in the order of the model's."""
        return self.capabilities != ("read",)

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """What arguments are that are left out."""
        parameters = inspect.signature(self.run).parameters.values()
        return {one.name: one.default for one in parameters if one.default is not one.empty}

    @cached_property
    def _arguments(self) -> TypeAdapter[dict[str, Any]]:
        """The function's parameters without the context. Those with a default may be missing."""
        _, *parameters = inspect.signature(self.run).parameters.values()
        hints = typing.get_type_hints(self.run, include_extras=True)
        fields = {
            one.name: hints[one.name] if one.default is one.empty else NotRequired[hints[one.name]]
            for one in parameters
        }
        make: Any = TypedDict
        made = make(f"{self.name}_arguments", fields)
        made.__pydantic_config__ = ConfigDict(extra="forbid")
        return TypeAdapter(made)

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments, without what costs tokens and says nothing: titles, null for what may be left
        out anyway."""
        if self.schema is not None:
            return dict(self.schema)
        schema: dict[str, Any] = _lean(self._arguments.json_schema())
        schema.pop("description", None)
        schema.pop("additionalProperties", None)
        schema.setdefault("properties", {})
        for one in inspect.signature(self.run).parameters.values():
            if one.name in schema["properties"] and isinstance(one.default, bool | int | float | str):
                schema["properties"][one.name]["default"] = one.default
        return schema

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as `run` takes them. Raises BadArguments."""
        if self.schema is not None:
            return _validate_schema(self.schema, arguments)
        try:
            return self._arguments.validate_python(dict(arguments))
        except ValidationError as error:
            said = [
                f"{'.'.join(str(place) for place in one['loc']) or 'arguments'}: {one['msg']}"
                for one in error.errors(include_url=False, include_input=False, include_context=False)[:10]
            ]
            raise BadArguments("; ".join(said)) from None


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
    ) -> Callable[[RunT], RunT]:
        """Declares a function `async def name(context, ...)` as a tool; its docstring's first line is what models read.

        Argument descriptions, where a name does not say enough, are `Annotated[..., Field(description=...)]`."""

        def register(function: RunT) -> RunT:
            self.tools.append(
                Tool(
                    name=name or str(getattr(function, "__name__", "")),
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


def _validate_schema(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        Draft202012Validator.check_schema(dict(schema))
        # An empty registry: a schema that comes from outside must not make the server fetch anything.
        validator = Draft202012Validator(dict(schema), registry=Registry())
        errors = list(validator.iter_errors(dict(arguments)))
    except (SchemaError, Unresolvable) as error:
        raise BadArguments(f"the tool's own schema is wrong: {str(error)[:300]}") from error
    if errors:
        said = [
            f"{'.'.join(str(place) for place in one.absolute_path) or 'arguments'}: {one.message}"[:300]
            for one in errors[:10]
        ]
        raise BadArguments("; ".join(said))
    return dict(arguments)


def _lean(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_lean(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        key: {name: _lean(one) for name, one in value.items()} if key in ("properties", "$defs") else _lean(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }
    choices = made.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [one for one in choices if one != {"type": "null"}]
        if len(rest) == 1:
            del made["anyOf"]
            made = {**rest[0], **made}
        else:
            made["anyOf"] = rest
    return made
