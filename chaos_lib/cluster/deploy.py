"""Apply manifests and, when they turn out bad, bring back every object as it was."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chaos_lib.cluster.api import ClusterApi
from chaos_lib.cluster.diagnosis import Cause, Diagnosis
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.objects import Json, Key, annotations_of, in_order, key_of, name_of
from chaos_lib.cluster.rollout import ProgressOfReplicas, Rollout, _ignore, wait_for
from chaos_lib.errors import ClusterRefused
from chaos_lib.operations.cluster_object import wished
from chaos_lib.wait import SYSTEM_CLOCK, Clock

APPLIED = "io.opchaos/applied"
_KUBECTL_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass
class Applied:
    """What an apply changed.

    Attributes:
        before: Each object that was applied, to what it was before; None when it was not there.
    """

    before: dict[Key, Json | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Deployed:
    """How a deployment went.

    Attributes:
        rollouts: One for each Deployment, in the order in which they were waited for.
        refusal: What the server said when it refused an object; nothing was rolled out then.
        is_undone: Whether everything was brought back to what it was.
    """

    rollouts: tuple[Rollout, ...]
    refusal: ClusterRefused | None = None
    is_undone: bool = False

    @property
    def is_good(self) -> bool:
        """Whether everything runs."""
        return self.refusal is None and all(each.is_complete for each in self.rollouts)

    @property
    def failed(self) -> Rollout | None:
        """The rollout that failed, if one did."""
        return next((each for each in self.rollouts if not each.is_complete), None)

    @property
    def diagnosis(self) -> Diagnosis:
        """Why it failed, or that all is well."""
        if self.failed is not None:
            return self.failed.diagnosis
        return (
            self.rollouts[-1].diagnosis
            if self.rollouts
            else Diagnosis(Cause.HEALTHY, "Nothing runs.", "", "")
        )


def apply(api: ClusterApi, manifests: Manifests, applied: Applied | None = None) -> Applied:
    """Apply objects on the server's side: `kubectl apply --server-side`.

    Each carries what was applied as an annotation, so that it can be brought back to exactly that.

    Args:
        api: The cluster.
        manifests: What to apply.
        applied: Noted here, object by object: after an exception one knows how far it got.

    Raises:
        ClusterRefused: The server refused one; those before it are applied.
    """
    applied = Applied() if applied is None else applied
    for body in in_order(manifests):
        key = key_of(body)
        applied.before[key] = api.read(key)
        api.apply(_noted(body))
    return applied


def take_back(api: ClusterApi, applied: Applied) -> None:
    """Bring every object to what it was before an apply; what was not there goes.

    An object that was applied before is applied again as then: the server knows which fields were ours, so those that came with
    the bad version go. May be called twice.
    """
    for key, before in reversed(applied.before.items()):
        if before is None:
            api.delete(key)
            continue
        noted = annotations_of(before).get(APPLIED)
        now = api.apply(_noted(json.loads(noted))) if noted is not None else None
        if now is None or wished(now) != wished(before):
            # Nobody had applied it, or somebody has changed it by hand since: as it was, not as it should have been.
            api.replace(wished(before))


def deploy(
    api: ClusterApi,
    manifests: Manifests,
    *,
    is_gated: bool = True,
    timeout_s: float = 120.0,
    on_progress: ProgressOfReplicas = _ignore,
    smoke: Callable[[], Diagnosis | None] | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Deployed:
    """Apply manifests and wait for their Deployments; a bad version is taken back at once.

    Args:
        api: The cluster.
        manifests: What to deploy.
        is_gated: Whether a failure is taken back; else it stays for inspection.
        timeout_s: Longest wait for one Deployment, in seconds.
        on_progress: Told of the replicas at every look.
        smoke: Asked when everything is ready: what is wrong from the outside, or None.
        clock: The time source.
    """
    applied = Applied()
    rollouts: list[Rollout] = []
    refusal: ClusterRefused | None = None
    try:
        apply(api, manifests, applied)
        for body in manifests.of_kind("Deployment"):
            rollouts.append(
                wait_for(api, name_of(body), timeout_s=timeout_s, on_progress=on_progress, clock=clock)
            )
            if not rollouts[-1].is_complete:
                break
        wrong = smoke() if smoke is not None and rollouts and rollouts[-1].is_complete else None
        if wrong is not None:
            last = rollouts[-1]
            rollouts[-1] = Rollout(last.workload, last.revision, wrong, last.samples, last.elapsed_s)
    except ClusterRefused as exc:
        refusal = exc
    except BaseException:
        # Ctrl-C too: a half-rolled-out version is not left behind.
        if is_gated:
            take_back(api, applied)
        raise
    result = Deployed(tuple(rollouts), refusal)
    if result.is_good or not is_gated:
        return result
    take_back(api, applied)
    return Deployed(tuple(rollouts), refusal, is_undone=True)


def _noted(body: Json) -> dict[str, Any]:
    """Return an object with the annotation that says what was applied."""
    plain = copy.deepcopy(dict(body))
    annotations: dict[str, Any] = dict(plain["metadata"].get("annotations") or {})
    for name in (APPLIED, _KUBECTL_APPLIED):
        annotations.pop(name, None)
    if annotations:
        plain["metadata"]["annotations"] = annotations
    else:
        plain["metadata"].pop("annotations", None)
    noted = copy.deepcopy(plain)
    noted["metadata"]["annotations"] = {**annotations, APPLIED: json.dumps(plain, sort_keys=True)}
    return noted
