"""Images from a real registry: a second, empty engine of the lab pulls what the first one has pushed."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from chaos_lib.errors import RegistryUnreachable
from chaos_lib.lab import Lab, image_store
from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.builds.image_builder import ImageBuilder
from chaos_lib.lab.debian import Machine
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.facility import Progress, no_progress
from chaos_lib.lab.image_catalogue import LOCAL_PREFIX, PYTHON, REDIS
from chaos_lib.lab.image_store import find_images, provide_images
from chaos_lib.lab.own_engine import OwnEngine
from chaos_lib.settings import Settings

from .real_registry import push, real_registry

pytestmark = [pytest.mark.lab, pytest.mark.timeout(400)]
_IMAGES = (REDIS, PYTHON)


@pytest.fixture(scope="module")
def registry(live_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry that has the lab's images under the upstream names, in the folder where Docker Hub has them."""
    engine = DockerContainers(live_lab.settings).search().require()
    found = find_images(engine, _IMAGES, live_lab.settings)
    assert found is not None
    with real_registry(tmp_path_factory.mktemp("registry") / "files") as name:
        with contextlib.closing(engine.connect(timeout_s=300)) as client:
            for image in _IMAGES:
                push(client, found.reference(image.name), f"{name}/library/{image.name}")
        yield f"{name}/library"


@pytest.fixture
def empty_engine(own_engine: OwnEngine) -> Engine:
    version = own_engine.start(no_progress)
    return Engine(own_engine.address, version.version, version.api_version, "the test", is_own=True)


def test_images_come_from_the_registry_that_a_setting_names(
    registry: str, empty_engine: Engine, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "mission", cache=tmp_path / "cache", registry=registry)
    news: list[Progress] = []

    ready = provide_images(empty_engine, [REDIS], settings, news.append)

    # Announced before the first byte, then with its size in megabytes, then finished.
    assert news[0] == Progress(f"Pulling {registry}/redis:7", "the registry has not told the size yet", 0.0)
    sizes = [float(found[1]) for item in news if (found := re.search(r"of (\d+\.\d) MB", item.detail))]
    assert sizes
    assert max(sizes) > 10
    assert news[-1].detail == f"done, {max(sizes):.1f} MB"
    # From here on it has its usual name, as upstream: nothing else has to know of the registry.
    assert ready.reference("redis:7") == "redis:7"
    assert mission_images.inspect(empty_engine, "redis:7") is not None
    assert mission_images.inspect(empty_engine, f"{registry}/redis:7") is None
    with contextlib.closing(empty_engine.connect()) as client:
        version = client.containers.run("redis:7", ["redis-server", "--version"], remove=True)
    assert version.startswith(b"Redis server v=7.")
    # The second time nothing is asked: what is there is taken, even without a registry.
    again: list[Progress] = []
    nowhere = settings.model_copy(update={"registry": "127.0.0.1:1"})
    assert provide_images(empty_engine, [REDIS], nowhere, again.append) == ready
    assert again == []

    # A build whose base is not here is led there, too.
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(f"FROM {PYTHON.name}\nLABEL a=b\n", encoding="utf-8")
    report = ImageBuilder(empty_engine, settings).build(context, progress=news.append)
    assert report.base == PYTHON.name
    assert f"Pulling {registry}/{PYTHON.name}" in {item.step for item in news}
    assert mission_images.inspect(empty_engine, f"{LOCAL_PREFIX}{PYTHON.name}") is None


@pytest.mark.parametrize("source", ["auto", "upstream"])
def test_an_image_that_the_registry_does_not_have_is_named(
    registry: str, live_lab: Lab, tmp_path: Path, source: Literal["auto", "upstream"], monkeypatch
) -> None:
    monkeypatch.setattr(image_store, "this_machine", lambda: Machine("fedora", "", False, True))
    engine = DockerContainers(live_lab.settings).search().require()
    settings = Settings(
        home=tmp_path / "m", cache=tmp_path / "c", registry=f"{registry}/elsewhere", images=source
    )
    absent = image_store.LabImage("absent:1", "redis")

    with pytest.raises(RegistryUnreachable) as caught:
        provide_images(engine, [absent], settings, no_progress)

    assert "absent:1" in caught.value.what
    if source == "upstream":
        assert "manifest unknown" in caught.value.evidence
        assert "OPCHAOS_REGISTRY" in caught.value.fix


@pytest.mark.parametrize("source", ["auto", "upstream"])
def test_a_registry_that_is_silent_is_given_up_soon(
    live_lab: Lab, tmp_path: Path, source: Literal["auto", "upstream"], monkeypatch
) -> None:
    """It takes the connection and says nothing, as behind a firewall; then the next way is tried."""
    monkeypatch.setattr(image_store, "this_machine", lambda: Machine("fedora", "", False, True))
    # The deadlines are 3 and 15 seconds; the engine itself would wait for minutes.
    monkeypatch.setattr(image_store, "_INSISTENT_S", 3.0)
    engine = DockerContainers(live_lab.settings).search().require()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        name = f"127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(home=tmp_path / "m", cache=tmp_path / "c", registry=name, images=source)
        start = time.monotonic()
        with pytest.raises(RegistryUnreachable) as caught:
            provide_images(engine, [image_store.LabImage("absent:1", "redis")], settings, no_progress)
        elapsed_s = time.monotonic() - start

    assert elapsed_s < 8
    if source == "auto":
        assert "images can be built offline only by root on Debian" in caught.value.what
    else:
        assert "no answer within 3 s" in caught.value.evidence
