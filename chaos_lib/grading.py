"""Grading a submission: a mission of its own for each kernel, which leaves nothing behind.

nbgrader sets `NBGRADER_EXECUTION` while it grades or validates. The mission's folder is then a temporary one: not inside
the submission, where a forged `mission/` could lie in wait and where nbgrader would copy the whole workspace into the
feedback; and not the participant's own, which a press on "Validate" must never touch.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from chaos_lib.errors import ChaosError
from chaos_lib.lab.lab import Lab
from chaos_lib.labels import is_left_behind, process_owner
from chaos_lib.settings import Settings

VARIABLE = "NBGRADER_EXECUTION"
_PREFIX = "opchaos-grading-"
_OWNER = "owner"


def open_mission_folder() -> Path | None:
    """Give this process a mission folder of its own when nbgrader runs it; the same one at every call.

    It is handed to `Settings`, and to child processes, through `OPCHAOS_HOME`. When the process ends, its lab is taken
    down and the folder is deleted. nbclient gives a kernel 2.5 s for that by default (`KernelManager.shutdown_wait_time`,
    raised in `nbgrader_config.py`); what a killed kernel leaves is removed by the next call in any process.

    Returns:
        The mission's folder, or None when nobody is graded.
    """
    sweep()
    if VARIABLE not in os.environ:
        return None
    for folder in _folders():
        if _owner(folder) == process_owner():
            return folder / "mission"
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / _OWNER).write_text(process_owner(), encoding="utf-8")
    os.environ["OPCHAOS_HOME"] = str(folder / "mission")
    atexit.register(_remove_own, folder)
    return folder / "mission"


def sweep() -> int:
    """Take down the labs of grading kernels that were killed, and delete their folders.

    Returns:
        How many there were.
    """
    return sum(_remove(folder) for folder in _folders() if is_left_behind(_owner(folder)))


def _folders() -> tuple[Path, ...]:
    """Return the folders of this user: another user's could name a run that is not theirs."""
    found = Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")
    return tuple(folder for folder in sorted(found) if _is_mine(folder))


def _is_mine(folder: Path) -> bool:
    try:
        return not hasattr(os, "getuid") or folder.lstat().st_uid == os.getuid()
    except FileNotFoundError:
        return False


def _owner(folder: Path) -> str:
    try:
        return (folder / _OWNER).read_text(encoding="utf-8")
    except OSError:
        return ""


def _remove_own(folder: Path) -> None:
    if _owner(folder) == process_owner():  # a forked child runs this, too
        _remove(folder)


def _remove(folder: Path) -> bool:
    """Take a lab down and delete its folder; a folder whose lab cannot be taken down stays for the next sweep."""
    if (folder / "mission").exists():
        try:
            Lab(Settings(home=folder / "mission")).down()
        except ChaosError:
            return False
    shutil.rmtree(folder, ignore_errors=True)
    return True
