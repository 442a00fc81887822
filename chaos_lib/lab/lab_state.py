"""What a mission's lab has up, as kept in `state/lab.json`."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ValidationError

from chaos_lib.settings import Tier


class FacilityState(BaseModel):
    """One facility as `up` left it.

    Attributes:
        facility: `containers`, `services`, ...
        provider: Who provides it; empty when nobody does.
        tier: How real it is; None when nobody provides it.
        reason: Which and why, in one sentence.
        remedy: What would give a better tier; empty when it is LIVE.
        environment: Variables for child processes: names to values.
    """

    facility: str
    provider: str
    tier: Tier | None
    reason: str
    remedy: str = ""
    environment: dict[str, str] = {}


class LabState(BaseModel):
    """The lab of one mission.

    Attributes:
        run_id: The mission's run id.
        facilities: In the order in which they were started.
    """

    run_id: str
    facilities: tuple[FacilityState, ...]

    def facility(self, name: str) -> FacilityState | None:
        """Return one facility by its name."""
        return next((state for state in self.facilities if state.facility == name), None)


def read(path: Path) -> LabState | None:
    """Return the state that is kept, or None when there is none that can be read."""
    try:
        return LabState.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def write(path: Path, state: LabState) -> None:
    """Keep a state; a reader sees the old one or the new one, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(state.model_dump_json(indent=2), encoding="utf-8")
    draft.replace(path)
