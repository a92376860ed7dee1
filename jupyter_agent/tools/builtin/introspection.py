"""Looks at a Python kernel's variables. This file's text is run inside the kernel, in a namespace of its own that is
gone afterwards: it imports nothing large that the kernel has not imported, binds nothing in the user's namespace, and
works on any Python 3 that ipykernel works on."""

from __future__ import annotations

import contextlib
import difflib
import inspect
import json
import re
import sys
from typing import Any, Iterator  # noqa: UP035  (kernels may be old)

MOST_VARIABLES = 500
MOST_ITEMS = 30
MOST_TEXT = 8000
MOST_COLUMNS = 200
MOST_ROWS_TO_DESCRIBE = 2000000


def cut(text: str, most: int = MOST_TEXT) -> str:
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"


def line(value: Any, most: int = 80) -> str:
    """A value in one line."""
    try:
        text = repr(value)
    except Exception as error:  # a repr of somebody's own
        text = f"<repr failed: {type(error).__name__}>"
    return cut(" ".join(text.split()), most)


def type_name(value: Any) -> str:
    kind = type(value)
    if kind.__module__ in ("builtins", "__main__"):
        return str(kind.__qualname__)
    return f"{kind.__module__.split('.')[0]}.{kind.__qualname__}"


def loaded(name: str) -> Any:
    """A module, where the kernel has it already."""
    return sys.modules.get(name)


def kind_of(value: Any) -> str:
    pandas, numpy, polars = loaded("pandas"), loaded("numpy"), loaded("polars")
    if pandas is not None and isinstance(value, getattr(pandas, "DataFrame", ())):
        return "frame"
    if pandas is not None and isinstance(value, (getattr(pandas, "Series", ()), getattr(pandas, "Index", ()))):
        return "series"
    if polars is not None and isinstance(value, getattr(polars, "DataFrame", ())):
        return "polars"
    if numpy is not None and isinstance(value, getattr(numpy, "ndarray", ())):
        return "array"
    return "object"


def shape_of(value: Any) -> str:
    """Its shape or length, as text; empty where it has none."""
    if isinstance(value, (str, bytes, bytearray, list, tuple, dict, set, frozenset, range)):
        return str(len(value))
    shape = None if isinstance(value, type) else getattr(value, "shape", None)
    if not isinstance(shape, tuple):
        return ""
    return " x ".join(str(side) for side in shape) if shape else "scalar"


def size_of(value: Any) -> int | None:
    """Bytes that it takes, not counting what it refers to."""
    try:
        kind = kind_of(value)
        if kind == "frame":
            return int(value.memory_usage(index=True, deep=False).sum())
        if kind == "polars":
            return int(value.estimated_size())
        size = None if isinstance(value, type) else getattr(value, "nbytes", None)
        return int(size) if isinstance(size, int) else sys.getsizeof(value)
    except Exception:  # somebody's own __sizeof__ or __getattr__
        return None


def is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, complex, str, bytes))


def user_variables(shell: Any) -> Iterator[tuple[str, Any]]:
    hidden = shell.user_ns_hidden
    nothing = object()
    module = type(sys)
    for name, value in list(shell.user_ns.items()):
        known = name in ("In", "Out", "exit", "quit", "get_ipython", "open") or hidden.get(name, nothing) is value
        if not (known or name.startswith("_") or isinstance(value, module)):
            yield name, value


def variables(shell: Any, secret: re.Pattern[str]) -> dict[str, Any]:
    found = sorted(user_variables(shell), key=lambda one: one[0])
    rows = []
    for name, value in found[:MOST_VARIABLES]:
        row = {"name": name, "type": type_name(value), "shape": shape(value), "size": size_of(value)}
        if is_plain(value):
            row["value"] = "***" if secret.search(name) else line(value)
        rows.append(row)
    return {"variables": rows, "total": len(found)}


def shape(value: Any) -> str:
    try:
        return shape_of(value)
    except Exception:  # somebody's own __getattr__ or __len__
        return ""


def look_at_frame(frame: Any, secret: re.Pattern[str]) -> str:
    said = [f"{frame.shape[0]} rows x {frame.shape[1]} columns, {size_of(frame)} bytes"]
    rows = ["column\tdtype\tmissing"]
    missing = frame.isna().sum().tolist()
    columns = frame.columns.tolist()
    dtypes = frame.dtypes.tolist()
    for index, column in enumerate(columns[:MOST_COLUMNS]):
        rows.append(f"{column}\t{dtypes[index]}\t{missing[index]}")
    if len(columns) > MOST_COLUMNS:
        rows.append(f"... {len(columns) - MOST_COLUMNS} more columns")
    said.append("\n".join(rows))
    places = [index for index, column in enumerate(columns) if not secret.search(str(column))]
    masked = [str(column) for column in columns if secret.search(str(column))]
    if masked:
        said.append("not shown, for their names: " + ", ".join(masked))
    shown = frame.iloc[:, places[:50]]
    said.append("head:\n" + cut(shown.head(5).to_string(max_colwidth=60)))
    if len(frame) and shown.shape[1] and len(frame) <= MOST_ROWS_TO_DESCRIBE:
        said.append("describe:\n" + cut(shown.describe(include="all").to_string(max_colwidth=60)))
    return "\n\n".join(said)


def look_at_series(series: Any, secret: re.Pattern[str]) -> str:
    said = [f"{len(series)} values, dtype {series.dtype}, {int(series.isna().sum())} missing"]
    if not hasattr(series, "head"):
        return "\n\n".join([*said, cut(repr(series))])
    said.append("head:\n" + cut(series.head(10).to_string()))
    if len(series) and len(series) <= MOST_ROWS_TO_DESCRIBE:
        said.append("describe:\n" + cut(series.describe().to_string()))
    return "\n\n".join(said)


def look_at_polars(frame: Any, secret: re.Pattern[str]) -> str:
    said = [f"{frame.height} rows x {frame.width} columns, {size_of(frame)} bytes"]
    missing = frame.null_count().row(0) if frame.width else ()
    rows = ["column\tdtype\tmissing"]
    for index, (name, dtype) in enumerate(list(frame.schema.items())[:MOST_COLUMNS]):
        rows.append(f"{name}\t{dtype}\t{missing[index]}")
    said.append("\n".join(rows))
    shown = frame.select([name for name in frame.columns if not secret.search(name)][:50])
    said.append("head:\n" + cut(str(shown.head(5))))
    if frame.height and shown.width and frame.height <= MOST_ROWS_TO_DESCRIBE:
        said.append("describe:\n" + cut(str(shown.describe())))
    return "\n\n".join(said)


def look_at_array(array: Any, secret: re.Pattern[str]) -> str:
    numpy = loaded("numpy")
    said = [f"shape {array.shape}, dtype {array.dtype}, {array.nbytes} bytes"]
    if array.size and array.dtype.kind in "iufb" and array.size <= 50000000:
        bad = int(numpy.isnan(array).sum()) if array.dtype.kind == "f" else 0
        if bad == array.size:
            said.append("all NaN")
        else:
            low, high, mean = numpy.nanmin(array), numpy.nanmax(array), numpy.nanmean(array)
            said.append(f"min {low}, max {high}, mean {mean}" + (f", without {bad} NaN" if bad else ""))
    said.append(cut(numpy.array2string(array, threshold=200, edgeitems=4)))
    return "\n\n".join(said)


def look_at_dict(value: Any, secret: re.Pattern[str]) -> str:
    rows = []
    for key, item in list(value.items())[:MOST_ITEMS]:
        rows.append(f"{line(key, 60)}: {'***' if secret.search(str(key)) else described(item)}")
    if len(value) > MOST_ITEMS:
        rows.append(f"... {len(value) - MOST_ITEMS} more")
    return "\n".join(rows)


def look_at_items(value: Any) -> str:
    rows = []
    for index, item in enumerate(value):
        if index >= MOST_ITEMS:
            rows.append(f"... {len(value) - MOST_ITEMS} more")
            break
        rows.append(f"{index}: {described(item)}")
    return "\n".join(rows)


def look_at_code(value: Any) -> str:
    said = []
    try:
        said.append(f"{value.__name__}{inspect.signature(value)}")
    except (TypeError, ValueError):
        said.append(line(value))
    said.append(cut(inspect.getdoc(value) or "(no docstring)", 2000))
    # What is built in, or was not written in a file, has no source.
    with contextlib.suppress(TypeError, OSError):
        said.append("source:\n" + cut(inspect.getsource(value)))
    return "\n\n".join(said)


def look_at_object(value: Any, secret: re.Pattern[str]) -> str:
    if is_plain(value):
        return cut(value if isinstance(value, str) else repr(value))
    if isinstance(value, dict):
        return f"{len(value)} items\n{look_at_dict(value, secret)}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return f"{len(value)} items\n{look_at_items(value)}"
    if inspect.isroutine(value) or inspect.isclass(value):
        return look_at_code(value)
    said = []
    attributes = getattr(value, "__dict__", None)
    if not (isinstance(attributes, dict) and any(secret.search(str(name)) for name in attributes)):
        # A dataclass's repr would tell what is masked below.
        said.append(line(value, 2000))
    if isinstance(attributes, dict) and attributes:
        said.append("attributes:\n" + look_at_dict(attributes, secret))
    methods = [name for name in dir(type(value)) if not name.startswith("_")]
    if methods:
        said.append("its type has: " + cut(", ".join(methods), 1500))
    doc = inspect.getdoc(type(value))
    if doc:
        said.append(cut(doc, 1000))
    return "\n\n".join(said)


def described(value: Any) -> str:
    """A value inside another."""
    if is_plain(value):
        return line(value, 200)
    return f"{type_name(value)} ({shape(value)})" if shape(value) else type_name(value)


def find(shell: Any, steps: list[Any]) -> Any:
    """The value at a path: a name, then attributes and subscripts."""
    value = shell.user_ns[steps[0]]
    for kind, step in steps[1:]:
        value = getattr(value, step) if kind == "." else value[step]
    return value


def look(shell: Any, secret: re.Pattern[str], steps: list[Any]) -> dict[str, Any]:
    if steps[0] not in shell.user_ns:
        names = [name for name, _ in user_variables(shell)]
        near = difflib.get_close_matches(steps[0], names, n=5) or names[:20]
        return {"error": f"There is no variable {steps[0]!r}. There are: {', '.join(near) or 'none'}."}
    try:
        value = find(shell, steps)
    except Exception as error:  # a subscript or an attribute that is not there, or somebody's own that raises
        return {"error": cut(f"{type(error).__name__}: {error}", 1000)}
    looks = {"frame": look_at_frame, "series": look_at_series, "polars": look_at_polars, "array": look_at_array}
    try:
        text = looks.get(kind_of(value), look_at_object)(value, secret)
    except Exception as error:  # whatever an object of somebody's own does when it is looked at
        text = f"{line(value, 500)}\n(it could not be looked at further: {type(error).__name__}: {error})"
    return {"type": type_name(value), "text": text}


def answer(shell: Any, question: str) -> str:
    """JSON, in ASCII."""
    asked = json.loads(question)
    secret = re.compile(asked["secret"], re.IGNORECASE)
    if asked["what"] == "variables":
        return json.dumps(variables(shell, secret))
    return json.dumps(look(shell, secret, asked["steps"]))
