"""The deployment comes before the tests: a broken build ships, and is found out afterwards."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.pipeline import jenkinsfile_text
from chaos_lib.pipeline.rules.stage_order import Kind

_FILE = "Jenkinsfile"


def inject(target: Injector) -> None:
    """Move the deployment to the front."""
    text = target.workspace.read(_FILE)
    parsed, pipeline = jenkinsfile_text.read(text)
    deployment = jenkinsfile_text.first_that(parsed, pipeline.stages, Kind.DEPLOY)
    if deployment is None or deployment is pipeline.stages[0]:
        raise jenkinsfile_text.refuse("deployment behind its tests")
    target.workspace.replace(
        _FILE, jenkinsfile_text.move_before(text, deployment.span, pipeline.stages[0].span)
    )


def solve(hands: Hands) -> None:
    """Test first."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="deploy_before_test",
    title="Ship it, then see",
    emoji="🚚",
    phase="phase-3-jenkins",
    difficulty=Difficulty.BEGINNER,
    minutes=4,
    is_core=False,
    story="The customers want it now! So they get it now. We can still test it when they have it. They are such good testers.",
    defence="stage-order",
    symptom=Symptom("DEPLOY_BEFORE_TEST", r"deploys, and `.*` tests only then", deadline_s=30.0),
    command="opchaos defend stage-order",
    hints=(
        "Every stage is green. Read them from top to bottom: what has a user already got when the first test begins?",
        "A pipeline is a row of gates. A gate behind the door keeps nobody out.",
        "The deployment belongs behind every stage that tests. Move the whole stage, braces included.",
        "Bring your file back with `chaos.restore`, or cut the stage and paste it behind the last test.",
    ),
    debrief=(
        "Nobody orders stages like this on purpose. It happens when a stage is copied from another pipeline, or "
        "moved up to make a demonstration quicker. All stages are green in the end, so the stage view shows "
        "nothing. A rule that knows which commands test and which deploy finds it before the first run, and branch "
        "protection makes sure that the rule is asked."
    ),
    inject=inject,
    solve=solve,
)
