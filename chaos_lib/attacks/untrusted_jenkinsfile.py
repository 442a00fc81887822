"""A change request edits its own pipeline: the guards are gone, and its build is handed the secrets."""

from __future__ import annotations

import re

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.pipeline import jenkinsfile_text

_FILE = "Jenkinsfile"
_GUARD = re.compile(r"\bbranch\s+(?:pattern:\s*)?'[^']+'")


def inject(target: Injector) -> None:
    """Take the guards of the trusted branch away."""
    text = target.workspace.read(_FILE)
    jenkinsfile_text.read(text)
    if not _GUARD.search(text):
        raise jenkinsfile_text.refuse("stage that is guarded by `when { branch 'main' }`")
    target.workspace.replace(_FILE, _GUARD.sub("expression { return true }", text))


def solve(hands: Hands) -> None:
    """Bring the guards back."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="untrusted_jenkinsfile",
    title="My pull request, my rules",
    emoji="🕵️",
    phase="phase-3-jenkins",
    difficulty=Difficulty.ADVANCED,
    minutes=6,
    is_core=False,
    story="A tiny contribution from a friendly stranger: I simplified some conditions. No review needed, your pipeline runs it anyway.",
    defence="trusted-branch",
    symptom=Symptom("SECRET_FOR_EVERY_BRANCH", r"whatever branch is built", deadline_s=30.0),
    command="opchaos defend trusted-branch",
    hints=(
        "Who may start a build of your pipeline? And whose Jenkinsfile does that build use?",
        "Look at the stages that read a credential. Under which condition do they run now?",
        "`when { branch 'main' }` keeps the builds of change requests away from secrets and from the cluster.",
        "Put `branch 'main'` back wherever `return true` stands.",
    ),
    debrief=(
        "In the list of the top ten CI/CD risks this is poisoned pipeline execution: a stranger opens a change "
        "request that changes the pipeline itself, the controller builds it, and the secrets leave by mail. Two "
        "defences belong together. Secrets and deployments run for the trusted branch only. And for change "
        "requests the controller takes the Jenkinsfile from the target branch, so that a guard which was removed "
        "is not removed."
    ),
    inject=inject,
    solve=solve,
)
