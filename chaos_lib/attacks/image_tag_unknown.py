"""The overlay names a tag that nobody has ever built."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster import yaml_text
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.settings import Tier

_FILE = "k8s/overlays/blue/kustomization.yaml"
_TAG = ("images", "newTag")


def inject(target: Injector) -> None:
    """Write the letter O for a zero."""
    target.workspace.replace(_FILE, yaml_text.put(target.workspace.read(_FILE), _TAG, "1.O.0"))


def solve(hands: Hands) -> None:
    """Name the version that was built."""
    hands.write(_FILE, yaml_text.put((hands.workspace / _FILE).read_text(encoding="utf-8"), _TAG, "1.0.0"))


ATTACK = Attack(
    name="image_tag_unknown",
    title="Version one dot O",
    emoji="🅾️",
    phase="phase-4-k8s",
    difficulty=Difficulty.BEGINNER,
    minutes=4,
    is_core=False,
    story="One point oh point oh. That is how you say it, is it not? So that is how I wrote it.",
    defence="image-exists",
    symptom=Symptom("IMAGE_UNKNOWN", r"No such image: mission-control:1\.O\.0", deadline_s=240.0),
    command=f"{KUBECTL} get pods  # ErrImagePull, ImagePullBackOff",
    hints=(
        "Which image does the overlay ask for, letter by letter? And which one did you build?",
        "`docker image ls` lists what is there. In many fonts a zero and an O look alike; a search does not care about fonts.",
        "In k8s/overlays/blue/kustomization.yaml `newTag` must be `1.0.0`, with two zeros.",
    ),
    debrief=(
        "A tag is a name and no promise: nothing checks that it exists until a node tries to pull it, and then the pod flaps "
        "between ErrImagePull and ImagePullBackOff with ever longer pauses. Tags typed by hand are wrong sooner or later. Let "
        "the pipeline write the tag that it has just built, or better the digest, and ask the registry before the cluster does. "
        "This class of incident is the broken artefact reference."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    facility="containers",
)
