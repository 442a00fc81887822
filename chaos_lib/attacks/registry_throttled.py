"""Every pod asks the registry anew, and the registry has had enough: 429."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster import yaml_text
from chaos_lib.settings import Tier

_FILE = "k8s/base/deployment.yaml"
_POLICY = ("containers", "imagePullPolicy")


def inject(target: Injector) -> None:
    """Let every start of a pod pull."""
    target.workspace.replace(_FILE, yaml_text.put(target.workspace.read(_FILE), _POLICY, "Always"))


def solve(hands: Hands) -> None:
    """Pull once."""
    text = (hands.workspace / _FILE).read_text(encoding="utf-8")
    hands.write(_FILE, yaml_text.put(text, _POLICY, "IfNotPresent"))


ATTACK = Attack(
    name="registry_throttled",
    title="Too many requests",
    emoji="🚱",
    phase="phase-5-final",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=6,
    is_core=False,
    story="Always fresh! Every pod fetches its image anew, with every start. The registry will be delighted. For the first hundred times.",
    defence="registry-drill",
    symptom=Symptom("REGISTRY_NEEDED", r"(?i)toomanyrequests|too many requests|429", deadline_s=240.0),
    command="kubectl describe pod POD  # Failed to pull image …: toomanyrequests",
    hints=(
        "It looks like a broken image, and the image is fine: it lies on the node. Why is anybody asked for it?",
        "`kubectl describe pod` quotes the registry: 429 means *not now*, to you and to everybody behind your address.",
        "When does a node pull an image that it has already? Look for the pull policy of the container.",
        "Set `imagePullPolicy: IfNotPresent` in k8s/base/deployment.yaml.",
    ),
    debrief=(
        "Public registries limit pulls for each address, and a whole company often has one. A node that restarts its pods, or a "
        "cluster that scales out, then meets 429 in the middle of an incident, and it reads like a broken image. `Always` also "
        "hides that a tag may move. Use tags that never move (best a digest) and pull once; preload images before a rollout, "
        "keep a mirror of your own, and let pipelines retry with growing pauses as `Retry-After` asks. This class of incident is "
        "the throttled dependency: rate limits are part of somebody else's design, until they are part of your outage."
    ),
    inject=inject,
    solve=solve,
    tiers=(Tier.LIVE,),
    facility="cluster",
)
