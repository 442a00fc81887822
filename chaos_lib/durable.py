"""Writes that survive a power cut: whole or not at all, and on the disk when the call returns."""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path

from chaos_lib import faultpoints


def write_bytes(path: Path, content: bytes, *, mode: int | None = None, draft_folder: Path) -> None:
    """Replace or create `path` in one step.

    Args:
        path: The file; its folder must exist.
        content: The new content.
        mode: Permission bits; those of the existing file, else the process's default, when None.
        draft_folder: Where the draft is written first; on the same file system as `path`.
    """
    draft_folder.mkdir(parents=True, exist_ok=True)
    draft = draft_folder / f"draft-{uuid.uuid4().hex}"
    if mode is None and path.exists():
        mode = path.stat().st_mode & 0o7777
    with draft.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    if mode is not None:
        draft.chmod(mode)
    faultpoints.reach("durable.drafted")
    draft.replace(path)
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
