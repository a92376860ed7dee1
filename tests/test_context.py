"""What models are sent: counted, made shorter where it is too long, written down with secrets masked."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from jupyter_agent.api.redaction import register
from jupyter_agent.observatory import masking, tokens
from jupyter_agent.observatory.items import OVERHEAD
from jupyter_agent.tools.tool import ToolContext, Toolset
from jupyter_agent.turns import compaction
from jupyter_agent.turns.compaction import Limits, Shortened
from jupyter_agent.turns.context import Found

from .conftest import Api
from .scripted_provider import Call, Say, ScriptedProvider, Step, Used, png
from .scripted_wire import INPUT_TOKENS, Asked
from .tool_turns import begin, finished, make_calls, of_type

toolset = Toolset("tests")


@toolset.tool("read")
async def give(context: ToolContext, text: str, times: int = 1) -> str:
    """Gives a text, so many times."""
    return text * times


@pytest.fixture(autouse=True)
def _tokenizer() -> None:
    """Numbers are known only where the same thing counts always."""
    assert tokens.load()


@pytest.fixture
def model(scripted: ScriptedProvider, monkeypatch: pytest.MonkeyPatch) -> ScriptedProvider:
    from jupyter_agent.tools import service

    load = service.import_builtin
    monkeypatch.setattr(service, "import_builtin", lambda: {**load(), **{tool.name: tool for tool in toolset.tools}})
    make_calls(scripted)
    return scripted


def gives(scripted: ScriptedProvider, **arguments: Any) -> None:
    """Adds the model `gives`, which calls the tool once."""

    async def script(asked: Asked, match: Any, before: int) -> AsyncIterator[Step]:
        if any(entry.calls for entry in asked.entries):
            yield Say("That is it.")
        else:
            yield Call("give", arguments)

    scripted.script("gives", script)


async def snapshots(api: Api, turn: dict[str, Any]) -> list[dict[str, Any]]:
    """Every request of a turn, with what was sent; each adds up."""
    listed = (await api.ok("GET", f"/turns/{turn['id']}/context"))["items"]
    found = [await api.ok("GET", f"/turns/{turn['id']}/context/{one['id']}") for one in listed]
    for one, short in zip(found, listed, strict=True):
        assert sum(one["tokens"].values()) == one["total"] == sum(item["tokens"] for item in one["items"])
        by_part: dict[str, int] = {}
        for item in one["items"]:
            by_part[item["part"]] = by_part.get(item["part"], 0) + item["tokens"]
        assert by_part == one["tokens"]
        assert [{**item, "content": None} for item in one["items"]] == short["items"]
    return found


def of_part(snapshot: dict[str, Any], part: str) -> list[dict[str, Any]]:
    return [item for item in snapshot["items"] if item["part"] == part]


async def configure(api: Api, **values: Any) -> None:
    settings = {f"context.{name}": value for name, value in values.items()}
    await api.ok("PATCH", "/config", json={"values": settings})


def size(text: str) -> int:
    return tokens.count([text])[0][0]


def assert_pairs(scripted: ScriptedProvider) -> None:
    """In every request, each call has its result right after it, and no result is without its call."""
    for request in scripted.requests:
        entries = request.asked.entries
        assert sum(len(one.calls) for one in entries) == sum(len(one.results) for one in entries)


# Counting


@pytest.mark.parametrize(
    ("counts", "total", "expected"),
    [
        ([3, 3, 3], 100, [34, 33, 33]),
        ([1, 1, 1, 1], 2, [1, 1, 0, 0]),
        ([5], 7, [7]),
        ([0, 4], 9, [0, 9]),
        ([2, 1], 0, [0, 0]),
        ([0, 0], 5, [0, 0]),
        ([], 5, []),
        ([10, 20, 30], 60, [10, 20, 30]),
    ],
)
def test_parts_in_proportion_add_up(counts: list[int], total: int, expected: list[int]) -> None:
    assert tokens.in_proportion(counts, total) == expected


@pytest.mark.parametrize(
    "text", ["", "hello world", "def f(x):\n    return x", "東京 👩‍🔬 שלום", "\ud83d half", "a\0b"]
)
def test_any_text_is_counted(text: str) -> None:
    (counted,), counter = tokens.count([text])
    assert counter == "cl100k_base"
    assert (counted > 0) == bool(text)
    assert abs(counted - tokens.estimate(text)) <= 12


def test_pictures_are_counted_by_their_size() -> None:
    assert tokens.picture(png((255, 0, 0))) == tokens.LEAST_PICTURE
    assert tokens.picture(b"no picture") == 1000


@pytest.mark.parametrize("provider", ["scripted", "scripted-responses", "scripted-anthropic"])
@pytest.mark.parametrize("used", [7, 123_457])
async def test_the_providers_count_is_the_total(api: Api, scripted: ScriptedProvider, provider: str, used: int) -> None:
    async def known(asked: Asked, match: Any, before: int) -> AsyncIterator[Step]:
        yield Used(used, 5, cache_read=used // 2)
        yield Say("yes")

    scripted.script("known", known)
    turn = await api.turn("known", "is it?", provider=provider)
    (one,) = await snapshots(api, turn)
    assert (one["total"], one["source"], one["tokenizer"]) == (used, "provider", "cl100k_base")
    assert (one["usage"]["input"], one["usage"]["output"]) == (used, 5)
    assert one["cache"] == {"read": used // 2, "write": 0, "hit_rate": round((used // 2) / used, 4)}
    assert (one["provider"], one["model"], one["step"], one["purpose"]) == (provider, "known", 0, "turn")
    (event,) = of_type(await api.events(turn["id"]), "usage")
    assert (event["request_id"], event["step"]) == (one["id"], 0)


async def test_without_the_providers_count_each_item_is_the_tokenizers(api: Api, scripted: ScriptedProvider) -> None:
    async def silent(asked: Asked, match: Any, before: int) -> AsyncIterator[Step]:
        yield Used(0, 0)
        yield Say("hm")

    scripted.script("silent", silent)
    session = await api.session()
    await api.turn("echo", "first", session_id=session)
    turn = await api.turn("silent", "what is the capital of France?", session_id=session, tools=["read_file"])
    (one,) = await snapshots(api, turn)
    assert one["source"] == "tokenizer"
    for item in one["items"]:
        assert item["tokens"] == size(item["content"]) + OVERHEAD * (2 if item["part"] == "tools" else 1)
    (event,) = of_type(await api.events(turn["id"]), "context")
    assert {name: event[name] for name in ("total", "tokens", "complexity", "request_id", "source")} == {
        "total": one["total"], "tokens": one["tokens"], "complexity": "L1", "request_id": one["id"],
        "source": "tokenizer",
    }  # fmt: skip
    assert (event["history_depth"], event["left_out"]) == (one["history_depth"], 0) == (2, 0)


# What is in it


async def test_every_part_is_told_from_the_others(api: Api, model: ScriptedProvider) -> None:
    session = await api.session(notebook="work/sales.ipynb")
    await api.turn("echo", "before", session_id=session, tools=[])
    attached = [
        {"type": "context", "kind": "cell", "name": "cell 3", "text": "df.head()", "path": "work/sales.ipynb",
         "cell_id": "c3"},
        {"type": "context", "kind": "file", "name": "notes.txt", "text": "remember the milk", "path": "notes.txt"},
        {"type": "image", "media_type": "image/png", "data": base64.b64encode(png((255, 0, 0))).decode(),
         "name": "red.png"},
    ]  # fmt: skip
    gives(model, text="thirty-one ")
    turn = await api.turn(
        "gives", "what is it?", session_id=session, parts=attached, tools=["give"], system_prefix="Be kind."
    )
    first, second = await snapshots(api, turn)
    assert [one["step"] for one in (first, second)] == [0, 1]
    assert [item["content"] for item in of_part(first, "history")] == ["before", "before"]
    assert (first["history_depth"], first["history_total"]) == (2, 2)
    assert [item["title"] for item in of_part(first, "tools")] == ["give"]
    schema = json.loads(of_part(first, "tools")[0]["content"])
    assert schema["name"] == "give"
    assert "text" in schema["parameters"]["properties"]
    assert [item["title"] for item in of_part(first, "notebook")] == ["notebook work/sales.ipynb", "cell cell 3"]
    assert "df.head()" in of_part(first, "notebook")[1]["content"]
    file, picture = of_part(first, "attachments")
    assert "remember the milk" in file["content"]
    assert picture["content"].startswith("[image/png, ")
    assert "blob_" in picture["content"]
    prefix, prompt, about_tools = of_part(first, "system_prompt")
    assert prefix["content"].strip() == "Be kind."
    # The pieces are the whole: exactly what the provider was sent.
    hint = of_part(first, "notebook")[0]["content"]
    assert model.requests[-1].asked.system == "".join(one["content"] for one in (prefix, prompt, about_tools)) + hint
    assert [item["role"] for item in of_part(first, "message")] == ["user"]
    assert of_part(first, "steps") == []
    call, result = of_part(second, "steps")
    assert (call["role"], call["title"], json.loads(call["content"])) == (
        "assistant", "give", {"name": "give", "arguments": {"text": "thirty-one "}},
    )  # fmt: skip
    assert (result["role"], result["title"], result["content"]) == ("tool", "give", "thirty-one ")
    assert [(one["kind"], one["name"], one["score"]) for one in first["retrieved"]] == [
        ("cell", "cell cell 3", None), ("file", "file notes.txt", None),
    ]  # fmt: skip
    assert "remember the milk" in first["retrieved"][1]["excerpt"]
    # What was sent again is the same, by its hash.
    assert {item["sha256"] for item in first["items"]} < {item["sha256"] for item in second["items"]}


async def test_a_source_of_memories_is_seen_with_its_scores(
    api: Api, scripted: ScriptedProvider, jp_serverapp: Any
) -> None:
    class Memories:
        async def find(self, owner: str, session_id: str, question: str, room: int | None) -> Sequence[Found]:
            assert question == "what do I like?"
            return [
                Found("memory", "taste", "They like tea.", id="mem_1", score=0.875),
                Found("knowledge", "Tea", "Tea is a plant.", path="tea.md", score=0.5),
                Found("skill", "brewing", "Boil water."),
            ]

    services = await running_services(jp_serverapp)
    services.turns.sources.append(Memories())
    turn = await api.turn("echo", "what do I like?")
    (one,) = await snapshots(api, turn)
    assert [(item["part"], item["title"]) for item in one["items"] if item["role"] == "user"] == [
        ("memory", "taste"), ("knowledge", "Tea"), ("skills", "brewing"), ("message", "You"),
    ]  # fmt: skip
    assert [(found["kind"], found["id"], found["score"]) for found in one["retrieved"]] == [
        ("memory", "mem_1", 0.875), ("knowledge", None, 0.5), ("skill", None, None),
    ]  # fmt: skip
    assert any("They like tea." in text for text in scripted.last.asked.user_texts)


async def running_services(app: Any) -> Any:
    return await app.web_app.settings["jupyter_agent_app"].services()


async def test_what_the_user_says_meanwhile_is_part_of_the_message(api: Api, model: ScriptedProvider) -> None:
    turn = await api.turn("echo", "hi", reflection=True)
    report, answer = await snapshots(api, turn)
    assert [one["purpose"] for one in (report, answer)] == ["reflection", "turn"]
    assert report["provider"] != answer["provider"]
    assert [item["content"] for item in of_part(report, "message")] == ["hi"]
    assert "preliminary report" in of_part(report, "system_prompt")[0]["content"]
    (said,) = of_part(answer, "steps")
    assert said["title"] == "Preliminary report"
    assert [item["content"] for item in of_part(answer, "message")] == ["hi"]


# Failures


@pytest.mark.parametrize(
    ("name", "codes"), [("overloaded", ["overloaded"]), ("rate-limited-once", ["rate_limited", None])]
)
async def test_a_request_that_failed_has_its_own(
    api: Api, scripted: ScriptedProvider, name: str, codes: list[str | None]
) -> None:
    await api.ok("PATCH", "/config", json={"values": {"providers.max_retries": len(codes) - 1}})
    turn = await api.turn(name, "are you there?")
    found = await snapshots(api, turn)
    assert [one["error_code"] for one in found] == codes
    assert found[0]["source"] == "tokenizer"
    assert found[0]["usage"]["input"] == 0
    assert of_part(found[0], "message")[0]["content"] == "are you there?"
    assert len({one["id"] for one in found}) == len(codes)
    ledger = (await api.ok("GET", "/stats/transactions"))["items"]
    assert {one["id"] for one in found} <= {one["id"] for one in ledger}


async def test_somebody_elses_is_not_there(api: Api, as_user: Callable[[str], Api], scripted: ScriptedProvider) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    turn = await alice.turn("echo", "mine")
    (one,) = await snapshots(alice, turn)
    for path in (f"/turns/{turn['id']}/context", f"/turns/{turn['id']}/context/{one['id']}"):
        answer = await bob("GET", path)
        assert (answer.status, answer.json["error"]["code"]) == (404, "not_found")
    assert (await alice("GET", f"/turns/{turn['id']}/context/req_none")).status == 404


# Secrets


async def test_secrets_are_masked_before_anything_is_kept(api: Api, model: ScriptedProvider, jp_serverapp: Any) -> None:
    key, known = "sk-" + "a1b2c3d4" * 4, "correct-horse-battery"
    register(known)
    gives(model, text=f"api_key = '{key}' and {known} ")
    attached = {"type": "context", "kind": "file", "name": "keys.env", "text": f"OPENAI_API_KEY={key}"}
    turn = await api.turn("gives", "look", parts=[attached], tools=["give"])
    found = await snapshots(api, turn)
    assert key in json.dumps(model.last.body), "the model is sent what there is"
    told = json.dumps(found)
    assert key not in told
    assert known not in told
    assert "***" in of_part(found[1], "steps")[1]["content"]
    services = await running_services(jp_serverapp)

    def read(orm: Any) -> str:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import ContextContentRow, ContextSnapshotRow

        rows = orm.scalars(select(ContextContentRow.data)).all()
        snapshots = orm.execute(select(ContextSnapshotRow.items, ContextSnapshotRow.retrieved)).all()
        return json.dumps([*rows, *map(list, snapshots)])

    kept = await services.db.read(read)
    assert key not in kept
    assert known not in kept


def test_long_texts_are_masked_in_pieces_and_no_key_is_cut_in_two() -> None:
    key = "sk-" + "0123456789abcdef" * 3
    pem = f"-----BEGIN PRIVATE KEY-----\n{'QUJD' * 16}\n" + f"{'REVG' * 16}\n" * 30 + "-----END PRIVATE KEY-----"
    line = "a line of a log, nothing more: 12345\n"
    for length in range(masking.CHUNK - 400, masking.CHUNK + 60, 23):
        filler = (line * (length // len(line) + 1))[:length]
        for secret in (f"password:\n  {key}\n", f"token = {key} ", pem):
            masked = masking.masked(filler + secret + "\n" + filler)
            assert key not in masked
            assert "REVG" not in masked
    huge = "x" * (3 * masking.LONGEST)
    assert len(masking.masked(huge)) < masking.LONGEST + 2 * masking.CHUNK + 100


@pytest.mark.settings(ContextSettings={"keep_content": False})
async def test_only_sizes_are_kept_where_that_is_wanted(
    api: Api, scripted: ScriptedProvider, jp_serverapp: Any
) -> None:
    attached = {"type": "context", "kind": "file", "name": "a.txt", "text": "not to be kept"}
    turn = await api.turn("echo", "nor this", parts=[attached])
    (one,) = await snapshots(api, turn)
    assert {item["content"] for item in one["items"]} == {None}
    assert one["total"] == INPUT_TOKENS
    assert [found["excerpt"] for found in one["retrieved"]] == [""]


async def test_what_was_sent_goes_with_the_conversation_and_the_ledger_stays(
    api: Api, scripted: ScriptedProvider
) -> None:
    session = await api.session()
    turn = await api.turn("echo", "forget me", session_id=session)
    (one,) = await snapshots(api, turn)
    await api.ok("POST", f"/sessions/{session}/clear")
    (cleared,) = (await api.ok("GET", f"/turns/{turn['id']}/context"))["items"]
    assert (cleared["items"], cleared["retrieved"], cleared["total"]) == ([], [], INPUT_TOKENS)
    await api.ok("DELETE", f"/sessions/{session}", params={"purge": "true"})
    assert (await api("GET", f"/turns/{turn['id']}/context")).status == 404
    ledger = (await api.ok("GET", "/stats/transactions"))["items"]
    assert one["id"] in {line["id"] for line in ledger}


# Budgets of tokens


@pytest.mark.settings(ContextSettings={"level_budgets": {"L0": 300, "L2": 5_000}})
@pytest.mark.parametrize(
    ("message", "fields", "level", "budget"),
    [
        ("hello", {}, "L0", 300),
        ("hello", {"context_budget": 2_000}, "L0", 2_000),
        ("what is a list?", {}, "L1", None),
        ("Why does this fail?\n```python\n1 / 0\n```\nZeroDivisionError: x", {}, "L2", 5_000),
    ],
)
async def test_a_level_has_its_budget(
    api: Api, scripted: ScriptedProvider, message: str, fields: dict[str, Any], level: str, budget: int | None
) -> None:
    turn = await api.turn("echo", message, tools=[], **fields)
    (one,) = await snapshots(api, turn)
    assert one["complexity"] == level
    if budget is not None:
        assert one["budget"] == budget
    else:
        assert one["budget"] == (int(one["context_window"] * 0.75) if one["context_window"] else None)


async def test_huge_attachments_are_cut_and_the_question_stays(api: Api, scripted: ScriptedProvider) -> None:
    await configure(api, attachments_share=0.5)
    parts = [
        {"type": "context", "kind": "file", "name": "big.txt", "text": "lorem ipsum dolor " * 200_000},
        {"type": "context", "kind": "cell", "name": "small", "text": "x = 1", "cell_id": "c"},
    ]
    turn = await api.turn("echo", "what is in it?", parts=parts, tools=[], context_budget=4_000)
    (one,) = await snapshots(api, turn)
    (cut,) = one["left_out"]
    assert (cut["what"], cut["count"]) == ("attachment", 1)
    assert cut["tokens"] > 500_000
    assert "50%" in cut["reason"]
    (file,) = of_part(one, "attachments")
    assert 1_000 < size(file["content"]) <= 2_100
    assert "left out" in file["content"]
    assert "x = 1" in of_part(one, "notebook")[0]["content"]
    assert of_part(one, "message")[0]["content"] == "what is in it?"
    assert scripted.last.asked.user_texts[-1].endswith("what is in it?")


# Compaction of the conversation


async def talk(api: Api, exchanges: int, *, words: int = 100) -> str:
    session = await api.session()
    for number in range(exchanges):
        for role in ("user", "assistant"):
            text = f"{role}-{number} " + "lorem " * words
            await api.ok("POST", f"/sessions/{session}/messages", json={"role": role, "text": text})
    return session


@pytest.mark.parametrize("strategy", ["drop", "shorten"])
async def test_the_oldest_messages_are_left_out(api: Api, scripted: ScriptedProvider, strategy: str) -> None:
    await configure(api, compaction=strategy)
    session = await talk(api, 10)
    turn = await api.turn("echo", "and now?", session_id=session, tools=[], context_budget=1_000)
    (one,) = await snapshots(api, turn)
    made = one["compaction"]
    assert (made["strategy"], made["threshold"]) == (strategy, 900)
    assert made["before"] > 900 >= made["after"]
    (left,) = one["left_out"]
    assert (left["what"], left["reason"]) == ("history", "left out: over the threshold of 900 tokens; the oldest first")
    assert (one["history_depth"], one["history_total"]) == (20 - left["count"], 20)
    kept = [text.split()[0] for text in scripted.last.asked.user_texts[:-1]]
    assert kept == [f"user-{number}" for number in range(left["count"] // 2, 10)]
    assert 0 < len(kept) < 10
    (event,) = of_type(await api.events(turn["id"]), "compaction")
    assert event == {"step": 0, **made}
    assert left["tokens"] == made["before"] - made["after"]


async def test_the_conversation_has_a_share_of_its_own(api: Api, scripted: ScriptedProvider) -> None:
    await configure(api, history_share=0.3)
    session = await talk(api, 10)
    turn = await api.turn("echo", "and now?", session_id=session, tools=[], context_budget=4_000)
    (one,) = await snapshots(api, turn)
    sent = [text for text in scripted.last.asked.user_texts if text.startswith("user-")]
    assert 0 < len(sent) < 10
    assert one["compaction"]["after"] < 2_000
    assert one["history_depth"] == 2 * len(sent)
    await configure(api, history_share=0)
    turn = await api.turn("echo", "alone", session_id=session, tools=[], context_budget=4_000)
    (one,) = await snapshots(api, turn)
    assert (one["history_depth"], of_part(one, "history")) == (0, [])
    assert scripted.last.asked.user_texts == ["alone"]


async def test_the_oldest_messages_are_summed_up_and_stay_for_the_user(api: Api, scripted: ScriptedProvider) -> None:
    await configure(api, compaction="summarize")

    async def wise(asked: Asked, match: Any, before: int) -> AsyncIterator[Step]:
        yield Say("THE SUMMARY" if "sum up" in asked.system else "an answer")

    scripted.script("wise", wise)
    session = await talk(api, 10)
    turn = await api.turn("wise", "and now?", session_id=session, tools=[], context_budget=1_000)
    assert turn["answer"] == "an answer"
    summary, answer = await snapshots(api, turn)
    assert [one["purpose"] for one in (summary, answer)] == ["compaction", "turn"]
    assert answer["compaction"]["strategy"] == "summarize"
    (left,) = answer["left_out"]
    assert left["reason"].startswith("summed up")
    assert "user-0" in of_part(summary, "message")[0]["content"]
    assert "THE SUMMARY" in of_part(answer, "history")[0]["content"]
    ledger = (await api.ok("GET", "/stats/transactions"))["items"]
    mine = [line for line in ledger if line["turn_id"] == turn["id"]]
    assert sorted(line["purpose"] for line in mine) == ["compaction", "turn"]
    assert (turn["usage"]["requests"], turn["usage"]["input"]) == (2, sum(line["input"] for line in mine))
    # In the conversation it stands where what it sums up stood, which the user can still read.
    messages = (await api.ok("GET", f"/sessions/{session}/messages", params={"limit": 100}))["items"]
    assert [one["text"].split()[0] for one in messages if one["role"] == "user"][:10] == [
        f"user-{number}" for number in range(10)
    ]
    (system,) = [one for one in messages if one["role"] == "system"]
    assert "THE SUMMARY" in system["text"]
    assert system["in_context"]
    assert messages.index(system) == left["count"]
    assert [one["in_context"] for one in messages[: left["count"]]] == [False] * left["count"]
    # The next turn begins with it, and need not sum up again.
    again = await api.turn("wise", "once more?", session_id=session, tools=[], context_budget=1_000)
    (next_one,) = await snapshots(api, again)
    assert next_one["compaction"] is None
    assert "THE SUMMARY" in of_part(next_one, "history")[0]["content"]


async def test_what_cannot_be_summed_up_is_left_out(api: Api, scripted: ScriptedProvider) -> None:
    await configure(api, compaction="summarize")
    await api.ok("PATCH", "/config", json={"values": {"providers.max_retries": 0}})

    async def moody(asked: Asked, match: Any, before: int) -> AsyncIterator[Step]:
        from .scripted_provider import Fail

        if "sum up" in asked.system:
            yield Fail(500, "server_error", "no")
        else:
            yield Say("an answer")

    scripted.script("moody", moody)
    session = await talk(api, 10)
    turn = await api.turn("moody", "and now?", session_id=session, tools=[], context_budget=1_000)
    assert (turn["stop_reason"], turn["answer"]) == ("completed", "an answer")
    failed, answer = await snapshots(api, turn)
    assert (failed["purpose"], failed["error_code"] is not None) == ("compaction", True)
    assert answer["compaction"]["strategy"] == "drop"
    messages = (await api.ok("GET", f"/sessions/{session}/messages", params={"limit": 100}))["items"]
    assert all(one["in_context"] for one in messages)


# Compaction within a long turn


async def long_turn(api: Api, steps: int, **fields: Any) -> Any:
    """A turn whose tool gives some 1,200 tokens a step."""
    turn = await begin(api, *[[("give", {"text": f"step-{number} fact ", "times": 300})] for number in range(steps)],
                       tools=["give", "read_result"], **fields)  # fmt: skip
    return await finished(api, turn["id"])


@pytest.mark.parametrize("strategy", ["shorten", "drop", "summarize"])
async def test_a_long_turn_loses_what_is_oldest_in_it(api: Api, model: ScriptedProvider, strategy: str) -> None:
    await configure(api, compaction=strategy)
    turns = model.requests
    done = summaries = 0

    async def steady(asked: Asked, match: Any, before: int) -> AsyncIterator[Step]:
        nonlocal done, summaries
        if "sum up" in asked.system:
            summaries += 1
            yield Say(f"STEPS SUMMED UP {summaries}")
        elif done < 12:
            done += 1
            yield Call("give", {"text": f"step-{done} fact ", "times": 300})
        else:
            yield Say("done")

    model.script("steady", steady)
    question = "give me all the facts, one after the other"
    turn = await api.turn("steady", question, tools=["give", "read_result"], context_budget=6_000)
    assert (turn["stop_reason"], turn["answer"]) == ("completed", "done")
    found = await snapshots(api, turn)
    assert_pairs(model)
    for request in turns:
        assert (
            question in json.dumps([entry.text for entry in request.asked.entries]) or "sum up" in request.asked.system
        )
    answers = [one for one in found if one["purpose"] == "turn"]
    assert len(answers) == 13
    compactions = [one["compaction"] for one in answers if one["compaction"]]
    # Not at every step: what was made room for lasts for some.
    assert 1 <= len(compactions) <= 6
    assert {one["strategy"] for one in compactions} <= {strategy, "shorten"}
    for one in compactions:
        assert one["before"] > one["threshold"] == 5_400 >= one["after"]
    events = of_type(await api.events(turn["id"]), "compaction")
    assert [{name: one[name] for name in ("before", "after")} for one in events] == [
        {name: one[name] for name in ("before", "after")} for one in compactions
    ]
    last = answers[-1]
    reasons = " ".join(one["reason"] for one in last["left_out"])
    results = [item["content"] for item in of_part(last, "steps") if item["role"] == "tool"]
    assert len(results[-1]) == len("step-12 fact ") * 300, "the newest result is whole"
    if strategy == "shorten":
        assert "shortened" in reasons
        assert any("read_result(id=" in one for one in results[:-1])
        assert len(results) >= 9
    elif strategy == "drop":
        assert "steps of this turn, left out" in reasons
        assert len(results) < 12
    else:
        assert "steps of this turn, summed up" in reasons
        # The newest summary, of what went and of the one before; from the very request that it was made for.
        made = 0
        for one in answers:
            made += one["compaction"] is not None
            told = [item["content"] for item in one["items"] if "STEPS SUMMED UP" in item["content"]]
            assert told == ([f"<earlier_steps>\nSTEPS SUMMED UP {made}\n</earlier_steps>"] if made else [])
        assert [one["purpose"] for one in found].count("compaction") == len(compactions)


async def test_a_shortened_result_can_be_read_again(api: Api, model: ScriptedProvider) -> None:
    done: list[str] = []

    async def curious(asked: Asked, match: Any, before: int) -> AsyncIterator[Step]:
        import re

        found = re.findall(r'read_result\(id=\\?"(blob_\w+)', json.dumps([one.results for one in asked.entries]))
        if len(done) < 6:
            done.append("give")
            yield Call("give", {"text": f"[{len(done)}] the fact is {len(done) * 111}. ", "times": 200})
        elif found and done[-1] == "give":
            done.append("read")
            yield Call("read_result", {"id": found[0]})
        else:
            yield Say(asked.results[-1])

    model.script("curious", curious)
    turn = await api.turn("curious", "look at them", tools=["give", "read_result"], context_budget=6_000)
    assert done[-1] == "read"
    assert turn["answer"].count("[1] the fact is 111. ") == 200


async def test_a_long_turn_is_not_written_down_again_at_each_step(
    api: Api, model: ScriptedProvider, jp_serverapp: Any
) -> None:
    turn = await long_turn(api, 8)
    found = await snapshots(api, turn)
    assert [len(of_part(one, "steps")) for one in found] == [2 * step for step in range(9)]
    services = await running_services(jp_serverapp)

    def read(orm: Any) -> tuple[int, int]:
        from sqlalchemy import func, select

        from jupyter_agent.storage.tables import ContextContentRow, ContextSnapshotRow

        rows = orm.scalars(select(ContextSnapshotRow.items)).all()
        return sum(len(items) for items in rows), orm.scalar(select(func.count()).select_from(ContextContentRow))

    written, contents = await services.db.read(read)
    assert written < sum(len(one["items"]) for one in found) / 2
    assert contents == len({item["sha256"] for one in found for item in one["items"]})


# The algorithm by itself


def conversation(exchanges: int, steps: int, *, result: int = 400) -> tuple[list[ModelMessage], int]:
    """Messages whose parts have as many tokens as their text has words, and how many parts are history."""
    text = " ".join
    messages: list[ModelMessage] = []
    for number in range(exchanges):
        messages.append(ModelRequest(parts=[UserPromptPart(content=text([f"q{number}"] * 10))]))
        messages.append(ModelResponse(parts=[ToolCallPart("t", {}, f"h{number}")]))
        returned = ToolReturnPart("t", text([f"r{number:04}"] * result), f"h{number}")
        messages.append(ModelRequest(parts=[returned]))
        messages.append(ModelResponse(parts=[TextPart(content=text([f"a{number}"] * 10))]))
    messages.append(ModelRequest(parts=[UserPromptPart(content="the question")]))
    for number in range(steps):
        messages.append(ModelResponse(parts=[ToolCallPart("t", {}, f"s{number}")]))
        messages.append(ModelRequest(parts=[ToolReturnPart("t", text([f"x{number:04}"] * result), f"s{number}")]))
    return messages, 4 * exchanges


def words(part: Any) -> int:
    return len(part.content.split()) if isinstance(getattr(part, "content", None), str) else 1


def fitted(
    messages: list[ModelMessage], history: int, strategy: compaction.Strategy, limit: int, share: int = 10**9
) -> tuple[list[ModelMessage], Shortened]:
    sections, gone = compaction.split(messages, history), Shortened()
    compaction.compact(sections, gone, words, 0, Limits(limit, limit, share), strategy, reads=True)
    again = Shortened.of(json.loads(json.dumps(gone.state())))
    sent = compaction.joined(compaction.applied(sections, gone))
    resumed = compaction.joined(compaction.applied(compaction.split(messages, history), again))
    assert [list(map(words, one.parts)) for one in resumed] == [list(map(words, one.parts)) for one in sent]
    return sent, gone


def paired(messages: list[ModelMessage]) -> bool:
    calls = [part.tool_call_id for one in messages for part in one.parts if isinstance(part, ToolCallPart)]
    results = [part.tool_call_id for one in messages for part in one.parts if isinstance(part, ToolReturnPart)]
    return calls == results


@pytest.mark.parametrize("strategy", ["shorten", "drop", "summarize"])
@pytest.mark.parametrize("exchanges", [0, 1, 5])
@pytest.mark.parametrize("steps", [0, 1, 6])
@pytest.mark.parametrize("limit", [10, 300, 1_500, 100_000])
def test_whatever_is_left_out_what_is_left_is_whole(
    strategy: compaction.Strategy, exchanges: int, steps: int, limit: int
) -> None:
    messages, history = conversation(exchanges, steps)
    before = sum(words(part) for one in messages for part in one.parts)
    sent, gone = fitted(messages, history, strategy, limit)
    after = sum(words(part) for one in sent for part in one.parts)
    assert paired(sent)
    texts = [part.content for one in sent for part in one.parts if isinstance(part, UserPromptPart)]
    assert "the question" in texts
    if before <= limit:
        assert not gone
        assert after == before
    elif limit >= 300:
        assert after <= limit
    if strategy != "shorten" and steps < 2:
        # Nothing is shortened that could go as a whole, but what was given last.
        assert len(gone.texts) <= 2
    if steps:
        last = [part for part in sent[-1].parts if isinstance(part, ToolReturnPart)]
        assert [part.tool_call_id for part in last] == [f"s{steps - 1}"]


def test_results_are_shortened_oldest_first_and_no_more_than_needed() -> None:
    messages, history = conversation(3, 2)
    sent, gone = fitted(messages, history, "shorten", 1_700)
    results = [part for one in sent for part in one.parts if isinstance(part, ToolReturnPart)]
    assert ["left out" in str(part.content) for part in results] == [True, False, False, False, False] or [
        "left out" in str(part.content) for part in results
    ] == [True, True, False, False, False]
    assert (gone.history, gone.steps) == (0, 0)


def test_what_was_said_meanwhile_stays_when_its_step_goes() -> None:
    messages, history = conversation(0, 4)
    request = messages[4]
    assert isinstance(request, ModelRequest)
    request.parts = [*request.parts, UserPromptPart(content="use the other file")]
    sent, gone = fitted(messages, history, "drop", 900)
    assert gone.steps >= 2
    texts = [part.content for one in sent for part in one.parts if isinstance(part, UserPromptPart)]
    assert texts[0] == "the question"
    assert "use the other file" in texts
    assert any("earlier steps" in str(text) for text in texts)
    assert paired(sent)


def test_a_question_that_follows_an_unanswered_one_is_told_from_it() -> None:
    """pydantic-ai makes one message of the two."""
    merged = ModelRequest(parts=[UserPromptPart(content="old " * 50), UserPromptPart(content="the question")])
    sections = compaction.split([merged], 1)
    assert [part.content for fragment in sections.prompt for part in fragment.parts] == ["the question"]
    gone = Shortened()
    compaction.compact(sections, gone, words, 0, Limits(20, 20, 20), "drop", reads=False)
    (sent,) = compaction.joined(compaction.applied(sections, gone))
    (part,) = sent.parts
    assert isinstance(part, UserPromptPart)
    assert part.content == "the question"


def test_the_last_words_are_cut_rather_than_left_out() -> None:
    messages, history = conversation(1, 0, result=20)
    answer = messages[3]
    assert isinstance(answer, ModelResponse)
    answer.parts = [TextPart(content="word " * 2_000)]
    sent, gone = fitted(messages, history, "drop", 500)
    assert gone.history == 0
    (last,) = sent[3].parts
    assert isinstance(last, TextPart)
    assert "left out" in last.content
    assert paired(sent)
