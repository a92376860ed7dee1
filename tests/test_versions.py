"""What is sent again is another version of the conversation: found from each message, listed once, ended together."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from .conftest import Api
from .scripted_provider import ScriptedProvider, png
from .servers import JupyterServer
from .test_sessions import GIF, image, messages, refused, say
from .test_turns import assert_whole, finished, start

RED, BLUE = png((255, 0, 0)), png((0, 0, 255))


def upload(data: bytes = RED, media_type: str = "image/png", **fields: Any) -> dict[str, Any]:
    return {"media_type": media_type, "data": base64.b64encode(data).decode(), **fields}


async def resend(api: Api, said: dict[str, Any], /, **body: Any) -> Any:
    """The finished turn of what was sent again."""
    path = f"/sessions/{said['session_id']}/messages/{said['id']}/resend"
    answer = await api("POST", path, json=body)
    assert answer.status == 202, answer.content.decode()
    return await finished(api, answer.json["id"])


async def users(api: Api, session: str) -> list[Any]:
    return [message for message in await messages(api, session) if message["role"] == "user"]


async def versions(api: Api, session: str) -> list[tuple[int, list[str]]]:
    """Of each thing the user said: its place among its versions, and the sessions of all."""
    return [
        (message["version"], [one["session_id"] for one in message["versions"]])
        for message in await users(api, session)
    ]


async def ids(api: Api, **params: Any) -> list[str]:
    page = await api.ok("GET", "/sessions", params=params)
    assert page["total"] == len(page["items"])
    return [session["id"] for session in page["items"]]


# Sending again


async def test_resend_makes_another_version(api: Api, scripted: ScriptedProvider) -> None:
    first = await api.session(title="Colours")
    await api.turn("echo", "one", session_id=first)
    turn = await api.turn("echo", "two", session_id=first)
    assert await versions(api, first) == [(0, []), (0, [])]
    again = await resend(api, (await users(api, first))[1], message="zwei")
    second = again["session_id"]
    assert (again["answer"], again["retry_of"], again["model"]) == ("zwei", turn["id"], "echo")
    assert second != first
    assert [message["text"] for message in await messages(api, second)] == ["one", "one", "zwei", "zwei"]
    assert [message["text"] for message in await messages(api, first)] == ["one", "one", "two", "two"]
    assert await versions(api, first) == [(0, []), (0, [first, second])]
    assert await versions(api, second) == [(0, []), (1, [first, second])]
    named = (await users(api, first))[1]["versions"]
    assert [one["message_id"] for one in named] == [
        (await users(api, first))[1]["id"],
        (await users(api, second))[1]["id"],
    ]
    assert named[0]["created_at"] <= named[1]["created_at"]
    for id in (first, second):
        session = await api.ok("GET", f"/sessions/{id}")
        assert (session["conversation_id"], session["version_count"], session["title"]) == (first, 2, "Colours")
    # Only what the user said has versions.
    assert all(not message["versions"] for message in await messages(api, first) if message["role"] == "assistant")


async def test_versions_through_two_levels(api: Api, scripted: ScriptedProvider) -> None:
    first = await api.session()
    for text in ("one", "two"):
        await api.turn("echo", text, session_id=first)
    second = (await resend(api, (await users(api, first))[1], message="zwei"))["session_id"]
    # The message that was copied, and has no turn here, is sent again from the copy.
    copied = (await users(api, second))[0]
    assert copied["turn_id"] is None
    third = (await resend(api, copied, message="eins"))["session_id"]
    assert [message["text"] for message in await messages(api, third)] == ["eins", "eins"]
    assert await versions(api, first) == [(0, [first, third]), (0, [first, second])]
    assert await versions(api, second) == [(0, [first, third]), (1, [first, second])]
    assert await versions(api, third) == [(1, [first, third])]
    # A version of a version belongs to the same.
    fourth = (await resend(api, (await users(api, second))[1], message="deux"))["session_id"]
    assert await versions(api, fourth) == [(0, [first, third]), (2, [first, second, fourth])]
    assert (await api.ok("GET", f"/sessions/{third}"))["version_count"] == 4
    # One query a page, however many messages have versions.
    page = await api.ok("GET", f"/sessions/{fourth}/messages", params={"order": "desc", "limit": 2})
    assert [message["version"] for message in page["items"] if message["role"] == "user"] == [2]


async def test_retry_is_the_same_machinery(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("echo", "one")
    again = await api.ok("POST", f"/turns/{turn['id']}/retry", json={"message": "two"})
    await finished(api, again["id"])
    assert await versions(api, again["session_id"]) == [(1, [turn["session_id"], again["session_id"]])]


async def test_what_is_null_stays_as_it_was(api: Api, scripted: ScriptedProvider) -> None:
    context = {"type": "context", "kind": "cell", "name": "Cell 3", "text": "x = 1", "cell_id": "c3"}
    turn = await api.turn(
        "see", "which colour?", parts=[image(RED, name="red.png"), context], settings={"temperature": 0.25}
    )
    assert "red" in turn["answer"]
    message = (await users(api, turn["session_id"]))[0]
    again = await resend(api, message)
    assert "red" in again["answer"]
    assert scripted.last.body["temperature"] == 0.25
    copy = (await users(api, again["session_id"]))[0]
    assert [part["type"] for part in copy["parts"]] == ["text", "image", "context"]
    assert copy["parts"][2]["cell_id"] == "c3"
    assert copy["parts"][1]["blob_id"] != message["parts"][1]["blob_id"]
    # Other pictures, and none.
    other = await resend(api, message, parts=[image(BLUE)])
    assert "blue" in other["answer"]
    none = await resend(api, message, parts=[], model="echo", message="no picture")
    assert [part["type"] for part in (await users(api, none["session_id"]))[0]["parts"]] == ["text"]
    # A picture that is there already is named.
    blob = message["parts"][1]["blob_id"]
    named = await resend(api, message, parts=[{"type": "image", "media_type": "image/png", "blob_id": blob}])
    assert "red" in named["answer"]
    # From a copy of a copy, whose turn is another session's.
    away = (await resend(api, copy, message="and now?"))["session_id"]
    await api.turn("echo", "more", session_id=away)
    last = await resend(api, (await users(api, away))[1], message="most")
    from_copy = (await users(api, last["session_id"]))[0]
    assert from_copy["turn_id"] is None
    assert "red" in (await resend(api, from_copy))["answer"]
    assert scripted.last.body["temperature"] == 0.25
    # All of it lives on where the first session is forgotten.
    await api.ok("DELETE", f"/sessions/{turn['session_id']}", params={"purge": "true"})
    assert "red" in (await resend(api, from_copy))["answer"]


async def test_a_message_that_no_turn_answered(api: Api, scripted: ScriptedProvider) -> None:
    session = await api.session(model="echo", provider="scripted")
    (message,) = await say(api, session, "put in")
    again = await resend(api, message)
    assert (again["answer"], again["retry_of"]) == ("put in", None)
    assert await versions(api, session) == [(0, [session, again["session_id"]])]


async def test_not_while_its_turn_runs(api: Api, scripted: ScriptedProvider) -> None:
    turn = await start(api, "tool", 'update_tasks {"items": []}')
    await finished(api, turn["id"])
    running = await start(api, "gated-3", "begin", session=turn["session_id"])
    answer = await api("POST", f"/turns/{running['id']}/retry", json={})
    refused(answer, 409, "conflict")
    message = (await users(api, turn["session_id"]))[1]
    path = f"/sessions/{turn['session_id']}/messages/{message['id']}/resend"
    refused(await api("POST", path, json={}), 409, "conflict")
    # What stands before the running turn can be sent again.
    before = (await users(api, turn["session_id"]))[0]
    assert (await resend(api, before, model="echo", message="again"))["answer"] == "again"
    await api.ok("POST", f"/turns/{running['id']}/interrupt")
    await finished(api, running["id"])
    assert (await resend(api, message, model="echo"))["answer"] == "begin"


async def test_bad_resends_change_nothing(as_user: Callable[[str], Api], scripted: ScriptedProvider) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    turn = await alice.turn("echo", "mine")
    session = turn["session_id"]
    asked, answered = await messages(alice, session)
    other = await alice.session()
    path = f"/sessions/{session}/messages/{asked['id']}/resend"
    refused(await bob("POST", path, json={}), 404, "not_found")
    refused(await alice("POST", f"/sessions/{other}/messages/{asked['id']}/resend", json={}), 404, "not_found")
    refused(await alice("POST", f"/sessions/{session}/messages/msg_0/resend", json={}), 404, "not_found")
    refused(await alice("POST", f"/sessions/sess_0/messages/{asked['id']}/resend", json={}), 404, "not_found")
    refused(await alice("POST", f"/sessions/{session}/messages/{answered['id']}/resend", json={}), 409, "conflict")
    theirs = (await bob.ok("POST", "/blobs", json=upload()))["id"]
    for body in [
        {"message": "", "parts": []},
        {"message": " "},
        {"provider": "nobody"},
        {"parts": [{"type": "image", "media_type": "image/png", "blob_id": theirs}], "model": "see"},
        {"parts": [{"type": "image", "media_type": "image/png", "blob_id": "blob_0"}], "model": "see"},
        {"parts": [image(b"no picture")], "model": "see"},
        {"parts": [image()] * 4, "model": "see"},
        {"text": "unknown field"},
    ]:
        refused(await alice("POST", path, json=body), 422, "invalid")
    assert {session, other} == set(await ids(alice))
    assert await versions(alice, session) == [(0, [])]


async def test_the_same_key_sends_once(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("echo", "one")
    message = (await users(api, turn["session_id"]))[0]
    path = f"/sessions/{message['session_id']}/messages/{message['id']}/resend"
    key = {"Idempotency-Key": "again-1"}
    answers = await asyncio.gather(*(api("POST", path, json={"message": "two"}, headers=key) for _ in range(4)))
    assert [answer.status for answer in answers] == [202] * 4
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sorted(answer.headers.get("Idempotent-Replay", "") for answer in answers) == ["", "true", "true", "true"]
    refused(await api("POST", path, json={"message": "three"}, headers=key), 409, "conflict")
    retry = f"/turns/{turn['id']}/retry"
    refused(await api("POST", retry, json={"message": "two"}, headers=key), 409, "conflict")
    first = await api.ok("POST", retry, json={}, headers={"Idempotency-Key": "again-2"})
    assert (await api.ok("POST", retry, json={}, headers={"Idempotency-Key": "again-2"}))["id"] == first["id"]
    await finished(api, first["id"])
    await finished(api, answers[0].json["id"])
    assert len(await ids(api)) == 3


async def test_one_shots_with_the_same_key(api: Api, scripted: ScriptedProvider) -> None:
    body = {"message": "once", "title": "A run"}
    key = {"Idempotency-Key": "run-1"}
    answers = await asyncio.gather(*(api("POST", "/run", json=body, headers=key) for _ in range(3)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["turn"]["id"] for answer in answers}) == 1
    assert len(await ids(api)) == 1
    refused(await api("POST", "/run", json={**body, "title": "Other"}, headers=key), 409, "conflict")


async def test_two_at_once_are_two_versions(api: Api, scripted: ScriptedProvider) -> None:
    turn = await api.turn("echo", "one")
    message = (await users(api, turn["session_id"]))[0]
    second, third = await asyncio.gather(resend(api, message, message="two"), resend(api, message, message="three"))
    (found,) = await versions(api, turn["session_id"])
    assert found[0] == 0
    assert set(found[1]) == {turn["session_id"], second["session_id"], third["session_id"]}
    places = [(await versions(api, one["session_id"]))[0][0] for one in (second, third)]
    assert sorted(places) == [1, 2]


# Branches


async def test_a_branch_is_a_conversation_of_its_own(api: Api, scripted: ScriptedProvider) -> None:
    first = (await api.turn("echo", "one"))["session_id"]
    second = (await resend(api, (await users(api, first))[0], message="two"))["session_id"]
    branch = await api.ok("POST", f"/sessions/{second}/branch", json={})
    assert (branch["conversation_id"], branch["parent_id"], branch["version_count"]) == (branch["id"], second, 1)
    assert await versions(api, branch["id"]) == [(0, [])]
    again = await resend(api, (await users(api, branch["id"]))[0], message="three")
    assert again["answer"] == "three"
    # Every version of it knows that, and no version of what it came from.
    listed = {one["id"]: one["branched"] for one in (await api.ok("GET", "/sessions"))["items"]}
    assert listed == {first: False, second: False, branch["id"]: True, again["session_id"]: True}
    assert await versions(api, branch["id"]) == [(0, [branch["id"], again["session_id"]])]
    assert await versions(api, again["session_id"]) == [(1, [branch["id"], again["session_id"]])]
    assert await versions(api, first) == [(0, [first, second])]


async def test_what_is_gone_is_no_version(api: Api, scripted: ScriptedProvider) -> None:
    first = await api.session()
    await api.turn("echo", "one", session_id=first)
    await api.turn("echo", "two", session_id=first)
    message = (await users(api, first))[1]
    second = (await resend(api, message, message="zwei"))["session_id"]
    third = (await resend(api, message, message="deux"))["session_id"]
    await api.ok("DELETE", f"/sessions/{second}")
    assert await versions(api, first) == [(0, []), (0, [first, third])]
    assert await versions(api, third) == [(0, []), (1, [first, third])]
    # To whoever looks at it, what is terminated is still there.
    assert await versions(api, second) == [(0, []), (1, [first, second, third])]
    fourth = (await resend(api, (await users(api, third))[0], message="eins"))["session_id"]
    await api.ok("DELETE", f"/sessions/{first}", params={"purge": "true"})
    # The copy stands for what was purged.
    assert await versions(api, third) == [(0, [third, fourth]), (0, [])]
    assert await versions(api, fourth) == [(1, [third, fourth])]
    assert (await api.ok("GET", f"/sessions/{fourth}"))["version_count"] == 2
    cleared = await api.ok("POST", f"/sessions/{fourth}/clear")
    assert cleared["deleted_messages"] == 2
    assert await versions(api, third) == [(0, []), (0, [])]


async def test_shares_and_files_know_no_versions(api: Api, scripted: ScriptedProvider) -> None:
    first = (await api.turn("echo", "one"))["session_id"]
    await resend(api, (await users(api, first))[0], message="two")
    token = (await api.ok("POST", f"/sessions/{first}/share"))["token"]
    shared = await api.ok("GET", f"/shared/{token}")
    assert [message["versions"] for message in shared["messages"]] == [[], []]
    file = await api("GET", f"/sessions/{first}/export")
    assert b"version_of" not in file.content
    assert b"conversation_id" not in file.content
    imported = await api.ok("POST", "/sessions/import", json=file.json)
    assert (imported["conversation_id"], imported["version_count"]) == (imported["id"], 1)
    assert await versions(api, imported["id"]) == [(0, [])]


# The list


async def test_latest_lists_a_conversation_once(api: Api, scripted: ScriptedProvider) -> None:
    alone = await api.session(title="Alone")
    first = (await api.turn("echo", "one walrus", session_id=await api.session(title="Two")))["session_id"]
    second = (await resend(api, (await users(api, first))[0], message="two"))["session_id"]
    assert await ids(api) == [second, first, alone]
    assert await ids(api, latest="true") == [second, alone]
    # The newest activity counts, not the newest session.
    await api.turn("echo", "more", session_id=first)
    assert await ids(api, latest="true") == [first, alone]
    page = await api.ok("GET", "/sessions", params={"latest": "true", "limit": 1, "offset": 1})
    assert ([session["id"] for session in page["items"]], page["total"]) == ([alone], 2)
    assert await ids(api, latest="true", sort="title") == [alone, first]
    # Of what matches, the newest.
    assert await ids(api, latest="true", q="walrus") == [first]
    assert await ids(api, latest="true", q="two") == [first]
    await api.turn("echo", "and a zebra", session_id=second)
    assert await ids(api, latest="true") == [second, alone]
    assert await ids(api, latest="true", q="walrus") == [first]
    assert await ids(api, latest="true", q="zebra") == [second]
    assert await ids(api, latest="true", q="nothing like it") == []
    await api.ok("DELETE", f"/sessions/{second}")
    assert await ids(api, latest="true") == [first, alone]
    assert await ids(api, latest="true", status="terminated") == [second]
    assert await ids(api, latest="true", status="active,terminated") == [second, alone]


async def test_an_idle_version_is_not_shown_for_an_active_conversation(
    api: Api, scripted: ScriptedProvider, jp_serverapp: Any
) -> None:
    first = (await api.turn("echo", "one"))["session_id"]
    second = (await resend(api, (await users(api, first))[0]))["session_id"]
    services = await jp_serverapp.web_app.settings["jupyter_agent_app"].services()

    def age(orm: Any) -> None:
        from jupyter_agent.storage.tables import SessionRow

        row = orm.get(SessionRow, first)
        row.last_activity_at -= timedelta(seconds=services.settings.sessions.idle_seconds + 60)

    await services.db.write(age)
    assert await ids(api, status="idle") == [first]
    assert await ids(api, latest="true", status="idle") == []
    assert await ids(api, latest="true", status="active") == [second]


async def test_search_shows_a_copied_message_once(api: Api, scripted: ScriptedProvider) -> None:
    first = await api.session(title="About ants")
    await api.turn("echo", "an aardvark", session_id=first)
    await api.turn("echo", "two", session_id=first)
    second = (await resend(api, (await users(api, first))[1], message="zwei"))["session_id"]
    found = await api.ok("GET", "/search", params={"q": "aardvark"})
    assert found["total"] == 2  # what was asked and what was answered
    assert {hit["session_id"] for hit in found["items"]} == {second}
    assert (await api.ok("GET", "/search", params={"q": "ants", "kind": "title"}))["total"] == 1
    assert (await api.ok("GET", "/search", params={"q": "aardvark", "session_id": first}))["total"] == 2
    # A branch is another conversation.
    await api.ok("POST", f"/sessions/{first}/branch", json={})
    assert (await api.ok("GET", "/search", params={"q": "aardvark"}))["total"] == 4


# All versions at once


async def test_title_and_archive_belong_to_the_conversation(api: Api, scripted: ScriptedProvider) -> None:
    first = (await api.turn("echo", "one"))["session_id"]
    second = (await resend(api, (await users(api, first))[0]))["session_id"]
    alone = await api.session(title="Alone")
    changed = await api.ok("PATCH", f"/sessions/{second}", json={"title": " Both ", "project": "work"})
    assert (changed["id"], changed["title"], changed["project"]) == (second, "Both", "work")
    other = await api.ok("GET", f"/sessions/{first}")
    assert (other["title"], other["title_source"], other["project"]) == ("Both", "user", None)
    assert (await api.ok("GET", "/search", params={"q": "both", "kind": "title"}))["total"] == 1
    await api.ok("PATCH", f"/sessions/{first}", json={"archived": True})
    assert await ids(api) == [alone]
    assert set(await ids(api, status="archived")) == {first, second}
    # What is sent again in an archived conversation is archived with it.
    third = (await resend(api, (await users(api, first))[0]))["session_id"]
    assert await ids(api, status="archived", latest="true") == [third]
    await api.ok("PATCH", f"/sessions/{third}", json={"archived": False})
    assert set(await ids(api)) == {first, second, third, alone}
    await api.ok("DELETE", f"/sessions/{third}")
    refused(await api("PATCH", f"/sessions/{third}", json={"title": "No"}), 409, "conflict")
    await api.ok("PATCH", f"/sessions/{first}", json={"title": "Still"})
    assert (await api.ok("GET", f"/sessions/{third}"))["title"] == "Both"
    assert (await api.ok("GET", f"/sessions/{alone}"))["title"] == "Alone"


@pytest.mark.parametrize("purge", [False, True])
async def test_versions_are_deleted_together(api: Api, scripted: ScriptedProvider, purge: bool) -> None:
    first = (await api.turn("echo", "one"))["session_id"]
    message = (await users(api, first))[0]
    second = (await resend(api, message))["session_id"]
    branch = (await api.ok("POST", f"/sessions/{first}/branch", json={}))["id"]
    path = f"/sessions/{first}/messages/{message['id']}/resend"
    running = await api.ok("POST", path, json={"model": "hang"})
    await scripted.wait_for_requests(3)
    params = {"versions": "true", **({"purge": "true"} if purge else {})}
    done = await api.ok("DELETE", f"/sessions/{second}", params=params)
    assert done == {"id": second, "status": "purged" if purge else "terminated"}
    assert await ids(api) == [branch]
    all_of_it = (first, second, running["session_id"])
    if purge:
        assert [(await api("GET", f"/sessions/{id}")).status for id in all_of_it] == [404] * 3
    else:
        assert set(await ids(api, status="terminated")) == set(all_of_it)
        refused(await api("DELETE", f"/sessions/{second}", params=params), 409, "conflict")
        await finished(api, running["id"])
        await api.ok("DELETE", f"/sessions/{second}", params={**params, "purge": "true"})
        assert await ids(api, status="terminated") == []
    assert await versions(api, branch) == [(0, [])]


async def test_one_version_can_be_deleted_alone(api: Api, scripted: ScriptedProvider) -> None:
    first = (await api.turn("echo", "one"))["session_id"]
    second = (await resend(api, (await users(api, first))[0]))["session_id"]
    await api.ok("DELETE", f"/sessions/{second}")
    assert await ids(api) == [first]
    await api.ok("DELETE", f"/sessions/{second}", params={"versions": "true"})  # the other is still there to end
    assert await ids(api) == []


@pytest.mark.settings(SessionSettings={"auto_title": True})
async def test_the_models_title_is_for_all_versions(api: Api, scripted: ScriptedProvider, jp_serverapp: Any) -> None:
    scripted.script("titled", titled)
    first = await api.session(model="titled", provider="scripted")
    services = await jp_serverapp.web_app.settings["jupyter_agent_app"].services()
    (message,) = await say(api, first, "put in")
    again = await resend(api, message)
    deadline = time.monotonic() + 10
    while not (await api.ok("GET", f"/sessions/{first}"))["title"]:
        assert time.monotonic() < deadline, "there came no title"
        await asyncio.sleep(0.02)
    views = [await api.ok("GET", f"/sessions/{id}") for id in (first, again["session_id"])]
    assert [(view["title"], view["title_source"]) for view in views] == [("A fine title", "model")] * 2
    # What the title cost counts where it was made, beside the turn's own request.
    assert [view["usage"]["requests"] for view in views] == [0, 2]
    assert views[1]["usage"]["input"] > again["usage"]["input"]
    assert services.turns.running_count == 0


async def titled(*args: object) -> Any:
    from .scripted_provider import Say

    yield Say("A fine title")


# Live


async def test_other_tabs_are_told(api: Api, scripted: ScriptedProvider, jp_serverapp: Any) -> None:
    services = await jp_serverapp.web_app.settings["jupyter_agent_app"].services()
    first = (await api.turn("echo", "one"))["session_id"]
    message = (await users(api, first))[0]
    owner = (await api.ok("GET", f"/sessions/{first}"))["owner"]
    subscription = services.bus.subscribe(owner)
    subscription.topics |= {"sessions", "turns"}
    again = await resend(api, message)
    topic, told = await asyncio.wait_for(subscription.queue.get(), 5)
    assert (topic, told["type"]) == ("sessions", "session_created")
    assert told["version_of"] == {"session_id": first, "message_id": message["id"]}
    assert (told["session"]["id"], told["session"]["version_count"]) == (again["session_id"], 2)
    assert told["session"]["running_turn_id"] == again["id"]
    topic, told = await asyncio.wait_for(subscription.queue.get(), 5)
    assert (topic, told["type"], told["turn"]["id"]) == ("turns", "turn_started", again["id"])
    while not subscription.queue.empty():
        subscription.queue.get_nowait()
    await api.ok("DELETE", f"/sessions/{first}", params={"versions": "true"})
    events = [subscription.queue.get_nowait()[1] for _ in range(subscription.queue.qsize())]
    # What the turn's end changed may be told in between.
    gone = [one for one in events if one["type"] != "session_updated"]
    assert {(one["type"], one["session"]["id"]) for one in gone} == {
        ("session_deleted", first),
        ("session_deleted", again["session_id"]),
    }
    subscription.close()


# Pictures before their message


async def test_a_picture_before_its_message(api: Api, scripted: ScriptedProvider) -> None:
    answer = await api("POST", "/blobs", json=upload(name="plot.png"))
    assert answer.status == 201
    blob = answer.json
    assert blob == {"id": blob["id"], "media_type": "image/png", "name": "plot.png", "size": len(RED)}
    assert (await api("GET", f"/blobs/{blob['id']}")).content == RED
    part = {"type": "image", "media_type": "image/png", "blob_id": blob["id"], "name": "plot.png"}
    turn = await api.turn("see", "which colour?", parts=[part])
    assert "red" in turn["answer"]
    kept = (await users(api, turn["session_id"]))[0]["parts"][1]
    assert kept["blob_id"] == blob["id"]
    # Used again elsewhere it is a copy, and each session keeps its own.
    other = await api.turn("see", "and here?", parts=[part])
    copy = (await users(api, other["session_id"]))[0]["parts"][1]
    assert copy["blob_id"] != blob["id"]
    await api.ok("DELETE", f"/sessions/{turn['session_id']}", params={"purge": "true"})
    assert (await api("GET", f"/blobs/{blob['id']}")).status == 404
    assert (await api("GET", f"/blobs/{copy['blob_id']}")).content == RED
    again = await resend(api, (await users(api, other["session_id"]))[0])
    assert "red" in again["answer"]


async def test_one_upload_in_several_messages_at_once(api: Api, scripted: ScriptedProvider) -> None:
    blob = (await api.ok("POST", "/blobs", json=upload()))["id"]
    part = {"type": "image", "media_type": "image/png", "blob_id": blob}
    turns = await asyncio.gather(*(api.turn("see", "?", parts=[part]) for _ in range(4)))
    assert all("red" in turn["answer"] for turn in turns)
    used = [(await users(api, turn["session_id"]))[0]["parts"][1]["blob_id"] for turn in turns]
    assert len(set(used)) == 4
    assert blob in used
    assert [(await api("GET", f"/blobs/{id}")).content for id in used] == [RED] * 4


async def test_bad_uploads(as_user: Callable[[str], Api], anonymous: Api) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    assert (await anonymous("POST", "/blobs", json=upload())).status in (401, 403)
    for body in [
        {},
        upload(media_type="image/svg+xml"),
        upload(media_type="application/pdf"),
        upload(GIF),
        upload(b""),
        {**upload(), "data": "***"},
        upload(name="x" * 256),
        {**upload(), "session_id": "sess_0"},
    ]:
        refused(await alice("POST", "/blobs", json=body), 422, "invalid")
    large = RED + bytes(10 * 1024 * 1024 + 1 - len(RED))
    refused(await alice("POST", "/blobs", json=upload(large)), 413, "too_large")
    just = await alice.ok("POST", "/blobs", json=upload(large[:-1]))
    assert just["size"] == 10 * 1024 * 1024
    mine = (await alice.ok("POST", "/blobs", json=upload()))["id"]
    refused(await bob("GET", f"/blobs/{mine}"), 404, "not_found")
    session = await bob.session()
    part = {"type": "image", "media_type": "image/png", "blob_id": mine}
    refused(await bob("POST", f"/sessions/{session}/messages", json={"parts": [part]}), 422, "invalid")
    assert (await alice("GET", f"/blobs/{mine}")).content == RED


async def test_unused_uploads_are_removed_after_a_day(api: Api, jp_serverapp: Any) -> None:
    services = await jp_serverapp.web_app.settings["jupyter_agent_app"].services()
    old, young, used = [(await api.ok("POST", "/blobs", json=upload()))["id"] for _ in range(3)]
    assert len({old, young, used}) == 3
    session = await api.session()
    part = {"type": "image", "media_type": "image/png", "blob_id": used}
    await api.ok("POST", f"/sessions/{session}/messages", json={"parts": [part]})

    def age(orm: Any) -> None:
        from jupyter_agent.storage.tables import BlobRow

        for id, hours in ((old, 25), (young, 23), (used, 25)):
            orm.get(BlobRow, id).created_at -= timedelta(hours=hours)

    await services.db.write(age)
    assert await services.blobs.remove_unused() == 1
    assert [(await api("GET", f"/blobs/{id}")).status for id in (old, young, used)] == [404, 200, 200]


# Crash


@pytest.mark.slow
def test_after_kill_9_the_version_is_whole(
    tmp_path: Path, database_url: str, scripted_server: ScriptedProvider
) -> None:
    """Between the answer 202 and the model's: the version is there with its message, once, and its turn is closed."""
    scripted_server.reset()
    with JupyterServer(tmp_path, config={"AgentApp": {"database_url": database_url}}) as server:
        server.use(scripted_server)
        first = server.api("POST", "/sessions", json={})["id"]
        server.api(
            "POST", f"/sessions/{first}/turns", params={"wait": "true"}, json={"message": "one", "model": "echo"}
        )
        message = server.api("GET", f"/sessions/{first}/messages")["items"][0]
        path = f"/sessions/{first}/messages/{message['id']}/resend"
        request = {"json": {"message": "two", "model": "hang"}, "headers": {"Idempotency-Key": "crash-1"}}
        turn = server.api("POST", path, **request)
        server.kill()
        server.start()
        replayed = server.api("POST", path, **request)
        assert (replayed["id"], replayed["session_id"]) == (turn["id"], turn["session_id"])
        with server.events(f"/turns/{turn['id']}/events") as events:
            assert_whole(seen := list(events))
        assert seen[-1].data["stop_reason"] == "server_restart"
        page = server.api("GET", f"/sessions/{turn['session_id']}/messages")
        assert [(one["role"], one["text"], one["version"]) for one in page["items"]] == [("user", "two", 1)]
        assert [one["session_id"] for one in page["items"][0]["versions"]] == [first, turn["session_id"]]
        assert server.api("GET", "/sessions")["total"] == 2
