"""What a practitioner types to roll back, layer by layer: ours is the journal, theirs are these."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.attacks.base import Attack
from chaos_lib.cluster.kubectl import KUBECTL

_BY_PHASE: Mapping[str, str] = {
    "phase-2-docker": "git revert --no-edit HEAD && docker build --tag mission-control .",
    "phase-3-jenkins": "git revert --no-edit HEAD && git push  # and the pipeline runs again",
    "phase-4-k8s": f"{KUBECTL} rollout undo deployment/mission-control-blue",
}
_ELSEWHERE = "git revert --no-edit HEAD"


def practitioner(attack: Attack) -> str:
    """Return the command that takes back a bad change in the layer of an attack."""
    return _BY_PHASE.get(attack.phase, _ELSEWHERE)
