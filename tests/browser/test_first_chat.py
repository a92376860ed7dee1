"""The first run, with nothing set up: the embedded model answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..servers import JupyterServer, put_weights
from .conftest import make_lab

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

NARROW = 280


@pytest.fixture
def fresh(tmp_path: Path, real_weights: Path) -> Iterator[JupyterServer]:
    server = make_lab(tmp_path / "lab")
    put_weights(server, real_weights)
    with server:
        yield server


def test_the_embedded_model_answers_without_key_or_network(
    fresh: JupyterServer, open_panel: Any, tmp_path: Path
) -> None:
    panel = open_panel(fresh)
    expect(panel.root).to_contain_text("You can ask right away")
    expect(panel.root).to_contain_text("What works")
    expect(panel.button("Add a key…")).to_be_visible()
    panel.send("What is the capital of France? Answer in one sentence.")
    panel.wait_finished(timeout=120_000)
    answer = panel.said()
    assert "Paris" in answer, answer
    expect(panel.answer).to_contain_text("SmolLM2")
    expect(panel.answer).to_contain_text("free")
    [session] = fresh.api("GET", "/sessions")["items"]
    [turn] = fresh.api("GET", f"/sessions/{session['id']}/turns")["items"]
    assert turn["provider"] == "local"
    assert turn["stop_reason"] == "completed"
    panel.button("New chat").click()
    expect(panel.root).not_to_contain_text("You can ask right away")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_panel_fits_in_280_pixels(fresh: JupyterServer, open_panel: Any, dark: bool) -> None:
    panel = open_panel(fresh, dark=dark)
    panel.widen(NARROW)
    assert abs(panel.root.bounding_box()["width"] - NARROW) < 12
    assert panel.overflow() == []
    panel.send("Name three colours.")
    panel.wait_finished(timeout=120_000)
    assert panel.overflow() == []
    panel.button("Chats").click()
    assert panel.overflow() == []
