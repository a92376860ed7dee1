"""A conversation of 60 messages and 200 KB: what is there is drawn once, also while an answer streams in.

Every block of markdown counts how often it was drawn (`data-renders`)."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed")

from ..scripted_provider import ScriptedProvider, words
from ..servers import JupyterServer
from .panel import Panel, expect
from .states import RICH, long_session, open_session

MESSAGES, SIZE = 60, 6600

WATCH = """root => {
    const blocks = () => [...root.querySelectorAll('.jp-agent-Markdown-block')];
    window.before = new Map(blocks().map(one => [one, one.dataset.renders ?? '0']));
    window.again = [];
    // Of the answer that streams, how far from its end a block was when it was drawn.
    window.fromEnd = [];
    new MutationObserver(changes => {
        for (const {target, oldValue} of changes) {
            if (window.before.has(target)) {
                if (window.before.get(target) !== '0') window.again.push(target.textContent.slice(0, 80));
            } else if (oldValue !== null) {
                const last = [...target.closest('.jp-agent-Agent').querySelectorAll('.jp-agent-Markdown-block')];
                window.fromEnd.push(last.length - 1 - last.indexOf(target));
            }
        }
    }).observe(root, {subtree: true, attributes: true, attributeFilter: ['data-renders'], attributeOldValue: true});
    // Drawing a diagram takes long: how many were drawn, seen or not.
    window.diagrams = new Set();
    new MutationObserver(changes => {
        for (const node of changes.flatMap(change => [...change.addedNodes])) {
            if (node.nodeType !== 1) continue;
            for (const one of [node, ...node.querySelectorAll('.jp-RenderedMermaid')])
                if (one.matches('.jp-RenderedMermaid')) window.diagrams.add(one);
        }
    }).observe(root, {subtree: true, childList: true});
    window.removed = 0;
    new MutationObserver(changes => {
        for (const change of changes)
            for (const node of change.removedNodes)
                if (node.nodeType === 1 && (node.matches('.jp-agent-Exchange, .jp-agent-Markdown-block')
                    || node.querySelector('.jp-agent-Markdown-block'))) window.removed += 1;
    }).observe(root, {subtree: true, childList: true});
}"""

SHIFTS = """() => {
    window.shifts = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
    }).observe({type: 'layout-shift'});
    window.longest = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
    }).observe({type: 'longtask'});
}"""


@pytest.fixture(scope="module")
def talk(lab: JupyterServer, provider: ScriptedProvider) -> JupyterServer:
    provider.models = ["slow-200x10", "gated-40", "slow-rich"]
    lab.use(provider, model="slow-200x10")
    return lab


def open_talk(panel: Panel, title: str) -> None:
    long_session(panel.server, messages=MESSAGES, size=SIZE, title=title)
    open_session(panel, title)
    expect(panel.answers).to_have_count(MESSAGES // 2)
    panel.wait_drawn()


def test_it_is_as_long_as_it_says(talk: JupyterServer) -> None:
    session = long_session(talk, messages=MESSAGES, size=SIZE, title="As long as this")
    messages = talk.api("GET", f"/sessions/{session}/messages?limit=100")["items"]
    assert len(messages) == MESSAGES
    assert sum(len(message["text"]) for message in messages) >= 200_000


def test_only_the_growing_end_is_drawn(talk: JupyterServer, provider: ScriptedProvider, open_panel: Any) -> None:
    async def rich(asked: Any, match: Any, before: int) -> Any:
        from ..scripted_provider import Say, Wait

        for piece in re.findall(r"\S*\s*", RICH):
            if piece:
                yield Wait(0.01)
                yield Say(piece)

    provider.script("slow-rich", rich)
    talk.api("PUT", "/providers/default", json={"provider": "scripted", "model": "slow-rich"})
    panel = open_panel(talk)
    open_talk(panel, "Drawn once")
    panel.conversation.evaluate(WATCH)
    panel.send("What happens to the mean?")
    expect(panel.answers).to_have_count(MESSAGES // 2 + 1)
    panel.wait_finished()
    assert panel.page.evaluate("window.again") == [], "something that was there was drawn again"
    assert panel.page.evaluate("window.removed") == 0, "something that was there was taken away"
    assert panel.page.evaluate("[...window.before.keys()].every(one => one.isConnected)")
    # The end itself, and what was the end a moment ago.
    assert max(panel.page.evaluate("window.fromEnd")) <= 2
    expect(panel.answer.locator(".jp-RenderedMermaid img")).to_be_visible()
    assert panel.page.evaluate("window.diagrams.size") == 1, "the diagram was drawn again"
    talk.api("PUT", "/providers/default", json={"provider": "scripted", "model": "slow-200x10"})


def test_what_is_read_stays_and_typing_goes_on(talk: JupyterServer, open_panel: Any) -> None:
    panel = open_panel(talk)
    page = panel.page
    open_talk(panel, "Read in peace")
    panel.conversation.hover()
    page.mouse.wheel(0, -2000)
    expect(panel.button("To the end")).to_be_visible()
    panel.input.focus()
    page.wait_for_timeout(500)
    panel.wait_drawn()
    panel.send("Go on")
    # Sending goes to the end; whoever then reads above is left alone.
    expect(panel.answers).to_have_count(MESSAGES // 2 + 1)
    expect(panel.answer).to_contain_text("word2")
    panel.conversation.hover()
    page.mouse.wheel(0, -2000)
    expect(panel.button("New text below")).to_be_visible()
    top = "node => [...node.querySelectorAll('.jp-agent-Message')].map(one => one.getBoundingClientRect().top)"
    reading = panel.conversation.evaluate(top)
    page.evaluate(SHIFTS)
    text = "I write this while it answers, and every letter comes."
    page.keyboard.type(text, delay=20)
    expect(panel.answer).to_have_attribute("aria-busy", "false")
    assert panel.input.input_value() == text
    now = panel.conversation.evaluate(top)
    assert now[: len(reading)] == reading
    assert page.evaluate("window.shifts") < 0.01
    # A task of less than 50 ms is none that anybody notices; on a busy machine the same takes some times as long.
    assert page.evaluate("window.longest") < 400
    panel.button(re.compile("To the end")).click()
    panel.wait_finished()
    assert panel.said().endswith(words(200)[-30:].strip())
