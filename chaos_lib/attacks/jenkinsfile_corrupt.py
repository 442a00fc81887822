"""A required section is gone from the Jenkinsfile: Jenkins does not even begin."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.pipeline import jenkinsfile_text

_FILE = "Jenkinsfile"


def inject(target: Injector) -> None:
    """Take the pipeline's agent away."""
    text = target.workspace.read(_FILE)
    _, pipeline = jenkinsfile_text.read(text)
    assert pipeline.agent is not None, "a valid pipeline has one"
    target.workspace.replace(_FILE, jenkinsfile_text.without_lines(text, pipeline.agent.span))


def solve(hands: Hands) -> None:
    """Bring the section back."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="jenkinsfile_corrupt",
    title="Nobody to work for",
    emoji="🧩",
    phase="phase-3-jenkins",
    difficulty=Difficulty.BEGINNER,
    minutes=6,
    is_core=True,
    story="Such a long file. I only took one tiny line. Two words! It will hardly miss them, will it?",
    defence="jenkinsfile-lint",
    symptom=Symptom("SECTION_MISSING", r"Missing required section .agent.", deadline_s=30.0),
    command="opchaos pipeline validate Jenkinsfile",
    hints=(
        "No stage was red: no stage ran. Who speaks in the message, and from which line?",
        "The line is where the block begins in which something is missing, not where it was.",
        "A Declarative Pipeline needs two things at least: somewhere to run, and stages.",
        "Put `agent any` back, right below `pipeline {`.",
    ),
    debrief=(
        "A broken Jenkinsfile breaks the very thing that would have told you. It reaches the main branch, because "
        "nothing that is built checks the builder, and then every build of everybody is red before its first "
        "stage. Lint the Jenkinsfile before the merge: a controller offers its linter at pipeline-model- "
        "converter/validate, and `opchaos pipeline validate` gives the same answer without one, in a pre-commit "
        "hook."
    ),
    inject=inject,
    solve=solve,
)
