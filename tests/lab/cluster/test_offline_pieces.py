"""The pieces of the offline cluster that need no cluster."""

from __future__ import annotations

import datetime
import socket
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from chaos_lib.contexts import server_of
from chaos_lib.errors import InvalidInput, LabError
from chaos_lib.lab.cluster import Cluster, kubeconfig
from chaos_lib.lab.cluster.offline import dns, host
from chaos_lib.lab.cluster.offline.api import Api
from chaos_lib.lab.cluster.offline.authority import Authority
from chaos_lib.lab.cluster.offline.components import Blueprint
from chaos_lib.lab.cluster.offline.numbers import Numbers, free_ports, free_range, is_free, numbers
from chaos_lib.lab.cluster.offline.places import ClusterPlaces
from chaos_lib.lab.engine_places import EnginePlaces
from chaos_lib.settings import Tier

NOW = datetime.datetime(2026, 11, 24, tzinfo=datetime.timezone.utc)


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


# Certificates


def test_the_authority_signs_clients_and_servers_and_keys_are_private(tmp_path: Path) -> None:
    authority = Authority(tmp_path, now=NOW)
    authority.found()
    client = authority.client("admin", "opchaos:admin", organizations=("system:masters",))
    server = authority.server("server", ("172.17.0.1", "kubernetes.default"))
    own = _certificate(authority.own.certificate)
    for pair in (client, server):
        _certificate(pair.certificate).verify_directly_issued_by(own)
        assert pair.key.stat().st_mode & 0o777 == 0o600
    assert _certificate(client.certificate).subject.rfc4514_string() == "CN=opchaos:admin,O=system:masters"
    names = (
        _certificate(server.certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    )
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["172.17.0.1"]
    assert names.get_values_for_type(x509.DNSName) == ["kubernetes.default"]
    assert isinstance(own.public_key(), ec.EllipticCurvePublicKey)


def test_certificates_are_kept_until_they_run_out_and_then_all_are_new(tmp_path: Path) -> None:
    authority = Authority(tmp_path, now=NOW)
    authority.found()
    first = authority.client("admin", "a").certificate.read_bytes()
    authority.found()
    assert authority.client("admin", "a").certificate.read_bytes() == first
    later = Authority(tmp_path, now=NOW + datetime.timedelta(days=364))
    later.found()
    renewed = later.client("admin", "a")
    assert renewed.certificate.read_bytes() != first
    _certificate(renewed.certificate).verify_directly_issued_by(_certificate(later.own.certificate))


def test_a_start_that_was_killed_between_key_and_certificate_is_no_obstacle(tmp_path: Path) -> None:
    authority = Authority(tmp_path, now=NOW)
    authority.found()
    pair = authority.client("admin", "a")
    pair.certificate.unlink()
    again = authority.client("admin", "a")
    _certificate(again.certificate).verify_directly_issued_by(_certificate(authority.own.certificate))


# Ports and ranges


def test_ports_are_free_and_kept(tmp_path: Path) -> None:
    chosen = numbers(tmp_path / "settings.json", seed="one")
    ports = list(chosen.ports.model_dump().values())
    assert len(set(ports)) == 9
    assert numbers(tmp_path / "settings.json", seed="another") == chosen
    (tmp_path / "settings.json").write_text("{")
    assert numbers(tmp_path / "settings.json", seed="one").services == chosen.services


def test_a_port_that_somebody_has_is_not_chosen() -> None:
    first = free_ports(1, seed="a seed")[0]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first))
        taken.listen()
        assert not is_free(first)
        assert free_ports(1, seed="a seed") != (first,)


def test_the_services_have_a_range_that_no_network_overlaps() -> None:
    assert free_range([]) == "10.213.0.0/16"
    assert free_range(["10.0.0.0/8"]) == "10.213.0.0/16"  # nothing is better than this
    assert free_range(["10.213.7.0/24", "10.214.0.0/15"]) == "10.216.0.0/16"


# Kubeconfigs


def test_one_context_is_taken_out_of_a_users_file_with_the_files_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_bytes(b"the authority")
    (tmp_path / "secret").write_text("a token\n")
    content = {
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in ("a", "b")],
        "clusters": [
            {"name": "a", "cluster": {"server": "https://a", "certificate-authority": "ca.crt"}},
            {"name": "b", "cluster": {"server": "https://b"}},
        ],
        "users": [{"name": "a", "user": {"tokenFile": "secret"}}, {"name": "b", "user": {"token": "b"}}],
    }
    (tmp_path / "config").write_text(yaml.safe_dump(content))
    found = kubeconfig.only("a", tmp_path / "config")
    kubeconfig.write(tmp_path / "copy", found)
    assert server_of("a", tmp_path / "copy") == "https://a"
    assert found["clusters"][0]["cluster"]["certificate-authority-data"] == "dGhlIGF1dGhvcml0eQ=="
    assert found["users"] == [{"name": "a", "user": {"token": "a token"}}]
    assert "https://b" not in (tmp_path / "copy").read_text()


@pytest.mark.parametrize("content", ["{", "[]", "contexts: []", "contexts: 7"])
def test_a_file_that_has_no_such_context_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "config").write_text(content)
    with pytest.raises(InvalidInput) as caught:
        kubeconfig.only("a", tmp_path / "config")
    assert caught.value.what == "The context `a` cannot be read."
    assert str(tmp_path / "config") in caught.value.evidence


def test_a_proxy_is_not_asked_for_a_cluster_in_the_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address, expected in (("172.17.0.1", "172.17.0.1"), ("k8s.example.org", ""), ("8.8.8.8", "")):
        content = kubeconfig.document("a", f"https://{address}:6443", authority=b"", certificate=b"", key=b"")
        kubeconfig.write(tmp_path / address, content)
        assert kubeconfig.local_host("a", tmp_path / address) == expected
    assert kubeconfig.local_host("b", tmp_path / "172.17.0.1") == ""
    cluster = Cluster(tmp_path / "172.17.0.1", "a", "n", Tier.LIVE, "offline", "")
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert "NO_PROXY" not in cluster.environment()
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    monkeypatch.setenv("NO_PROXY", "localhost")
    found = cluster.environment()
    assert (found["NO_PROXY"], found["no_proxy"]) == ("localhost,172.17.0.1", "172.17.0.1")


# DNS


def _service(name: str, address: str, namespace: str = "shop") -> dict[str, object]:
    return {"metadata": {"name": name, "namespace": namespace}, "spec": {"clusterIP": address}}


def test_every_service_has_its_full_name() -> None:
    found = dns.hosts([_service("postgres", "10.213.0.9"), _service("api", "10.213.0.8", "other")], [])
    assert found == "10.213.0.8 api.other.svc.cluster.local\n10.213.0.9 postgres.shop.svc.cluster.local\n"


def test_a_headless_service_has_the_addresses_of_its_ready_pods() -> None:
    endpoints = {
        "metadata": {"name": "redis", "namespace": "shop"},
        "subsets": [
            {
                "addresses": [{"ip": "172.17.0.5", "hostname": "redis-0"}, {"ip": "172.17.0.6"}],
                "notReadyAddresses": [{"ip": "172.17.0.7"}],
            }
        ],
    }
    assert dns.hosts([_service("redis", "None"), _service("elsewhere", "")], [endpoints]).splitlines() == [
        "172.17.0.5 redis-0.redis.shop.svc.cluster.local",
        "172.17.0.5 redis.shop.svc.cluster.local",
        "172.17.0.6 redis.shop.svc.cluster.local",
    ]


def test_an_api_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabError) as caught:
        Api("127.0.0.1", 1).get("/version")
    assert caught.value.what == "http://127.0.0.1:1 does not answer."
    assert "opchaos up --cluster" in caught.value.fix
    assert list(Api("127.0.0.1", 1).watch("/api", timeout_s=1)) == []


# Components


@pytest.fixture
def blueprint(tmp_path: Path) -> Blueprint:
    places = ClusterPlaces(EnginePlaces.of(tmp_path / "engine"), tmp_path / "programs")
    chosen: Numbers = numbers(places.settings, seed="a seed")
    return Blueprint(places, chosen, "172.30.0.1")


def test_all_files_of_the_components_are_in_the_clusters_folder_and_private(
    blueprint: Blueprint, tmp_path: Path
) -> None:
    blueprint.write()
    folder = tmp_path / "engine" / "cluster"
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert len(written) > 20
    readable = [
        path for path in written if path.stat().st_mode & 0o077 and path.suffix not in (".crt", ".pub")
    ]
    assert [path.name for path in readable] == ["settings.json"]
    for component in (blueprint.etcd(), blueprint.kubelet(), blueprint.proxy(), blueprint.api_server()):
        assert component.daemon.mark.startswith(str(folder))
        assert any(component.daemon.mark in part for part in component.daemon.argv)


def test_the_cluster_listens_where_other_machines_cannot_reach_it(
    blueprint: Blueprint, tmp_path: Path
) -> None:
    blueprint.write()
    api_server = blueprint.api_server().daemon.argv
    assert "--bind-address=172.30.0.1" in api_server
    assert "--anonymous-auth=false" in api_server
    etcd = " ".join(blueprint.etcd().daemon.argv)
    assert "--listen-client-urls=https://127.0.0.1:" in etcd
    assert "--client-cert-auth" in etcd
    config = tmp_path / "engine" / "cluster" / "config"
    proxy = yaml.safe_load((config / "proxy.yaml").read_text())
    assert proxy["nodePortAddresses"] == ["127.0.0.0/8", "172.30.0.1/32"]
    kubelet = yaml.safe_load((config / "kubelet.yaml").read_text())
    assert (kubelet["address"], kubelet["readOnlyPort"]) == ("172.30.0.1", 0)
    assert kubelet["imageGCHighThresholdPercent"] == 100
    assert kubelet["syncFrequency"] == "10s"


# The host


def test_links_to_the_logs_of_another_node_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pods, containers, data = tmp_path / "pods", tmp_path / "containers", tmp_path / "data"
    elsewhere = tmp_path / "elsewhere" / "1-json.log"
    for owner, target in (("ours", data / "containers" / "1-json.log"), ("theirs", elsewhere)):
        (pods / owner / "app").mkdir(parents=True)
        (pods / owner / "app" / "0.log").symlink_to(target)
        containers.mkdir(exist_ok=True)
        (containers / f"{owner}.log").symlink_to(pods / owner / "app" / "0.log")
    monkeypatch.setattr(host, "_LOGS", (pods, containers))
    host.remove_logs(data, host.HostBefore(settings={}))
    assert [path.name for path in pods.iterdir()] == ["theirs"]
    assert [path.name for path in containers.iterdir()] == ["theirs.log"]

    (containers / "theirs.log").unlink()
    (pods / "theirs" / "app" / "0.log").unlink()
    host.remove_logs(data, host.HostBefore(settings={}, had_folders=(pods,)))
    assert (pods.exists(), containers.exists()) == (True, False)


def test_the_host_is_noted_once_and_a_damaged_note_is_none(tmp_path: Path) -> None:
    path = tmp_path / "host-before.json"
    host.note(path)
    first = path.read_bytes()
    host.note(path)
    assert path.read_bytes() == first
    assert host.noted(path) is not None
    path.write_text("{")
    assert host.noted(path) is None
