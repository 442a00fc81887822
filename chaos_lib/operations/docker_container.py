"""Operations on the mission's containers: stop, kill, pause, remove, disconnect, and taking a port.

A container's state is None when there is none of that name, else
`{"status": "running" | "paused" | "exited", "networks": [names], "create": {what the engine needs to make it again}}`.
Published ports stand in `create` with their numbers, so that a container that was removed comes back at the same address.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from chaos_lib import faultpoints, labels
from chaos_lib.errors import InvalidInput, LabError
from chaos_lib.guard import Guard
from chaos_lib.operations.base import Operator

if TYPE_CHECKING:
    import docker

KIND = "docker.container"
SERVICE = "io.opchaos.service"
_STOP_S = 10
Connect = Callable[[], "docker.DockerClient"]


class ContainerKind:
    """Knows the state of a container and how to bring it back.

    Args:
        guard: Asked before every look and every change.
        connect: Opens a client of the lab's engine; closed after each use.
    """

    kind = KIND

    def __init__(self, guard: Guard, connect: Connect) -> None:
        self._guard = guard
        self._connect = connect

    def capture(self, target: str) -> dict[str, Any] | None:
        """Return the container's state; None when there is none of that name."""
        with self._client() as client:
            found = self._inspect(client, target)
            return None if found is None else _state_of(found)

    def put(self, target: str, state: dict[str, Any] | None) -> None:
        """Bring the container to a state: made, connected and running as it says, or gone."""
        with self._client() as client:
            found = self._inspect(client, target)
            if state is None:
                if found is not None:
                    client.api.remove_container(target, force=True)
                return
            if found is None:
                self._create(client, target, state)
            faultpoints.reach("docker.container.created")
            self._connect_networks(client, target, state["networks"])
            self._bring_to(client, target, state["status"])

    def _create(self, client: docker.DockerClient, name: str, state: dict[str, Any]) -> None:
        body = state["create"]
        self._guard.docker_object(name, body["Labels"])
        api: Any = client.api  # the typed call takes a part of what an inverse needs
        response = api._post_json(api._url("/containers/create"), data=body, params={"name": name})
        api._raise_for_status(response)

    def _connect_networks(self, client: docker.DockerClient, name: str, wanted: list[str]) -> None:
        found = self._inspect(client, name)
        assert found is not None
        now = set(found["NetworkSettings"]["Networks"])
        for network in sorted(now - set(wanted)):
            client.api.disconnect_container_from_network(name, network, force=True)
        for network in sorted(set(wanted) - now):
            client.api.connect_container_to_network(name, network)

    def _bring_to(self, client: docker.DockerClient, name: str, status: str) -> None:
        found = self._inspect(client, name)
        assert found is not None
        now = _status_of(found)
        if now == status:
            return
        if now == "paused":
            client.api.unpause(name)
            now = "running"
        if status == "exited":
            client.api.stop(name, timeout=_STOP_S)
            return
        if now == "exited":
            client.api.start(name)
        if status == "paused":
            client.api.pause(name)

    def _inspect(self, client: docker.DockerClient, name: str) -> dict[str, Any] | None:
        from docker.errors import NotFound

        try:
            found: dict[str, Any] = client.api.inspect_container(name)
        except NotFound:
            return None
        self._guard.docker_object(name, found["Config"]["Labels"])
        return found

    @contextlib.contextmanager
    def _client(self) -> Iterator[docker.DockerClient]:
        from docker.errors import DockerException

        with contextlib.closing(self._connect()) as client:
            try:
                yield client
            except DockerException as exc:
                raise LabError(
                    "The Docker engine refused what the attack, or its undo, asked for.",
                    evidence=str(exc),
                    fix="Run `opchaos status`; when the lab is up again, `opchaos heal --all`.",
                ) from exc


class Containers:
    """What an attack may do to the mission's containers: every call is journaled and undoes itself.

    Args:
        operator: Performs.
        kind: Tells a container's state.
        connect: Opens a client of the lab's engine.
        run: The attack run.
        run_id: The mission's run id.
    """

    def __init__(
        self, operator: Operator, kind: ContainerKind, connect: Connect, run: str, run_id: str
    ) -> None:
        self._operator = operator
        self._kind = kind
        self._connect = connect
        self._run = run
        self._run_id = run_id

    def named(self, service: str) -> str:
        """Return the name of the lab's container of a service, such as `postgres`.

        Raises:
            InvalidInput: The lab runs none.
        """
        wanted = {"label": [f"{labels.RUN}={self._run_id}", f"{SERVICE}={service}"]}
        with contextlib.closing(self._connect()) as client:
            found = client.api.containers(all=True, filters=wanted)
        if not found:
            raise InvalidInput(
                f"The lab runs no container of `{service}`.",
                evidence=f"no container with the label {SERVICE}={service} of this mission",
                fix="Run `opchaos up`; attacks on containers need the LIVE tier.",
            )
        return str(found[0]["Names"][0]).lstrip("/")

    def stop(self, name: str) -> None:
        """Stop a running container."""
        self._change(name, status="exited")

    def kill(self, name: str) -> None:
        """Stop a running container; for the one that is undone, the same as `stop`."""
        self._change(name, status="exited")

    def pause(self, name: str) -> None:
        """Freeze a running container: its ports stay open, and nobody answers."""
        self._change(name, status="paused")

    def remove(self, name: str) -> None:
        """Remove a container; its volumes stay."""
        self._require(name)
        self._operator.perform(self._run, KIND, name, None)

    def disconnect(self, name: str, network: str) -> None:
        """Take a container out of a network."""
        state = self._require(name)
        if network not in state["networks"]:
            raise InvalidInput(
                f"`{name}` is not in the network `{network}`.",
                evidence=f"it is in {', '.join(state['networks']) or 'none'}",
                fix="Name a network that it is in.",
            )
        networks = [other for other in state["networks"] if other != network]
        self._operator.perform(self._run, KIND, name, {**state, "networks": networks})

    def take_port(self, port: int, *, image: str) -> None:
        """Occupy a port of this machine with a container of the given image.

        Args:
            port: On 127.0.0.1.
            image: A local image; it runs its own command.
        """
        name = f"opchaos-{self._run_id}-port-{port}"
        create = {
            "Image": image,
            "Labels": labels.labels(self._run_id, owner=labels.LAB_OWNER),
            "ExposedPorts": {"6379/tcp": {}},
            "HostConfig": {"PortBindings": {"6379/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]}},
        }
        state = {"status": "running", "networks": ["bridge"], "create": create}
        self._operator.perform(self._run, KIND, name, state)

    def _change(self, name: str, *, status: str) -> None:
        self._operator.perform(self._run, KIND, name, {**self._require(name), "status": status})

    def _require(self, name: str) -> dict[str, Any]:
        state = self._kind.capture(name)
        if state is None:
            raise InvalidInput(
                f"There is no container `{name}`.",
                fix="`docker ps` lists them; name one of the mission's own.",
            )
        return state


def _state_of(found: dict[str, Any]) -> dict[str, Any]:
    host = dict(found["HostConfig"])
    published = found["NetworkSettings"].get("Ports") or {}
    bindings = {port: places for port, places in published.items() if places}
    if bindings:
        host["PortBindings"] = bindings
    # Anonymous volumes have no name in HostConfig: without this a container that is made again gets empty ones.
    named = [
        f"{m['Name']}:{m['Destination']}" for m in found.get("Mounts") or () if m.get("Type") == "volume"
    ]
    host["Binds"] = sorted({*(host.get("Binds") or ()), *named}) or None
    config = found["Config"]
    create = {key: config.get(key) for key in _CONFIG_KEYS if config.get(key) is not None}
    networks = sorted(found["NetworkSettings"]["Networks"])
    return {
        "status": _status_of(found),
        "networks": networks,
        "create": {
            **create,
            "HostConfig": {key: value for key, value in host.items() if value not in (None, [], {})},
        },
    }


_CONFIG_KEYS = (
    "Image", "Cmd", "Entrypoint", "Env", "ExposedPorts", "Labels", "User", "WorkingDir", "StopSignal", "Healthcheck"
)  # fmt: skip


def _status_of(found: dict[str, Any]) -> str:
    if found["State"]["Paused"]:
        return "paused"
    return "running" if found["State"]["Running"] else "exited"
