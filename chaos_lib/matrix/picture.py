"""The matrix as a heat map: a colour, a symbol and a place in each cell, so that no state is told by colour alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from chaos_lib.attacks.base import Attack
from chaos_lib.defences.base import Defence
from chaos_lib.matrix.grid import CLEAN, Matrix, Outcome
from chaos_lib.ui.marks import seconds
from chaos_lib.ui.plot_style import INK, MUTED, PAPER, SERIES, new_figure

# The palette's green and red, darker: white words on them keep a contrast of 4.5 to 1 or more (WCAG 2.2, 1.4.3).
_DARK_GREEN, _DARK_RED = "#00775a", "#b34700"
# Face, edge, ink: a light face under dark ink reads on light and dark pages.
_LOOKS: Mapping[Outcome, tuple[str, str, str]] = {
    Outcome.CAUGHT: (_DARK_GREEN, _DARK_GREEN, "white"),
    Outcome.ALSO_CAUGHT: ("#a9dccb", "#a9dccb", INK),
    Outcome.LET_THROUGH: ("#e4e7eb", "#e4e7eb", MUTED),
    Outcome.MISSED: (_DARK_RED, _DARK_RED, "white"),
    Outcome.WRONG_REASON: (SERIES[1].colour, SERIES[1].colour, INK),
    Outcome.QUIET: ("#d6e6f5", "#d6e6f5", INK),
    Outcome.FALSE_ALARM: (_DARK_RED, _DARK_RED, "white"),
    Outcome.DERIVED: (PAPER, "#e4e7eb", "#6b7480"),
    Outcome.CONTRADICTION: (_DARK_RED, _DARK_RED, "white"),
    Outcome.BROKEN: (SERIES[1].colour, SERIES[1].colour, INK),
    Outcome.NOT_PLAYED: (PAPER, PAPER, MUTED),
}
_LOUD = (
    Outcome.CAUGHT, Outcome.MISSED, Outcome.WRONG_REASON, Outcome.FALSE_ALARM, Outcome.CONTRADICTION, Outcome.BROKEN,
)  # fmt: skip
_DPI = 120
# Inches.
_CELL, _WORDY_WIDTH, _WORDY_HEIGHT = 0.3, 1.25, 0.5
_LEFT, _TOP, _BOTTOM_LINE = 2.6, 1.9, 0.24
_MOST_WORDS = 12
# In cells: between two phases, and before the clean row.
_GAP = 0.35
# For the phases' numbers below the columns.
_PHASE_LINE = 0.8


def draw(matrix: Matrix) -> Figure:
    """Draw the matrix; the figure's label says in words what it shows.

    Up to twelve defences each cell has its words; with more the symbols alone, with a legend below.
    """
    with_words = len(matrix.defences) <= _MOST_WORDS
    columns = _places(matrix.defences)
    rows = [*_places(matrix.attacks)]
    names = [attack.name for attack in matrix.attacks]
    rows.append((rows[-1] + 1 if rows else 0) + _GAP)
    width, height = (columns[-1] + 1 if columns else 1), rows[-1] + 1
    cell_width, cell_height = (_WORDY_WIDTH, _WORDY_HEIGHT) if with_words else (_CELL, _CELL)
    legend = _legend(matrix)
    figure, (axes,) = new_figure(
        _LEFT + width * cell_width,
        _TOP + (height + _PHASE_LINE) * cell_height + _BOTTOM_LINE * (len(legend) + 1),
        words=_words(matrix),
    )
    for attack, y in zip([*names, CLEAN], rows, strict=True):
        for defence, x in zip(matrix.defences, columns, strict=True):
            _cell(axes, matrix, attack, defence.name, (x, y), with_words=with_words)
    _name_phases(axes, matrix, columns, height)
    axes.set_xlim(0, width)
    axes.set_ylim(height + _PHASE_LINE, 0)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    axes.xaxis.tick_top()
    axes.set_xticks(
        [x + 0.5 for x in columns],
        [d.name.replace("-", "-\n", 1) if with_words else d.name for d in matrix.defences],
        rotation=0 if with_words else 90,
        color=INK,
    )
    axes.set_yticks([y + 0.5 for y in rows], [*names, "the clean project"], color=INK)
    figure.suptitle(_headline(matrix), x=0.01, ha="left", fontsize=13, fontweight="bold", color=INK)
    figure.supxlabel("\n".join(legend), x=0.01, ha="left", color=INK, fontsize=9)
    return figure


def write_png(figure: Figure, target: Path) -> None:
    """Write a figure as PNG; the same figure gives the same bytes."""
    figure.savefig(target, format="png", dpi=_DPI, metadata={"Software": None, "Title": figure.get_label()})


def _places(members: Sequence[Attack] | Sequence[Defence]) -> list[float]:
    """Return where each row or column begins, in cells: a gap stands between two phases."""
    return [*_spread([member.phase for member in members])]


def _spread(phases: Sequence[str]) -> Iterator[float]:
    number = 0
    for gap, (_, group) in enumerate(groupby(phases)):
        for _ in group:
            yield number + gap * _GAP
            number += 1


def _name_phases(axes: Axes, matrix: Matrix, columns: Sequence[float], y: float) -> None:
    members = zip(matrix.defences, columns, strict=True)
    for phase, group in groupby(members, key=lambda member: member[0].phase):
        places = [x for _, x in group]
        number = phase.removeprefix("phase-").partition("-")[0]
        middle = (places[0] + places[-1] + 1) / 2
        axes.text(middle, y + 0.15, f"phase {number}", ha="center", va="top", color=MUTED, fontsize=9)


def _cell(
    axes: Axes, matrix: Matrix, attack: str, defence: str, at: tuple[float, float], *, with_words: bool
) -> None:
    outcome, cell = matrix.outcome(attack, defence), matrix.cell(attack, defence)
    face, edge, ink = _LOOKS[outcome]
    x, y = at
    axes.add_patch(Rectangle((x + 0.04, y + 0.04), 0.92, 0.92, facecolor=face, edgecolor=edge, linewidth=0.6))
    text = f"{outcome.symbol} {outcome.value}" if with_words else outcome.symbol
    if cell is not None and with_words and outcome is not Outcome.DERIVED:
        text += f"\n{seconds(cell.elapsed_s)}"
    axes.text(
        x + 0.5,
        y + 0.5,
        text,
        ha="center",
        va="center",
        color=ink,
        fontsize=8 if with_words else 9,
        weight="bold" if outcome in _LOUD else "normal",
    )


def _headline(matrix: Matrix) -> str:
    played = sum(matrix.tier in attack.tiers and not attack.is_decoy for attack in matrix.attacks)
    caught, alarms = matrix.count(Outcome.CAUGHT), matrix.count(Outcome.FALSE_ALARM)
    return f"{caught} of {played} attacks caught, {alarms} false alarms ({matrix.tier.value})"


def _legend(matrix: Matrix) -> list[str]:
    return [f"{o.symbol} {o.value}: {o.meaning}" for o in Outcome if matrix.count(o)]


def _words(matrix: Matrix) -> str:
    caught = [
        f"{attack.name}: {matrix.outcome(attack.name, attack.defence).value} by {attack.defence}"
        for attack in matrix.attacks
    ]
    return f"{matrix.statement}. {'; '.join(caught)}."
