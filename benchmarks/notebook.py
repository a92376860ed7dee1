"""A notebook of 2,000 cells and 50 MB of outputs: what it takes to look at it, to edit it and to undo that.

`notebook_map` over HTTP from a real server, the notebook in its file and no tab open: the first look after the file has
changed, which reads all of it, and later ones. Half of the outputs are text, half pictures in base64. An edit of one
cell is written into the file, which is read and written as a whole. Medians; the duration is the request's."""

from __future__ import annotations

import base64
import json
import os
import random
import statistics
import time
from pathlib import Path
from typing import Any

from tests.servers import JupyterServer

from .table import Row
from .through import running

CELLS, MEGABYTES = 2_000, 50
ROUNDS = 7
NAME = "large.ipynb"


def write(path: Path) -> None:
    """The notebook. Every third cell is Markdown."""
    code = [number for number in range(CELLS) if number % 3]
    share = MEGABYTES * 1_000_000 // len(code)
    seeded = random.Random(0)
    cells: list[dict[str, Any]] = []
    for number in range(CELLS):
        cell: dict[str, Any] = {"id": f"cell{number}", "metadata": {}}
        if number % 3 == 0:
            cells.append(
                {**cell, "cell_type": "markdown", "source": f"## Part {number}\n\nWhat is done next, and why."}
            )
            continue
        source = f"x{number} = load({number})\nx{number}.describe()\nplot(x{number})"
        if number % 2:
            text = "".join(f"{seeded.random():.6f}  {seeded.random():.6f}\n" for _ in range(share // 19))
            output: dict[str, Any] = {"output_type": "stream", "name": "stdout", "text": text}
        else:
            picture = base64.b64encode(seeded.randbytes(share * 3 // 4)).decode()
            data = {"image/png": picture, "text/plain": "<Figure>"}
            output = {"output_type": "display_data", "data": data, "metadata": {}}
        cells.append({**cell, "cell_type": "code", "execution_count": number, "source": source, "outputs": [output]})
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    path.write_text(json.dumps(content, indent=1))


def use(server: JupyterServer, name: str, **arguments: Any) -> tuple[float, str]:
    """Milliseconds of a tool's use, and what it said. Raises RuntimeError where it could not do it."""
    body = {"arguments": {"path": NAME, **arguments}, "approved": True}
    begun = time.perf_counter()
    answer = server.api("POST", f"/tools/{name}/call", json=body)
    taken = (time.perf_counter() - begun) * 1000
    if answer["is_error"]:
        raise RuntimeError(answer["content"])
    return taken, answer["content"]


def run() -> list[Row]:
    with running() as (server, _):
        path = server.root / NAME
        write(path)
        size = path.stat().st_size / 1e6
        use(server, "notebook_map")
        first, later, edits = [], [], []
        for number in range(ROUNDS):
            os.utime(path, (time.time(), time.time() + number))
            taken, text = use(server, "notebook_map", start=1_901)
            if "cell1999 " not in text:
                raise RuntimeError(f"this is no map of it: {text[:300]}")
            first.append(taken)
            later.append(use(server, "notebook_map", start=1_901)[0])
        for number in range(3):
            _, text = use(server, "read_cells", cell_ids=["cell1000"], outputs=False)
            hash_ = text.split("hash ")[1][:12]
            edits.append(use(server, "edit_cell", cell_id="cell1000", source=f"x = {number}", hash=hash_)[0])
    note = f"{CELLS:,} cells, {size:.0f} MB; median of {ROUNDS}"
    what = "edit of a cell in such a file"
    return [
        Row("cell map", statistics.median(later), "ms", "limit", None, "value", 100, note=note),
        Row("cell map, file just changed", statistics.median(first), "ms", "limit", None, "value", 100),
        Row(what, statistics.median(edits), "ms", "limit", None, "value", 3_000, note="read, checked, written, signed"),
    ]
