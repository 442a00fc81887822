"""Keeps the name of an attack out of what the player reads before the round is over."""

from __future__ import annotations

from dataclasses import replace

from chaos_lib.attacks.base import Attack
from chaos_lib.campaign.gates import GatesRun


def without_name(text: str, attack: Attack) -> str:
    """Return a text in which the attack is not named."""
    return text.replace(attack.name, "…").replace(attack.title, "…")


def nameless(run: GatesRun, attack: Attack) -> GatesRun:
    """Return a run of the gates in whose verdicts the attack is not named."""
    verdicts = (
        replace(
            verdict,
            summary=without_name(verdict.summary, attack),
            evidence=without_name(verdict.evidence, attack),
            remedy=without_name(verdict.remedy, attack),
        )
        for verdict in run.verdicts
    )
    return GatesRun(tuple(verdicts), run.total, run.standing)
