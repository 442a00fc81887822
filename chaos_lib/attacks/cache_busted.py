"""The source is copied before the dependencies are installed: every change of a line installs them all again."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.settings import Tier

_FILE = "Dockerfile"
_BUSTED = """\
# Two lines became one. You are welcome!
FROM python:3.11-slim AS build
WORKDIR /build
ENV UV_SYSTEM_CERTS=1 UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN --mount=type=cache,target=/root/.cache/pip \\
    --mount=type=secret,id=pip,target=/etc/pip.conf \\
    --mount=type=secret,id=ca \\
    pip install --disable-pip-version-check uv==0.13.9
COPY . .
RUN --mount=type=cache,target=/root/.cache/uv \\
    --mount=type=secret,id=uv,target=/etc/uv/uv.toml \\
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \\
    uv pip install --system --target /packages --require-hashes -r requirements.lock

FROM python:3.11-slim
ENV PYTHONPATH=/app/src:/packages PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=build /packages /packages
COPY src src
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \\
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["python", "-m", "mission_control"]
CMD ["serve"]
"""


def inject(target: Injector) -> None:
    """Copy everything first."""
    target.workspace.put(_FILE, _BUSTED)


def solve(hands: Hands) -> None:
    """Copy the list of packages, install, and copy the source last."""
    hands.edit(_FILE, "COPY . .", "COPY requirements.lock ./")


ATTACK = Attack(
    name="cache_busted",
    title="Groundhog build",
    emoji="🔁",
    phase="phase-2-docker",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=5,
    is_core=False,
    story="Why copy twice when you can copy once? Now change a comma and go for a coffee. A long one. Every time.",
    defence="second-build",
    symptom=Symptom("DEPENDENCIES_REINSTALLED", r"ran again: .*pip install", deadline_s=180.0),
    command="docker build . && echo >> src/mission_control/__init__.py && docker build .",
    hints=(
        "Build twice and change one line of the source in between. Which steps are CACHED the second time?",
        "A step is taken from the cache when nothing before it has changed. What changes before the packages are installed?",
        "To know what to install, one file is enough.",
        "`COPY requirements.lock ./` first, then install, and `COPY src src` after it.",
    ),
    debrief=(
        "Builds get slow one minute at a time, and nobody decides it. When a build takes ten minutes, people push less "
        "often, bundle changes, and skip the pipeline in an emergency, which is when they need it most. This class of "
        "incident is the cache miss by construction: a layer's key holds everything copied before it, so order the "
        "lines from what changes rarely to what changes all the time. A budget for the second build keeps it so."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
)
