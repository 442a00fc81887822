"""One look at a Deployment: itself, its replica sets, the newest one's pods, their events and last words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chaos_lib.cluster import events as cluster_events
from chaos_lib.cluster.api import ClusterApi
from chaos_lib.cluster.events import Event
from chaos_lib.cluster.objects import Json, Key, annotations_of, is_owned_by, labels_of, name_of, selects
from chaos_lib.errors import InvalidInput

REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True)
class Counts:
    """A Deployment's replicas.

    Attributes:
        wanted: As the Deployment says.
        updated: Of the newest version.
        ready: Of any version, ready.
        available: Of any version, ready for long enough.
        new_ready: Of the newest version, ready.
    """

    wanted: int
    updated: int
    ready: int
    available: int
    new_ready: int

    @property
    def in_words(self) -> str:
        """For people: `2 of 2 ready, 1 of the new version`."""
        return f"{self.ready} of {self.wanted} ready, {self.new_ready} of the new version"


@dataclass(frozen=True)
class Workload:
    """A Deployment and all that belongs to it, at one moment.

    Attributes:
        deployment: Itself.
        replica_sets: The newest revision first.
        pods: Of the newest revision.
        events: Those that matter, about the Deployment, its newest replica set and its pods.
        last_words: Container's last log lines before its latest end, pod and container to text.
        endpoints: Services that select the pods, or mean to: name to the number of addresses that are ready.
    """

    deployment: Json
    replica_sets: tuple[Json, ...] = ()
    pods: tuple[Json, ...] = ()
    events: tuple[Event, ...] = ()
    last_words: Mapping[str, str] = field(default_factory=dict)
    endpoints: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The Deployment's name."""
        return name_of(self.deployment)

    @property
    def is_observed(self) -> bool:
        """Whether the controller has seen the latest change; until then the numbers are those of the version before."""
        seen = (self.deployment.get("status") or {}).get("observedGeneration", 0)
        return bool(seen >= self.deployment["metadata"].get("generation", 0))

    @property
    def counts(self) -> Counts:
        """Its replicas."""
        status = self.deployment.get("status") or {}
        newest = (self.replica_sets[0].get("status") or {}) if self.replica_sets else {}
        return Counts(
            wanted=int(self.deployment["spec"].get("replicas", 1)),
            updated=int(status.get("updatedReplicas") or 0),
            ready=int(status.get("readyReplicas") or 0),
            available=int(status.get("availableReplicas") or 0),
            new_ready=int(newest.get("readyReplicas") or 0),
        )

    @property
    def is_complete(self) -> bool:
        """Whether the rollout is over and good: the same rule as `kubectl rollout status`."""
        if not self.is_observed:
            return False
        status, counts = self.deployment.get("status") or {}, self.counts
        old = int(status.get("replicas") or 0) - counts.updated
        return counts.updated >= counts.wanted and old == 0 and counts.available >= counts.updated

    @property
    def revision(self) -> int:
        """The newest revision's number; 0 when there is none."""
        return revision_of(self.replica_sets[0]) if self.replica_sets else 0

    def condition(self, kind: str) -> Json:
        """Return a condition of the Deployment by its type; empty when it has none."""
        found = (self.deployment.get("status") or {}).get("conditions") or ()
        return next((each for each in found if each.get("type") == kind), {})


def look(api: ClusterApi, name: str) -> Workload:
    """Look at a Deployment.

    Raises:
        InvalidInput: There is none of that name.
    """
    deployment = api.read(Key("apps/v1", "Deployment", name))
    if deployment is None:
        raise InvalidInput(
            f"There is no Deployment `{name}` in `{api.namespace}`.",
            fix=f"`kubectl --namespace {api.namespace} get deployments` lists what is there.",
        )
    selector = (deployment["spec"].get("selector") or {}).get("matchLabels") or {}
    sets = [body for body in api.list("apps/v1", "ReplicaSet", selector) if is_owned_by(body, deployment)]
    sets.sort(key=revision_of, reverse=True)
    pods: list[Json] = []
    if sets:
        pods = [pod for pod in api.list("v1", "Pod", selector) if is_owned_by(pod, sets[0])]
        pods.sort(key=lambda pod: str(pod["metadata"].get("creationTimestamp", "")))
    about = {name, *(name_of(pod) for pod in pods), *(name_of(each) for each in sets[:1])}
    found = (cluster_events.read(body) for body in api.list("v1", "Event"))
    return Workload(
        deployment=deployment,
        replica_sets=tuple(sets),
        pods=tuple(pods),
        events=tuple(cluster_events.that_matter(event for event in found if event.name in about)),
        last_words=_last_words(api, pods),
        endpoints=_endpoints(api, deployment),
    )


def revision_of(replica_set: Json) -> int:
    """Return a replica set's revision; 0 when the controller has not numbered it yet."""
    return int(annotations_of(replica_set).get(REVISION, 0))


def _last_words(api: ClusterApi, pods: Sequence[Json]) -> dict[str, str]:
    """Return the last lines of containers that ended, of one pod: the others say the same."""
    for pod in pods:
        words = {}
        for status in (pod.get("status") or {}).get("containerStatuses") or ():
            has_ended_before = bool((status.get("lastState") or {}).get("terminated"))
            if has_ended_before or (status.get("state") or {}).get("terminated"):
                text = api.logs(name_of(pod), status["name"], is_previous=has_ended_before)
                words[f"{name_of(pod)}/{status['name']}"] = text
        if words:
            return words
    return {}


def _endpoints(api: ClusterApi, deployment: Json) -> dict[str, int]:
    """Count the ready addresses of the Services that select these pods, or were meant to: those with its own name."""
    labels = labels_of(deployment["spec"].get("template") or {})
    found = {}
    for service in api.list("v1", "Service"):
        selector = (service.get("spec") or {}).get("selector") or {}
        is_meant = name_of(service) == name_of(deployment)
        if is_meant or selects(selector, labels):
            endpoints = api.read(Key("v1", "Endpoints", name_of(service))) or {}
            subsets = endpoints.get("subsets") or ()
            found[name_of(service)] = sum(len(subset.get("addresses") or ()) for subset in subsets)
    return found
