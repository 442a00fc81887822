"""The table of the lab's facilities, as several commands show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from chaos_lib.cli.screen import table
from chaos_lib.lab import FacilityState
from chaos_lib.settings import Tier
from chaos_lib.ui.marks import tier_mark

_STYLES = {Tier.LIVE: "green", Tier.EMBEDDED: "cyan", Tier.SIMULATED: "yellow", None: "red"}


def facility_table(facilities: Iterable[tuple[FacilityState, bool]]) -> Table:
    """Return a row for each facility: its tier, and why this one.

    Args:
        facilities: Each with whether it answers now.
    """
    made = table("Facility", "Tier", "How")
    for state, is_running in facilities:
        tier = Text(tier_mark(state.tier), style=_STYLES[state.tier])
        how = state.reason if is_running else f"✗ Does not answer any more. {state.reason}"
        made.add_row(state.facility, tier, Text(how))
    made.columns[1].no_wrap = True
    return made


def remedies(facilities: Sequence[FacilityState]) -> tuple[str, ...]:
    """Return what would give better tiers, each sentence once."""
    found = [f"For a better tier: {state.remedy}" for state in facilities if state.remedy]
    return tuple(dict.fromkeys(found))
