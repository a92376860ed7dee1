"""Tools for a notebook's kernel: run code, look at variables, interrupt, restart."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any

from jupyter_core.utils import ensure_async
from pydantic import Field

from jupyter_agent.documents.cells import new_cell
from jupyter_agent.documents.operations import Insert
from jupyter_agent.documents.rendering import fenced, plain, render
from jupyter_agent.tools.builtin.cells import (
    GOES_ON,
    apply,
    choose,
    free_kernel,
    outcome,
    planned,
    run,
    told,
    until_end,
)
from jupyter_agent.tools.models import Capability, Change
from jupyter_agent.tools.sensitive import is_secret_variable
from jupyter_agent.tools.tool import Picture, ToolContext, ToolError, ToolOutput, Toolset

if TYPE_CHECKING:
    from jupyter_agent.documents.kernels import KernelState

toolset = Toolset("kernel")

Path = Annotated[str | None, Field(description="Notebook; default: the current one.")]

PATIENCE_SECONDS = 15.0
"""How long a busy kernel is waited for where somebody only wants to look."""
COMPLETIONS = 50
RUNNING_CHARACTERS = 2_000
"""Of the end of what a running cell has written."""
SECRETS = (
    r"(^|_)(api_?key|key|token|secret|password|passwd|passphrase|pwd|credentials?|pat|cookie)s?(_|\d|$)"
    r"|(api|access|auth|secret|private)(key|token|password)"
)
_STEP = re.compile(r"""\.([A-Za-z_]\w*)|\[\s*(-?\d+|'[^'\\]*'|"[^"\\]*")\s*\]""")


# Running -------------------------------------------------------------------------------------------------------------


async def _preview_code(
    context: ToolContext, code: str, path: str | None = None, new_cell: bool = False
) -> list[Change]:
    if not new_cell:
        await choose(context, path)
        return []
    view = await context.services.documents.notebook(context.owner, await choose(context, path)).read()
    return planned(view, [Insert(_cell(code), view.ids[-1] if view.ids else None)])


def _cell(code: str) -> dict[str, Any]:
    return new_cell("code", code)


def _needs_of_code(arguments: Mapping[str, Any]) -> Sequence[Capability]:
    return ("notebook_edit",) if arguments.get("new_cell") else ()


@toolset.tool("execute", needs=_needs_of_code, paths=["path"], preview=_preview_code)
async def run_code(
    context: ToolContext,
    code: str,
    path: Path = None,
    new_cell: Annotated[bool, Field(description="Add it to the notebook as its last cell.")] = False,
) -> ToolOutput:
    """Run code in a notebook's kernel, without a cell."""
    path = await choose(context, path)
    documents = context.services.documents
    if new_cell:
        view = await documents.notebook(context.owner, path).read()
        await free_kernel(context, path)
        done, inserted = await apply(context, view, [Insert(_cell(code), view.ids[-1] if view.ids else None)])
        cell_id = str((done[0].after or {})["id"])
        view = await documents.notebook(context.owner, path).read()
        output = await run(context, view, [cell_id])
        output.text = f"Inserted as cell {cell_id}.\n{output.text}"
        output.metadata["changes"] = [*inserted, *output.metadata["changes"]]
        return output
    kernel, text = await free_kernel(context, path)
    execution = await documents.kernels.execute(kernel.id, code, listener=told(context))
    pictures: list[Picture] = []
    ended = await until_end(context, execution)
    text += await outcome(execution, pictures)
    if not ended:
        text += f"\n{GOES_ON}"
    failed = ended and execution.state != "done"
    metadata = {"path": path, "running": not ended, "kernel_id": kernel.id}
    return ToolOutput(text, pictures=pictures, is_error=failed, metadata=metadata)


# Looking -------------------------------------------------------------------------------------------------------------


@cache
def _introspection() -> str:
    return (files(__package__) / "introspection.py").read_text(encoding="utf-8")


async def _python(context: ToolContext, path: str | None) -> tuple[str, KernelState]:
    """The notebook, and its running kernel, which is one for Python. Raises ToolError."""
    path = await choose(context, path)
    kernel = await context.services.documents.kernel(context.owner, path).require()
    await context.services.tools.offers.refuse_waiting(context, kernel.id)
    if kernel.language and kernel.language.lower() != "python":
        raise ToolError(
            f"Variables can be looked at in Python only; the kernel of {path} is {kernel.name} ({kernel.language}). "
            "Use run_code with code of that language."
        )
    return path, kernel


async def _ask(context: ToolContext, kernel: KernelState, question: Mapping[str, Any]) -> dict[str, Any]:
    """What the kernel answers. It is asked with an expression, which leaves history, `_` and all names as they are."""
    asked = json.dumps({"secret": SECRETS, **question})
    expression = (
        f"(lambda g: (exec({_introspection()!r}, g), g['answer'](__import__('IPython').get_ipython(), {asked!r}))[1])"
        "({'__name__': 'introspection'})"
    )
    content = {
        "code": "",
        "silent": True,
        "store_history": False,
        "user_expressions": {"answer": expression},
        "allow_stdin": False,
        "stop_on_error": False,
    }
    kernels = context.services.documents.kernels
    reply = await kernels.ask(kernel.id, "execute_request", content, patience=PATIENCE_SECONDS)
    answer = (reply.get("user_expressions") or {}).get("answer") or {}
    if answer.get("status") != "ok":
        said = plain(f"{answer.get('ename', reply.get('status', 'no answer'))}: {answer.get('evalue', '')}")
        raise ToolError(f"The kernel could not be asked ({said[:300]}). Is it an IPython kernel?")
    found: dict[str, Any] = json.loads(ast.literal_eval(answer["data"]["text/plain"]))
    return found


@toolset.tool("read", paths=["path"])
async def list_variables(context: ToolContext, path: Path = None) -> ToolOutput:
    """List a kernel's variables: name, type, shape, size, short values."""
    path, kernel = await _python(context, path)
    found = await _ask(context, kernel, {"what": "variables"})
    rows = found["variables"]
    if not rows:
        return ToolOutput(f"The kernel of {path} has no variables.", metadata={"path": path, "variables": []})
    lines = []
    for one in rows:
        size = f", {one['size']:,} bytes" if one["size"] is not None else ""
        shape = f" [{one['shape']}]" if one["shape"] else ""
        value = f" = {one['value']}" if "value" in one else ""
        lines.append(f"{one['name']}: {one['type']}{shape}{value}{size}")
    if found["total"] > len(rows):
        lines.append(f"... and {found['total'] - len(rows):,} more")
    return ToolOutput("\n".join(lines), metadata={"path": path, "variables": rows})


def _needs_of_inspecting(arguments: Mapping[str, Any]) -> Sequence[Capability]:
    name = str(arguments.get("name", ""))
    parts = re.findall(r"\w+", name)
    secret = any(is_secret_variable(part) or re.search(SECRETS, part, re.IGNORECASE) for part in parts)
    return ("secret",) if secret or "environ" in parts else ()


@toolset.tool("read", needs=_needs_of_inspecting, paths=["path"])
async def inspect_variable(
    context: ToolContext,
    name: Annotated[str, Field(description="As df, model.layers[0] or config['a'].", max_length=500)],
    path: Path = None,
) -> ToolOutput:
    """Look at a variable: columns, dtypes, missing, head, describe; arrays, objects."""
    steps = _steps(name)
    path, kernel = await _python(context, path)
    found = await _ask(context, kernel, {"what": "inspect", "steps": steps})
    if "error" in found:
        raise ToolError(found["error"])
    return ToolOutput(f"{name}: {found['type']}\n{fenced(found['text'])}", metadata={"path": path})


def _steps(name: str) -> list[Any]:
    """A path as the kernel follows it: calls nothing. Raises ToolError."""
    name = name.strip()
    head = re.match(r"[A-Za-z_]\w*", name)
    steps: list[Any] = [head.group()] if head else []
    position = head.end() if head else 0
    while head and position < len(name):
        step = _STEP.match(name, position)
        if step is None:
            head = None
            break
        steps.append([".", step[1]] if step[1] else ["[]", ast.literal_eval(step[2])])
        position = step.end()
    if head is None:
        raise ToolError(f"{name!r} is no variable: name one, as df, model.layers[0] or config['a']. run_code computes.")
    return steps


@toolset.tool("read", paths=["path"])
async def complete_code(context: ToolContext, code: str, path: Path = None) -> ToolOutput:
    """What the kernel would complete at the end of this code."""
    path = await choose(context, path)
    kernel = await context.services.documents.kernel(context.owner, path).require()
    await context.services.tools.offers.refuse_waiting(context, kernel.id)
    # Positions are counted in characters of Unicode.
    asked = {"code": code, "cursor_pos": len(code)}
    kernels = context.services.documents.kernels
    reply = await kernels.ask(kernel.id, "complete_request", asked, patience=PATIENCE_SECONDS)
    matches = [str(match) for match in reply.get("matches") or ()]
    if not matches:
        return ToolOutput("Nothing.", metadata={"matches": []})
    more = f"\n... and {len(matches) - COMPLETIONS:,} more" if len(matches) > COMPLETIONS else ""
    return ToolOutput("\n".join(matches[:COMPLETIONS]) + more, metadata={"matches": matches[:COMPLETIONS]})


@toolset.tool("read", paths=["path"])
async def kernel_status(context: ToolContext, path: Path = None) -> ToolOutput:
    """Whether the kernel runs, and what in it."""
    path = await choose(context, path)
    documents = context.services.documents
    kernel = await documents.kernel(context.owner, path).find()
    if kernel is None:
        await documents.notebook(context.owner, path).read()
        specs: Any = documents.server.kernel_spec_manager
        names = ", ".join(sorted(await ensure_async(specs.get_all_specs())))
        return ToolOutput(f"No kernel runs for {path}. Installed: {names}.", metadata={"kernel": None})
    running = documents.kernels.executions(kernel.id)
    lines = [f"{path}: kernel {kernel.name}, {kernel.state}"]
    if kernel.state == "busy" and not any(one.state == "running" for one in running):
        lines.append("busy with something that the user, or another program, runs in it")
    for one in running:
        lines.append(f"now: {one.describe()}")
        text = render(one.area.outputs, pictures=0).text
        if text:
            cut = "..." if len(text) > RUNNING_CHARACTERS else ""
            lines.append(fenced(cut + text[-RUNNING_CHARACTERS:]))
    lines += [
        f"before: {ended.description}" + (f"\n{fenced(ended.text)}" if ended.text else "")
        for ended in documents.kernels.ended(kernel.id)[-5:]
    ]
    metadata = {"kernel": {"id": kernel.id, "name": kernel.name, "state": kernel.state}, "running": len(running)}
    return ToolOutput("\n".join(lines), metadata=metadata)


# Interrupting, restarting --------------------------------------------------------------------------------------------


async def _preview_kernel(context: ToolContext, path: str | None = None) -> list[Change]:
    """Nothing to show; says that there is no kernel before anybody is asked."""
    await context.services.documents.kernel(context.owner, await choose(context, path)).require()
    return []


@toolset.tool("execute", paths=["path"], preview=_preview_kernel)
async def interrupt_kernel(context: ToolContext, path: Path = None) -> ToolOutput:
    """Interrupt what the kernel runs."""
    path = await choose(context, path)
    documents = context.services.documents
    kernel = await documents.kernel(context.owner, path).require()
    running = documents.kernels.executions(kernel.id)
    await documents.kernels.interrupt(kernel.id)
    for one in running:
        await one.wait(PATIENCE_SECONDS)
    said = "; ".join(one.describe() for one in running) or f"it was {kernel.state}"
    return ToolOutput(f"Interrupted the kernel of {path}: {said}.", metadata={"path": path})


@toolset.tool("execute", paths=["path"], preview=_preview_kernel)
async def restart_kernel(context: ToolContext, path: Path = None) -> ToolOutput:
    """Restart the kernel: its variables are gone."""
    path = await choose(context, path)
    documents = context.services.documents
    kernel = await documents.kernel(context.owner, path).require()
    await context.services.tools.offers.refuse_waiting(context, kernel.id)
    await documents.kernels.restart(kernel.id)
    return ToolOutput(f"Restarted the kernel of {path}. Its variables are gone.", metadata={"path": path})
