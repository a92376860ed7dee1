"""The chat panel as its user sees it: by roles, labels and words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from ..servers import JupyterServer


class Panel:
    """One page with the panel open."""

    def __init__(self, page: Any, server: JupyterServer, *, dark: bool = False) -> None:
        self.page = page
        self.server = server
        self.dark = dark

    def open(self) -> None:
        if self.dark:
            self.server.client.put(
                "lab/api/settings/@jupyterlab/apputils-extension:themes",
                json={"raw": '{"theme": "JupyterLab Dark"}'},
            ).raise_for_status()
        self.page.goto(f"{self.server.url}lab?token={self.server.token}&reset&agent-panel=open")
        self.wait_ready()

    def reload(self) -> None:
        self.page.reload()
        self.wait_ready()

    def wait_ready(self) -> None:
        """The panel is drawn and has heard from the server."""
        self.root.wait_for(timeout=60_000)
        self.page.evaluate("window.jupyterapp.restored.then(() => null)")
        self.input.wait_for()
        self.model_button.filter(has_not_text="No model").wait_for(timeout=30_000)

    @property
    def root(self) -> Any:
        return self.page.get_by_role("region", name="Agent chat")

    @property
    def input(self) -> Any:
        return self.root.locator("textarea")

    @property
    def model_button(self) -> Any:
        return self.root.locator(".jp-agent-Models-button")

    @property
    def conversation(self) -> Any:
        return self.root.get_by_role("region", name="Conversation")

    @property
    def answers(self) -> Any:
        return self.root.get_by_role("article", name="Agent")

    @property
    def answer(self) -> Any:
        """The last answer."""
        return self.answers.last

    @property
    def questions(self) -> Any:
        return self.root.get_by_role("article", name="You")

    @property
    def spoken(self) -> Any:
        """What a screen reader is told."""
        return self.root.locator(".jp-agent-spoken")

    @property
    def stop(self) -> Any:
        return self.root.get_by_role("button", name="Stop (Esc)")

    def button(self, name: str | re.Pattern[str]) -> Any:
        return self.root.get_by_role("button", name=name, exact=isinstance(name, str))

    def send(self, text: str) -> None:
        self.input.fill(text)
        self.input.press("Enter")

    def pick_model(self, name: str) -> None:
        self.model_button.click()
        self.root.get_by_role("combobox", name="Search models").fill(name)
        self.root.get_by_role("option", name=re.compile(re.escape(name))).first.click()
        self.model_button.filter(has_text=name).wait_for()

    def wait_finished(self, timeout: float = 30_000) -> None:
        """The last turn has come to its end, and all of it is drawn."""
        expect(self.answer).to_have_attribute("aria-busy", "false", timeout=timeout)
        expect(self.answer.locator(".jp-agent-Markdown-block[aria-busy]")).to_have_count(0)

    def widen(self, width: int) -> None:
        """Drags the side bar to this width."""
        box = self.root.bounding_box()
        self.page.mouse.move(box["x"] - 2, box["y"] + 300)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] - width - 2, box["y"] + 300, steps=4)
        self.page.mouse.up()

    def said(self) -> str:
        """The words of the last answer, without the panel's own."""
        return " ".join(self.answer.locator(".jp-agent-Markdown").all_inner_texts()).strip()

    def picture(self, path: Path) -> None:
        self.page.screenshot(path=path)
