"""Symbols and words for tiers and states: nothing is told by colour alone."""

from __future__ import annotations

from enum import Enum

from chaos_lib.settings import Tier
from chaos_lib.ui.card import Tone


class CardState(str, Enum):
    """What an attack's card shows: the mission's states, and one that lasts only while the button works."""

    IDLE = "idle"
    LAUNCHING = "launching"
    BROKEN = "broken"
    CAUGHT = "caught"
    HEALED = "healed"

    @property
    def mark(self) -> str:
        """Symbol and word."""
        return f"{_SYMBOLS[self]} {self.value}"

    @property
    def css(self) -> str:
        """The class that colours it."""
        return _CSS[self]


_SYMBOLS = {
    CardState.IDLE: "○",
    CardState.LAUNCHING: "◌",
    CardState.BROKEN: "✗",
    CardState.CAUGHT: "✓",
    CardState.HEALED: "↺",
}
_CSS = {
    CardState.IDLE: "oc-quiet",
    CardState.LAUNCHING: f"oc-{Tone.VILLAIN.value}",
    CardState.BROKEN: f"oc-{Tone.BAD.value}",
    CardState.CAUGHT: f"oc-{Tone.GOOD.value}",
    CardState.HEALED: f"oc-{Tone.INFO.value}",
}
_TIERS = {Tier.LIVE: "●", Tier.EMBEDDED: "◐", Tier.SIMULATED: "○"}


def tier_mark(tier: Tier | None) -> str:
    """Return symbol and word of a tier; of None, that nothing works."""
    return "✗ not available" if tier is None else f"{_TIERS[tier]} {tier.value}"


def seconds(elapsed_s: float) -> str:
    """Return a duration as people say it, from seconds."""
    if elapsed_s < 10:
        return f"{elapsed_s:.1f} s"
    if elapsed_s < 120:
        return f"{elapsed_s:.0f} s"
    return f"{elapsed_s // 60:.0f} min {elapsed_s % 60:.0f} s"
