"""The offline images behave as the upstream ones do, where the workshop depends on it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import docker
import psycopg
import pytest
import redis
from docker.models.containers import Container

from chaos_lib.errors import InvalidInput, LabError, PortTaken, RegistryUnreachable
from chaos_lib.lab import Lab, image_store
from chaos_lib.lab.containers_facility import ContainersFacility
from chaos_lib.lab.debian import Machine
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.engine_errors import explain, translated
from chaos_lib.lab.facility import Progress, no_progress
from chaos_lib.lab.image_build import recipe_id
from chaos_lib.lab.image_catalogue import LAB_IMAGES, LabImage, python_image
from chaos_lib.lab.image_store import find_images, provide_images
from chaos_lib.settings import Settings
from chaos_lib.wait import Reading, wait_until

from .fake_registry import fake_registry
from .tiny_image import tiny_tar

NOWHERE = LabImage("127.0.0.1:1/nothing:1", "redis")


@pytest.fixture
def engine(live_lab: Lab) -> Engine:
    found = ContainersFacility(live_lab.settings).engine()
    assert found is not None
    return found


@pytest.fixture
def client(engine: Engine) -> Iterator[docker.DockerClient]:
    with contextlib.closing(engine.connect()) as client:
        yield client


@contextlib.contextmanager
def _running(client: docker.DockerClient, image: str, **options: object) -> Iterator[Container]:
    container = client.containers.run(image, detach=True, publish_all_ports=True, **options)
    try:
        yield container
    finally:
        container.remove(force=True, v=True)


def _port(container: Container, inner: str) -> int:
    container.reload()
    return int(container.ports[inner][0]["HostPort"])


def _connect(port: int, **who: str) -> psycopg.Connection:
    found: list[psycopg.Connection] = []

    def probe() -> Reading:
        try:
            found.append(psycopg.connect(host="127.0.0.1", port=port, **who))
        except psycopg.OperationalError as exc:
            return Reading("authentication failed" in str(exc), str(exc))
        return Reading(True)

    wait_until("Postgres accepts", probe, timeout_s=20)
    return found[0]


@pytest.mark.lab
def test_images_that_are_there_cost_no_progress(engine: Engine, settings: Settings) -> None:
    news: list[Progress] = []
    images = provide_images(engine, LAB_IMAGES, settings, news.append)
    assert news == []
    assert images.names == tuple(image.name for image in LAB_IMAGES)


@pytest.mark.lab
def test_postgres_honours_user_password_and_database(client: docker.DockerClient, engine: Engine) -> None:
    environment = {"POSTGRES_USER": 'o"hara', "POSTGRES_PASSWORD": "it's", "POSTGRES_DB": "mission-log"}
    with _running(client, _name("postgres:15", engine), environment=environment) as container:
        port = _port(container, "5432/tcp")
        with _connect(port, user='o"hara', password="it's", dbname="mission-log") as connection:
            row = connection.execute(
                "select current_user, rolsuper from pg_roles where rolname = current_user"
            )
            assert row.fetchone() == ('o"hara', True)
            assert connection.execute("show server_version_num").fetchone()[0].startswith("15")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(
                host="127.0.0.1", port=port, user='o"hara', password="wrong", dbname="mission-log"
            )


@pytest.mark.lab
def test_postgres_keeps_its_data_over_a_restart(client: docker.DockerClient, engine: Engine) -> None:
    who = {"user": "postgres", "password": "x", "dbname": "postgres"}
    with _running(client, _name("postgres:15", engine), environment={"POSTGRES_PASSWORD": "x"}) as container:
        with _connect(_port(container, "5432/tcp"), **who) as connection:
            connection.execute("create table kept as select 42 as answer")
        container.restart()
        with _connect(_port(container, "5432/tcp"), **who) as connection:
            assert connection.execute("select answer from kept").fetchone() == (42,)


@pytest.mark.lab
def test_postgres_makes_its_database_on_an_empty_volume(client: docker.DockerClient, engine: Engine) -> None:
    options = {"environment": {"POSTGRES_PASSWORD": "x"}, "tmpfs": {"/var/lib/postgresql/data": ""}}
    with _running(client, _name("postgres:15", engine), **options) as container:
        _connect(_port(container, "5432/tcp"), user="postgres", password="x", dbname="postgres").close()


@pytest.mark.lab
def test_postgres_without_a_password_says_what_is_missing(
    client: docker.DockerClient, engine: Engine
) -> None:
    container = client.containers.run(_name("postgres:15", engine), detach=True)
    try:
        assert container.wait()["StatusCode"] == 1
        assert b"POSTGRES_PASSWORD is not set" in container.logs()
    finally:
        container.remove(force=True, v=True)


@pytest.mark.lab
def test_postgres_stops_at_once_with_clients_connected(client: docker.DockerClient, engine: Engine) -> None:
    with _running(client, _name("postgres:15", engine), environment={"POSTGRES_PASSWORD": "x"}) as container:
        who = {"user": "postgres", "password": "x", "dbname": "postgres"}
        with contextlib.suppress(psycopg.OperationalError), _connect(_port(container, "5432/tcp"), **who):
            container.stop(timeout=5)
        container.reload()
        assert container.attrs["State"]["ExitCode"] == 0


@pytest.mark.lab
def test_redis_takes_options_like_the_upstream_image(client: docker.DockerClient, engine: Engine) -> None:
    command = ["redis-server", "--requirepass", "secret"]
    with _running(client, _name("redis:7", engine), command=command) as container:
        server = redis.Redis(port=_port(container, "6379/tcp"), password="secret")

        def probe() -> Reading:
            try:
                return Reading(bool(server.ping()))
            except redis.exceptions.ConnectionError as exc:
                return Reading(False, str(exc))

        wait_until("Redis answers", probe, timeout_s=10)
        assert server.info()["redis_version"].startswith("7.")
        server.close()


@pytest.mark.lab
def test_python_installs_packages_system_wide(client: docker.DockerClient, engine: Engine) -> None:
    script = (
        "python --version && pip --version && id -u && python -c 'import ssl; ssl.create_default_context()'"
    )
    output = client.containers.run(_name("python:3.11-slim", engine), ["sh", "-c", script], remove=True)
    assert output.startswith(b"Python 3.11")
    assert b"/usr/lib/python3" in output


@pytest.mark.lab
def test_testcontainers_own_postgres_container_works_unchanged(
    live_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    from testcontainers.community.postgres import PostgresContainer
    from testcontainers.core.config import testcontainers_config

    environment = live_lab.environment()
    monkeypatch.setenv("DOCKER_HOST", environment["DOCKER_HOST"])
    prefix = environment.get("TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX", "")
    monkeypatch.setattr(testcontainers_config, "hub_image_name_prefix", prefix)
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    with PostgresContainer("postgres:15", driver=None) as container:
        assert container.get_wrapped_container().image.tags
        with psycopg.connect(container.get_connection_url()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.lab
def test_an_image_carries_no_mark_of_a_run(client: docker.DockerClient, engine: Engine) -> None:
    """Containers inherit their image's labels: somebody else's container would be swept."""
    for image in LAB_IMAGES:
        found = client.images.get(_name(image.name, engine)).labels
        assert not [name for name in found if name in ("io.opchaos", "io.opchaos.run", "io.opchaos.owner")]


@pytest.mark.lab
def test_an_image_carries_no_cache_of_apt(client: docker.DockerClient, engine: Engine) -> None:
    for image in LAB_IMAGES:
        command = ["find", "/var/cache/apt", "/var/lib/apt/lists", "-type", "f", "-size", "+0"]
        assert client.containers.run(_name(image.name, engine), command, entrypoint="", remove=True) == b""


@pytest.mark.lab
def test_a_registry_that_does_not_answer_is_named_with_the_way_out(
    live_lab: Lab, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = Settings(
        home=tmp_path_factory.mktemp("m"), cache=tmp_path_factory.mktemp("c"), images="upstream"
    )
    news: list[Progress] = []
    with pytest.raises(RegistryUnreachable) as caught:
        provide_images(engine, [NOWHERE], settings, news.append)
    assert NOWHERE.name in caught.value.what
    assert "connection refused" in caught.value.evidence
    assert "OPCHAOS_IMAGES=offline" in caught.value.fix
    assert news[0].step == f"Pulling {NOWHERE.name}"  # announced before it was tried


@pytest.mark.lab
@pytest.mark.parametrize("source", ["auto", "upstream"])
def test_a_registry_that_answers_is_pulled_from_with_the_size_told(
    engine: Engine, client: docker.DockerClient, tmp_path: Path, source: Literal["auto", "upstream"]
) -> None:
    settings = Settings(home=tmp_path, cache=tmp_path / "c", images=source)
    news: list[Progress] = []
    with fake_registry(tiny_tar()) as name:
        image = LabImage(name, "redis")
        assert find_images(engine, [image], settings) is None
        try:
            images = provide_images(engine, [image], settings, news.append)
            assert images.reference(name) == name
            assert find_images(engine, [image], settings) == images
        finally:
            client.images.remove(name, force=True)
    assert news[0].detail == "the registry has not told the size yet"
    assert news[-1].detail.startswith("done")
    assert news[-1].fraction == 1.0


@pytest.mark.lab
def test_without_registry_and_without_root_nothing_is_tried(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_store, "this_machine", lambda: Machine("fedora", "", False, True))
    settings = Settings(home=tmp_path_factory.mktemp("m"), cache=tmp_path_factory.mktemp("c"))
    with pytest.raises(RegistryUnreachable) as caught:
        provide_images(engine, [NOWHERE], settings, no_progress)
    assert "only by root on Debian" in caught.value.what
    assert "fedora" in caught.value.evidence
    assert "OPCHAOS_TIER=EMBEDDED" in caught.value.fix


@pytest.mark.lab
def test_a_taken_port_names_who_holds_it(client: docker.DockerClient, engine: Engine) -> None:
    import socket

    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        listener.listen()
        port = listener.getsockname()[1]
        container = client.containers.create(_name("redis:7", engine), ports={"6379/tcp": port})
        try:
            with pytest.raises(PortTaken) as caught, translated("starting Redis", engine):
                container.start()
        finally:
            container.remove(force=True)
    assert f"Port {port} is in use by `" in caught.value.what
    assert "(process " in caught.value.what
    assert "already in use" in caught.value.evidence
    assert "free port" in caught.value.fix


def test_other_words_of_the_engine_become_the_evidence() -> None:
    error = explain("starting a container", "no such network: warp")
    assert type(error) is LabError
    assert error.evidence == "no such network: warp"


def test_every_python_of_the_catalogue_has_its_own_release() -> None:
    assert [python_image(v).suite for v in ("3.9", "3.11", "3.13")] == ["bullseye", "bookworm", "trixie"]
    with pytest.raises(InvalidInput, match="no offline image with Python 2") as caught:
        python_image("2.7")
    assert "3.11" in caught.value.evidence


def test_a_changed_recipe_is_another_image() -> None:
    one = LabImage("postgres:15", "postgres", arguments=(("MAJOR", "15"),))
    two = LabImage("postgres:15", "postgres", arguments=(("MAJOR", "16"),))
    assert recipe_id(one) == recipe_id(one) != recipe_id(two)


def _name(name: str, engine: Engine) -> str:
    found = find_images(engine, LAB_IMAGES, Settings())
    assert found is not None
    return found.reference(name)
