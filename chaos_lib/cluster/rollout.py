"""Wait for a rollout, undo it, scale: what `kubectl rollout` does, with an answer that says why.

`kubectl rollout status` waits until the progress deadline (ten minutes by default) even when the very first pod has said
that it cannot work. Here a cause that no waiting can cure ends the wait at once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chaos_lib.cluster.api import ClusterApi
from chaos_lib.cluster.diagnosis import Cause, Diagnosis, judge
from chaos_lib.cluster.objects import Json, Key
from chaos_lib.cluster.workload import Counts, Workload, look, revision_of
from chaos_lib.errors import InvalidInput
from chaos_lib.wait import SYSTEM_CLOCK, Clock

_INTERVAL_S = 0.25
_SHORT_S = 0.05
# A cause must stand in this many looks in a row: states flap while they come and go.
_LOOKS = 2
_HASH_LABEL = "pod-template-hash"


@dataclass(frozen=True)
class Sample:
    """The replicas at one moment of a rollout.

    Attributes:
        at_s: Seconds since the wait began.
        counts: The replicas.
    """

    at_s: float
    counts: Counts


@dataclass(frozen=True)
class Rollout:
    """How a rollout went.

    Attributes:
        workload: The Deployment's name.
        revision: The revision that was rolled out.
        diagnosis: Why it ended; healthy when it is complete.
        samples: The replicas over time, oldest first.
        elapsed_s: Seconds waited.
    """

    workload: str
    revision: int
    diagnosis: Diagnosis
    samples: tuple[Sample, ...]
    elapsed_s: float

    @property
    def is_complete(self) -> bool:
        """Whether every replica is of the new version and available."""
        return self.diagnosis.cause is Cause.HEALTHY


ProgressOfReplicas = Callable[[Sample], None]


def _ignore(_: Sample) -> None:
    pass


def wait_for(
    api: ClusterApi,
    name: str,
    *,
    timeout_s: float = 120.0,
    on_progress: ProgressOfReplicas = _ignore,
    clock: Clock = SYSTEM_CLOCK,
) -> Rollout:
    """Wait until a rollout is complete, or until it is clear that it never will be.

    Args:
        api: The cluster.
        name: The Deployment's name.
        timeout_s: Longest wait in seconds.
        on_progress: Told of the replicas at every look.
        clock: The time source.

    Returns:
        How it went; not in time is a diagnosis too, never an exception.
    """
    start, samples, before, looks = clock.monotonic(), [], Cause.STARTING, 0
    while True:
        workload = look(api, name)
        elapsed_s = clock.monotonic() - start
        sample = Sample(elapsed_s, workload.counts)
        samples.append(sample)
        on_progress(sample)
        found = judge(workload) if workload.is_observed else None
        if found is not None:
            looks = looks + 1 if found.cause is before else 1
            before = found.cause
            # No endpoints right after the last pod became ready: the controller needs a moment for them.
            is_over = found.is_healthy or (
                found.is_final and looks >= _LOOKS and found.cause is not Cause.SELECTOR
            )
            if is_over or (found.cause is Cause.SELECTOR and looks >= 4 * _LOOKS):
                return Rollout(name, workload.revision, found, tuple(samples), elapsed_s)
        if elapsed_s >= timeout_s:
            late = found or judge(workload)
            return Rollout(name, workload.revision, late, tuple(samples), elapsed_s)
        _pause(api, workload, clock)


def _pause(api: ClusterApi, workload: Workload, clock: Clock) -> None:
    """Wait until it is time for the next look, or until the Deployment says that all is done: asking for it alone is cheap."""
    key, end = Key("apps/v1", "Deployment", workload.name), clock.monotonic() + _INTERVAL_S
    while clock.monotonic() < end:
        clock.sleep(_SHORT_S)
        now = api.read(key)
        if now is None or Workload(now).is_complete:
            return


def undo(api: ClusterApi, name: str, revision: int = 0) -> int:
    """Go back to an earlier revision: what `kubectl rollout undo` does.

    Args:
        api: The cluster.
        name: The Deployment's name.
        revision: Its number; 0 takes the one before the newest.

    Returns:
        The revision whose pod template is wished again.

    Raises:
        InvalidInput: There is no such revision any more.
    """
    workload = look(api, name)
    earlier = [each for each in workload.replica_sets if revision_of(each) != workload.revision]
    found = next((each for each in earlier if revision in (0, revision_of(each))), None)
    if found is None:
        known = ", ".join(str(revision_of(each)) for each in earlier) or "none"
        raise InvalidInput(
            f"`{name}` has no revision {revision or 'before this one'} to go back to.",
            evidence=f"earlier revisions: {known}",
            fix=f"`kubectl rollout history deployment/{name}` lists them; revisionHistoryLimit says how many are kept.",
        )
    template = copy.deepcopy(dict(found["spec"]["template"]))
    labels = template.setdefault("metadata", {}).get("labels") or {}
    labels.pop(_HASH_LABEL, None)
    _with_spec(api, workload, {"template": template})
    return revision_of(found)


def scale(api: ClusterApi, name: str, replicas: int) -> None:
    """Set the number of replicas: what `kubectl scale` does.

    Raises:
        InvalidInput: There is no such Deployment, or the number is out of range.
    """
    if not 0 <= replicas <= 50:
        raise InvalidInput(f"{replicas} replicas make no sense here.", fix="Choose a number from 0 to 50.")
    _with_spec(api, look(api, name), {"replicas": replicas})


def _with_spec(api: ClusterApi, workload: Workload, change: Json) -> None:
    body: dict[str, Any] = copy.deepcopy(dict(workload.deployment))
    body.pop("status", None)
    body["metadata"].pop("managedFields", None)
    body["spec"] = {**body["spec"], **change}
    api.replace(body)


def previous_log(api: ClusterApi, name: str) -> str:
    """Return the last lines of the container that ran before the present one: what `kubectl logs --previous` shows.

    Empty when no container of the newest revision has ended yet.
    """
    words = look(api, name).last_words
    return next((text for text in words.values() if text.strip()), "")


def exists(api: ClusterApi, name: str) -> bool:
    """Whether there is a Deployment of that name."""
    return api.read(Key("apps/v1", "Deployment", name)) is not None
