"""Operations on the mission's containers: stop, kill, pause, remove, disconnect, and taking a port.

A container's state is None when there is none of that name, else `{"status": "running" | "paused" | "exited",
"networks": {name: [aliases]}, "create": {what the engine needs to make it again}}`. Published ports stand in `create`
with their numbers, so that a container that was removed comes back at the same address.

A container whose ports the engine chose gets others each time it is started: give what is to be stopped explicit
ports, as the lab does with its services.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from chaos_lib import faultpoints, labels
from chaos_lib.errors import InvalidInput, LabError
from chaos_lib.guard import Guard
from chaos_lib.lab.image_catalogue import REDIS
from chaos_lib.lab.services.containers import SERVICE, image_prefix
from chaos_lib.operations.base import Operator

if TYPE_CHECKING:
    import docker

KIND = "docker.container"
# What a container was made from, word for word: the engine adds defaults, and a state must be known again.
MADE_FROM = "io.opchaos.made-from"
_STOP_S = 10
_REDIS_PORT = "6379/tcp"
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
        self._stops_gently = True

    def capture(self, target: str) -> dict[str, Any] | None:
        """Return the container's state; None when there is none of that name."""
        with self._client() as client:
            found = self._inspect(client, target)
            return None if found is None else _state_of(found)

    def put(self, target: str, state: dict[str, Any] | None) -> None:
        """Bring the container to a state: made, connected and running as it says, or gone.

        A container that is removed takes its unnamed volumes along; volumes with a name stay.
        """
        with self._client() as client:
            found = self._inspect(client, target)
            if state is None:
                if found is not None:
                    client.api.remove_container(target, force=True, v=True)
                return
            if found is None:
                self._create(client, target, state)
            faultpoints.reach("docker.container.created")
            self._connect_networks(client, target, state["networks"])
            self._bring_to(client, target, state["status"])

    @contextlib.contextmanager
    def without_warning(self) -> Iterator[None]:
        """In the block containers are killed instead of stopped."""
        self._stops_gently = False
        try:
            yield
        finally:
            self._stops_gently = True

    def _create(self, client: docker.DockerClient, name: str, state: dict[str, Any]) -> None:
        body = state["create"]
        self._guard.docker_object(name, body["Labels"])
        mode = body.get("HostConfig", {}).get("NetworkMode", "")
        aliases = state["networks"].get(mode)
        marked = {**body, "Labels": {**body["Labels"], MADE_FROM: json.dumps(body, sort_keys=True)}}
        if aliases:
            marked["NetworkingConfig"] = {"EndpointsConfig": {mode: {"Aliases": aliases}}}
        api: Any = client.api  # the typed call takes a part of what an inverse needs
        response = api._post_json(api._url("/containers/create"), data=marked, params={"name": name})
        api._raise_for_status(response)

    def _connect_networks(self, client: docker.DockerClient, name: str, wanted: dict[str, list[str]]) -> None:
        found = self._inspect(client, name)
        assert found is not None
        now = set(found["NetworkSettings"]["Networks"])
        for network in sorted(now - set(wanted)):
            client.api.disconnect_container_from_network(name, network, force=True)
        for network in sorted(set(wanted) - now):
            client.api.connect_container_to_network(name, network, aliases=wanted[network] or None)

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
            if self._stops_gently:
                client.api.stop(name, timeout=_STOP_S)
            else:
                client.api.kill(name)
                client.api.wait(name, timeout=_STOP_S)
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
        from requests.exceptions import RequestException

        with contextlib.closing(self._connect()) as client:
            try:
                yield client
            except (DockerException, RequestException) as exc:
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
        """Stop a running container; it gets ten seconds to finish."""
        self._change(name, status="exited")

    def kill(self, name: str) -> None:
        """End a running container without a warning, as a crash would."""
        with self._kind.without_warning():
            self._change(name, status="exited")

    def pause(self, name: str) -> None:
        """Freeze a running container: its ports stay open, and nobody answers."""
        self._change(name, status="paused")

    def remove(self, name: str) -> None:
        """Remove a container; the undo makes it again, at the same ports and with its named volumes."""
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
        networks = {other: aliases for other, aliases in state["networks"].items() if other != network}
        self._operator.perform(self._run, KIND, name, {**state, "networks": networks})

    def take_port(self, port: int) -> None:
        """Occupy a port of this machine with another Redis.

        Args:
            port: On every address of the machine.

        Raises:
            LabError: The engine has no image of Redis, or the port is in use already.
        """
        with contextlib.closing(self._connect()) as client:
            image = image_prefix(client) + REDIS.name
        create = {
            "Image": image,
            "Labels": labels.labels(self._run_id, owner=labels.LAB_OWNER),
            "ExposedPorts": {_REDIS_PORT: {}},
            "HostConfig": {"PortBindings": {_REDIS_PORT: [{"HostIp": "", "HostPort": str(port)}]}},
        }
        state = {"status": "running", "networks": {"bridge": []}, "create": create}
        self._operator.perform(self._run, KIND, f"opchaos-{self._run_id}-port-{port}", state)

    def _change(self, name: str, *, status: str) -> None:
        self._operator.perform(self._run, KIND, name, {**self._require(name), "status": status})

    def _require(self, name: str) -> dict[str, Any]:
        state = self._kind.capture(name)
        if state is None:
            raise InvalidInput(
                f"There is no container `{name}`.",
                evidence="the engine knows none of that name",
                fix="`docker ps` lists them; name one of the mission's own.",
            )
        return state


def _state_of(found: dict[str, Any]) -> dict[str, Any]:
    networks = found["NetworkSettings"]["Networks"]
    return {
        "status": _status_of(found),
        "networks": {name: _aliases(networks[name], found["Id"]) for name in sorted(networks)},
        "create": _create_of(found),
    }


def _create_of(found: dict[str, Any]) -> dict[str, Any]:
    config = found["Config"]
    own = dict(config["Labels"])
    made_from = own.pop(MADE_FROM, None)
    if made_from is not None:
        made: dict[str, Any] = json.loads(made_from)
        return made
    host = {key: value for key, value in found["HostConfig"].items() if value not in (None, [], {})}
    published = found["NetworkSettings"].get("Ports") or {}
    for port, places in (host.get("PortBindings") or {}).items():
        # Where the engine chose, its choice is written down; what was asked for stays as it was asked for.
        if published.get(port) and any(place.get("HostPort") in (None, "", "0") for place in places or [{}]):
            host["PortBindings"] = {**host["PortBindings"], port: published[port]}
    create = {key: config.get(key) for key in _CONFIG_KEYS if config.get(key) is not None}
    return {**create, "Labels": own, "HostConfig": host}


def _aliases(endpoint: dict[str, Any], container_id: str) -> list[str]:
    """Return a container's further names in a network, without the id that the engine adds."""
    return sorted(alias for alias in endpoint.get("Aliases") or () if not container_id.startswith(alias))


_CONFIG_KEYS = (
    "Image", "Cmd", "Entrypoint", "Env", "ExposedPorts", "Labels", "User", "WorkingDir", "StopSignal", "Healthcheck"
)  # fmt: skip


def _status_of(found: dict[str, Any]) -> str:
    if found["State"]["Paused"]:
        return "paused"
    return "running" if found["State"]["Running"] else "exited"
