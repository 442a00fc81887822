"""Our deployment with its gate against bare `kubectl apply` and `kubectl rollout status`, on the same cluster, turn by turn."""

from __future__ import annotations

import copy
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

from benchmarks.report import Figure, at_most, informs, publish, timed_s
from chaos_lib.cluster import deploy
from chaos_lib.cluster.api import ClusterApi
from chaos_lib.cluster.kubectl import find
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.target import Target, deploy_target
from chaos_lib.defences.base import DefenceContext
from chaos_lib.defences.cluster_gate import Ground, cluster_images
from chaos_lib.defences.manifest_gate import Project
from chaos_lib.defences.rollout_gate import ROLLOUT_GATE
from chaos_lib.experiment import Experiment
from chaos_lib.lab import Lab
from chaos_lib.mission import with_lab_names
from chaos_lib.phases import FINISHED
from chaos_lib.settings import Settings
from chaos_lib.wait import Reading, wait_until

_ROUNDS = 8
_NAME = "mission-control-blue"


def changed(found: Manifests, number: int) -> Manifests:
    """Return manifests that are rolled out anew."""
    copied: list[dict[str, Any]] = [copy.deepcopy(dict(body)) for body in found]
    for body in copied:
        if body["kind"] == "Deployment":
            body["spec"]["template"]["metadata"].setdefault("annotations", {})["round"] = str(number)
    return Manifests(tuple(copied))


def ours(api: ClusterApi, found: Manifests) -> None:
    """Apply, watch, with the way back ready."""
    result = deploy.deploy(api, found)
    assert result.is_good, result.diagnosis.text


def bare(kubectl: Path, target: Target, found: Manifests) -> None:
    """Do what a script would."""
    base = [str(kubectl), f"--kubeconfig={target.kubeconfig}", f"--context={target.context}"]
    base += [f"--namespace={target.namespace}"]
    text = yaml.safe_dump_all([dict(body) for body in found])
    subprocess.run([*base, "apply", "-f", "-"], input=text, text=True, check=True, capture_output=True)
    status = [*base, "rollout", "status", f"deployment/{_NAME}", "--timeout=120s"]
    subprocess.run(status, check=True, capture_output=True)


def measure() -> list[Figure]:
    """Roll out eight times each way, in turns: probes have whole seconds, so that single rollouts differ by one or two."""
    with tempfile.TemporaryDirectory(prefix="opchaos-bench-") as folder:
        settings = Settings(home=Path(folder) / "mission")
        lab = Lab(settings)
        try:
            lab.up(also=("cluster",))
            Experiment(settings).workspace.create(FINISHED)
            variables = with_lab_names(lab.environment(), settings.run_id())
            context = DefenceContext(settings.workspace, {}, variables, settings)
            verdict = ROLLOUT_GATE.run(context)
            assert verdict.is_green, f"{verdict.summary}\n{verdict.evidence}"
            target = deploy_target(settings.workspace, variables)
            api = target.connect()
            found = Ground(Project(context, settings.workspace / "k8s"), target, api, cluster_images).own
            kubectl = find(variables)
            mine: list[float] = []
            theirs: list[float] = []
            for number in range(_ROUNDS):
                for times, act in (
                    (mine, lambda each: ours(api, each)),
                    (theirs, lambda each: bare(kubectl, target, each)),
                ):
                    each = changed(found, 2 * number + (times is theirs))
                    times.append(timed_s(lambda act=act, each=each: act(each)))  # type: ignore[misc]
                    _settle(api)
            api.close()
        finally:
            lab.down()
    ratio = statistics.median(mine) / statistics.median(theirs)
    return [
        at_most("our deployment against bare kubectl", ratio, 1.1, "ratio"),
        informs("ours", statistics.median(mine), "s"),
        informs("kubectl apply and rollout status", statistics.median(theirs), "s"),
    ]


def _settle(api: ClusterApi) -> None:
    def probe() -> Reading:
        pods = api.list("v1", "Pod", {"colour": "blue"})
        return Reading(len(pods) == 2, f"{len(pods)} pods")

    wait_until("the old pods are gone", probe, timeout_s=180)


if __name__ == "__main__":
    publish("Deploying", measure())
