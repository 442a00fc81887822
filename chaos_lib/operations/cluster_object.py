"""Operations on objects of the mission's cluster: patch, delete, create, scale.

An object's state is its JSON as the API server would take it back, or None when there is none. The fields that the server
fills in itself are left out, so that a state is known again. Secrets lie in the journal's blobs, not in its lines: a state in
the journal is `{"blob": key}`.

Its target in the journal is one line, `kubeconfig|context|namespace|apiVersion|kind|name`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from chaos_lib.errors import InvalidInput
from chaos_lib.guard import Guard
from chaos_lib.journal import Journal
from chaos_lib.operations.base import Operator

KIND = "cluster.object"
Json = Mapping[str, Any]

# Filled in by the server; sent back they would be refused (uid, resourceVersion) or are no wish of ours (status).
_OF_THE_SERVER = (
    "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
    "managedFields", "selfLink",
)  # fmt: skip
# Counted up by the Deployment's controller at every rollout.
_REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True)
class ClusterObject:
    """The address of an object.

    Attributes:
        kubeconfig: The file, absolute.
        context: The context in it.
        namespace: The object's namespace.
        api_version: Such as `apps/v1`.
        kind: Such as `Deployment`.
        name: The object's name.
    """

    kubeconfig: Path
    context: str
    namespace: str
    api_version: str
    kind: str
    name: str

    @property
    def target(self) -> str:
        """Its name in the journal."""
        return "|".join(
            (str(self.kubeconfig), self.context, self.namespace, self.api_version, self.kind, self.name)
        )

    @classmethod
    def of(cls, target: str) -> ClusterObject:
        """Return the address that a journal's target stands for.

        Raises:
            InvalidInput: It stands for none.
        """
        # From the right: a path may hold the mark.
        parts = target.rsplit("|", 5)
        if len(parts) != 6:
            raise InvalidInput(f"`{target}` names no object of a cluster.", fix="Name all its six parts.")
        return cls(Path(parts[0]), *parts[1:])


class ClusterObjects(Protocol):
    """What the operations need of a cluster; a provider is one thin module, its fake is `fake_cluster`."""

    def read(self, address: ClusterObject) -> Json | None:
        """Return the object, or None when there is none; raises LabError when the cluster does not answer."""
        ...

    def apply(self, address: ClusterObject, body: Json) -> None:
        """Create the object, or replace it as a whole; what is not in `body` goes."""
        ...

    def preview(self, address: ClusterObject, body: Json) -> Json:
        """Return the object as it would be after `apply`, the server's defaults filled in; nothing is changed."""
        ...

    def delete(self, address: ClusterObject) -> None:
        """Delete the object, and return when it is gone; nothing happens when there is none."""
        ...


class ClusterObjectKind:
    """Knows the state of an object and how to bring it back.

    Args:
        guard: Asked before every look and every change.
        journal: Keeps the bodies.
        cluster: Reads and writes.
    """

    kind = KIND

    def __init__(self, guard: Guard, journal: Journal, cluster: ClusterObjects) -> None:
        self._guard = guard
        self._journal = journal
        self._cluster = cluster

    def capture(self, target: str) -> dict[str, str] | None:
        """Return the object's state; None when there is none."""
        found = self._cluster.read(self._let_through(target))
        return None if found is None else keep(found, self._journal)

    def put(self, target: str, state: dict[str, str] | None) -> None:
        """Bring the object to a state: as it says, or gone."""
        address = self._let_through(target)
        if state is None:
            self._cluster.delete(address)
        else:
            self._cluster.apply(address, json.loads(self._journal.load(state["blob"])))

    def _let_through(self, target: str) -> ClusterObject:
        address = ClusterObject.of(target)
        self._guard.kube(address.kubeconfig, address.context, address.namespace)
        return address


class Cluster:
    """What an attack may do to the cluster: every call is journaled and undoes itself.

    Args:
        operator: Performs.
        guard: Asked before every look.
        cluster: Reads.
        run: The attack run.
        kubeconfig: The mission's file.
        context: The mission's context in it.
        namespace: The mission's namespace.
    """

    def __init__(
        self,
        operator: Operator,
        guard: Guard,
        cluster: ClusterObjects,
        run: str,
        *,
        kubeconfig: Path,
        context: str,
        namespace: str,
    ) -> None:
        self._operator = operator
        self._guard = guard
        self._cluster = cluster
        self._run = run
        self._place = (kubeconfig, context, namespace)

    def read(self, api_version: str, kind: str, name: str) -> Json:
        """Return an object; raises InvalidInput when there is none."""
        return self._existing(self._address(api_version, kind, name))

    def create(self, body: Json) -> None:
        """Create an object that is not there.

        Raises:
            InvalidInput: It is there already.
        """
        address = self._address(body["apiVersion"], body["kind"], body["metadata"]["name"])
        if self._cluster.read(address) is not None:
            raise InvalidInput(
                f"There is a {address.kind} `{address.name}` already.",
                fix="Patch it, or choose another name.",
            )
        self._put(address, body)

    def patch(self, api_version: str, kind: str, name: str, change: Json) -> None:
        """Change some fields of an object, as a JSON merge patch (RFC 7396): None takes a field away."""
        address = self._address(api_version, kind, name)
        self._put(address, merged(self._existing(address), change))

    def delete(self, api_version: str, kind: str, name: str) -> None:
        """Delete an object; the undo makes it again, with a new uid."""
        address = self._address(api_version, kind, name)
        self._existing(address)
        self._operator.perform(self._run, KIND, address.target, None)

    def scale(self, kind: str, name: str, replicas: int) -> None:
        """Set the replicas of a Deployment or StatefulSet."""
        self.patch("apps/v1", kind, name, {"spec": {"replicas": replicas}})

    def _put(self, address: ClusterObject, body: Json) -> None:
        # With the server's defaults: else an object that nobody has touched since would look like one that was edited.
        after = self._cluster.preview(address, body)
        self._operator.perform(self._run, KIND, address.target, keep(after, self._operator.journal))

    def _existing(self, address: ClusterObject) -> Json:
        found = self._cluster.read(address)
        if found is None:
            raise InvalidInput(
                f"There is no {address.kind} `{address.name}` in `{address.namespace}`.",
                fix=f"`kubectl --context {address.context} --namespace {address.namespace} get all` lists what is there.",
            )
        return found

    def _address(self, api_version: str, kind: str, name: str) -> ClusterObject:
        self._guard.kube(*self._place)
        return ClusterObject(*self._place, api_version, kind, name)


def keep(body: Json, journal: Journal) -> dict[str, str]:
    """Store an object in the journal's blobs (readable by their owner alone) and return its state."""
    return {"blob": journal.store(json.dumps(wished(body), sort_keys=True).encode())}


def wished(body: Json) -> dict[str, Any]:
    """Return an object without what the server fills in."""
    copied = copy.deepcopy(dict(body))
    copied.pop("status", None)
    metadata = copied.get("metadata", {})
    for name in _OF_THE_SERVER:
        metadata.pop(name, None)
    annotations = metadata.get("annotations") or {}
    if annotations.pop(_REVISION, None) is not None and not annotations:
        metadata.pop("annotations")
    return copied


def merged(body: Json, change: Json) -> dict[str, Any]:
    """Return an object with a JSON merge patch (RFC 7396) on it; neither argument is changed."""
    result = copy.deepcopy(dict(body))
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            old = result.get(name)
            result[name] = merged(old if isinstance(old, Mapping) else {}, value)
        else:
            result[name] = copy.deepcopy(value)
    return result
