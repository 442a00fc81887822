"""What the order of the stages does: the deployment of the finished pipeline runs, and `kubectl` notes what it is asked.

The stand-in for `kubectl` is no cluster: it takes every command, and refuses the questions of the smoke gate. What it shows
is the flow of the pipeline alone; the whole deployment runs on a real cluster in `test_finished_pipeline.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from chaos_lib.attacks import green_flipped_early
from chaos_lib.credentials import Credential
from chaos_lib.experiment import Experiment
from chaos_lib.phases import FINISHED
from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.protocol import BuildResult
from chaos_lib.settings import Settings
from tests.pipeline.runner.conftest import Bench, bench

__all__ = ["bench"]

KUBECTL = """#!/bin/sh
echo "$*" >> "$ASKED"
case "$*" in *"rollout status"*|*-green:http/proxy*) test "$GREEN" = well ;; esac
"""


def deployment_of(jenkinsfile: str) -> str:
    """Return a pipeline of the stage that deploys, as it stands in the file, without its condition."""
    pipeline = parse(jenkinsfile).pipeline
    assert pipeline is not None
    (stage,) = [each for each in pipeline.stages if each.name == "Deploy"]
    assert stage.when is not None
    inner = (
        jenkinsfile[stage.span.start : stage.when.span.start]
        + jenkinsfile[stage.when.span.end : stage.span.end]
    )
    return (
        "pipeline { agent any\n environment { IMAGE = 'mission-control:new' }\n stages {\n"
        + inner
        + "\n} }\n"
    )


def switches(bench: Bench, jenkinsfile: str, green: str) -> tuple[BuildResult, list[str]]:
    """Run the deployment; return its result and the colours that traffic was switched to."""
    tools = bench.workspace / "tools"
    (tools / "kubectl").parent.mkdir(exist_ok=True)
    (tools / "kubectl").write_text(KUBECTL, encoding="utf-8")
    (tools / "kubectl").chmod(0o755)
    (bench.workspace / "k8s").mkdir(exist_ok=True)
    (bench.workspace / "k8s/deploy.env").write_text("KUBE_CONTEXT=lab\nKUBE_NAMESPACE=mission\n")
    (bench.workspace / "reports").mkdir(exist_ok=True)
    (bench.workspace / "reports/green.yaml").write_text("kind: List\n")
    bench.runner.put_credential(
        "cluster-kubeconfig", Credential(kind="file", secret=SecretStr("kind: Config"))
    )
    asked = bench.workspace / "asked"
    asked.write_text("")
    environment = {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "ASKED": str(asked),
        "GREEN": green,
    }

    record = bench.run(deployment_of(jenkinsfile), environment=environment)

    assert "apply" in asked.read_text(), record.log
    patches = [line for line in asked.read_text().splitlines() if "patch service" in line]
    return record.result, ["green" if '"green"' in line else "blue" for line in patches]


@pytest.fixture
def finished(settings: Settings) -> str:
    return (settings.repository / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")


def test_a_green_that_is_well_gets_the_traffic(bench: Bench, finished: str) -> None:
    assert switches(bench, finished, "well") == (BuildResult.SUCCESS, ["green"])


def test_a_green_that_is_not_well_gets_none(bench: Bench, finished: str) -> None:
    assert switches(bench, finished, "ill") == (BuildResult.FAILURE, [])


def test_under_the_attack_the_traffic_is_gone_before_anybody_asks(bench: Bench, settings: Settings) -> None:
    experiment = Experiment(settings)
    experiment.workspace.create(FINISHED)
    path = Path(settings.workspace) / "Jenkinsfile"
    experiment.launch(green_flipped_early.ATTACK)
    try:
        attacked = path.read_text(encoding="utf-8")
    finally:
        experiment.heal()

    assert switches(bench, attacked, "ill") == (BuildResult.FAILURE, ["green"])
