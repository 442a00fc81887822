"""Git for the workspace, and only for it: the user's git config is neither read nor written."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from chaos_lib.command import Command, CommandResult

_TIMEOUT_S = 30.0
_IDENTITY = "Operation Chaos"
_EMAIL = "participant@opchaos.invalid"


class Git:
    """The git repository of one workspace.

    Args:
        folder: The working copy.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(
        self, *arguments: str, env: Mapping[str, str] | None = None, stdin: str | None = None
    ) -> CommandResult:
        """Run `git` in the workspace.

        Raises:
            CommandFailed: Git ended with another exit code than 0.
        """
        return self.try_run(*arguments, env=env, stdin=stdin).check()

    def try_run(
        self, *arguments: str, env: Mapping[str, str] | None = None, stdin: str | None = None
    ) -> CommandResult:
        """Run `git` in the workspace and return how it ended."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        own |= {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            # Never climb into a repository that happens to contain the workspace.
            "GIT_CEILING_DIRECTORIES": str(self.folder.resolve().parent),
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
            "GIT_AUTHOR_NAME": _IDENTITY,
            "GIT_AUTHOR_EMAIL": _EMAIL,
            "GIT_COMMITTER_NAME": _IDENTITY,
            "GIT_COMMITTER_EMAIL": _EMAIL,
        }
        return Command(
            ["git", "-C", str(self.folder), *arguments], env={**own, **(env or {})}, stdin=stdin
        ).run(timeout_s=_TIMEOUT_S)

    def init(self) -> None:
        """Make the folder a repository with a `main` branch."""
        self.run("init", "--quiet", "--initial-branch=main")
        self.run("config", "core.autocrlf", "false")
        self.run("config", "gc.auto", "0")

    def commit(self, message: str, paths: Sequence[str] = ()) -> bool:
        """Commit some paths, or everything; returns whether there was something to commit."""
        self.run("add", "--all", "--", *(paths or (".",)))
        if self.try_run("diff", "--cached", "--quiet").is_success:
            return False
        self.run("commit", "--quiet", "--no-verify", "--message", message)
        return True

    def save_snapshot(self, reason: str) -> str:
        """Keep the working copy as it is now under `refs/opchaos/`, without moving the branch.

        Returns:
            The commit's id.
        """
        index = {"GIT_INDEX_FILE": str(self.folder.resolve() / ".git" / "opchaos-index")}
        self.run("add", "--all", ".", env=index)
        tree = self.run("write-tree", env=index).output.strip()
        commit = self.run("commit-tree", tree, "-p", "HEAD", "-m", reason).output.strip()
        self.run("update-ref", f"refs/opchaos/saved/{commit[:12]}", commit)
        return commit
