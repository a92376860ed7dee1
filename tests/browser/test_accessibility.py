"""The panel for those who do not see it, or not well: axe on every state in both themes, what a screen reader reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed")

from ..scripted_provider import ScriptedProvider
from ..servers import JupyterServer, put_weights
from .conftest import make_lab
from .panel import Panel, expect
from .states import STATES, Stage, at_start

THEMES = [False, True]


@pytest.fixture(scope="module", params=THEMES, ids=["light", "dark"])
def stage(
    request: pytest.FixtureRequest, staged: JupyterServer, provider: ScriptedProvider, chromium: Any
) -> Iterator[Stage]:
    context = chromium.new_context(viewport={"width": 1000, "height": 760})
    panel = Panel(context.new_page(), staged, dark=request.param)
    panel.open()
    yield Stage(panel, provider, staged)
    context.close()


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing(stage: Stage, name: str) -> None:
    at_start(stage)
    STATES[name](stage)
    # What a pointer shows is there for everybody who can see it: nothing may be faded out half-way.
    stage.panel.page.wait_for_timeout(200)
    assert stage.panel.violations() == []


@pytest.mark.parametrize("dark", THEMES, ids=["light", "dark"])
def test_axe_finds_nothing_at_the_first_run(real_weights: Path, chromium: Any, tmp_path: Path, dark: bool) -> None:
    server = make_lab(tmp_path / "lab")
    put_weights(server, real_weights)
    context = chromium.new_context()
    with server:
        panel = Panel(context.new_page(), server, dark=dark)
        panel.open()
        expect(panel.root).to_contain_text("What works")
        assert panel.violations() == []
        context.close()


@pytest.mark.parametrize("dark", THEMES, ids=["light", "dark"])
def test_axe_finds_nothing_without_a_key(chromium: Any, tmp_path: Path, dark: bool) -> None:
    context = chromium.new_context()
    with make_lab(tmp_path / "lab", config={"LocalModelSettings": {"enabled": False}}) as server:
        panel = Panel(context.new_page(), server, dark=dark)
        panel.open()
        expect(panel.root).to_contain_text("No model can answer yet")
        assert panel.violations() == []
        panel.button("Add a key…").click()
        expect(panel.page.get_by_role("dialog", name="Providers and keys")).to_be_visible()
        assert panel.violations() == []
        context.close()
