"""Code at the cursor, and code changed as told."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from jupyter_agent.completions.cleaning import completion, edited

from .scripted_provider import Asked, Say, ScriptedProvider, Step


@pytest.fixture
def says(scripted: ScriptedProvider) -> Callable[[str], None]:
    """Gives the model `coder` its next words."""

    def set_(text: str) -> None:
        async def script(asked: Asked, match: re.Match[str], before: int) -> AsyncIterator[Step]:
            yield Say(text)

        scripted.script("coder", script)

    return set_


@pytest.mark.parametrize(
    ("text", "prefix", "suffix", "expected"),
    [
        ("a + b", "def add(a, b):\n    return ", "", "a + b"),
        ("```python\na + b\n```", "def add(a, b):\n    return ", "", "a + b"),
        ("Here you are:\n```python\na + b\n```\nIt adds.", "def add(a, b):\n    return ", "", "a + b"),
        ("```python\na + b", "def add(a, b):\n    return ", "", "a + b"),
        ("return a + b", "def add(a, b):\n    return ", "", "a + b"),
        ("    return a + b", "def add(a, b):\n    return ", "", "a + b"),
        ("def add(a, b):\n    return a + b", "def add(a, b):\n    return ", "", "a + b"),
        ("import numpy as np", "import sys\nimport n", "", "umpy as np"),
        ("    return 1", "def f():\n    ", "", "return 1"),
        ("\n    return 1\n", "def f():", "", "\n    return 1"),
        ("def f():", "def f():", "", ""),
        # What stands after the cursor is not said again.
        ("x)", "print(", ")", "x"),
        ("str(x))", "print(", ")", "str(x)"),
        ("str(x)", "print(", ")", "str(x)"),
        ("b, c=1):", "def f(a, ", "):", "b, c=1"),
        ("x = 1\ny = 2\nprint(x)", "", "\nprint(x)\n", "x = 1\ny = 2"),
        # Inside a line only this line is completed.
        ("1\ny = 2", "x = ", " + offset", "1"),
        # The block at hand, and no more.
        ("return 1\n\ndef g():\n    return 2", "def f():\n    ", "", "return 1"),
        ("a = 1\n\n    return a\n", "def f():\n    ", "", "a = 1\n\n    return a"),
        ("x = 1\n\n\nprint(x)", "", "", "x = 1"),
        ("", "x = 1\n", "", ""),
        ("x\r\ny", "", "", "x\ny"),
    ],
)
def test_what_a_model_says_becomes_what_was_meant(text: str, prefix: str, suffix: str, expected: str) -> None:
    assert completion(text, prefix, suffix) == expected


def test_a_line_that_the_limit_cut_is_left_out() -> None:
    assert completion("x = 1\ny = unfini", "", "", cut=True) == "x = 1"
    assert completion("x = unfini", "", "", cut=True) == "x = unfini"
    assert completion("see\n```\ncode\n```\nabove", "We ", "", prose=True) == "see\n```\ncode\n```\nabove"


def test_edited_code_ends_as_the_old_one_did() -> None:
    assert edited("```python\nx = 2\n```", "x = 1") == "x = 2"
    assert edited("Sure!\n```python\nx = 2\n```\nDone.", "x = 1\n") == "x = 2\n"
    assert edited("x = 2\n\n", "x = 1") == "x = 2"
    assert edited("````\n```\ninner\n```\n````", "") == "```\ninner\n```"
    # A language that has fences of its own keeps them.
    assert edited("# T\n```\ncode\n```\nend", "# t", prose=True) == "# T\n```\ncode\n```\nend"
    assert edited("```markdown\n# T\n```\ncode\n```\nend\n```", "", prose=True) == "# T\n```\ncode\n```\nend"


async def test_a_completion_is_one_request_in_the_ledger(
    api: Any, scripted: ScriptedProvider, says: Callable[[str], None], jp_serverapp: Any
) -> None:
    says("```python\nreturn a + b\n```")
    body = {
        "prefix": "def add(a, b):\n    ",
        "suffix": "\nprint(add(1, 2))",
        "language": "python",
        "path": "sum.ipynb",
        "model": "coder",
        "provider": "scripted",
        "max_tokens": 50,
    }
    answer = await api.ok("POST", "/completions", json=body)
    assert (answer["text"], answer["provider"], answer["model"]) == ("return a + b", "scripted", "coder")
    assert answer["usage"]["requests"] == 1
    (request,) = scripted.requests
    said = str(request.body)
    assert "<before>def add(a, b):" in said
    assert "print(add(1, 2))</after>" in said
    assert "sum.ipynb" in said
    assert request.body.get("max_completion_tokens", request.body.get("max_tokens")) == 50
    rows = await ledger(jp_serverapp)
    assert [(row.purpose, row.model, row.session_id, row.error_code) for row in rows] == [
        ("completion", "coder", None, None)
    ]
    assert (await api.ok("GET", "/sessions"))["total"] == 0


async def ledger(jp_serverapp: Any) -> list[Any]:
    services = await jp_serverapp.web_app.settings["jupyter_agent_app"].services()

    def read(orm: Any) -> list[Any]:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import ModelRequestRow

        return list(orm.scalars(select(ModelRequestRow).order_by(ModelRequestRow.created_at)))

    rows: list[Any] = await services.db.read(read)
    return rows


async def test_only_what_is_near_the_cursor_is_sent(
    api: Any, scripted: ScriptedProvider, says: Callable[[str], None]
) -> None:
    says("x")
    await api.ok(
        "POST", "/completions", json={"prefix": "FAR" + "a" * 50_000, "suffix": "b" * 50_000, "model": "coder"}
    )
    assert len(str(scripted.requests[0].body)) < 15_000
    assert "FAR" not in str(scripted.requests[0].body)


async def test_a_caller_that_goes_away_stops_the_request(
    api: Any, scripted: ScriptedProvider, jp_serverapp: Any
) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await api("POST", "/completions", json={"prefix": "x = ", "model": "hang"}, timeout=2)
    assert len(scripted.requests) == 1
    rows: list[Any] = []
    deadline = time.monotonic() + 5
    while not rows and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
        rows = await ledger(jp_serverapp)
    assert [(row.purpose, row.error_code) for row in rows] == [("completion", "cancelled")]


async def test_failures_are_said(api: Any, scripted: ScriptedProvider) -> None:
    answer = await api("POST", "/completions", json={"prefix": "x", "model": "server-error"})
    assert (answer.status, answer.json["error"]["code"]) == (503, "provider_error")
    assert len(scripted.requests) == 1, "nobody waits at the cursor for a second try"
    answer = await api("POST", "/completions", json={"prefix": "x", "provider": "nobody"})
    assert answer.status == 404
    answer = await api("POST", "/completions", json={"prefix": "x", "max_tokens": 0})
    assert answer.status == 422


async def test_settings_choose_the_model_and_switch_it_off(
    api: Any, scripted: ScriptedProvider, says: Callable[[str], None]
) -> None:
    says("done")
    values = {"completions.provider": "scripted", "completions.model": "coder", "completions.max_tokens": 7}
    await api.ok("PATCH", "/config", json={"values": values})
    assert (await api.ok("POST", "/completions", json={"prefix": "we are "}))["model"] == "coder"
    assert 7 in scripted.requests[0].body.values()
    await api.ok("PATCH", "/config", json={"values": {"completions.enabled": False}})
    answer = await api("POST", "/completions", json={"prefix": "x"})
    assert (answer.status, answer.json["error"]["code"]) == (409, "not_configured")
    assert len(scripted.requests) == 1


async def test_the_embedded_model_completes_only_when_told(api: Any) -> None:
    body = {"prefix": "x", "provider": "local"}
    answer = await api("POST", "/completions", json=body)
    assert answer.status == 409
    assert answer.json["error"]["code"] == "not_configured"


async def test_code_is_edited_as_told(
    api: Any, scripted: ScriptedProvider, says: Callable[[str], None], jp_serverapp: Any
) -> None:
    says("Of course:\n```python\ntotal = sum(values)\n```\nThat is shorter.")
    body = {
        "instruction": "Use sum",
        "source": "total = 0\nfor v in values:\n    total += v",
        "language": "python",
        "context": "values = [1, 2]",
        "model": "coder",
    }
    answer = await api.ok("POST", "/completions/edit", json=body)
    assert answer["source"] == "total = sum(values)"
    said = str(scripted.requests[0].body)
    assert "Use sum" in said
    assert "values = [1, 2]" in said
    assert [row.purpose for row in await ledger(jp_serverapp)] == ["edit"]
    says("```python\n```")
    answer = await api("POST", "/completions/edit", json=body)
    assert (answer.status, answer.json["error"]["code"]) == (503, "provider_error")


async def test_code_that_was_cut_off_is_not_given(
    api: Any, scripted: ScriptedProvider, says: Callable[[str], None]
) -> None:
    says("word " * 200)
    await api.ok("PATCH", "/config", json={"values": {"completions.edit_max_tokens": 50}})
    answer = await api("POST", "/completions/edit", json={"instruction": "x", "source": "y", "model": "coder"})
    assert answer.status == 503
    assert "cut off" in answer.json["error"]["message"]
