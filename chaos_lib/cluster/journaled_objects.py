"""What the journaled operations need of a cluster, from the real one: the object as it was, and as it will be."""

from __future__ import annotations

from pathlib import Path

from chaos_lib.cluster.kubernetes_api import KubernetesApi
from chaos_lib.cluster.objects import Json, Key
from chaos_lib.operations.cluster_object import ClusterObject, wished


class KubernetesObjects:
    """Reads and writes single objects; keeps one connection for each namespace it is asked for."""

    def __init__(self) -> None:
        self._apis: dict[tuple[Path, str, str], KubernetesApi] = {}

    def read(self, address: ClusterObject) -> Json | None:
        """Return the object, or None when there is none."""
        return self._api(address).read(_key(address))

    def preview(self, address: ClusterObject, body: Json) -> Json:
        """Return the object as it would be after `apply`, the server's defaults filled in; nothing is changed."""
        return self._api(address).replace(_whole(address, body), is_dry_run=True)

    def apply(self, address: ClusterObject, body: Json) -> None:
        """Create the object, or replace it as a whole; what is not in `body` goes.

        The resourceVersion is left out: an undo has to win over whoever wrote in between.
        """
        self._api(address).replace(_whole(address, body))

    def delete(self, address: ClusterObject) -> None:
        """Delete the object, and return when it is gone; nothing happens when there is none."""
        self._api(address).delete(_key(address))

    def _api(self, address: ClusterObject) -> KubernetesApi:
        place = (address.kubeconfig, address.context, address.namespace)
        if place not in self._apis:
            self._apis[place] = KubernetesApi(*place)
        return self._apis[place]


def _key(address: ClusterObject) -> Key:
    return Key(address.api_version, address.kind, address.name)


def _whole(address: ClusterObject, body: Json) -> Json:
    found = wished(body)
    metadata = {**found.get("metadata", {}), "name": address.name, "namespace": address.namespace}
    return {**found, "apiVersion": address.api_version, "kind": address.kind, "metadata": metadata}
