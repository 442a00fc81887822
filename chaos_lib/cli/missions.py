"""Opens the mission that a command works on."""

from __future__ import annotations

from chaos_lib.cli.lab_progress import LabProgress
from chaos_lib.cli.session import Session
from chaos_lib.errors import InvalidInput, UnknownPhase
from chaos_lib.mission import Mission
from chaos_lib.mission_log import MissionLog
from chaos_lib.phases import PHASES, Phase, phase
from chaos_lib.settings import Settings


def phase_played(settings: Settings) -> Phase | None:
    """Return the phase of the mission's latest event; None when nothing has happened yet.

    Raises:
        JournalDamaged: The mission log cannot be read.
    """
    for event in reversed(MissionLog(settings.state / "mission.sqlite").events()):
        try:
            return phase(event.phase)
        except UnknownPhase:
            continue  # an event outside of any phase, or of a phase that a newer version knows
    return None


def open_mission(session: Session) -> Mission:
    """Return the mission in the phase that is played; nothing is started."""
    return Mission(session.settings, phase_played(session.settings) or PHASES[0])


def require_workspace(mission: Mission) -> None:
    """Refuse to go on without a workspace.

    Raises:
        InvalidInput: There is none.
    """
    if not mission.workspace.exists:
        raise InvalidInput(
            "There is no workspace yet.",
            evidence=str(mission.workspace.folder),
            fix="Run `opchaos workspace new --phase 1`, or open a phase's notebook and run its first cell.",
        )


def connect(mission: Mission, session: Session) -> None:
    """Start the lab, or attach to it when it runs, and show what takes time."""
    with LabProgress(session.err) as progress:
        mission.connect(progress)
