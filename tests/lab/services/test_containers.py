"""The LIVE provider beyond the contract."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator

import docker
import pytest

from chaos_lib.errors import EngineUnavailable, LabError, PortTaken, ServiceDied, ToolMissing
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.engine_ping import Address
from chaos_lib.lab.facility import no_progress
from chaos_lib.lab.services import ContainerServices, containers
from chaos_lib.lab.services.containers import engine_host
from chaos_lib.labels import LAB_OWNER, OWNER, RUN
from chaos_lib.settings import Settings
from chaos_lib.wait import Reading, wait_until

GONE = Engine(Address("unix:///nowhere/docker.sock"), "20.10.24", "1.41", "a test")


@pytest.fixture
def client(engine: Engine) -> Iterator[docker.DockerClient]:
    connected = engine.connect()
    yield connected
    connected.close()


def ours(client: docker.DockerClient, settings: Settings) -> list[str]:
    found = client.containers.list(all=True, filters={"label": f"{RUN}={settings.run_id()}"})
    return sorted(container.name for container in found)


def test_without_an_engine_it_is_not_usable_and_says_what_to_do(settings: Settings) -> None:
    provider = ContainerServices(settings, None)

    assert not provider.usability().is_usable
    assert "opchaos doctor" in provider.usability().remedy
    assert provider.attach() is None
    provider.stop()
    with pytest.raises(EngineUnavailable) as caught:
        provider.start(no_progress)
    assert caught.value.fix


def test_an_engine_that_is_gone_is_an_error_with_three_parts(settings: Settings) -> None:
    provider = ContainerServices(settings, GONE)

    assert provider.attach() is None
    with pytest.raises(EngineUnavailable) as caught:
        provider.start(no_progress)
    assert caught.value.what
    assert caught.value.evidence
    assert caught.value.fix


@pytest.mark.parametrize("module", ["testcontainers", "docker", "psycopg", "redis"])
def test_a_missing_package_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    provider = ContainerServices(settings, GONE)

    with pytest.raises(ToolMissing) as caught:
        provider.start(no_progress)

    assert module in caught.value.what
    assert "pip install" in caught.value.fix


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("unix:///var/run/docker.sock", "127.0.0.1"),
        ("tcp://10.0.0.7:2376", "10.0.0.7"),
        ("ssh://me@build.example", "build.example"),
        ("npipe:////./pipe/docker_engine", "127.0.0.1"),
    ],
)
def test_published_ports_are_looked_for_where_the_engine_is(url: str, host: str) -> None:
    assert engine_host(Engine(Address(url), "1", "1", "a test")) == host


@pytest.mark.lab
def test_containers_carry_our_labels_and_belong_to_the_lab(
    settings: Settings, engine: Engine, client: docker.DockerClient
) -> None:
    provider = ContainerServices(settings, engine)
    provider.start(no_progress)
    try:
        names = ours(client, settings)
        owners = {client.containers.get(name).labels[OWNER] for name in names}
    finally:
        provider.stop()

    assert names == [f"opchaos-postgres-{settings.run_id()}", f"opchaos-redis-{settings.run_id()}"]
    assert owners == {LAB_OWNER}
    assert ours(client, settings) == []


@pytest.mark.lab
def test_missing_images_are_an_error_and_nothing_is_pulled(
    settings: Settings, engine: Engine, client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        containers, "_IMAGES", {"postgres": "opchaos-test/none:1", "redis": "opchaos-test/none:2"}
    )

    with pytest.raises(LabError, match="not on this machine") as caught:
        ContainerServices(settings, engine).start(no_progress)

    assert "opchaos-test/none:1" in caught.value.evidence
    assert "opchaos up" in caught.value.fix
    assert ours(client, settings) == []


@pytest.mark.lab
def test_a_container_that_dies_at_start_shows_its_last_words_and_is_removed(
    settings: Settings, engine: Engine, client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from testcontainers.community.redis import RedisContainer

    plain_start = RedisContainer.start

    def start_and_end(container: RedisContainer) -> RedisContainer:
        started = plain_start(container.with_command("redis-server --maxmemory plenty"))
        started.wait()
        return started

    monkeypatch.setattr(RedisContainer, "start", start_and_end)

    with pytest.raises(ServiceDied) as caught:
        ContainerServices(settings, engine).start(no_progress)

    assert "plenty" in caught.value.evidence
    assert ours(client, settings) == []


@pytest.mark.lab
def test_testcontainers_own_settings_are_put_back(settings: Settings, engine: Engine) -> None:
    from testcontainers.core.config import testcontainers_config

    before = (testcontainers_config.hub_image_name_prefix, testcontainers_config.ryuk_disabled)
    provider = ContainerServices(settings, engine)
    provider.start(no_progress)
    provider.stop()

    assert (testcontainers_config.hub_image_name_prefix, testcontainers_config.ryuk_disabled) == before


@pytest.mark.lab
def test_services_keep_their_address_when_they_are_stopped_and_started(
    settings: Settings, engine: Engine, client: docker.DockerClient
) -> None:
    provider = ContainerServices(settings, engine)
    services = provider.start(no_progress)
    try:
        for name in ours(client, settings):
            client.containers.get(name).stop()
        assert provider.attach() is None
        for name in ours(client, settings):
            client.containers.get(name).start()
        wait_until(
            "the services answer at the same address",
            lambda: Reading(provider.attach() == services),
            timeout_s=20,
        )
    finally:
        provider.stop()


@pytest.mark.lab
def test_a_port_that_somebody_takes_first_is_replaced_by_another(
    settings: Settings, engine: Engine, client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = ContainerServices(settings, engine)
    choose = containers._free_port
    with socket.create_server(("", 0)) as somebody:
        taken = somebody.getsockname()[1]
        answers = iter([taken])
        monkeypatch.setattr(containers, "_free_port", lambda: next(answers, None) or choose())
        try:
            services = provider.start(no_progress)
            names = ours(client, settings)
        finally:
            provider.stop()

    assert f":{taken}/" not in services.postgres_url
    assert len(names) == 2


@pytest.mark.lab
def test_when_no_port_can_be_had_the_error_names_who_holds_it_and_nothing_is_left(
    settings: Settings, engine: Engine, client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("", 0)) as somebody:
        monkeypatch.setattr(containers, "_free_port", lambda: somebody.getsockname()[1])
        with pytest.raises(PortTaken) as caught:
            ContainerServices(settings, engine).start(no_progress)

    assert "in use by" in caught.value.what
    assert caught.value.evidence
    assert caught.value.fix
    assert ours(client, settings) == []
