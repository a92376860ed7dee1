"""What the policy says to a call: pure, from the mode, the rules and what the call needs and touches."""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any
from urllib.parse import urlsplit

from jupyter_agent.tools.models import Capability, Mode, PolicyAnswer, PolicyRule
from jupyter_agent.tools.sensitive import is_secret_file
from jupyter_agent.tools.tool import Tool

ALLOWED: Mapping[Mode, frozenset[Capability]] = {
    "read_only": frozenset({"read"}),
    "ask": frozenset({"read", "client"}),
    "auto_edit": frozenset({"read", "client", "notebook_edit", "file_write"}),
    "auto": frozenset(
        {
            *("read", "client", "notebook_edit", "file_write"),
            *("execute", "shell", "network", "external_directory", "secret"),
        }
    ),
}
"""What needs no question in each mode. `client` alone is work that the client does itself, and offered."""

SHELL_SYNTAX = re.compile(r"[;&|`$<>(){}\n\r\\!#]")
"""With one of these, a command is not the one that a pattern with wildcards was meant for."""

FOLDS_CASE = sys.platform in ("win32", "darwin")


@dataclass(frozen=True)
class Facts:
    """What the policy looks at of one call."""

    tool: str
    arguments: Mapping[str, Any]
    capabilities: frozenset[Capability]
    paths: tuple[tuple[str, ...], ...] = ()
    """What it touches; of each path all its names: as it was written, and where a link leads."""


@dataclass(frozen=True)
class Rules:
    """The rules that count for a call, and the mode."""

    mode: Mode
    admin: Sequence[PolicyRule] = ()
    own: Sequence[PolicyRule] = field(default=())


def tidy(path: str) -> str:
    """A path from the server's root as it is compared: no `.`, no doubled slashes, none at its ends; one that leads out
    of the root begins with `..`."""
    tidied = posixpath.normpath("/".join(path.replace("\\", "/").split("/")).lstrip("/") or ".")
    return "" if tidied == "." else tidied


def is_outside(path: str) -> bool:
    return path == ".." or path.startswith("../")


def paths_of(tool: Tool, arguments: Mapping[str, Any], notebook: str | None) -> list[str]:
    """The paths that the call names; the notebook that is meant where it may name one and does not."""
    found = []
    for name in tool.paths:
        value = arguments.get(name, tool.defaults.get(name))
        if value is None and tool.group in ("notebook", "kernel"):
            value = notebook
        if isinstance(value, str):
            found.append(tidy(value))
    return found


def capabilities_of(tool: Tool, arguments: Mapping[str, Any], paths: Sequence[Sequence[str]]) -> frozenset[Capability]:
    """What a call needs, by its tool, its arguments and the paths that it touches."""
    needed = {*tool.capabilities, *(tool.needs(arguments) if tool.needs is not None else ())}
    names = [name for one in paths for name in one]
    if any(is_outside(name) for name in names):
        needed.add("external_directory")
    if any(is_secret_file(name) for name in names):
        needed.add("secret")
    return frozenset(needed)


def evaluate(facts: Facts, rules: Rules) -> PolicyAnswer:
    """What is to be done with the call.

    In this order: what any rule denies is denied; in `read_only` whatever is more than reading is denied; an
    administrator's `ask` asks; a rule that an approval made allows; the user's `ask` asks; what remains of the
    capabilities is allowed by the mode or by rules, or is asked about."""
    everyone = [*rules.admin, *rules.own]
    audit = any(rule.effect == "audit" and fits(rule, facts) for rule in everyone)

    def say(decision: Any, reason: str, rule: PolicyRule | None = None) -> PolicyAnswer:
        return PolicyAnswer(
            decision=decision,
            audit=audit,
            reason=reason,
            rule=rule,
            mode=rules.mode,
            asked_by=("mode" if rule is None else "rule") if decision == "ask" else None,
            capabilities=sorted(facts.capabilities),
            paths=[one[0] for one in facts.paths],
        )

    for rule in everyone:
        if rule.effect == "deny" and fits(rule, facts):
            return say("deny", f"{_named(rule)} denies it", rule)
    more = sorted(_beyond(facts.capabilities, rules.mode))
    if rules.mode == "read_only" and more:
        return say("deny", f"the mode read_only denies {_listed(more)}")
    for rule in rules.admin:
        if rule.effect == "ask" and fits(rule, facts):
            return say("ask", f"{_named(rule)} asks", rule)
    asking = next((rule for rule in rules.own if rule.effect == "ask" and fits(rule, facts)), None)
    if asking is not None:
        remembered = [rule for rule in rules.own if rule.source == "approval"]
        if (allowing := _allowing(remembered, facts, more or facts.capabilities)) is not None:
            return say("allow", f"{_named(allowing)} allows it", allowing)
        return say("ask", f"{_named(asking)} asks", asking)
    if not more:
        return say("allow", f"the mode {rules.mode} allows {_listed(sorted(facts.capabilities))}")
    if (allowing := _allowing(everyone, facts, more)) is not None:
        return say("allow", f"{_named(allowing)} allows it", allowing)
    return say("ask", f"the mode {rules.mode} asks about {_listed(more)}")


def _beyond(capabilities: frozenset[Capability], mode: Mode) -> frozenset[Capability]:
    """What of the capabilities the mode does not allow by itself."""
    if "read" in capabilities:
        capabilities -= {"client"}  # its client says that it only looks
    return capabilities - ALLOWED[mode]


def _allowing(rules: Sequence[PolicyRule], facts: Facts, capabilities: Iterable[Capability]) -> PolicyRule | None:
    """The rule that completes what these rules allow, where together they allow all of the capabilities."""
    left = set(capabilities)
    for rule in rules:
        if rule.effect in ("allow", "audit") and fits(rule, facts):
            left -= left if rule.capability is None else {rule.capability}
            if not left:
                return rule
    return None


def fits(rule: PolicyRule, facts: Facts) -> bool:
    """Whether a rule is about this call. One that allows has to fit all that the call touches, one that hinders any."""
    loosens = rule.effect in ("allow", "audit")
    if not matches(rule.tool, facts.tool):
        return False
    if rule.capability is not None and rule.capability not in facts.capabilities:
        return False
    for name, pattern in rule.arguments.items():
        value = facts.arguments.get(name)
        if value is None:
            return False
        text = value if isinstance(value, str) else as_json(value)
        if not matches(pattern, text):
            return False
        if loosens and "shell" in facts.capabilities and is_pattern(pattern) and SHELL_SYNTAX.search(text):
            return False
    if rule.path is None:
        return True
    pattern = rule.path.removeprefix("./").strip("/")
    names = [name for one in facts.paths for name in one]
    if not names:
        return False
    if loosens:
        return all(matches(pattern, name, folds=FOLDS_CASE) for name in names)
    # Whoever changes a folder changes what is in it.
    above = facts.capabilities != {"read"}
    return any(
        matches(pattern, name, folds=FOLDS_CASE) or (above and name != "" and _fixed(pattern).startswith(f"{name}/"))
        for name in names
    )


def _fixed(pattern: str) -> str:
    """What of a pattern stands before its first wildcard."""
    return "".join(takewhile(lambda token: isinstance(token, str), _tokens(pattern)))


# Patterns ------------------------------------------------------------------------------------------------------------

ANY_ONE = object()
ANY_MANY = object()


def _tokens(pattern: str) -> Iterator[Any]:
    escaped = False
    for character in pattern:
        if escaped:
            yield character
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "*":
            yield ANY_MANY
        elif character == "?":
            yield ANY_ONE
        else:
            yield character
    if escaped:
        yield "\\"


def is_pattern(pattern: str) -> bool:
    """Whether it stands for more than one text."""
    return any(token in (ANY_ONE, ANY_MANY) for token in _tokens(pattern))


def matches(pattern: str, text: str, *, folds: bool = False) -> bool:
    """Whether a pattern fits the whole text: `*` any characters (slashes too), `?` one, a backslash takes the next
    character as it is. Never slower than their product, whatever the pattern."""
    if folds:
        pattern, text = pattern.casefold(), text.casefold()
    tokens = list(_tokens(pattern))
    at = star = 0
    place, marked = 0, -1
    while at < len(text):
        if place < len(tokens) and (tokens[place] is ANY_ONE or tokens[place] == text[at]):
            place, at = place + 1, at + 1
        elif place < len(tokens) and tokens[place] is ANY_MANY:
            marked, star = place, at
            place += 1
        elif marked >= 0:
            star += 1
            place, at = marked + 1, star
        else:
            return False
    return all(token is ANY_MANY for token in tokens[place:])


def literal(text: str) -> str:
    """The pattern that fits this text alone."""
    return re.sub(r"([\\*?])", r"\\\1", text)


# What an approval makes ----------------------------------------------------------------------------------------------


def remembered(tool: Tool, facts: Facts, mode: Mode, session_id: str | None) -> list[PolicyRule]:
    """The rules for the next call like this one, as narrow as makes sense: a command as it is; a tool and the path that
    it touches; a page's site; otherwise the tool, for what it needed this time."""

    def rule(**fields: Any) -> PolicyRule:
        return PolicyRule(effect="allow", tool=literal(facts.tool), session_id=session_id, source="approval", **fields)

    texts = {name: value for name, value in facts.arguments.items() if isinstance(value, str)}
    if "shell" in facts.capabilities and tool.group != "git":
        given = facts.arguments.items()
        exact = {name: literal(value if isinstance(value, str) else as_json(value)) for name, value in given}
        return [rule(arguments=exact)]
    if len(facts.paths) == 1 and len(facts.paths[0]) == 1:
        return [rule(path=literal(facts.paths[0][0]))]
    if facts.paths:
        return [rule(arguments={name: literal(texts[name]) for name in tool.paths if name in texts})]
    if "url" in texts and (site := _site(texts["url"])) is not None:
        return [rule(arguments={"url": f"{literal(site)}/*"})]
    needed = sorted(_beyond(facts.capabilities, mode) or facts.capabilities)
    return [rule(capability=one) for one in needed]


def _site(url: str) -> str | None:
    parts = urlsplit(url)
    if not parts.scheme or not parts.netloc or "@" in parts.netloc or not parts.path.startswith("/"):
        return None
    return f"{parts.scheme}://{parts.netloc}"


def as_json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _named(rule: PolicyRule) -> str:
    whose = {
        "admin": "a rule of the administrator's",
        "user": "a rule of the user's",
        "approval": "an earlier approval",
    }
    return whose[rule.source] + (f" ({rule.comment})" if rule.comment else "")


def _listed(capabilities: Sequence[str]) -> str:
    return ", ".join(capabilities) or "nothing"
