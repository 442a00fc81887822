"""Remove containers, networks and volumes by their labels: those of one run, or what killed processes left."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chaos_lib import labels
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.engine_errors import translated

# The kubelet writes it on every container of a pod.
_POD_NAMESPACE = "io.kubernetes.pod.namespace"


@dataclass(frozen=True)
class Swept:
    """What was removed, by name.

    Attributes:
        containers: Names of containers.
        networks: Names of networks.
        volumes: Names of volumes.
    """

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many things were removed."""
        return len(self.containers) + len(self.networks) + len(self.volumes)


def remove_run(engine: Engine, run_id: str) -> Swept:
    """Remove everything with our label and this run id, the containers of its namespace's pods, and nothing else."""
    swept = _sweep(engine, lambda found: found.get(labels.RUN) == run_id)
    pods = _remove_pods(engine, run_id)
    return Swept((*swept.containers, *pods), swept.networks, swept.volumes)


def remove_left_behind(engine: Engine) -> Swept:
    """Remove everything with our label whose owner is a process of this machine that has ended."""
    return _sweep(engine, lambda found: labels.is_left_behind(found.get(labels.OWNER, "")))


def foreign_containers(engine: Engine, run_id: str) -> tuple[str, ...]:
    """Return the names of all containers, running or not, that are not of this run."""
    with contextlib.closing(engine.connect()) as client, translated("listing containers", engine):
        return tuple(
            _name(item)
            for item in client.api.containers(all=True)
            if (item.get("Labels") or {}).get(labels.RUN) != run_id
        )


def _remove_pods(engine: Engine, run_id: str) -> tuple[str, ...]:
    """Remove what is left of a namespace that is gone: the kubelet keeps ended containers for a while, and they the image."""
    of_namespace = {"label": f"{_POD_NAMESPACE}={labels.namespace(run_id)}"}
    with contextlib.closing(engine.connect()) as client, translated("removing what pods left", engine):
        found = client.api.containers(all=True, filters=of_namespace)
        for item in found:
            with _gone_is_fine():
                client.api.remove_container(item["Id"], force=True, v=True)
        return tuple(_name(item) for item in found)


def _sweep(engine: Engine, is_ours_to_remove: Callable[[dict[str, str]], bool]) -> Swept:
    with contextlib.closing(engine.connect()) as client, translated("removing what the lab made", engine):
        api = client.api
        only_ours = {"label": f"{labels.OURS}=true"}

        def chosen(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
            return [item for item in items if is_ours_to_remove(item.get("Labels") or {})]

        containers = chosen(api.containers(all=True, filters=only_ours))
        for item in containers:
            with _gone_is_fine():
                # v: the anonymous volumes carry no label; they belong to their container.
                api.remove_container(item["Id"], force=True, v=True)
        networks = chosen(api.networks(filters=only_ours))
        for item in networks:
            with _gone_is_fine():
                # Somebody may have joined a container of theirs: it leaves the network and lives on.
                for container_id in api.inspect_network(item["Id"]).get("Containers") or {}:
                    api.disconnect_container_from_network(container_id, item["Id"], force=True)
                api.remove_network(item["Id"])
        volumes = chosen(api.volumes(filters=only_ours).get("Volumes") or ())
        for item in volumes:
            with _gone_is_fine():
                api.remove_volume(item["Name"], force=True)
        return Swept(
            tuple(_name(item) for item in containers),
            tuple(str(item["Name"]) for item in networks),
            tuple(str(item["Name"]) for item in volumes),
        )


def _name(container: dict[str, Any]) -> str:
    names = container.get("Names") or [str(container["Id"])[:12]]
    return str(names[0]).lstrip("/")


@contextlib.contextmanager
def _gone_is_fine() -> Any:
    """Let pass that somebody else removes, or has removed, the same thing."""
    from docker.errors import APIError, NotFound

    try:
        yield
    except NotFound:
        return
    except APIError as exc:
        if "already in progress" not in str(exc.explanation):
            raise
