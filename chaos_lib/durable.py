"""Writes that survive a power cut: whole or not at all, and on the disk when the call returns."""

from __future__ import annotations

import contextlib
import errno
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from chaos_lib import faultpoints
from chaos_lib.errors import DiskFull

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@contextlib.contextmanager
def full_disk_told(path: Path) -> Iterator[None]:
    """Turn the system's "no space left", or "quota exceeded", into our error.

    Args:
        path: What was being written.

    Raises:
        DiskFull: The disk, or the user's share of it, is full.
    """
    try:
        yield
    except OSError as exc:
        if exc.errno not in _FULL:
            raise
        raise DiskFull(
            "There is no room left on the disk.",
            evidence=f"{path}: {exc.strerror or exc}",
            fix="Make room, then run `opchaos heal --all`: what could not be undone yet is undone then.",
        ) from exc


def write_bytes(
    path: Path, content: bytes, *, mode: int | None = None, draft_folder: Path, is_lasting: bool = True
) -> None:
    """Replace or create `path` in one step; a link of that name is replaced, never followed.

    Args:
        path: The file; its folder must exist.
        content: The new content.
        mode: Permission bits; those of the existing file, else the process's default, when None.
        draft_folder: Where the draft is written first; on the same file system as `path`.
        is_lasting: Whether it must survive a power cut, too; a kill it survives in any case.

    Raises:
        DiskFull: There is no room; `path` is as it was.
    """
    if mode is None and path.exists():
        mode = path.stat().st_mode & 0o7777
    with full_disk_told(path):
        draft_folder.mkdir(parents=True, exist_ok=True)
        draft = draft_folder / f"draft-{uuid.uuid4().hex}"
        try:
            # Nobody else may read a draft before it has its own mode: it may hold a secret.
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(draft, flags, 0o666 if mode is None else 0o600), "wb") as stream:
                stream.write(content)
                if mode is not None:
                    draft.chmod(mode)
                stream.flush()
                if is_lasting:
                    os.fsync(stream.fileno())
            faultpoints.reach("durable.drafted")
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        faultpoints.reach("durable.replaced")
        if is_lasting:
            sync_folder(path.parent)


def remove(path: Path) -> None:
    """Delete a file, or the link of that name; nothing happens when there is none."""
    path.unlink(missing_ok=True)
    faultpoints.reach("durable.removed")
    if path.parent.is_dir():
        sync_folder(path.parent)


def make_folders(folder: Path) -> None:
    """Make a folder and its missing parents."""
    with full_disk_told(folder):
        for missing in [p for p in (*reversed(folder.parents), folder) if not p.exists()]:
            missing.mkdir(exist_ok=True)
            sync_folder(missing.parent)
            faultpoints.reach("durable.folder_made")


def sync_file(path: Path) -> None:
    """Make a file that was written without care for power cuts durable; costs little when it is already."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable (a no-op on systems that cannot open folders)."""
    with contextlib.suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def clear_drafts(draft_folder: Path) -> int:
    """Delete the drafts that a killed process left; returns how many there were."""
    drafts = list(draft_folder.glob("draft-*")) if draft_folder.is_dir() else []
    for draft in drafts:
        draft.unlink(missing_ok=True)
    return len(drafts)
