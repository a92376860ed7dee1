"""How much a question asks for: a table of examples, and that no text takes long."""

from __future__ import annotations

import time

import pytest

from jupyter_agent.observatory.complexity import level

FAILS = "Why does this fail?\n```python\n1 / 0\n```\nZeroDivisionError: division by zero"
LIST = "1. read sales.csv\n2. plot it\n3. write a report"


@pytest.mark.parametrize(
    ("text", "attachments", "history_depth", "tools", "expected"),
    [
        ("hello", 0, 0, 0, "L0"),
        ("  Hi   there!! ", 0, 0, 30, "L0"),
        ("Thanks a lot!", 0, 40, 30, "L0"),
        ("ok", 0, 2, 0, "L0"),
        ("", 0, 0, 0, "L0"),
        ("", 1, 0, 0, "L1"),
        ("hello", 1, 0, 0, "L1"),
        ("what is a decorator?", 0, 0, 0, "L1"),
        ("Who wrote Moby-Dick", 0, 0, 30, "L1"),
        ("rename x to total", 0, 0, 0, "L1"),
        ("rename x to total", 0, 0, 30, "L1"),
        ("Write a haiku about the sea", 0, 0, 0, "L1"),
        ("explain this", 1, 0, 0, "L1"),
        ("continue", 0, 2, 30, "L1"),
        ("continue", 0, 12, 30, "L2"),
        (FAILS, 0, 0, 0, "L2"),
        ("what do these have in common?", 3, 0, 0, "L2"),
        ("load the data, fit a model and plot the errors", 0, 0, 0, "L2"),
        ("load the data, fit a model and plot the errors, then write what you find", 0, 0, 30, "L3"),
        (LIST, 0, 0, 30, "L3"),
        (f"{FAILS}\n\nFix it, add a test, then run it.", 1, 0, 30, "L3"),
        ("word " * 200, 0, 0, 0, "L2"),
        ("请解释一下这个函数是做什么的\uff0c并且告诉我为什么它这么慢\uff1f", 0, 0, 0, "L1"),
    ],
)
def test_level(text: str, attachments: int, history_depth: int, tools: int, expected: str) -> None:
    assert level(text, attachments, history_depth, tools) == expected


@pytest.mark.parametrize("text", ["    ", "\n", "1. a\n", " \n", "hi ", "thank you ", "x", "def ", "    f(", "- \n"])
def test_no_text_takes_long(text: str) -> None:
    begun = time.perf_counter()
    level(text * 300_000)
    assert time.perf_counter() - begun < 0.5
