"""Tell how far the cluster's build is, while a headless run waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from chaos_lib import phases
from chaos_lib.errors import UnknownPhase
from chaos_lib.headless import events as run_events
from chaos_lib.headless.events import RunEvent
from chaos_lib.lab.cluster.build.job import BuildJob
from chaos_lib.lab.cluster_facility import ClusterFacility

_INTERVAL_S = 1.0
# A line for each twentieth; a build takes about five minutes.
_STEP = 0.05


class ClusterWatch:
    """Listens to a run; from the start of a phase that needs a cluster on, it says what the build is doing.

    The phase's first cell is what really waits. Usable as a context manager: the watch ends with its block.

    Args:
        job: The build.
        say: Shows a line; called from another thread.
        then: Told every event first.
    """

    def __init__(self, job: BuildJob, say: Callable[[str], None], then: Callable[[RunEvent], None]) -> None:
        self._job = job
        self._say = say
        self._then = then
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, event: RunEvent) -> None:
        """Hand an event on, and begin or end to watch."""
        self._then(event)
        match event:
            case run_events.NotebookStarted() if _needs_cluster(event.phase) and self._job.is_running:
                self._begin()
            case run_events.NotebookFinished():
                self._end()

    def __enter__(self) -> ClusterWatch:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _begin(self) -> None:
        self._ends.clear()
        self._thread = threading.Thread(target=self._watch, name="cluster-watch", daemon=True)
        self._thread.start()

    def _end(self) -> None:
        self._ends.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _watch(self) -> None:
        told = -1.0
        while (state := self._job.state()) is not None and state.is_running:
            if state.fraction - told >= _STEP:
                told = state.fraction
                self._say(
                    f"… waiting for the cluster: Kubernetes is being built, {told:.0%} ({state.detail})"
                )
            if self._ends.wait(_INTERVAL_S):
                return


def _needs_cluster(phase: str) -> bool:
    try:
        return ClusterFacility.name in phases.phase(phase).facilities
    except UnknownPhase:
        return False
