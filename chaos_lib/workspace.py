"""The participant's own git working copy of the sample project.

Nothing a participant wrote is ever lost: whatever is about to be overwritten is committed first, and a whole workspace that is
replaced is moved aside.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path

from chaos_lib import environment, faultpoints
from chaos_lib.cluster import manifests
from chaos_lib.errors import InvalidInput
from chaos_lib.git import Git
from chaos_lib.guard import Guard
from chaos_lib.phases import Phase, missing_at_start
from chaos_lib.pipeline import declared
from chaos_lib.pipeline.declared import JENKINSFILE
from chaos_lib.settings import Settings

_LEFT_OUT = shutil.ignore_patterns(
    manifests.SECRET_NAME,
    "__pycache__",
    "*.pyc",
    "*.egg-info",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    "build",
    ".venv",
)
# The secret is never committed, and another one in every workspace.
_NOT_PROJECT = {manifests.SECRET_NAME, ".git", "__pycache__", ".pytest_cache", ".ipynb_checkpoints"}


def _utc_now() -> datetime:
    return datetime.now(tz=timezone.utc)


class Workspace:
    """The working copy of one mission.

    Args:
        settings: Where it lies and where the finished project is.
        now: The current time, for the names of workspaces that are moved aside.
    """

    def __init__(self, settings: Settings, *, now: Callable[[], datetime] = _utc_now) -> None:
        self.folder = settings.workspace
        self.git = Git(self.folder)
        self._settings = settings
        self._now = now

    @property
    def exists(self) -> bool:
        """Whether it has been made."""
        return (self.folder / ".git").is_dir()

    def create(self, phase: Phase) -> Path | None:
        """Make the workspace as it is when a phase starts.

        It is put together beside its place and moved there in one step: a kill leaves none or a whole one.

        Args:
            phase: Files that this phase and later ones ask for are left out.

        Returns:
            Where the previous workspace was moved to; None when there was none.

        Raises:
            InvalidInput: The sample project is not where the settings say.
        """
        source = self._settings.sample_app
        if not (source / "pyproject.toml").is_file():
            raise InvalidInput(
                "The sample project was not found.",
                evidence=str(source),
                fix="Run from a checkout of the repository, or set OPCHAOS_REPOSITORY to one.",
            )
        draft = self.folder.with_name(f".{self.folder.name}-draft")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(source, draft, ignore=_LEFT_OUT)
        if self._settings.manifests.is_dir():
            shutil.copytree(self._settings.manifests, draft / manifests.FOLDER, ignore=_LEFT_OUT)
            manifests.provide_secret(draft / manifests.FOLDER)
        if self._settings.finished(JENKINSFILE).is_file():
            # Jenkins looks for it at the root of a repository; here it lies beside the controller that runs it.
            shutil.copyfile(self._settings.finished(JENKINSFILE), draft / JENKINSFILE)
        for path in missing_at_start(phase.number):
            (draft / path).unlink(missing_ok=True)
        (draft / environment.FILE).write_text(environment.DEFAULT, encoding="utf-8")
        git = Git(draft)
        git.init()
        git.commit(f"Start of {phase.name}")
        git.make_durable()  # not before: these files exist elsewhere, and syncing each of them takes time
        faultpoints.reach("workspace.drafted")
        moved_to = self._move_aside()
        faultpoints.reach("workspace.moved_aside")
        draft.rename(self.folder)
        if (self.folder / JENKINSFILE).exists():
            declared.provide(self._settings)
        return moved_to

    def complete_earlier(self, phase: Phase) -> tuple[str, ...]:
        """Add what earlier phases asked for and is not there: for those who come late.

        Returns:
            The paths that were added, from the finished project.
        """
        later = set(missing_at_start(phase.number))
        added = []
        for path in missing_at_start(0):
            source, target = self._settings.finished(path), self.folder / path
            if path not in later and source.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
                added.append(path)
        if JENKINSFILE in added:
            declared.provide(self._settings)
        if added:
            self.git.commit(f"Add the finished files of phases before {phase.name}", added)
        return tuple(added)

    def write(self, path: str, text: str, *, message: str) -> bool:
        """Write a file and commit it; an uncommitted earlier version is committed first.

        Args:
            path: Relative to the workspace.
            text: The new content.
            message: Of the commit.

        Returns:
            Whether an earlier version with other content was kept in a commit.

        Raises:
            GuardRefused: The path leads out of the workspace.
        """
        target = Guard(self.folder, self._settings.run_id()).file(path)
        was_kept = False
        if target.exists() and target.read_text(encoding="utf-8", errors="replace") != text:
            was_kept = self.git.commit(f"Keep {path} as it was", [path])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        self.git.commit(message, [path])
        return was_kept

    def restore(self, path: str) -> None:
        """Bring a file back to the last commit; what it holds now is kept in a commit under `refs/opchaos/` first.

        Raises:
            GuardRefused: The path leads out of the workspace.
            InvalidInput: The last commit has no such file.
        """
        Guard(self.folder, self._settings.run_id()).file(path)
        if not self.git.run("ls-tree", "--name-only", "HEAD", "--", path).output.strip():
            raise InvalidInput(
                f"There is no earlier version of `{path}`.",
                evidence="the last commit does not have it",
                fix="`chaos.tour()` lists the files of your workspace.",
            )
        self.git.save_snapshot(f"Before {path} was restored")
        self.git.run("checkout", "HEAD", "--", path)

    def changes(self) -> str:
        """Return what differs from the last commit, as a diff; new files included."""
        self.git.run("add", "--intent-to-add", ".")
        return self.git.run("diff").output.strip()

    def rebuild(self, revision: str = "HEAD") -> str:
        """Bring every file back to a commit; what is there now is kept first.

        Returns:
            The commit under `refs/opchaos/` that keeps it.
        """
        saved_as = self.git.save_snapshot("Before the workspace was rebuilt")
        faultpoints.reach("workspace.kept")
        self.git.run("read-tree", "--reset", "-u", revision)
        faultpoints.reach("workspace.read")
        self.git.run("clean", "--quiet", "--force", "-d")
        return saved_as

    def fingerprint(self) -> Mapping[str, str]:
        """Return every project file's mode and SHA-256, path to `mode sha`: equal means byte-identical."""
        return fingerprint(self.folder)

    def digest(self) -> str:
        """Return the fingerprint as one short word, for records."""
        marks = repr(sorted(self.fingerprint().items()))
        return hashlib.sha256(marks.encode()).hexdigest()[:16]

    def _move_aside(self) -> Path | None:
        if not self.folder.exists():
            return None
        stamp = self._now().strftime("%Y%m%d-%H%M%S")
        target = self.folder.with_name(f"{self.folder.name}-{stamp}")
        number = 1
        while target.exists():
            number += 1
            target = self.folder.with_name(f"{self.folder.name}-{stamp}-{number}")
        self.folder.rename(target)
        return target


def fingerprint(folder: Path) -> Mapping[str, str]:
    """Return every file's permission bits and SHA-256 below a folder, path to `mode sha`.

    Git's own folder and caches are left out.
    """
    marks = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if _NOT_PROJECT & set(relative.parts) or not (path.is_file() or path.is_symlink()):
            continue
        content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        mode = path.lstat().st_mode & 0o7777
        marks[relative.as_posix()] = f"{mode:o} {hashlib.sha256(content).hexdigest()}"
    return marks
