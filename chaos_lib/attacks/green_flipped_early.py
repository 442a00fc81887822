"""The traffic switches to green before anybody has asked green whether it is well."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.pipeline import jenkinsfile_text
from chaos_lib.pipeline.rules.stage_order import Kind

_FILE = "Jenkinsfile"


def inject(target: Injector) -> None:
    """Move the switch before the deployment."""
    text = target.workspace.read(_FILE)
    parsed, pipeline = jenkinsfile_text.read(text)
    stages = tuple(jenkinsfile_text.leaves(pipeline.stages))
    switch = jenkinsfile_text.first_that(parsed, stages, Kind.SWITCH)
    deployment = jenkinsfile_text.first_that(parsed, stages, Kind.DEPLOY)
    if switch is None or deployment is None or switch.span.start < deployment.span.start:
        raise jenkinsfile_text.refuse("switch behind a deployment")
    target.workspace.replace(_FILE, jenkinsfile_text.move_before(text, switch.span, deployment.span))


def solve(hands: Hands) -> None:
    """Switch last."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="green_flipped_early",
    title="Green means go",
    emoji="🚦",
    phase="phase-3-jenkins",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=7,
    is_core=True,
    story="Green is the future! Why wait for it? I have sent everybody over already. It should arrive any minute now.",
    defence="stage-order",
    symptom=Symptom("SWITCH_BEFORE_SMOKE", r"switches the traffic, and nothing asked", deadline_s=30.0),
    command="opchaos defend stage-order",
    hints=(
        "Each stage does what it did before. In which order do they run now?",
        "Blue/green lives from one rule: nobody is sent to a version that was not asked first. Who asks it?",
        "Deploy green, wait until its pods are ready, ask its own Service, and only then change the selector of the public one.",
        "Move the stage with `kubectl patch service` behind the smoke gate, or bring your file back with `chaos.restore`.",
    ),
    debrief=(
        "The moment after a switch is when users are lost: the selector points at pods that do not exist or are "
        "not ready, and every request gets 503. It happens when a script switches as soon as the deployment was "
        "accepted, and accepted is not running. The defence is a gate: rollout status, then a few real questions "
        "to green alone, then the switch, then a look at the public Service, and a switch back by itself when that "
        "look fails. Keep blue until you are sure."
    ),
    inject=inject,
    solve=solve,
)
