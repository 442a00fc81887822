"""A container from an image: publish its port, ask it, read its log, stop it with a watch in the hand."""

from __future__ import annotations

import contextlib
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from chaos_lib import labels
from chaos_lib.errors import ContainerEnded, LabError
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.engine_errors import translated
from chaos_lib.lab.services.containers import engine_host
from chaos_lib.service import Answer
from chaos_lib.settings import Settings
from chaos_lib.wait import Reading, wait_until

DEFAULT_PORT = 8000
STOP_GRACE_S = 10
_LOG_LINES = 15


@dataclass(frozen=True)
class Restrictions:
    """What a careful platform takes away from a container; the defaults take nothing.

    Attributes:
        is_read_only: Whether its file system cannot be written, except /tmp.
        is_unprivileged: Whether it has no capabilities and cannot get any.
        memory_bytes: Its memory; unlimited when None.
    """

    is_read_only: bool = False
    is_unprivileged: bool = False
    memory_bytes: int | None = None


@dataclass(frozen=True)
class Stopped:
    """How a container stopped.

    Attributes:
        elapsed_s: Seconds from SIGTERM to its end.
        exit_code: 137 when it had to be killed.
    """

    elapsed_s: float
    exit_code: int

    @property
    def was_killed(self) -> bool:
        """Whether SIGTERM did not end it in time."""
        return self.exit_code == 137


@dataclass
class RunningImage:
    """A container of the service; usable as a context manager, which removes it.

    Attributes:
        engine: Where it runs.
        settings: Whose mission: its run id is on the container.
        image: Name or id.
        network: Name of the network it joins; the engine's own when empty.
        environment: Its variables.
        restrictions: What it may not do.
        entrypoint: Another program than the image's own, with its arguments.
        health_interval_s: Seconds between two runs of the image's own health check; the image decides when None.
        is_strict: Whether the first red health check counts; else those of the first thirty seconds do not.
    """

    engine: Engine
    settings: Settings
    image: str
    network: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    restrictions: Restrictions = field(default_factory=Restrictions)
    entrypoint: Sequence[str] = ()
    health_interval_s: float | None = None
    is_strict: bool = False

    def __post_init__(self) -> None:
        self._client = self.engine.connect()
        self.name = f"opchaos-{self.settings.run_id()}-app-{uuid.uuid4().hex[:8]}"
        try:
            with translated("starting a container", self.engine):
                self._start()
        except BaseException:
            self.remove()
            raise

    @property
    def port(self) -> int:
        """The port inside the container: the image's EXPOSE, else MISSION_PORT, else 8000."""
        return self._port

    @property
    def url(self) -> str:
        """Where the container's port is published on this machine."""
        published = self._inspect()["NetworkSettings"]["Ports"].get(f"{self._port}/tcp") or []
        if not published:
            raise self._ended()
        return f"http://{engine_host(self.engine)}:{published[0]['HostPort']}"

    def get(self, path: str, *, timeout_s: float = 5.0) -> Answer:
        """Ask the service through the published port; an error status is an answer, not an exception."""
        return _ask(urllib.request.Request(self.url + path), timeout_s)  # noqa: S310 - our own URL

    def post(self, path: str, json_text: str, *, timeout_s: float = 5.0) -> Answer:
        """Send JSON to the service."""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json_text.encode(), headers)  # noqa: S310
        return _ask(request, timeout_s)

    def log(self, lines: int = _LOG_LINES) -> str:
        """Return the last lines that the container wrote."""
        with translated("reading a container's log", self.engine):
            return str(self._client.api.logs(self.name, tail=lines).decode(errors="replace")).strip()

    def execute(self, argv: Sequence[str]) -> str:
        """Run a program inside the container and return what it wrote; the engine's refusal when it cannot."""
        api = self._client.api
        with translated("running a program in a container", self.engine):
            started = api.exec_create(self.name, list(argv))
            return str(api.exec_start(started["Id"]).decode(errors="replace"))

    @property
    def is_running(self) -> bool:
        """Whether it runs now."""
        return bool(self._inspect()["State"]["Running"])

    @property
    def exit_code(self) -> int:
        """Its exit code; 0 while it runs."""
        return int(self._inspect()["State"]["ExitCode"])

    @property
    def health(self) -> str:
        """What its own health check says: `starting`, `healthy`, `unhealthy`; empty when the image has none."""
        return str((self._inspect()["State"].get("Health") or {}).get("Status", ""))

    @property
    def user_id(self) -> int:
        """The number of the user that its first process runs as, as the engine's machine sees it."""
        with translated("looking at a container's processes", self.engine):
            found = self._client.api.top(self.name, ps_args="-o pid,uid")
        return int(found["Processes"][0][1])

    def wait_until_answering(self, path: str = "/healthz", *, timeout_s: float = 30.0) -> Answer:
        """Wait until the service answers with 200 through the published port.

        Raises:
            ContainerEnded: It ended instead; carries its last lines.
            WaitTimeout: It runs and does not answer.
        """
        answers: list[Answer] = []

        def probe() -> Reading:
            if not self.is_running:
                raise self._ended()
            answers.append(self.get(path, timeout_s=2.0))
            return Reading(
                answers[-1].status == 200, f"{path}: {answers[-1].status} {answers[-1].body}\n{self.log()}"
            )

        wait_until("the container answers", probe, timeout_s=timeout_s, fix="Read its last lines.")
        return answers[-1]

    def wait_until_healthy(self, *, timeout_s: float = 60.0) -> None:
        """Wait until its own health check says `healthy`.

        Raises:
            ContainerEnded: It ended instead.
            WaitTimeout: It never became healthy; carries what the check printed.
        """

        def probe() -> Reading:
            state = self._inspect()["State"]
            if not state["Running"]:
                raise self._ended()
            health = state.get("Health") or {}
            said = "\n".join(str(item.get("Output", "")).strip() for item in (health.get("Log") or [])[-2:])
            return Reading(health.get("Status") == "healthy", f"{health.get('Status', 'no check')}\n{said}")

        wait_until("the container is healthy", probe, timeout_s=timeout_s, fix="Run the check by hand.")

    def wait_until_ended(self, *, timeout_s: float) -> int:
        """Wait until it ends by itself; returns the exit code.

        Raises:
            WaitTimeout: It still runs.
        """
        wait_until("the container ended", lambda: Reading(not self.is_running), timeout_s=timeout_s)
        return self.exit_code

    def stop(self, *, grace_s: int = STOP_GRACE_S) -> Stopped:
        """Send SIGTERM, and SIGKILL to one that is still there after the grace; may be called again.

        Args:
            grace_s: Seconds; 10 is Docker's own default.
        """
        start = time.monotonic()
        with translated("stopping a container", self.engine):
            self._client.api.stop(self.name, timeout=grace_s)
        return Stopped(time.monotonic() - start, self.exit_code)

    def remove(self) -> None:
        """Remove the container, running or not; may be called again."""
        from docker.errors import APIError

        with contextlib.suppress(APIError):
            self._client.api.remove_container(self.name, force=True, v=True)
        self._client.close()

    def __enter__(self) -> RunningImage:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.remove()

    def _start(self) -> None:
        api = self._client.api
        config = api.inspect_image(self.image)["Config"]  # type: ignore[no-untyped-call]
        self._port = _port_of(config)
        limits: dict[str, Any] = {}
        if self.restrictions.is_read_only:
            limits |= {"read_only": True, "tmpfs": {"/tmp": "mode=1777"}}  # noqa: S108 - inside the container
        if self.restrictions.is_unprivileged:
            limits |= {"cap_drop": ["ALL"], "security_opt": ["no-new-privileges"]}
        if self.restrictions.memory_bytes is not None:
            limits["mem_limit"] = self.restrictions.memory_bytes
        if self.network:
            limits["network_mode"] = self.network
        api.create_container(
            self.image,
            name=self.name,
            entrypoint=list(self.entrypoint[:1]) or None,
            command=list(self.entrypoint[1:]) or None,
            environment=dict(self.environment),
            labels=labels.labels(self.settings.run_id(), owner=labels.process_owner()),
            ports=[self._port],
            healthcheck=self._health_check(config.get("Healthcheck")),
            host_config=api.create_host_config(port_bindings={self._port: ("127.0.0.1",)}, **limits),
        )
        api.start(self.name)

    def _health_check(self, own: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Return the image's check with our interval; None leaves it as it is."""
        if not own or self.health_interval_s is None:
            return None
        # In nanoseconds; 0 would mean the image's own value.
        timing = {"Interval": int(self.health_interval_s * 1e9), "StartPeriod": int(30e9)}
        if self.is_strict:
            timing |= {"StartPeriod": int(1e6), "Retries": 1}
        return {**own, **timing}

    def _inspect(self) -> dict[str, Any]:
        from docker.errors import NotFound

        with translated("looking at a container", self.engine):
            try:
                found: dict[str, Any] = self._client.api.inspect_container(self.name)
            except NotFound as exc:
                raise LabError(
                    "The container is gone.", evidence=self.name, fix="Run the image again."
                ) from exc
        return found

    def _ended(self) -> ContainerEnded:
        code, log = self.exit_code, self.log()
        return ContainerEnded(
            f"The container ended with exit code {code}.",
            evidence=log or "it wrote nothing",
            fix="Its last lines name the cause.",
            exit_code=code,
            log=log,
        )


def _port_of(config: Mapping[str, Any]) -> int:
    variables = dict(item.partition("=")[::2] for item in config.get("Env") or ())
    if str(variables.get("MISSION_PORT", "")).isdecimal():
        return int(variables["MISSION_PORT"])
    exposed = [port for port in config.get("ExposedPorts") or {} if port.endswith("/tcp")]
    return int(exposed[0].partition("/")[0]) if exposed else DEFAULT_PORT


def _ask(request: urllib.request.Request, timeout_s: float) -> Answer:
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310 - our own URL
            return Answer(response.status, response.read().decode())
    except urllib.error.HTTPError as exc:
        with exc:
            return Answer(exc.code, exc.read().decode())
    except (OSError, ValueError) as exc:
        return Answer(0, str(exc))
