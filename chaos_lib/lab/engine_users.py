"""Who uses the lab's own engine: it is stopped when the last mission leaves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError


class EngineUser(BaseModel):
    """One mission that has its lab up.

    Attributes:
        run_id: The mission's run id.
        state: Its state folder; a mission whose folder is gone uses nothing.
    """

    run_id: str
    state: Path


def register(folder: Path, user: EngineUser) -> None:
    """Note that a mission uses the engine.

    Args:
        folder: The engine's folder.
        user: The mission.
    """
    path = _path(folder, user.run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(user.model_dump_json(), encoding="utf-8")


def unregister(folder: Path, run_id: str) -> None:
    """Note that a mission uses the engine no more."""
    _path(folder, run_id).unlink(missing_ok=True)


def is_registered(folder: Path, run_id: str) -> bool:
    """Whether a mission uses it."""
    return _path(folder, run_id).exists()


def others(folder: Path, run_id: str) -> Sequence[EngineUser]:
    """Return the other missions that use the engine."""
    return tuple(user for user in _all(folder) if user.run_id != run_id and user.state.is_dir())


def gone(folder: Path) -> Sequence[EngineUser]:
    """Return the missions whose folder was deleted while their lab was up: nobody else will ever put it away."""
    return tuple(user for user in _all(folder) if not user.state.is_dir())


def _all(folder: Path) -> Sequence[EngineUser]:
    found = []
    for path in sorted((folder / "users").glob("*.json")):
        try:
            found.append(EngineUser.model_validate_json(path.read_text(encoding="utf-8")))
        except (OSError, ValidationError):
            continue
    return found


def _path(folder: Path, run_id: str) -> Path:
    return folder / "users" / f"{run_id}.json"
