"""The head-up panel: one line that says where the participant stands."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets as widgets

from chaos_lib.errors import ChaosError
from chaos_lib.ui import cards, live
from chaos_lib.ui.marks import tier_mark
from chaos_lib.ui.page import Living, Snapshot
from chaos_lib.ui.theme import STYLE

if TYPE_CHECKING:
    from chaos_lib.lab.facility import FacilityReport
    from chaos_lib.mission import Standing


class HasStanding(Protocol):
    """What the head-up panel needs of a mission."""

    def standing(self) -> Standing:
        """Where the participant stands."""
        ...


class Hud(Living):
    """The head-up panel.

    Args:
        mission: Asked for its standing at each refresh.

    Attributes:
        widget: The ipywidgets HTML widget.
    """

    def __init__(self, mission: HasStanding) -> None:
        super().__init__()
        self._mission = mission
        self._snapshot = Snapshot("", "")
        self.widget: Any = widgets.HTML()
        self.widget.add_class("oc-flow")
        self.refresh()
        live.watch(self)

    @property
    def snapshot(self) -> Snapshot:
        """What it shows now, without the widget."""
        return self._snapshot

    def refresh(self) -> None:
        """Ask for the standing again and show it; an error is shown as a card."""
        try:
            standing = self._mission.standing()
            self._snapshot = Snapshot(STYLE + hud_html(standing), hud_text(standing))
        except ChaosError as exc:
            card = cards.error(exc)
            self._snapshot = Snapshot(card.html, card.text)
        self.widget.value = self._snapshot.html
        self.renew_snapshot()


def show(mission: HasStanding) -> Hud:
    """Return a head-up panel, to be displayed."""
    return Hud(mission)


def refresh_all() -> None:
    """Refresh every head-up panel that is shown."""
    live.refresh_all(Hud)


def hud_text(standing: Standing) -> str:
    """Return the standing as one plain line."""
    facilities = [
        f"{report.facility} {tier_mark(report.tier)}{_provider(report)}" for report in _needed(standing)
    ]
    return " | ".join([_phase(standing), *facilities, _points(standing), _minutes(standing), _open(standing)])


def hud_html(standing: Standing) -> str:
    """Return the standing as one line of HTML, without its style."""
    facilities = " ".join(
        f'<span title="{html.escape(report.reason)}">{html.escape(report.facility)} '
        f"<b>{html.escape(tier_mark(report.tier))}</b>"
        f"{html.escape(_provider(report))}</span>"
        for report in _needed(standing)
    )
    phase = standing.phase
    share = standing.points / standing.points_possible if standing.points_possible else 0.0
    over = standing.minutes_used > phase.minutes
    tone = "bad" if standing.open_attacks else "good"
    return (
        '<div class="oc oc-hud" role="group" aria-label="Mission status">'
        f'<span class="oc-hud-phase">{html.escape(_phase(standing))}</span> {facilities} '
        f'<span class="oc-good">{_points(standing)}{_meter(share)}</span> '
        f'<span class="{"oc-note" if over else "oc-info"}">{_minutes(standing)}'
        f"{_meter(standing.minutes_used / phase.minutes)}</span> "
        f'<span class="oc-{tone}"><span class="oc-mark">{html.escape(_open(standing))}</span></span></div>'
    )


def _meter(share: float) -> str:
    width = round(100 * min(max(share, 0.0), 1.0))
    # The words beside it say the same.
    return f'<span class="oc-meter" aria-hidden="true"><span class="oc-fill" style="display:block;width:{width}%"></span></span>'


def _needed(standing: Standing) -> list[FacilityReport]:
    # "containers: not available" would only worry those whose phase does without.
    names = standing.phase.facilities
    return [report for report in standing.facilities if report.facility in names or not names]


def _provider(report: FacilityReport) -> str:
    # "EMBEDDED embedded" says it twice.
    is_news = report.provider and (report.tier is None or report.provider.upper() != report.tier.value)
    return f" {report.provider}" if is_news else ""


def _phase(standing: Standing) -> str:
    return f"Phase {standing.phase.number}: {standing.phase.title}"


def _points(standing: Standing) -> str:
    return f"{standing.points}/{standing.points_possible} points"


def _minutes(standing: Standing) -> str:
    used = round(standing.minutes_used)
    over = f", {used - standing.phase.minutes} over" if used > standing.phase.minutes else ""
    return f"{used}/{standing.phase.minutes} min{over}"


def _open(standing: Standing) -> str:
    if not standing.open_attacks:
        return "✓ nothing broken"
    return f"✗ broken: {', '.join(standing.open_attacks)}"
