"""Every attack, launched and undone beside things that are not ours: not one of them is written to."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import docker
import pytest

from chaos_lib import labels
from chaos_lib.attacks import catalogue, codename_scrambled
from chaos_lib.errors import GuardRefused, InvalidInput
from chaos_lib.experiment import Experiment
from chaos_lib.lab import Lab
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.lab.facility import no_progress
from chaos_lib.lab.image_catalogue import POSTGRES, REDIS
from chaos_lib.lab.own_engine import OwnEngine
from chaos_lib.lab.services.containers import SERVICE, image_prefix
from chaos_lib.phases import FINISHED
from chaos_lib.settings import Settings

pytestmark = pytest.mark.lab

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: production
contexts: [{name: production, context: {cluster: big, user: boss, namespace: shop}}]
clusters: [{name: big, cluster: {server: "https://production.invalid:6443"}}]
users: [{name: boss, user: {token: dear}}]
"""


@dataclass(frozen=True)
class Traces:
    """Content, mode and times of every file below a folder, and the folders' own."""

    marks: dict[str, tuple[object, ...]]

    @classmethod
    def of(cls, folder: Path) -> Traces:
        marks: dict[str, tuple[object, ...]] = {}
        for path in [folder, *sorted(folder.rglob("*"))]:
            found = path.lstat()
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            # ctime changes with every write, of content and attributes alike, and nobody can set it back.
            marks[str(path)] = (found.st_mode, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, content)
        return cls(marks)


@pytest.fixture
def decoy_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with settings of git, Docker and Kubernetes; KUBECONFIG leads to it, too."""
    home = tmp_path / "decoys" / "home"
    for name, text in {
        ".gitconfig": "[user]\n\tname = Somebody\n[commit]\n\tgpgsign = true\n",
        ".docker/config.json": '{"auths": {"registry.invalid": {"auth": "c29tZWJvZHk6ZGVhcg=="}}}',
        ".kube/config": KUBECONFIG,
        ".ssh/id_ed25519": "dear",
        ".bashrc": "export PRODUCTION=1\n",
        "work/report.txt": "mine\n",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("KUBECONFIG", str(home / ".kube" / "config"))
    return home


@pytest.fixture
def private_engine(
    own_engine: OwnEngine, live_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> Iterator[docker.DockerClient]:
    """An engine that nobody else uses, with the lab's images: every event on it is the test's or an attack's."""
    own_engine.start(no_progress)
    with contextlib.closing(DockerContainers(live_lab.settings).search().require().connect()) as shared:
        prefix = image_prefix(shared)
        images = [b"".join(shared.api.get_image(prefix + image.name)) for image in (POSTGRES, REDIS)]
    monkeypatch.setenv("DOCKER_HOST", own_engine.address.url)
    with contextlib.closing(own_engine.address.connect(timeout_s=60)) as client:
        for image in images:
            client.images.load(image)
        yield client


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    """A mission of its own, with the finished project and links that lead out of it."""
    experiment = Experiment(Settings(home=tmp_path / "mission", seed=20))
    experiment.workspace.create(FINISHED)
    return experiment


def links_out(experiment: Experiment, home: Path) -> list[str]:
    """Put links to the decoys into the workspace; returns paths that lead out through them."""
    folder = experiment.workspace.folder
    (folder / "report.txt").symlink_to(home / "work" / "report.txt")
    (folder / "work").symlink_to(home / "work")
    (folder / "missing.txt").symlink_to(home / "work" / "not-there-yet.txt")
    os.link(home / "work" / "report.txt", folder / "hard-link.txt")
    return [
        "report.txt",
        "work/report.txt",
        "work/new.txt",
        "missing.txt",
        "work/../../../decoys/home/.bashrc",
    ]


def service_of(client: docker.DockerClient, run_id: str) -> str:
    """Start what the lab would run: a Redis of this mission, for attacks on services."""
    name = f"opchaos-{run_id}-redis"
    marks = {**labels.labels(run_id, owner=labels.LAB_OWNER), SERVICE: "redis"}
    client.containers.run(image_prefix(client) + REDIS.name, name=name, labels=marks, detach=True)
    return name


def decoys_on(client: docker.DockerClient, run_id: str) -> set[str]:
    """Make containers, networks and volumes of other owners; returns their ids and names."""
    marks = [
        {},
        labels.labels("0123456789ab", owner=labels.LAB_OWNER),
        {labels.RUN: run_id},
        {labels.OURS: "false", labels.RUN: run_id},
        {labels.OURS: "true", SERVICE: "redis"},
    ]
    made = set()
    for number, mark in enumerate(marks):
        name = f"decoy-{number}"
        network = client.networks.create(name, labels=mark)
        volume = client.volumes.create(name, labels=mark)
        container = client.containers.run(
            image_prefix(client) + REDIS.name,
            name=name,
            labels=mark,
            network=name,
            volumes={name: {"bind": "/decoy", "mode": "rw"}},
            detach=True,
        )
        made |= {name, str(network.id), str(volume.id), str(container.id)}
    return made


def states(client: docker.DockerClient) -> dict[str, object]:
    """What the engine says of the decoys."""
    found: dict[str, object] = {}
    for one in client.api.containers(all=True, filters={"name": "decoy-"}):
        inspected = client.api.inspect_container(one["Id"])
        found[one["Id"]] = (
            inspected["State"]["StartedAt"],
            inspected["State"]["Status"],
            inspected["RestartCount"],
        )
    for one in client.api.networks():
        if one["Name"].startswith("decoy-"):
            found[one["Id"]] = sorted(client.api.inspect_network(one["Id"])["Containers"])
    for one in client.api.volumes()["Volumes"]:
        found[one["Name"]] = one["CreatedAt"]
    return found


def made_up_attacks(redis: str) -> Iterator[object]:
    """Yield the operations on containers that no attack of the catalogue uses yet."""
    for name, act in {
        "stop": lambda t: t.containers.stop(redis),
        "kill": lambda t: t.containers.kill(redis),
        "pause": lambda t: t.containers.pause(redis),
        "disconnect": lambda t: t.containers.disconnect(redis, "bridge"),
        "remove": lambda t: t.containers.remove(redis),
    }.items():
        yield replace(codename_scrambled.ATTACK, name=f"made_up_{name}", inject=act)


def test_no_attack_writes_to_anything_that_is_not_ours(
    decoy_home: Path, private_engine: docker.DockerClient, experiment: Experiment
) -> None:
    client, run_id = private_engine, experiment.settings.run_id()
    ways_out = links_out(experiment, decoy_home)
    redis = service_of(client, run_id)
    decoys = decoys_on(client, run_id)
    clean = experiment.workspace.fingerprint()
    files_before, states_before = Traces.of(decoy_home.parent), states(client)
    since = time.time()

    # Attacks on a cluster are launched beside a decoy cluster in tests/cluster/test_live_cluster.py.
    attacks = [attack for attack in catalogue.load().values() if attack.facility != "cluster"]
    for attack in [*attacks, *made_up_attacks(redis)]:
        experiment.launch(attack)
        experiment.undo(attack.name)
    for number, path in enumerate(ways_out):
        for verb in ("put", "add", "replace", "delete"):
            refused(experiment, f"out_{verb}_{number}", path, verb)
    for name in sorted(decoys):
        for verb in ("stop", "kill", "pause", "remove"):
            refused_container(experiment, name, verb)
    # Through a hard link the file is shared, until somebody writes: the attack's copy is a new file.
    experiment.launch(
        replace(
            codename_scrambled.ATTACK,
            name="hard",
            inject=lambda t: [
                t.workspace.put("hard-link.txt", "stolen"),
                t.workspace.chmod("hard-link.txt", 0o400),
            ],
        )
    )
    experiment.undo("hard")

    assert Traces.of(decoy_home.parent) == with_one_link_less(
        files_before, decoy_home / "work" / "report.txt"
    )
    assert states(client) == states_before
    assert experiment.workspace.fingerprint() == clean
    assert experiment.state().runs == ()
    happened = events(client, since)
    assert {event["Action"] for event in happened} >= {"create", "start", "pause", "kill", "destroy"}
    strangers = [event for event in happened if not is_ours(event, run_id)]
    assert strangers == [], "only what carries our run's id appears in the engine's events"


def with_one_link_less(before: Traces, path: Path) -> Traces:
    """A file whose other name went has a new ctime; its content, mode and mtime must be the same."""
    mode, inode, mtime, _, content = before.marks[str(path)]
    return Traces({**before.marks, str(path): (mode, inode, mtime, path.lstat().st_ctime_ns, content)})


def refused(experiment: Experiment, name: str, path: str, verb: str) -> None:
    arguments = (path,) if verb == "delete" else (path, "stolen")
    attack = replace(
        codename_scrambled.ATTACK, name=name, inject=lambda t: getattr(t.workspace, verb)(*arguments)
    )
    with pytest.raises(GuardRefused):
        experiment.launch(attack)


def refused_container(experiment: Experiment, name: str, verb: str) -> None:
    attack = replace(
        codename_scrambled.ATTACK, name="strange", inject=lambda t: getattr(t.containers, verb)(name)
    )
    # A network or volume is no container: the engine knows none of that name.
    with pytest.raises(
        (GuardRefused, InvalidInput), match=r"not created by this mission|There is no container"
    ):
        experiment.launch(attack)


def events(client: docker.DockerClient, since: float) -> list[dict[str, object]]:
    """Return what happened on the engine: containers, networks and volumes."""
    # The engine wants whole seconds, or seconds with a fraction as text.
    stream = client.api.events(since=f"{since:.6f}", until=f"{time.time():.6f}", decode=True)
    return [event for event in stream if event["Type"] in ("container", "network", "volume")]


def is_ours(event: dict, run_id: str) -> bool:
    attributes = event["Actor"]["Attributes"]
    if event["Type"] == "container":
        return attributes.get(labels.OURS) == "true" and attributes.get(labels.RUN) == run_id
    if event["Type"] == "network":
        # A container of ours joins or leaves the default network; no other is touched.
        return attributes["name"] == "bridge" and event["Action"] in ("connect", "disconnect")
    # An unnamed volume of the image, made and removed with our container.
    return len(event["Actor"]["ID"]) == 64
