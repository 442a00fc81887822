"""The branch that a workspace is on, in the variables that Jenkins sets for it."""

from __future__ import annotations

from pathlib import Path

_HEAD = "ref: refs/heads/"


def branch_variables(workspace: Path) -> dict[str, str]:
    """Return `BRANCH_NAME`, `GIT_BRANCH` and `GIT_COMMIT` of a git working copy; without one, nothing.

    Read from git's files: no program of a folder that is not trusted yet is started.
    """
    folder = _git_folder(workspace)
    if folder is None:
        return {}
    try:
        head = (folder / "HEAD").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return {}
    if not head.startswith(_HEAD):
        return {"GIT_COMMIT": head} if _is_commit(head) else {}
    branch = head.removeprefix(_HEAD)
    found = {"BRANCH_NAME": branch, "GIT_BRANCH": branch}
    commit = _commit_of(folder, f"refs/heads/{branch}")
    return {**found, "GIT_COMMIT": commit} if commit else found


def _git_folder(workspace: Path) -> Path | None:
    path = workspace / ".git"
    if path.is_file():  # a linked working copy says where its git folder is
        text = path.read_text(encoding="utf-8", errors="replace").strip()
        path = (workspace / text.removeprefix("gitdir: ")).resolve()
    return path if path.is_dir() else None


def _commit_of(folder: Path, reference: str) -> str:
    common = folder
    if (folder / "commondir").is_file():
        common = (folder / (folder / "commondir").read_text(encoding="utf-8").strip()).resolve()
    loose = common / reference
    if loose.is_file():
        return loose.read_text(encoding="utf-8", errors="replace").strip()
    packed = common / "packed-refs"
    if packed.is_file():
        for line in packed.read_text(encoding="utf-8", errors="replace").splitlines():
            commit, _, name = line.partition(" ")
            if name == reference and _is_commit(commit):
                return commit
    return ""


def _is_commit(text: str) -> bool:
    return len(text) >= 40 and all(character in "0123456789abcdef" for character in text)
