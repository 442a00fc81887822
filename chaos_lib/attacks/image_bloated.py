"""One stage, a compiler on board, everything copied: an image twice as large as it has to be."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.settings import Tier

_FILE = "Dockerfile"
_IGNORE = ".dockerignore"
NAIVE = """\
# One stage is enough for everybody! And you never know when you will need a compiler.
FROM python:3.11-slim
RUN apt-get update
RUN apt-get install -y build-essential
WORKDIR /app
COPY . .
RUN pip install '.[test]'
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \\
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["python", "-m", "mission_control", "serve"]
"""


def inject(target: Injector) -> None:
    """Replace the Dockerfile by one that ships its tools, and let everything into the build."""
    target.workspace.put(_FILE, NAIVE)
    if target.workspace.exists(_IGNORE):
        target.workspace.delete(_IGNORE)


def solve(hands: Hands) -> None:
    """Install in a first stage, ship only the result."""
    hands.finish(_FILE)
    hands.finish(_IGNORE)


ATTACK = Attack(
    name="image_bloated",
    title="All you can eat",
    emoji="🐘",
    phase="phase-2-docker",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=6,
    is_core=True,
    story="Your image looked so thin! I fed it a compiler, your tests, your whole git history. It is so much happier now.",
    defence="size-budget",
    symptom=Symptom("IMAGE_BLOATED", r"MB  RUN apt-get install -y build-essential", deadline_s=300.0),
    command="docker images mission-control; docker history mission-control",
    hints=(
        "`docker history` shows what each line of the Dockerfile weighs. Which two are the heaviest?",
        "The compiler is needed while packages are installed, if at all. Who needs it when the service runs?",
        "Each `FROM` begins a new stage. What the last stage does not copy from an earlier one is not in the image.",
        "Install with `--target /packages` in a stage `AS build`; in a second stage: `COPY --from=build /packages /packages` and `COPY src src`. "
        "A .dockerignore keeps the rest out.",
    ),
    debrief=(
        "A fat image works, and that is why it stays: every deployment pulls it, every node stores it, every scan finds "
        "holes in compilers that nobody runs. In an outage the minutes in which a new machine pulls two gigabytes are "
        "the outage. This class of incident is the slow start: autoscaling that comes too late because the image does. "
        "Build in one stage, ship another, and put a budget on the size so that nobody has to remember."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    easier="Keep the lines that install, in a stage called `build`, and write only the second stage yourself.",
)
