"""A private key is copied into a layer, and deleted in the next one: it is still there."""

from __future__ import annotations

import base64
import random

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.settings import Tier

_FILE = "Dockerfile"
_IGNORE = ".dockerignore"
_KEY = "deploy.key"
_LINES = f"""
# Just for a moment. I clean up behind me!
USER root
COPY {_KEY} /srv/{_KEY}
RUN rm /srv/{_KEY}
USER 10001:10001
"""


def inject(target: Injector) -> None:
    """Add a key to the project, let it into the build, copy it and delete it."""
    target.workspace.put(_KEY, _made_up_key(target.seed))
    if target.workspace.exists(_IGNORE):
        target.workspace.replace(_IGNORE, f"{target.workspace.read(_IGNORE)}!{_KEY}\n")
    target.workspace.replace(_FILE, target.workspace.read(_FILE) + _LINES)


def solve(hands: Hands) -> None:
    """Take the lines out, and the key with them."""
    hands.finish(_FILE)
    hands.finish(_IGNORE)
    hands.delete(_KEY)


def _made_up_key(seed: int) -> str:
    """Something that looks like a private key and opens nothing."""
    noise = base64.encodebytes(random.Random(seed).randbytes(400)).decode()  # noqa: S311 - it is no secret
    frame = "OPENSSH PRIVATE KEY-----"
    return f"-----BEGIN {frame}\n{noise}-----END {frame}\n"


ATTACK = Attack(
    name="secret_in_layer",
    title="Now you see it",
    emoji="🗝️",
    phase="phase-2-docker",
    difficulty=Difficulty.ADVANCED,
    minutes=5,
    is_core=False,
    story="I borrowed your deploy key for one tiny second. Deleted right away, look, it is gone! Gone, I tell you.",
    defence="secret-scan",
    symptom=Symptom("SECRET_IN_LAYER", r"layer \d+: /srv/deploy\.key", deadline_s=120.0),
    command="docker save mission-control | tar -x && grep -a 'PRIVATE KEY' -r .",
    hints=(
        "Start the image and look for the key: it is not there. Now think of an image as a stack of layers.",
        "A layer that deletes a file only hides it. The layer below still has it, and everybody who pulls gets both.",
        "Look at the last lines of the Dockerfile, and at the last line of .dockerignore.",
        "Take the four lines out of the Dockerfile, `!deploy.key` out of .dockerignore, and delete the key. A step that "
        "really needs a secret gets it by `RUN --mount=type=secret`.",
    ),
    debrief=(
        "Deleting a secret in a later layer is like covering a page of a book with a new page. Researchers who scan "
        "public registries find valid keys in such layers by the thousand. This class of incident is the leaked "
        "credential, and the order of the repair matters: first replace the key, because it has been seen, then take it "
        "out. Prevent it three times: an allow-list in .dockerignore, secrets mounted for one step and never copied, and "
        "a scan of the layers, not of the running container."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
)
