"""Notebooks beside the panel: made as files, opened in the lab, read and edited as their user does."""

from __future__ import annotations

import json
from typing import Any

from .panel import Panel


def cell(source: str, identity: str, kind: str = "code", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"cell_type": kind, "id": identity, "metadata": {}, "source": source, **more}
    if kind == "code":
        made = {"execution_count": None, "outputs": [], **made}
    return made


def notebook(*cells: dict[str, Any]) -> str:
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


def open_document(page: Any, path: str) -> None:
    page.evaluate("path => window.jupyterapp.commands.execute('docmanager:open', {path}).then(() => null)", path)


def kernel_ready(page: Any) -> None:
    """Waits for the kernel of the notebook in front: what is run before it is there is not run at all."""
    page.evaluate(
        """() => {
            const open = [...window.jupyterapp.shell.widgets('main')];
            const panel = open.find(one => one.isVisible && one.content?.model?.cells);
            return panel.sessionContext.ready.then(() => null);
        }"""
    )


class Work:
    """A notebook beside the panel."""

    def __init__(self, panel: Panel, path: str) -> None:
        self.panel = panel
        self.page = panel.page
        open_document(self.page, path)
        self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").first.wait_for()
        self.root = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        kernel_ready(self.page)

    @property
    def cells(self) -> Any:
        return self.root.locator(".jp-Cell")

    def editor(self, index: int) -> Any:
        return self.cells.nth(index).locator(".jp-InputArea-editor .cm-content")

    def sources(self) -> list[str]:
        """Of all cells, as the model has them."""
        found: list[str] = self.page.evaluate(
            """() => {
                const open = [...window.jupyterapp.shell.widgets('main')];
                const panel = open.find(one => one.isVisible && one.content?.model?.cells);
                return panel.content.model.sharedModel.cells.map(one => one.getSource());
            }"""
        )
        return found

    def replace(self, index: int, text: str) -> None:
        """Types into a cell; nothing is saved."""
        self.editor(index).click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def menu(self, index: int, item: str) -> None:
        self.cells.nth(index).locator(".jp-InputPrompt, .jp-InputArea").first.click(button="right")
        self.page.locator(".lm-Menu-itemLabel", has_text=item).click()
