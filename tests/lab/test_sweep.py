"""What is removed, and above all what is not, on the real engine."""

import contextlib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import docker
import pytest

from chaos_lib import labels
from chaos_lib.lab import Lab, sweep
from chaos_lib.lab.containers_facility import ContainersFacility
from chaos_lib.lab.engine import Engine
from chaos_lib.settings import Settings

from .tiny_image import tiny_image

pytestmark = pytest.mark.lab


@dataclass
class Trio:
    """A container, a network and a volume with the same labels and name."""

    client: docker.DockerClient
    name: str

    def remains(self) -> list[str]:
        """Say which of the three are still there."""
        api = self.client.api
        found = [("container", bool(api.containers(all=True, filters={"name": self.name})))]
        found.append(("network", bool(api.networks(names=[self.name]))))
        found.append(("volume", bool(api.volumes(filters={"name": self.name})["Volumes"])))
        return [kind for kind, is_there in found if is_there]


ALL = ["container", "network", "volume"]


class Playground:
    """Makes trios on the engine and takes them all away at the end."""

    def __init__(self, client: docker.DockerClient, image: str) -> None:
        self.client, self._image, self._made = client, image, list[Trio]()

    def trio(self, marks: dict[str, str]) -> Trio:
        name = f"sweep-test-{uuid.uuid4().hex[:8]}"
        trio = Trio(self.client, name)
        self._made.append(trio)
        self.client.volumes.create(name, labels=marks)
        self.client.networks.create(name, labels=marks)
        self.client.containers.run(
            self._image,
            ["/bin/sleep", "600"],
            name=name,
            labels=marks,
            network=name,
            volumes={name: {"bind": "/data", "mode": "rw"}},
            detach=True,
            stop_signal="SIGKILL",
        )
        return trio

    def clear(self) -> None:
        api = self.client.api
        for trio in self._made:
            for kind in trio.remains():
                if kind == "container":
                    api.remove_container(trio.name, force=True)
                elif kind == "network":
                    api.remove_network(trio.name)
                else:
                    api.remove_volume(trio.name)


@pytest.fixture
def engine(live_lab: Lab) -> Engine:
    found = ContainersFacility(live_lab.settings).engine()
    assert found is not None
    return found


@pytest.fixture
def playground(engine: Engine) -> Iterator[Playground]:
    with contextlib.closing(engine.connect()) as client, tiny_image(client) as image:
        ground = Playground(client, image)
        try:
            yield ground
        finally:
            ground.clear()


def _dead_owner() -> str:
    code = "from chaos_lib.labels import process_owner; print(process_owner())"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return output.stdout.strip()


def test_a_run_is_removed_and_every_decoy_survives(engine: Engine, playground: Playground) -> None:
    run, other = uuid.uuid4().hex[:12], uuid.uuid4().hex[:12]
    ours = playground.trio(labels.labels(run, owner=labels.LAB_OWNER))
    ours_by_process = playground.trio(labels.labels(run, owner=labels.process_owner()))
    decoys = [
        playground.trio({}),
        playground.trio(labels.labels(other, owner=labels.LAB_OWNER)),
        playground.trio({labels.RUN: run}),  # the run's id without our label
        playground.trio({labels.OURS: "false", labels.RUN: run}),
        playground.trio({labels.OURS: "true"}),
    ]
    pod = playground.trio({"io.kubernetes.pod.namespace": labels.namespace(run)})
    decoys.append(playground.trio({"io.kubernetes.pod.namespace": labels.namespace(other)}))
    swept = sweep.remove_run(engine, run)
    assert swept.count == 7
    assert set(swept.containers) == {ours.name, ours_by_process.name, pod.name}
    assert "container" not in pod.remains()
    assert ours.remains() == ours_by_process.remains() == []
    assert [decoy.remains() for decoy in decoys] == [ALL] * len(decoys)
    assert sweep.remove_run(engine, run).count == 0


def test_only_what_an_ended_process_owned_is_left_behind(engine: Engine, playground: Playground) -> None:
    run = uuid.uuid4().hex[:12]
    dead = playground.trio(labels.labels(run, owner=_dead_owner()))
    decoys = [
        playground.trio({}),
        playground.trio(labels.labels(run, owner=labels.LAB_OWNER)),
        playground.trio(labels.labels(run, owner=labels.process_owner())),
        playground.trio(labels.labels(run, owner="another-machine:1/4711/1.0")),
        playground.trio({labels.OWNER: _dead_owner()}),
    ]
    swept = sweep.remove_left_behind(engine)
    assert dead.name in swept.containers
    assert dead.remains() == []
    assert [decoy.remains() for decoy in decoys] == [ALL] * len(decoys)


def test_a_stranger_on_our_network_is_sent_away_alive(engine: Engine, playground: Playground) -> None:
    run = uuid.uuid4().hex[:12]
    ours = playground.trio(labels.labels(run, owner=labels.LAB_OWNER))
    stranger = playground.trio({})
    playground.client.networks.get(ours.name).connect(stranger.name)
    sweep.remove_run(engine, run)
    assert ours.remains() == []
    assert stranger.remains() == ALL
    assert playground.client.containers.get(stranger.name).status == "running"


def test_up_removes_what_a_killed_run_left_and_down_only_its_own(
    settings: Settings, live_lab: Lab, playground: Playground
) -> None:
    killed = playground.trio(labels.labels(uuid.uuid4().hex[:12], owner=_dead_owner()))
    neighbour = playground.trio(labels.labels(uuid.uuid4().hex[:12], owner=labels.LAB_OWNER))
    lab = Lab(settings)
    mine = playground.trio(labels.labels(settings.run_id(), owner=labels.LAB_OWNER))
    try:
        lab.up()
        assert killed.remains() == []
        assert mine.remains() == ALL
    finally:
        report = lab.down()
    assert mine.remains() == []
    assert neighbour.remains() == ALL
    if live_lab.environment()["DOCKER_HOST"].endswith("/opchaos/docker.sock"):
        assert "stays up" in report.notes[0]
    assert live_lab.status().is_up
