"""The panel in every state, in both themes, in a side bar of 280 and 400 pixels and in a tab of its own: nothing is
wider than its place, and axe finds nothing.

Where `PANEL_PICTURES` names a folder, a picture of each is written there, to be looked at. Otherwise only the narrowest
and the widest look are tried, one in each theme.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed")

from ..scripted_provider import ScriptedProvider
from ..servers import JupyterServer, put_weights
from .conftest import make_lab
from .panel import Panel, expect
from .states import Stage, at_start
from .turn_states import STATES

PICTURES = os.environ.get("PANEL_PICTURES")
WIDTHS = {"280": 280, "400": 400, "tab": None}
EVERY_LOOK = [(theme, width) for theme in ("light", "dark") for width in WIDTHS]
LOOKS = EVERY_LOOK if PICTURES else [("dark", "280"), ("light", "tab")]


def show(page: Any, server: JupyterServer, theme: str, width: str) -> Panel:
    panel = Panel(page, server, dark=theme == "dark", area="main" if width == "tab" else "right")
    panel.open()
    if (pixels := WIDTHS[width]) is not None:
        panel.widen(pixels)
        assert abs(panel.root.bounding_box()["width"] - pixels) < 12
    return panel


def check(panel: Panel, name: str, look: tuple[str, str]) -> None:
    # What comes up or fades away has done so.
    panel.page.wait_for_timeout(200)
    if panel.root.is_visible():
        # What shows turns may stand before it.
        assert panel.overflow() == []
    for beside in panel.page.locator(".jp-agent-Turns:not(.lm-mod-hidden)").all():
        assert panel.overflow(beside) == []
    if PICTURES:
        folder = Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        theme, width = look
        panel.picture(folder / f"{name}-{theme}-{width}.png")
    assert panel.violations() == []


@pytest.fixture(scope="module", params=LOOKS, ids="-".join)
def stage(
    request: pytest.FixtureRequest, staged: JupyterServer, provider: ScriptedProvider, chromium: Any
) -> Iterator[tuple[Stage, tuple[str, str]]]:
    theme, width = request.param
    context = chromium.new_context(viewport={"width": 1000, "height": 760})
    panel = show(context.new_page(), staged, theme, width)
    yield Stage(panel, provider, staged), request.param
    context.close()


@pytest.mark.parametrize("name", STATES)
def test_state(stage: tuple[Stage, tuple[str, str]], name: str) -> None:
    one, look = stage
    at_start(one)
    STATES[name](one)
    check(one.panel, name, look)


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_first_run(real_weights: Path, chromium: Any, tmp_path: Path, look: tuple[str, str]) -> None:
    server = make_lab(tmp_path / "lab")
    put_weights(server, real_weights)
    context = chromium.new_context(viewport={"width": 1000, "height": 760})
    with server:
        panel = show(context.new_page(), server, *look)
        expect(panel.root).to_contain_text("You can ask right away")
        expect(panel.root).to_contain_text("What works")
        expect(panel.button("Add a key…")).to_be_visible()
        check(panel, "first_run", look)
        context.close()


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_no_key(chromium: Any, tmp_path: Path, look: tuple[str, str]) -> None:
    context = chromium.new_context(viewport={"width": 1000, "height": 760})
    with make_lab(tmp_path / "lab", config={"LocalModelSettings": {"enabled": False}}) as server:
        panel = show(context.new_page(), server, *look)
        expect(panel.root).to_contain_text("No model can answer yet")
        expect(panel.button("Add a key…")).to_be_visible()
        check(panel, "no_key", look)
        panel.button("Add a key…").click()
        expect(panel.page.get_by_role("dialog", name="Providers and keys")).to_be_visible()
        check(panel, "add_a_key", look)
        context.close()
