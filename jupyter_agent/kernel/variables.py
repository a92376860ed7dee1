"""What a model is told about a variable: enough to work with it, never all of its data."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from jupyter_agent.kernel.errors import AgentError
from jupyter_agent.turns.models import ContextPart

MAX_CHARACTERS = 4_000
"""Of one variable's description."""
HEAD_ROWS = 5
MAX_COLUMNS = 50
ITEMS = 20
"""Of a collection."""


def describe(name: str, value: Any) -> str:
    """A variable in text: shape, columns, types and first rows of a table, shape and type of an array, length and
    beginning of a collection, else its repr; cut at `MAX_CHARACTERS`."""
    return cut(f"{name}: {describe_value(value)}")


def describe_value(value: Any) -> str:
    """The same of a value without a name: its type, and below it what it holds; not cut."""
    try:
        text = _describe(value)
    except Exception as error:
        # The variable is the user's: its repr can fail in any way, and the question should still be asked.
        text = f"(cannot be shown: {type(error).__name__}: {error})"
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    return f"{kind}\n{text}"


def cut(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    return text[:MAX_CHARACTERS] + f"\n... ({len(text) - MAX_CHARACTERS} more characters)"


def _describe(value: Any) -> str:
    # By what it can do, not by its class: pandas, polars and their likes need not be installed.
    if hasattr(value, "shape") and hasattr(value, "head") and hasattr(value, "columns"):
        return _table(value)
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        head = value.head(HEAD_ROWS) if hasattr(value, "head") else None
        lines = [f"shape: {tuple(value.shape)}", f"dtype: {value.dtype}"]
        # An array of any size has a short repr: numpy and its likes leave the middle out.
        lines.append(f"first {HEAD_ROWS} values:\n{head!r}" if head is not None else repr(value))
        return "\n".join(lines)
    if isinstance(value, str):
        return f"length: {len(value)}\n{value}"
    if isinstance(value, Mapping):
        shown = [f"{key!r}: {reprlib.repr(item)}" for key, item in islice(value.items(), ITEMS)]
        return "\n".join([f"length: {len(value)}", *shown, *(["..."] if len(value) > len(shown) else [])])
    if isinstance(value, (Sequence, set, frozenset)):
        shown = [reprlib.repr(item) for item in islice(value, ITEMS)]
        return "\n".join([f"length: {len(value)}", *shown, *(["..."] if len(value) > len(shown) else [])])
    return repr(value)


def _table(value: Any) -> str:
    columns = list(value.columns)
    types = value.dtypes
    lines = [f"shape: {tuple(value.shape)}", "columns:"]
    for position, column in enumerate(columns[:MAX_COLUMNS]):
        # A pandas Series, by position since names may repeat; a polars list.
        dtype = types.iloc[position] if hasattr(types, "iloc") else types[position]
        lines.append(f"  {column}: {dtype}")
    if len(columns) > MAX_COLUMNS:
        lines.append(f"  ... ({len(columns) - MAX_COLUMNS} more)")
    head = value.head(HEAD_ROWS)
    shown = head.to_string(max_cols=MAX_COLUMNS) if hasattr(head, "to_string") else str(head)
    return "\n".join([*lines, f"first {HEAD_ROWS} rows:", shown])


def variable_parts(variables: Mapping[str, Any] | Sequence[str] | None) -> list[ContextPart]:
    """Context parts for variables: given by name and value, or by name alone, then looked up in the notebook.

    Raises AgentError where a name is not defined there."""
    if not variables:
        return []
    if isinstance(variables, str):
        variables = [variables]
    if not isinstance(variables, Mapping):
        namespace = _notebook_namespace()
        missing = [name for name in variables if name not in namespace]
        if missing:
            raise AgentError(
                f"There is no variable {', '.join(missing)} in this notebook. Run the cell that defines it."
            )
        variables = {name: namespace[name] for name in variables}
    return [
        ContextPart(
            kind="variable",
            name=name,
            text=describe(name, value),
            metadata={"type": f"{type(value).__module__}.{type(value).__qualname__}"},
        )
        for name, value in variables.items()
    ]


def _notebook_namespace() -> Mapping[str, Any]:
    try:
        from IPython import get_ipython
    except ImportError:
        shell = None
    else:
        shell = get_ipython()
    if shell is None:
        raise AgentError("Names alone work in a notebook; elsewhere give variables={'name': value}.")
    namespace: dict[str, Any] = shell.user_ns
    return namespace
