"""The head-up panel: one line that says where the participant stands."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets as widgets

from chaos_lib.errors import ChaosError
from chaos_lib.ui import cards, live
from chaos_lib.ui.marks import tier_mark
from chaos_lib.ui.theme import STYLE

if TYPE_CHECKING:
    from chaos_lib.mission import Standing


class HasStanding(Protocol):
    """What the head-up panel needs of a mission."""

    def standing(self) -> Standing:
        """Where the participant stands."""
        ...


class Hud:
    """The head-up panel as a widget.

    Args:
        mission: Asked for its standing at each refresh.

    Attributes:
        widget: The ipywidgets HTML widget.
    """

    def __init__(self, mission: HasStanding) -> None:
        self._mission = mission
        self.widget: Any = widgets.HTML()
        self.widget.add_class("oc-flow")
        self._text = ""
        self.refresh()
        live.watch(self)

    def refresh(self) -> None:
        """Ask for the standing again and show it; an error is shown as a card."""
        try:
            standing = self._mission.standing()
        except ChaosError as exc:
            card = cards.error(exc)
            self.widget.value, self._text = card.html, card.text
            return
        self.widget.value, self._text = STYLE + hud_html(standing), hud_text(standing)

    @property
    def text(self) -> str:
        """What it shows, as one plain line."""
        return self._text

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **options: Any) -> Mapping[str, Any]:
        bundle = self.widget._repr_mimebundle_(**options) or {}
        return {**bundle, "text/html": self.widget.value, "text/plain": self._text}


def show(mission: HasStanding) -> Hud:
    """Return a head-up panel, to be displayed."""
    return Hud(mission)


def refresh_all() -> None:
    """Refresh every head-up panel that is shown."""
    live.refresh_all(Hud)


def hud_text(standing: Standing) -> str:
    """Return the standing as one plain line."""
    facilities = [
        " ".join(
            filter(
                None, (report.facility, tier_mark(report.tier), report.provider and f"({report.provider})")
            )
        )
        for report in standing.facilities
    ]
    return " | ".join([_phase(standing), *facilities, _points(standing), _minutes(standing), _open(standing)])


def hud_html(standing: Standing) -> str:
    """Return the standing as one line of HTML, without its style."""
    facilities = "".join(
        f'<span title="{html.escape(report.reason)}">{html.escape(report.facility)} '
        f"<b>{html.escape(tier_mark(report.tier))}</b>"
        f"{f' <small>{html.escape(report.provider)}</small>' if report.provider else ''}</span>"
        for report in standing.facilities
    )
    phase = standing.phase
    share = standing.points / standing.points_possible if standing.points_possible else 0.0
    over = standing.minutes_used > phase.minutes
    tone = "bad" if standing.open_attacks else "good"
    return (
        '<div class="oc oc-hud" role="group" aria-label="Mission status">'
        f'<span class="oc-hud-phase">{html.escape(_phase(standing))}</span>{facilities}'
        f'<span class="oc-good">{_points(standing)}{_meter(share)}</span>'
        f'<span class="{"oc-note" if over else "oc-info"}">{_minutes(standing)}'
        f"{_meter(standing.minutes_used / phase.minutes)}</span>"
        f'<span class="oc-{tone}"><span class="oc-mark">{html.escape(_open(standing))}</span></span></div>'
    )


def _meter(share: float) -> str:
    width = round(100 * min(max(share, 0.0), 1.0))
    # The words beside it say the same.
    return f'<span class="oc-meter" aria-hidden="true"><span class="oc-fill" style="display:block;width:{width}%"></span></span>'


def _phase(standing: Standing) -> str:
    return f"Phase {standing.phase.number}: {standing.phase.title}"


def _points(standing: Standing) -> str:
    return f"{standing.points} of {standing.points_possible} points"


def _minutes(standing: Standing) -> str:
    used = round(standing.minutes_used)
    over = f", {used - standing.phase.minutes} over" if used > standing.phase.minutes else ""
    return f"{used} of {standing.phase.minutes} min{over}"


def _open(standing: Standing) -> str:
    if not standing.open_attacks:
        return "✓ nothing broken"
    return f"✗ broken: {', '.join(standing.open_attacks)}"
