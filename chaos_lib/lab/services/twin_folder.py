"""Where the embedded twins of containers live, and how those of killed test sessions are removed."""

from __future__ import annotations

import contextlib
import shutil
import uuid
from pathlib import Path

from chaos_lib.lab.services.server import remove_server_folder
from chaos_lib.labels import is_left_behind, process_owner
from chaos_lib.settings import Settings

_MEMORY = Path("/dev/shm")  # noqa: S108 - made with a name of its own and closed to others
_ENOUGH_BYTES = 1 << 30


def new_session(settings: Settings) -> Path:
    """Return a folder for the twins of this process, marked as its own.

    The data lives in memory where there is plenty (copying an empty Postgres takes 0.06 s there, 0.5 s on a
    slow disk); `state/services/twins` has an entry for every session either way.
    """
    registry = _registry(settings)
    registry.mkdir(parents=True, exist_ok=True)
    in_memory = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ENOUGH_BYTES
    name = f"opchaos-{settings.run_id()}-{uuid.uuid4().hex[:8]}"
    session = (_MEMORY if in_memory else registry) / name
    # The registry entry comes first: whatever is made is known.
    (registry / f"{name}.session").write_text(process_owner(), encoding="utf-8")
    session.mkdir(mode=0o711)
    return session


def remove_session(settings: Settings, session: Path) -> None:
    """Remove a session's folder with all servers in it, and its entry."""
    if session.exists():
        for folder in session.iterdir():
            remove_server_folder(folder)
        shutil.rmtree(session, ignore_errors=True)
    (_registry(settings) / f"{session.name}.session").unlink(missing_ok=True)


def sweep_twins(settings: Settings) -> int:
    """Remove the sessions of processes that have ended without doing so; return how many."""
    count = 0
    for entry in sorted(_registry(settings).glob("*.session")):
        with contextlib.suppress(FileNotFoundError):  # another process sweeps too
            if is_left_behind(entry.read_text(encoding="utf-8").strip()):
                for parent in (_MEMORY, _registry(settings)):
                    remove_session(settings, parent / entry.stem)
                count += 1
    return count


def _registry(settings: Settings) -> Path:
    return settings.state / "services" / "twins"
