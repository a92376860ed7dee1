"""An answer survives what happens to its page and its server."""

from __future__ import annotations

from typing import Any

import pytest

from ..scripted_provider import ScriptedProvider, words
from ..servers import JupyterServer

expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect


def turns(server: JupyterServer) -> list[dict[str, Any]]:
    [session] = server.api("GET", "/sessions")["items"]
    items: list[dict[str, Any]] = server.api("GET", f"/sessions/{session['id']}/turns")["items"]
    return items


def test_a_reload_in_the_middle_goes_on(gated: JupyterServer, provider: ScriptedProvider, open_panel: Any) -> None:
    panel = open_panel(gated)
    panel.send("Go on")
    provider.release(5)
    expect(panel.answer).to_contain_text("word4")
    panel.input.fill("half a thought")
    panel.reload()
    expect(panel.answer).to_contain_text("word4")
    expect(panel.questions).to_have_count(1)
    expect(panel.input).to_have_value("half a thought")
    provider.release(35)
    panel.wait_finished()
    assert panel.said() == words(40).strip()
    assert [turn["stop_reason"] for turn in turns(gated)] == ["completed"]


def test_a_killed_server_comes_back_and_says_so(
    gated: JupyterServer, provider: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(gated)
    panel.send("Go on")
    provider.release(5)
    expect(panel.answer).to_contain_text("word4")
    gated.kill()
    banner = panel.root.get_by_text("Connection lost. It resumes by itself.")
    expect(banner).to_be_visible(timeout=15_000)
    gated.start()
    expect(panel.answer).to_contain_text("The server was restarted", timeout=30_000)
    expect(banner).to_be_hidden(timeout=15_000)
    assert panel.said() == words(5).strip()
    # Nothing is asked or made again on its own.
    assert sum(request.asked.model == "gated-40" for request in provider.requests) == 1
    assert len(turns(gated)) == 1
    # JupyterLab has a dialog of its own about the server that was away.
    panel.page.add_locator_handler(
        panel.page.locator(".jp-Dialog"), lambda dialog: dialog.get_by_role("button").last.click()
    )
    # More than enough: the request of the killed server may still take some.
    provider.release(100)
    panel.answer.get_by_role("button", name="Try again").last.click()
    expect(panel.answers.last).to_contain_text("word39")
    panel.wait_finished()


def test_what_is_sent_without_a_server_is_sent_once(
    gated: JupyterServer, provider: ScriptedProvider, open_panel: Any
) -> None:
    panel = open_panel(gated)
    gated.kill()
    panel.send("Later")
    expect(panel.root.get_by_text("Connection lost. It resumes by itself.")).to_be_visible()
    expect(panel.questions.last).to_contain_text("Sending…")
    gated.start()
    provider.release(40)
    expect(panel.answer).to_contain_text("word39", timeout=30_000)
    panel.wait_finished()
    panel.reload()
    expect(panel.questions).to_have_count(1)
    assert len(turns(gated)) == 1


def test_a_cut_of_the_network_is_bridged(gated: JupyterServer, provider: ScriptedProvider, open_panel: Any) -> None:
    panel = open_panel(gated)
    panel.send("Go on")
    provider.release(5)
    expect(panel.answer).to_contain_text("word4")
    panel.page.context.set_offline(True)
    panel.input.fill("typed meanwhile")
    provider.release(10)
    panel.page.wait_for_timeout(2000)
    panel.page.context.set_offline(False)
    provider.release(25)
    expect(panel.answer).to_contain_text("word39", timeout=30_000)
    panel.wait_finished()
    assert panel.said() == words(40).strip()
    assert panel.input.input_value() == "typed meanwhile"
