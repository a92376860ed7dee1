"""The chat panel as its user sees it: by roles, labels and words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect as expect

from ..servers import JupyterServer

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
OURS = [
    ".jp-agent-Panel",
    ".jp-agent-Menu",
    ".jp-agent-Provider",
    ".jp-agent-widget",
    ".jp-agent-StatusItem",
    ".jp-agent-Change",
    ".jp-agent-CellEdit",
    ".jp-agent-Fix",
    ".jp-agent-DiffTab",
    ".jp-agent-Costs",
    ".jp-agent-CostsOutput",
    ".jp-agent-Turns",
    ".jp-agent-TurnOutput",
]
"""What is this extension's on a page; the rest of it is JupyterLab's."""

OVERFLOW = """root => {
    const right = root.getBoundingClientRect().right;
    return [...root.querySelectorAll('*')]
        .filter(node => !node.closest('pre, table, svg, .jp-agent-spoken, mjx-container'))
        .filter(node => node.getBoundingClientRect().right > right + 1)
        .map(node => node.className);
}"""

FOCUS = """() => {
    const node = document.activeElement;
    if (!node || node === document.body) return null;
    const box = node.getBoundingClientRect();
    const at = (one, name) => getComputedStyle(one)[name];
    // What shows the focus: an outline, or the ring of the box around it.
    const ringed = one => (at(one, 'outlineStyle') !== 'none' && parseFloat(at(one, 'outlineWidth')) > 0)
        || at(one, 'boxShadow') !== 'none';
    let shown = false;
    for (let one = node, depth = 0; one && depth < 4; one = one.parentElement, depth++) shown ||= ringed(one);
    return {
        name: node.getAttribute('aria-label') || node.title || node.textContent.trim().slice(0, 60) || node.className,
        visible: box.width > 0 && box.height > 0 && getComputedStyle(node).visibility !== 'hidden'
            && node.checkVisibility({opacityProperty: true}),
        shown,
        ours: !!node.closest('.jp-agent-Panel, .jp-agent-Menu, .jp-Dialog'),
    };
}"""


class Panel:
    """One page with the panel open, in the side bar or, `area="main"`, in a tab."""

    def __init__(
        self, page: Any, server: JupyterServer, *, dark: bool = False, area: str = "right", url: str | None = None
    ) -> None:
        self.page = page
        self.server = server
        self.url = url or server.url
        self.dark = dark
        self.area = area

    def open(self, path: str = "lab", *, shown: bool = True) -> None:
        """Goes to a page of the lab. `shown=False` leaves the panel closed."""
        theme = "JupyterLab Dark" if self.dark else "JupyterLab Light"
        self._set("@jupyterlab/apputils-extension:themes", f'{{"theme": "{theme}"}}')
        self._set("jupyterlab-agent:chat", f'{{"area": "{self.area}"}}')
        self.page.goto(f"{self.url}{path}?token={self.server.token}&reset{'&agent-panel=open' if shown else ''}")
        if shown:
            self.wait_ready()
            if path == "lab" and self.area != "main":
                # JupyterLab opens its launcher late, and the panel takes the cursor back from it.
                self.page.locator(".jp-Launcher").wait_for()
                self.page.wait_for_timeout(300)

    def _set(self, plugin: str, raw: str) -> None:
        self.server.client.put(f"lab/api/settings/{plugin}", json={"raw": raw}).raise_for_status()

    def reload(self) -> None:
        self.page.reload()
        self.wait_ready()

    def wait_ready(self) -> None:
        """The panel is drawn and has heard from the server."""
        self.root.wait_for(timeout=60_000)
        self.page.evaluate("window.jupyterapp.restored.then(() => null)")
        self.input.wait_for()
        if self.server.api("GET", "/info")["default_model_ready"]:
            self.model_button.filter(has_not_text="No model").wait_for(timeout=30_000)

    @property
    def root(self) -> Any:
        return self.page.get_by_role("region", name="Agent chat", exact=True)

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

    def new_chat(self) -> None:
        # What is said about an error may have a button of this name, too.
        self.root.locator(".jp-agent-Header").get_by_role("button", name="New chat", exact=True).click()

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
        self.wait_drawn()

    def wait_drawn(self) -> None:
        expect(self.root.locator(".jp-agent-Markdown-block[aria-busy]")).to_have_count(0)

    def wait_until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        """Waits for what no element of the page shows. Raises AssertionError where it does not happen."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not happen"
            self.page.wait_for_timeout(50)

    def wait_copied(self, start: str) -> None:
        """The clipboard has come to hold a text that begins so."""
        self.wait_until(lambda: str(self.page.evaluate("navigator.clipboard.readText()")).startswith(start))

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

    def overflow(self, root: Any = None) -> list[str]:
        """Class names of what is wider than the panel, or than another place."""
        found: list[str] = (root or self.root).evaluate(OVERFLOW)
        return found

    def focused(self) -> dict[str, Any]:
        """What has the focus. Raises AssertionError where nobody has it, or where it is not to be seen."""
        found: dict[str, Any] | None = self.page.evaluate(FOCUS)
        assert found is not None, "the focus is lost"
        assert found["visible"], f"what has the focus is not to be seen: {found}"
        assert found["shown"], f"nothing shows where the focus is: {found}"
        return found

    def violations(self) -> list[str]:
        """What axe finds against WCAG 2.1 A and AA in what is ours on the page: rule, node, what to do."""
        if not AXE.exists():
            pytest.skip("ACCESSIBILITY WAS NOT CHECKED: axe-core is not there (npm ci in labextension/)")
        if not self.page.evaluate("'axe' in window"):
            self.page.add_script_tag(path=AXE)
        found: list[dict[str, Any]] = self.page.evaluate(
            """async selectors => {
                const include = selectors.filter(one => document.querySelector(one)).map(one => [one]);
                const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
                const result = await axe.run({include}, {runOnly: {type: 'tag', values}, resultTypes: ['violations']});
                return result.violations;
            }""",
            OURS,
        )
        return [
            f"{rule['id']}: {node['html'][:300]}: {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
            # Lumino's menus, all of them: a separator takes the focus.
            if not (rule["id"] == "aria-required-children" and "lm-Menu-content" in node["html"])
        ]

    def picture(self, path: Path, *, alone: bool = False) -> None:
        """Takes a picture of the page, or of the panel alone."""
        (self.root if alone else self.page).screenshot(path=path, animations="disabled", caret="initial")
