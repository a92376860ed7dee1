"""What tests of the notebook and kernel tools share: notebooks, direct calls, a tab that plays the lab."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_agent.documents.operations import (
    Delete,
    Move,
    Operation,
    ReplaceCell,
    RestoreCell,
    SetOutputs,
    SetSource,
    apply_operations,
)

from .conftest import Api

OUTPUT = {"output_type": "stream", "name": "stdout", "text": "1\n"}


def code(cell_id: str, source: str, outputs: list[Any] | None = None) -> dict[str, Any]:
    return {
        "id": cell_id,
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "execution_count": 1 if outputs else None,
        "outputs": outputs or [],
    }


def markdown(cell_id: str, source: str) -> dict[str, Any]:
    return {"id": cell_id, "cell_type": "markdown", "metadata": {}, "source": source}


def write_notebook(path: Path, *cells: dict[str, Any], minor: int = 5, **metadata: Any) -> Path:
    notebook = {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": cells}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def bytes_of(path: Path) -> bytes:
    return path.read_bytes()


def cells_of(path: Path) -> list[Any]:
    """A notebook file's cells, texts in one piece."""
    import nbformat

    reads: Any = nbformat.read
    cells: list[Any] = reads(path, as_version=4).cells
    return cells


class Tools:
    """Uses tools directly.

    text = await tools.ok("notebook_map", path="a.ipynb")
    """

    def __init__(self, api: Api) -> None:
        self.api = api

    async def __call__(self, tool: str, /, *, session_id: str | None = None, **arguments: Any) -> dict[str, Any]:
        body = {"arguments": arguments, "approved": True, "session_id": session_id}
        result: dict[str, Any] = await self.api.ok("POST", f"/tools/{tool}/call", json=body, timeout=120)
        return result

    async def ok(self, tool: str, /, **arguments: Any) -> str:
        result = await self(tool, **arguments)
        assert not result["is_error"], result["content"]
        return str(result["content"])

    async def error(self, tool: str, /, **arguments: Any) -> str:
        result = await self(tool, **arguments)
        assert result["is_error"], result["content"]
        return str(result["content"])


class Tab:
    """A lab tab that has one notebook, or one text file, open: it answers over a real WebSocket as the lab does."""

    def __init__(self, socket: Any, path: str, cells: list[dict[str, Any]] | None = None, text: str = "") -> None:
        self.socket = socket
        self.path = path
        self.cells = cells or []
        self.text = text
        self.dirty = True
        self.read_only = False
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.before_answering: Callable[[str, dict[str, Any]], None] | None = None
        """Called with each request; may close the tab."""
        self.closed = False
        self._task: asyncio.Task[None] | None = None

    async def open(self, *, active: bool = False) -> None:
        kind = "notebook" if self.path.endswith(".ipynb") else "file"
        document = {"path": self.path, "kind": kind, "dirty": self.dirty, "active": active}
        await self.send({"type": "offer", "tools": [], "documents": [document]})
        while json.loads(await self.socket.read_message())["type"] != "offered":
            continue
        self._task = asyncio.create_task(self._serve())

    async def send(self, frame: dict[str, Any]) -> None:
        await self.socket.write_message(json.dumps(frame))

    async def close(self) -> None:
        self.closed = True
        self.socket.close()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def cell(self, cell_id: str) -> dict[str, Any]:
        return next(cell for cell in self.cells if cell["id"] == cell_id)

    async def _serve(self) -> None:
        while (message := await self.socket.read_message()) is not None:
            frame = json.loads(message)
            if frame["type"] != "request":
                continue
            self.asked.append((frame["method"], frame["params"]))
            if self.before_answering is not None:
                self.before_answering(frame["method"], frame["params"])
            if self.closed:
                self.socket.close()
                return
            try:
                answer = {"result": self._do(frame["method"], frame["params"])}
            except LookupError as error:
                answer = {"error": error.args[0]}
            await self.send({"type": "result", "id": frame["id"], **answer})

    def _do(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "notebook/read":
                return self._read(params)
            case "notebook/apply":
                return self._apply(params)
            case "notebook/execution":
                cell = next((one for one in self.cells if one["id"] == params["cell_id"]), None)
                if cell is None:
                    raise LookupError({"code": "not_found", "message": "no such cell", "data": {}})
                if params["state"] == "running" and cell.get("state") != "running":
                    cell |= {"outputs": [], "execution_count": None}
                cell["state"] = params["state"]
                if params.get("outputs") is not None:
                    cell["outputs"] = (cell["outputs"] if params["append"] else []) + params["outputs"]
                if params.get("execution_count") is not None:
                    cell["execution_count"] = params["execution_count"]
                return {}
            case "notebook/save" | "file/save":
                self.dirty = False
                return {}
            case "file/read":
                return {"text": self.text, "dirty": self.dirty}
            case "file/apply":
                before = self.text
                if params["expect"] is not None and params["expect"] != before:
                    raise LookupError({"code": "conflict", "message": "changed", "data": {"text": before}})
                self.text = params["text"]
                return {"before": before}
        raise LookupError({"code": "unknown_method", "message": method, "data": {}})

    def _read(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = params.get("cell_ids")
        cells = [dict(cell) for cell in self.cells if wanted is None or cell["id"] in wanted]
        for cell in cells:
            cell.pop("state", None)
            if cell["cell_type"] == "code" and not params["outputs"]:
                errors = [one for one in cell["outputs"] if one["output_type"] == "error"]
                error = f"{errors[-1]['ename']}: {errors[-1]['evalue']}" if errors else None
                cell |= {"output_state": {"count": len(cell["outputs"]), "error": error}, "outputs": []}
        return {
            "cells": cells,
            "metadata": {"language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
            "kernel_id": None,
            "dirty": self.dirty,
            "read_only": self.read_only,
        }

    def _apply(self, params: dict[str, Any]) -> dict[str, Any]:
        from jupyter_agent.documents.errors import Conflict, InvalidEdit, UnknownCell

        if self.read_only:
            raise LookupError({"code": "read_only", "message": "read-only", "data": {}})
        try:
            self.cells, done = apply_operations(self.cells, [self._operation(one) for one in params["operations"]])
        except Conflict as error:
            data = {"cell_id": error.cell_id, "source": error.source}
            raise LookupError({"code": "conflict", "message": "changed", "data": data}) from None
        except UnknownCell as error:
            data = {"cell_id": error.cell_id}
            raise LookupError({"code": "not_found", "message": "none", "data": data}) from None
        except InvalidEdit as error:
            raise LookupError({"code": "invalid", "message": error.message, "data": {}}) from None
        self.dirty = True
        return {"results": [vars(one) for one in done]}

    def _operation(self, one: dict[str, Any]) -> Operation:
        match one["op"]:
            case "set_source":
                return SetSource(one["cell_id"], one["source"], one.get("expect"))
            case "insert":
                return RestoreCell(one["cell"], one["index"])
            case "delete":
                return Delete(one["cell_id"], one.get("expect"))
            case "replace":
                return ReplaceCell(one["cell_id"], one["cell"], one.get("expect"))
            case "set_outputs":
                return SetOutputs(one["cell_id"], one["outputs"], one["execution_count"])
            case "move":
                others = [cell["id"] for cell in self.cells if cell["id"] != one["cell_id"]]
                return Move(one["cell_id"], others[one["index"] - 1] if one["index"] else None)
        raise AssertionError(one)
