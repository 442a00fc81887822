"""Embedded twins of containers: what Testcontainers asks of a Docker engine, answered by real servers.

Testcontainers' own classes stay as they are. Only the client they talk through is replaced, so that ports,
URLs, wait strategies, context managers and overridden methods behave alike in both tiers.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from chaos_lib.errors import LabError
from chaos_lib.lab.services.report import image_kind
from chaos_lib.lab.services.server import HOST
from chaos_lib.lab.services.twin import TWIN_PORTS, Twin, TwinPlan
from chaos_lib.lab.services.wheels import Wheels

_INIT_SCRIPTS = "/docker-entrypoint-initdb.d"


@dataclass
class TwinNetwork:
    """A network in name only: twins reach each other on 127.0.0.1."""

    name: str
    id: str = field(default_factory=lambda: uuid4().hex)

    def connect(self, *_: object, **__: object) -> None:
        """Do nothing: everything is connected already."""

    def remove(self) -> None:
        """Do nothing: there is nothing to remove."""


@dataclass
class TwinEngine:
    """What Testcontainers' `DockerClient` is to its containers, without an engine.

    Attributes:
        session: Folder of this session's twins.
        cache: Where prepared data is kept.
        wheels: Where the programs are.
        twins: All twins made so far, by id.
    """

    session: Path
    cache: Path
    wheels: Wheels
    twins: dict[str, Twin] = field(default_factory=dict)

    @property
    def client(self) -> TwinEngine:
        """The docker-py client below Testcontainers' own: Testcontainers only closes it."""
        return self

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def create(
        self,
        image: str,
        command: str | Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
        ports: Mapping[str, int | None] | None = None,
        labels: Mapping[str, str] | None = None,
        name: str | None = None,
        volumes: Mapping[str, Mapping[str, str]] | None = None,
        **_: object,
    ) -> Twin:
        """Plan a twin; the options that only mean something to containers are left out.

        Raises:
            LabError: The image has no twin, or the container needs files put into it.
        """
        if image_kind(image) not in TWIN_PORTS:
            raise LabError(
                f"There is no embedded twin of the image `{image}`.",
                evidence=f"the EMBEDDED tier has twins of: {', '.join(TWIN_PORTS)}",
                fix="Play this step with a Docker engine: `opchaos doctor` says how to get one.",
            )
        for mount in (volumes or {}).values():
            if mount.get("bind", "").startswith(_INIT_SCRIPTS):
                raise LabError(
                    "An embedded Postgres does not run start-up scripts.",
                    evidence=f"a volume is mounted at {mount['bind']}",
                    fix="Run the SQL through a connection in the fixture: that works in every tier.",
                )
        plan = TwinPlan(
            image=image,
            environment=dict(environment or {}),
            command=shlex.split(command) if isinstance(command, str) else list(command or ()),
            ports={int(str(port).split("/")[0]): host for port, host in (ports or {}).items()},
            name=name or f"twin-{len(self.twins) + 1}",
            labels=dict(labels or {}),
        )
        number = f"{plan.kind}-{os.getpid()}-{len(self.twins) + 1}"
        twin = Twin(plan, self.wheels, self.session / number, self.cache)
        self.twins[twin.id] = twin
        return twin

    def start(self, twin: Twin) -> None:
        """Start a planned twin."""
        twin.start()

    def port(self, container_id: str, port: int) -> str:
        """Return the port on this machine behind a container's port.

        Raises:
            ConnectionError: It has none, as Testcontainers expects it.
        """
        twin = self.twins[container_id]
        if twin.server is None or int(port) != twin.plan.container_port:
            raise ConnectionError(
                f"Port mapping for container {container_id} and port {port} is not available"
            )
        return str(twin.server.port)

    def host(self) -> str:
        """Return where the twins listen."""
        return HOST

    def get_connection_mode(self) -> Any:
        """Return the mode in which a published port on the host is used."""
        from testcontainers.core.config import ConnectionMode

        return ConnectionMode.docker_host

    def client_networks_create(self, name: str, _: Mapping[str, object]) -> TwinNetwork:
        """Return a network in name only."""
        return TwinNetwork(name)

    def get_container_inspect_info(self, container_id: str) -> None:  # noqa: ARG002
        """Return nothing: there is no container to inspect."""
        return

    def left_running(self) -> list[Twin]:
        """Return the twins that were started and not removed."""
        return [twin for twin in self.twins.values() if twin.folder.exists()]

    def remove_all(self) -> None:
        """Remove every twin."""
        for twin in self.left_running():
            with contextlib.suppress(FileNotFoundError):
                twin.remove()
