"""Git for the workspace, and only for it: the user's git config is neither read nor written."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from chaos_lib import faultpoints
from chaos_lib.command import Command, CommandResult
from chaos_lib.errors import WaitTimeout
from chaos_lib.wait import Reading, wait_until

_TIMEOUT_S = 30.0
# No git command of ours takes as long; a participant's own `git commit` may.
_LOCK_WAIT_S = 5.0
_CACHES = "__pycache__/\n*.pyc\n.pytest_cache/\n.ipynb_checkpoints/\n*.egg-info/\n"
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
        """Run `git` in the workspace and return how it ended.

        A lock on the index is waited for; one that a killed git left is taken away.
        """
        result = self._run(*arguments, env=env, stdin=stdin)
        if not result.is_success and "index.lock" in result.output and self._free_index():
            return self._run(*arguments, env=env, stdin=stdin)
        return result

    def _run(self, *arguments: str, env: Mapping[str, str] | None, stdin: str | None) -> CommandResult:
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
        # Their lines are no part of anybody's work, and change with every run.
        (self.folder / ".git" / "info").mkdir(exist_ok=True)
        (self.folder / ".git" / "info" / "exclude").write_text(_CACHES, encoding="utf-8")

    def make_durable(self) -> None:
        """From now on have every commit on the disk, also in a power cut: it may be the only copy of somebody's work."""
        self.run("config", "core.fsync", "all")

    def commit(self, message: str, paths: Sequence[str] = (), *, leaving: Sequence[str] = ()) -> bool:
        """Commit some paths, or everything; returns whether there was something to commit.

        Args:
            message: Of the commit.
            paths: What to commit, ignored files too; everything that is not ignored when empty.
            leaving: Paths that stay uncommitted.
        """
        if paths:
            self.run("add", "--all", "--force", "--", *(f":(literal){path}" for path in paths))
        else:
            self.run("add", "--all", ".")
            if leaving:
                self.run("reset", "--quiet", "--", *(f":(literal){path}" for path in leaving))
        if self.try_run("diff", "--cached", "--quiet").is_success:
            return False
        self.run("commit", "--quiet", "--no-verify", "--message", message)
        return True

    def save_snapshot(self, reason: str, *, instead: Mapping[str, Path] | None = None) -> str:
        """Keep the working copy as it is now under `refs/opchaos/`, without moving the branch.

        Args:
            reason: Why, in a few words.
            instead: Files whose content is taken from elsewhere, path in the workspace to file.

        Returns:
            The commit's id.
        """
        with self._index_of_its_own() as index:
            self.run("add", "--all", ".", env=index)
            for path, source in (instead or {}).items():
                blob = self.run(
                    "hash-object", "-w", "--no-filters", "--", str(source.resolve())
                ).output.strip()
                self.run("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=index)
            tree = self.run("write-tree", env=index).output.strip()
        faultpoints.reach("git.tree_written")
        made = self.try_run("commit-tree", tree, "-p", "HEAD", "-m", reason)
        if not made.is_success:  # the branch is damaged or empty: the snapshot stands alone
            made = self.run("commit-tree", tree, "-m", reason)
        commit = made.output.strip()
        faultpoints.reach("git.commit_written")
        self.run("update-ref", f"refs/opchaos/saved/{commit[:12]}", commit)
        faultpoints.reach("git.snapshot_saved")
        return commit

    def holds(self, content: Path) -> bool:
        """Whether a commit, on a branch or under `refs/opchaos/`, has a file's content under whatever name.

        Args:
            content: A file that holds it.
        """
        blob = self.run("hash-object", "--no-filters", "--", str(content.resolve())).output.strip()
        found = self.try_run("log", "--all", "--max-count=1", "--format=%H", f"--find-object={blob}")
        return found.is_success and bool(found.output.strip())

    def versions(self, path: str) -> Iterator[bytes]:
        """Yield every version of a file that git keeps, on the branch or under `refs/opchaos/`, newest first."""
        found = self.try_run("rev-list", "--all", "HEAD", "--", f":(literal){path}")
        for commit in found.output.split() if found.is_success else ():
            # Through the index and a file: the bytes come as they are, of whatever encoding.
            with self._index_of_its_own() as index, tempfile.TemporaryDirectory() as folder:
                self.run("read-tree", commit, env=index)
                self.try_run("checkout-index", f"--prefix={folder}/", "--", path, env=index)
                copy = Path(folder) / path
                if copy.is_file() and not copy.is_symlink():
                    yield copy.read_bytes()

    @contextlib.contextmanager
    def _index_of_its_own(self) -> Iterator[Mapping[str, str]]:
        """Give an index that no other process uses: the lock of one that was killed is in nobody's way."""
        with tempfile.TemporaryDirectory(
            prefix="opchaos-index-", dir=self.folder.resolve() / ".git"
        ) as folder:
            yield {"GIT_INDEX_FILE": str(Path(folder) / "index")}

    def _free_index(self) -> bool:
        """Wait for another git's lock on the index, and take away one that nobody holds; whether there was one."""
        lock = self.folder.resolve() / ".git" / "index.lock"
        if not lock.exists():
            return False
        with contextlib.suppress(WaitTimeout):
            wait_until(
                "the index is free",
                lambda: Reading(not lock.exists() or not _is_git_at_work(lock.parent.parent)),
                timeout_s=_LOCK_WAIT_S,
            )
            lock.unlink(missing_ok=True)
        return True


def _is_git_at_work(folder: Path) -> bool:
    """Whether a git process runs in a working copy."""
    for process in psutil.process_iter(["name", "cwd"]):
        cwd = process.info["cwd"]
        if process.info["name"] in ("git", "git.exe") and cwd and Path(cwd).is_relative_to(folder):
            return True
    return False
