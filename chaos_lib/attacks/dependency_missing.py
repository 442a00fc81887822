"""A package is gone from the list of dependencies: the image builds, and the service in it cannot start."""

from __future__ import annotations

import re

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.settings import Tier

_LOCK = "requirements.lock"
_PROJECT = "pyproject.toml"
_PACKAGE = "prometheus-client"
# A pin and the lines with its hashes.
_PIN = re.compile(rf"^{_PACKAGE}==.*\n(?:[ \t]+.*\n)*", re.MULTILINE)


def inject(target: Injector) -> None:
    """Take one package out of both lists: whichever of them the image is built from."""
    target.workspace.replace(_LOCK, _PIN.sub("", target.workspace.read(_LOCK)))
    target.workspace.substitute(_PROJECT, f'    "{_PACKAGE}>=0.20",\n', "")


def solve(hands: Hands) -> None:
    """Put the package back, with its hashes."""
    hands.finish(_LOCK)
    hands.finish(_PROJECT)


ATTACK = Attack(
    name="dependency_missing",
    title="The empty chair",
    emoji="🪑",
    phase="phase-2-docker",
    difficulty=Difficulty.BEGINNER,
    minutes=4,
    is_core=True,
    story="The build is green! The image is small! I even made it smaller. By one package. Which one? Start it and see.",
    defence="import-smoke",
    symptom=Symptom("MODULE_MISSING", r"No module named 'prometheus_client'", deadline_s=180.0),
    command="docker run --rm mission-control",
    hints=(
        "The image was built without a complaint. When does Python look for a module?",
        "Read the last line of the container's output: it names the module that is missing.",
        "The module `prometheus_client` comes with the package `prometheus-client`. Which two files list the packages?",
        "It is gone from pyproject.toml and from requirements.lock. `git diff` shows the lines; `git checkout -- "
        "pyproject.toml requirements.lock` brings them back.",
    ),
    debrief=(
        "A build that succeeds proves that the image could be built, not that it works. On the developer's machine the "
        "package was there by chance, installed for another project. This class of incident is the undeclared "
        "dependency, the oldest form of “works on my machine”. Two things prevent it: a lock that is made from the "
        "declared dependencies by a tool, never edited by hand, and a smoke test that starts the finished image once "
        "before anybody else does."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
)
