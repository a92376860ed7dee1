"""Advice over HTTP: grades, tips and insights of scripted turns whose every number is known, recommendations, and what
a model says about them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from .scripted_provider import ScriptedProvider


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
