"""What attacks do to containers, and how it is undone: on a real engine, with containers of a mission of its own."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import replace

import pytest

from chaos_lib import labels
from chaos_lib.attacks import codename_scrambled
from chaos_lib.errors import GuardRefused, InvalidInput, LabError
from chaos_lib.experiment import Experiment
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.lab.services.containers import image_prefix
from chaos_lib.lab.services.probes import answers_ping
from chaos_lib.operations.docker_container import KIND, MADE_FROM, ContainerKind
from chaos_lib.phases import phase
from chaos_lib.wait import Reading, wait_until

pytestmark = pytest.mark.lab


@pytest.fixture
def client(live_lab):
    with contextlib.closing(DockerContainers(live_lab.settings).search().require().connect()) as client:
        yield client


@pytest.fixture
def experiment(live_lab):
    """The experiment of the lab's mission; whatever a failed test left open is healed."""
    experiment = Experiment(live_lab.settings)
    if not experiment.workspace.exists:
        experiment.workspace.create(phase(1))
    yield experiment
    experiment.heal()


@pytest.fixture
def run_id(live_lab):
    return live_lab.settings.run_id()


@pytest.fixture
def start(client, run_id):
    """Starts a Redis of this mission; all are removed at the end, with their networks."""
    names, networks = [], []

    def begin(name="victim", *, own=None, network=None, alias=None, **options):
        name = f"opchaos-test-{name}-{run_id}"
        marks = labels.labels(run_id, owner=labels.process_owner()) if own is None else own
        networking = {network: client.api.create_endpoint_config(aliases=[alias])} if alias else None
        client.containers.run(
            image_prefix(client) + "redis:7",
            name=name,
            labels=marks,
            detach=True,
            network=network,
            networking_config=networking,
            **options,
        )
        names.append(name)
        return name

    def connect(name):
        name = f"opchaos-test-{name}-{run_id}"
        client.networks.create(name, labels=labels.labels(run_id, owner=labels.process_owner()))
        networks.append(name)
        return name

    begin.network = connect
    yield begin
    for name in names:
        with contextlib.suppress(Exception):
            client.api.remove_container(name, force=True, v=True)
    for name in networks:
        client.api.remove_network(name)


@pytest.fixture
def attack(experiment):
    """Launches an attack made of one call on containers."""

    def launch(act, name="made_up"):
        experiment.launch(replace(codename_scrambled.ATTACK, name=name, inject=lambda t: act(t.containers)))

    return launch


def free_port():
    with socket.socket() as free:
        free.bind(("", 0))
        return free.getsockname()[1]


def status(client, name):
    return client.api.inspect_container(name)["State"]["Status"]


def published(client, name):
    """The host's ports by its addresses: the engine may choose another one for IPv6."""
    places = client.api.inspect_container(name)["NetworkSettings"]["Ports"]["6379/tcp"]
    return {place["HostIp"]: int(place["HostPort"]) for place in places}


def wait_for_redis(port):
    url = f"redis://127.0.0.1:{port}/0"
    wait_until("the Redis answers", lambda: answers_ping(url), timeout_s=20)


@pytest.mark.parametrize(
    ("verb", "shown"),
    [("stop", "exited"), ("kill", "exited"), ("pause", "paused")],
    ids=["stop", "kill", "pause"],
)
def test_a_container_that_was_halted_runs_again_at_the_same_port(
    experiment, attack, client, start, verb, shown
):
    port = free_port()
    name = start(ports={"6379/tcp": port})

    attack(lambda containers: getattr(containers, verb)(name))
    assert status(client, name) == shown

    experiment.undo("made_up")
    experiment.undo("made_up")

    assert status(client, name) == "running"
    wait_for_redis(port)


def test_kill_gives_no_time_to_finish_and_stop_does(experiment, attack, client, start):
    stopped, killed = start("stopped"), start("killed")
    wait_until(
        "both have started",
        lambda: Reading(
            all(b"Ready to accept" in client.containers.get(n).logs() for n in (stopped, killed))
        ),
        timeout_s=20,
    )

    attack(lambda containers: (containers.stop(stopped), containers.kill(killed)))

    assert client.api.inspect_container(stopped)["State"]["ExitCode"] == 0
    assert client.api.inspect_container(killed)["State"]["ExitCode"] == 137


@pytest.mark.parametrize("is_chosen", [True, False], ids=["port chosen by us", "port chosen by the engine"])
def test_a_removed_container_is_made_again_at_the_same_port(experiment, attack, client, start, is_chosen):
    port = free_port() if is_chosen else None
    options = {"command": ["redis-server", "--maxclients", "77"], "environment": {"MOOD": "good"}}
    name = start(ports={"6379/tcp": port}, mem_limit="64m", **options)
    before, ports = client.api.inspect_container(name), published(client, name)

    attack(lambda containers: containers.remove(name))
    assert client.containers.list(all=True, filters={"name": name}) == []

    experiment.undo("made_up")
    experiment.undo("made_up")

    after = client.api.inspect_container(name)
    assert after["Id"] != before["Id"]
    assert published(client, name) == ports
    wait_for_redis(ports["0.0.0.0"])
    assert after["Config"]["Cmd"] == before["Config"]["Cmd"]
    assert after["Config"]["Env"] == before["Config"]["Env"]
    assert after["HostConfig"]["Memory"] == before["HostConfig"]["Memory"]
    del after["Config"]["Labels"][MADE_FROM]
    assert after["Config"]["Labels"] == before["Config"]["Labels"]


def test_a_container_that_was_made_again_can_be_attacked_again(experiment, attack, client, start):
    port = free_port()
    name = start(ports={"6379/tcp": port})
    for _ in range(2):
        attack(lambda containers: containers.remove(name))
        experiment.undo("made_up")

    assert status(client, name) == "running"
    wait_for_redis(port)


def test_named_volumes_stay_when_a_container_is_removed_and_unnamed_ones_go(
    experiment, attack, client, start, run_id
):
    volume = client.volumes.create(
        f"opchaos-test-{run_id}", labels=labels.labels(run_id, owner=labels.process_owner())
    )
    try:
        name = start(volumes=[f"{volume.name}:/named", "/unnamed"])
        mounts = {m["Destination"]: m["Name"] for m in client.api.inspect_container(name)["Mounts"]}
        attack(lambda containers: containers.remove(name))
        assert client.volumes.list(filters={"name": mounts["/unnamed"]}) == []
        experiment.undo("made_up")

        again = {m["Destination"]: m["Name"] for m in client.api.inspect_container(name)["Mounts"]}
        assert again["/named"] == volume.name
        client.api.remove_container(name, force=True, v=True)
        assert [v.name for v in client.volumes.list(filters={"name": again.get("/unnamed", "nothing")})] == []
    finally:
        with contextlib.suppress(Exception):
            client.api.remove_container(name, force=True, v=True)
        volume.remove()


def test_a_container_returns_to_its_network_under_its_other_name(experiment, attack, client, start):
    network = start.network("net")
    name = start(network=network, alias="cache")
    other = start("other", network=network)
    asking = ["redis-cli", "-h", "cache", "ping"]
    wait_until("it is known", lambda: _answers(client, other, asking), timeout_s=20)

    attack(lambda containers: containers.disconnect(name, network))
    assert not _answers(client, other, asking).is_ready

    experiment.undo("made_up")
    experiment.undo("made_up")
    wait_until("it is known again", lambda: _answers(client, other, asking), timeout_s=20)

    attack(lambda containers: containers.remove(name))
    experiment.undo("made_up")
    wait_until("the new one is known, too", lambda: _answers(client, other, asking), timeout_s=20)


def _answers(client, name, command):
    result = client.containers.get(name).exec_run(["timeout", "2", *command])
    return Reading(result.exit_code == 0 and b"PONG" in result.output, result.output.decode())


def test_a_container_returns_to_the_default_network_with_its_port(experiment, attack, client, start):
    port = free_port()
    name = start(ports={"6379/tcp": port})
    wait_for_redis(port)

    attack(lambda containers: containers.disconnect(name, "bridge"))
    assert not answers_ping(f"redis://127.0.0.1:{port}/0").is_ready

    experiment.undo("made_up")

    wait_for_redis(port)


def test_a_port_is_taken_and_given_back(experiment, attack, client, run_id):
    port = free_port()

    attack(lambda containers: containers.take_port(port))
    wait_for_redis(port)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("", port))

    experiment.undo("made_up")
    experiment.undo("made_up")

    with socket.socket() as other:
        other.bind(("", port))
    assert client.containers.list(all=True, filters={"name": f"opchaos-{run_id}-port"}) == []


def test_a_port_that_is_in_use_is_not_taken_and_nothing_is_left(experiment, attack, client, run_id):
    with socket.create_server(("", 0)) as somebody, pytest.raises(LabError) as caught:
        attack(lambda containers: containers.take_port(somebody.getsockname()[1]))

    assert "refused" in caught.value.what
    assert "in use" in caught.value.evidence or "already" in caught.value.evidence
    assert "opchaos heal --all" in caught.value.fix
    assert client.containers.list(all=True, filters={"name": f"opchaos-{run_id}-port"}) == []
    assert experiment.state().runs == ()


def test_after_the_learner_s_own_fix_the_port_is_given_back(experiment, attack, client, run_id):
    attack(lambda containers: containers.take_port(free_port()))

    assert experiment.settle("made_up") == ()

    assert client.containers.list(all=True, filters={"name": f"opchaos-{run_id}-port"}) == []


@pytest.mark.parametrize("verb", ["stop", "pause", "remove"])
def test_what_the_attack_did_is_still_known_as_such(experiment, attack, client, start, verb):
    name = start(ports={"6379/tcp": free_port()})
    attack(lambda containers: getattr(containers, verb)(name))

    assert experiment.settle("made_up") == ()

    assert status(client, name) == "running"


def test_a_container_that_the_learner_started_again_stays_as_it_is(experiment, attack, client, start):
    name = start(ports={"6379/tcp": free_port()})
    attack(lambda containers: containers.stop(name))
    client.api.start(name)

    experiment.settle("made_up")

    assert status(client, name) == "running"


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_two_attacks_on_one_container_can_be_undone_in_any_order(experiment, attack, client, start, order):
    port = free_port()
    name = start(ports={"6379/tcp": port})
    attack(lambda containers: containers.pause(name), "one")
    attack(lambda containers: containers.remove(name), "two")

    for one in order:
        experiment.undo(one)

    assert status(client, name) == "running"
    wait_for_redis(port)


@pytest.mark.parametrize(
    "foreign", [{}, {labels.OURS: "true", labels.RUN: "somebodyelse"}], ids=["no labels", "another mission"]
)
@pytest.mark.parametrize("verb", ["stop", "kill", "pause", "remove"])
def test_a_container_of_somebody_else_is_refused_and_left_alone(
    experiment, attack, client, start, foreign, verb
):
    name = start("foreign", own=foreign)
    before = client.api.inspect_container(name)

    with pytest.raises(GuardRefused) as caught:
        attack(lambda containers: getattr(containers, verb)(name))

    after = client.api.inspect_container(name)
    assert (after["Id"], after["State"]) == (before["Id"], before["State"])
    assert name in caught.value.what
    assert labels.RUN in caught.value.evidence
    assert "yours is left alone" in caught.value.fix
    assert experiment.state().runs == ()


def test_somebody_else_s_container_under_the_name_to_be_made_again_is_refused(experiment, client, start):
    name = start("foreign", own={})
    kind = ContainerKind(experiment.guard, experiment._connect)

    with pytest.raises(GuardRefused):
        kind.put(name, None)

    assert status(client, name) == "running"


def test_a_container_that_is_not_there_is_named(experiment, attack):
    with pytest.raises(InvalidInput, match="There is no container `opchaos-nowhere`") as caught:
        attack(lambda containers: containers.stop("opchaos-nowhere"))
    assert caught.value.evidence
    assert "docker ps" in caught.value.fix


def test_a_network_that_it_is_not_in_is_named(experiment, attack, start):
    name = start()
    with pytest.raises(InvalidInput, match="is not in the network `elsewhere`") as caught:
        attack(lambda containers: containers.disconnect(name, "elsewhere"))
    assert "bridge" in caught.value.evidence
    assert caught.value.fix


def test_the_lab_s_own_services_are_found_by_what_they_are(experiment, attack, run_id):
    found = []
    attack(lambda containers: found.append(containers.named("redis")))
    assert found == [f"opchaos-redis-{run_id}"]

    with pytest.raises(InvalidInput, match="no container of `oracle`") as caught:
        attack(lambda containers: containers.named("oracle"), "another")
    assert "io.opchaos.service=oracle" in caught.value.evidence
    assert "opchaos up" in caught.value.fix


def test_the_lab_s_redis_comes_back_at_its_address(live_lab, experiment, attack):
    before = live_lab.environment()
    attack(lambda containers: containers.stop(containers.named("redis")))
    assert not live_lab.status().is_up

    experiment.undo("made_up")

    wait_until("the lab is up again", lambda: Reading(live_lab.status().is_up), timeout_s=20)
    assert answers_ping(before["MISSION_REDIS_URL"]).is_ready


def test_the_journal_knows_the_kind(experiment, attack, start):
    name = start()
    attack(lambda containers: containers.pause(name))

    (run,) = experiment.state().runs
    assert [operation.kind for operation in run.operations] == [KIND]
