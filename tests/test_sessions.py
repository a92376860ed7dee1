"""Conversations, over HTTP: kept, found, cut, shared, carried away and brought back."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import nbformat
import pytest

from .conftest import Answer, Api
from .scripted_provider import Say, ScriptedProvider, png

GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
JPEG = b"\xff\xd8\xff\xe0" + bytes(20)
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 "


def refused(answer: Answer, status: int, code: str) -> Any:
    """The error of an answer in the standard envelope."""
    assert answer.status == status, answer.content.decode()
    assert set(answer.json) == {"error"}
    assert answer.json["error"]["code"] == code
    return answer.json["error"]


def image(data: bytes | None = None, media_type: str = "image/png", **fields: Any) -> dict[str, Any]:
    data = png((255, 0, 0)) if data is None else data
    return {"type": "image", "media_type": media_type, "data": base64.b64encode(data).decode(), **fields}


def saying(text: str) -> Callable[..., AsyncIterator[Say]]:
    """A script that says this."""

    async def script(*args: object) -> AsyncIterator[Say]:
        yield Say(text)

    return script


async def say(api: Api, session: str, *texts: str, role: str = "user") -> list[Any]:
    return [await api.ok("POST", f"/sessions/{session}/messages", json={"role": role, "text": text}) for text in texts]


async def messages(api: Api, session: str, **params: Any) -> list[Any]:
    items: list[Any] = (await api.ok("GET", f"/sessions/{session}/messages", params=params))["items"]
    return items


async def titles(api: Api, **params: Any) -> list[str]:
    return [session["title"] for session in (await api.ok("GET", "/sessions", params=params))["items"]]


# Create, read, change


async def test_a_new_session(api: Api) -> None:
    answer = await api("POST", "/sessions", json={})
    assert answer.status == 201
    session = answer.json
    assert session["id"].startswith("sess_")
    assert (session["title"], session["title_source"], session["status"]) == ("", "none", "active")
    assert (session["message_count"], session["turn_count"], session["running_turn_id"]) == (0, 0, None)
    assert session["usage"] == {"input": 0, "output": 0, "cache_read": 0, "cache_write": 0, "requests": 0, "cost": None}
    assert session["shared"] is False
    assert session["created_at"].endswith("Z")
    assert await api.ok("GET", f"/sessions/{session['id']}") == session


async def test_all_fields_are_kept(api: Api) -> None:
    fields = {
        "title": "Ünïcödé 標題 🚀",
        "channel": "lab",
        "agent": "helper",
        "project": "work",
        "notebook": "a/b c.ipynb",
        "provider": "openai",
        "model": "gpt-x",
        "metadata": {"deep": [1, {"x": None}], "ключ": "значение"},
    }
    session = await api.ok("POST", "/sessions", json=fields)
    assert {name: session[name] for name in fields} == fields
    assert session["title_source"] == "user"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"titel": "x"}, "body.titel"),
        ({"title": 5}, "body.title"),
        ({"title": "x" * 201}, "body.title"),
        ({"channel": "Not This!"}, "body.channel"),
        ({"metadata": []}, "body.metadata"),
        ({"owner": "root"}, "body.owner"),
        ({"id": "sess_mine"}, "body.id"),
    ],
)
async def test_a_bad_field_is_named_and_nothing_is_made(api: Api, body: dict[str, Any], path: str) -> None:
    error = refused(await api("POST", "/sessions", json=body), 422, "invalid")
    assert path in json.dumps(error)
    assert (await api.ok("GET", "/sessions"))["total"] == 0


async def test_only_what_is_sent_changes(api: Api) -> None:
    before = await api.ok(
        "POST", "/sessions", json={"title": "First", "project": "p", "notebook": "n.ipynb", "metadata": {"a": 1}}
    )
    path = f"/sessions/{before['id']}"
    after = await api.ok("PATCH", path, json={"title": "Second"})
    assert after["title"] == "Second"
    unchanged = set(before) - {"title", "updated_at"}
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}
    assert after["updated_at"] > before["updated_at"]
    assert (await api.ok("PATCH", path, json={"notebook": None}))["notebook"] is None
    assert (await api.ok("PATCH", path, json={"metadata": {"b": 2}}))["metadata"] == {"b": 2}
    untitled = await api.ok("PATCH", path, json={"title": None})
    assert (untitled["title"], untitled["title_source"], untitled["project"]) == ("", "none", "p")
    assert (await api.ok("PATCH", path, json={}))["metadata"] == {"b": 2}
    refused(await api("PATCH", path, json={"status": "idle"}), 422, "invalid")
    refused(await api("PATCH", path, json={"title": "x", "owner": "eve"}), 422, "invalid")
    assert (await api.ok("GET", path))["title"] == ""


async def test_archive_and_back(api: Api) -> None:
    session = await api.session(title="Old")
    assert (await api.ok("PATCH", f"/sessions/{session}", json={"archived": True}))["status"] == "archived"
    assert await titles(api) == []
    assert await titles(api, status="archived") == ["Old"]
    assert (await api.ok("PATCH", f"/sessions/{session}", json={"archived": False}))["status"] == "active"
    assert await titles(api) == ["Old"]


@pytest.mark.parametrize("id", ["sess_nothing", "x", "sess_%00", "%F0%9F%92%A5", "a" * 500, "..%2F..", "%ED%A0%80"])
async def test_what_is_not_there(api: Api, id: str) -> None:
    for method, path in (
        ("GET", f"/sessions/{id}"),
        ("GET", f"/sessions/{id}/messages"),
        ("GET", f"/sessions/{id}/export"),
        ("DELETE", f"/sessions/{id}"),
        ("DELETE", f"/sessions/{id}/share"),
        ("GET", f"/blobs/{id}"),
        ("GET", f"/shared/{id}"),
        ("GET", f"/shared/{id}/blobs/{id}"),
    ):
        answer = await api(method, path)
        assert answer.status in (400, 404, 422), (method, path, answer)
        assert answer.json["error"]["message"]


# Terminate and purge


async def test_terminated_once(api: Api) -> None:
    session = await api.session(title="Ends")
    await say(api, session, "before the end")
    assert await api.ok("DELETE", f"/sessions/{session}") == {"id": session, "status": "terminated"}
    refused(await api("DELETE", f"/sessions/{session}"), 409, "conflict")
    assert (await api.ok("GET", f"/sessions/{session}"))["status"] == "terminated"
    assert len(await messages(api, session)) == 1
    assert await titles(api) == []
    assert await titles(api, status="terminated") == ["Ends"]
    assert (await api.ok("GET", "/search", params={"q": "before"}))["total"] == 0
    for method, path, body in (
        ("PATCH", "", {"title": "Lives"}),
        ("POST", "/messages", {"text": "more"}),
        ("POST", "/clear", None),
        ("POST", "/summarize", {}),
        ("POST", "/share", None),
    ):
        refused(await api(method, f"/sessions/{session}{path}", json=body), 409, "conflict")


@pytest.mark.parametrize("terminate_first", [False, True])
async def test_purge_forgets_everything(api: Api, terminate_first: bool) -> None:
    session = await api.session(title="Unforgettable")
    message = await api.ok("POST", f"/sessions/{session}/messages", json={"text": "a confession", "parts": [image()]})
    blob = message["parts"][1]["blob_id"]
    branch = (await api.ok("POST", f"/sessions/{session}/branch", json={}))["id"]
    if terminate_first:
        await api.ok("DELETE", f"/sessions/{session}")
    gone = await api.ok("DELETE", f"/sessions/{session}", params={"purge": "true"})
    assert gone == {"id": session, "status": "purged"}
    refused(await api("GET", f"/sessions/{session}"), 404, "not_found")
    refused(await api("GET", f"/blobs/{blob}"), 404, "not_found")
    refused(await api("DELETE", f"/sessions/{session}", params={"purge": "true"}), 404, "not_found")
    # What was branched off lives on, with pictures of its own, and knows no parent any more.
    assert (await api.ok("GET", f"/sessions/{branch}"))["parent_id"] is None
    copy = (await messages(api, branch))[0]["parts"][1]["blob_id"]
    assert (await api("GET", f"/blobs/{copy}")).status == 200
    found = await api.ok("GET", "/search", params={"q": "confession"})
    assert {hit["session_id"] for hit in found["items"]} == {branch}


# List


async def test_pages(api: Api) -> None:
    for number in range(7):
        await api.session(title=f"Session {number}")
    first = await api.ok("GET", "/sessions", params={"limit": 3})
    assert [session["title"] for session in first["items"]] == ["Session 6", "Session 5", "Session 4"]
    assert {name: first[name] for name in ("total", "limit", "offset")} == {"total": 7, "limit": 3, "offset": 0}
    assert await titles(api, limit=3, offset=6) == ["Session 0"]
    beyond = await api.ok("GET", "/sessions", params={"limit": 500, "offset": 7})
    assert (beyond["items"], beyond["total"]) == ([], 7)


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 501},
        {"limit": "many"},
        {"offset": -1},
        {"offset": 2**64},
        {"sort": "owner"},
        {"sort": "--title"},
        {"status": "sleeping"},
        {"status": "active,sleeping"},
        {"stauts": "active"},
    ],
)
async def test_bad_parameters(api: Api, params: dict[str, Any]) -> None:
    refused(await api("GET", "/sessions", params=params), 422, "invalid")


async def test_filters(api: Api) -> None:
    await api.session(title="A", channel="lab", agent="x", project="one", notebook="dir/a.ipynb")
    await api.session(title="B", channel="lab", project="two")
    await api.session(title="C", channel="api", agent="x", project="one")
    assert sorted(await titles(api, channel="lab")) == ["A", "B"]
    assert sorted(await titles(api, agent="x")) == ["A", "C"]
    assert await titles(api, project="one", channel="api") == ["C"]
    assert await titles(api, notebook="dir/a.ipynb") == ["A"]
    assert await titles(api, notebook="dir") == []
    refused(await api("GET", "/sessions", params={"project": "no\x00such"}), 422, "invalid")


async def test_statuses(api: Api) -> None:
    live = await api.session(title="live")
    kept = await api.session(title="kept")
    ended = await api.session(title="ended")
    await api.ok("PATCH", f"/sessions/{kept}", json={"archived": True})
    await api.ok("DELETE", f"/sessions/{ended}")
    assert await titles(api) == ["live"]
    assert await titles(api, status="active") == ["live"]
    assert await titles(api, status="idle") == []
    assert sorted(await titles(api, status="archived,terminated")) == ["ended", "kept"]
    assert sorted(await titles(api, status=["active", "archived"])) == ["kept", "live"]
    assert sorted(await titles(api, status="active,idle,archived,terminated")) == ["ended", "kept", "live"]
    assert (await api.ok("GET", f"/sessions/{live}"))["status"] == "active"


@pytest.mark.settings(SessionSettings={"idle_seconds": 1, "auto_title": False})
async def test_a_quiet_session_is_idle(api: Api) -> None:
    session = await api.session(title="quiet")
    await asyncio.sleep(1.2)
    assert (await api.ok("GET", f"/sessions/{session}"))["status"] == "idle"
    assert await titles(api, status="idle") == ["quiet"]
    assert await titles(api, status="active") == []
    assert await titles(api) == ["quiet"]
    await say(api, session, "wake up")
    assert await titles(api, status="active") == ["quiet"]


async def test_sorting(api: Api) -> None:
    first = await api.session(title="banana")
    await api.session(title="Apple")
    await api.session(title="cherry")
    await say(api, first, "one", "two")
    assert await titles(api) == ["banana", "cherry", "Apple"]
    assert await titles(api, sort="last_activity_at") == ["Apple", "cherry", "banana"]
    assert await titles(api, sort="title") == ["Apple", "banana", "cherry"]
    assert await titles(api, sort="-title") == ["cherry", "banana", "Apple"]
    assert await titles(api, sort="created_at") == ["banana", "Apple", "cherry"]
    assert (await titles(api, sort="-message_count"))[0] == "banana"
    assert (await titles(api, sort="message_count"))[-1] == "banana"
    assert len(await titles(api, sort="-cost")) == 3


async def test_q_looks_through_titles_and_content(api: Api) -> None:
    await api.session(title="About zebras")
    other = await api.session(title="Nothing")
    await say(api, other, "the zebra crossed the road")
    await api.session(title="Horses")
    assert sorted(await titles(api, q="zebra")) == ["About zebras", "Nothing"]
    assert await titles(api, q="zebra road") == ["Nothing"]
    assert await titles(api, q="unicorn") == []
    assert await titles(api, q='"*(') == []
    assert len(await titles(api, q="")) == 3


# Messages


async def test_append_and_read(api: Api) -> None:
    session = await api.session()
    answer = await api("POST", f"/sessions/{session}/messages", json={"text": "Hello"})
    assert answer.status == 201
    message = answer.json
    assert (message["seq"], message["role"], message["text"]) == (0, "user", "Hello")
    assert message["parts"] == [{"type": "text", "text": "Hello"}]
    assert (message["turn_id"], message["in_context"]) == (None, True)
    await say(api, session, "Hi there", role="assistant")
    assert [item["seq"] for item in await messages(api, session)] == [0, 1]
    seen = await api.ok("GET", f"/sessions/{session}")
    assert (seen["message_count"], seen["preview"]) == (2, "Hi there")
    assert seen["last_activity_at"] > seen["created_at"]


async def test_message_pages(api: Api) -> None:
    session = await api.session()
    await say(api, session, *(f"number {number}" for number in range(6)))
    page = await api.ok("GET", f"/sessions/{session}/messages", params={"limit": 2, "offset": 2})
    assert [item["text"] for item in page["items"]] == ["number 2", "number 3"]
    assert page["total"] == 6
    assert [item["seq"] for item in await messages(api, session, order="desc", limit=2)] == [5, 4]
    after = await api.ok("GET", f"/sessions/{session}/messages", params={"after_seq": 3})
    assert ([item["seq"] for item in after["items"]], after["total"]) == ([4, 5], 2)
    assert await messages(api, session, after_seq=5) == []
    assert len(await messages(api, session, after_seq=-1)) == 6
    refused(await api("GET", f"/sessions/{session}/messages", params={"order": "random"}), 422, "invalid")
    refused(await api("GET", f"/sessions/{session}/messages", params={"limit": 501}), 422, "invalid")


async def test_messages_at_once_get_places_of_their_own(api: Api) -> None:
    session = await api.session()
    await asyncio.gather(*(say(api, session, f"number {number}") for number in range(20)))
    assert [item["seq"] for item in await messages(api, session)] == list(range(20))
    assert (await api.ok("GET", f"/sessions/{session}"))["message_count"] == 20


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "   "},
        {"text": "x", "role": "tool"},
        {"text": "x", "seq": 7},
        {"parts": [{"type": "thinking", "text": "x"}]},
        {"parts": [{"type": "image", "media_type": "image/png"}]},
        {"parts": [{"type": "image", "media_type": "image/svg+xml", "data": "PHN2Zy8+"}]},
        {"parts": [image(), image(), image(), image()]},
        {"parts": [image(b"not a picture")]},
        {"parts": [image(GIF)]},
        {"parts": [image(media_type="image/jpeg")]},
        {"parts": [{"type": "image", "media_type": "image/png", "data": "%%%"}]},
        {"parts": [{"type": "image", "media_type": "image/png", "data": "ä"}]},
        {"parts": [{"type": "image", "media_type": "image/png", "blob_id": "blob_nothing"}]},
    ],
)
async def test_a_bad_message_changes_nothing(api: Api, body: dict[str, Any]) -> None:
    session = await api.session()
    refused(await api("POST", f"/sessions/{session}/messages", json=body), 422, "invalid")
    seen = await api.ok("GET", f"/sessions/{session}")
    assert (seen["message_count"], seen["preview"]) == (0, "")


async def test_a_megabyte_of_text(api: Api) -> None:
    session = await api.session()
    text = " ".join(f"word{number}" for number in range(110_000))
    assert len(text) > 1_000_000
    message = await api.ok("POST", f"/sessions/{session}/messages", json={"text": text})
    assert message["text"] == text
    assert (await api.ok("GET", "/search", params={"q": "word109999"}))["total"] == 1


@pytest.mark.parametrize("text", ["nul \\u0000 byte", "lone \\ud800 surrogate", "other half \\udc00"])
async def test_text_that_databases_refuse(api: Api, text: str) -> None:
    """On every database alike: PostgreSQL keeps neither, SQLite would."""
    headers = {"Content-Type": "application/json"}
    session = await api.session()
    for method, path, body in (
        ("POST", "/sessions", f'{{"title": "{text}"}}'),
        ("POST", "/sessions", f'{{"metadata": {{"deep": ["{text}"]}}}}'),
        ("POST", "/sessions", f'{{"metadata": {{"{text}": 1}}}}'),
        ("PATCH", f"/sessions/{session}", f'{{"metadata": {{"x": "{text}"}}}}'),
        ("POST", f"/sessions/{session}/messages", f'{{"text": "{text}"}}'),
    ):
        answer = await api(method, path, content=body, headers=headers)
        assert answer.status in (400, 422), (path, body, answer)
        assert answer.json["error"]["message"]
    assert (await api.ok("GET", "/sessions"))["total"] == 1
    assert await messages(api, session) == []


# Pictures


@pytest.mark.parametrize(
    ("data", "media_type"),
    [(png((0, 0, 255)), "image/png"), (JPEG, "image/jpeg"), (GIF, "image/gif"), (WEBP, "image/webp")],
)
async def test_a_picture_is_kept_and_served(api: Api, data: bytes, media_type: str) -> None:
    session = await api.session()
    part = image(data, media_type, name="plot of mine")
    message = await api.ok("POST", f"/sessions/{session}/messages", json={"text": "see", "parts": [part]})
    kept = message["parts"][1]
    assert kept["blob_id"].startswith("blob_")
    assert kept.get("data") is None
    answer = await api("GET", f"/blobs/{kept['blob_id']}")
    assert (answer.status, answer.content) == (200, data)
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "private" in answer.headers["Cache-Control"]


async def test_the_same_picture_is_kept_once(api: Api) -> None:
    session = await api.session()
    parts = [image(), image(), image(png((0, 0, 255)))]
    first = await api.ok("POST", f"/sessions/{session}/messages", json={"parts": parts})
    one, same, other = [part["blob_id"] for part in first["parts"]]
    assert one == same != other
    again = {"type": "image", "media_type": "image/png", "blob_id": one}
    second = await api.ok("POST", f"/sessions/{session}/messages", json={"parts": [again]})
    assert second["parts"][0]["blob_id"] == one
    elsewhere = await api.session()
    third = await api.ok("POST", f"/sessions/{elsewhere}/messages", json={"parts": [again]})
    assert third["parts"][0]["blob_id"] != one, "another session has a copy of its own"


async def test_a_picture_over_10_mb(api: Api) -> None:
    session = await api.session()
    limit = 10 * 1024 * 1024
    head = png((1, 2, 3))
    at_limit = head + bytes(limit - len(head))
    await api.ok("POST", f"/sessions/{session}/messages", json={"parts": [image(at_limit)]})
    answer = await api("POST", f"/sessions/{session}/messages", json={"parts": [image(at_limit + b"x")]})
    refused(answer, 413, "too_large")
    assert (await api.ok("GET", f"/sessions/{session}"))["message_count"] == 1


# Owners


async def test_others_sessions_are_not_there(as_user: Callable[[str], Api]) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    session = await alice.session(title="Secret plan")
    body = {"text": "xyzzy", "parts": [image()]}
    blob = (await alice.ok("POST", f"/sessions/{session}/messages", json=body))["parts"][1]["blob_id"]
    refused(await bob("GET", f"/blobs/{blob}"), 404, "not_found")
    refused(await bob("GET", "/search", params={"q": "xyzzy", "session_id": session}), 404, "not_found")
    assert (await bob.ok("GET", "/search", params={"q": "xyzzy"}))["total"] == 0
    assert await titles(bob, q="secret") == []
    mine = await bob.session()
    stolen = {"parts": [{"type": "image", "media_type": "image/png", "blob_id": blob}]}
    refused(await bob("POST", f"/sessions/{mine}/messages", json=stolen), 422, "invalid")
    refused(await bob("DELETE", f"/sessions/{session}/share"), 404, "not_found")
    result = await bob.ok("POST", "/sessions/titles", json={"session_ids": [session]})
    assert (result["items"], list(result["failed"])) == ([], [session])
    assert (await alice.ok("GET", f"/sessions/{session}"))["title"] == "Secret plan"


# Clear


async def test_clear(api: Api) -> None:
    session = await api.session(title="Kept")
    message = await api.ok("POST", f"/sessions/{session}/messages", json={"text": "erase me", "parts": [image()]})
    await say(api, session, "me too", role="assistant")
    assert await api.ok("POST", f"/sessions/{session}/clear") == {"id": session, "deleted_messages": 2}
    assert await messages(api, session) == []
    seen = await api.ok("GET", f"/sessions/{session}")
    assert (seen["message_count"], seen["preview"], seen["title"]) == (0, "", "Kept")
    assert (await api.ok("GET", "/search", params={"q": "erase"}))["total"] == 0
    assert (await api.ok("GET", "/search", params={"q": "kept"}))["total"] == 1
    refused(await api("GET", f"/blobs/{message['parts'][1]['blob_id']}"), 404, "not_found")
    assert (await say(api, session, "afresh"))[0]["seq"] == 0
    assert (await api.ok("POST", f"/sessions/{session}/clear"))["deleted_messages"] == 1
    assert (await api.ok("POST", f"/sessions/{session}/clear"))["deleted_messages"] == 0


async def test_clear_keeps_costs_and_forgets_what_turns_said(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("echo", "unforgettable words")
    session = turn["session_id"]
    before = await api.ok("GET", f"/sessions/{session}")
    await api.ok("POST", f"/sessions/{session}/clear")
    after = await api.ok("GET", f"/sessions/{session}")
    assert after["usage"] == before["usage"]
    assert after["usage"]["requests"] == 1
    assert after["turn_count"] == 1
    seen = await api("GET", f"/turns/{turn['id']}")
    assert "unforgettable" not in seen.content.decode()
    assert seen.json["usage"] == turn["usage"]
    events = await api.events(turn["id"])
    assert [event.type for event in events] == ["turn_finished"]
    again = await api.turn("remember", "fresh start", session_id=session)
    assert again["answer"] == "fresh start"


async def test_not_while_a_turn_runs(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    await say(api, session, "one", "two", "three")
    turn = await api.ok("POST", f"/sessions/{session}/turns", json={"message": "wait", "model": "hang"})
    for path in ("/clear", "/summarize"):
        error = refused(await api("POST", f"/sessions/{session}{path}", json=None), 409, "conflict")
        assert error["details"]["turn_id"] == turn["id"]
    refused(await api("POST", f"/sessions/{session}/branch", json={"turn_id": turn["id"]}), 409, "conflict")
    await api.ok("POST", f"/turns/{turn['id']}/interrupt")
    await api.events(turn["id"])
    await api.ok("POST", f"/sessions/{session}/clear")


@pytest.mark.parametrize("purge", [False, True])
async def test_deleting_interrupts_the_running_turn(api: Api, scripted: ScriptedProvider, purge: bool) -> None:
    session = await api.session()
    turn = await api.ok("POST", f"/sessions/{session}/turns", json={"message": "wait", "model": "hang"})
    await scripted.wait_for_requests(1)
    await api.ok("DELETE", f"/sessions/{session}", params={"purge": str(purge).lower()})
    if purge:
        refused(await api("GET", f"/turns/{turn['id']}"), 404, "not_found")
    else:
        await api.events(turn["id"])
        assert (await api.ok("GET", f"/turns/{turn['id']}"))["stop_reason"] == "interrupted"


# Branch


async def test_branch_of_everything(api: Api) -> None:
    session = await api.session(title="Trunk", project="p", metadata={"k": 1})
    await say(api, session, "one")
    picture = (await api.ok("POST", f"/sessions/{session}/messages", json={"text": "two", "parts": [image()]}))[
        "parts"
    ][1]
    answer = await api("POST", f"/sessions/{session}/branch", json={"title": "Twig"})
    assert answer.status == 201
    branch = answer.json
    assert (branch["title"], branch["parent_id"], branch["project"]) == ("Twig", session, "p")
    assert (branch["message_count"], branch["turn_count"], branch["metadata"]) == (2, 0, {"k": 1})
    copies, originals = await messages(api, branch["id"]), await messages(api, session)
    assert [item["text"] for item in copies] == ["one", "two"]
    assert [item["seq"] for item in copies] == [0, 1]
    assert not {item["id"] for item in copies} & {item["id"] for item in originals}
    blob = copies[1]["parts"][1]["blob_id"]
    assert blob != picture["blob_id"]
    assert (await api("GET", f"/blobs/{blob}")).content == png((255, 0, 0))
    await say(api, branch["id"], "three")
    assert len(await messages(api, session)) == 2
    assert (await api.ok("POST", f"/sessions/{session}/branch"))["title"] == "Trunk"


async def test_branch_at_a_message(api: Api) -> None:
    session = await api.session()
    said = await say(api, session, "one", "two", "three")
    branch = await api.ok("POST", f"/sessions/{session}/branch", json={"message_id": said[1]["id"]})
    assert [item["text"] for item in await messages(api, branch["id"])] == ["one", "two"]
    refused(await api("POST", f"/sessions/{session}/branch", json={"turn_id": "nul\x00"}), 422, "invalid")
    for body in ({"message_id": "msg_nothing"}, {"turn_id": "turn_nothing"}):
        refused(await api("POST", f"/sessions/{session}/branch", json=body), 404, "not_found")
    both = {"message_id": said[1]["id"], "turn_id": "turn_1"}
    refused(await api("POST", f"/sessions/{session}/branch", json=both), 422, "invalid")
    elsewhere = await api.session()
    refused(await api("POST", f"/sessions/{elsewhere}/branch", json={"message_id": said[0]["id"]}), 404, "not_found")


async def test_branch_at_a_turn(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    turns = [await api.turn("echo", text, session_id=session) for text in ("first", "second", "third")]
    branch = await api.ok("POST", f"/sessions/{session}/branch", json={"turn_id": turns[1]["id"]})
    assert branch["branched_from_turn_id"] == turns[1]["id"]
    copies = await messages(api, branch["id"])
    assert [item["text"] for item in copies] == ["first", "first", "second", "second"]
    assert {item["turn_id"] for item in copies} == {None}
    assert branch["usage"]["requests"] == 0, "the branch cost nothing yet"
    turn = await api.turn("remember", "now", session_id=branch["id"])
    assert turn["answer"] == "first | second | now"


# Share


async def test_share(as_user: Callable[[str], Api], anonymous: Api) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    session = await alice.session(title="Shown")
    other = await alice.session(title="Hidden")
    await alice.ok("POST", f"/sessions/{session}/branch")
    body = {"text": "look", "parts": [image()]}
    blob = (await alice.ok("POST", f"/sessions/{session}/messages", json=body))["parts"][1]["blob_id"]
    hidden = (await alice.ok("POST", f"/sessions/{other}/messages", json=body))["parts"][1]["blob_id"]
    await say(alice, session, "second", "third")
    share = await alice.ok("POST", f"/sessions/{session}/share")
    assert len(share["token"]) > 40
    assert share["path"] == f"agent/v1/shared/{share['token']}"
    assert await alice.ok("POST", f"/sessions/{session}/share") == share
    assert (await alice.ok("GET", f"/sessions/{session}"))["shared"] is True

    path = f"/shared/{share['token']}"
    view = await bob.ok("GET", path, params={"limit": 2, "offset": 1})
    assert (view["title"], view["total"], view["limit"], view["offset"]) == ("Shown", 3, 2, 1)
    assert [item["text"] for item in view["messages"]] == ["second", "third"]
    assert "alice" not in json.dumps(view)
    assert (await bob("GET", f"{path}/blobs/{blob}")).content == png((255, 0, 0))
    refused(await bob("GET", f"{path}/blobs/{hidden}"), 404, "not_found")
    refused(await bob("GET", f"/sessions/{session}"), 404, "not_found")
    refused(await bob("POST", f"/sessions/{session}/messages", json={"text": "graffiti"}), 404, "not_found")
    assert (await anonymous("GET", path)).status in (401, 403)

    answer = await alice("DELETE", f"/sessions/{session}/share")
    assert (answer.status, answer.content) == (204, b"")
    refused(await alice("DELETE", f"/sessions/{session}/share"), 404, "not_found")
    refused(await bob("GET", path), 404, "not_found")
    refused(await bob("GET", f"{path}/blobs/{blob}"), 404, "not_found")
    assert (await alice.ok("POST", f"/sessions/{session}/share"))["token"] != share["token"]


async def test_a_share_ends_with_its_session(api: Api) -> None:
    session = await api.session()
    token = (await api.ok("POST", f"/sessions/{session}/share"))["token"]
    await api.ok("DELETE", f"/sessions/{session}")
    answer = await api("GET", f"/shared/{token}")
    refused(answer, 404, "not_found")
    assert token not in answer.content.decode()


# Export and import

CODE = "Here:\n\n```python\nx = 1\n\nprint(x)\n```\n\nand\n\n```bash\nls\n```\n\n```py\ny = 2\n```\nDone. ```inline```"


async def exported(api: Api) -> str:
    session = await api.session(title="Über: a/b? *plan* 🚀", project="p", metadata={"k": ["v"]})
    context = {"type": "context", "kind": "cell", "name": "cell [3]", "text": "```\nx\n```"}
    parts = [image(name="plot.png"), context]
    await api.ok("POST", f"/sessions/{session}/messages", json={"text": "What is this?", "parts": parts})
    await say(api, session, CODE, role="assistant")
    await say(api, session, "thanks, 谢谢")
    return session


def portable(session: Any, items: list[Any]) -> Any:
    """What an export must carry."""
    names = ("title", "title_source", "channel", "agent", "project", "notebook", "provider", "model", "metadata")
    of_message = ("seq", "role", "text", "provider", "model", "usage", "stop_reason", "in_context", "created_at")
    return (
        {name: session[name] for name in names},
        [
            {
                **{name: item[name] for name in of_message},
                "parts": [{k: v for k, v in part.items() if k != "blob_id"} for part in item["parts"]],
            }
            for item in items
        ],
    )


async def test_export_and_import_round_trip(api: Api) -> None:
    session = await exported(api)
    answer = await api("GET", f"/sessions/{session}/export")
    assert answer.status == 200
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert not set("/\\?*:\r\n") & set(disposition.partition("filename=")[2].partition(";")[0])
    file = json.loads(answer.content)
    text = json.dumps(file)
    original = await api.ok("GET", f"/sessions/{session}")
    assert session not in text
    assert "owner" not in file["session"]
    imported = await api("POST", "/sessions/import", json=file)
    assert imported.status == 201
    assert imported.json["id"] != session
    assert imported.json["status"] == "active"
    before = portable(original, await messages(api, session))
    copies = await messages(api, imported.json["id"])
    assert portable(await api.ok("GET", f"/sessions/{imported.json['id']}"), copies) == before
    blob = copies[0]["parts"][1]["blob_id"]
    assert blob not in text
    await api.ok("DELETE", f"/sessions/{session}", params={"purge": "true"})
    assert (await api("GET", f"/blobs/{blob}")).content == png((255, 0, 0))
    assert (await api.ok("GET", "/search", params={"q": "谢谢"}))["total"] == 1
    again = json.loads((await api("GET", f"/sessions/{imported.json['id']}/export")).content)
    assert again["messages"][1:] == file["messages"][1:]


async def test_markdown_export(api: Api) -> None:
    answer = await api("GET", f"/sessions/{await exported(api)}/export", params={"format": "md"})
    assert answer.headers["Content-Type"].startswith("text/markdown")
    assert ".md" in answer.headers["Content-Disposition"]
    text = answer.content.decode()
    assert text.startswith("# Über: a/b? *plan* 🚀\n")
    assert text.index("## User") < text.index("What is this?") < text.index("## Assistant") < text.index("谢谢")
    assert "![plot.png][picture-1]" in text
    assert "[picture-1]: data:image/png;base64," in text
    assert "````\n```\nx\n```\n````" in text, "a fence that the text cannot close"


async def test_notebook_export(api: Api) -> None:
    answer = await api("GET", f"/sessions/{await exported(api)}/export", params={"format": "ipynb"})
    notebook = nbformat.reads(answer.content.decode(), as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    cells = [(cell.cell_type, cell.source) for cell in notebook.cells]
    assert [source for kind, source in cells if kind == "code"] == ["x = 1\n\nprint(x)", "y = 2"]
    prose = "\n".join(source for kind, source in cells if kind == "markdown")
    assert "```bash\nls\n```" in prose
    assert "Done. ```inline```" in prose
    user = notebook.cells[1]
    assert "attachment:picture-1.png" in user.source
    assert base64.b64decode(user.attachments["picture-1.png"]["image/png"]) == png((255, 0, 0))


async def test_export_of_nothing(api: Api) -> None:
    session = await api.session()
    for kind in ("json", "md", "ipynb"):
        answer = await api("GET", f"/sessions/{session}/export", params={"format": kind})
        assert answer.status == 200
        assert f"session.{kind}" in answer.headers["Content-Disposition"]
    assert (
        await api(
            "POST",
            "/sessions/import",
            content=(await api("GET", f"/sessions/{session}/export")).content,
            headers={"Content-Type": "application/json"},
        )
    ).status == 201
    refused(await api("GET", f"/sessions/{session}/export", params={"format": "pdf"}), 422, "invalid")


def file(**changes: Any) -> dict[str, Any]:
    return {
        "format": "jupyter-agent-session",
        "version": 1,
        "session": {"title": "From elsewhere"},
        "messages": [{"role": "user", "parts": [{"type": "text", "text": "hi"}]}],
        **changes,
    }


def picture_file(data: str, media_type: str = "image/png", said: str = "image/png") -> dict[str, Any]:
    part = {"type": "image", "media_type": said, "blob_id": "b"}
    return file(messages=[{"role": "user", "parts": [part]}], blobs={"b": {"media_type": media_type, "data": data}})


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        file(format="chatgpt"),
        file(version=2),
        file(messages=None),
        file(messages=[{"role": "root", "parts": []}]),
        file(messages=[{"role": "user", "parts": [{"type": "video"}]}]),
        file(messages=[{"role": "user", "parts": [], "session_id": "sess_other"}]),
        file(messages=[{"role": "user", "parts": [], "duration_ms": 2**40}]),
        file(session={"title": "x" * 201}),
        file(session={"title": "x", "owner": "root"}),
        file(session={"id": "sess_other"}),
        file(messages=[{"role": "user", "parts": [image()]}]),
        file(messages=[{"role": "user", "parts": [{"type": "image", "media_type": "image/png", "blob_id": "no"}]}]),
        picture_file("***"),
        picture_file(base64.b64encode(b"no picture").decode()),
        picture_file(base64.b64encode(GIF).decode()),
        picture_file(base64.b64encode(GIF).decode(), media_type="image/gif"),
        picture_file(base64.b64encode(b"<svg/>").decode(), "image/svg+xml"),
    ],
)
async def test_a_bad_file_imports_nothing(api: Api, body: Any) -> None:
    answer = await api("POST", "/sessions/import", json=body)
    assert answer.status in (400, 422), answer
    assert answer.json["error"]["message"]
    assert (await api.ok("GET", "/sessions"))["total"] == 0


async def test_a_file_s_blob_ids_reach_nobody_s_blobs(as_user: Callable[[str], Api]) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    session = await alice.session()
    message = await alice.ok("POST", f"/sessions/{session}/messages", json={"parts": [image()]})
    part = {"type": "image", "media_type": "image/png", "blob_id": message["parts"][0]["blob_id"]}
    answer = await bob("POST", "/sessions/import", json=file(messages=[{"role": "user", "parts": [part]}]))
    refused(answer, 422, "invalid")


async def test_import_of_a_large_file(api: Api) -> None:
    said = [{"role": "user", "parts": [{"type": "text", "text": f"message {number}"}]} for number in range(3000)]
    session = await api.ok("POST", "/sessions/import", json=file(messages=said))
    assert session["message_count"] == 3000
    assert (await messages(api, session["id"], order="desc", limit=1))[0]["text"] == "message 2999"
    big = file(messages=[{"role": "user", "parts": [{"type": "text", "text": "x" * (51 * 1024 * 1024)}]}])
    refused(await api("POST", "/sessions/import", json=big), 413, "too_large")


# Search


async def test_search(api: Api) -> None:
    session = await api.session(title="Plotting with seaborn")
    said = await say(api, session, "How do I draw a violin plot of penguins?")
    await api.session(title="Unrelated")
    page = await api.ok("GET", "/search", params={"q": "violin pengu"})
    assert (page["total"], page["limit"], page["offset"], page["capped"]) == (1, 20, 0, False)
    hit = page["items"][0]
    assert (hit["kind"], hit["session_id"], hit["session_title"]) == ("message", session, "Plotting with seaborn")
    assert (hit["message_id"], hit["role"]) == (said[0]["id"], "user")
    assert "\ue000violin\ue001" in hit["snippet"]
    assert "\ue000penguins\ue001" in hit["snippet"]
    by_title = await api.ok("GET", "/search", params={"q": "seaborn", "kind": "title"})
    assert [hit["kind"] for hit in by_title["items"]] == ["title"]
    await api.ok("PATCH", f"/sessions/{session}", json={"title": "Renamed"})
    assert (await api.ok("GET", "/search", params={"q": "seaborn"}))["total"] == 0
    assert (await api.ok("GET", "/search", params={"q": "renamed"}))["total"] == 1


async def test_search_needs_words(api: Api) -> None:
    refused(await api("GET", "/search"), 400, "bad_request")
    refused(await api("GET", "/search", params={"q": "  "}), 400, "bad_request")
    refused(await api("GET", "/search", params={"q": "x" * 1001}), 422, "invalid")
    refused(await api("GET", "/search", params={"q": "x", "limit": 101}), 422, "invalid")
    refused(await api("GET", "/search", params={"q": "x", "kind": "everything"}), 422, "invalid")


@pytest.mark.parametrize(
    "q", ['"', "*", "a AND", "NEAR(", "';--", "%", "\ue000", "💥", "a:b", "(((", "\\", "-x", "^", "&|!"]
)
async def test_hostile_searches(api: Api, q: str) -> None:
    session = await api.session(title="Plain title")
    await say(api, session, "plain words")
    assert (await api.ok("GET", "/search", params={"q": q}))["total"] == 0


async def test_tool_results_are_found(api: Api, scripted: ScriptedProvider) -> None:
    call = 'update_tasks {"items": [{"id": "1", "title": "Catch the rhinoceros", "status": "pending"}]}'
    turn = await api.turn("tool", call)
    found = await api.ok("GET", "/search", params={"q": "rhinoceros", "session_id": turn["session_id"]})
    assert {hit["turn_id"] for hit in found["items"] if hit["kind"] != "title"} == {turn["id"]}


# What the model says


async def test_summary_stands_for_the_older_messages(api: Api, scripted: ScriptedProvider) -> None:
    scripted.script("summarizer", saying("They counted to three."))
    session = await api.session(provider="scripted", model="remember")
    await say(api, session, "one", "two", "three", "four")
    body = {"keep_last": 1, "instructions": "in one sentence", "model": "summarizer"}
    summary = await api.ok("POST", f"/sessions/{session}/summarize", json=body)
    assert summary["summarized_messages"] == 3
    assert summary["usage"]["requests"] == 1
    assert (summary["message"]["role"], summary["message"]["text"]) == ("system", "They counted to three.")
    asked = json.dumps(scripted.last.body)
    assert all(word in asked for word in ("one", "two", "three", "in one sentence"))
    assert "four" not in asked
    items = await messages(api, session)
    assert [(item["text"], item["in_context"]) for item in items] == [
        ("one", False),
        ("two", False),
        ("three", False),
        ("They counted to three.", True),
        ("four", True),
    ]
    assert [item["seq"] for item in items] == [0, 1, 2, 3, 4]
    assert (await api.ok("GET", f"/sessions/{session}"))["message_count"] == 5
    # A second summary takes the first one in.
    await say(api, session, "five")
    second = await api.ok("POST", f"/sessions/{session}/summarize", json={"keep_last": 0, "model": "summarizer"})
    assert "They counted to three." in json.dumps(scripted.last.body)
    assert [item["id"] for item in await messages(api, session) if item["in_context"]] == [second["message"]["id"]]


async def test_nothing_to_summarize(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    refused(await api("POST", f"/sessions/{session}/summarize"), 409, "conflict")
    await say(api, session, "one", "two")
    refused(await api("POST", f"/sessions/{session}/summarize", json={"keep_last": 2}), 409, "conflict")
    assert scripted.requests == []


async def test_a_failed_summary_changes_nothing(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session()
    await say(api, session, "one", "two", "three")
    answer = await api("POST", f"/sessions/{session}/summarize", json={"model": "unauthorized"})
    assert answer.status == 503
    assert answer.json["error"]["message"]
    assert [item["in_context"] for item in await messages(api, session)] == [True, True, True]


async def test_titles_for_the_untitled(api: Api, scripted: ScriptedProvider) -> None:
    scripted.script("titler", saying('Title: "Counting **Sheep**".\nI hope you like it!'))
    scripted.script("chatty", saying("Sure! I would be happy to give this conversation a title."))
    named = await api.session(title="Mine", model="titler", provider="scripted")
    good = await api.session(model="titler", provider="scripted")
    bad = await api.session(model="chatty", provider="scripted")
    broken = await api.session(model="unauthorized", provider="scripted")
    empty = await api.session(model="titler", provider="scripted")
    for session in (named, good, bad, broken):
        await say(api, session, "# How do I count *sheep*\nat night?")
    result = await api.ok("POST", "/sessions/titles")
    assert {item["id"]: item["title"] for item in result["items"]} == {
        good: "Counting Sheep",
        bad: "How do I count sheep",
    }
    assert list(result["failed"]) == [broken]
    assert result["failed"][broken]
    all_five = (named, good, bad, broken, empty)
    sources = {one: (await api.ok("GET", f"/sessions/{one}"))["title_source"] for one in all_five}
    assert sources == {named: "user", good: "model", bad: "message", broken: "none", empty: "none"}
    assert (await api.ok("GET", "/search", params={"q": "counting sheep", "kind": "title"}))["total"] == 1
    asked = await api.ok("POST", "/sessions/titles", json={"session_ids": [named, empty, "sess_nothing"]})
    assert asked["items"] == []
    assert set(asked["failed"]) == {named, empty, "sess_nothing"}
    limited = await api.ok("POST", "/sessions/titles", json={"session_ids": [good, bad], "limit": 1})
    assert ([item["id"] for item in limited["items"]], list(limited["failed"])) == ([good], [bad])
    refused(await api("POST", "/sessions/titles", json={"limit": 0}), 422, "invalid")


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Sorting Lists in Python", "Sorting Lists in Python"),
        ('"Sorting Lists"', "Sorting Lists"),
        ("**Sorting Lists**", "Sorting Lists"),
        ("# Sorting", "Sorting"),
        ("Title: Sorting lists.", "Sorting lists"),
        ("\n\n  «Tri de listes»  \nmore", "Tri de listes"),
        ("<think>hm</think>\nSorting", "Sorting"),
        ("列表排序", "列表排序"),
        ("A\u202eB\x07 C", "A B C"),
        ("Supercalifragilistic " * 3 + "expialidocious", "Supercalifragilistic Supercalifragilistic…"),
        ('The title of this conversation is "The capital of France".', "The capital of France"),
        ("```python\nimport seaborn\n```", None),
        ("The title is not known", "The title is not known"),
        ("", None),
        ("...", None),
        ("42", None),
        ("Untitled", None),
        ("Sure, here is a title", None),
        ("I'm sorry, I cannot do that", None),
        ("The user wants to know how lists are sorted", None),
        ("What is sorting?", None),
        ("one two three four five six seven eight nine ten eleven", None),
        ("x" * 200, None),
    ],
)
def test_what_can_be_a_title(said: str, title: str | None) -> None:
    from jupyter_agent.sessions.wording import clean_title

    assert clean_title(said) == title


def test_first_words() -> None:
    from jupyter_agent.sessions.wording import TITLE_LENGTH, first_words

    assert first_words("\n\n  ## Load *this* file:\nthen plot it") == "Load this file"
    assert first_words("!!!\n---") is None
    long = first_words("word " * 50)
    assert long is not None
    assert len(long) <= TITLE_LENGTH
    assert long.endswith("word…")


def test_chunks_hold_everything_and_stay_small() -> None:
    from jupyter_agent.sessions.wording import chunks

    lines = [str(number) * random.Random(number).randint(1, 30) for number in range(200)]
    pieces = list(chunks(lines, 100))
    assert "\n\n".join(pieces) == "\n\n".join(lines)
    assert max(map(len, pieces)) <= 100
    (only,) = chunks(["a" * 50 + "b" * 200 + "c" * 50], 100)
    assert len(only) <= 110
    assert only.startswith("aaa")
    assert only.endswith("ccc")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Plain title", "Plain-title.md"),
        ("../../etc/passwd", "etc-passwd.md"),
        ("", "session.md"),
        ("???", "session.md"),
        ("CON", "session-CON.md"),
        ("line\r\nbreak", "line-break.md"),
        ('quo"te', "quo-te.md"),
        ("数据 分析", "数据-分析.md"),
        ("x" * 200, "x" * 80 + ".md"),
    ],
)
def test_safe_filename(title: str, name: str) -> None:
    from jupyter_agent.sessions.transfer import safe_filename

    assert safe_filename(title, "md") == name


def test_split_code() -> None:
    from jupyter_agent.sessions.transfer import split_code

    assert list(split_code("no code")) == [("markdown", "no code")]
    assert list(split_code("```python\na\n```")) == [("code", "a")]
    assert list(split_code("~~~py\na\n```\nb\n~~~\nend")) == [("code", "a\n```\nb"), ("markdown", "end")]
    assert list(split_code("````python\n```\n````")) == [("code", "```")]
    assert list(split_code("open\n```python\nnever closed")) == [("markdown", "open\n```python\nnever closed")]
    assert list(split_code("")) == []


# Told to listeners


async def test_changes_are_told(api: Api, jp_serverapp: Any) -> None:
    session = await api.session(title="Told")
    services = await agent_services(jp_serverapp)
    subscription = services.bus.subscribe((await api.ok("GET", f"/sessions/{session}"))["owner"])
    subscription.topics.add("sessions")
    await say(api, session, "hello")
    await api.ok("PATCH", f"/sessions/{session}", json={"title": "Told again"})
    made = await api.session()
    await api.ok("DELETE", f"/sessions/{made}")
    told = [subscription.queue.get_nowait() for _ in range(subscription.queue.qsize())]
    subscription.close()
    assert {topic for topic, _ in told} == {"sessions"}
    assert [(event["type"], event["session"]["id"]) for _, event in told] == [
        ("session_updated", session),
        ("session_updated", session),
        ("session_created", made),
        ("session_deleted", made),
    ]
    assert told[0][1]["session"]["message_count"] == 1
    assert told[1][1]["session"] == await api.ok("GET", f"/sessions/{session}")
    snapshot = await services.bus.read_snapshot("sessions", told[0][1]["session"]["owner"])
    assert [item["id"] for item in snapshot["items"]] == [session]


async def agent_services(jp_serverapp: Any) -> Any:
    """The services of the server under test."""
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_agent"]
    return await app.services()
