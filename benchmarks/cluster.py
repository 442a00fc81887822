"""The offline cluster: its first build, a cold start, and the memory of the live lab with it. Root on Debian only.

The build goes into a cache of its own, and the cold start happens on an engine and in a network of its own: nobody's cluster is
disturbed. The memory is that of the engine, the cluster, and this mission's containers (proportional set size).
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import psutil

from benchmarks.report import Figure, at_most, informs, publish, timed_s
from chaos_lib import labels
from chaos_lib.defences.base import DefenceContext
from chaos_lib.defences.rollout_gate import ROLLOUT_GATE
from chaos_lib.experiment import Experiment
from chaos_lib.lab import Lab
from chaos_lib.lab.cluster.base import namespace_of
from chaos_lib.lab.cluster.build.job import BuildJob
from chaos_lib.lab.cluster.offline.offline_cluster import OfflineCluster, install_programs
from chaos_lib.lab.cluster.offline.places import ClusterPlaces
from chaos_lib.lab.cluster_facility import ClusterFacility
from chaos_lib.lab.containers_facility import ContainersFacility
from chaos_lib.lab.engine_places import EnginePlaces
from chaos_lib.lab.facility import no_progress
from chaos_lib.lab.own_engine import OwnEngine
from chaos_lib.mission import with_lab_names
from chaos_lib.phases import FINISHED
from chaos_lib.processes import naming
from chaos_lib.settings import Settings

_TIMEOUT_S = 600
_COLD = "--cold"
_POD_NAMESPACE = "io.kubernetes.pod.namespace"


def build_s(folder: Path) -> float:
    """Build Kubernetes from nothing and return the seconds."""
    job = BuildJob(folder / "cache")
    return timed_s(lambda: job.follow(no_progress))


def cold_start_s(folder: Path) -> tuple[float, float]:
    """Return the seconds of a cold start, and of a second one that finds all running; see `_cold`."""
    argv = ["unshare", "--net", sys.executable, "-m", "benchmarks.cluster", _COLD, str(folder / "engine")]
    result = subprocess.run(argv, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True)
    cold, again = result.stdout.split()[-2:]
    return float(cold), float(again)


def _cold(folder: Path) -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    engine = OwnEngine(EnginePlaces.of(folder))
    cluster = OfflineCluster(ClusterPlaces(engine.places, BuildJob(Settings().cache).programs))
    try:
        engine.start(no_progress)
        print(timed_s(lambda: cluster.start(no_progress)), timed_s(lambda: cluster.start(no_progress)))
    finally:
        cluster.stop(no_progress)
        engine.stop(no_progress)


def memory_gb(settings: Settings) -> tuple[float, float]:
    """Return what the live lab takes with the finished project deployed, and the cluster's share of it, in gigabytes."""
    lab = Lab(settings)
    try:
        lab.up(also=(ClusterFacility.name,))
        Experiment(settings).workspace.create(FINISHED)
        variables = with_lab_names(lab.environment(), settings.run_id())
        verdict = ROLLOUT_GATE.run(DefenceContext(settings.workspace, {}, variables, settings))
        assert verdict.is_green, f"{verdict.summary}\n{verdict.evidence}"
        places = EnginePlaces.of(settings.engine_folder)
        cluster = _pss(naming(f"{places.folder / 'cluster'}/"))
        engine = _pss(p for p in naming(str(places.config)) if p.name() == "dockerd")
        engine += _pss(p for p in naming(f"{places.exec_root}/") if p.name().startswith("containerd"))
        return (engine + cluster + _pss(_in_containers(settings))) / 1e9, cluster / 1e9
    finally:
        lab.down()


def _in_containers(settings: Settings) -> Iterable[psutil.Process]:
    """The processes in this mission's containers and pods; other missions may come and go beside it."""
    engine = ContainersFacility(settings).engine()
    assert engine is not None
    with contextlib.closing(engine.connect()) as client:
        for item in client.api.containers():
            marks = item["Labels"]
            if marks.get(labels.RUN) == settings.run_id() or marks.get(_POD_NAMESPACE) == namespace_of(
                settings
            ):
                first = psutil.Process(client.api.inspect_container(item["Id"])["State"]["Pid"])
                yield from (first, *first.children(recursive=True))


def _pss(processes: Iterable[psutil.Process]) -> int:
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total


def measure() -> list[Figure]:
    """Measure everything once."""
    BuildJob(Settings().cache).follow(no_progress)
    install_programs(no_progress)
    with tempfile.TemporaryDirectory(prefix="opchaos-bench-") as name:
        folder = Path(name)
        built_s = build_s(folder)
        cold_s, again_s = cold_start_s(folder)
        whole_gb, cluster_gb = memory_gb(Settings(home=folder / "mission"))
    return [
        at_most("Kubernetes built from source, once on a machine", built_s, 360.0, "s"),
        at_most("cold start until the node is ready", cold_s, 30.0, "s"),
        at_most("start of a cluster that runs", again_s, 1.0, "s"),
        at_most("memory of the live lab with the cluster", whole_gb, 3.0, "GB"),
        informs("the cluster's own processes", cluster_gb, "GB"),
    ]


if __name__ == "__main__":
    if _COLD in sys.argv[1:]:
        _cold(Path(sys.argv[-1]))
    else:
        publish("The offline cluster", measure())
