"""Providers over HTTP: configuration, keys, models, real calls against the scripted provider. And, without a server,
what failures and prices come to."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from jupyter_agent.api.coverage import reference_routes
from jupyter_agent.api.errors import ApiError, not_found
from jupyter_agent.api.models import Usage
from jupyter_agent.providers import catalogue, keys, listing, pricing
from jupyter_agent.providers.catalogue import ProviderConfig, Secrets
from jupyter_agent.providers.failures import ModelFailed, explain, not_configured
from jupyter_agent.providers.models import ModelPrice
from jupyter_agent.providers.pictures import names, plain_colour
from jupyter_agent.providers.routes import router

from .conftest import Answer, Api
from .scripted_provider import KEY, LISTED, ScriptedProvider, colour, words

ENVIRONMENT = pytest.mark.settings(ProviderSettings={"use_environment_keys": True})
BUILTIN = ["local", "openai", "anthropic", "google", "ollama"]
SECRET = "sk-test-abcdefghijklmnop"
OTHER = "sk-other-qrstuvwxyz0123"


@pytest.fixture(autouse=True)
def _no_keys_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in catalogue.KINDS.values():
        for name in (*kind.key_envs, kind.url_env):
            if name:
                monkeypatch.delenv(name, raising=False)


def provider(**fields: Any) -> dict[str, Any]:
    return {
        "id": "mine",
        "kind": "openai_compatible",
        "name": "Mine",
        "base_url": "https://models.example.org/v1",
        "api_key": SECRET,
        **fields,
    }


def write_of(read: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What a client writes back that changes something of what it read."""
    fields = (
        "kind", "name", "base_url", "api_key", "headers", "enabled", "default_model", "models", "prices", "options",
    )  # fmt: skip
    return {**{name: read[name] for name in fields}, **changes}


def refused(answer: Answer, status: int, path: str | None = None, code: str | None = None) -> str:
    """The message of a refusal; `path` is the field of a 422."""
    assert answer.status == status, answer
    error = answer.json["error"]
    if path is not None:
        assert error["details"]["errors"][0]["path"] == path, error
    if code is not None:
        assert error["code"] == code
    message: str = error["message"]
    return message


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def key_file(jp_data_dir: Path) -> Path:
    (found,) = jp_data_dir.rglob(keys.FILE_NAME)
    return found


def kept(jp_data_dir: Path) -> dict[str, Any]:
    """What the file of keys holds."""
    content: dict[str, Any] = json.loads(key_file(jp_data_dir).read_text())["providers"]
    return content


# What is there


async def test_the_builtin_providers_are_always_listed(api: Api) -> None:
    page = await api.ok("GET", "/providers")
    assert [item["id"] for item in page["items"]] == BUILTIN
    assert (page["total"], page["offset"]) == (5, 0)
    by_id = {item["id"]: item for item in page["items"]}
    assert all(item["builtin"] for item in page["items"])
    assert (by_id["openai"]["state"], by_id["openai"]["key_source"]) == ("needs_key", "none")
    assert "OPENAI_API_KEY" in by_id["openai"]["next_action"]
    assert by_id["local"]["key_source"] == "not_needed"
    assert [item["is_default"] for item in page["items"]] == [True, False, False, False, False]


async def test_the_list_is_paged(api: Api) -> None:
    page = await api.ok("GET", "/providers", params={"limit": 2, "offset": 1})
    assert [item["id"] for item in page["items"]] == BUILTIN[1:3]
    assert (page["total"], page["limit"], page["offset"]) == (5, 2, 1)


async def test_a_provider_is_made_read_changed_and_deleted(api: Api) -> None:
    answer = await api("POST", "/providers", json=provider(models=["a", "b", "a"], headers={"X-Team": "blue-team-42"}))
    assert answer.status == 201
    made = answer.json
    assert (made["id"], made["builtin"], made["state"], made["key_source"]) == ("mine", False, "ready", "stored")
    assert (made["models"], made["default_model"]) == (["a", "b"], None)
    assert made == await api.ok("GET", "/providers/mine")
    assert [item["id"] for item in (await api.ok("GET", "/providers"))["items"]] == [*BUILTIN, "mine"]
    changed = await api.ok("PUT", "/providers/mine", json=write_of(made, name="Ours", default_model="b"))
    assert (changed["name"], changed["default_model"], changed["created_at"]) == ("Ours", "b", made["created_at"])
    assert changed["updated_at"] > made["updated_at"]
    assert await api.ok("DELETE", "/providers/mine") == {"id": "mine", "deleted": True}
    for method, path in [("GET", ""), ("DELETE", ""), ("DELETE", "/key"), ("GET", "/models")]:
        refused(await api(method, f"/providers/mine{path}"), 404)
    refused(await api("PUT", "/providers/mine", json=write_of(made)), 404)


async def test_an_id_is_made_from_the_name(api: Api) -> None:
    ids = [
        (await api.ok("POST", "/providers", json=provider(id=None, name=name)))["id"]
        for name in ("Ünser Haus!", "Verify", "Verify", "日本")
    ]
    assert ids == ["nser-haus", "verify-2", "verify-3", "provider"]


async def test_an_id_that_is_there_is_a_conflict(api: Api) -> None:
    await api.ok("POST", "/providers", json=provider())
    refused(await api("POST", "/providers", json=provider(name="Second")), 409, code="conflict")
    refused(await api("POST", "/providers", json=provider(id="openai")), 409)
    assert (await api.ok("GET", "/providers/mine"))["name"] == "Mine"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"id": "default"}, "body.id"),
        ({"id": "No Spaces"}, "body.id"),
        ({"kind": "magic"}, "body.kind"),
        ({"kind": "local", "base_url": None, "api_key": None}, "body.kind"),
        ({"name": "  "}, "body.name"),
        ({"name": "a\x00b"}, "body.name"),
        ({"base_url": None}, "body.base_url"),
        ({"base_url": "ftp://example.org"}, "body.base_url"),
        ({"base_url": "example.org/v1"}, "body.base_url"),
        ({"base_url": "https:///v1"}, "body.base_url"),
        ({"base_url": "https://user:secret@example.org"}, "body.base_url"),
        ({"base_url": "https://example.org/v1?key=1"}, "body.base_url"),
        ({"base_url": "https://exa mple.org"}, "body.base_url"),
        ({"base_url": "https://example.org:99999"}, "body.base_url"),
        ({"base_url": "https://[::1"}, "body.base_url"),
        ({"base_url": "file:///etc/passwd"}, "body.base_url"),
        ({"api_key": " "}, "body.api_key"),
        ({"api_key": "a b"}, "body.api_key"),
        ({"api_key": "sk-\nX: y"}, "body.api_key"),
        ({"api_key": "schlüssel"}, "body.api_key"),
        ({"api_key": "***"}, "body.api_key"),
        ({"headers": {"X-Team": "***"}}, "body.headers.X-Team"),
        ({"headers": {"X-Team": "a\r\nb"}}, "body.headers.X-Team"),
        ({"headers": {"X Team": "a"}}, "body.headers"),
        ({"headers": {"Host": "evil.example"}}, "body.headers.Host"),
        ({"headers": {"X-A": "1", "x-a": "2"}}, "body.headers.x-a"),
        ({"models": [""]}, "body.models.0"),
        ({"prices": {"m": {"input": "cheap", "output": "1"}}}, "body.prices.m.input"),
        ({"options": {"api": "soap"}}, "body.options.api"),
        ({"options": {"colour": "red"}}, "body.options.colour"),
        ({"unknown": 1}, "body.unknown"),
    ],
)
async def test_what_cannot_be_is_422_and_changes_nothing(api: Api, fields: dict[str, Any], path: str) -> None:
    before = await api.ok("GET", "/providers")
    answer = await api("POST", "/providers", json=provider(**fields))
    refused(answer, 422, path)
    assert SECRET not in answer.content.decode()
    assert await api.ok("GET", "/providers") == before


async def test_a_builtin_provider_is_changed_but_neither_deleted_nor_turned(api: Api) -> None:
    openai = await api.ok("GET", "/providers/openai")
    changed = await api.ok("PUT", "/providers/openai", json=write_of(openai, name="Work", models=["gpt-x"]))
    assert (changed["name"], changed["builtin"], changed["models"]) == ("Work", True, ["gpt-x"])
    assert changed["default_model"] is None, "nobody chose one"
    refused(await api("DELETE", "/providers/openai"), 409, code="conflict")
    refused(await api("PUT", "/providers/openai", json=write_of(openai, kind="anthropic")), 422, "body.kind")
    disabled = await api.ok("PUT", "/providers/openai", json=write_of(openai, enabled=False))
    assert disabled["state"] == "disabled"


# Secrets


async def test_no_answer_holds_a_key(api: Api, jp_data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [
        await api("POST", "/providers", json=provider(headers={"X-Team": "blue-team-42"})),
        await api("PUT", "/providers/mine/key", json={"api_key": OTHER}),
        await api("GET", "/providers/mine"),
        await api("GET", "/providers"),
        await api("GET", "/providers/credentials"),
        await api("GET", "/models"),
        await api("POST", "/providers/mine/verify", json={}),
    ]
    for answer in answers:
        assert answer.status in (200, 201), answer
        for secret in (SECRET, OTHER, "blue-team-42"):
            assert secret not in answer.content.decode()
    assert answers[2].json["api_key"] == "***"
    assert answers[2].json["headers"] == {"X-Team": "***"}
    for record in caplog.records:
        assert SECRET not in record.getMessage()
        assert OTHER not in record.getMessage()
    assert kept(jp_data_dir)["mine"] == {"api_key": OTHER, "headers": {"X-Team": "blue-team-42"}}


async def test_the_file_of_keys_is_for_its_owner_alone(api: Api, jp_data_dir: Path) -> None:
    await api.ok("POST", "/providers", json=provider())
    file = key_file(jp_data_dir)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [other.name for other in file.parent.iterdir() if keys.FILE_NAME in other.name] == [keys.FILE_NAME]
    file.chmod(0o644)
    await api.ok("PUT", "/providers/mine/key", json={"api_key": OTHER})
    assert stat.S_IMODE(key_file(jp_data_dir).stat().st_mode) == 0o600
    others = [path for path in files_below(jp_data_dir) if path.name != keys.FILE_NAME]
    assert others
    for path in others:
        assert SECRET.encode() not in path.read_bytes(), f"{path} holds the key"


@pytest.mark.parametrize("written", ["***", None])
async def test_the_mask_keeps_what_is_stored(api: Api, jp_data_dir: Path, written: str | None) -> None:
    made = await api.ok("POST", "/providers", json=provider(headers={"X-Team": "blue", "X-Room": "seven"}))
    changed = await api.ok(
        "PUT",
        "/providers/mine",
        json=write_of(made, name="Ours", api_key=written, headers={"X-Team": "***", "X-New": "fresh"}),
    )
    assert changed["key_source"] == "stored"
    assert changed["headers"] == {"X-Team": "***", "X-New": "***"}
    assert kept(jp_data_dir)["mine"] == {"api_key": SECRET, "headers": {"X-Team": "blue", "X-New": "fresh"}}


async def test_a_new_key_takes_the_old_ones_place(api: Api, jp_data_dir: Path) -> None:
    made = await api.ok("POST", "/providers", json=provider())
    await api.ok("PUT", "/providers/mine", json=write_of(made, api_key=OTHER))
    assert kept(jp_data_dir)["mine"]["api_key"] == OTHER
    assert SECRET not in key_file(jp_data_dir).read_text()


@pytest.mark.parametrize(
    "base_url",
    [
        "https://evil.example/v1",
        "http://models.example.org/v1",
        "https://models.example.org:8443/v1",
        "https://models.example.org.evil.example/v1",
    ],
)
async def test_another_host_does_not_get_the_stored_key(api: Api, jp_data_dir: Path, base_url: str) -> None:
    made = await api.ok("POST", "/providers", json=provider())
    for written in ("***", None):
        answer = await api("PUT", "/providers/mine", json=write_of(made, base_url=base_url, api_key=written))
        assert "again" in refused(answer, 422, "body.api_key")
    assert await api.ok("GET", "/providers/mine") == made
    moved = await api.ok("PUT", "/providers/mine", json=write_of(made, base_url=base_url, api_key=OTHER))
    assert moved["base_url"] == base_url
    assert kept(jp_data_dir)["mine"]["api_key"] == OTHER


async def test_another_host_does_not_get_the_stored_headers(api: Api) -> None:
    made = await api.ok("POST", "/providers", json=provider(headers={"X-Team": "blue"}))
    elsewhere = write_of(made, base_url="https://evil.example/v1", api_key=OTHER)
    refused(await api("PUT", "/providers/mine", json=elsewhere), 422, "body.headers.X-Team")
    await api.ok("PUT", "/providers/mine", json={**elsewhere, "headers": {"X-Team": "red"}})


async def test_another_path_on_the_same_host_keeps_the_key(api: Api, jp_data_dir: Path) -> None:
    made = await api.ok("POST", "/providers", json=provider())
    await api.ok("PUT", "/providers/mine", json=write_of(made, base_url="https://models.example.org:443/v2/"))
    assert kept(jp_data_dir)["mine"]["api_key"] == SECRET


async def test_a_key_is_set_and_removed(api: Api) -> None:
    refused(await api("DELETE", "/providers/openai/key"), 404)
    ready = await api.ok("PUT", "/providers/openai/key", json={"api_key": f"  {SECRET}\n"})
    assert (ready["state"], ready["key_source"], ready["api_key"]) == ("ready", "stored", "***")
    removed = await api.ok("DELETE", "/providers/openai/key")
    assert (removed["state"], removed["key_source"], removed["api_key"]) == ("needs_key", "none", None)
    refused(await api("PUT", "/providers/local/key", json={"api_key": SECRET}), 409)
    refused(await api("PUT", "/providers/openai/key", json={"api_key": "***"}), 422, "body.api_key")
    refused(await api("PUT", "/providers/nobody/key", json={"api_key": SECRET}), 404)


async def test_a_deleted_provider_leaves_no_key(api: Api, jp_data_dir: Path) -> None:
    await api.ok("POST", "/providers", json=provider())
    await api.ok("DELETE", "/providers/mine")
    assert kept(jp_data_dir) == {}
    again = await api("POST", "/providers", json=provider(api_key="***"))
    refused(again, 422, "body.api_key")


async def test_a_broken_file_of_keys_is_said_and_not_written_over(api: Api, jp_data_dir: Path) -> None:
    await api.ok("POST", "/providers", json=provider())
    key_file(jp_data_dir).write_text("{broken")
    answer = await api("PUT", "/providers/openai/key", json={"api_key": OTHER})
    assert "cannot be read" in refused(answer, 503, code="unavailable")
    assert key_file(jp_data_dir).read_text() == "{broken"


# Keys in the environment


@ENVIRONMENT
async def test_keys_in_the_environment_are_used_and_shown_as_such(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    monkeypatch.setenv("GEMINI_API_KEY", OTHER)
    by_id = {item["id"]: item for item in (await api.ok("GET", "/providers"))["items"]}
    anthropic, google = by_id["anthropic"], by_id["google"]
    assert (anthropic["key_source"], anthropic["key_env"], anthropic["state"], anthropic["api_key"]) == (
        "environment", "ANTHROPIC_API_KEY", "ready", "***",
    )  # fmt: skip
    assert (google["key_source"], google["key_env"]) == ("environment", "GEMINI_API_KEY")
    assert anthropic["is_default"], "the first that is ready and has a key"
    message = refused(await api("DELETE", "/providers/anthropic/key"), 409, code="conflict")
    assert "ANTHROPIC_API_KEY" in message
    credentials = {item["provider"]: item for item in (await api.ok("GET", "/providers/credentials"))["items"]}
    assert (credentials["anthropic"]["key_source"], credentials["anthropic"]["stored_in"]) == ("environment", None)
    # Written back as it was read: the environment's key stays the environment's.
    same = await api.ok("PUT", "/providers/anthropic", json=write_of(anthropic, name="Claude"))
    assert (same["name"], same["key_source"]) == ("Claude", "environment")
    own = await api.ok("PUT", "/providers/anthropic/key", json={"api_key": OTHER})
    assert own["key_source"] == "stored"
    back = await api.ok("DELETE", "/providers/anthropic/key")
    assert back["key_source"] == "environment"


async def test_keys_in_the_environment_are_left_alone_where_the_setting_says_so(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    assert (await api.ok("GET", "/providers/openai"))["key_source"] == "none"


@ENVIRONMENT
async def test_a_key_in_the_environment_goes_to_its_own_host_only(
    api: Api, scripted: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    openai = await api.ok("GET", "/providers/openai")
    assert openai["key_source"] == "environment"
    moved = write_of(openai, base_url=scripted.openai_url)
    refused(await api("PUT", "/providers/openai", json=moved), 422, "body.api_key")
    without = await api.ok("PUT", "/providers/openai", json={**moved, "api_key": None})
    assert (without["key_source"], without["state"]) == ("none", "needs_key")
    tried = await api.ok("POST", "/providers/verify", json={**moved, "api_key": None, "model": "echo"})
    assert not tried["ok"]
    assert all(SECRET not in json.dumps(request.headers) for request in scripted.requests)


@ENVIRONMENT
async def test_ollama_is_where_its_variable_says(
    api: Api, scripted: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{scripted.port}")
    scripted.require_key = False
    try:
        assert (await api.ok("GET", "/providers/ollama"))["state"] == "ready"
        result = await api.ok("POST", "/providers/ollama/verify", json={"model": "echo"})
    finally:
        scripted.require_key = True
    assert result["ok"], result
    assert scripted.last.path == "/v1/chat/completions"


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("box", "http://box:11434"),
        ("0.0.0.0:1234", "http://localhost:1234"),
        (":1234", "http://localhost:1234"),
        ("https://ollama.example.org", "https://ollama.example.org:443"),
        ("http://box:80/api/", "http://box:80/api"),
        ("[::1]:99", "http://[::1]:99"),
        ("", "http://localhost:11434"),
    ],
)
def test_ollamas_host_is_read_as_ollama_reads_it(value: str, url: str) -> None:
    assert catalogue.own_url("ollama", {"OLLAMA_HOST": value}) == url


# Keyring


class Memory:
    """A keyring's backend that keeps what it is given in memory."""

    priority = 5

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        from keyring.errors import PasswordDeleteError

        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


@pytest.fixture
def use_backend(monkeypatch: pytest.MonkeyPatch) -> Any:
    import keyring

    def use(backend: Any) -> Any:
        monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
        return backend

    return use


def test_a_keyring_that_works_is_used(tmp_path: Path, use_backend: Any) -> None:
    backend = use_backend(Memory())
    store = keys.KeyStore(tmp_path, use_keyring=True)
    assert store.set("mine", Secrets(SECRET, {"X-A": "1"})) == "keyring"
    assert SECRET in next(iter(backend.entries.values()))
    assert not (tmp_path / keys.FILE_NAME).exists()
    found, place = keys.KeyStore(tmp_path, use_keyring=True).get("mine")
    assert (found.api_key, dict(found.headers), place) == (SECRET, {"X-A": "1"}, "keyring")
    assert keys.KeyStore(tmp_path / "elsewhere", use_keyring=True).get("mine") == (Secrets(), None)
    store.delete("mine")
    assert backend.entries == {}
    store.delete("mine")


def test_what_was_in_the_file_moves_to_the_keyring_when_it_is_set_again(tmp_path: Path, use_backend: Any) -> None:
    backend = use_backend(Memory())
    keys.KeyStore(tmp_path, use_keyring=False).set("mine", Secrets(SECRET))
    store = keys.KeyStore(tmp_path, use_keyring=True)
    assert store.get("mine")[1] == "file"
    assert store.set("mine", Secrets(OTHER)) == "keyring"
    assert SECRET not in (tmp_path / keys.FILE_NAME).read_text()
    assert store.get("mine")[0].api_key == OTHER
    assert len(backend.entries) == 1


class Broken(Memory):
    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError("locked")


class Hanging(Memory):
    def set_password(self, service: str, username: str, password: str) -> None:
        time.sleep(3)


class Plain(Memory):
    priority = 0


class Small(Memory):
    """As Windows: takes short secrets only."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password) > 100:
            raise RuntimeError("too long")
        super().set_password(service, username, password)


@pytest.mark.parametrize("backend", [Broken, Hanging, Plain])
def test_a_keyring_that_does_not_work_does_not_count(
    tmp_path: Path, use_backend: Any, backend: type[Memory], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "KEYRING_SECONDS", 0.2)
    use_backend(backend())
    store = keys.KeyStore(tmp_path, use_keyring=True)
    assert store.set("mine", Secrets(SECRET)) == "file"
    assert store.get("mine")[0].api_key == SECRET


def test_the_null_and_the_failing_keyring_do_not_count(tmp_path: Path, use_backend: Any) -> None:
    import keyring.backends.fail
    import keyring.backends.null

    for backend in (keyring.backends.fail.Keyring(), keyring.backends.null.Keyring()):
        use_backend(backend)
        assert keys.KeyStore(tmp_path, use_keyring=True).set("mine", Secrets(SECRET)) == "file"


def test_what_the_keyring_does_not_take_goes_to_the_file(
    tmp_path: Path, use_backend: Any, caplog: pytest.LogCaptureFixture
) -> None:
    use_backend(Small())
    store = keys.KeyStore(tmp_path, use_keyring=True)
    assert store.set("mine", Secrets("sk-" + "x" * 500)) == "file"
    assert store.get("mine")[0].api_key == "sk-" + "x" * 500
    assert "xxx" not in caplog.text


def test_secrets_do_not_show_in_a_repr() -> None:
    assert SECRET not in repr(Secrets(SECRET, {"X-A": SECRET}))


# The default one


async def test_the_default_is_chosen_by_key_then_by_the_user(api: Api) -> None:
    assert (await api.ok("GET", "/providers/default"))["provider"] == "local"
    await api.ok("POST", "/providers", json=provider())
    assert (await api.ok("GET", "/providers/default"))["provider"] == "mine"
    for id_ in ("google", "openai", "anthropic"):
        await api.ok("PUT", f"/providers/{id_}/key", json={"api_key": SECRET})
        assert (await api.ok("GET", "/providers/default"))["provider"] == id_
    chosen = await api.ok("PUT", "/providers/default", json={"provider": "openai", "model": "gpt-x"})
    assert chosen == {"provider": "openai", "model": "gpt-x"} == await api.ok("GET", "/providers/default")
    flags = {item["id"]: item["is_default"] for item in (await api.ok("GET", "/providers"))["items"]}
    assert [id_ for id_, flag in flags.items() if flag] == ["openai"]
    whole = await api.ok("PUT", "/providers/default", json={"provider": "anthropic"})
    assert whole["model"], "the model that would be used"


async def test_a_default_that_is_deleted_is_no_default_any_more(api: Api) -> None:
    await api.ok("POST", "/providers", json=provider())
    await api.ok("PUT", "/providers/default", json={"provider": "mine", "model": "m"})
    await api.ok("DELETE", "/providers/mine")
    assert (await api.ok("GET", "/providers/default"))["provider"] == "local"


async def test_a_default_that_cannot_be_is_422(api: Api) -> None:
    refused(await api("PUT", "/providers/default", json={"provider": "nobody"}), 422, "body.provider")
    refused(await api("PUT", "/providers/default", json={"provider": "local", "model": "gpt"}), 422, "body.model")
    assert (await api.ok("GET", "/providers/default"))["provider"] == "local"


# Trying


@pytest.mark.parametrize("id_", ["scripted", "scripted-anthropic"])
async def test_verify_makes_a_real_call(api: Api, scripted: ScriptedProvider, id_: str) -> None:
    result = await api.ok("POST", f"/providers/{id_}/verify", json={})
    assert (result["ok"], result["model"], result["multimodal"], result["error"]) == (True, "echo", None, None)
    assert result["text"]
    assert (result["usage"]["input"], result["usage"]["output"], result["usage"]["requests"]) == (100, 50, 1)
    assert len(scripted.requests) == 1
    assert (await api.ok("GET", f"/providers/{id_}"))["verified_at"] is not None


@pytest.mark.parametrize("id_", ["scripted", "scripted-anthropic"])
async def test_verify_sends_a_picture_and_wants_its_colour(api: Api, scripted: ScriptedProvider, id_: str) -> None:
    seen = await api.ok("POST", f"/providers/{id_}/verify", json={"model": "see", "multimodal": True})
    assert (seen["ok"], seen["multimodal"], seen["usage"]["requests"]) == (True, True, 2)
    (picture,) = scripted.last.asked.images
    assert colour(picture) == seen["text"]
    blind = await api.ok("POST", f"/providers/{id_}/verify", json={"model": "words-3", "multimodal": True})
    assert (blind["ok"], blind["multimodal"], blind["error_code"]) == (False, False, "bad_response")
    assert words(3).strip() in blind["error"]


@pytest.mark.parametrize("id_", ["scripted", "scripted-anthropic"])
@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("unauthorized", "unauthorized"),
        ("rate-limited", "rate_limited"),
        ("overloaded", "overloaded"),
        ("server-error", "bad_response"),
        ("malformed", "bad_response"),
        ("cut", "cut"),
        ("too-long", "context_too_long"),
        ("no-such-model", "model_not_found"),
    ],
)
async def test_a_verification_that_fails_says_why(
    api: Api, scripted: ScriptedProvider, id_: str, model: str, code: str
) -> None:
    result = await api.ok("POST", f"/providers/{id_}/verify", json={"model": model})
    assert (result["ok"], result["error_code"]) == (False, code), result
    assert result["error"]
    assert KEY not in json.dumps(result)
    assert len(scripted.requests) == 1, "tried again by itself"
    assert (await api.ok("GET", f"/providers/{id_}"))["verified_at"] is None


@pytest.mark.settings(ProviderSettings={"request_timeout_seconds": 1})
@pytest.mark.parametrize("id_", ["scripted", "scripted-anthropic"])
async def test_a_provider_that_says_nothing_is_given_up(api: Api, scripted: ScriptedProvider, id_: str) -> None:
    result = await api.ok("POST", f"/providers/{id_}/verify", json={"model": "hang"})
    assert (result["ok"], result["error_code"]) == (False, "timeout")
    assert 900 < result["latency_ms"] < 8000


async def test_verify_of_what_is_not_ready_says_what_to_do(api: Api) -> None:
    result = await api.ok("POST", "/providers/openai/verify", json={})
    assert (result["ok"], result["error_code"]) == (False, "not_configured")
    assert "key" in result["next_action"]
    refused(await api("POST", "/providers/nobody/verify", json={}), 404)
    await api.ok("POST", "/providers", json=provider(base_url="http://127.0.0.1:9/v1", default_model="m"))
    gone = await api.ok("POST", "/providers/mine/verify", json={})
    assert (gone["ok"], gone["error_code"]) == (False, "unreachable")
    assert "127.0.0.1:9" in gone["next_action"]


def unsaved(scripted: ScriptedProvider, **fields: Any) -> dict[str, Any]:
    return {
        "kind": "openai_compatible", "name": "Try", "base_url": scripted.openai_url, "api_key": KEY, "model": "echo",
        **fields,
    }  # fmt: skip


async def test_a_provider_is_tried_before_it_is_saved(api: Api, scripted: ScriptedProvider) -> None:
    before = await api.ok("GET", "/providers")
    assert (await api.ok("POST", "/providers/verify", json=unsaved(scripted)))["ok"]
    wrong = await api.ok("POST", "/providers/verify", json=unsaved(scripted, api_key=SECRET))
    assert (wrong["ok"], wrong["error_code"]) == (False, "unauthorized")
    assert SECRET not in json.dumps(wrong)
    anthropic = unsaved(scripted, kind="anthropic", base_url=scripted.anthropic_url, model="see", multimodal=True)
    assert (await api.ok("POST", "/providers/verify", json=anthropic))["multimodal"] is True
    responses = unsaved(scripted, kind="openai")
    assert (await api.ok("POST", "/providers/verify", json=responses))["ok"]
    assert scripted.last.path == "/v1/responses"
    chat = unsaved(scripted, kind="openai", options={"api": "chat"})
    assert (await api.ok("POST", "/providers/verify", json=chat))["ok"]
    assert scripted.last.path == "/v1/chat/completions"
    first = await api.ok("POST", "/providers/verify", json=unsaved(scripted, model=None))
    assert first["model"] == LISTED[0], "the first one that it lists"
    assert await api.ok("GET", "/providers") == before


async def test_an_unsaved_provider_borrows_a_key_for_its_own_host_only(api: Api, scripted: ScriptedProvider) -> None:
    borrowed = unsaved(scripted, api_key="***", provider_id="scripted")
    assert (await api.ok("POST", "/providers/verify", json=borrowed))["ok"]
    with ScriptedProvider() as elsewhere:
        there = {**borrowed, "base_url": elsewhere.openai_url}
        assert "again" in refused(await api("POST", "/providers/verify", json=there), 422, "body.api_key")
        none = await api.ok("POST", "/providers/verify", json={**there, "api_key": None})
        assert (none["ok"], none["error_code"]) == (False, "unauthorized")
        assert elsewhere.requests == []
    refused(await api("POST", "/providers/verify", json={**borrowed, "provider_id": None}), 422, "body.api_key")
    refused(await api("POST", "/providers/verify", json={**borrowed, "provider_id": "nobody"}), 404)


async def test_custom_headers_are_sent(api: Api, scripted: ScriptedProvider) -> None:
    for kind, url in (("openai_compatible", scripted.openai_url), ("anthropic", scripted.anthropic_url)):
        body = unsaved(scripted, kind=kind, base_url=url, headers={"X-Team": "blue-team-42"})
        assert (await api.ok("POST", "/providers/verify", json=body))["ok"]
        assert scripted.last.headers["x-team"] == "blue-team-42"


async def test_a_redirect_does_not_take_the_key_elsewhere(api: Api, http_redirect: tuple[str, list[str]]) -> None:
    url, elsewhere = http_redirect
    for kind in ("openai_compatible", "anthropic"):
        body = {"kind": kind, "name": "Try", "base_url": url, "api_key": SECRET, "model": "m"}
        assert not (await api.ok("POST", "/providers/verify", json=body))["ok"]
    await api.ok("POST", "/providers", json=provider(base_url=url))
    assert (await api.ok("GET", "/providers/mine/models"))["error"]
    assert elsewhere == []


@pytest.fixture
def http_redirect(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[tuple[str, list[str]]]:
    """The address of a server that sends everybody to another host, and who came there."""
    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_sockets
    from tornado.web import Application, RequestHandler

    came: list[str] = []
    sockets, target = bind_sockets(0, "127.0.0.1"), bind_sockets(0, "127.0.0.1")
    there = f"http://localhost:{target[0].getsockname()[1]}"

    class Away(RequestHandler):
        def prepare(self) -> None:
            self.redirect(f"{there}{self.request.path}", status=307)

    class There(RequestHandler):
        def prepare(self) -> None:
            came.append(str(self.request.headers))
            self.finish({})

    async def start() -> list[HTTPServer]:
        servers = [HTTPServer(Application([(".*", handler)])) for handler in (Away, There)]
        servers[0].add_sockets(sockets)
        servers[1].add_sockets(target)
        return servers

    servers = jp_asyncio_loop.run_until_complete(start())
    yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}", came
    for server in servers:
        server.stop()
        jp_asyncio_loop.run_until_complete(server.close_all_connections())


# Models


async def test_models_of_a_provider_are_asked_once_and_kept(api: Api, scripted: ScriptedProvider) -> None:
    for count, id_ in enumerate(("scripted", "scripted-anthropic"), 1):
        models = await api.ok("GET", f"/providers/{id_}/models")
        assert {model["id"] for model in models["items"]} == set(LISTED)
        assert models["items"][0]["id"] == "echo"
        assert (models["total"], models["error"]) == (len(LISTED), None)
        assert models["cached_at"] is not None
        assert await api.ok("GET", f"/providers/{id_}/models") == models
        assert scripted.listings == count
    newer = await api.ok("GET", "/providers/scripted/models", params={"refresh": True})
    assert newer["cached_at"] > models["cached_at"]
    assert scripted.listings == 3
    assert await api.ok("DELETE", "/providers/scripted/models/cache") == {"provider": "scripted", "cleared": True}
    assert await api.ok("DELETE", "/providers/scripted/models/cache") == {"provider": "scripted", "cleared": False}
    await api.ok("GET", "/providers/scripted/models")
    assert scripted.listings == 4
    refused(await api("DELETE", "/providers/nobody/models/cache"), 404)


async def test_many_that_ask_at_once_are_one_request(api: Api, scripted: ScriptedProvider) -> None:
    await asyncio.gather(*(api.ok("GET", "/providers/scripted/models") for _ in range(8)))
    assert scripted.listings == 1


async def test_all_models_with_filters(api: Api, scripted: ScriptedProvider) -> None:
    models = await api.ok("GET", "/models")
    providers = {model["provider"] for model in models["items"]}
    assert {"local", "openai", "anthropic", "google", "scripted", "scripted-anthropic"} <= providers
    assert "ollama" not in providers, "it is switched off"
    (default,) = [model for model in models["items"] if model["is_default"]]
    assert (default["provider"], default["id"], default["available"]) == ("scripted", "echo", True)
    claude = next(model for model in models["items"] if model["provider"] == "anthropic")
    assert not claude["available"]
    assert "ANTHROPIC_API_KEY" in claude["reason"]
    (local,) = [model for model in models["items"] if model["provider"] == "local"]
    assert (local["price_source"], local["input_price"], local["supports_tools"]) == ("free", "0", False)
    found = await api.ok("GET", "/models", params={"q": "THINK", "provider": "scripted"})
    assert [model["id"] for model in found["items"]] == ["thinking"]
    assert found["total"] == 1
    refused(await api("GET", "/models", params={"provider": "nobody"}), 404)


async def test_prices_and_windows_of_models_that_are_known(api: Api) -> None:
    openai = await api.ok("GET", "/providers/openai")
    table = {"gpt-4o": {"input": "1.5", "output": "6", "cache_read": "0.1"}}
    await api.ok(
        "PUT", "/providers/openai", json=write_of(openai, models=["gpt-4o", "gpt-4o-mini", "x-1"], prices=table)
    )
    by_id = {model["id"]: model for model in (await api.ok("GET", "/providers/openai/models"))["items"]}
    assert (by_id["gpt-4o"]["input_price"], by_id["gpt-4o"]["price_source"]) == ("1.5", "user")
    mini = by_id["gpt-4o-mini"]
    assert mini["price_source"] == "genai-prices"
    assert Decimal(mini["input_price"]) > 0
    assert mini["context_window"] >= 100_000
    assert (by_id["x-1"]["input_price"], by_id["x-1"]["price_source"]) == (None, None)


async def test_a_list_that_cannot_be_had_leaves_the_users_models(api: Api, scripted: ScriptedProvider) -> None:
    await api.ok("POST", "/providers", json=provider(base_url="http://127.0.0.1:9/v1", models=["one", "two"]))
    models = await api.ok("GET", "/providers/mine/models")
    assert [model["id"] for model in models["items"]] == ["one", "two"]
    assert models["error"]
    assert models["cached_at"] is None
    everything = await api.ok("GET", "/models")
    assert everything["error"].startswith("Mine: ")
    assert {"one", "echo"} <= {model["id"] for model in everything["items"]}


async def test_a_changed_provider_is_asked_anew(api: Api, scripted: ScriptedProvider) -> None:
    await api.ok("GET", "/providers/scripted/models")
    await api.ok("PUT", "/providers/scripted/key", json={"api_key": "sk-wrong-key-000000"})
    models = await api.ok("GET", "/providers/scripted/models")
    assert models["error"]
    await api.ok("PUT", "/providers/scripted/key", json={"api_key": KEY})
    assert (await api.ok("GET", "/providers/scripted/models"))["error"] is None


# The service, which other rooms use


@pytest.fixture
def service(api: Api, jp_serverapp: Any) -> Any:
    """The running server's own service."""
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_agent"]
    return api.loop.run_until_complete(app.services()).providers


async def test_resolve_gives_the_default_and_what_is_named(service: Any, scripted: ScriptedProvider) -> None:
    default = await service.resolve()
    assert (default.provider_id, default.model_id, default.kind) == ("scripted", "echo", "openai_compatible")
    other = await service.resolve("scripted-anthropic", "words-2")
    assert (other.provider_id, other.model_id, other.model.model_name) == ("scripted-anthropic", "words-2", "words-2")
    assert (await service.resolve(None, "words-2")).provider_id == "scripted"
    assert await service.resolve() is default, "built again"
    with pytest.raises(ApiError) as unknown:
        await service.resolve("nobody")
    assert unknown.value.status == 404
    with pytest.raises(ApiError) as unready:
        await service.resolve("openai")
    assert (unready.value.status, unready.value.code) == (409, "not_configured")
    assert "OPENAI_API_KEY" in unready.value.message


async def test_models_share_a_connection_until_it_changes(service: Any, scripted: ScriptedProvider, api: Api) -> None:
    first, second = await service.resolve("scripted", "echo"), await service.resolve("scripted", "words-2")
    assert first.model.client is second.model.client
    running = first.model.client._client
    read = await api.ok("GET", "/providers/scripted")
    await api.ok("PUT", "/providers/scripted", json=write_of(read, headers={"X-New": "1"}))
    changed = await service.resolve("scripted", "echo")
    assert changed.model.client._client is not running
    await asyncio.sleep(0.1)
    assert not running.is_closed, "closed under a turn that still uses it"
    del first, second
    gc.collect()
    await asyncio.sleep(0.1)
    assert running.is_closed, "nobody uses it any more and it is still open"
    assert not changed.model.client._client.is_closed


async def test_what_the_user_says_of_a_provider_counts(service: Any, scripted: ScriptedProvider, api: Api) -> None:
    read = await api.ok("GET", "/providers/scripted")
    options = {"supports_tools": False, "supports_images": False, "context_window": 9000}
    await api.ok("PUT", "/providers/scripted", json=write_of(read, options=options))
    resolved = await service.resolve()
    assert (resolved.supports_tools, resolved.supports_images, resolved.context_window) == (False, False, 9000)
    (model,) = (await api.ok("GET", "/models", params={"q": "echo", "provider": "scripted"}))["items"]
    assert (model["supports_tools"], model["context_window"]) == (False, 9000)


async def test_another_provider_for_a_second_opinion(service: Any, scripted: ScriptedProvider, api: Api) -> None:
    assert (await service.other_than("scripted")).provider_id == "scripted-anthropic"
    assert (await service.other_than("scripted-anthropic")).provider_id == "scripted"
    for other in (await api.ok("GET", "/providers"))["items"]:
        if not other["builtin"] and other["id"] != "scripted":
            await api.ok("DELETE", f"/providers/{other['id']}")
    assert await service.other_than("scripted") is None, "the embedded model has no opinion"


async def test_ask_answers_and_writes_the_ledger(service: Any, scripted: ScriptedProvider, jp_serverapp: Any) -> None:
    text, usage = await service.ask("ann", "Ping!", system="Be brief.", purpose="title", max_output_tokens=20)
    assert text == "Ping!"
    assert (usage.input, usage.output, usage.cache_read, usage.requests, usage.cost) == (100, 50, 20, 1, None)
    assert scripted.last.asked.system == "Be brief."
    assert scripted.last.body.get("max_completion_tokens", scripted.last.body.get("max_tokens")) == 20
    with pytest.raises(Exception, match="Incorrect API key"):
        await service.ask("ann", "Ping!", purpose="title", model="unauthorized")
    rows = await ledger(service)
    assert [(row.owner, row.purpose, row.provider, row.model, row.input_tokens, row.error_code) for row in rows] == [
        ("ann", "title", "scripted", "echo", 100, None),
        ("ann", "title", "scripted", "unauthorized", 0, "unauthorized"),
    ]
    assert all(row.duration_ms is not None for row in rows)


async def ledger(service: Any) -> list[Any]:
    from sqlalchemy import select

    from jupyter_agent.storage.tables import ModelRequestRow

    def read(orm: Any) -> list[Any]:
        rows = list(orm.scalars(select(ModelRequestRow).order_by(ModelRequestRow.created_at)))
        orm.expunge_all()
        return rows

    rows: list[Any] = await service._services.db.read(read)
    return rows


async def test_ask_waits_for_a_rate_limit_to_pass(service: Any, scripted: ScriptedProvider) -> None:
    started = time.monotonic()
    text, _ = await service.ask("ann", "Ping!", purpose="title", model="rate-limited-once")
    assert text == "Here at last."
    assert time.monotonic() - started >= 0.9, "did not wait as long as it was told"
    assert len(scripted.requests) == 2


async def test_the_users_price_is_in_the_ledger(service: Any, scripted: ScriptedProvider, api: Api) -> None:
    read = await api.ok("GET", "/providers/scripted")
    table = {"echo": {"input": "10", "output": "20", "cache_read": "1"}}
    await api.ok("PUT", "/providers/scripted", json=write_of(read, prices=table))
    _, usage = await service.ask("ann", "Ping!", purpose="title")
    # 80 tokens at 10, 20 from the cache at 1, 50 out at 20 dollars a million.
    assert Decimal(usage.cost) == Decimal("0.00182")
    (row,) = await ledger(service)
    assert (row.cost, row.price_source) == (Decimal("0.00182"), "user")


# Without a server: prices


def config(kind: Any = "openai", **fields: Any) -> ProviderConfig:
    return ProviderConfig(id="x", kind=kind, name="X", **fields)


USED = Usage(input=1_000_000, output=1_000_000, cache_read=400_000, cache_write=100_000, requests=1)


def test_the_public_price_list_counts_caches() -> None:
    own = catalogue.own_url("anthropic", {})
    amount, source = pricing.price(config("anthropic"), own, "claude-3-5-sonnet-latest", USED)
    # 3 a million in, 15 out, 0.30 read from the cache, 3.75 written to it.
    assert (amount, source) == (Decimal("1.5") + Decimal("0.12") + Decimal("0.375") + 15, "genai-prices")


def test_the_users_table_counts_first_and_without_cache_prices_at_the_full_price() -> None:
    prices = {"claude-3-5-sonnet-latest": ModelPrice(input="1", output="2")}
    assert pricing.price(config("anthropic", prices=prices), None, "claude-3-5-sonnet-latest", USED) == (3, "user")


def test_a_compatible_provider_is_priced_by_its_address() -> None:
    known = pricing.price(config("openai_compatible"), "https://openrouter.ai/api/v1", "openai/gpt-4o", USED)
    assert known[1] == "genai-prices"
    assert known[0]
    assert pricing.price(config("openai_compatible"), "http://127.0.0.1:8000/v1", "gpt-4o", USED) == (None, None)


def test_what_runs_here_is_free_and_what_nobody_knows_has_no_price() -> None:
    assert pricing.price(config("local"), None, "SmolLM2", USED) == (0, "free")
    assert pricing.price(config("ollama"), "http://localhost:11434", "llama3", USED) == (0, "free")
    own = catalogue.own_url("openai", {})
    assert pricing.price(config("openai"), own, "no-such-model-of-openai", USED) == (None, None)
    assert pricing.price(config("openai"), own, "gpt-4o", Usage(requests=1)) == (None, None)


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0"), ("0.10", "0.1"), ("1E-7", "0.0000001"), ("1E+3", "1000"), ("12.345678901234567", "12.345678901235")],
)
def test_money_has_no_exponent(amount: str, text: str) -> None:
    assert pricing.money(Decimal(amount)) == text


# Without a server: failures


def http_error(status: int, body: Any = None, headers: dict[str, str] | None = None) -> httpx.HTTPStatusError:
    request = httpx.Request("GET", "https://models.example.org/v1/models")
    response = httpx.Response(status, json=body or {}, headers=headers, request=request)
    return httpx.HTTPStatusError(f"{status}", request=request, response=response)


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (http_error(401), "unauthorized", False),
        (http_error(403), "unauthorized", False),
        (http_error(404), "model_not_found", False),
        (http_error(402), "rate_limited", False),
        (http_error(429), "rate_limited", True),
        (http_error(503), "overloaded", True),
        (http_error(529), "overloaded", True),
        (http_error(500), "bad_response", True),
        (http_error(502), "bad_response", True),
        (http_error(504), "timeout", True),
        (http_error(400), "bad_response", False),
        (
            http_error(400, {"error": {"message": "This model's maximum context length is 8192"}}),
            "context_too_long",
            False,
        ),
        (http_error(413, {"error": "prompt is too long"}), "context_too_long", False),
        (http_error(400, {"message": "model `x` does not exist"}), "model_not_found", False),
        (httpx.ConnectError("[Errno 111] Connection refused"), "unreachable", True),
        (httpx.ConnectTimeout(""), "unreachable", True),
        (httpx.ReadTimeout(""), "timeout", True),
        (httpx.RemoteProtocolError("peer closed connection"), "cut", True),
        (httpx.ReadError("reset"), "cut", True),
        (httpx.UnsupportedProtocol("no scheme"), "not_configured", False),
        (ConnectionRefusedError(111, "refused"), "unreachable", True),
        (ConnectionResetError(104, "reset"), "cut", True),
        (TimeoutError(), "timeout", True),
        (json.JSONDecodeError("x", "y", 0), "bad_response", True),
        (ModuleNotFoundError("No module named 'openai'"), "not_configured", False),
        (not_configured("no key"), "not_configured", False),
        (not_found("provider", "x"), "not_configured", False),
        (ModelFailed("cut", "stopped", retryable=True), "cut", True),
        (ValueError("a bug of ours"), "internal_error", False),
    ],
)
def test_every_failure_has_its_code(error: BaseException, code: str, retryable: bool) -> None:
    told = explain(error)
    assert (told.code, told.retryable) == (code, retryable)
    assert told.message


def test_the_cause_tells_what_a_wrapper_hides() -> None:
    class APIConnectionError(Exception):
        """As the SDKs' own."""

    try:
        try:
            raise httpx.ConnectError("[Errno 111] Connection refused")
        except httpx.ConnectError as cause:
            raise APIConnectionError("Connection error.") from cause
    except APIConnectionError as error:
        told = explain(error)
    assert (told.code, told.message) == ("unreachable", "[Errno 111] Connection refused")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after-ms": "1500", "Retry-After": "9"}, 1.5),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": "nan"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert explain(http_error(429, headers=headers)).retry_after_seconds == seconds


def test_the_providers_words_are_kept_without_secrets_and_cut() -> None:
    message = f"Wrong key {SECRET}; header Authorization: Bearer abcdefghijklmnop; " + "and so on " * 300
    told = explain(http_error(401, {"error": {"message": message}}))
    assert told.message.startswith("Wrong key ***")
    assert "abcdefghijklmnop" not in told.message
    assert len(told.message) == 1000


def test_a_group_is_told_by_its_first_failure() -> None:
    assert explain(ExceptionGroup("several", [http_error(429), ValueError()])).code == "rate_limited"


# Without a server: lists of models in the forms that providers have


async def listed(kind: Any, url: str, pages: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> list[listing.Listed]:
    """What `ask` makes of these answers, by path and query."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        path = request.url.raw_path.decode()
        for start, body in pages.items():
            if path.startswith(start):
                return body if isinstance(body, httpx.Response) else httpx.Response(200, json=body)
        raise AssertionError(f"asked for {path}")

    def client(secrets: Secrets) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(answer))

    monkeypatch.setattr(listing, "_client", client)
    found = await listing.ask(config(kind), url, Secrets(SECRET))
    assert seen
    return found


async def test_googles_list_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    first = {
        "models": [
            {
                "name": "models/gemini-x",
                "displayName": "Gemini X",
                "inputTokenLimit": 1000,
                "thinking": True,
                "supportedGenerationMethods": ["generateContent"],
            },
            {"name": "models/embedding-1", "supportedGenerationMethods": ["embedContent"]},
        ],
        "nextPageToken": "two",
    }
    second = {"models": [{"name": "models/gemini-y", "supportedGenerationMethods": ["generateContent"]}]}
    pages = {"/v1beta/models?pageSize=1000&pageToken=two": second, "/v1beta/models?pageSize=1000": first}
    found = await listed("google", "https://g.example", pages, monkeypatch)
    assert [(one.id, one.name, one.context_window, one.supports_thinking) for one in found] == [
        ("gemini-x", "Gemini X", 1000, True),
        ("gemini-y", None, None, None),
    ]


async def test_ollamas_and_openrouters_lists_tell_what_models_can(monkeypatch: pytest.MonkeyPatch) -> None:
    tags = {"models": [{"name": "llama3:8b", "capabilities": ["completion", "tools"]}]}
    (llama,) = await listed("ollama", "http://o.example/v1", {"/api/tags": tags}, monkeypatch)
    assert (llama.id, llama.supports_tools, llama.supports_images) == ("llama3:8b", True, False)
    data = [
        {
            "id": "a/b",
            "context_length": 5,
            "architecture": {"input_modalities": ["text", "image"]},
            "supported_parameters": ["tools"],
        },
        {"id": "a/b"},
        {"id": "bad\x00id"},
        {"no": "id"},
        "nonsense",
    ]
    (model,) = await listed("openai_compatible", "https://r.example/v1", {"/v1/models": {"data": data}}, monkeypatch)
    assert (model.id, model.context_window, model.supports_tools, model.supports_images) == ("a/b", 5, True, True)
    mixed = {"data": [{"id": "gpt-9"}, {"id": "text-embedding-3"}, {"id": "whisper-1"}]}
    only = await listed("openai", "https://api.openai.com/v1", {"/v1/models": mixed}, monkeypatch)
    assert [one.id for one in only] == ["gpt-9"]


@pytest.mark.parametrize(
    "body",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[1]),
        httpx.Response(200, json={"data": "x"}),
        httpx.Response(302, headers={"Location": "https://evil.example"}),
        httpx.Response(200, content=b" " * (listing.LARGEST + 1)),
    ],
)
async def test_a_list_that_is_none_is_a_bad_response(body: httpx.Response, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelFailed) as failed:
        await listed("openai_compatible", "https://r.example/v1", {"/v1/models": body}, monkeypatch)
    assert explain(failed.value).code == "bad_response"


# The room itself


def test_a_picture_is_of_one_colour_and_its_name_is_wanted() -> None:
    name, png = plain_colour()
    assert colour(png) == name
    assert names(f"It is {name.upper()}.", name)
    assert not names("red green blue yellow", name), "names all it knows"
    assert not names("no idea", name)


def test_covered_routes_are_this_rooms() -> None:
    rooms = {route.name: route.room for route in reference_routes()}
    covered = [name for operation in router.operations for name in operation.covers]
    assert len(covered) == len(set(covered)) == 19
    # What a provider allows is said by its own answers; the reference shows it with the numbers.
    assert {name for name in covered if rooms[name] != "providers"} == {"muyue GET /api/providers/quota"}


def test_the_room_imports_nothing_slow() -> None:
    code = """
import sys
import jupyter_agent.providers.service, jupyter_agent.providers.routes, jupyter_agent.providers.local
slow = {"pydantic_ai", "openai", "anthropic", "google", "keyring", "xllamacpp", "httpx", "httpx2", "genai_prices"}
print(sorted(slow & {name.split(".")[0] for name in sys.modules}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_agent.providers.connections import connect

    monkeypatch.setitem(sys.modules, "anthropic", None)
    with pytest.raises(ApiError, match=r"jupyterlab-agent\[anthropic\]") as missing:
        connect(config("anthropic"), "https://api.anthropic.com", Secrets(SECRET), 5)
    assert missing.value.code == "not_configured"
