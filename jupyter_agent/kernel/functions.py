"""`@agent.tool`: a typed function becomes a tool that the agent can call.

    import jupyter_agent as agent

    @agent.tool
    def price(fruit: str, kilos: float = 1) -> float:
        \"\"\"What a fruit costs.

        Args:
            fruit: its name in the price list
        \"\"\"

The model sees the signature and the docstring; the function stays as it is."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import re
import threading
import typing
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, overload

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.errors import PydanticUserError
from pydantic.fields import FieldInfo

from jupyter_agent.kernel.docstrings import parse
from jupyter_agent.kernel.results import failure, failure_of, result_of
from jupyter_agent.tools.models import Capability, ClientTool, ClientToolResult

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
MAX_DESCRIPTION = 4_000


@dataclass(frozen=True)
class FunctionTool:
    """A function, and how a model sees it."""

    function: Callable[..., Any]
    name: str
    description: str
    capabilities: tuple[Capability, ...] = ()
    timeout_seconds: float | None = None
    descriptions: Mapping[str, str] = field(default_factory=dict)
    """Of parameters, from the docstring."""

    @classmethod
    def of(
        cls,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        description: str | None = None,
        capabilities: Sequence[Capability] = (),
        timeout_seconds: float | None = None,
    ) -> FunctionTool:
        """Raises TypeError where it cannot be a tool, and says why."""
        if not callable(function):
            raise TypeError(f"{function!r} is no function")
        name = name or str(getattr(function, "__name__", ""))
        if not _NAME.fullmatch(name):
            raise TypeError(f"{name or function!r} cannot be the name of a tool; give one: @agent.tool(name='...')")
        said, descriptions = parse(inspect.getdoc(function) if hasattr(function, "__name__") else function.__doc__)
        tool = cls(
            function,
            name,
            (description if description is not None else said)[:MAX_DESCRIPTION],
            tuple(capabilities),
            timeout_seconds,
            descriptions,
        )
        _ = tool.input_schema  # what cannot be said is told here, not when a model calls it
        return tool

    @property
    def is_async(self) -> bool:
        return inspect.iscoroutinefunction(self.function)

    @cached_property
    def _parameters(self) -> dict[str, inspect.Parameter]:
        return dict(inspect.signature(self.function).parameters)

    @cached_property
    def _arguments(self) -> type[BaseModel]:
        """A model of the parameters: field `p0`, known as the first parameter's name, and so on, since a parameter may
        have a name that no field can have."""
        target = self.function if hasattr(self.function, "__name__") else type(self.function).__call__
        try:
            hints = typing.get_type_hints(target, include_extras=True)
        except Exception as error:
            # Whatever an annotation written as text evaluates to.
            raise TypeError(f"{self.name}: its types cannot be read: {error}") from None
        fields: dict[str, Any] = {}
        for position, (name, parameter) in enumerate(self._parameters.items()):
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise TypeError(f"{self.name}: a model cannot be told of {parameter}; name each parameter")
            if name not in hints:
                raise TypeError(f"{self.name}: the parameter {name} needs a type, as in {name}: str")
            default = ... if parameter.default is parameter.empty else parameter.default
            info: FieldInfo = Field(default, alias=name)
            if name in self.descriptions and not _described(hints[name]):
                info = Field(default, alias=name, description=self.descriptions[name])
            fields[f"p{position}"] = (hints[name], info)
            self._require_json(name, hints[name])
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)

    def _require_json(self, name: str, hint: Any) -> None:
        """Raises TypeError where no JSON can be a value of this type."""
        from pydantic import TypeAdapter

        try:
            TypeAdapter(hint).json_schema()
        except PydanticUserError as error:
            kind = getattr(hint, "__name__", None) or str(hint)
            raise TypeError(
                f"{self.name}: a model cannot write a value of type {kind} for {name}, since it is no JSON. Take its "
                "name or its path as a str, and look it up in the function."
            ) from error

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the parameters. Raises TypeError where there is none."""
        try:
            schema: dict[str, Any] = _without_titles(self._arguments.model_json_schema())
        except PydanticUserError as error:
            raise TypeError(f"{self.name}: {error.message}") from error
        schema.setdefault("properties", {})
        schema.pop("additionalProperties", None)
        return schema

    def offer(self) -> ClientTool:
        """As it is told to the server."""
        return ClientTool(
            name=self.name,
            description=self.description,
            input_schema=self.input_schema,
            capabilities=["client", *self.capabilities],
            timeout_seconds=self.timeout_seconds,
        )

    def _bound(self, arguments: Mapping[str, Any]) -> inspect.BoundArguments:
        """Raises ValidationError."""
        values = self._arguments.model_validate(dict(arguments))
        bound = inspect.signature(self.function).bind_partial()
        for position, name in enumerate(self._parameters):
            if f"p{position}" in values.model_fields_set:
                bound.arguments[name] = getattr(values, f"p{position}")
        return bound

    def call(self, tool_call_id: str, arguments: Mapping[str, Any]) -> ClientToolResult:
        """Calls it here and now, in this thread; a coroutine function in an event loop of its own, in another thread
        where this one is busy with a loop. What it raises is the result; KeyboardInterrupt is raised."""
        try:
            bound = self._bound(arguments)
            value = self.function(*bound.args, **bound.kwargs)
            if inspect.iscoroutine(value):
                value = run_coroutine(value)
            return result_of(tool_call_id, value)
        except ValidationError as error:
            return failure(tool_call_id, _explained(error))
        except (Exception, SystemExit) as error:
            return failure_of(tool_call_id, error)

    async def call_async(self, tool_call_id: str, arguments: Mapping[str, Any]) -> ClientToolResult:
        """The same in the event loop that runs: a coroutine function is awaited there."""
        try:
            bound = self._bound(arguments)
            value = self.function(*bound.args, **bound.kwargs)
            if inspect.isawaitable(value):
                value = await value
            return result_of(tool_call_id, value)
        except ValidationError as error:
            return failure(tool_call_id, _explained(error))
        except (Exception, SystemExit) as error:
            return failure_of(tool_call_id, error)


def run_coroutine(coroutine: Coroutine[Any, Any, T]) -> T:
    """Its result. Raises what it raises; KeyboardInterrupt where the waiting is interrupted, and cancels it then."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    outcome: list[Any] = []
    failures: list[BaseException] = []
    started: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []
    context = contextvars.copy_context()

    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        started.append((asyncio.get_running_loop(), task))
        outcome.append(await coroutine)

    def work() -> None:
        try:
            context.run(asyncio.run, run())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work, name="jupyter-agent-tool", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            # In steps, since Windows cannot interrupt a wait without an end.
            thread.join(0.2)
    except KeyboardInterrupt:
        for loop, task in started:
            loop.call_soon_threadsafe(task.cancel)
        raise
    if failures:
        raise failures[0]
    result: T = outcome[0]
    return result


def _described(hint: Any) -> bool:
    """Whether the annotation has a description of its own."""
    return any(isinstance(one, FieldInfo) and one.description for one in getattr(hint, "__metadata__", ()))


def _explained(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return "Wrong arguments: " + "; ".join(
        f"{'.'.join(str(place) for place in one['loc']) or 'arguments'}: {one['msg']}" for one in problems[:10]
    )


def _without_titles(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_titles(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _without_titles(one) for name, one in value.items()}
        if key in ("properties", "$defs")
        else _without_titles(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }


# The functions of this process ----------------------------------------------------------------------------------------

registered: dict[str, FunctionTool] = {}
"""By name: what `@agent.tool` made."""


@overload
def tool(function: F) -> F: ...
@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    capabilities: Sequence[Capability] = (),
    timeout_seconds: float | None = None,
) -> Callable[[F], F]: ...
def tool(
    function: F | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    capabilities: Sequence[Capability] = (),
    timeout_seconds: float | None = None,
) -> F | Callable[[F], F]:
    """Makes a typed function a tool of the agent, and gives it back as it was. With parentheses or without.

    Questions that are asked from this notebook or program offer it, and so do chats about this notebook in the lab.
    `name` and `description`: in place of the function's own name and docstring. `capabilities`: what it does beside
    running, such as "network" or "file_write"; the policy decides by it. `timeout_seconds`: how long it may take.

    Raises TypeError where the signature cannot be told to a model."""

    def register(function: F) -> F:
        made = FunctionTool.of(
            function,
            name=name,
            description=description,
            capabilities=capabilities,
            timeout_seconds=timeout_seconds,
        )
        registered[made.name] = made
        from jupyter_agent.kernel.registration import announce

        announce()
        return function

    return register if function is None else register(function)


def forget(*names: str) -> None:
    """Takes functions away again, all of them where none is named. Raises KeyError for a name that there is not."""
    for name in names or tuple(registered):
        del registered[name]
    from jupyter_agent.kernel.registration import announce

    announce()


AnyTool = str | Callable[..., Any]
"""What `tools=` takes: a function, or the name of one of the server's tools."""


def chosen(tools: Iterable[AnyTool] | AnyTool | None) -> tuple[dict[str, FunctionTool], list[str] | None]:
    """The functions that a question offers, by name, and the names of all tools that it allows (None for every one).

    Without `tools` these are the registered functions and all else; functions alone stand beside the server's tools;
    names say which of those are allowed. Raises TypeError for a function that cannot be a tool."""
    if tools is None:
        return dict(registered), None
    if isinstance(tools, str) or callable(tools):
        tools = [tools]
    functions: dict[str, FunctionTool] = {}
    names: list[str] = []
    for one in tools:
        if isinstance(one, str):
            names.append(one)
            if one in registered:
                functions[one] = registered[one]
        else:
            made = next((known for known in registered.values() if known.function is one), None)
            made = made or FunctionTool.of(one)
            functions[made.name] = made
    if names:
        return functions, [*names, *(name for name in functions if name not in names)]
    return functions, None if functions else []
