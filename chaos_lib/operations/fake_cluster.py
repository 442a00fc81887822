"""A model of a cluster's objects in memory, tier SIMULATED: no node, no controller, nothing runs."""

from __future__ import annotations

import copy
import itertools
from typing import Any

from chaos_lib.operations.cluster_object import ClusterObject, Json
from chaos_lib.settings import Tier


class FakeCluster:
    """Keeps objects as an API server does: it fills in uid, resourceVersion and status, and refuses none.

    Attributes:
        tier: Always SIMULATED; shown beside every result.
    """

    tier = Tier.SIMULATED

    def __init__(self) -> None:
        self._objects: dict[ClusterObject, dict[str, Any]] = {}
        self._versions = itertools.count(1)
        self._uids = itertools.count(1)

    def read(self, address: ClusterObject) -> Json | None:
        """Return the object, or None when there is none."""
        return copy.deepcopy(self._objects.get(address))

    def apply(self, address: ClusterObject, body: Json) -> None:
        """Create the object, or replace it as a whole."""
        kept = copy.deepcopy(dict(body))
        old = self._objects.get(address)
        uid = old["metadata"]["uid"] if old else f"uid-{next(self._uids)}"
        own = {"name": address.name, "namespace": address.namespace}
        kept["metadata"] = {
            **kept.get("metadata", {}),
            **own,
            "uid": uid,
            "resourceVersion": str(next(self._versions)),
        }
        kept["status"] = {"observed": "by a model"}
        self._objects[address] = kept

    def preview(self, address: ClusterObject, body: Json) -> Json:  # noqa: ARG002 - the protocol's signature
        """Return the object as it is given: a model knows no defaults."""
        return copy.deepcopy(dict(body))

    def delete(self, address: ClusterObject) -> None:
        """Delete the object; nothing happens when there is none."""
        self._objects.pop(address, None)
