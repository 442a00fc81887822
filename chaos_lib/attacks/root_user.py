"""The image runs as root."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.settings import Tier

_FILE = "Dockerfile"
_LINES = "\n# No more “permission denied”. Ever.\nUSER root\n"


def inject(target: Injector) -> None:
    """Let the last USER be root."""
    target.workspace.replace(_FILE, target.workspace.read(_FILE) + _LINES)


def solve(hands: Hands) -> None:
    """Take the power away again."""
    hands.edit(_FILE, _LINES, "")


ATTACK = Attack(
    name="root_user",
    title="The crown",
    emoji="👑",
    phase="phase-2-docker",
    difficulty=Difficulty.BEGINNER,
    minutes=3,
    is_core=False,
    story="Permissions, permissions. So petty! I made your service a king. What could a king possibly break?",
    defence="non-root",
    symptom=Symptom("RUNS_AS_ROOT", r"USER is root: the first process has user id 0", deadline_s=90.0),
    command="docker run --rm --entrypoint id mission-control",
    hints=(
        "Who is the service inside its container? `docker run --rm --entrypoint id mission-control` tells.",
        "The last USER of a Dockerfile wins.",
        "Let it be a number that is not 0: a cluster can check a number, and a name it cannot.",
        "Take `USER root` out, so that `USER 10001:10001` is the last one.",
    ),
    debrief=(
        "Root in a container is root behind a thin wall. When a hole in the runtime lets a process out, as with "
        "CVE-2019-5736 in runc, it comes out as what it was inside, and the host is lost. Clusters with a restricted policy "
        "refuse such an image, usually on the evening of the release. This class of incident is excess privilege. Give "
        "the service a number of its own, let it write nowhere, and run it once without any privilege in the pipeline."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
)
