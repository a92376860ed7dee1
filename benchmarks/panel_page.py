"""What the benchmark of the panels measures inside a page, the same for every panel."""

from __future__ import annotations

import itertools
import re
import statistics
from typing import Any

BEFORE = "performance.setResourceTimingBufferSize(10000);"
"""Runs before the page's own scripts: a lab loads more than the browser would remember."""

TIMER = """selector => {
    window.painted = null;
    const begin = event => {
        if (event.key !== 'Enter') return;
        window.removeEventListener('keydown', begin, true);
        const pressed = performance.now();
        const before = document.querySelectorAll(selector).length;
        const look = () => {
            const said = [...document.querySelectorAll(selector)].slice(before).map(one => one.innerText).join();
            if (!/\\b0@\\d/.test(said)) return requestAnimationFrame(look);
            // This frame shows it: what comes after the frame's end comes after its painting.
            const {port1, port2} = new MessageChannel();
            port1.onmessage = () => { window.painted = performance.now() - pressed; };
            port2.postMessage(null);
        };
        requestAnimationFrame(look);
    };
    window.addEventListener('keydown', begin, true);
}"""
"""From the key to the frame that shows the first token; `innerText` leaves out what is not to be seen."""

FRAMES = """() => {
    const frames = window.frames_ = [];
    const next = now => { frames.push(now); window.framing = requestAnimationFrame(next); };
    window.framing = requestAnimationFrame(next);
}"""

STOP_FRAMES = "() => { cancelAnimationFrame(window.framing); return window.frames_; }"

SCRIPTS = """names => performance.getEntriesByType('resource')
    .filter(entry => /\\.js(\\?|$)/.test(entry.name))
    .filter(entry => names.some(name => entry.name.includes(`/extensions/${name}/`)))
    .reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""

FRAME_MS = 1000 / 60


def dropped(frames: list[float]) -> float:
    """Percent of the frames of a screen of 60 Hz that were not drawn in time."""
    gaps = [after - before for before, after in itertools.pairwise(frames)]
    missed = sum(max(0, round(gap / FRAME_MS) - 1) for gap in gaps)
    return 100 * missed / (missed + len(gaps)) if gaps else 0.0


def late(frames: list[float]) -> tuple[float, float]:
    """Share in percent of the gaps over 33 ms, and the longest gap in ms."""
    gaps = [after - before for before, after in itertools.pairwise(frames)]
    return 100 * sum(gap > 33.4 for gap in gaps) / len(gaps), max(gaps)


class Measured:
    """A page with a panel in it.

    `answers` selects the agent's messages, `box` where one writes.
    """

    def __init__(self, page: Any, *, answers: str, box: str) -> None:
        self.page = page
        self.answers = answers
        self.box = page.locator(box).last

    def last(self) -> str:
        said: str = self.page.evaluate(
            "selector => [...document.querySelectorAll(selector)].pop()?.textContent ?? ''", self.answers
        )
        return said

    def ask(self, text: str) -> None:
        self.box.click()
        self.box.fill(text)
        self.box.press("Enter")

    def wait_for_number(self, number: int) -> None:
        """Until the stamped word with this number is there. Looks rarely, so as not to disturb."""
        for _ in range(1200):
            if re.search(rf"\b{number}@\d", self.last()):
                return
            self.page.wait_for_timeout(100)
        raise RuntimeError(f"the word {number} did not come: {self.last()[-200:]!r}")

    def first_token(self, text: str, last: int) -> float:
        """Milliseconds from the Enter key to the frame with the first token; waits for the end of the answer."""
        self.page.evaluate(TIMER, self.answers)
        self.ask(text)
        self.page.wait_for_function("window.painted !== null", timeout=60_000)
        painted: float = self.page.evaluate("window.painted")
        self.wait_for_number(last)
        self.page.wait_for_timeout(500)
        return painted

    def frames_while_streaming(self, text: str, last: int) -> list[float]:
        """When frames were drawn from the first token to the last, in milliseconds."""
        self.ask(text)
        self.wait_for_number(0)
        self.page.evaluate(FRAMES)
        self.wait_for_number(last)
        found: list[float] = self.page.evaluate(STOP_FRAMES)
        return found

    def frames_at_rest(self, seconds: float) -> list[float]:
        self.page.evaluate(FRAMES)
        self.page.wait_for_timeout(seconds * 1000)
        found: list[float] = self.page.evaluate(STOP_FRAMES)
        return found

    def scripts(self, extensions: list[str]) -> float:
        """Kilobytes of JavaScript that the page has loaded of these extensions, unpacked."""
        size: float = self.page.evaluate(SCRIPTS, extensions)
        return size / 1000


def median(values: list[float]) -> float:
    return statistics.median(values)
