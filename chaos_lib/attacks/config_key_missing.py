"""A key of the ConfigMap was renamed, and the Deployment still asks for the old one."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector
from chaos_lib.cluster.kubectl import KUBECTL

_FILE = "k8s/base/kustomization.yaml"
_OLD, _NEW = "- MISSION_REDIS_URL=", "- REDIS_ADDRESS="


def inject(target: Injector) -> None:
    """Rename the key on one side only."""
    target.workspace.substitute(_FILE, _OLD, _NEW)


def solve(hands: Hands) -> None:
    """Give both sides the same name."""
    hands.edit(_FILE, _NEW, _OLD)


ATTACK = Attack(
    name="config_key_missing",
    title="The renamed key",
    emoji="🏷️",
    phase="phase-4-k8s",
    difficulty=Difficulty.BEGINNER,
    minutes=5,
    is_core=True,
    story="I tidied up your configuration. Such an ugly name that was! I told nobody, of course. Who would ask for it?",
    defence="reference-resolver",
    symptom=Symptom("KEY_MISSING", r"couldn't find key MISSION_REDIS_URL in ConfigMap", deadline_s=60.0),
    command=f"{KUBECTL} get pods; {KUBECTL} describe pods -l colour=blue  # CreateContainerConfigError",
    hints=(
        "Every file is valid for itself. Which two have to agree?",
        "The Deployment asks for a key by name, in `valueFrom`. Does the ConfigMap have that key?",
        "Look at the literals of the configMapGenerator in k8s/base/kustomization.yaml.",
        "The literal must be called `MISSION_REDIS_URL=redis://redis:6379/0` again.",
    ),
    debrief=(
        "References between manifests are names in two files, and nothing holds them together: no schema notices, the dry run "
        "does not either, and the pod hangs in CreateContainerConfigError. It waits there for ever, because the key might "
        "still come. This class of incident is configuration drift between files. Resolve every reference in the pipeline, "
        "rename in one change, and generate ConfigMaps with a hash in their names, so that a rollback finds the old values."
    ),
    inject=inject,
    solve=solve,
)
