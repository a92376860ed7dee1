"""What a waiting cell does in its own kernel for the agent: the server could not, since the kernel is busy waiting."""

from __future__ import annotations

import base64
import re
import reprlib
import types
from typing import Any

from jupyter_agent.kernel.functions import FunctionTool
from jupyter_agent.kernel.registration import kernel_id
from jupyter_agent.kernel.results import Outcome, picture_of
from jupyter_agent.kernel.variables import describe_value
from jupyter_agent.tools.models import ClientToolImage

MAX_VARIABLES = 200
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def _shell() -> Any:
    from IPython import get_ipython

    return get_ipython()


def run_code(code: str) -> Outcome:
    """Run code in the notebook's kernel; gives output, result, errors and plots. What it shows appears in the cell."""
    from IPython.utils.capture import capture_output

    shell = _shell()
    count = shell.execution_count
    with capture_output() as captured:
        result = shell.run_cell(code, store_history=False)
    shell.execution_count = count
    captured.show()  # type: ignore[no-untyped-call]
    texts: list[str] = [captured.stdout, captured.stderr]
    pictures: list[ClientToolImage] = []
    for output in captured.outputs:
        for kind in PICTURES:
            data = output.data.get(kind)
            if data is not None:
                pictures.append(picture_of(kind, base64.b64decode(data) if isinstance(data, str) else bytes(data)))
                break
        else:
            texts.append(str(output.data.get("text/markdown") or output.data.get("text/plain") or ""))
    error = result.error_before_exec or result.error_in_exec
    if isinstance(error, KeyboardInterrupt):
        raise error
    if error is not None and f"{type(error).__name__}" not in "".join(texts):
        texts.append(f"{type(error).__name__}: {error}")
    text = "\n".join(part.rstrip("\n") for part in texts if part.strip())
    return Outcome(_without_colors(text) or "(no output)", pictures, error is not None)


def list_variables() -> str:
    """The notebook's variables: name, type, shape or length."""
    lines = []
    for name, value in _variables().items():
        kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
        size = _size(value)
        short = "" if size else f" = {reprlib.repr(value)}"
        lines.append(f"{name}: {kind}{size}{short}")
    more = [f"... ({len(lines) - MAX_VARIABLES} more)"] if len(lines) > MAX_VARIABLES else []
    return "\n".join([*lines[:MAX_VARIABLES], *more]) or "(no variables)"


def inspect_variable(name: str) -> str:
    """What a variable holds: columns, types, missing values, first rows and numbers of a table; shape of an array."""
    shell = _shell()
    if name not in shell.user_ns:
        raise NameError(f"there is no variable {name!r}")
    value = shell.user_ns[name]
    text = f"{name}: {describe_value(value)}"
    if all(hasattr(value, one) for one in ("isna", "describe", "columns")):
        missing = value.isna().sum()
        text += f"\nmissing:\n{missing[missing > 0].to_string() if missing.any() else 'none'}"
        text += f"\ndescribe:\n{value.describe().to_string()}"
    return text


def _variables() -> dict[str, Any]:
    shell = _shell()
    return {
        name: value
        for name, value in shell.user_ns.items()
        if not name.startswith("_")
        and name not in shell.user_ns_hidden
        and not isinstance(value, (types.ModuleType, types.FunctionType, type))
    }


def _size(value: Any) -> str:
    try:
        if hasattr(value, "shape"):
            return f" {tuple(value.shape)}"
        if isinstance(value, (list, tuple, dict, set, frozenset)):
            return f" ({len(value)})"
    except Exception:
        # It is the user's: looking at it can fail in any way.
        return ""
    return ""


def _without_colors(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def own_tools() -> tuple[str, dict[str, FunctionTool]] | None:
    """The id of the kernel that this process is, and the tools it has to run itself while a cell of it waits; None
    outside a kernel."""
    own = kernel_id()
    if own is None or _shell() is None:
        return None
    made = [
        FunctionTool.of(run_code, capabilities=["execute"]),
        FunctionTool.of(list_variables, capabilities=["read"]),
        FunctionTool.of(inspect_variable, capabilities=["read"]),
    ]
    return own, {one.name: one for one in made}
