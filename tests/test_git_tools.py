"""The tools for git, in real repositories."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Api
from .scripted_provider import ScriptedProvider
from .tool_calls import asking, needs, refusal, said, use

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="NOT TESTED: git is not installed"),
    pytest.mark.settings(FileContentsManager={"delete_to_trash": False}),
]


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(jp_root_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in the folder `project` with two commits on `main` and a branch `other`."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (home / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n")
    folder = jp_root_dir / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "a.txt").write_text("one\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "First")
    git(folder, "branch", "other")
    (folder / "a.txt").write_text("one\ntwo\n")
    git(folder, "commit", "--quiet", "-am", "Second")
    return folder


async def test_status_diff_log_and_branches(api: Api, repository: Path) -> None:
    assert await said(api, "git_status", path="project") == "## main\n[nothing changed]"
    (repository / "a.txt").write_text("one\nthree\n")
    (repository / "new file.txt").write_text("new\n")
    assert await said(api, "git_status", path="project") == '## main\n M a.txt\n?? "new file.txt"'
    diff = await said(api, "git_diff", path="project")
    assert "-two\n+three" in diff
    assert await said(api, "git_diff", path="project", staged=True) == "[no changes]"
    assert "-one\n" not in diff
    assert "+two" not in await said(api, "git_diff", path="project/a.txt")
    assert "+three" in await said(api, "git_diff", path="project", commit="HEAD~1")
    log = await said(api, "git_log", path="project")
    assert [line.strip() for line in log.split("\n")[1::2]] == ["Second", "First"]
    assert "Ada (HEAD -> main)" in log
    assert "First" not in await said(api, "git_log", path="project", count=1)
    branches = (await said(api, "git_branches", path="project")).split("\n")
    assert branches[0].split()[:2] == ["*", "main"]
    assert branches[1].split()[0] == "other"


async def test_named_files_are_committed_and_nothing_else(api: Api, repository: Path) -> None:
    (repository / "b.txt").write_text("b\n")
    (repository / "c.txt").write_text("c\n")
    git(repository, "add", "c.txt")
    message = "Add b\n\nWith a 'quote' and $x"
    assert "Add b" in await said(api, "git_commit", path="project", message=message, paths=["project/b.txt"])
    assert git(repository, "log", "-1", "--format=%B").strip() == message
    assert git(repository, "show", "--name-only", "--format=", "HEAD").split() == ["b.txt"]
    assert git(repository, "status", "--short").strip() == "A  c.txt"
    await said(api, "git_commit", path="project", message="What is staged")
    assert git(repository, "show", "--name-only", "--format=", "HEAD").split() == ["c.txt"]
    (repository / "b.txt").unlink()
    await said(api, "git_commit", path="project", message="Without b", paths=["project/b.txt"])
    assert git(repository, "ls-files").split() == ["a.txt", "c.txt"]


async def test_a_commit_that_cannot_be_is_refused(api: Api, repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    assert "message" in await refusal(api, "git_commit", path="project", message="  ")
    assert "Nothing is staged" in await refusal(api, "git_commit", path="project", message="x")
    await refusal(api, "git_commit", path="project", message="x", paths=["project/missing.txt"])
    await refusal(api, "git_commit", path="project", message="x", paths=["../outside.txt"])
    await refusal(api, "git_commit", path="project", message="x", paths=["project/a.txt"])
    assert git(repository, "rev-parse", "HEAD") == head


async def test_a_hook_that_says_no_is_heard(api: Api, repository: Path) -> None:
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho 'the tests fail' >&2\nexit 1\n")
    hook.chmod(0o755)
    (repository / "a.txt").write_text("changed\n")
    assert "the tests fail" in await refusal(api, "git_commit", path="project", message="x", paths=["project/a.txt"])


async def test_checkout_switches_and_never_overwrites(api: Api, repository: Path) -> None:
    (repository / "a.txt").write_text("mine\n")
    assert "would be overwritten" in await refusal(api, "git_checkout", path="project", branch="other")
    assert (repository / "a.txt").read_text() == "mine\n"
    git(repository, "checkout", "--", "a.txt")
    assert await said(api, "git_checkout", path="project", branch="other") == "## other"
    assert (repository / "a.txt").read_text() == "one\n"
    assert await said(api, "git_checkout", path="project", branch="topic/x", create=True) == "## topic/x"
    assert "already" in await refusal(api, "git_checkout", path="project", branch="other", create=True)
    assert "no branch" in await refusal(api, "git_checkout", path="project", branch="nowhere")
    # Not taken for a file, whose changes would be thrown away.
    (repository / "a.txt").write_text("mine\n")
    await refusal(api, "git_checkout", path="project", branch="a.txt")
    assert (repository / "a.txt").read_text() == "mine\n"


@pytest.mark.parametrize("value", ["--output=owned", "-f", "--upload-pack=x", "--help", "", "a..b~^:?*", "x\ny"])
async def test_nothing_is_taken_for_an_option(api: Api, repository: Path, value: str) -> None:
    (repository / "a.txt").write_text("mine\n")
    await refusal(api, "git_checkout", path="project", branch=value)
    await refusal(api, "git_checkout", path="project", branch=value, create=True)
    await refusal(api, "git_diff", path="project", commit=value)
    assert (repository / "a.txt").read_text() == "mine\n"
    assert not (repository / "owned").exists()


async def test_reading_starts_no_program_that_the_repository_names(api: Api, repository: Path) -> None:
    program = repository / "evil.sh"
    program.write_text(f"#!/bin/sh\ntouch {repository}/owned\ncat\n")
    program.chmod(0o755)
    (repository / ".gitattributes").write_text("*.txt diff=evil\n")
    for name in ("core.fsmonitor", "diff.external", "core.pager", "diff.evil.textconv", "diff.evil.command"):
        git(repository, "config", name, str(program))
    git(repository, "config", "core.hooksPath", str(repository))
    (repository / "a.txt").write_text("changed\n")
    await said(api, "git_status", path="project")
    assert "+changed" in await said(api, "git_diff", path="project")
    await said(api, "git_log", path="project")
    await said(api, "git_branches", path="project")
    assert not (repository / "owned").exists()


async def test_where_there_is_no_repository_it_is_said(api: Api, jp_root_dir: Path, repository: Path) -> None:
    (jp_root_dir / "plain").mkdir()
    assert "no git repository" in await refusal(api, "git_status", path="plain")
    assert "no folder" in await refusal(api, "git_status", path="missing")
    await refusal(api, "git_status", path="../..")


async def test_a_repository_around_the_root_is_none_of_ours(api: Api, jp_root_dir: Path, repository: Path) -> None:
    git(jp_root_dir.parent, "init", "--quiet")
    try:
        (jp_root_dir / "inner").mkdir()
        assert "outside the server's root" in await refusal(api, "git_status", path="inner")
        assert (await said(api, "git_status", path="project")).startswith("## main")
    finally:
        shutil.rmtree(jp_root_dir.parent / ".git")


async def test_what_git_is_told_by_the_environment_is_not_heard(
    api: Api, repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet", "elsewhere")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere" / ".git"))
    assert "Second" in await said(api, "git_log", path="project")


async def test_an_empty_repository(api: Api, repository: Path, jp_root_dir: Path) -> None:
    git(jp_root_dir, "init", "--quiet", "empty")
    assert await said(api, "git_log", path="empty") == "[no commits]"
    assert "no commits" in await said(api, "git_branches", path="empty")
    assert "No commits yet" in await said(api, "git_status", path="empty")


async def test_a_diff_does_not_show_secrets(api: Api, repository: Path) -> None:
    (repository / "server.pem").write_text("old\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "key")
    (repository / "server.pem").write_text("the secret\n")
    (repository / "a.txt").write_text("shown\n")
    text = await said(api, "git_diff", path="project")
    assert "+shown" in text
    assert "the secret" not in text
    assert "[server.pem was changed; it looks like a secret and is not shown]" in text
    assert "secret" in await needs(api, "git_diff", path="project/server.pem")
    assert "secret" in await needs(api, "git_commit", path="project", message="x", paths=["project/server.pem"])
    assert "secret" not in await needs(api, "git_commit", path="project", message="x", paths=["project/a.txt"])


async def test_without_git_the_tools_say_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    tools = {tool["name"]: tool for tool in (await api.ok("GET", "/tools"))["items"]}
    assert tools["git_status"]["unavailable_reason"] == "git is not installed on this server."


async def test_commits_are_asked_about_where_edits_are_not(api: Api, repository: Path) -> None:
    session = await api.session(mode="auto_edit")
    arguments = {"path": "project", "message": "x", "paths": ["project/a.txt"]}
    for tool, given in (("git_commit", arguments), ("git_checkout", {"path": "project", "branch": "other"})):
        question = {"tool": tool, "arguments": given, "session_id": session}
        assert (await api.ok("POST", "/policy/evaluate", json=question))["decision"] == "ask"
    for tool in ("git_status", "git_diff", "git_log", "git_branches"):
        question = {"tool": tool, "arguments": {"path": "project"}, "session_id": session}
        assert (await api.ok("POST", "/policy/evaluate", json=question))["decision"] == "allow"


async def test_a_turn_commits(api: Api, repository: Path, scripted: ScriptedProvider) -> None:
    (repository / "a.txt").write_text("by the agent\n")
    session = await api.session(mode="auto")
    message = asking("git_commit", path="project", message="By the agent", paths=["project/a.txt"])
    turn = await api.turn("tool", message, session_id=session)
    assert turn["stop_reason"] == "completed"
    assert git(repository, "log", "-1", "--format=%s").strip() == "By the agent"
    assert (await use(api, "git_status", path="project"))["content"].startswith("## main")
