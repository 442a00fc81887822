"""The provider `docker` on an engine of its own: when it stops the engine, and when it must not."""

import contextlib
import shutil
from pathlib import Path

import pytest

from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.lab.facility import no_progress
from chaos_lib.lab.own_engine import OwnEngine
from chaos_lib.labels import LAB_OWNER, labels
from chaos_lib.settings import Settings

from .conftest import traces
from .tiny_image import tiny_tar

pytestmark = pytest.mark.lab


def _provider(own_engine: OwnEngine, home: Path) -> DockerContainers:
    settings = Settings(home=home, cache=home / "cache", engine_folder=own_engine.places.folder)
    return DockerContainers(settings, own_engine=own_engine, images=(), looks_elsewhere=False)


def test_the_engine_stays_while_another_mission_uses_it(own_engine: OwnEngine, tmp_path: Path) -> None:
    first, second = (_provider(own_engine, tmp_path / name) for name in ("first", "second"))
    first.start(no_progress)
    second.start(no_progress)
    notes = first.stop(purge=False, progress=no_progress)
    assert notes == (f"The lab's Docker engine stays up: other missions use it ({tmp_path / 'second'}).",)
    assert second.attach() is not None
    assert second.stop(purge=False, progress=no_progress) == ()
    assert traces(own_engine.places) == []


def test_the_engine_stays_while_somebody_has_a_container_on_it(own_engine: OwnEngine, tmp_path: Path) -> None:
    provider = _provider(own_engine, tmp_path / "mission")
    engine = provider.start(no_progress).engine
    assert engine is not None
    with contextlib.closing(engine.connect()) as client:
        client.api.import_image_from_data(tiny_tar(), repository="tiny", tag="1")
        client.containers.create("tiny:1", ["/bin/sleep", "1"], name="somebodys")
        notes = provider.stop(purge=False, progress=no_progress)
        assert notes == ("The lab's Docker engine stays up: it has other containers (somebodys).",)
        client.containers.get("somebodys").remove()
    assert provider.stop(purge=False, progress=no_progress) == ()
    assert traces(own_engine.places) == []


@pytest.mark.parametrize("does", ["start", "stop"])
def test_a_mission_whose_folder_was_deleted_holds_nothing_for_ever(
    own_engine: OwnEngine, tmp_path: Path, does: str
) -> None:
    deleted, other = (_provider(own_engine, tmp_path / name) for name in ("deleted", "other"))
    engine = deleted.start(no_progress).engine
    other.start(no_progress)
    assert engine is not None
    marks = labels(Settings(home=tmp_path / "deleted").run_id(), owner=LAB_OWNER)
    with contextlib.closing(engine.connect()) as client:
        client.api.import_image_from_data(tiny_tar(), repository="tiny", tag="1")
        client.containers.create("tiny:1", ["/bin/sleep", "1"], name="left", labels=marks)
        shutil.rmtree(tmp_path / "deleted")
        if does == "start":
            other.start(no_progress)
            assert client.containers.list(all=True) == []
    assert other.stop(purge=False, progress=no_progress) == ()
    assert traces(own_engine.places) == []


def test_a_purge_gives_back_the_cache(own_engine: OwnEngine, tmp_path: Path) -> None:
    provider = _provider(own_engine, tmp_path / "mission")
    provider.start(no_progress)
    (tmp_path / "mission" / "cache" / "rootfs").mkdir(parents=True)
    provider.stop(purge=True, progress=no_progress)
    assert traces(own_engine.places) == []
    assert not own_engine.places.folder.exists()
    assert not (tmp_path / "mission" / "cache" / "rootfs").exists()


def test_a_killed_engine_is_put_away_by_stop(own_engine: OwnEngine, tmp_path: Path) -> None:
    provider = _provider(own_engine, tmp_path / "mission")
    provider.start(no_progress)
    for process in own_engine._daemons():
        process.kill()
        process.wait(5)
    provider.stop(purge=False, progress=no_progress)
    assert traces(own_engine.places) == []
