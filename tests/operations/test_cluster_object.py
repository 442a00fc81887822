"""The seam to the cluster, on the model (SIMULATED): the Guard, the journal and the undo are the real ones."""

from __future__ import annotations

import pytest

from chaos_lib.contexts import Contexts
from chaos_lib.errors import GuardRefused, InvalidInput
from chaos_lib.guard import Guard
from chaos_lib.journal import Journal
from chaos_lib.operations.base import Operator
from chaos_lib.operations.cluster_object import Cluster, ClusterObject, ClusterObjectKind, merged, wished
from chaos_lib.operations.fake_cluster import FakeCluster
from chaos_lib.settings import Tier

KUBECONFIG = """
contexts: [{name: lab, context: {cluster: lab}}]
clusters: [{name: lab, cluster: {server: "https://127.0.0.1:6443"}}]
"""
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "mission-control", "labels": {"app": "mission-control"}},
    "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "app", "image": "app:1"}]}}},
}
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "keys"},
    "stringData": {"token": "t0psecret"},
}


@pytest.fixture
def kubeconfig(tmp_path):
    path = tmp_path / "a|b" / "kubeconfig"  # the mark of the journal's targets
    path.parent.mkdir()
    path.write_text(KUBECONFIG)
    return path


@pytest.fixture
def guard(tmp_path, kubeconfig):
    contexts = Contexts(tmp_path / "state")
    contexts.record_lab_context("lab", kubeconfig)
    contexts.record_namespace("lab", kubeconfig, "ours")
    return Guard(tmp_path / "workspace", "abc", contexts=contexts)


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "state")


@pytest.fixture
def fake():
    return FakeCluster()


@pytest.fixture
def operator(journal, guard, fake):
    return Operator(journal, [ClusterObjectKind(guard, journal, fake)])


@pytest.fixture
def cluster(operator, guard, fake, journal, kubeconfig):
    journal.begin("r1", "attack")
    return Cluster(operator, guard, fake, "r1", kubeconfig=kubeconfig, context="lab", namespace="ours")


@pytest.fixture
def address(kubeconfig):
    return ClusterObject(kubeconfig, "lab", "ours", "apps/v1", "Deployment", "mission-control")


@pytest.fixture
def deployed(fake, address):
    fake.apply(address, DEPLOYMENT)
    return fake.read(address)


def undo_all(operator, journal):
    for operation in reversed(journal.state().operations):
        operator.undo(operation, journal.state().operations)


def test_the_model_calls_itself_simulated(fake):
    assert fake.tier is Tier.SIMULATED


def test_a_patch_changes_what_it_names_and_undo_brings_the_object_back(
    cluster, fake, address, deployed, operator, journal
):
    cluster.patch(
        "apps/v1", "Deployment", "mission-control", {"spec": {"replicas": 5}, "metadata": {"labels": None}}
    )
    assert fake.read(address)["spec"]["replicas"] == 5
    assert "labels" not in fake.read(address)["metadata"]
    assert fake.read(address)["spec"]["template"] == DEPLOYMENT["spec"]["template"]

    undo_all(operator, journal)

    assert wished(fake.read(address)) == wished(deployed)


def test_scaling_is_undone(cluster, fake, address, deployed, operator, journal):
    cluster.scale("Deployment", "mission-control", 0)
    assert fake.read(address)["spec"]["replicas"] == 0

    undo_all(operator, journal)

    assert fake.read(address)["spec"]["replicas"] == 2


def test_a_deleted_object_comes_back_with_another_uid(cluster, fake, address, deployed, operator, journal):
    cluster.delete("apps/v1", "Deployment", "mission-control")
    assert fake.read(address) is None

    undo_all(operator, journal)

    assert wished(fake.read(address)) == wished(deployed)
    assert fake.read(address)["metadata"]["uid"] != deployed["metadata"]["uid"]


def test_a_created_object_goes_with_the_undo(cluster, fake, address, operator, journal):
    cluster.create(DEPLOYMENT)
    assert cluster.read("apps/v1", "Deployment", "mission-control")["spec"]["replicas"] == 2

    undo_all(operator, journal)
    undo_all(operator, journal)

    assert fake.read(address) is None


def test_what_the_controllers_write_meanwhile_is_no_edit(cluster, fake, address, deployed, operator, journal):
    cluster.scale("Deployment", "mission-control", 3)
    fake.apply(address, fake.read(address))  # a new resourceVersion, the same wish

    assert not operator.is_changed_since(journal.state().operations)


def test_two_changes_of_one_object_are_undone_in_any_order(
    cluster, fake, address, deployed, operator, journal
):
    cluster.scale("Deployment", "mission-control", 3)
    cluster.patch("apps/v1", "Deployment", "mission-control", {"metadata": {"labels": {"app": "x"}}})
    first, second = journal.state().operations

    operator.undo(first, journal.state().operations)
    (second,) = journal.state().operations
    operator.undo(second, journal.state().operations)

    assert wished(fake.read(address)) == wished(deployed)


def test_no_secret_stands_in_the_journal_s_lines(cluster, journal):
    cluster.create(SECRET)

    assert "t0psecret" not in journal.path.read_text()
    assert all(blob.stat().st_mode & 0o077 == 0 for blob in journal.blobs.iterdir())


def test_an_object_that_is_not_there_cannot_be_changed(cluster):
    for act in (
        lambda: cluster.delete("v1", "ConfigMap", "none"),
        lambda: cluster.patch("v1", "ConfigMap", "none", {}),
        lambda: cluster.read("v1", "ConfigMap", "none"),
    ):
        with pytest.raises(InvalidInput) as caught:
            act()
        assert "no ConfigMap `none` in `ours`" in caught.value.what
        assert "kubectl --context lab --namespace ours" in caught.value.fix


def test_an_object_that_is_there_cannot_be_created(cluster, deployed):
    with pytest.raises(InvalidInput, match="already"):
        cluster.create(DEPLOYMENT)


def test_another_namespace_is_refused_and_nothing_is_journaled(operator, guard, fake, journal, kubeconfig):
    stranger = Cluster(operator, guard, fake, "r1", kubeconfig=kubeconfig, context="lab", namespace="default")

    for act in (
        lambda: stranger.create(DEPLOYMENT),
        lambda: stranger.delete("apps/v1", "Deployment", "mission-control"),
        lambda: stranger.read("apps/v1", "Deployment", "mission-control"),
    ):
        with pytest.raises(GuardRefused):
            act()
    assert journal.state().operations == ()


def test_the_undo_asks_the_guard_too(guard, journal, fake, kubeconfig):
    kind = ClusterObjectKind(guard, journal, fake)
    outside = ClusterObject(kubeconfig, "lab", "default", "v1", "ConfigMap", "theirs")

    with pytest.raises(GuardRefused):
        kind.put(outside.target, None)
    with pytest.raises(GuardRefused):
        kind.capture(outside.target)


def test_an_address_survives_the_journal(address):
    assert ClusterObject.of(address.target) == address


def test_a_target_that_is_no_address_is_told():
    with pytest.raises(InvalidInput) as caught:
        ClusterObject.of("a|b")
    assert "`a|b`" in caught.value.what
    assert "six parts" in caught.value.fix


def test_a_merge_patch_follows_rfc_7396():
    # The example of the RFC's section 3.
    body = {
        "title": "Goodbye!",
        "author": {"givenName": "John", "familyName": "Doe"},
        "tags": ["a", "b"],
        "content": "x",
    }
    change = {"title": "Hello!", "phoneNumber": "+01", "author": {"familyName": None}, "tags": ["a"]}

    assert merged(body, change) == {
        "title": "Hello!",
        "author": {"givenName": "John"},
        "tags": ["a"],
        "content": "x",
        "phoneNumber": "+01",
    }
    assert body["author"] == {"givenName": "John", "familyName": "Doe"}
