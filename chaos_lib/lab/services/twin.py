"""One embedded server in the place of one container."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

from chaos_lib.errors import LabError
from chaos_lib.lab.services.base import Credentials
from chaos_lib.lab.services.postgres_server import boot_postgres
from chaos_lib.lab.services.redis_server import boot_redis
from chaos_lib.lab.services.report import image_kind
from chaos_lib.lab.services.server import Server, read_log, remove_server_folder
from chaos_lib.lab.services.twin_exec import run_client
from chaos_lib.lab.services.wheels import Wheels

TWIN_PORTS = {"postgres": 5432, "redis": 6379}
_PROGRAMS = {"postgres": "postgres", "redis": "redis-server"}


@dataclass(frozen=True)
class TwinPlan:
    """What a container was asked to be.

    Attributes:
        image: As it was given; decides between Postgres and Redis.
        environment: Its variables; those of the official Postgres image are honoured.
        command: Its command line; options after the server's name are honoured, anything else is not run.
        ports: Container port to the host port asked for, or None for any.
        name: The container's name.
        labels: Its labels.
    """

    image: str
    environment: Mapping[str, str]
    command: Sequence[str]
    ports: Mapping[int, int | None]
    name: str
    labels: Mapping[str, str]

    @property
    def kind(self) -> str:
        """`postgres` or `redis`."""
        return image_kind(self.image)

    @property
    def container_port(self) -> int:
        """The port that the server listens on, as seen from inside a container."""
        asked = next(iter(self.ports), TWIN_PORTS[self.kind])
        return TWIN_PORTS[self.kind] if TWIN_PORTS[self.kind] in self.ports else asked

    @property
    def options(self) -> tuple[str, ...]:
        """The server options in the command."""
        # As the official images do: a command that starts with an option is one for the server.
        if self.command and self.command[0].startswith("-"):
            return tuple(self.command)
        return tuple(self.command[1:]) if self.command[:1] == [_PROGRAMS[self.kind]] else ()

    @property
    def credentials(self) -> Credentials:
        """User, password and database as the official Postgres image reads them."""
        user = self.environment.get("POSTGRES_USER") or "postgres"
        return Credentials(
            user, self.environment.get("POSTGRES_PASSWORD", ""), self.environment.get("POSTGRES_DB") or user
        )


@dataclass
class Twin:
    """One server in the place of one container, with the part of docker-py's `Container` that makes sense.

    Attributes:
        plan: What was asked for.
        wheels: Where the programs are.
        folder: The server's folder; made at start.
        cache: Where prepared data is kept.
        id: Sixty-four hexadecimal characters, as a container's.
        server: The server once started.
    """

    plan: TwinPlan
    wheels: Wheels
    folder: Path
    cache: Path
    id: str = field(default_factory=lambda: uuid4().hex * 2)
    server: Server | None = None
    _is_paused: bool = False

    @property
    def short_id(self) -> str:
        """The first twelve characters of the id."""
        return self.id[:12]

    @property
    def name(self) -> str:
        """The container's name."""
        return self.plan.name

    @property
    def labels(self) -> Mapping[str, str]:
        """The container's labels."""
        return self.plan.labels

    @property
    def status(self) -> str:
        """Docker's word for the state: `created`, `running`, `paused` or `exited`."""
        if self.server is None:
            return "created"
        if not self.server.is_running():
            return "exited"
        return "paused" if self._is_paused else "running"

    @property
    def attrs(self) -> dict[str, dict[str, object]]:
        """The few fields of `docker inspect` that wait strategies read."""
        return {
            "State": {"Status": self.status, "ExitCode": 0 if self.status == "running" else 1, "Error": ""}
        }

    def start(self) -> None:
        """Start the server and return at once: it is not ready yet, as a container is not."""
        remove_server_folder(self.folder)
        port = self.plan.ports.get(self.plan.container_port)
        if self.plan.kind == "postgres":
            self.server = boot_postgres(
                self.folder,
                self.plan.credentials,
                wheels=self.wheels,
                cache=self.cache,
                port=port,
                options=self.plan.options,
            )
        else:
            self.server = boot_redis(self.folder, wheels=self.wheels, port=port, options=self.plan.options)

    def reload(self) -> None:
        """Do nothing: the status is always read fresh."""

    def stop(self, **_: object) -> None:
        """End the server; its log stays."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM if self.plan.kind == "redis" else signal.SIGQUIT)

    def kill(self, signal: int | str | None = None) -> None:  # noqa: ARG002 - docker-py's signature
        """Kill the server the hard way."""
        self._signal(9)

    def pause(self) -> None:
        """Freeze the server: it stays there but does not answer. Postgres' open sessions go on."""
        self._signal(signal.SIGSTOP)
        self._is_paused = True

    def unpause(self) -> None:
        """Let a frozen server go on."""
        self._signal(signal.SIGCONT)
        self._is_paused = False

    def remove(self, **_: object) -> None:
        """End the server and remove everything it left; may be called again."""
        if self.server is not None:
            self.server.stop()
        remove_server_folder(self.folder)

    def logs(self, *, stdout: bool = True, stderr: bool = True, **_: object) -> bytes:
        """Return the server's log; like their images, Postgres writes to stderr and Redis to stdout."""
        wanted = stderr if self.plan.kind == "postgres" else stdout
        return read_log(self.folder).encode() if wanted else b""

    def exec_run(self, cmd: str | Sequence[str], **_: object) -> Any:
        """Run a Postgres or Redis client against the server, as `docker exec` would.

        Raises:
            LabError: It is another program: the twin has no file system of its own to run it in.
        """
        from docker.models.containers import ExecResult

        if self.status != "running" or self.server is None:
            raise LabError(
                f"The embedded {self.plan.kind} does not run, so nothing can be run in it.",
                evidence=f"status: {self.status}",
                fix="Start it first.",
            )
        credentials = self.plan.credentials if self.plan.kind == "postgres" else None
        result = run_client(cmd, port=self.server.port, credentials=credentials, wheels=self.wheels)
        return ExecResult(result.exit_code, result.output.encode())

    def __getattr__(self, name: str) -> NoReturn:
        """Say plainly what a twin cannot do."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise LabError(
            f"`{name}` is not possible here: the services run on the EMBEDDED tier, without containers.",
            evidence=f"{self.plan.image} is a real server from a wheel, not a Docker container",
            fix="Use the connection (URL, host and port), or play this step with a Docker engine (`opchaos doctor`).",
        )

    def _signal(self, number: int) -> None:
        if self.server is not None:
            self.server.send(number)
