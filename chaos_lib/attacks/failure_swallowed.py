"""A failing test cannot turn the build red any more, and nobody publishes its report."""

from __future__ import annotations

import re

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.pipeline import jenkinsfile_text

_FILE = "Jenkinsfile"
_TESTS = re.compile(r"(?P<command>pytest\b[^'\"\n]*)")
_REPORT = re.compile(r"\bjunit\s+(?P<files>'[^']*')")


def inject(target: Injector) -> None:
    """Swallow the exit codes of the tests, and file the reports away."""
    text = target.workspace.read(_FILE)
    jenkinsfile_text.read(text)
    changed = _TESTS.sub(lambda match: f"{match['command'].rstrip()} || true", text)
    if changed == text:
        raise jenkinsfile_text.refuse("stage that runs pytest")
    target.workspace.replace(_FILE, _REPORT.sub(r"archiveArtifacts artifacts: \g<files>", changed))


def solve(hands: Hands) -> None:
    """Let failures through."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="failure_swallowed",
    title="Always green",
    emoji="🙈",
    phase="phase-3-jenkins",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=5,
    is_core=False,
    story="Red makes people nervous, so I have abolished it. Your pipeline is green for ever. You may thank me.",
    defence="pipeline-policy",
    symptom=Symptom("EXIT_CODE_SWALLOWED", r"\|\| true", deadline_s=30.0),
    command="opchaos defend pipeline-policy",
    hints=(
        "What would your pipeline say if a test failed? Find out: `chaos.defend` with pipeline-must-fail plants one.",
        "A step fails when its command returns anything but 0. What do the commands return now?",
        "`|| true` turns every failure into a success. And who still reads the reports?",
        "Take `|| true` away, and publish the reports by `junit` in `post { always { } }`.",
    ),
    debrief=(
        "It was meant for one evening: a flaky test, a release to ship, `|| true` at the end of a line. It stays "
        "for months, and in that time the suite rots unseen. A pipeline that cannot be red has no meaning when it "
        "is green. Two defences: a policy lint that knows the ways to hide an exit code, and a must-fail run, "
        "which plants a failing test from time to time and demands red."
    ),
    inject=inject,
    solve=solve,
)
