"""The lab of one mission: all facilities, started and stopped as one thing."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from chaos_lib.errors import ChaosError, Interrupted
from chaos_lib.lab import lab_state
from chaos_lib.lab.cluster.base import PROGRAMS
from chaos_lib.lab.docker_path import path_with_client
from chaos_lib.lab.facilities import ON_DEMAND, Facility, registered
from chaos_lib.lab.facility import FacilityReport, Progress, ProgressSink, no_progress
from chaos_lib.lab.lab_state import FacilityState, LabState
from chaos_lib.lab.lock import exclusive
from chaos_lib.settings import Settings

_LOCK_S = 30.0


@dataclass(frozen=True)
class FacilityStatus:
    """How one facility is now.

    Attributes:
        state: What `up` noted.
        is_running: Whether it truly answers now; True for one that nobody provides and nobody misses.
    """

    state: FacilityState
    is_running: bool


@dataclass(frozen=True)
class LabStatus:
    """How the lab is now.

    Attributes:
        is_up: Whether `up` was called and everything that it started answers.
        facilities: One by one; empty when the lab is down.
    """

    is_up: bool
    facilities: tuple[FacilityStatus, ...]


@dataclass(frozen=True)
class DownReport:
    """What `down` left on purpose.

    Attributes:
        notes: What was kept and why, one sentence each; empty when nothing was.
    """

    notes: tuple[str, ...]


class Lab:
    """Detects, starts and stops the lab of one mission.

    Attributes:
        settings: Where the mission is and what it may use.
    """

    def __init__(self, settings: Settings, facilities: Sequence[Facility] | None = None) -> None:
        """Describe the lab; nothing is started.

        Args:
            settings: Where the mission is and what it may use.
            facilities: In the order in which they start; all that are registered when None.
        """
        self.settings = settings
        self._facilities = tuple(facilities) if facilities is not None else tuple(registered(settings))

    def detect(self) -> tuple[FacilityReport, ...]:
        """Say for each facility what would be used, and why; changes nothing, takes under half a second."""
        return tuple(facility.report() for facility in self._facilities)

    def up(self, progress: ProgressSink = no_progress, *, also: Collection[str] = ()) -> LabState:
        """Start everything, or find it running; under a second when all is up.

        When it fails or is interrupted, what this call started is stopped again; what was up before stays.

        Args:
            progress: Told what is going on.
            also: The facilities on demand (`cluster`) that are needed. One that is up already is kept up in any case.

        Raises:
            Interrupted: Ctrl-C; everything this call began has been cleaned up.
            LabBusy: Another process has been changing this lab for half a minute.
            LabError: A facility that should work did not start; the subclass says why.
        """
        # What the way back needs, before there is anything to bring back: Ctrl-C in the middle of an import leaves it
        # half loaded for good.
        with contextlib.suppress(ImportError):
            import docker  # noqa: F401
        with self._exclusive("starting the lab", progress):
            noted = self.state()
            wanted = self._wanted(noted, also)
            try:
                state = LabState(
                    run_id=self.settings.run_id(),
                    facilities=tuple(facility.up(progress) for facility in wanted),
                )
                lab_state.write(self._state_file, state)
            except BaseException as exc:
                # What was up before stays; of a lab that was down, all goes, whatever an `up` before left half done.
                were_up = _up_in(noted)
                begun = [facility for facility in wanted if facility.name not in were_up]
                trouble = self._take_back(progress, begun if noted else self._facilities)
                if isinstance(exc, KeyboardInterrupt):
                    raise Interrupted(
                        "The start of the lab was interrupted; what it had begun is cleaned up.",
                        evidence=trouble,
                        fix="Run `opchaos up` again when you like: what was finished is kept as a cache.",
                    ) from exc
                raise
            return state

    def down(self, progress: ProgressSink = no_progress, *, purge: bool = False) -> DownReport:
        """Stop the lab and remove everything that this mission made, and nothing else. May be called again.

        Args:
            progress: Told what is going on.
            purge: Whether the cache (images, file systems, the engine's data) goes too.

        Raises:
            LabBusy: Another process has been changing this lab for half a minute.
            LabError: Something could not be removed.
        """
        with self._exclusive("stopping the lab", progress):
            return DownReport(self._stop(self._facilities, progress, purge=purge))

    def state(self) -> LabState | None:
        """Return what `up` noted, or None when the lab is down."""
        return lab_state.read(self._state_file)

    def status(self) -> LabStatus:
        """Look whether everything that `up` started still answers; changes nothing."""
        state = self.state()
        if state is None:
            return LabStatus(False, ())
        found = []
        for facility in self._facilities:
            noted = state.facility(facility.name)
            if noted is not None:
                found.append(FacilityStatus(noted, noted.tier is None or facility.attach() is not None))
        return LabStatus(all(item.is_running for item in found), tuple(found))

    def environment(self) -> dict[str, str]:
        """Return the variables for child processes that use the lab: names to values.

        Where the first `docker` on PATH cannot build with BuildKit but another one can, `PATH` begins with a
        folder that holds the better one; so it does for a `kubectl` of the cluster's own version. Empty while the lab is down.
        """
        state = self.state()
        if state is None:
            return {}
        found: dict[str, str] = {}
        for facility in state.facilities:
            tier = facility.tier.value if facility.tier else "NONE"
            found |= facility.environment | {f"OPCHAOS_{facility.facility.upper()}_TIER": tier}
        path = os.environ.get("PATH", "")
        if "DOCKER_HOST" in found:
            found |= path_with_client(self.settings.state / "bin", path)
        if PROGRAMS in found:
            found["PATH"] = (
                f"{self._kubectl_folder(Path(found[PROGRAMS]))}{os.pathsep}{found.get('PATH', path)}"
            )
        return found

    def _kubectl_folder(self, programs: Path) -> Path:
        """A folder with nothing but a kubectl: beside the real one lie the cluster's own programs.

        It keeps what it remembers of the cluster in the mission; the real one would write into the user's home.
        """
        folder = self.settings.state / "kubectl"
        folder.mkdir(parents=True, exist_ok=True)
        program, cache = shlex.quote(str(programs / "kubectl")), shlex.quote(str(folder / "cache"))
        script = f'#!/bin/sh\nexec {program} --cache-dir {cache} "$@"\n'
        target = folder / "kubectl"
        if not target.is_file() or target.read_text(encoding="utf-8") != script:
            draft = folder / f"kubectl.{os.getpid()}"
            draft.write_text(script, encoding="utf-8")
            draft.chmod(0o755)
            draft.replace(target)
        return folder

    @property
    def _state_file(self) -> Path:
        return self.settings.state / "lab.json"

    def _wanted(self, noted: LabState | None, also: Collection[str]) -> Sequence[Facility]:
        left_out = {name for name in ON_DEMAND if name not in also and name not in _up_in(noted)}
        return [facility for facility in self._facilities if facility.name not in left_out]

    def _exclusive(self, doing: str, progress: ProgressSink) -> AbstractContextManager[None]:
        return exclusive(self.settings.state / "lab.lock", doing, timeout_s=_LOCK_S, progress=progress)

    def _stop(
        self, facilities: Sequence[Facility], progress: Callable[[Progress], None], *, purge: bool
    ) -> tuple[str, ...]:
        # Backwards: services leave before the engine under them does.
        notes = [
            note
            for facility in reversed(facilities)
            for note in facility.down(purge=purge, progress=progress)
        ]
        if len(facilities) == len(self._facilities):
            self._state_file.unlink(missing_ok=True)
        return tuple(notes)

    def _take_back(self, progress: ProgressSink, begun: Sequence[Facility]) -> str:
        """Stop what a failed start began; return what went wrong with that, or nothing."""
        try:
            self._stop(begun, progress, purge=False)
        except ChaosError as exc:
            return exc.text
        return ""


def _up_in(noted: LabState | None) -> set[str]:
    """The names of the facilities that somebody provides."""
    return {f.facility for f in noted.facilities if f.tier is not None} if noted else set()
