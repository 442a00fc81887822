"""The build as a process of its own: it goes on in the background, tells how far it is, and survives whoever began it.

`python -m chaos_lib.lab.cluster.build.job ...` is that process.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from chaos_lib import durable, labels
from chaos_lib.errors import ChaosError, ClusterUnavailable, DiskFull, LabBusy
from chaos_lib.lab.cluster.build.kubernetes_build import STEP, build, folder_of, is_built
from chaos_lib.lab.cluster.offline.daemon import end
from chaos_lib.lab.facility import Progress, ProgressSink
from chaos_lib.lab.lock import exclusive
from chaos_lib.processes import naming
from chaos_lib.wait import Reading, wait_until

_NICE = 10
_BUILD_S = 3600.0
_BEGIN_S = 60.0
_LOCK_S = 1.0  # somebody who only looks whether it is held lets go at once


class BuildState(BaseModel):
    """How far a build is, as it keeps it itself.

    Attributes:
        owner: The process that builds; see `labels.process_owner`.
        detail: What it is doing.
        fraction: Share that is done, 0 to 1.
        failure: What went wrong, evidence and fix; None while nothing has.
        is_disk_full: Whether that was for lack of room.
    """

    owner: str
    detail: str
    fraction: float
    failure: tuple[str, str, str] | None = None
    is_disk_full: bool = False

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self.failure is None and not labels.is_left_behind(self.owner)


class BuildJob:
    """The build of one cache folder.

    Args:
        cache: The kit's cache folder.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._folder = cache / "kubernetes"

    @property
    def programs(self) -> Path:
        """Where the programs are when it is done."""
        return folder_of(self._cache)

    @property
    def is_done(self) -> bool:
        """Whether all programs are there."""
        return is_built(self._cache)

    def state(self) -> BuildState | None:
        """Return how far the last build is; None when there was none, or all is done."""
        if self.is_done:
            return None
        try:
            return BuildState.model_validate_json(self._state_file.read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            return None

    @property
    def is_running(self) -> bool:
        """Whether a build goes on now."""
        state = self.state()
        return state is not None and (state.is_running or (state.failure is None and self._is_locked()))

    def begin(self, *, in_background: bool) -> bool:
        """Start the build unless it is done or goes on; returns whether it was started.

        Args:
            in_background: Whether the foreground is to stay usable.
        """
        if self.is_done or self.is_running:
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        self._state_file.unlink(missing_ok=True)
        argv = [sys.executable, "-m", "chaos_lib.lab.cluster.build.job", "--cache", str(self._cache)]
        if in_background:
            argv += ["--nice", str(_NICE)]
        # A headless run ends every process that carries its mark.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OPCHAOS_")}
        with self._log.open("wb") as log:
            # --fork: the builder becomes a child of init, so that neither a Ctrl-C here nor our end reaches it.
            subprocess.run(
                ["setsid", "--fork", *argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=environment,
                check=True,
            )
        wait_until(
            "the build has begun",
            lambda: Reading(self.is_done or self.state() is not None or self._is_locked(), self._last_log()),
            timeout_s=_BEGIN_S,
        )
        return True

    def follow(self, progress: ProgressSink) -> Path:
        """Have the programs: wait for a build that goes on, or build now. What this call began ends with it.

        Raises:
            ClusterUnavailable: The build failed, or was killed.
            DiskFull: There was no room.
        """
        if self.is_done:
            return self.programs
        is_ours = self.begin(in_background=False)
        self._hurry()
        told: list[BuildState] = []

        def probe() -> Reading:
            # Asked before: the last thing that a build does is to become done.
            is_running = self.is_running
            if is_built(self._cache):
                return Reading(True)
            state = self.state()
            if state is None or not is_running:
                raise self._failure(state)
            if not told or told[-1] != state:
                told.append(state)
                progress(Progress(STEP, state.detail, state.fraction))
            return Reading(False, state.detail)

        try:
            wait_until("Kubernetes is built", probe, timeout_s=_BUILD_S, interval_s=0.25)
        except BaseException:
            if is_ours:
                self.stop()
            raise
        progress(Progress(STEP, "done", 1.0))
        return self.programs

    def stop(self) -> None:
        """End a build that goes on, and throw away what it has so far."""
        end(self._builder())
        end(naming(f"{self._folder}/work-"))
        self._remove_abandoned()
        self._state_file.unlink(missing_ok=True)

    def purge(self) -> None:
        """Remove the programs and everything else of it."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self) -> None:
        """Build, in this process, keeping the state."""
        owner = labels.process_owner()
        last = -1.0

        def tell(progress: Progress) -> None:
            nonlocal last
            fraction = progress.fraction or 0.0
            if fraction - last >= 0.005 or progress.detail != "":
                last = fraction
                self._write(BuildState(owner=owner, detail=progress.detail, fraction=fraction))

        try:
            with exclusive(self._lock, "building Kubernetes", timeout_s=_LOCK_S):
                if self.is_done:
                    return
                self._write(BuildState(owner=owner, detail="starting", fraction=0.0))
                self._remove_abandoned()
                work = self._folder / f"work-{os.getpid()}"
                work.mkdir(parents=True)
                try:
                    build(self._cache, work, tell)
                finally:
                    shutil.rmtree(work, ignore_errors=True)
            self._state_file.unlink(missing_ok=True)
        except LabBusy:
            return  # another one builds already
        except ChaosError as exc:
            failed = BuildState(
                owner=owner,
                detail="failed",
                fraction=0.0,
                failure=(exc.what, exc.evidence, exc.fix),
                is_disk_full=isinstance(exc, DiskFull),
            )
            self._write(failed)

    def _is_locked(self) -> bool:
        """Whether a build holds the lock: of two that were begun at once, it is the other's state that is kept."""
        lock = FileLock(self._lock)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        return False

    @property
    def _lock(self) -> Path:
        return self._cache / "kubernetes.lock"

    @property
    def _state_file(self) -> Path:
        return self._folder / "build.json"

    @property
    def _log(self) -> Path:
        return self._folder / "build.log"

    def _hurry(self) -> None:
        """Take a build out of the background: somebody waits for it now."""
        for process in self._builder():
            with contextlib.suppress(psutil.Error):
                process.nice(0)

    def _builder(self) -> Sequence[psutil.Process]:
        """The process that builds, and all that it has started."""
        state = self.state()
        if state is None or not state.is_running:
            return ()
        with contextlib.suppress(psutil.NoSuchProcess):
            builder = psutil.Process(int(state.owner.split("/")[1]))
            return (builder, *builder.children(recursive=True))
        return ()

    def _last_log(self) -> str:
        if not self._log.exists():
            return ""
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])

    def _write(self, state: BuildState) -> None:
        durable.write_bytes(
            self._state_file,
            state.model_dump_json().encode(),
            draft_folder=self._folder / "drafts",
            is_lasting=False,
        )

    def _remove_abandoned(self) -> None:
        """Throw away what killed builds left; called under the lock, or when none goes on."""
        for work in self._folder.glob("work-*"):
            end(naming(f"{work}/"))  # a compiler outlives a builder that was killed
            shutil.rmtree(work, ignore_errors=True)

    def _failure(self, state: BuildState | None) -> ChaosError:
        if state is not None and state.failure is not None:
            what, evidence, fix = state.failure
            kind = DiskFull if state.is_disk_full else ClusterUnavailable
            return kind(what, evidence=evidence, fix=fix)
        return ClusterUnavailable(
            "The build of Kubernetes ended before it was done.",
            evidence=self._last_log() or (f"it was {state.detail}" if state else "somebody stopped it"),
            fix="Run `opchaos up --cluster` again: it begins afresh.",
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Build in this process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--nice", type=int, default=0)
    given = parser.parse_args(arguments)
    os.nice(given.nice)
    BuildJob(given.cache).run()


if __name__ == "__main__":
    main()
