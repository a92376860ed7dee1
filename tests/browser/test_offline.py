"""Ten seconds without a network in the middle of an answer: nothing is lost, nothing is there twice, nothing is sent
twice. The network is a proxy that is really cut: a browser's own offline mode leaves open streams open."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed")

from ..cut_proxy import CutProxy
from ..scripted_provider import ScriptedProvider, words
from ..servers import JupyterServer
from .panel import expect

LOST = "Connection lost. It resumes by itself."


@pytest.fixture
def proxy(gated: JupyterServer) -> Iterator[CutProxy]:
    with CutProxy(gated.port) as proxy:
        yield proxy


def asked(provider: ScriptedProvider) -> int:
    """How often the model was asked to answer."""
    return sum(request.asked.model == "gated-40" for request in provider.requests)


def turns(server: JupyterServer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for session in server.api("GET", "/sessions")["items"]:
        found += server.api("GET", f"/sessions/{session['id']}/turns")["items"]
    return found


def test_ten_seconds_offline_in_the_middle(
    gated: JupyterServer, proxy: CutProxy, provider: ScriptedProvider, open_panel: Any
) -> None:
    url = f"http://127.0.0.1:{proxy.port}/"
    first = open_panel(gated, url=url)
    first.send("Go on")
    provider.release(5)
    expect(first.answer).to_contain_text("word4")
    second = open_panel(gated, url=url)
    second.button("Chats").click()
    second.root.locator(".jp-agent-Sessions-open").first.click()
    expect(second.answer).to_contain_text("word4")
    begun = time.monotonic()
    proxy.cut()
    for panel in (first, second):
        expect(panel.root.get_by_text(LOST)).to_be_visible()
    first.input.fill("typed meanwhile")
    provider.release(15)
    first.page.wait_for_timeout(max(0, 10 - (time.monotonic() - begun)) * 1000)
    assert "word5 " not in first.said()
    proxy.restore()
    provider.release(10)
    for panel in (first, second):
        expect(panel.answer).to_contain_text("word29", timeout=30_000)
        expect(panel.root.get_by_text(LOST)).to_be_hidden()
    provider.release(10)
    for panel in (first, second):
        panel.wait_finished()
        assert panel.said() == words(40).strip()
        expect(panel.questions).to_have_count(1)
    assert first.input.input_value() == "typed meanwhile"
    assert asked(provider) == 1
    assert [turn["stop_reason"] for turn in turns(gated)] == ["completed"]


def test_a_message_whose_answer_was_lost_is_not_sent_twice(
    gated: JupyterServer, proxy: CutProxy, provider: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(gated, url=f"http://127.0.0.1:{proxy.port}/")
    panel.send("First")
    provider.release(40)
    panel.wait_finished()
    proxy.deafen()
    panel.send("Second")
    # It arrived, and nobody in the browser knows.
    panel.wait_until(lambda: asked(provider) == 2)
    proxy.cut()
    expect(panel.root.get_by_text(LOST)).to_be_visible()
    proxy.restore()
    provider.release(40)
    expect(panel.answers).to_have_count(2)
    panel.wait_finished()
    assert panel.said() == words(40).strip()
    expect(panel.questions).to_have_count(2)
    assert asked(provider) == 2
    assert len(turns(gated)) == 2


def test_a_reload_without_a_network(
    gated: JupyterServer, proxy: CutProxy, provider: ScriptedProvider, open_panel: Any
) -> None:
    """What was sent while nobody could be reached is sent after a reload, once."""
    panel = open_panel(gated, url=f"http://127.0.0.1:{proxy.port}/")
    proxy.cut()
    panel.send("Later")
    expect(panel.questions.last).to_contain_text("Sending…")
    proxy.restore()
    panel.reload()
    provider.release(40)
    expect(panel.answer).to_contain_text("word39", timeout=30_000)
    panel.wait_finished()
    panel.reload()
    expect(panel.questions).to_have_count(1)
    assert panel.said() == words(40).strip()
    assert asked(provider) == 1
    assert len(turns(gated)) == 1
