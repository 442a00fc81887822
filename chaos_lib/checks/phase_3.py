"""Checks of phase 3, Pipeline Showdown: the participant's pipeline is read by the rules and run."""

from __future__ import annotations

import re

from chaos_lib.checks.base import Check, require_green
from chaos_lib.errors import CheckFailed
from chaos_lib.mission import Mission
from chaos_lib.pipeline.declared import JENKINSFILE
from chaos_lib.pipeline.model import ParsedPipeline
from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.rules.credential_use import credential_uses
from chaos_lib.pipeline.rules.shell import shell_lines
from chaos_lib.pipeline.rules.stage_order import Kind, kinds_of

_PHASE = "phase-3-jenkins"
# What the pipeline has to do, by the commands that do it, whatever the stages are called.
_DUTIES = {
    "a linter": r"\b(?:ruff|flake8|pylint)\b",
    "a build of the image": r"\bdocker\b.*\bbuild\b",
    "the tests": r"\bpytest\b",
}
# The unit tests alone are more than a hundred; those with Testcontainers come on top.
_INTEGRATION = "tests/integration"
_RULES = {
    "jenkinsfile-lint": "a Jenkinsfile that Jenkins accepts",
    "pipeline-policy": "a pipeline that hides no failure and always leaves its reports",
}


def _pipeline(mission: Mission) -> None:
    for name, expected in _RULES.items():
        require_green(mission.defend(name), expected=expected)
    parsed = _parsed(mission)
    assert parsed.script is not None, "the lint is green"
    lines = [line.text for line in shell_lines(parsed.script)]
    missing = [what for what, words in _DUTIES.items() if not any(re.search(words, line) for line in lines)]
    if missing:
        raise CheckFailed(
            "Not yet: your pipeline does not do everything it should.",
            found=f"no stage runs {' or '.join(missing)}",
            expected="stages that lint, build the image and run the tests",
            next_step="Add a stage with `sh` for each.",
        )
    verdict = mission.defend("pipeline-run")
    require_green(verdict, expected="a pipeline that runs to its end, green")
    _require_both_suites(mission, verdict.numbers.get("tests", 0))


def _require_both_suites(mission: Mission, tests: float) -> None:
    written = sum(
        len(re.findall(r"^def test_", path.read_text(encoding="utf-8"), flags=re.MULTILINE))
        for path in (mission.workspace.folder / "tests").rglob("test_*.py")
    )
    if tests < written:
        raise CheckFailed(
            "Not yet: the pipeline is green, but it did not run all of your tests.",
            found=f"{tests:.0f} tests in its reports, at least {written} in your workspace",
            expected=f"unit tests and those of {_INTEGRATION}, which bring their own services",
            next_step="Run `pytest tests`, and publish the report by `junit`.",
        )


def _credentials(mission: Mission) -> None:
    parsed = _parsed(mission)
    if not credential_uses(parsed):
        raise CheckFailed(
            "Not yet: your pipeline uses no credential.",
            found="no `withCredentials` and no `credentials()` in your Jenkinsfile",
            expected="a stage that reads `signing-key` from the store",
            next_step="Answer the cell above.",
        )
    require_green(
        mission.defend("credential-inventory"), expected="every id in the store, and every one used"
    )
    require_green(mission.defend("pipeline-secret-scan"), expected="no secret in a file, in git or in a log")
    require_green(mission.defend("trusted-branch"), expected="secrets for the branch `main` alone")


def _blue_green(mission: Mission) -> None:
    parsed = _parsed(mission)
    assert parsed.pipeline is not None, "it was read"
    kinds = {kind for stage in parsed.pipeline.walk() for kind in kinds_of(parsed, stage)}
    missing = [kind.value for kind in (Kind.DEPLOY, Kind.SMOKE, Kind.SWITCH) if kind not in kinds]
    if missing:
        raise CheckFailed(
            "Not yet: a part of the blue/green deployment is missing.",
            found=f"no stage that {' and none that '.join(missing)}",
            expected="stages that deploy green, ask it whether it is well, and switch",
            next_step="Answer the cell above: `kubectl rollout status` waits, `kubectl patch service` switches.",
        )
    require_green(
        mission.defend("stage-order"), expected="tests, deployment, smoke gate, switch, in this order"
    )


def _defended(mission: Mission) -> None:
    for name in (
        "jenkinsfile-lint",
        "credential-inventory",
        "pipeline-secret-scan",
        "stage-order",
        "agent-labels",
    ):
        require_green(mission.defend(name), expected="a pipeline that has survived the Chaos Agent")
    require_green(
        mission.defend("pipeline-must-fail"), expected="a pipeline that turns red when a test fails"
    )


def _parsed(mission: Mission) -> ParsedPipeline:
    path = mission.workspace.folder / JENKINSFILE
    if not path.is_file():
        raise CheckFailed(
            "Not yet: there is no Jenkinsfile.",
            found="no Jenkinsfile in your workspace",
            expected="a Declarative Pipeline",
            next_step="Answer the cell above.",
        )
    parsed = parse(path.read_text(encoding="utf-8", errors="replace"))
    if not parsed.is_valid:
        require_green(mission.defend("jenkinsfile-lint"), expected="a Jenkinsfile that Jenkins accepts")
    return parsed


CHECKS = (
    Check("phase-3.credentials", "Your pipeline keeps its secrets.", _PHASE, 15, _credentials),
    Check("phase-3.blue-green", "Nobody is sent to a version that was not asked.", _PHASE, 10, _blue_green),
    Check("phase-3.pipeline", "Your pipeline lints, builds, tests, and is green.", _PHASE, 20, _pipeline),
    Check("phase-3.defended", "Your pipeline has survived the Chaos Agent.", _PHASE, 15, _defended),
)
