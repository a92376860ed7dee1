"""Everything that the panel says can be said in another language.

A language pack is made of the extracted strings: each becomes «itself». What is read on the page without these marks
went past the translation.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..scripted_provider import ScriptedProvider
from ..servers import JupyterServer
from .conftest import make_lab

pofile = pytest.importorskip("babel.messages.pofile")
mofile = pytest.importorskip("babel.messages.mofile")
expect: Any = pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST RAN: playwright is not installed"
).expect

POT = Path(__file__).parents[2] / "labextension" / "locale" / "jupyterlab_agent.pot"
LOCALE = "nl_NL"
DOMAIN = "jupyterlab_agent"
PLAIN = re.compile(r"Count|Enter|Esc|Ctrl|\bs\b|\$")
"""What stands in a text of its own accord."""

READ = """root => {
    // What is said by the user, by the model and by the server is not the panel's.
    const others = '.jp-agent-Markdown, .jp-agent-userText, .jp-agent-Sessions-name, .jp-agent-Sessions-preview, '
        + '.jp-agent-Readiness, .jp-mod-missing > .jp-agent-Models-note';
    const found = [];
    for (const node of [root, ...root.querySelectorAll('*')]) {
        if (node.closest('svg') || node.closest(others)) continue;
        for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
            if (node.getAttribute(name)) found.push(node.getAttribute(name));
        if (node.localName === 'textarea') continue;
        for (const child of node.childNodes)
            if (child.nodeType === 3 && child.textContent.trim()) found.push(child.textContent.trim());
    }
    return found;
}"""


def marked(text: str) -> str:
    return f"«{text}»"


def make_pack(folder: Path) -> None:
    """An installed language pack, as `pip install jupyterlab-language-pack-nl-NL` would leave it."""
    module = folder / f"jupyterlab_language_pack_{LOCALE}"
    messages = module / "locale" / LOCALE / "LC_MESSAGES"
    messages.mkdir(parents=True)
    (module / "__init__.py").touch()
    info = folder / f"jupyterlab_language_pack_{LOCALE}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: jupyterlab-language-pack-{LOCALE}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[jupyterlab.languagepack]\n{LOCALE} = jupyterlab_language_pack_{LOCALE}\n")
    with POT.open("rb") as file:
        catalog = pofile.read_po(file, locale=LOCALE)
    bundle: dict[str, Any] = {
        "": {
            "domain": DOMAIN,
            "language": LOCALE.replace("_", "-"),
            "plural_forms": "nplurals=2; plural=(n != 1);",
            "version": "1.0",
        }
    }
    for message in catalog:
        if message.id:
            forms = [message.id] if isinstance(message.id, str) else list(message.id)
            translated = [marked(form) for form in forms]
            message.string = translated[0] if len(forms) == 1 else tuple(translated)
            bundle[f"{message.context}\x04{forms[0]}" if message.context else forms[0]] = translated
    (messages / f"{DOMAIN}.json").write_text(json.dumps(bundle))
    with (messages / f"{DOMAIN}.mo").open("wb") as file:
        mofile.write_mo(file, catalog)


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory, provider: ScriptedProvider) -> Iterator[JupyterServer]:
    packs = tmp_path_factory.mktemp("packs")
    make_pack(packs)
    paths = [str(packs), *filter(None, [os.environ.get("PYTHONPATH")])]
    server = make_lab(tmp_path_factory.mktemp("lab"), env={"PYTHONPATH": os.pathsep.join(paths)})
    with server:
        server.use(provider, models=["echo", "gated-40", "markdown"])
        server.client.put(
            "lab/api/settings/@jupyterlab/translation-extension:plugin", json={"raw": json.dumps({"locale": LOCALE})}
        ).raise_for_status()
        yield server


def names(server: JupyterServer) -> list[str]:
    """Of models and providers, the longest first: they are the same in every language."""
    models = server.api("GET", "/models")["items"]
    found = {model[key] for model in models for key in ("id", "name")}
    found |= {provider["name"] for provider in server.api("GET", "/providers")["items"]}
    return sorted(found, key=len, reverse=True)


def plain(root: Any, known: list[str]) -> list[str]:
    """Words on it that went past the translation."""
    found = []
    for text in root.evaluate(READ):
        # What stands between the marks is translated, whatever it was filled in with.
        rest = text
        while (less := re.sub(r"«[^«»]*»", "", rest)) != rest:
            rest = less
        for name in known:
            rest = rest.replace(name, "")
        if re.search(r"[^\W\d_]{2}", PLAIN.sub("", rest)):
            found.append(text)
    return found


def test_nothing_that_the_panel_says_goes_past_the_translation(translated: JupyterServer, open_page: Any) -> None:
    known = names(translated)
    panel = open_page(translated, query="&reset&agent-panel=open")
    root = panel.page.locator(".jp-agent-Panel")
    box = root.locator("textarea")
    box.wait_for(timeout=60_000)
    status = panel.page.locator(".jp-agent-ActivityItem")
    expect(status).to_have_text(marked("Agent | Idle"))
    expect(root.locator(".jp-agent-Models-button")).to_contain_text("echo")
    assert plain(root, known) == []
    assert plain(status, known) == []
    box.fill("Count")
    box.press("Enter")
    expect(root.get_by_role("article").last).to_have_attribute("aria-busy", "false")
    assert plain(root, known) == []
    root.get_by_role("button", name=marked("Chats"), exact=True).click()
    root.locator(".jp-agent-Sessions-open").first.wait_for()
    assert plain(root, known) == []
    root.get_by_role("button", name=marked("New chat"), exact=True).first.click()
    root.locator(".jp-agent-Models-button").click()
    root.get_by_role("option").first.wait_for()
    assert plain(root, known) == []
    panel.page.keyboard.press("Escape")
    root.get_by_role("button", name=marked("More"), exact=True).click()
    menu = panel.page.locator(".jp-agent-Menu")
    menu.wait_for()
    labels = menu.locator(".lm-Menu-itemLabel").all_inner_texts()
    assert [label for label in labels if label and not label.startswith("«")] == []


def test_commands_and_settings_are_translated(translated: JupyterServer, open_page: Any) -> None:
    panel = open_page(translated, query="&reset")
    labels = panel.page.evaluate(
        """() => {
            const {commands} = window.jupyterapp;
            const ids = commands.listCommands().filter(id => id.startsWith('agent:'));
            return ids.flatMap(id => [commands.label(id), commands.caption(id)]).filter(Boolean);
        }"""
    )
    assert len(labels) > 13
    assert [label for label in labels if not label.startswith("«")] == []
    card = panel.page.locator(".jp-LauncherCard").filter(has_text=marked("Agent Chat"))
    expect(card).to_have_attribute("data-category", "Other")
    for name in ("chat", "notebook"):
        schema = translated.client.get(f"lab/api/settings/jupyterlab-agent:{name}").json()["schema"]
        texts = [schema["title"], schema["description"], schema["jupyter.lab.setting-icon-label"]]
        for described in schema["properties"].values():
            texts += [described["title"], described["description"]]
            texts += [choice["title"] for choice in described.get("oneOf", [])]
        assert [text for text in texts if not text.startswith("«")] == []


def test_the_extracted_strings_are_up_to_date() -> None:
    root = POT.parents[1]
    if not (root / "node_modules").exists():
        pytest.skip("the extracted strings were not checked: no node_modules in labextension/ (npm ci)")
    result = subprocess.run(
        ["node", "scripts/messages.mjs", "--check"], cwd=root, capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stderr
