"""What the mission log tells about a phase: tiers, attacks fired, attacks caught."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_lib.headless.report import MissionFacts
from chaos_lib.mission_log import Event


def facts_of(events: Sequence[Event], phase: str) -> MissionFacts:
    """Sum up the events of one phase.

    An attack is caught when its defence turned red with the promised reason, when its fix was confirmed, or when a gate of the
    pipeline stopped it in the offensive. A launch is caught
    at most once: a defence that sees the same attack three times has still caught one.

    Args:
        events: All events of the mission, oldest first.
        phase: The phase of interest.
    """
    tiers: dict[str, str] = {}
    open_launches: dict[str, int] = {}
    fired = caught = 0
    for event in events:
        if event.phase != phase:
            continue
        if event.kind == "tier":
            tiers[event.name] = str(event.data.get("tier", "?"))
        elif event.kind == "attack_launched":
            fired += 1
            open_launches[event.name] = open_launches.get(event.name, 0) + 1
        elif _is_catch(event) and open_launches.get(event.name, 0):
            caught += 1
            open_launches[event.name] -= 1
    return MissionFacts(tiers, fired, caught)


def _is_catch(event: Event) -> bool:
    # In the offensive any gate of the pipeline may be the one that turns red, and a decoy is caught by being called one.
    if event.kind == "gates_run":
        return bool(event.data.get("red"))
    if event.kind == "healthy_reported":
        return bool(event.data.get("is_right"))
    return event.kind in ("symptom_seen", "attack_caught")
