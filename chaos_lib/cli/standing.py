"""What `opchaos status` tells, as values: the screen and the JSON are made of the same."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from chaos_lib.attacks import catalogue
from chaos_lib.cli.missions import phase_played
from chaos_lib.errors import ChaosError
from chaos_lib.journal import Journal, JournalState
from chaos_lib.lab import FacilityStatus, Lab
from chaos_lib.lab.cluster.build.job import BuildJob
from chaos_lib.mission import Mission
from chaos_lib.settings import Settings, Tier


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class FacilityNow(_Frozen):
    """One facility of the lab."""

    facility: str
    provider: str
    tier: Tier | None
    is_running: bool
    reason: str
    remedy: str


class LabNow(_Frozen):
    """The lab."""

    is_up: bool
    facilities: tuple[FacilityNow, ...]


class BuildNow(_Frozen):
    """The cluster's build, while it goes on or after it failed.

    Attributes:
        is_running: Whether it goes on.
        fraction: Share that is done, 0 to 1.
        detail: What it is doing, or why it failed.
    """

    is_running: bool
    fraction: float
    detail: str


class OpenAttack(_Frozen):
    """An attack that is open.

    Attributes:
        name: As it is typed.
        title: For people; the name again when its file is gone.
        defence: Which defence shows its symptom; empty when its file is gone.
        is_half_done: Whether its launch was cut off.
        targets: What it changed.
    """

    name: str
    title: str
    defence: str
    is_half_done: bool
    targets: tuple[str, ...]


class PhaseNow(_Frozen):
    """The phase that is played."""

    name: str
    title: str
    points: int
    points_possible: int
    minutes_planned: int
    minutes_used: float


class Standing(_Frozen):
    """Everything that `opchaos status` tells.

    Attributes:
        home: The mission folder.
        workspace: The participant's working copy.
        has_workspace: Whether it has been made.
        phase: The phase that is played; None before the first.
        lab: The lab.
        build: The offline cluster's build; None when none goes on and none failed.
        open_attacks: Oldest first.
        damaged_lines: Lines of the journal that cannot be read.
        notes: What else should be known.
    """

    home: Path
    workspace: Path
    has_workspace: bool
    phase: PhaseNow | None
    lab: LabNow
    build: BuildNow | None
    open_attacks: tuple[OpenAttack, ...]
    damaged_lines: int
    notes: tuple[str, ...]


def look(settings: Settings) -> Standing:
    """Find out where the mission stands; changes nothing, also where there is no mission yet."""
    notes: list[str] = []
    try:
        journal = Journal(settings.state).state()
    except ChaosError:
        journal = JournalState()  # every command has told about it already
    phase: PhaseNow | None = None
    titles: dict[str, tuple[str, str]] = {}
    try:
        phase = _phase_now(settings)
    except ChaosError as trouble:
        notes.append(trouble.text)
    if journal.runs:
        try:
            found = catalogue.load(settings.home / "attacks")
            titles = {name: (attack.title, attack.defence) for name, attack in found.items()}
        except ChaosError as trouble:
            notes.append(trouble.text)
    lab = Lab(settings).status()
    return Standing(
        home=settings.home,
        workspace=settings.workspace,
        has_workspace=(settings.workspace / ".git").is_dir(),
        phase=phase,
        lab=LabNow(is_up=lab.is_up, facilities=tuple(_facility_now(item) for item in lab.facilities)),
        build=_build_now(settings),
        open_attacks=tuple(
            OpenAttack(
                name=run.attack,
                title=titles.get(run.attack, (run.attack, ""))[0],
                defence=titles.get(run.attack, ("", ""))[1],
                is_half_done=not run.is_launched,
                targets=tuple(dict.fromkeys(operation.target for operation in run.operations)),
            )
            for run in journal.runs
        ),
        damaged_lines=journal.damaged_lines,
        notes=tuple(notes),
    )


def _phase_now(settings: Settings) -> PhaseNow | None:
    played = phase_played(settings)
    if played is None:
        return None
    standing = Mission(settings, played).standing()
    return PhaseNow(
        name=played.name,
        title=played.title,
        points=standing.points,
        points_possible=standing.points_possible,
        minutes_planned=played.minutes,
        minutes_used=round(standing.minutes_used, 1),
    )


def _build_now(settings: Settings) -> BuildNow | None:
    job = BuildJob(settings.cache)
    state = job.state()
    if state is None:
        return None
    if job.is_running:
        return BuildNow(is_running=True, fraction=state.fraction, detail=state.detail)
    why = state.failure[0].rstrip(".") if state.failure else f"it was ended while {state.detail}"
    return BuildNow(is_running=False, fraction=state.fraction, detail=why)


def _facility_now(status: FacilityStatus) -> FacilityNow:
    state = status.state
    return FacilityNow(
        facility=state.facility,
        provider=state.provider,
        tier=state.tier,
        is_running=status.is_running,
        reason=state.reason,
        remedy=state.remedy,
    )
