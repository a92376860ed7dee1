"""Advice over HTTP: grades, tips and insights of scripted turns whose every number is known, recommendations, and what
a model says about them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from .scripted_provider import ScriptedProvider
from .tool_turns import make_calls, plan

DEAR = {"input": "10000", "output": "20000", "cache_read": "1000"}
"""A million tokens. Every scripted request sends 100 tokens, 20 of them from the cache, and gets 50: that is
80 * 0.01 + 20 * 0.001 + 50 * 0.02 = 1.82 dollars, and the cache saved 20 * 0.009 = 0.18."""
CHEAP = {"input": "1000", "output": "2000", "cache_read": "100"}
"""A tenth of it."""


@pytest.fixture
def priced(api: Any, scripted: ScriptedProvider) -> ScriptedProvider:
    """The scripted provider with a price for each model: `words-...` are dear, the others cheap."""
    make_calls(scripted)
    provider = api.run("GET", "/providers/scripted")
    write = {name: provider[name] for name in ("kind", "name", "base_url", "default_model", "models")}
    prices = dict.fromkeys(("echo", "calls", "thinking", "unicode", "remember"), CHEAP)
    prices |= dict.fromkeys(("words-3", "words-4"), DEAR)
    api.run("PUT", "/providers/scripted", json={**write, "api_key": "***", "prices": prices})
    return scripted


async def tips_of(api: Any, turn: dict[str, Any]) -> dict[str, Any]:
    body = await api.ok("GET", f"/turns/{turn['id']}/tips")
    assert body["turn_id"] == turn["id"]
    assert body["tip_count"] == len(body["tips"])
    order = ["critical", "warning", "info"]
    severities = [order.index(tip["severity"]) for tip in body["tips"]]
    assert severities == sorted(severities)
    return {tip["rule"]: tip for tip in body["tips"]}


def numbers(tip: dict[str, Any]) -> dict[str, float]:
    return {one["metric"]: one["value"] for one in tip["evidence"]}


async def test_a_grade_is_given_changed_and_taken_back(api: Any, scripted: ScriptedProvider) -> None:
    session = await api.session()
    turn = await api.turn(session_id=session)
    path = f"/turns/{turn['id']}/feedback"
    status, body, _, _ = await api("GET", path)
    assert (status, body["error"]["code"]) == (404, "not_found")
    first = await api.ok("PUT", path, json={"grade": 2, "comment": "too long", "source": "lab"})
    assert (first["grade"], first["comment"], first["source"]) == (2, "too long", "lab")
    assert (first["turn_id"], first["session_id"]) == (turn["id"], session)
    second = await api.ok("PUT", path, json={"grade": 5})
    assert (second["grade"], second["comment"], second["source"]) == (5, "", "api")
    assert second["created_at"] == first["created_at"] <= second["updated_at"]
    assert await api.ok("GET", path) == second
    page = await api.ok("GET", f"/sessions/{session}/feedback")
    assert (page["total"], page["items"]) == (1, [second])
    assert (await api("DELETE", path)).status == 204
    assert (await api("DELETE", path)).status == 404
    assert (await api.ok("GET", f"/sessions/{session}/feedback"))["items"] == []


async def test_grades_of_a_session_are_in_the_order_of_its_turns(api: Any, scripted: ScriptedProvider) -> None:
    session, other = await api.session(), await api.session()
    turns = [(await api.turn(session_id=session))["id"] for _ in range(3)]
    await api.ok("PUT", f"/turns/{(await api.turn(session_id=other))['id']}/feedback", json={"grade": 1})
    for grade, turn in zip((5, 4, 3), reversed(turns), strict=True):
        await api.ok("PUT", f"/turns/{turn}/feedback", json={"grade": grade})
    page = await api.ok("GET", f"/sessions/{session}/feedback", params={"limit": 2, "offset": 1})
    assert [(item["turn_id"], item["grade"]) for item in page["items"]] == [(turns[1], 4), (turns[2], 5)]
    assert page["total"] == 3
    # They go with their session, and are not copied with a branch of it.
    branch = await api.ok("POST", f"/sessions/{session}/branch", json={})
    assert (await api.ok("GET", f"/sessions/{branch['id']}/feedback"))["total"] == 0


@pytest.mark.parametrize(
    "body", [{"grade": 0}, {"grade": 6}, {"grade": "good"}, {}, {"grade": 3, "comment": "x" * 5_001}, {"grade": 2.5}]
)
async def test_what_is_no_grade_changes_nothing(api: Any, scripted: ScriptedProvider, body: dict[str, Any]) -> None:
    turn = await api.turn()
    path = f"/turns/{turn['id']}/feedback"
    await api.ok("PUT", path, json={"grade": 4})
    assert (await api("PUT", path, json=body)).status == 422
    assert (await api.ok("GET", path))["grade"] == 4


async def test_grades_are_the_owners_alone(api: Any, as_user: Callable[[str], Any], scripted: ScriptedProvider) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    turn = await alice.turn()
    path = f"/turns/{turn['id']}/feedback"
    await alice.ok("PUT", path, json={"grade": 4, "comment": "mine"})
    for method, options in (("GET", {}), ("PUT", {"json": {"grade": 1}}), ("DELETE", {})):
        answer = await bob(method, path, **options)
        assert (answer.status, answer.json["error"]["message"]) == (404, f"There is no turn {turn['id']!r}.")
    assert (await bob("GET", f"/sessions/{turn['session_id']}/feedback")).status == 404
    given = await alice.ok("GET", path)
    assert (given["grade"], given["comment"]) == (4, "mine")
    assert (await alice("PUT", "/turns/turn_none/feedback", json={"grade": 4})).status == 404


async def test_grades_at_the_same_moment_are_one(api: Any, scripted: ScriptedProvider) -> None:
    turn = await api.turn()
    path = f"/turns/{turn['id']}/feedback"
    answers = await asyncio.gather(*(api("PUT", path, json={"grade": 1 + at % 5}) for at in range(10)))
    assert [answer.status for answer in answers] == [200] * 10
    assert (await api.ok("GET", f"/sessions/{turn['session_id']}/feedback"))["total"] == 1
    taken = await asyncio.gather(*(api("DELETE", path) for _ in range(4)))
    assert sorted(answer.status for answer in taken) == [204, 404, 404, 404]


async def test_other_tabs_are_told_of_a_grade(api: Any, scripted: ScriptedProvider, jp_serverapp: Any) -> None:
    services = await jp_serverapp.web_app.settings["jupyter_agent_app"].services()
    turn = await api.turn()
    path = f"/turns/{turn['id']}/feedback"
    told: list[dict[str, Any]] = []
    publish = services.bus.publish
    services.bus.publish = lambda topic, owner, event: (told.append(event), publish(topic, owner, event))
    await api.ok("PUT", path, json={"grade": 3, "comment": "so so"})
    await api("DELETE", path)
    assert [event for event in told if event["type"] == "feedback"] == [
        {"type": "feedback", "turn_id": turn["id"], "session_id": turn["session_id"], "grade": 3, "comment": "so so"},
        {"type": "feedback", "turn_id": turn["id"], "session_id": turn["session_id"], "grade": None, "comment": ""},
    ]


async def test_tips_of_a_turn_say_what_was_counted(api: Any, priced: ScriptedProvider) -> None:
    turn = await api.turn()
    assert turn["usage"]["cost"] == "0.182"
    tip = (await tips_of(api, turn))["cached_turn_savings"]
    assert tip["message"] == "The provider read 20 % of what was sent from its cache, which saved $0.0180."
    assert numbers(tip) == {"cache_read_tokens": 20, "cache_share": 0.2, "saved": 0.018}
    # Nobody asked it to think.
    assert "empty_reasoning" not in await tips_of(api, turn)
    assert "empty_reasoning" in await tips_of(api, await api.turn("echo", thinking="high"))
    assert "empty_reasoning" not in await tips_of(api, await api.turn("thinking", thinking="high"))


async def test_tips_about_tools(api: Any, priced: ScriptedProvider) -> None:
    steps = [[("read_file", {"path": f"not-there-{at}"})] for at in range(3)] + [[("list_files", {})]]
    turn = await api.turn("calls", plan(*steps))
    assert (turn["stop_reason"], turn["steps"]) == ("completed", 5)
    found = await tips_of(api, turn)
    assert found["tool_failures"]["severity"] == "critical"
    assert found["tool_failures"]["message"] == "3 of 4 tool calls failed (read_file)."
    assert numbers(found["tool_failures"]) == {"tool_failure_rate": 0.75, "tool_failures": 3}
    assert found["tool_failures"]["action"]["arguments"] == {"turn_id": turn["id"], "failed": True}
    assert found["high_tool_density"]["severity"] == "info"
    assert numbers(found["high_tool_density"]) == {"tool_calls": 4, "requests": 5}
    # What a rule forbids is no failure.
    await api.ok("PUT", "/policy", json={"rules": [{"effect": "deny", "tool": "read_file"}]})
    found = await tips_of(api, await api.turn("calls", plan(*steps[:2])))
    assert "tool_failures" not in found


async def test_a_turn_that_cost_more_than_the_others(api: Any, priced: ScriptedProvider) -> None:
    session = await api.session()
    for _ in range(2):
        cheap = await api.turn("echo", session_id=session)
    dear = await api.turn("words-3", session_id=session)
    assert (cheap["usage"]["cost"], dear["usage"]["cost"]) == ("0.182", "1.82")
    tip = (await tips_of(api, dear))["expensive_turn"]
    assert tip["severity"] == "critical"
    assert numbers(tip) == {"cost": 1.82, "times_average": 10}
    assert "expensive_turn" not in await tips_of(api, cheap)
    # Alone there is nothing to compare it with.
    assert "expensive_turn" not in await tips_of(api, await api.turn("words-3"))


async def test_insights_of_a_session_of_known_turns(api: Any, priced: ScriptedProvider) -> None:
    session = await api.session()
    turns = []
    for model, grade in (("echo", 5), ("remember", 5), ("words-3", 3), ("words-4", 2)):
        turns.append(await api.turn(model, session_id=session))
        await api.ok("PUT", f"/turns/{turns[-1]['id']}/feedback", json={"grade": grade})
    broken = [[("read_file", {"path": "not-there"}), ("read_file", {"path": "nor-there"}), ("list_files", {})]] * 2
    await api.turn("calls", plan(*broken), session_id=session)
    body = await api.ok("GET", f"/sessions/{session}/insights")
    assert (body["session_id"], body["turn_count"], body["insight_count"]) == (session, 5, len(body["insights"]))
    assert (body["tool_calls"], body["tool_failures"], body["average_grade"]) == (6, 4, 3.75)
    # Two cheap turns, two dear ones, and one of three cheap requests.
    assert body["usage"]["cost"] == "4.55"
    assert (body["usage"]["requests"], body["usage"]["input"], body["usage"]["output"]) == (7, 700, 350)
    found = {tip["rule"]: tip for tip in body["insights"]}
    assert numbers(found["tool_success_rate"]) == {"success_rate": 0.333333, "tool_failures": 4}
    assert found["tool_success_rate"]["severity"] == "critical"
    assert numbers(found["model_churn"]) == {"models": 5}
    assert numbers(found["quality_declining"]) == {"first_half": 5, "second_half": 2.5}
    # (0.182 + 0.182) / 2 against (1.82 + 1.82 + 0.546) / 3
    assert numbers(found["cost_acceleration"]) == {"first_half": 0.182, "second_half": 1.395333, "times": 7.666667}
    mismatch = found["cost_quality_mismatch"]
    assert mismatch["action"]["arguments"] == {"session_id": session, "provider": "scripted", "model": "remember"}
    assert body["insights"][0]["rule"] == "tool_success_rate"


async def test_a_session_without_turns_has_no_insights(api: Any, scripted: ScriptedProvider) -> None:
    session = await api.session()
    body = await api.ok("GET", f"/sessions/{session}/insights")
    assert (body["insights"], body["turn_count"], body["average_grade"]) == ([], 0, None)
    assert (await api("GET", "/sessions/sess_none/insights")).status == 404
    assert (await api("GET", "/turns/turn_none/tips")).status == 404
