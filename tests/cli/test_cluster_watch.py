"""A headless run that waits for the cluster's build says how far it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_lib import labels
from chaos_lib.cli.cluster_watch import ClusterWatch
from chaos_lib.headless.events import NotebookFinished, NotebookStarted, RunEvent
from chaos_lib.headless.report import NotebookResult, Outcome
from chaos_lib.lab.cluster.build.job import BuildJob, BuildState
from chaos_lib.wait import Reading, wait_until


@pytest.fixture
def job(tmp_path: Path) -> BuildJob:
    """A build that goes on, as its own process would note it: this test's process."""
    state = BuildState(owner=labels.process_owner(), detail="compiling: kubelet", fraction=0.42)
    (tmp_path / "kubernetes").mkdir()
    (tmp_path / "kubernetes" / "build.json").write_text(state.model_dump_json())
    return BuildJob(tmp_path)


def test_it_tells_how_far_the_build_is_from_the_start_of_the_phase_that_waits(job: BuildJob) -> None:
    said: list[str] = []
    heard: list[RunEvent] = []
    events = (
        NotebookStarted("phase-4-k8s", 3),
        NotebookFinished(NotebookResult("phase-4-k8s", Outcome.PASS)),
    )
    with ClusterWatch(job, said.append, heard.append) as watch:
        watch(events[0])
        wait_until("something was said", lambda: Reading(bool(said), "nothing"), timeout_s=30)
        watch(events[1])
    assert said == ["… waiting for the cluster: Kubernetes is being built, 42% (compiling: kubelet)"]
    assert heard == list(events)


def test_other_phases_and_other_names_wait_for_nothing(job: BuildJob) -> None:
    said: list[str] = []
    with ClusterWatch(job, said.append, lambda _: None) as watch:
        watch(NotebookStarted("phase-1-tests", 3))
        watch(NotebookStarted("a-notebook-of-mine", 3))
        assert watch._thread is None
    assert said == []


def test_a_build_that_is_done_is_not_talked_about(tmp_path: Path) -> None:
    with ClusterWatch(BuildJob(tmp_path), pytest.fail, lambda _: None) as watch:
        watch(NotebookStarted("phase-4-k8s", 3))
        assert watch._thread is None
