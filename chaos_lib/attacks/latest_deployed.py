"""The pipeline builds and deploys `latest`: what runs is not necessarily what was tested."""

from __future__ import annotations

import re

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.pipeline import jenkinsfile_text

_FILE = "Jenkinsfile"
_IMAGE = re.compile(r"(?P<name>mission-control):(?!latest)[^\s'\"]+")


def inject(target: Injector) -> None:
    """Give every build the same tag."""
    text = target.workspace.read(_FILE)
    jenkinsfile_text.read(text)
    changed = _IMAGE.sub(r"\g<name>:latest", text, count=1)
    if changed == text:
        raise jenkinsfile_text.refuse("image with a tag of its own")
    target.workspace.replace(_FILE, changed)


def solve(hands: Hands) -> None:
    """Give every build a tag of its own."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="latest_deployed",
    title="The latest and the greatest",
    emoji="🌀",
    phase="phase-3-jenkins",
    difficulty=Difficulty.BEGINNER,
    minutes=4,
    is_core=False,
    story="So many numbers. Who can remember them? I have called them all the same. Simple, isn't it?",
    defence="pipeline-policy",
    symptom=Symptom("LATEST_TAG", r"mission-control:latest", deadline_s=30.0),
    command="opchaos defend pipeline-policy",
    hints=(
        "Two builds run at the same time. Which image does the second one test?",
        "A tag is a name that can be given away again. What is the name of your image now?",
        "A build needs a tag that no other build has: its number, its commit, best of all the digest.",
        "Use the build's own tag again: `mission-control:${env.BUILD_TAG}`, in double quotes.",
    ),
    debrief=(
        "`latest` is not a version, it is whatever was pushed last. Between your test and your deployment somebody "
        "else may have pushed, and a node that restarts tomorrow pulls something that nobody here has tested. "
        "Rolling back is impossible as well, because the version before has the same name. Build once, give it a "
        "tag that is never used again, and promote that very image by its digest."
    ),
    inject=inject,
    solve=solve,
)
