"""Operations on files of the workspace: replace, delete, add, chmod.

A file's state is `{"blob": <sha-256>, "mode": <permission bits>}`. An absent file's state is
`{"absent": [folders that do not exist yet, outermost first]}`: undoing an addition takes these folders away again.
A link that somebody made has the state `{"link": <where it leads>}`; it is told, never followed.
"""

from __future__ import annotations

import contextlib
import hashlib
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from chaos_lib import durable, faultpoints
from chaos_lib.errors import InvalidInput, JournalDamaged
from chaos_lib.guard import Guard
from chaos_lib.journal import Journal
from chaos_lib.operations.base import Operator

KIND = "workspace.file"
_NEW_FILE_MODE = 0o644
Versions = Callable[[str], Iterable[bytes]]


def no_versions(_: str) -> Iterable[bytes]:
    """Know no earlier version of a file."""
    return ()


class WorkspaceFileKind:
    """Knows the state of a workspace file and how to bring it back, byte for byte.

    Args:
        guard: Asked before every look and every change.
        journal: Keeps the contents.
        versions: Gives the versions of a file that are kept elsewhere, for a journal that lost its copy.
    """

    kind = KIND

    def __init__(self, guard: Guard, journal: Journal, versions: Versions = no_versions) -> None:
        self._guard = guard
        self._journal = journal
        self._versions = versions

    def capture(self, target: str) -> dict[str, Any]:
        """Return the file's state; its content is stored in the journal's blobs."""
        path = self._guard.entry(target)
        if path.is_symlink():
            return {"link": str(path.readlink())}
        if not path.exists():
            return {"absent": self._folders_to_remove(path)}
        found = path.stat().st_mode
        if not stat.S_ISREG(found):
            what = "a folder" if stat.S_ISDIR(found) else "no ordinary file"
            raise InvalidInput(
                f"`{target}` is {what}.", evidence=str(path), fix="Attacks change files: name a file."
            )
        return {"blob": self._journal.store(_content(path)), "mode": stat.S_IMODE(found)}

    def put(self, target: str, state: dict[str, Any]) -> None:
        """Bring the file to a state: content and permission bits, or absent."""
        path = self._guard.entry(target)
        if path.is_dir() and not path.is_symlink():
            raise InvalidInput(
                f"`{target}` is a folder now; it is not removed, because what is in it may be yours.",
                evidence=str(path),
                fix="Move the folder away, then run `opchaos heal --all`.",
            )
        if "absent" in state:
            durable.remove(path)
            for folder in reversed(state["absent"]):
                with contextlib.suppress(OSError):  # not empty: somebody else uses it now
                    self._guard.file(folder).rmdir()
                faultpoints.reach("workspace.folder_removed")
            return
        content = self._load(target, state["blob"])
        durable.make_folders(path.parent)
        durable.write_bytes(path, content, mode=state["mode"], draft_folder=self._journal.drafts)

    def _load(self, target: str, key: str) -> bytes:
        try:
            return self._journal.load(key)
        except JournalDamaged:
            for content in self._versions(target):
                if hashlib.sha256(content).hexdigest() == key:
                    return content
            raise

    def _folders_to_remove(self, path: Path) -> list[str]:
        """Name the folders that are not there, or only because of an attack that is open: outermost first."""
        root = self._guard.workspace.resolve()
        of_attacks = {
            folder
            for operation in self._journal.state().operations
            if operation.kind == KIND
            for folder in operation.before.get("absent", ())
        }
        folders = [
            p.relative_to(root).as_posix() for p in path.parents if p.is_relative_to(root) and p != root
        ]
        return [name for name in reversed(folders) if name in of_attacks or not (root / name).exists()]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except PermissionError:
        # An attack took the right to read it away; its owner can take it back for a moment.
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | stat.S_IRUSR)
        try:
            return path.read_bytes()
        finally:
            path.chmod(mode)


class WorkspaceFiles:
    """What an attack may do to files: every call is journaled and undoes itself.

    Paths are relative to the workspace, with `/`.
    """

    def __init__(self, operator: Operator, guard: Guard, run: str) -> None:
        self._operator = operator
        self._guard = guard
        self._run = run

    def read(self, path: str) -> str:
        """Return a file's text.

        Raises:
            InvalidInput: It does not exist.
        """
        return self._existing(path).read_text(encoding="utf-8")

    def exists(self, path: str) -> bool:
        """Whether the file is there."""
        return self._guard.file(path).exists()

    def replace(self, path: str, content: str) -> None:
        """Give an existing file new content; its permission bits stay."""
        mode = self._existing(path).stat().st_mode & 0o7777
        self._put(path, {"blob": self._keep(content.encode()), "mode": mode})

    def substitute(self, path: str, old: str, new: str) -> None:
        """Replace the first occurrence of `old` in a file.

        Raises:
            InvalidInput: `old` does not occur: the attack would do nothing.
        """
        text = self.read(path)
        if old not in text:
            raise InvalidInput(
                f"`{path}` does not contain what the attack wants to change.",
                evidence=f"looked for {old!r}",
                fix="Put the file back (`opchaos workspace restore`) or choose another attack.",
            )
        self.replace(path, text.replace(old, new, 1))

    def add(self, path: str, content: str) -> None:
        """Create a file that is not there; folders are made as needed.

        Raises:
            InvalidInput: It is there already.
        """
        if self._guard.file(path).exists():
            raise InvalidInput(f"`{path}` is there already.", fix="Use `replace` for a file that exists.")
        self._put(path, {"blob": self._keep(content.encode()), "mode": _NEW_FILE_MODE})

    def put(self, path: str, content: str) -> None:
        """Replace the file, or add it when it is not there."""
        if self.exists(path):
            self.replace(path, content)
        else:
            self.add(path, content)

    def delete(self, path: str) -> None:
        """Delete an existing file."""
        self._existing(path)
        self._put(path, {"absent": []})

    def chmod(self, path: str, mode: int) -> None:
        """Change a file's permission bits, such as `0o444`."""
        content = self._existing(path).read_bytes()
        self._put(path, {"blob": self._keep(content), "mode": mode})

    def _keep(self, content: bytes) -> str:
        # What an attack writes is needed once, now; only what it overwrites is needed for the undo.
        return self._operator.journal.store(content, is_lasting=False)

    def _put(self, path: str, state: dict[str, Any]) -> None:
        # The journal keeps the resolved name, so that two names of one file are one target.
        root = self._guard.workspace.resolve()
        target = self._guard.file(path).relative_to(root).as_posix()
        self._operator.perform(self._run, KIND, target, state)

    def _existing(self, path: str) -> Path:
        real = self._guard.file(path)
        if not real.is_file():
            raise InvalidInput(
                f"`{path}` is not in the workspace.",
                evidence=str(real),
                fix="Start the phase that creates it first.",
            )
        return real
