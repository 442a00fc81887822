"""The defences that run the pipeline: once as it is, once with a test that fails."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.pipeline_gate import FILE_REASONS
from chaos_lib.defences.scope import CONTAINERS, CREDENTIALS, EVERYTHING, JENKINSFILE, UNIT_TESTS, Scope
from chaos_lib.errors import ChaosError, InvalidInput, InvalidPipeline
from chaos_lib.lab.pipeline_facility import PipelineFacility
from chaos_lib.pipeline.declared import store_of
from chaos_lib.pipeline.listening import LineListener
from chaos_lib.pipeline.mission_build import JOB, run_mission_pipeline
from chaos_lib.pipeline.protocol import BuildRecord, BuildResult, StageStatus
from chaos_lib.pipeline.runner.engine import Runner
from chaos_lib.settings import Settings, Tier

_LAST_LINES = 14
_PLANTED = "tests/unit/test_planted_by_the_gate.py"
_FAILING_TEST = """\"\"\"Planted by the gate: a pipeline that stays green with this test tells nothing.\"\"\"


def test_that_fails() -> None:
    assert 1 + 1 == 3
"""
_REMEDIES: Mapping[str, str] = {
    "JENKINSFILE_MISSING": "Write one: `%%answer Jenkinsfile`.",
    "JENKINSFILE_INVALID": 'Repair it: `chaos.defend("jenkinsfile-lint")` says where.',
    "NO_ENGINE": "Run `opchaos doctor`: it says how to get a pipeline engine.",
    "BUILD_FAILED": "Look at the first stage that failed, and read its last lines: they name the cause.",
    "BUILD_UNSTABLE": "A report tells of failed tests: read which.",
    "BUILD_ABORTED": "Look at the stage that was at work: what did it wait for?",
    "NO_TESTS_RAN": "Run the tests with `--junitxml=reports/…` and publish the report by `junit`.",
    "BLIND_PIPELINE": "Let the command's exit code through, and publish its report by `junit` in `post { always { } }`.",
}
_COMMON: Mapping[str, str] = {**FILE_REASONS, "NO_ENGINE": "There is nobody here who could run a pipeline."}


class PipelineRun:
    """Runs the pipeline in a fresh checkout: it has to be green, and to have run tests.

    Args:
        deploys: Whether it also deploys, where the lab has a cluster; a change that is only proposed is built and tested.
    """

    name = "pipeline-run"
    title = "Pipeline run"
    phase = "phase-3-jenkins"
    facility = "pipeline"
    uses_services = True
    reasons: Mapping[str, str] = {
        **_COMMON,
        "BUILD_FAILED": "The pipeline is red.",
        "BUILD_UNSTABLE": "The pipeline is unstable: tests failed.",
        "BUILD_ABORTED": "The pipeline did not come to its end.",
        "NO_TESTS_RAN": "The pipeline is green, and no test report was published.",
    }

    def __init__(self, *, deploys: bool = True) -> None:
        self.deploys = deploys
        self.looks_at = EVERYTHING if deploys else Scope(("*",), (CONTAINERS, CREDENTIALS))

    def run(self, context: DefenceContext) -> Verdict:
        """Run it."""
        start = time.monotonic()
        context = context if self.deploys else _without_cluster(context)
        try:
            record = run_mission_pipeline(context, listener=LineListener(context.on_line), is_stop_told=True)
        except ChaosError as exc:
            return _refused(self, context, exc, start)
        return _verdict(self, context, _reason_of(record), _evidence(record), start, _numbers(record))


class PipelineMustFail:
    """Runs the pipeline with a test that fails: it has to turn red, or its green means nothing.

    Always on the kit's own runner: a controller takes no planted files. Nothing is deployed.
    """

    name = "pipeline-must-fail"
    title = "Must-fail run of the pipeline"
    phase = "phase-3-jenkins"
    facility = "pipeline"
    uses_services = True
    # The stages behind the unit tests are never reached; those beside them can only make it redder.
    looks_at = JENKINSFILE | UNIT_TESTS
    reasons: Mapping[str, str] = {
        **_COMMON,
        "BLIND_PIPELINE": "The pipeline stays green although a test fails.",
        "BUILD_ABORTED": "The pipeline did not come to its end.",
    }

    def run(self, context: DefenceContext) -> Verdict:
        """Plant, run, and look for red."""
        start = time.monotonic()
        try:
            record = run_mission_pipeline(
                _without_cluster(context),
                listener=LineListener(context.on_line),
                engine=_runner(context.settings),
                job=f"{JOB}-must-fail",
                change=_plant,
                is_stop_told=True,
            )
        except ChaosError as exc:
            return _refused(self, context, exc, start)
        reason = GREEN
        if record.result is BuildResult.ABORTED:
            reason = "BUILD_ABORTED"
        elif record.result is BuildResult.SUCCESS:
            reason = "BLIND_PIPELINE"
        return _verdict(
            self, context, reason, "" if reason == GREEN else _evidence(record), start, _numbers(record)
        )


def _runner(settings: Settings) -> Runner:
    return Runner(settings.state / "builds", store_of(settings))


def _plant(checkout: Path) -> None:
    path = checkout / _PLANTED
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_FAILING_TEST, encoding="utf-8")


def _without_cluster(context: DefenceContext) -> DefenceContext:
    return replace(context, lab={name: value for name, value in context.lab.items() if name != "KUBECONFIG"})


def _reason_of(record: BuildRecord) -> str:
    if record.result is BuildResult.SUCCESS:
        return GREEN if record.tests.total else "NO_TESTS_RAN"
    if record.result is BuildResult.UNSTABLE:
        return "BUILD_UNSTABLE"
    return "BUILD_ABORTED" if record.result is BuildResult.ABORTED else "BUILD_FAILED"


def _evidence(record: BuildRecord) -> str:
    bad = [
        s
        for s in record.stages
        if s.status in (StageStatus.FAILED, StageStatus.UNSTABLE, StageStatus.ABORTED)
    ]
    stages = [f"stage `{stage.name}`: {stage.status.value}" for stage in bad]
    return "\n".join([*stages, *record.log.rstrip().splitlines()[-_LAST_LINES:]])


def _numbers(record: BuildRecord) -> Mapping[str, float]:
    ran = [stage for stage in record.stages if stage.status is not StageStatus.NOT_EXECUTED]
    return {
        "tests": record.tests.total,
        "failed_tests": record.tests.failed,
        "stages": len(ran),
        "build_s": round(record.seconds, 2),
    }


def _refused(
    gate: PipelineRun | PipelineMustFail, context: DefenceContext, exc: ChaosError, start: float
) -> Verdict:
    reason = "NO_ENGINE"
    if isinstance(exc, InvalidPipeline):
        reason = "JENKINSFILE_INVALID"
    elif isinstance(exc, InvalidInput):
        reason = "JENKINSFILE_MISSING"
    return _verdict(gate, context, reason, exc.evidence or exc.what, start, {})


def _verdict(
    gate: PipelineRun | PipelineMustFail,
    context: DefenceContext,
    reason: str,
    evidence: str,
    start: float,
    numbers: Mapping[str, float],
) -> Verdict:
    well = "The pipeline is green, and tests ran in it."
    if isinstance(gate, PipelineMustFail):
        well = "The pipeline turned red, as it should with a test that fails."
    return Verdict(
        defence=gate.name,
        reason=reason,
        summary=gate.reasons.get(reason, well),
        evidence=evidence,
        remedy=_REMEDIES.get(reason, ""),
        command="opchaos pipeline run Jenkinsfile",
        tier=_tier(context.settings) if isinstance(gate, PipelineRun) else Tier.EMBEDDED,
        elapsed_s=time.monotonic() - start,
        numbers=numbers,
    )


def _tier(settings: Settings) -> Tier:
    return PipelineFacility(settings).report().tier or Tier.SIMULATED


PIPELINE_RUN = PipelineRun()
PIPELINE_MUST_FAIL = PipelineMustFail()
