"""The LIVE provider: Postgres and Redis as containers, through Testcontainers."""

from __future__ import annotations

import contextlib
import importlib.util
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaos_lib.errors import (
    EngineUnavailable,
    LabError,
    PermissionRefused,
    PortTaken,
    ServiceDied,
    ToolMissing,
)
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.engine_errors import translated
from chaos_lib.lab.engine_ping import ask_version
from chaos_lib.lab.facility import Progress, ProgressSink, Usability
from chaos_lib.lab.image_catalogue import LOCAL_PREFIX, POSTGRES, REDIS
from chaos_lib.lab.lock import exclusive
from chaos_lib.lab.services.base import SHARED_CREDENTIALS, Services
from chaos_lib.lab.services.probes import answers_ping, answers_sql
from chaos_lib.labels import LAB_OWNER, OWNER, RUN, labels
from chaos_lib.settings import Settings, Tier
from chaos_lib.wait import wait_until

if TYPE_CHECKING:
    import docker
    from docker.models.containers import Container

SERVICE = "io.opchaos.service"
_IMAGES = {"postgres": POSTGRES.name, "redis": REDIS.name}
_PORTS = {"postgres": 5432, "redis": 6379}
_LOCK_TIMEOUT_S = 120.0
_PING_TIMEOUT_S = 2.0
_READY_TIMEOUT_S = 60.0
_PORT_TRIES = 5
_INSTALL = "Install the lab's packages into this environment: `pip install 'operation-chaos[lab]'`."


@dataclass(frozen=True)
class ContainerServices:
    """Postgres and Redis in containers of the engine.

    Attributes:
        settings: Whose mission: its run id is on the containers.
        engine: The engine that answers, or None.
    """

    settings: Settings
    engine: Engine | None

    name = "testcontainers"
    tier = Tier.LIVE

    def usability(self) -> Usability:
        """Say whether there is an engine, and Testcontainers to use it."""
        if self.engine is None:
            return Usability(
                False, "No Docker engine answers.", "Run `opchaos doctor`: it says how to get one."
            )
        for module in ("testcontainers", "docker", "psycopg", "redis"):
            if importlib.util.find_spec(module) is None:
                return Usability(False, f"The package `{module}` is not installed.", _INSTALL)
        return Usability(True, f"Containers on the Docker engine at {self.engine.url}.", "")

    def start(self, progress: ProgressSink) -> Services:
        """Start both containers, or find them running; they outlive this process.

        Raises:
            EngineUnavailable: The engine is gone; PermissionRefused when it is there, but not for this user.
            LabError: The images are not on this machine, or the engine refused.
            ServiceDied: A server ended at start.
            ToolMissing: Testcontainers or a client is not installed.
        """
        with self._connected() as client, self._exclusive("starting the services", progress):
            running = self._attach(client)
            if running is not None:
                return running
            self._remove_all(client)
            prefix = image_prefix(client)
            try:
                progress(Progress("Starting Postgres", prefix + _IMAGES["postgres"], 0.0))
                self._run(client, "postgres", prefix)
                progress(Progress("Starting Redis", prefix + _IMAGES["redis"], 0.6))
                self._run(client, "redis", prefix)
                services = self._services(client)
                _wait_until_answering(services)
            except BaseException:
                self._remove_all(client)
                raise
            progress(Progress("Services are up", "two containers", 1.0))
            return services

    def stop(self) -> None:
        """Remove both containers; may be called again. With no engine there are none."""
        if self.engine is None:
            return
        with self._connected() as client, self._exclusive("stopping the services", lambda _: None):
            self._remove_all(client)

    def attach(self) -> Services | None:
        """Return the services of an earlier start, if both truly answer."""
        if self.engine is None:
            return None
        try:
            with self._connected() as client:
                return self._attach(client)
        except (EngineUnavailable, PermissionRefused, ToolMissing):
            return None

    def _attach(self, client: docker.DockerClient) -> Services | None:
        if {container.labels.get(SERVICE) for container in self._containers(client)} != set(_IMAGES):
            return None
        try:
            services = self._services(client)
        except ServiceDied:
            return None
        if answers_sql(services.postgres_url).is_ready and answers_ping(services.redis_url).is_ready:
            return services
        return None

    def _services(self, client: docker.DockerClient) -> Services:
        address = {name: self._address(client, name) for name in _IMAGES}
        redis_host, redis_port = address["redis"]
        return Services(
            postgres_url=SHARED_CREDENTIALS.url(*address["postgres"]),
            redis_url=f"redis://{redis_host}:{redis_port}/0",
            tier=Tier.LIVE,
            provider=self.name,
        )

    def _address(self, client: docker.DockerClient, name: str) -> tuple[str, int]:
        for container in self._containers(client):
            bindings = container.ports.get(f"{_PORTS[name]}/tcp")
            if container.labels.get(SERVICE) == name and container.status == "running" and bindings:
                return engine_host(self.engine), int(bindings[0]["HostPort"])
        raise ServiceDied(
            f"The container of {name} ended although it should run.",
            evidence="\n".join(self._last_words(client, name)),
            fix="The last lines of its log name the cause. Start it again with `opchaos up`.",
        )

    def _last_words(self, client: docker.DockerClient, name: str) -> list[str]:
        return [
            container.logs(tail=15).decode(errors="replace")
            for container in self._containers(client)
            if container.labels.get(SERVICE) == name
        ]

    def _run(self, client: docker.DockerClient, name: str, prefix: str) -> None:
        """Start one container at a port of our choice: it keeps its address when it is stopped and started again."""
        for tries_left in reversed(range(_PORT_TRIES)):
            try:
                self._run_at(_free_port(), name, prefix)
            except PortTaken:
                # Somebody was quicker, or the port is in use where the engine is: on another machine, perhaps.
                if not tries_left:
                    raise
                self._remove_all(client, only=name)
            else:
                return

    def _run_at(self, port: int, name: str, prefix: str) -> None:
        from testcontainers.community.postgres import PostgresContainer
        from testcontainers.community.redis import RedisContainer

        assert self.engine is not None
        marks = {**labels(self.settings.run_id(), owner=LAB_OWNER), SERVICE: name}
        client_options = {"environment": self.engine_environment()}
        with _testcontainers_config(prefix):
            if name == "postgres":
                container: Any = PostgresContainer(
                    _IMAGES[name],
                    username=SHARED_CREDENTIALS.username,
                    password=SHARED_CREDENTIALS.password,
                    dbname=SHARED_CREDENTIALS.database,
                    driver=None,
                    docker_client_kw=client_options,
                )
                container._connect = lambda: None  # both are awaited together, when both are on their way
            else:
                container = RedisContainer(_IMAGES[name], docker_client_kw=client_options)
                container.waiting_for(None)
            container.with_name(f"opchaos-{name}-{self.settings.run_id()}").with_kwargs(labels=marks)
            container.with_bind_ports(_PORTS[name], port)
            try:
                with translated(f"starting {name}", self.engine):
                    container.start()
            finally:
                container.get_docker_client().client.close()

    def engine_environment(self) -> dict[str, str]:
        """Return the variables that lead docker-py to the engine."""
        assert self.engine is not None
        found = {"DOCKER_HOST": self.engine.url}
        if self.engine.address.certificates is not None:
            found |= {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(self.engine.address.certificates)}
        return found

    def _containers(self, client: docker.DockerClient) -> list[Container]:
        marks = [f"{RUN}={self.settings.run_id()}", f"{OWNER}={LAB_OWNER}", SERVICE]
        found: list[Container] = client.containers.list(
            all=True, filters={"label": marks}, ignore_removed=True
        )
        return found

    def _remove_all(self, client: docker.DockerClient, *, only: str = "") -> None:
        import docker.errors

        for container in self._containers(client):
            if only and container.labels.get(SERVICE) != only:
                continue
            with contextlib.suppress(docker.errors.NotFound):
                container.remove(force=True, v=True)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[docker.DockerClient]:
        usability = self.usability()
        if not usability.is_usable:
            kind = EngineUnavailable if self.engine is None else ToolMissing
            raise kind(usability.reason, evidence=usability.reason, fix=usability.remedy)
        assert self.engine is not None
        # docker-py leaks a socket when nobody listens, and its words for it are long.
        ask_version(self.engine.address, timeout_s=_PING_TIMEOUT_S)
        client = self.engine.connect()
        try:
            with translated("working on the services", self.engine):
                yield client
        finally:
            client.close()

    def _exclusive(self, doing: str, progress: ProgressSink) -> contextlib.AbstractContextManager[None]:
        lock: Path = self.settings.state / "services" / "containers.lock"
        return exclusive(lock, doing, timeout_s=_LOCK_TIMEOUT_S, progress=progress)


def image_prefix(client: docker.DockerClient) -> str:
    """Return what to put before `postgres:15` and `redis:7`: nothing is pulled, so both must be there.

    Raises:
        LabError: Neither the upstream images nor the lab's own are present.
    """
    import docker.errors

    for prefix in ("", LOCAL_PREFIX):
        try:
            for image in _IMAGES.values():
                client.images.get(prefix + image)
        except docker.errors.ImageNotFound:
            continue
        return prefix
    raise LabError(
        "The images of Postgres and Redis are not on this machine.",
        evidence=f"neither {', '.join(_IMAGES.values())} nor the same names under {LOCAL_PREFIX}",
        fix="Run `opchaos up`: it builds them from Debian packages, or pulls them and says so.",
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("", 0))
        return int(free.getsockname()[1])


def engine_host(engine: Engine | None) -> str:
    """Return the host name under which the engine's published ports can be reached."""
    from urllib.parse import urlsplit

    url = urlsplit(engine.url if engine else "")
    return url.hostname or "127.0.0.1" if url.scheme in ("tcp", "http", "https", "ssh") else "127.0.0.1"


@contextlib.contextmanager
def _testcontainers_config(prefix: str) -> Iterator[None]:
    """Set Testcontainers' own settings for the block, and put them back.

    Its reaper is off: it would remove the containers when this process ends, and they shall stay.
    """
    from testcontainers.core.config import testcontainers_config as config

    before = (config.hub_image_name_prefix, config.ryuk_disabled)
    config.hub_image_name_prefix, config.ryuk_disabled = prefix, True
    try:
        yield
    finally:
        config.hub_image_name_prefix, config.ryuk_disabled = before


def _wait_until_answering(services: Services) -> None:
    fix = "The machine may be overloaded; `docker logs` of the container tells more."
    for what, probe in (
        ("Redis answers", lambda: answers_ping(services.redis_url)),
        ("Postgres answers", lambda: answers_sql(services.postgres_url)),
    ):
        wait_until(what, probe, timeout_s=_READY_TIMEOUT_S, fix=fix)
