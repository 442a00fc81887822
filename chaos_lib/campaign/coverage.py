"""One's own pipeline against every attack, beside the finished one, and what the offensive really did."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_lib.attacks.base import Attack
from chaos_lib.campaign.own_pipeline import OwnPipeline, Stage, gates_of
from chaos_lib.campaign.rounds import Campaign, in_reach
from chaos_lib.campaign.timeline import Ending
from chaos_lib.mission import Mission


@dataclass(frozen=True)
class Covered:
    """One attack.

    Attributes:
        attack: The attack.
        gates: The gates that must catch it: the finished pipeline has them all.
        stage: When one's own pipeline asks one of them.
        seen: What happened in the latest offensive; empty when it was not drawn.
    """

    attack: Attack
    gates: tuple[str, ...]
    stage: Stage
    seen: str = ""


def coverage(mission: Mission, own: OwnPipeline) -> tuple[Covered, ...]:
    """Return every attack that can be played here, in the order of the phases; decoys are left out."""
    story = Campaign(mission).find()
    seen = {} if story is None else {each.attack: _told(each.caught_by, each.ending) for each in story.rounds}
    return tuple(
        Covered(attack, tuple(sorted(gates_of(attack))), own.stage_of(attack), seen.get(attack.name, ""))
        for attack in in_reach(mission)
        if not attack.is_decoy
    )


def _told(caught_by: str, ending: Ending) -> str:
    if ending is Ending.OPEN:
        return ""  # it must not be named yet
    return f"caught by {caught_by}" if caught_by else ending.value
