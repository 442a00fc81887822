"""A real dockerd of our own: started, killed, healed and stopped."""

import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import docker
import psutil
import pytest

from chaos_lib.errors import DiskFull, EngineUnavailable
from chaos_lib.lab.engine import Engine
from chaos_lib.lab.engine_errors import translated
from chaos_lib.lab.engine_places import EnginePlaces
from chaos_lib.lab.facility import no_progress
from chaos_lib.lab.own_engine import OwnEngine
from chaos_lib.wait import Reading, wait_until

from .conftest import traces
from .tiny_image import tiny_image, tiny_tar

pytestmark = pytest.mark.lab

# `sleep` as process 1 ignores SIGTERM: without this the engine waits ten seconds for it.
AT_ONCE = {"stop_signal": "SIGKILL"}


@contextlib.contextmanager
def _client(engine: OwnEngine) -> Iterator[docker.DockerClient]:
    with contextlib.closing(engine.address.connect(timeout_s=60)) as client:
        yield client


def _kill(engine: OwnEngine) -> None:
    pid = int(engine.places.pid_file.read_text())
    os.kill(pid, signal.SIGKILL)
    wait_until("the engine is dead", lambda: Reading(not psutil.pid_exists(pid)), timeout_s=5)


def test_an_engine_starts_runs_a_container_and_leaves_nothing_behind(own_engine: OwnEngine) -> None:
    own_engine.start(no_progress)
    with _client(own_engine) as client, tiny_image(client) as image:
        container = client.containers.run(image, ["/bin/sleep", "60"], detach=True, **AT_ONCE)
        assert container.status in ("created", "running")
        info = client.info()
    assert info["CgroupDriver"] == "cgroupfs"
    assert info["LoggingDriver"] == "json-file"
    assert info["DockerRootDir"] == str(own_engine.places.data_root)
    own_engine.stop(no_progress)
    assert traces(own_engine.places) == []
    assert own_engine.places.data_root.exists()  # the cache
    own_engine.stop(no_progress)  # may be called twice


def test_a_negative_oom_score_is_no_obstacle(own_engine: OwnEngine) -> None:
    own_engine.start(no_progress)
    with _client(own_engine) as client, tiny_image(client) as image:
        container = client.containers.run(image, ["/bin/sleep", "60"], detach=True, oom_score_adj=-998)
        container.reload()
        assert container.status == "running"
        container.remove(force=True)


def test_a_killed_engine_starts_again_and_knows_its_containers(own_engine: OwnEngine) -> None:
    own_engine.start(no_progress)
    with _client(own_engine) as client:
        client.api.import_image_from_data(tiny_tar(), repository="tiny", tag="1")
        client.containers.run("tiny:1", ["/bin/sleep", "600"], detach=True, name="sleeper", **AT_ONCE)
    _kill(own_engine)
    assert own_engine.answer() is None
    own_engine.start(no_progress)
    with _client(own_engine) as client:
        sleeper = client.containers.get("sleeper")
        sleeper.start()
        sleeper.reload()
        assert sleeper.status == "running"


def test_stopping_a_killed_engine_ends_the_containers_that_outlived_it(own_engine: OwnEngine) -> None:
    own_engine.start(no_progress)
    with _client(own_engine) as client:
        client.api.import_image_from_data(tiny_tar(), repository="tiny", tag="1")
        container = client.containers.run("tiny:1", ["/bin/sleep", "601"], detach=True, **AT_ONCE)
        sleeper = psutil.Process(client.api.inspect_container(container.id)["State"]["Pid"])
    _kill(own_engine)
    assert sleeper.is_running()
    own_engine.stop(no_progress)
    assert traces(own_engine.places) == []
    assert not sleeper.is_running()


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(own_engine: OwnEngine) -> None:
    own_engine.places.run.mkdir(parents=True)
    own_engine.places.pid_file.write_text(str(os.getpid()))
    own_engine.places.socket.touch()
    assert own_engine.start(no_progress).version
    assert psutil.pid_exists(os.getpid())


def test_two_starts_at_once_make_one_engine(own_engine: OwnEngine) -> None:
    code = (
        "import sys; from pathlib import Path; from chaos_lib.lab.own_engine import EnginePlaces, OwnEngine; "
        "OwnEngine(EnginePlaces.of(Path(sys.argv[1])), manages_firewall=False).start(lambda p: None)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(own_engine.places.folder)], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in both:
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint
    daemons = [
        p
        for p in psutil.process_iter(["name", "cmdline"])
        if p.info["name"] == "dockerd" and str(own_engine.places.config) in (p.info["cmdline"] or ())
    ]
    assert len(daemons) == 1


def test_an_engine_that_ends_at_once_shows_its_log(own_engine: OwnEngine) -> None:
    own_engine.places.data_root.mkdir(parents=True)
    (own_engine.places.data_root / "containers").write_text("a file where a folder should be")
    with pytest.raises(EngineUnavailable) as caught:
        own_engine.start(no_progress)
    assert "ended right after its start" in caught.value.what
    assert "not a directory" in caught.value.evidence
    assert str(own_engine.places.log) in caught.value.fix


def test_a_folder_that_cannot_be_written_is_named(own_engine: OwnEngine) -> None:
    own_engine.places.folder.mkdir(parents=True)
    own_engine.places.data_root.write_text("a file where a folder should be")
    with pytest.raises(EngineUnavailable) as caught:
        own_engine.start(no_progress)
    assert "could not be written" in caught.value.what
    assert str(own_engine.places.data_root) in caught.value.evidence
    assert "OPCHAOS_ENGINE_FOLDER" in caught.value.fix


def test_a_full_disk_is_said_to_be_full(tmp_path: Path, own_engine: OwnEngine) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(small)], check=True)
    engine = OwnEngine(EnginePlaces.of(small / "engine"), manages_firewall=False)
    try:
        version = engine.start(no_progress)
        answered = Engine(engine.address, version.version, version.api_version, "the test")
        with pytest.raises(DiskFull) as caught:
            _fill(engine, answered)
        assert caught.value.what == "No room left on a disk while importing."
        assert "no space left on device" in caught.value.evidence
        assert "df -h" in caught.value.fix
    finally:
        engine.stop(no_progress)
        subprocess.run(["umount", "--lazy", str(small)], check=True)


def _fill(engine: OwnEngine, answered: Engine) -> None:
    with _client(engine) as client, translated("importing", answered):
        for number in range(20):
            client.api.import_image_from_data(_noise(number), repository="noise", tag=str(number))


def _noise(number: int) -> bytes:
    content = random.Random(number).randbytes(2_000_000)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        item = tarfile.TarInfo("noise")
        item.size = len(content)
        tar.addfile(item, io.BytesIO(content))
    return buffer.getvalue()


def test_with_its_firewall_a_stopped_engine_leaves_the_network_as_it_was(tmp_path: Path) -> None:
    """Played in a network namespace of its own: nothing else on this machine sees the rules."""
    script = Path(__file__).with_name("firewall_round_trip.py")
    result = subprocess.run(
        ["unshare", "--net", sys.executable, str(script), str(tmp_path / "engine")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert "MASQUERADE" in report["rules_up"]
    assert any(name.startswith("br-") for name in report["links_up"])
    assert report["rules_after"] == report["rules_before"]
    assert report["links_after"] == report["links_before"]
    assert report["ip_forward_after"] == report["ip_forward_before"]
