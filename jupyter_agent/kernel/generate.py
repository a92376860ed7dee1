"""Writes `operations.py`, the client's typed methods, from the route table.

python -m jupyter_agent.kernel.generate            writes it
python -m jupyter_agent.kernel.generate --check    fails where it is not up to date
"""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
import textwrap
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Union

from pydantic import BaseModel

from jupyter_agent.api.generated import run
from jupyter_agent.api.models import Page
from jupyter_agent.api.router import Operation

TARGET = Path(__file__).with_name("operations.py")

STREAMS: dict[str, dict[str, str]] = {
    "stream_logs": {"log": "LogRecord", "gap": "LogGap"},
    "stream_active_turns": {"snapshot": "ActiveTurns", "turn_started": "Turn", "turn_finished": "Turn"},
}
"""What the events of a stream are, by their names, where they are not a turn's: models of the operation's room."""

HEADER = '''\
"""One class a room, one method an operation of the API.

Written by `python -m jupyter_agent.kernel.generate`: do not edit.

Path parameters are positional, query parameters keywords; a body is given whole (a model or a dict) or by its fields.
Methods raise `jupyter_agent.AgentError`. What gives events goes on by itself after a cut.
"""

from __future__ import annotations

'''


class Imports:
    """The names that the generated code needs, by module."""

    def __init__(self) -> None:
        self._names: dict[str, set[str]] = {}

    def add(self, module: str, name: str) -> str:
        self._names.setdefault(module, set()).add(name)
        return name

    def render(self) -> str:
        return "".join(
            f"from {module} import {', '.join(sorted(names))}\n" for module, names in sorted(self._names.items())
        )


def render_type(hint: Any, imports: Imports) -> str:
    """The source of an annotation; constraints, which the server checks, are left out.

    Raises TypeError for what it does not know."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return render_type(arguments[0], imports)
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(render_type(argument, imports) for argument in arguments))
    if origin is Literal:
        return f"{imports.add('typing', 'Literal')}[{', '.join(map(repr, arguments))}]"
    if hint is None or hint is type(None):
        return "None"
    if hint is Any:
        return imports.add("typing", "Any")
    if origin in (list, dict, tuple):
        return f"{origin.__name__}[{', '.join(render_type(argument, imports) for argument in arguments)}]"
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        generic = hint.__pydantic_generic_metadata__
        if generic["origin"] is not None:
            inner = ", ".join(render_type(argument, imports) for argument in generic["args"])
            return f"{render_type(generic['origin'], imports)}[{inner}]"
        return imports.add(hint.__module__, hint.__name__)
    if isinstance(hint, type):
        return hint.__name__ if hint.__module__ == "builtins" else imports.add(hint.__module__, hint.__name__)
    raise TypeError(f"no source is known for the annotation {hint!r}")


@dataclass(frozen=True)
class Argument:
    name: str
    type: str
    default: str | None = None

    @property
    def source(self) -> str:
        return f"{self.name}: {self.type}" + (f" = {self.default}" if self.default is not None else "")


@dataclass(frozen=True)
class Method:
    """A method to be written, in both classes of its room."""

    name: str
    kind: Literal["json", "none", "download", "events", "iterate"]
    returns: str
    """The model, or what an event or item is."""
    operation: Operation


class Generator:
    """Holds what one run needs."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations
        self.imports = Imports()

    def source(self) -> str:
        """The whole module, formatted."""
        rooms = list(dict.fromkeys(operation.room for operation in self.operations))
        classes: list[str] = []
        for asynchronous in (False, True):
            for room in rooms:
                own = [operation for operation in self.operations if operation.room == room]
                classes.append("".join(self._class(room, own, asynchronous)))
            classes.append("".join(self._all(rooms, asynchronous)))
        self.imports.add("urllib.parse", "quote")
        self.imports.add("jupyter_agent.kernel.transport", "AsyncTransport")
        self.imports.add("jupyter_agent.kernel.transport", "Request")
        self.imports.add("jupyter_agent.kernel.transport", "Transport")
        return _formatted(HEADER + self.imports.render() + "\n\n" + "\n\n".join(classes))

    def methods(self, operation: Operation) -> Iterator[Method]:
        """The methods of an operation: its answer, its events, its items one after another, as far as it has them."""
        answer, events = method_names(operation)
        if operation.downloads:
            yield Method(answer, "download", "bytes", operation)
        elif operation.json_returns:
            yield Method(answer, "json", render_type(Union[operation.json_returns], self.imports), operation)  # noqa: UP007
        elif not operation.streams:
            yield Method(answer, "none", "None", operation)
        if operation.streams:
            kinds = STREAMS.get(operation.id)
            modules = [(operation.room, kind) for kind in kinds.values()] if kinds else [("turns", "TurnEvent")]
            for room, kind in modules:
                self.imports.add(f"jupyter_agent.{room}.models", kind)
            yield Method(events, "events", " | ".join(dict.fromkeys(kind for _, kind in modules)), operation)
        item = page_item(operation)
        if item is not None:
            yield Method("iter_" + answer.removeprefix("list_"), "iterate", render_type(item, self.imports), operation)

    def _class(self, room: str, operations: Iterable[Operation], asynchronous: bool) -> Iterator[str]:
        prefix, transport = ("Async", "AsyncTransport") if asynchronous else ("", "Transport")
        yield f"class {prefix}{room.title()}:\n"
        yield f'    """The operations of the room `{room}`."""\n\n'
        yield f"    def __init__(self, transport: {transport}) -> None:\n        self._transport = transport\n"
        for operation in operations:
            for method in self.methods(operation):
                yield "\n" + self._method(method, asynchronous)

    def _all(self, rooms: Iterable[str], asynchronous: bool) -> Iterator[str]:
        prefix, transport = ("Async", "AsyncTransport") if asynchronous else ("", "Transport")
        yield f"class {prefix}Rooms:\n"
        yield '    """Every room of the API, as attributes."""\n\n'
        yield f"    def __init__(self, transport: {transport}) -> None:\n"
        for room in rooms:
            yield f"        self.{room} = {prefix}{room.title()}(transport)\n"

    def _method(self, method: Method, asynchronous: bool) -> str:
        operation = method.operation
        path = [Argument(name, "str") for name in operation.path_names]
        query = list(self._query(operation, method))
        body, fields = self._body(operation, method)
        key = [Argument("idempotency_key", "str | None", "None")] if operation.idempotent else []
        positional = ["self", *(argument.source for argument in [*path, *body])]
        keywords = [argument.source for argument in [*query, *fields, *key]]
        signature = ", ".join([*positional, *(["*", *keywords] if keywords else [])])
        returns, word = self._returns(method, asynchronous)
        doc = _doc(method)
        lines = self._lines(method, asynchronous, query, fields)
        return f"    {word} {method.name}({signature}) -> {returns}:\n{doc}" + "".join(
            f"        {line}\n" for line in lines
        )

    def _returns(self, method: Method, asynchronous: bool) -> tuple[str, str]:
        if method.kind in ("events", "iterate"):
            name = self.imports.add("collections.abc", "AsyncIterator" if asynchronous else "Iterator")
            # An async generator is called, not awaited; only what is written with `yield` is an `async def`.
            word = "async def" if asynchronous and method.kind == "iterate" else "def"
            return f"{name}[{method.returns}]", word
        return method.returns, "async def" if asynchronous else "def"

    def _query(self, operation: Operation, method: Method) -> Iterator[Argument]:
        hints = typing.get_type_hints(operation.function, include_extras=True)
        parameters = inspect.signature(operation.function).parameters
        for name in operation.query_names:
            if method.kind == "iterate" and name in ("limit", "offset"):
                continue
            if method.kind == "events" and name == "wait":
                continue
            default = parameters[name].default
            yield Argument(
                name,
                render_type(hints[name], self.imports),
                None if default is inspect.Parameter.empty else repr(default),
            )

    def _body(self, operation: Operation, method: Method) -> tuple[list[Argument], list[Argument]]:
        """The positional body and the keywords for its fields."""
        kind = body_model(operation)
        if operation.body_type is None:
            return [], []
        if kind is None:
            raise TypeError(f"{operation.id}: a body is a model")
        taken = {*operation.path_names, *operation.query_names, "body", "idempotency_key"}
        for name in ("UNSET", "Unset", "json_body"):
            self.imports.add("jupyter_agent.kernel.transport", name)
        fields = []
        for name, info in kind.model_fields.items():
            if name in taken:
                raise ValueError(f"{operation.id}: {name} is a parameter and a field of its body")
            if method.kind == "events" and name == "stream":
                continue
            hint = render_type(info.annotation, self.imports)
            plain = hint.removesuffix(" | None")
            fields.append(Argument(name, f"{plain} | Unset{hint[len(plain) :]}", "UNSET"))
        mapping = f"{self.imports.add('collections.abc', 'Mapping')}[str, {self.imports.add('typing', 'Any')}]"
        return [Argument("body", f"{render_type(kind, self.imports)} | {mapping} | None", "None")], fields

    def _lines(
        self, method: Method, asynchronous: bool, query: Sequence[Argument], fields: Sequence[Argument]
    ) -> Iterator[str]:
        operation = method.operation
        names = [argument.name for argument in query]
        if method.kind == "iterate":
            arguments = [*operation.path_names, *(f"{name}={name}" for name in names), "limit=100", "offset=offset"]
            wait = "await " if asynchronous else ""
            yield "offset = 0"
            yield "while True:"
            yield f"    page = {wait}self.{operation.id}({', '.join(arguments)})"
            if asynchronous:
                yield "    for item in page.items:"
                yield "        yield item"
            else:
                yield "    yield from page.items"
            yield "    offset += len(page.items)"
            yield "    if not page.items or offset >= page.total:"
            yield "        return"
            return
        path = re.sub(r"{(\w+)}", r"{quote(\1, safe='')}", operation.path)
        options = [repr(operation.method), ("f" if operation.path_names else "") + f'"{path}"']
        if names:
            options.append("query={" + ", ".join(f'"{name}": {name}' for name in names) + "}")
        kind = body_model(operation)
        if kind is not None:
            pairs = [f'"{argument.name}": {argument.name}' for argument in fields]
            fixed = ", stream=True" if method.kind == "events" and "stream" in kind.model_fields else ""
            value = f"json_body({kind.__name__}, body, {{{', '.join(pairs)}}}{fixed})"
            options.append(f"body={value}")
        if operation.idempotent:
            options.append("idempotency_key=idempotency_key or new_key()")
            self.imports.add("jupyter_agent.kernel.transport", "new_key")
        if "wait" in names:
            options.append("unbounded=wait")
        elif operation.streams and method.kind == "json" and operation.method == "POST":
            # The answer comes when what it would have streamed has ended.
            options.append("unbounded=True")
        yield f"request = Request({', '.join(options)})"
        wait = "await " if asynchronous else ""
        if method.kind == "events":
            kinds = STREAMS.get(operation.id)
            if kinds is None:
                yield "return self._transport.turn_events(request)"
            else:
                table = ", ".join(f'"{name}": {kind}' for name, kind in kinds.items())
                yield f"return self._transport.events({{{table}}}, request)"
        elif method.kind == "download":
            yield f"return {wait}self._transport.download(request)"
        elif method.kind == "none":
            yield f"{wait}self._transport.send(request)"
        elif "|" in method.returns:
            self.imports.add("pydantic", "TypeAdapter")
            self.imports.add("typing", "Any")
            yield f"kind: TypeAdapter[Any] = TypeAdapter({method.returns})"
            yield f"answer: {method.returns} = {wait}self._transport.json(kind, request)"
            yield "return answer"
        else:
            yield f"return {wait}self._transport.json({method.returns}, request)"


def body_model(operation: Operation) -> type[BaseModel] | None:
    """The model of the body, where it has one."""
    kinds = [operation.body_type, *typing.get_args(operation.body_type)]
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def method_names(operation: Operation) -> tuple[str, str]:
    """The names of the method that gives the answer and of the one that gives events: the operation's id, and where it
    can do both, one of them changed."""
    if not (operation.streams and (operation.json_returns or operation.downloads)):
        return operation.id, operation.id
    if operation.id.startswith("stream_"):
        return operation.id.removeprefix("stream_"), operation.id
    return operation.id, operation.id + "_events"


def page_item(operation: Operation) -> Any | None:
    """What a page of this operation holds; None where its answer is no page that can be turned."""
    if len(operation.json_returns) != 1 or not {"limit", "offset"} <= set(operation.query_names):
        return None
    kind = operation.json_returns[0]
    if isinstance(kind, type) and issubclass(kind, Page):
        return typing.get_args(kind.model_fields["items"].annotation)[0]
    return None


def _doc(method: Method) -> str:
    operation = method.operation
    text = operation.description.replace("\\", "\\\\").replace('"""', "'''")
    first, _, rest = text.partition("\n")
    extra = {
        "events": "Gives its events as they come, and goes on by itself after a cut.",
        "iterate": "Gives one after another, over all pages.",
    }.get(method.kind, "")
    parts = [first, extra, rest.strip(), f"`{operation.method} {operation.path}`"]
    # A line that fitted in the route's docstring is four columns further right here.
    lines = [
        short
        for line in "\n\n".join(part for part in parts if part).splitlines()
        for short in textwrap.wrap(line, 108) or [""]
    ]
    if len(lines) == 1:
        return f'        """{lines[0]}"""\n'
    return (
        f'        """{lines[0]}\n' + "".join(f"        {line}".rstrip() + "\n" for line in lines[1:]) + '        """\n'
    )


def _formatted(source: str) -> str:
    """Through ruff, which the project's formatting is. Raises RuntimeError where there is none."""
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if ruff is None:
        raise RuntimeError("ruff formats the generated code and is not installed: pip install ruff")
    for arguments in (["check", "--fix", "--exit-zero", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run(
            [ruff, *arguments, "--stdin-filename", str(TARGET), "-"],
            input=source,
            capture_output=True,
            text=True,
            check=False,
            cwd=TARGET.parent,
        )
        if done.returncode != 0:
            raise RuntimeError(f"ruff {arguments[0]}: {done.stderr or done.stdout}")
        source = done.stdout
    return source


def generate() -> str:
    """The source of `operations.py` as the route table now wants it."""
    from jupyter_agent.api.table import operations

    return Generator([operation for operation in operations() if not operation.hidden]).source()


def main(arguments: Sequence[str] | None = None) -> int:
    return run("jupyter_agent.kernel.generate", generate, TARGET, arguments)


if __name__ == "__main__":
    sys.exit(main())
