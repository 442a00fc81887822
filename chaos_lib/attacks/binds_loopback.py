"""The service in the container listens on 127.0.0.1: it is up, and nobody can reach it."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.settings import Tier

_FILE = "Dockerfile"
_LINES = "\n# Safety first: only I may talk to me.\nENV MISSION_HOST=127.0.0.1\n"


def inject(target: Injector) -> None:
    """Bind the service to the container's own loopback."""
    target.workspace.replace(_FILE, target.workspace.read(_FILE) + _LINES)


def solve(hands: Hands) -> None:
    """Listen on every address again."""
    hands.edit(_FILE, _LINES, "")


ATTACK = Attack(
    name="binds_loopback",
    title="Talking to myself",
    emoji="🪞",
    phase="phase-2-docker",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=4,
    is_core=False,
    story="Your service is up, healthy and in a splendid mood. It just talks to nobody but itself. Rather like me.",
    defence="published-port",
    symptom=Symptom("BINDS_LOOPBACK", r"inside, port 8000: status 200; outside", deadline_s=120.0),
    command="docker run -d -p 8000:8000 mission-control && curl localhost:8000/healthz",
    hints=(
        "The log says that the service is running. On which address?",
        "Each container has a loopback of its own: 127.0.0.1 inside is not 127.0.0.1 outside.",
        "A published port leads to the container's address in its network. Who listens there?",
        "Take `ENV MISSION_HOST=127.0.0.1` out of the Dockerfile: the service's own default is 0.0.0.0.",
    ),
    debrief=(
        "Even the health check was green: it asks from inside. On a laptop 127.0.0.1 is the safe choice, in a container it is "
        "a wall, and the message outside is a connection that is reset, which looks like a network fault. "
        "This class of incident is the misbound listener. Listen on 0.0.0.0 in a container, let the platform decide who "
        "may come in, and test an image from where its users stand: through the published port."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
)
