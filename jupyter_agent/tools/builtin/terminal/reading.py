"""What a shell command is about, as far as its text says: whether it asks for another user's rights, what it needs.

This is a guard against what a model does carelessly. It is no sandbox: a program can do what its text does not say."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING

from jupyter_agent.tools.models import Capability
from jupyter_agent.tools.sensitive import is_secret_file, is_secret_variable

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree

SECONDS = 0.3
MOST_BYTES = 20_000
"""Of a command: what is longer belongs in a file."""
MOST_PIPES = 1_000
MOST_NODES = 20_000
MOST_DEPTH = 8
MOST_WORDS = 200
"""Of a command that runs its arguments, how many are looked at."""

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
_FIND_RUNS = ("-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch")
_HARMLESS_DEVICES = re.compile(r"^/dev/(null|zero|stdin|stdout|stderr|tty|u?random|fd/\d+|(tcp|udp)/.*)$")
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
    too_complex: bool = False
    """Whether it was given up: nothing is known of it then."""
    until: float = field(default_factory=lambda: time.thread_time() + SECONDS)
    """When it is given up, by this thread's own clock: a busy machine is no reason."""

    @property
    def capabilities(self) -> list[Capability]:
        if self.too_complex:
            return ["network", "external_directory", "secret"]
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


def _parse(command: str, until: float) -> Tree | None:
    """The command's syntax; None where it would take too long to find it."""
    # Chains of pipes take the square of their length, at a place where parsing cannot be stopped.
    source = command.encode("utf-8", "surrogatepass")
    if command.count("|") + command.count("&") > MOST_PIPES or len(source) > MOST_BYTES or time.thread_time() > until:
        return None
    parser = _parser()
    try:
        return parser.parse(
            lambda offset, _: source[offset : offset + 65536], progress_callback=lambda *_: time.thread_time() > until
        )
    except ValueError:  # it was stopped
        parser.reset()
        return None


@lru_cache(maxsize=256)
def read(command: str, root: Path | None = None) -> Reading:
    """Reads a command for bash; `root` is the server's root, absolute paths in which are none outside."""
    reading = Reading()
    _read(command, reading, root, depth=0)
    return reading


def _read(command: str, reading: Reading, root: Path | None, depth: int) -> None:
    tree = _parse(command, reading.until)
    if tree is None:
        reading.too_complex = True
        return
    # Where the text does not say which command is run, any mention counts.
    unclear = tree.root_node.has_error
    for count, node in enumerate(_walk(tree.root_node)):
        if count > MOST_NODES or (not count % 100 and time.thread_time() > reading.until):
            reading.too_complex = True
            return
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
    said = [word for word in words if word is not None]
    _itself(name, words, reading, root, depth)
    if name in _WRAPPERS or name in _OTHER_RIGHTS:
        # `env A=1 nice cmd x`: options of wrappers take arguments in many ways, so each word may be the command.
        if name in ("find", "fd"):
            runs = next((index for index, word in enumerate(words) if word in _FIND_RUNS), len(words))
            words = words[runs:]
        if len(words) > MOST_WORDS:
            reading.too_complex = True
            return
        for index, word in enumerate(words):
            if word is not None and not word.startswith("-"):
                _itself(PurePosixPath(word).name, words[index + 1 :], reading, root, depth)
    for text in _arguments(name, said):
        _path(
            (text.split("=", 1)[1] if text.startswith("-") and "=" in text else text).removeprefix("@"), reading, root
        )


def _itself(name: str, words: list[str | None], reading: Reading, root: Path | None, depth: int) -> None:
    """What a command is about by its name, and the texts in its arguments that are commands."""
    if name in _OTHER_RIGHTS:
        reading.other_rights = reading.other_rights or name
    if name in _SHELLS or name in ("eval", "trap"):
        _inner(name, words, reading, root, depth)
    if _INTERPRETERS.match(name):
        _interpreter(name, words, reading)
    if name in _ALWAYS_NETWORK or _fetches(name, words):
        reading.network = True
    if name == "cd" and len([word for word in words if word is None or not word.startswith("-")]) == 0:
        reading.outside.append("~")


def _fetches(name: str, words: list[str | None]) -> bool:
    wanted = _NETWORK_SUBCOMMANDS.get(_SAME.get(name, name), frozenset())
    return any(word in wanted for word in words) or (name == "yarn" and not words)


def _interpreter(name: str, words: list[str | None], reading: Reading) -> None:
    texts = [word for word in words if word is not None]
    if name.startswith("python") and "-m" in texts[:-1]:
        module = texts.index("-m") + 1
        reading.network |= _fetches(texts[module], list(texts[module + 1 :]))
    for text in texts:
        found = _OTHER_RIGHTS_WORD.search(text)
        if found and any(mark in text for mark in "(`|"):
            reading.other_rights = reading.other_rights or found.group()


def _inner(name: str, words: list[str | None], reading: Reading, root: Path | None, depth: int) -> None:
    """Reads the text of `sh -c TEXT`, `eval TEXT` and `trap TEXT SIGNAL`."""
    if name in ("eval", "trap"):
        known = [word for word in words if word is not None]
        texts = [" ".join(known)] if name == "eval" else known[:1]
        if len(known) < len(words) and _OTHER_RIGHTS_WORD.search(" ".join(known)):
            reading.other_rights = reading.other_rights or "sudo"
    else:
        pairs = pairwise(words)
        texts = [text for option, text in pairs if option and text is not None and re.fullmatch(r"-\w*c", option)]
    for text in texts:
        if depth < MOST_DEPTH:
            _read(text, reading, root, depth + 1)
        else:
            reading.too_complex = True


def _arguments(name: str, texts: list[str]) -> list[str]:
    """The arguments that may be paths: not what is only said, nor a program for sed and the like."""
    if name in ("echo", "printf"):
        return []
    if name in _SCRIPT_FIRST and not any(text in ("-e", "-f") for text in texts):
        script = next((index for index, text in enumerate(texts) if not text.startswith("-")), None)
        return [text for index, text in enumerate(texts) if index != script]
    return texts


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
