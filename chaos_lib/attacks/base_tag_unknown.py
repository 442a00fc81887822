"""The base image has a tag that does not exist."""

from __future__ import annotations

import re

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.settings import Tier

_FILE = "Dockerfile"
_BASE = re.compile(r"python:[\w.-]+")
_UNKNOWN = "python:3.11-slimmest"


def inject(target: Injector) -> None:
    """Name a tag that nobody has ever published."""
    text = target.workspace.read(_FILE)
    changed = _BASE.sub(_UNKNOWN, text)
    target.workspace.replace(_FILE, changed if changed != text else f"FROM {_UNKNOWN}\n{text}")


def solve(hands: Hands) -> None:
    """Name one that exists."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="base_tag_unknown",
    title="The slimmest of them all",
    emoji="👻",
    phase="phase-2-docker",
    difficulty=Difficulty.BEGINNER,
    minutes=3,
    is_core=False,
    story="You wanted a slim image? I chose the slimmest one for you. So slim that nobody has ever seen it.",
    defence="image-build",
    symptom=Symptom("BASE_UNKNOWN", r"python:3\.11-slimmest", deadline_s=90.0),
    command="docker build --tag mission-control .",
    hints=(
        "The build stops before its first step. What does it look for there?",
        "The words “load metadata for …” mark the moment at which BuildKit asks for the base image.",
        "Read the tag behind `python:` aloud. Does such an image exist?",
        "The slim image of Python 3.11 is `python:3.11-slim`.",
    ),
    debrief=(
        "A tag is a label that somebody can move or take away. Teams meet this when a publisher ends a release line, "
        "when a tag is mistyped in a hurry, or when an internal mirror has not copied it: the build works on every "
        "machine that has the image already, and fails on the new one. This class of incident is the vanished base. Pin "
        "a version, keep a copy of your base images in a registry of your own, and build on a clean machine every day."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
)
