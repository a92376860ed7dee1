"""Notebook files: read without their outputs where nobody asks for them, written as Jupyter writes them.

All of it takes time with a large notebook, so it is called in a thread."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from jupyter_agent.documents.cells import Cell, joined, provisional_id
from jupyter_agent.documents.errors import InvalidNotebook


@dataclass(frozen=True)
class OutputState:
    """What is known of a cell's outputs without having them."""

    count: int
    error: str | None = None
    """The last error's name and message."""


@dataclass
class Skimmed:
    """A notebook without its outputs."""

    cells: list[Cell]
    """nbformat dicts with ids; code has no `outputs`."""
    metadata: dict[str, Any]
    states: dict[str, OutputState] = field(default_factory=dict)
    """By id, for code."""


@cache
def _wanted() -> Any:
    """pydantic's parser is told what is wanted: outputs, however large, never become Python objects."""
    from typing import NotRequired

    from pydantic import TypeAdapter
    from typing_extensions import TypedDict

    class OutputHead(TypedDict):
        output_type: str
        ename: NotRequired[str]
        evalue: NotRequired[str]

    class CellHead(TypedDict):
        id: NotRequired[str]
        cell_type: str
        source: str | list[str]
        metadata: NotRequired[dict[str, Any]]
        execution_count: NotRequired[int | None]
        outputs: NotRequired[list[OutputHead]]

    class NotebookHead(TypedDict):
        nbformat: int
        nbformat_minor: NotRequired[int]
        metadata: NotRequired[dict[str, Any]]
        cells: list[CellHead]

    return TypeAdapter(NotebookHead)


def skim(text: str, path: str) -> Skimmed:
    """Everything but the outputs. Raises InvalidNotebook."""
    from pydantic import ValidationError

    try:
        head = _wanted().validate_json(text)
    except ValidationError:
        # An older format, or something that is only nearly a notebook: the slow way knows, or says what is wrong.
        notebook, _ = parse(text, path)
        head = {"cells": notebook["cells"], "metadata": notebook["metadata"]}
    cells: list[Cell] = []
    states: dict[str, OutputState] = {}
    for cell in _identified(head["cells"]):
        kept = {**cell, "source": joined(cell.get("source")), "metadata": cell.get("metadata", {})}
        if kept["cell_type"] == "code":
            states[kept["id"]] = state_of(kept.pop("outputs", []))
            kept.setdefault("execution_count", None)
        cells.append(kept)
    return Skimmed(cells, head.get("metadata", {}), states)


def state_of(outputs: list[Any]) -> OutputState:
    errors = [output for output in outputs if output.get("output_type") == "error"]
    error = f"{errors[-1].get('ename', '')}: {errors[-1].get('evalue', '')}"[:200] if errors else None
    return OutputState(len(outputs), error)


def parse(text: str, path: str, notary: Any = None) -> tuple[dict[str, Any], str | None]:
    """The whole notebook as Jupyter's contents manager gives it, version 4.5 or later, every cell with an id; and the
    signature under which the notary knows it where somebody trusts its outputs.

    Raises InvalidNotebook."""
    try:
        notebook = json.loads(text)
        if notebook["nbformat"] == 4:
            notebook["cells"] = [_stored_cell(cell) for cell in notebook["cells"]]
            for transient in ("orig_nbformat", "orig_nbformat_minor", "signature"):
                notebook.setdefault("metadata", {}).pop(transient, None)
        else:
            notebook = _converted(text)
        signature = notary.compute_signature(notebook) if notary is not None else None
        cells = _identified(notebook["cells"])
    except Exception as error:  # nbformat raises whatever the malformed part makes it stumble over
        raise InvalidNotebook(f"{path!r} is no notebook that can be read: {type(error).__name__}: {error}") from error
    notebook["cells"] = cells
    if notebook.get("nbformat_minor", 0) < 5:
        notebook["nbformat_minor"] = 5
    return cast("dict[str, Any]", notebook), signature


def _converted(text: str) -> dict[str, Any]:
    """A notebook of an older format."""
    import nbformat

    reads: Any = nbformat.reader.reads
    convert: Any = nbformat.convert
    notebook: dict[str, Any] = convert(reads(text), 4)
    for cell in notebook["cells"]:
        del cell["id"]  # made up by the conversion, others each time
    return notebook


def _stored_cell(cell: Cell) -> Cell:
    """A cell as nbformat's own reader gives it; that takes ten times as long with a large notebook."""
    whole = {"cell_type": cell["cell_type"], **_joined_cell(cell)}
    whole["metadata"] = {key: value for key, value in cell.get("metadata", {}).items() if key != "trusted"}
    if "attachments" in cell:
        whole["attachments"] = {name: _joined_bundle(bundle) for name, bundle in cell["attachments"].items()}
    return whole


def cells_with_outputs(text: str, path: str, wanted: set[str] | None) -> list[Cell]:
    """These cells, whole; None for all. Raises InvalidNotebook."""
    try:
        notebook = json.loads(text)
        cells = _identified(notebook["cells"])
    except (ValueError, KeyError, TypeError, AttributeError):
        cells = parse(text, path)[0]["cells"]
    return [_joined_cell(cell) for cell in cells if wanted is None or cell["id"] in wanted]


def _joined_cell(cell: Cell) -> Cell:
    whole = {**cell, "source": joined(cell.get("source"))}
    if "outputs" in whole:
        whole["outputs"] = [_joined_output(output) for output in whole["outputs"]]
    return whole


def _joined_output(output: dict[str, Any]) -> dict[str, Any]:
    if "text" in output:
        return {**output, "text": joined(output["text"])}
    if "data" in output:
        return {**output, "data": _joined_bundle(output["data"])}
    return output


def _joined_bundle(bundle: dict[str, Any]) -> dict[str, Any]:
    """Data by its media type. What is JSON stays as it is: a list is a list there."""

    def is_json(media_type: str) -> bool:
        return media_type == "application/json" or (
            media_type.startswith("application/") and media_type.endswith("+json")
        )

    def is_lines(data: Any) -> bool:
        return isinstance(data, list) and all(isinstance(line, str) for line in data)

    return {
        media_type: "".join(data) if is_lines(data) and not is_json(media_type) else data
        for media_type, data in bundle.items()
    }


def _identified(cells: list[Any]) -> list[Cell]:
    """The cells, each with an id that no other has; the cells given stay as they are.

    Notebooks before format 4.5 have none, and broken tools copy them: such cells get their provisional id."""
    seen: set[str] = set()
    result: list[Cell] = []
    for position, cell in enumerate(cells):
        cell_id = cell.get("id")
        if not isinstance(cell_id, str) or not cell_id or cell_id in seen:
            cell_id = provisional_id(position, joined(cell.get("source")))
            while cell_id in seen:
                cell_id = provisional_id(position, cell_id)
            cell = type(cell)({**cell, "id": cell_id})
        seen.add(cell_id)
        result.append(cell)
    return result


def mark_trusted(notebook: dict[str, Any], trusted: bool, ran: set[str]) -> None:
    """Marks code as the contents manager does when it reads a notebook, so that saving keeps it trusted; cells that
    were run just now are trusted anyway."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["metadata"] = type(cell["metadata"])({**cell["metadata"], "trusted": trusted or cell["id"] in ran})
