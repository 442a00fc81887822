"""The commands that cards of the cluster show."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_lib.attacks import catalogue
from chaos_lib.defences.catalogue import DEFENCES
from chaos_lib.ui.cluster_cards import flip_command

PHASE = "phase-4-k8s"
# It lints with a tool that this machine need not have, as its text says.
_ELSEWHERE = ("kubeconform",)


def commands() -> Sequence[str]:
    """Return every kubectl command of phase 4's attacks and defences, and the one that switches colours; each once."""
    found = [attack.command for attack in catalogue.load().values() if attack.phase == PHASE]
    found += [str(getattr(each, "command", "")) for each in DEFENCES.values() if each.phase == PHASE]
    found.append(flip_command("blue"))
    chosen = (each for each in found if "kubectl" in each and not any(word in each for word in _ELSEWHERE))
    return sorted(set(chosen))
