"""A private network on which a container of the service meets the lab's Postgres and Redis."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chaos_lib import labels
from chaos_lib.errors import LabError
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.engine_errors import translated
from chaos_lib.lab.services.base import SHARED_CREDENTIALS
from chaos_lib.lab.services.containers import SERVICE
from chaos_lib.settings import Settings

if TYPE_CHECKING:
    import docker

SERVICES = ("postgres", "redis")
# What a container on the network is told: the services' names are their addresses.
ADDRESSES = {
    "MISSION_DATABASE_URL": SHARED_CREDENTIALS.url("postgres", 5432),
    "MISSION_REDIS_URL": "redis://redis:6379/0",
}


@contextlib.contextmanager
def private_network(engine: Engine, settings: Settings) -> Iterator[str]:
    """Make a network with the lab's Postgres and Redis on it; yields its name.

    Afterwards it is gone, and the services are where they were.

    Raises:
        LabError: The mission's lab runs no Postgres or no Redis in containers.
    """
    run_id = settings.run_id()
    name = f"opchaos-{run_id}-net-{uuid.uuid4().hex[:8]}"
    marks = labels.labels(run_id, owner=labels.process_owner())
    with contextlib.closing(engine.connect()) as client:
        servers = {service: _container_of(client, run_id, service) for service in SERVICES}
        with translated("making a private network", engine):
            client.api.create_network(name, driver="bridge", labels=marks, check_duplicate=True)
        try:
            with translated("connecting the services", engine):
                for service, container in servers.items():
                    client.api.connect_container_to_network(container, name, aliases=[service])
            yield name
        finally:
            with translated("removing a private network", engine):
                _remove(client, name)


def _container_of(client: docker.DockerClient, run_id: str, service: str) -> str:
    wanted = {"label": [f"{labels.RUN}={run_id}", f"{SERVICE}={service}"], "status": "running"}
    found = client.api.containers(filters=wanted)
    if not found:
        raise LabError(
            f"The lab runs no container of {service}.",
            evidence=f"no running container with the label {SERVICE}={service} of this mission",
            fix="Run `opchaos up`; running an image needs the LIVE tier.",
        )
    return str(found[0]["Id"])


def _remove(client: docker.DockerClient, name: str) -> None:
    from docker.errors import NotFound

    with contextlib.suppress(NotFound):
        for container in client.api.inspect_network(name).get("Containers") or {}:
            with contextlib.suppress(NotFound):
                client.api.disconnect_container_from_network(container, name, force=True)
        client.api.remove_network(name)
