"""What the runner adds: the finished pipeline on the live lab, to a green deployment, against the bare commands of its steps."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.report import Figure, at_most, informs, publish, timed_s
from chaos_lib import environment
from chaos_lib.credentials import CredentialStore
from chaos_lib.defences.base import DefenceContext
from chaos_lib.experiment import Experiment
from chaos_lib.lab import Lab
from chaos_lib.mission import with_lab_names
from chaos_lib.phases import FINISHED
from chaos_lib.pipeline.declared import SIGNING_KEY, store_of
from chaos_lib.pipeline.groovy.expressions import Literal
from chaos_lib.pipeline.mission_build import run_mission_pipeline
from chaos_lib.pipeline.model import Stage
from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.protocol import BuildListener, BuildRequest, BuildResult, RunningBuild, run
from chaos_lib.pipeline.runner.engine import Runner
from chaos_lib.settings import Settings

_ROUNDS = 3
_TIMEOUT_S = 600.0
_STEP_ROUNDS = 5
_STEPS = 50


def commands_of(stage: Stage) -> list[str]:
    """Return the commands of the shell steps in a stage, those within `withCredentials` included."""
    found = []
    for step in (each for top in stage.steps or () for each in top.walk()):
        script = step.arguments.get("script", position=0) if step.name == "sh" else None
        if isinstance(script, Literal) and isinstance(script.value, str):
            found.append(script.value)
    return found


def by_shell(stages: Sequence[Stage], workspace: Path, variables: Mapping[str, str]) -> None:
    """Run the commands of these stages as a script would; parallel stages at the same time, as the pipeline does."""
    for stage in stages:
        for command in commands_of(stage):
            done = subprocess.run(
                ["/bin/sh", "-xec", command],
                cwd=workspace,
                env=dict(variables),
                capture_output=True,
                text=True,
            )
            if done.returncode != 0:
                raise SystemExit(f"`{command}` failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        by_shell(stage.stages or (), workspace, variables)
        if stage.parallel:
            with ThreadPoolExecutor(len(stage.parallel)) as pool:
                branches = [pool.submit(by_shell, [each], workspace, variables) for each in stage.parallel]
                for branch in branches:
                    branch.result()


class InTurns:
    """An engine that, given a build of the mission, runs its bare commands and the build in turns, in the same checkout.

    Attributes:
        bare: Seconds of each round by the shell.
        ours: Seconds of each round by the runner.
    """

    def __init__(self, runner: Runner, variables: Mapping[str, str]) -> None:
        self.bare: list[float] = []
        self.ours: list[float] = []
        self._runner = runner
        self._variables = variables

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runner, name)

    def start(self, request: BuildRequest, listener: BuildListener | None = None) -> RunningBuild:
        """Measure, then start the build that is asked for."""
        pipeline = parse(request.jenkinsfile).pipeline
        assert pipeline is not None
        self._by_shell(request, pipeline.stages, "warm")
        for number in range(_ROUNDS):
            name = f"bare-{number}"
            self.bare.append(timed_s(lambda name=name: self._by_shell(request, pipeline.stages, name)))  # type: ignore[misc]
            self.ours.append(timed_s(lambda: self._run(request)))
        return self._runner.start(request, listener)

    def _by_shell(self, request: BuildRequest, stages: Sequence[Stage], name: str) -> None:
        # Each round rolls out an image with a name of its own, as each build does: the same one again would be no change.
        variables = {**request.environment, **self._variables, "IMAGE": f"{request.job}:{name}"}
        by_shell(stages, request.workspace, variables)

    def _run(self, request: BuildRequest) -> None:
        record = run(self._runner, request, timeout_s=_TIMEOUT_S)
        assert record.result is BuildResult.SUCCESS, record.log


def finished_pipeline() -> InTurns:
    """Measure the finished pipeline, from lint to the switch."""
    with tempfile.TemporaryDirectory(prefix="opchaos-bench-") as folder:
        settings = Settings(home=Path(folder) / "mission")
        lab = Lab(settings)
        lab.up(also=("cluster",))
        try:
            workspace = Experiment(settings).workspace
            workspace.create(FINISHED)
            variables = with_lab_names(lab.environment(), settings.run_id())
            context = DefenceContext(
                workspace.folder, environment.load(workspace.folder, variables), variables, settings
            )
            key = store_of(settings).get(SIGNING_KEY)
            assert key is not None
            turns = InTurns(
                Runner(settings.state / "builds", store_of(settings)),
                {
                    "SIGNING_KEY": key.secret.get_secret_value(),
                    "KUBECONFIG": variables["KUBECONFIG"],
                    "TESTCONTAINERS_RYUK_DISABLED": "true",
                    "DOCKER_BUILDKIT": "1",
                },
            )
            record = run_mission_pipeline(context, engine=turns, timeout_s=_TIMEOUT_S)
            assert record.result is BuildResult.SUCCESS, record.log
            return turns
        finally:
            lab.down()


def cost_of_a_step_s() -> float:
    """Return what the runner adds to a command that does nothing."""
    steps = "\n".join(["sh 'true'"] * _STEPS)
    text = f"pipeline {{ agent any\n stages {{ stage('A') {{ steps {{\n{steps}\n}} }} }} }}"
    with tempfile.TemporaryDirectory(prefix="opchaos-bench-") as folder:
        root = Path(folder)
        runner = Runner(root / "builds", CredentialStore(root / "credentials"))
        request = BuildRequest(text, root, job="steps", environment=dict(os.environ))

        def bare() -> None:
            for _ in range(_STEPS):
                subprocess.run(["/bin/sh", "-xec", "true"], cwd=root, check=True, capture_output=True)

        rounds = [
            (timed_s(bare), timed_s(lambda: run(runner, request, timeout_s=_TIMEOUT_S)))
            for _ in range(_STEP_ROUNDS)
        ]
    return (min(second for _, second in rounds) - min(first for first, _ in rounds)) / _STEPS


def measure() -> list[Figure]:
    """Measure the pipeline, and a step."""
    turns = finished_pipeline()
    # The fastest of each: what the machine does beside only adds.
    bare, ours = min(turns.bare), min(turns.ours)
    return [
        at_most(
            "overhead of the runner over the bare commands, finished pipeline",
            (ours / bare - 1) * 100,
            10.0,
            "%",
        ),
        at_most("the finished pipeline by the runner, to a green deployment", ours, 240.0, "s"),
        informs("its bare commands", bare, "s"),
        at_most("the runner's own cost of a step", cost_of_a_step_s() * 1000, 50.0, "ms"),
    ]


if __name__ == "__main__":
    publish("The pipeline runner", measure())
