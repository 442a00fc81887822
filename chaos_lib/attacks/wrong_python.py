"""The base image has another Python: one that the project does not support any more."""

from __future__ import annotations

import re

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.settings import Tier

_FILE = "Dockerfile"
_BASE = re.compile(r"python:3\.\d+(\.\d+)?(-slim)?(-\w+)?")
_OLD = "python:3.9-slim"
_FALLBACK = f"FROM {_OLD}\nWORKDIR /app\nCOPY requirements.lock ./\nRUN pip install -r requirements.lock\nCOPY src src\n"


def inject(target: Injector) -> None:
    """Put an older Python under the image, wherever the Dockerfile names its base."""
    text = target.workspace.read(_FILE)
    changed = _BASE.sub(_OLD, text)
    target.workspace.replace(_FILE, changed if changed != text else _FALLBACK)


def solve(hands: Hands) -> None:
    """Name the Python that the project asks for."""
    hands.finish(_FILE)


ATTACK = Attack(
    name="wrong_python",
    title="Back to the past",
    emoji="🕹️",
    phase="phase-2-docker",
    difficulty=Difficulty.BEGINNER,
    minutes=4,
    is_core=True,
    story="Python is Python is Python. I found you a lovely vintage one in the cellar. It pairs well with tears.",
    defence="python-version",
    # The first time, the lab has to make an image with that Python.
    symptom=Symptom("WRONG_PYTHON", r"Python 3\.9\.\d+ in .*requires-python", deadline_s=300.0),
    command="docker build --tag mission-control . ; docker run --rm python:3.9-slim python --version",
    hints=(
        "The build says that a package cannot be found, although it was found yesterday. What decides which releases fit?",
        "Every release on the index says which Pythons it supports, and so does pyproject.toml: `requires-python`.",
        "Which Python does the base image have? Look at the first lines of the Dockerfile.",
        "Write `ARG BASE=python:3.11-slim` (or `FROM python:3.11-slim`).",
    ),
    debrief=(
        "Nobody touched the code, and the build broke, or worse: it found older releases of every package and nobody "
        "noticed for weeks. This class of incident is environment drift: the laptop, the CI server and the image each "
        "have a Python of their own. Say it once, in `requires-python`, pin the base image to a version, and let a "
        "stage of the pipeline compare the two. That costs one second a build."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    easier="Only one number in the Dockerfile is wrong. Compare it with `requires-python` in pyproject.toml.",
)
