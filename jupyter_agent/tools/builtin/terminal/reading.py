"""What a shell command is about, as far as its text says: whether it asks for another user's rights, what it needs.

This is a guard against what a model does carelessly. It is no sandbox: a program can do what its text does not say."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING

from jupyter_agent.tools.builtin.sensitive import is_secret_file, is_secret_variable
from jupyter_agent.tools.models import Capability

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_OTHER_RIGHTS = frozenset({"sudo", "sudoedit", "doas", "pkexec", "run0"})
_OTHER_RIGHTS_WORD = re.compile(r"(?<![\w.-])(?:sudo|sudoedit|doas|pkexec|run0)(?![\w.-])")
_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "fish", "busybox"})
# They run the command that their arguments are.
_WRAPPERS = frozenset(
    {
        *("env", "nice", "nohup", "time", "timeout", "exec", "command", "builtin", "xargs", "setsid", "stdbuf"),
        *("ionice", "chroot", "watch", "strace", "ltrace", "unbuffer", "parallel", "find", "fd", "script"),
        *("flock", "chrt", "taskset", "systemd-run", "entr", "unshare", "nsenter", "coproc"),
    }
)
_INTERPRETERS = re.compile(r"^(python[\d.]*|perl|ruby|node|php|lua|Rscript|awk|gawk|mawk)$")
_SCRIPT_FIRST = frozenset({"sed", "awk", "gawk", "mawk", "grep", "egrep", "fgrep", "rg", "perl", "jq", "expr"})
_ALWAYS_NETWORK = frozenset(
    {
        *("curl", "wget", "ssh", "scp", "sftp", "rsync", "ftp", "lftp", "telnet", "nc", "ncat", "netcat"),
        *("socat", "ping", "dig", "nslookup", "host", "http", "https", "httpie", "aria2c", "gh", "glab", "hub"),
        *("aws", "gcloud", "gsutil", "az", "kubectl", "helm", "npx", "bunx", "uvx", "apt", "apt-get", "dnf"),
        *("yum", "apk", "pacman", "brew", "zypper", "snap", "flatpak", "mail", "sendmail", "msmtp"),
        *("huggingface-cli", "kaggle", "dvc", "rclone"),
    }
)
_NETWORK_SUBCOMMANDS: dict[str, frozenset[str]] = {
    "git": frozenset({"push", "pull", "fetch", "clone", "ls-remote", "submodule", "lfs", "send-email", "archive"}),
    "pip": frozenset({"install", "download", "wheel", "search", "index"}),
    "pipx": frozenset({"install", "run", "upgrade", "upgrade-all", "inject"}),
    "uv": frozenset({"add", "pip", "sync", "run", "tool", "lock", "publish", "python", "venv"}),
    "poetry": frozenset({"add", "install", "update", "publish", "lock"}),
    "conda": frozenset({"install", "create", "update", "upgrade", "search", "env"}),
    "npm": frozenset({"install", "i", "ci", "add", "update", "publish", "audit", "exec", "view", "outdated"}),
    "yarn": frozenset({"install", "add", "upgrade", "dlx", "publish"}),
    "cargo": frozenset({"install", "add", "update", "publish", "fetch", "search"}),
    "go": frozenset({"get", "install", "mod"}),
    "gem": frozenset({"install", "update", "push", "fetch"}),
    "docker": frozenset({"pull", "push", "run", "build", "login", "compose", "buildx"}),
}
_SAME = {"pip3": "pip", "mamba": "conda", "micromamba": "conda", "pnpm": "npm", "bun": "npm", "podman": "docker"}
_HARMLESS_DEVICES = re.compile(r"^/dev/(null|zero|stdin|stdout|stderr|tty|u?random|fd/\d+)$")
_SYSTEM_PROGRAMS = re.compile(r"^/(usr|bin|sbin|opt|nix|snap|lib)(/|$)")


@dataclass
class Reading:
    """What a command is about."""

    other_rights: str | None = None
    """`sudo` or the like, where it is used."""
    network: bool = False
    outside: list[str] = field(default_factory=list)
    """Paths out of the server's root."""
    secrets: list[str] = field(default_factory=list)
    """Files and variables that look like secrets."""

    @property
    def capabilities(self) -> list[Capability]:
        found: list[Capability] = []
        if self.network:
            found.append("network")
        if self.outside:
            found.append("external_directory")
        if self.secrets:
            found.append("secret")
        return found


@dataclass
class _Word:
    """An argument: its text where it is known without running anything, else None."""

    text: str | None
    node: Node


_local = threading.local()


def _parser() -> Parser:
    found: Parser | None = getattr(_local, "parser", None)
    if found is None:
        import tree_sitter_bash
        from tree_sitter import Language, Parser

        found = _local.parser = Parser(Language(tree_sitter_bash.language()))
    return found


@lru_cache(maxsize=256)
def read(command: str, root: Path | None = None) -> Reading:
    """Reads a command for bash; `root` is the server's root, absolute paths in which are none outside."""
    reading = Reading()
    _read(command, reading, root, depth=0)
    return reading


def _read(command: str, reading: Reading, root: Path | None, depth: int) -> None:
    source = command.encode("utf-8", "surrogatepass")
    tree = _parser().parse(source)
    # Where the text does not say which command is run, any mention counts.
    unclear = tree.root_node.has_error or depth > 8
    for node in _walk(tree.root_node):
        if node.type == "command":
            unclear |= _command(node, reading, root, depth)
        elif node.type in ("simple_expansion", "expansion"):
            _expansion(node, reading)
        elif node.type == "file_redirect":
            for child in node.children_by_field_name("destination"):
                _path(_static(child), reading, root)
        elif node.type == "variable_assignment":
            value = node.child_by_field_name("value")
            if value is not None:
                text = _static(value)
                _path(text, reading, root)
                if text is not None and PurePosixPath(text).name in _OTHER_RIGHTS:
                    unclear = True
        elif node.type in ("heredoc_redirect", "herestring_redirect"):
            unclear |= _feeds_a_shell(node)
    if "/dev/tcp/" in command or "/dev/udp/" in command:
        reading.network = True
    if unclear and reading.other_rights is None:
        found = _OTHER_RIGHTS_WORD.search(command)
        if found:
            reading.other_rights = found.group()


def _walk(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(one.children))


def _command(node: Node, reading: Reading, root: Path | None, depth: int) -> bool:
    """Reads one simple command. Gives whether its text does not say what it runs."""
    name_node = node.child_by_field_name("name")
    if name_node is None:
        return False
    words = [_Word(_static(one), one) for one in node.children_by_field_name("argument")]
    spelled = _static(name_node)
    if spelled is None:
        for word in words:
            _path(word.text, reading, root)
        return True
    name = PurePosixPath(spelled).name or spelled
    if spelled.startswith(("/", "~")) and not _SYSTEM_PROGRAMS.match(spelled):
        _path(spelled, reading, root)
    _named(name, [word.text for word in words], reading, root, depth)
    return name == "alias" or (name in _SHELLS and _reads_its_input(node, words)) or name in ("source", ".")


def _named(name: str, words: list[str | None], reading: Reading, root: Path | None, depth: int) -> None:
    """What a command of this name with these arguments is about; of what it runs in turn, too."""
    if name in _OTHER_RIGHTS:
        reading.other_rights = reading.other_rights or name
    if name in _WRAPPERS or name in _OTHER_RIGHTS:
        _wrapped(words, reading, root, depth)
    if name in _SHELLS or name in ("eval", "trap"):
        _inner(name, words, reading, root, depth)
    texts = [word for word in words if word is not None]
    if _INTERPRETERS.match(name):
        if name.startswith("python") and "-m" in texts and texts.index("-m") + 1 < len(texts):
            module = texts.index("-m") + 1
            _named(texts[module], list(texts[module + 1 :]), reading, root, depth)
        for text in texts:
            found = _OTHER_RIGHTS_WORD.search(text)
            if found and any(mark in text for mark in ("(", "`", "|")):
                reading.other_rights = reading.other_rights or found.group()
    if name in _ALWAYS_NETWORK:
        reading.network = True
    wanted = _NETWORK_SUBCOMMANDS.get(_SAME.get(name, name))
    if wanted is not None and (any(text in wanted for text in texts) or (name == "yarn" and not texts)):
        reading.network = True
    if name == "cd" and not [text for text in texts if not text.startswith("-")] and len(texts) == len(words):
        reading.outside.append("~")
    for text in _arguments(name, texts):
        _path(
            (text.split("=", 1)[1] if text.startswith("-") and "=" in text else text).removeprefix("@"), reading, root
        )


def _arguments(name: str, texts: list[str]) -> list[str]:
    """The arguments that may be paths: not what is only said, nor a program for sed and the like."""
    if name in ("echo", "printf"):
        return []
    if name in _SCRIPT_FIRST and not any(text in ("-e", "-f") for text in texts):
        script = next((index for index, text in enumerate(texts) if not text.startswith("-")), None)
        return [text for index, text in enumerate(texts) if index != script]
    return texts


def _wrapped(words: list[str | None], reading: Reading, root: Path | None, depth: int) -> None:
    """Of `env A=1 nice cmd x`, where each word may be the command: options of wrappers take arguments in many ways."""
    if depth > 8:
        return
    for index, word in enumerate(words):
        if word is None or word.startswith("-") or "=" in word:
            continue
        name = PurePosixPath(word).name
        known = name in _ALWAYS_NETWORK or name in _NETWORK_SUBCOMMANDS or name in _SAME
        if name in _OTHER_RIGHTS or name in _SHELLS or name in _WRAPPERS or known or _INTERPRETERS.match(name):
            _named(name, words[index + 1 :], reading, root, depth + 1)


def _inner(name: str, words: list[str | None], reading: Reading, root: Path | None, depth: int) -> None:
    """Reads the text of `sh -c TEXT`, `eval TEXT` and `trap TEXT SIGNAL`."""
    if name in ("eval", "trap"):
        known = [word for word in words if word is not None]
        texts = [" ".join(known)] if name == "eval" else known[:1]
        if len(known) < len(words) and _OTHER_RIGHTS_WORD.search(" ".join(known)):
            reading.other_rights = reading.other_rights or "sudo"
    else:
        texts = []
        for index, word in enumerate(words[:-1]):
            following = words[index + 1]
            if word is not None and re.fullmatch(r"-\w*c", word) and following is not None:
                texts.append(following)
    for text in texts:
        if depth <= 8:
            _read(text, reading, root, depth + 1)


def _reads_its_input(node: Node, words: list[_Word]) -> bool:
    """Whether a shell gets its commands from a pipe."""
    plain = [word for word in words if word.text is None or not word.text.startswith("-")]
    parent = node.parent
    while parent is not None and parent.type in ("redirected_statement", "pipeline"):
        if parent.type == "pipeline" and not plain:
            return True
        parent = parent.parent
    return False


def _feeds_a_shell(node: Node) -> bool:
    """Whether a here-document is what a shell, or something unknown, reads."""
    parent = node.parent
    if parent is None:
        return False
    for one in _walk(parent):
        if one.type == "command_name":
            text = _static(one)
            if text is None or PurePosixPath(text).name in _SHELLS or PurePosixPath(text).name in _WRAPPERS:
                return True
    return False


def _expansion(node: Node, reading: Reading) -> None:
    name = next((one for one in node.children if one.type == "variable_name"), None)
    if name is None or name.text is None:
        return
    text = name.text.decode("utf-8", "replace")
    if text == "HOME":
        reading.outside.append("$HOME")
    elif is_secret_variable(text):
        reading.secrets.append(f"${text}")


def _path(text: str | None, reading: Reading, root: Path | None) -> None:
    """Notes a word that is a path out of the root, or one of a secret."""
    if not text or "://" in text or "\n" in text:
        return
    if is_secret_file(text):
        reading.secrets.append(text)
    if _HARMLESS_DEVICES.match(text):
        return
    if text.startswith("/"):
        if root is None or not PurePosixPath(normpath(text)).is_relative_to(root.as_posix()):
            reading.outside.append(text)
    elif text.startswith("~") or normpath(text).split("/", 1)[0] == "..":
        reading.outside.append(text)


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "E": "\x1b"}
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|.)", re.DOTALL)


def _ansi_c(match: re.Match[str]) -> str:
    body = match.group(1)
    try:
        if body[0] in "xuU":
            return chr(int(body[1:], 16))
        if body[0] in "01234567":
            return chr(int(body, 8))
    except (ValueError, OverflowError):
        return body
    return _ESCAPES.get(body, body)


def _static(node: Node) -> str | None:
    """The text that bash makes of a word, quotes removed; None where that is not known before it runs."""
    text = (node.text or b"").decode("utf-8", "surrogatepass")
    if node.type in ("word", "number", "variable_name", "special_variable_name", "test_operator"):
        return re.sub(r"\\(.)", lambda match: "" if match.group(1) == "\n" else match.group(1), text, flags=re.DOTALL)
    if node.type == "raw_string":
        return text[1:-1]
    if node.type == "ansi_c_string":
        return _ESCAPE.sub(_ansi_c, text[2:-1])
    if node.type == "string":
        if any(child.type not in ("string_content", '"') for child in node.children):
            return None
        return re.sub(r'\\([$`"\\\n])', lambda match: match.group(1).strip("\n"), text[1:-1])
    if node.type in ("concatenation", "command_name"):
        parts = [_static(child) for child in node.children]
        return None if None in parts or not parts else "".join(part for part in parts if part is not None)
    return None
