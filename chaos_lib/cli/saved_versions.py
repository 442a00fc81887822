"""The versions of the workspace that git keeps: the participant's steps, and what was kept aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chaos_lib.errors import InvalidInput
from chaos_lib.git import Git

_SAVED = "refs/opchaos/saved"


@dataclass(frozen=True)
class SavedVersion:
    """One version of the workspace.

    Attributes:
        commit: Its id.
        saved_at: When it was saved.
        subject: The first line of its message.
        is_aside: Whether it was kept before something overwrote it; False for a step of the branch.
    """

    commit: str
    saved_at: datetime
    subject: str
    is_aside: bool


def all_versions(git: Git) -> Sequence[SavedVersion]:
    """Return every saved version, newest first."""
    steps = git.run("log", "--format=%H%x09%ct%x09%s").output
    aside = git.run(
        "for-each-ref", "--format=%(objectname)%09%(committerdate:unix)%09%(subject)", _SAVED
    ).output
    versions = [_version(line, is_aside=False) for line in steps.splitlines()]
    versions += [_version(line, is_aside=True) for line in aside.splitlines()]
    return sorted(versions, key=lambda version: version.saved_at, reverse=True)


def resolve(git: Git, revision: str) -> str:
    """Return the id of a commit.

    Raises:
        InvalidInput: The workspace has no such version.
    """
    found = git.try_run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if not found.is_success:
        raise InvalidInput(
            f"The workspace has no version `{revision}`.",
            evidence=str(git.folder),
            fix="`opchaos workspace log` lists the versions; leave REV out for the last saved one.",
        )
    return found.output.strip()


def older_workspaces(folder: Path) -> Sequence[Path]:
    """Return the workspaces that were put aside when a new one was made, oldest first."""
    return sorted(path for path in folder.parent.glob(f"{folder.name}-*") if (path / ".git").is_dir())


def _version(line: str, *, is_aside: bool) -> SavedVersion:
    commit, seconds, subject = line.split("\t", 2)
    return SavedVersion(commit, datetime.fromtimestamp(int(seconds)).astimezone(), subject, is_aside)
