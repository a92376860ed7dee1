"""git, in the repository of a path inside the server's root."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from jupyter_agent.tools.models import Capability, Change
from jupyter_agent.tools.sensitive import is_secret_file, is_secret_variable
from jupyter_agent.tools.tool import ToolContext, ToolError, Toolset

if TYPE_CHECKING:
    from jupyter_agent.app import Services

toolset = Toolset("git")

SECONDS = 60.0
HOOK_SECONDS = 300.0
"""A commit runs the repository's hooks, which may be its tests."""
OUTPUT_BYTES = 2 * 1024 * 1024
COMMITS = 20
MOST_COMMITS = 200

# Reading starts no program that the repository names, and takes no lock that a person's git would wait for.
QUIET = ("-c", "core.fsmonitor=false", "-c", "core.pager=cat", "-c", "core.hooksPath=/dev/null")

Folder = Annotated[str, Field(description="folder in the repository")]


def _unavailable(_: Services) -> str | None:
    return None if shutil.which("git") else "git is not installed on this server."


@dataclass
class _Repository:
    """The repository that a path is in."""

    folder: Path
    """Where git is started: the path."""

    async def git(
        self,
        *arguments: str,
        quiet: bool = True,
        seconds: float = SECONDS,
        fails: bool = True,
        stdin: str | None = None,
    ) -> tuple[int, str]:
        """Runs git; its exit code and what it wrote. Raises ToolError where it fails, unless `fails` is False."""
        program = shutil.which("git")
        if program is None:
            raise ToolError("git is not installed on this server.")
        environment = {
            **{name: value for name, value in os.environ.items() if not is_secret_variable(name, value)},
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "",
            "SSH_ASKPASS": "",
            "GIT_EDITOR": "true",
            "GIT_PAGER": "cat",
            "LC_ALL": "C.UTF-8",
            **({"GIT_OPTIONAL_LOCKS": "0"} if quiet else {}),
        }
        # What a hook or a program around the server has set would lead to another repository.
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_EXTERNAL_DIFF"):
            environment.pop(name, None)
        process = await asyncio.create_subprocess_exec(
            program,
            *(QUIET if quiet else QUIET[2:4]),
            "--no-pager",
            "--literal-pathspecs",
            *arguments,
            cwd=self.folder,
            env=environment,
            stdin=asyncio.subprocess.PIPE if stdin is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            async with asyncio.timeout(seconds):
                if stdin is not None and process.stdin is not None:
                    process.stdin.write(stdin.encode("utf-8", "replace"))
                    process.stdin.close()
                (output, cut), (errors, _) = await asyncio.gather(_read(process.stdout), _read(process.stderr))
                code = await process.wait()
        except TimeoutError:
            raise ToolError(f"git did not end within {seconds:g} seconds.") from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, 9)
                await process.wait()
        text = output.decode("utf-8", "replace")
        if cut:
            text += f"\n[only the first {OUTPUT_BYTES // 2**20} MB]"
        said = errors.decode("utf-8", "replace").strip()
        if code and fails:
            raise ToolError(_failure(said or text.strip(), code))
        return code, text if not code else f"{text}{said}"


async def _read(stream: asyncio.StreamReader) -> tuple[bytes, bool]:
    """What a stream says, up to a limit; the rest is read and dropped, so that the process can end."""
    kept = bytearray()
    cut = False
    while data := await stream.read(65536):
        room = OUTPUT_BYTES - len(kept)
        kept += data[:room]
        cut |= len(data) > room
    return bytes(kept), cut


def _failure(said: str, code: int) -> str:
    if "not a git repository" in said:
        return "This is no git repository."
    if "dubious ownership" in said:
        return "The repository belongs to another user: git refuses it (safe.directory)."
    return f"git failed (exit code {code}): {said[:4000]}"


def _root(context: ToolContext) -> Path:
    return Path(os.path.realpath(context.services.root_dir))


async def _repository(context: ToolContext, path: str) -> _Repository:
    """Raises ToolError where the path is not in a repository inside the server's root."""
    contents = context.services.documents.contents
    path = await contents.check(path)
    stat = await contents.stat(path)
    if stat is None:
        raise ToolError(f"There is no folder {path!r}.")
    root = _root(context)
    folder = root / path
    found = _Repository(folder if stat["type"] == "directory" else folder.parent)
    _, top = await found.git("rev-parse", "--show-toplevel")
    # A repository around the root holds files that the server does not show.
    if not await asyncio.to_thread(lambda: Path(os.path.realpath(top.strip())).is_relative_to(root)):
        raise ToolError("The repository begins outside the server's root.")
    return found


def _ref(name: str) -> str:
    """A branch, tag or commit. Raises ToolError for what git would take for an option."""
    if not name or name.startswith("-") or "\0" in name:
        raise ToolError(f"{name!r} is no branch or commit.")
    return name


async def _paths(context: ToolContext, paths: Sequence[str]) -> list[str]:
    """File names as git takes them: absolute, checked."""
    root = _root(context)
    return [str(root / await context.services.documents.contents.check(path)) for path in paths]


@toolset.tool("read", paths=["path"], available=_unavailable)
async def git_status(context: ToolContext, path: Folder = "") -> str:
    """Branch and changed files."""
    repository = await _repository(context, path)
    _, text = await repository.git("status", "--short", "--branch", "--untracked-files=normal")
    lines = text.strip("\n").split("\n")
    return "\n".join(lines) if len(lines) > 1 else f"{lines[0]}\n[nothing changed]"


@toolset.tool("read", paths=["path"], available=_unavailable)
async def git_diff(
    context: ToolContext,
    path: Annotated[str, Field(description="folder or file")] = "",
    staged: bool = False,
    commit: Annotated[str | None, Field(description="compare with")] = None,
) -> str:
    """Changes as a diff."""
    repository = await _repository(context, path)
    arguments = ["diff", "--no-ext-diff", "--no-textconv", "--no-color"]
    if staged:
        arguments.append("--cached")
    if commit is not None:
        arguments.append(_ref(commit))
    _, text = await repository.git(*arguments, "--", *(await _paths(context, [path]) if path else []))
    if not is_secret_file(path):
        # A call that names such a file says that it needs it.
        text = _HEADS.sub(_without_secret, text)
    return text.rstrip("\n") or "[no changes]"


_HEADS = re.compile(r"^diff --git \"?a/(?P<name>.*?)\"? \"?b/.*\n(?:(?!diff --git ).*(?:\n|\Z))*", re.MULTILINE)


def _without_secret(match: re.Match[str]) -> str:
    if not is_secret_file(match["name"]):
        return match.group()
    return f"[{match['name']} was changed; it looks like a secret and is not shown]\n"


@toolset.tool("read", paths=["path"], available=_unavailable)
async def git_log(
    context: ToolContext, path: Annotated[str, Field(description="folder or file")] = "", count: int = COMMITS
) -> str:
    """Last commits."""
    repository = await _repository(context, path)
    code, text = await repository.git(
        "log",
        f"--max-count={max(1, min(count, MOST_COMMITS))}",
        "--no-color",
        "--no-show-signature",
        "--date=iso-strict",
        "--format=%h %ad %an%d%n    %s",
        "--",
        *(await _paths(context, [path]) if path else []),
        fails=False,
    )
    if code:
        if "does not have any commits" in text:
            return "[no commits]"
        raise ToolError(_failure(text, code))
    return text.rstrip("\n") or "[no commits]"


@toolset.tool("read", paths=["path"], available=_unavailable)
async def git_branches(context: ToolContext, path: Folder = "") -> str:
    """Branches."""
    repository = await _repository(context, path)
    _, text = await repository.git(
        "branch", "--all", "--no-color", "--format=%(HEAD) %(refname:short) %(objectname:short) %(contents:subject)"
    )
    return text.rstrip("\n") or "[no branches: there are no commits]"


async def _preview_commit(context: ToolContext, message: str, paths: Any = None, path: str = "") -> list[Change]:
    await _plan_commit(context, message, paths, path)
    return []


async def _plan_commit(
    context: ToolContext, message: str, paths: Sequence[str] | None, path: str
) -> tuple[_Repository, list[str]]:
    if not message.strip():
        raise ToolError("A commit needs a message.")
    repository = await _repository(context, path)
    files = await _paths(context, paths or [])
    for file, name in zip(files, paths or [], strict=True):
        known, _ = await repository.git("ls-files", "--error-unmatch", "--", file, fails=False)
        if known and not await asyncio.to_thread(os.path.lexists, file):
            raise ToolError(f"There is no file {name!r}.")
    if not files:
        nothing_staged, _ = await repository.git("diff", "--cached", "--quiet", "--no-ext-diff", fails=False)
        if nothing_staged == 0:
            raise ToolError("Nothing is staged: name the files to commit in paths.")
    return repository, files


def _needs_of_commit(arguments: Mapping[str, Any]) -> list[Capability]:
    return ["secret"] if any(is_secret_file(str(path)) for path in arguments.get("paths") or ()) else []


# Both run the repository's hooks and cannot be undone: they need what a command needs.
@toolset.tool(
    "file_write",
    "shell",
    needs=_needs_of_commit,
    paths=["path"],
    preview=_preview_commit,
    available=_unavailable,
)
async def git_commit(
    context: ToolContext,
    message: str,
    paths: Annotated[list[str] | None, Field(description="files; none: what is staged")] = None,
    path: Folder = "",
) -> str:
    """Commit."""
    repository, files = await _plan_commit(context, message, paths, path)
    if files:
        await repository.git("add", "--all", "--", *files, quiet=False)
    only = ["--only", "--", *files] if files else []
    code, text = await repository.git(
        "commit", "--quiet", "--file=-", *only, quiet=False, seconds=HOOK_SECONDS, fails=False, stdin=message
    )
    if code:
        if "tell me who you are" in text or "empty ident" in text:
            raise ToolError("git does not know who commits: set user.name and user.email first.")
        raise ToolError(_failure(text.strip(), code))
    _, text = await repository.git("log", "--max-count=1", "--stat", "--no-color", "--format=%h %s")
    return text.rstrip("\n")


async def _preview_checkout(context: ToolContext, branch: str, create: bool = False, path: str = "") -> list[Change]:
    await _plan_checkout(context, branch, create, path)
    return []


async def _plan_checkout(context: ToolContext, branch: str, create: bool, path: str) -> _Repository:
    _ref(branch)
    repository = await _repository(context, path)
    name, _ = await repository.git("check-ref-format", "--branch", branch, fails=False)
    known, _ = await repository.git("rev-parse", "--verify", "--quiet", f"{branch}^{{commit}}", fails=False)
    if create and (name or not known):
        raise ToolError(
            f"There is a branch {branch!r} already." if not name else f"{branch!r} is no name for a branch."
        )
    if not create and known:
        remote, found = await repository.git("branch", "--remotes", "--list", f"*/{branch}", fails=False)
        if remote or not found.strip():
            raise ToolError(f"There is no branch or commit {branch!r}; create=true makes a branch.")
    return repository


@toolset.tool("file_write", "shell", paths=["path"], preview=_preview_checkout, available=_unavailable)
async def git_checkout(context: ToolContext, branch: str, create: bool = False, path: Folder = "") -> str:
    """Switch to a branch or commit; refuses to overwrite changes."""
    repository = await _plan_checkout(context, branch, create, path)
    arguments = ["checkout", "--quiet", "--no-overwrite-ignore"]
    arguments += ["-b", branch] if create else [branch]
    code, text = await repository.git(*arguments, "--", quiet=False, seconds=HOOK_SECONDS, fails=False)
    if code:
        if "would be overwritten" in text:
            raise ToolError(
                f"Local changes would be overwritten. Commit them first. Nothing was changed.\n{text[:2000]}"
            )
        raise ToolError(_failure(text.strip(), code))
    _, text = await repository.git("status", "--short", "--branch")
    return text.rstrip("\n")
