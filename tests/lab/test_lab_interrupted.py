"""A real `up`, interrupted or killed in the middle of its slow parts."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from chaos_lib.errors import LabBusy
from chaos_lib.lab import lab as lab_module
from chaos_lib.lab.own_engine import OwnEngine
from chaos_lib.settings import Settings

from .conftest import traces
from .up_driver import lab

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]


def _up(arguments: Sequence[str]) -> "subprocess.Popen[str]":
    driver = Path(__file__).with_name("up_driver.py")
    return subprocess.Popen(
        [sys.executable, "-m", "lab.up_driver", *arguments],
        cwd=driver.parent.parent,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _until(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            return
    pytest.fail(f"`up` ended without {words!r}:\n{''.join(seen)}")


def _finish(process: "subprocess.Popen[str]") -> str:
    output, _ = process.communicate(timeout=120)
    return output


def _programs(mark: str) -> list[str]:
    return [
        " ".join(process.info["cmdline"])
        for process in psutil.process_iter(["cmdline"])
        if any(mark in part for part in process.info["cmdline"] or ())
    ]


def test_ctrl_c_in_an_image_build_leaves_nothing_and_the_next_up_works(
    own_engine: OwnEngine, settings: Settings
) -> None:
    arguments = [str(settings.home), str(settings.cache), str(own_engine.places.folder)]
    with _up(arguments) as process:
        _until(process, "Building redis:7: #")
        process.send_signal(signal.SIGINT)
        output = _finish(process)
    assert "Interrupted: The start of the lab was interrupted; what it had begun is cleaned up." in output
    assert process.returncode == 1
    assert traces(own_engine.places) == []
    assert not (settings.state / "lab.json").exists()

    with _up(arguments) as process:
        _until(process, "UP")
        _finish(process)
    assert process.returncode == 0
    mission = lab(settings.home, settings.cache, own_engine.places.folder)
    assert mission.status().is_up
    mission.down()
    assert traces(own_engine.places) == []


def test_ctrl_c_while_debian_is_unpacked_leaves_no_process_mount_or_file(
    own_engine: OwnEngine, settings: Settings, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"  # an empty one, so that Debian is unpacked anew
    with _up([str(settings.home), str(cache), str(own_engine.places.folder)]) as process:
        _until(process, "extracting archives")
        process.send_signal(signal.SIGINT)
        output = _finish(process)
    assert "Interrupted:" in output
    assert traces(own_engine.places) == []
    assert _programs(str(cache)) == []
    assert str(cache) not in Path("/proc/self/mounts").read_text()
    assert list((cache / "rootfs").iterdir()) == []


def test_a_killed_up_is_no_obstacle_for_down(own_engine: OwnEngine, settings: Settings) -> None:
    arguments = [str(settings.home), str(settings.cache), str(own_engine.places.folder)]
    with _up(arguments) as process:
        _until(process, "Importing Debian")
        os.killpg(process.pid, signal.SIGKILL)
    lab(settings.home, settings.cache, own_engine.places.folder).down()
    assert traces(own_engine.places) == []


def test_a_second_up_is_told_who_is_at_work(
    own_engine: OwnEngine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab_module, "_LOCK_S", 0.2)
    arguments = [str(settings.home), str(settings.cache), str(own_engine.places.folder)]
    with _up(arguments) as process:
        _until(process, "Starting the Docker engine")
        with pytest.raises(LabBusy) as caught:
            lab(settings.home, settings.cache, own_engine.places.folder).up()
        process.send_signal(signal.SIGINT)
        _finish(process)
    assert f"process {process.pid} is starting the lab" in caught.value.evidence
    assert traces(own_engine.places) == []
