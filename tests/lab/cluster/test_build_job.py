"""The build as a process: begun, followed, killed, thrown away. The build itself runs with the cluster's tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from chaos_lib import labels
from chaos_lib.errors import ChaosError, ClusterUnavailable, DiskFull
from chaos_lib.lab.apt_sources import DebianMirror
from chaos_lib.lab.cluster.build import job as job_module
from chaos_lib.lab.cluster.build import kubernetes_build
from chaos_lib.lab.cluster.build.archive import Archive
from chaos_lib.lab.cluster.build.job import BuildJob, BuildState
from chaos_lib.lab.cluster.build.kubernetes_build import PROGRAMS
from chaos_lib.lab.facility import Progress, ProgressSink, no_progress
from chaos_lib.lab.lock import exclusive
from chaos_lib.wait import Reading, wait_until

Build = Callable[[Path, Path, ProgressSink], Path]


@pytest.fixture
def job(tmp_path: Path) -> Iterator[BuildJob]:
    found = BuildJob(tmp_path)
    yield found
    found.stop()


def _made(cache: Path, work: Path, progress: ProgressSink) -> Path:
    """Make all programs, as a build does at its end."""
    progress(Progress("Building", "compiling", 0.5))
    for name in PROGRAMS:
        (work / "bin").mkdir(exist_ok=True)
        (work / "bin" / name).touch()
    target = kubernetes_build.folder_of(cache)
    (work / "bin").rename(target)
    return target


def _refusing(error: ChaosError) -> Build:
    def build(cache: Path, work: Path, progress: ProgressSink) -> Path:
        raise error

    return build


def test_a_build_keeps_its_state_and_ends_with_the_programs(
    job: BuildJob, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[BuildState | None] = []

    def build(cache: Path, work: Path, progress: ProgressSink) -> Path:
        progress(Progress("Building", "compiling", 0.25))
        seen.append(job.state())
        assert job.is_running
        return _made(cache, work, progress)

    monkeypatch.setattr(job_module, "build", build)
    job.run()
    (state,) = seen
    assert state is not None
    assert (state.detail, state.fraction, state.is_running) == ("compiling", 0.25, True)
    assert job.is_done
    assert job.state() is None
    assert list((tmp_path / "kubernetes").glob("work-*")) == []
    assert job.follow(no_progress) == job.programs
    assert not job.begin(in_background=True)
    job.purge()
    assert not job.is_done


@pytest.mark.parametrize("kind", [ClusterUnavailable, DiskFull])
def test_who_follows_a_build_that_fails_is_told_why(
    job: BuildJob, monkeypatch: pytest.MonkeyPatch, kind: type[ChaosError]
) -> None:
    monkeypatch.setattr(
        job_module, "build", _refusing(kind("No.", evidence="the last lines", fix="Mend it."))
    )
    monkeypatch.setattr(job, "begin", lambda *, in_background: job.run() or True)
    with pytest.raises(kind) as caught:
        job.follow(no_progress)
    assert (caught.value.what, caught.value.evidence, caught.value.fix) == (
        "No.",
        "the last lines",
        "Mend it.",
    )


def test_a_build_that_was_killed_is_not_taken_for_one_that_goes_on(job: BuildJob, tmp_path: Path) -> None:
    (tmp_path / "kubernetes").mkdir()
    gone = BuildState(
        owner=labels.process_owner().replace(f"/{os.getpid()}/", "/999999999/"), detail="x", fraction=0.5
    )
    (tmp_path / "kubernetes" / "build.json").write_text(gone.model_dump_json())
    assert not job.is_running
    # Of two that were begun at once the one that holds the lock builds, whatever the state says.
    with exclusive(tmp_path / "kubernetes.lock", "building", timeout_s=1):
        assert job.is_running
        assert not job.begin(in_background=True)


def test_a_second_build_leaves_it_to_the_first(
    job: BuildJob, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(job_module, "_LOCK_S", 0.0)
    monkeypatch.setattr(job_module, "build", _refusing(ClusterUnavailable("It built.")))
    with exclusive(tmp_path / "kubernetes.lock", "building", timeout_s=1):
        job.run()
    assert job.state() is None


@pytest.mark.lab
def test_a_build_that_is_killed_leaves_nothing_for_the_next(job: BuildJob, tmp_path: Path) -> None:
    assert job.begin(in_background=True)
    assert not job.begin(in_background=True)

    def begun() -> Reading:
        return Reading(bool(list((tmp_path / "kubernetes").glob("work-*/apt/*"))), str(job.state()))

    wait_until("the build fetches", begun, timeout_s=60)
    state = job.state()
    assert state is not None
    builder = psutil.Process(int(state.owner.split("/")[1]))
    assert builder.nice() == 10
    os.kill(builder.pid, signal.SIGKILL)
    wait_until("the builder is gone", lambda: Reading(not job.is_running), timeout_s=10)
    (left,) = (tmp_path / "kubernetes").glob("work-*")

    assert job.begin(in_background=True)
    wait_until("what was left is thrown away", lambda: Reading(not left.exists()), timeout_s=30)
    job.stop()
    assert list((tmp_path / "kubernetes").glob("work-*")) == []
    assert job.state() is None


def test_too_little_room_is_said_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes_build, "NEEDED_BYTES", 10**18)
    with pytest.raises(DiskFull) as caught:
        kubernetes_build.build(tmp_path, tmp_path / "work", no_progress)
    assert caught.value.what == "No room left on a disk while building Kubernetes."
    assert "needed" in caught.value.evidence


@pytest.mark.lab
def test_a_mirror_that_does_not_answer_is_shown(tmp_path: Path) -> None:
    nowhere = DebianMirror("http://127.0.0.1:1/debian", "")
    with pytest.raises(ClusterUnavailable) as caught:
        Archive(tmp_path, nowhere, "bookworm").update()
    assert caught.value.what == "apt-get could not fetch what the cluster is built from."
    assert "127.0.0.1" in caught.value.evidence
    assert "apt-get update" in caught.value.fix
