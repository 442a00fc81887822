"""The Deployment is written for an API version that was removed years ago."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster import yaml_text
from chaos_lib.cluster.kubectl import KUBECTL, rendered

_FILE = "k8s/base/deployment.yaml"


def inject(target: Injector) -> None:
    """Take the version out of an old tutorial."""
    target.workspace.replace(
        _FILE, yaml_text.put(target.workspace.read(_FILE), ("apiVersion",), "extensions/v1beta1")
    )


def solve(hands: Hands) -> None:
    """Write the version that is served."""
    text = (hands.workspace / _FILE).read_text(encoding="utf-8")
    hands.write(_FILE, yaml_text.put(text, ("apiVersion",), "apps/v1"))


ATTACK = Attack(
    name="api_version_removed",
    title="The museum piece",
    emoji="🏛️",
    phase="phase-4-k8s",
    difficulty=Difficulty.BEGINNER,
    minutes=4,
    is_core=False,
    story="I found this lovely line in a tutorial from 2017. It has worked for years! Somewhere. Once.",
    defence="manifest-lint",
    symptom=Symptom(
        "API_VERSION_REMOVED", r'no matches for kind "Deployment" in version "extensions/v1beta1"', 60.0
    ),
    command=f"{rendered('k8s/overlays/blue')} | {KUBECTL} apply --dry-run=server -f -; kubectl api-resources",
    hints=(
        "The evidence says which kind is asked for in which version. Who decides which versions there are?",
        "`kubectl api-resources` lists what a cluster serves; `kubectl explain deployment` names the version in its first lines.",
        "The first line of k8s/base/deployment.yaml must be `apiVersion: apps/v1`.",
    ),
    debrief=(
        "API versions grow up and are removed: a beta lives about a year, and a cluster upgrade takes it away. What is running "
        "goes on running, so nobody notices until the next deployment, or until the cluster has to be rebuilt in a hurry. This "
        "class of incident is the breaking upgrade. Check manifests against the schema of the release you run on, and against "
        "that of the one you will run on next."
    ),
    inject=inject,
    solve=solve,
)
