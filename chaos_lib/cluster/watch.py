"""Watch a Deployment's replicas while somebody else, such as a pipeline, changes them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

from chaos_lib.cluster.api import ClusterApi
from chaos_lib.cluster.rollout import ProgressOfReplicas, Sample, exists
from chaos_lib.cluster.workload import look
from chaos_lib.errors import ChaosError

_INTERVAL_S = 0.5


class ReplicaWatch:
    """Looks at a Deployment in a thread of its own until its block ends; a look that fails is left out.

    Args:
        api: The cluster; no other thread may use it meanwhile.
        name: The Deployment's name; it need not exist yet.
        tell: Told of the replicas at every look.
        now: Seconds of a monotonic clock.
        interval_s: Pause between two looks, in seconds.
    """

    def __init__(
        self,
        api: ClusterApi,
        name: str,
        tell: ProgressOfReplicas,
        *,
        now: Callable[[], float] = time.monotonic,
        interval_s: float = _INTERVAL_S,
    ) -> None:
        self._api = api
        self._name = name
        self._tell = tell
        self._now = now
        self._interval_s = interval_s
        self._start = now()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="replica-watch", daemon=True)

    def __enter__(self) -> ReplicaWatch:
        self._start = self._now()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join()
        self.look()

    def look(self) -> None:
        """Look once."""
        try:
            if exists(self._api, self._name):
                self._tell(Sample(self._now() - self._start, look(self._api, self._name).counts))
        except ChaosError:
            # The build says what is wrong; this is only its picture.
            return

    def _watch(self) -> None:
        while not self._ends.wait(self._interval_s):
            self.look()
