"""The matrix as a heat map: a colour, a hatch, a symbol and a word in each cell, so that no state is told by colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from chaos_lib.matrix.grid import CLEAN, Matrix, Outcome
from chaos_lib.ui.marks import seconds
from chaos_lib.ui.plot_style import INK, MUTED, SERIES, new_figure, title

# The palette's green and red, darker: white words on them keep a contrast of 4.5 to 1 or more (WCAG 2.2, 1.4.3).
_DARK_GREEN, _DARK_RED = "#00775a", "#b34700"
# Face, hatch, ink: a light face under dark ink reads on light and dark pages.
_LOOKS: Mapping[Outcome, tuple[str, str, str]] = {
    Outcome.CAUGHT: (_DARK_GREEN, "", "white"),
    Outcome.ALSO_CAUGHT: ("#bfe5d8", "", INK),
    Outcome.LET_THROUGH: ("#f0f1f3", "", MUTED),
    Outcome.MISSED: (_DARK_RED, "", "white"),
    Outcome.WRONG_REASON: (SERIES[1].colour, "", INK),
    Outcome.QUIET: ("#ffffff", "", MUTED),
    Outcome.FALSE_ALARM: (_DARK_RED, "", "white"),
    Outcome.NOT_PLAYED: ("#ffffff", "////", MUTED),
}
_MOST_WORDS = 12
_CLEAN_GAP = 0.25


def draw(matrix: Matrix) -> Figure:
    """Draw the matrix; the figure's label says in words what it shows."""
    columns, rows = len(matrix.defences), len(matrix.attacks) + 1
    with_words = columns <= _MOST_WORDS
    width = 2.6 + columns * (1.25 if with_words else 0.55)
    figure, (axes,) = new_figure(width, 1.6 + rows * 0.5, words=_words(matrix))
    names = [*(attack.name for attack in matrix.attacks), CLEAN]
    for y, attack in enumerate(names):
        top = y + (_CLEAN_GAP if attack == CLEAN else 0)
        for x, defence in enumerate(matrix.defences):
            _cell(axes, matrix, attack, defence.name, (x, top), with_words=with_words)
    axes.set_xlim(0, max(columns, 1))
    axes.set_ylim(rows + _CLEAN_GAP, 0)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    axes.xaxis.tick_top()
    tilted = 0 if with_words else 60
    axes.set_xticks(
        [x + 0.5 for x in range(columns)],
        [d.name.replace("-", "-\n", 1) if with_words else d.name for d in matrix.defences],
        rotation=tilted,
        ha="center" if with_words else "left",
        color=INK,
    )
    axes.set_yticks(
        [*(y + 0.5 for y in range(rows - 1)), rows - 0.5 + _CLEAN_GAP],
        [*names[:-1], "the clean project"],
        color=INK,
    )
    title(axes, _headline(matrix))
    axes.set_xlabel(_legend(matrix), color=MUTED, fontsize=8, loc="left", labelpad=10)
    return figure


def write_svg(figure: Figure, target: Path) -> None:
    """Write a figure as SVG: the same figure gives the same bytes."""
    with mpl.rc_context({"svg.hashsalt": "opchaos", "svg.fonttype": "path"}):
        figure.savefig(target, format="svg", metadata={"Date": None, "Title": figure.get_label()})


def _cell(
    axes: Axes, matrix: Matrix, attack: str, defence: str, at: tuple[float, float], *, with_words: bool
) -> None:
    outcome, cell = matrix.outcome(attack, defence), matrix.cell(attack, defence)
    face, hatch, ink = _LOOKS[outcome]
    x, y = at
    axes.add_patch(
        Rectangle(
            (x + 0.03, y + 0.05), 0.94, 0.9, facecolor=face, edgecolor="#d5d8dd", hatch=hatch, linewidth=0.8
        )
    )
    text = f"{outcome.symbol} {outcome.value}" if with_words else outcome.symbol
    if cell is not None and with_words:
        text += f"\n{seconds(cell.elapsed_s)}"
    is_loud = outcome in (Outcome.CAUGHT, Outcome.MISSED, Outcome.FALSE_ALARM, Outcome.WRONG_REASON)
    weight = "bold" if is_loud else "normal"
    axes.text(
        x + 0.5,
        y + 0.5,
        text,
        ha="center",
        va="center",
        color=ink,
        fontsize=8 if with_words else 11,
        weight=weight,
    )


def _headline(matrix: Matrix) -> str:
    played = sum(matrix.tier in attack.tiers for attack in matrix.attacks)
    caught, alarms = matrix.count(Outcome.CAUGHT), matrix.count(Outcome.FALSE_ALARM)
    return f"{caught} of {played} attacks caught, {alarms} false alarms ({matrix.tier.value})"


def _legend(matrix: Matrix) -> str:
    shown = [o for o in Outcome if matrix.count(o)]
    return "\n".join(f"{o.symbol} {o.value}: {o.meaning}" for o in shown)


def _words(matrix: Matrix) -> str:
    caught = [
        f"{attack.name}: {matrix.outcome(attack.name, attack.defence).value} by {attack.defence}"
        for attack in matrix.attacks
    ]
    return f"{matrix.statement}. {'; '.join(caught)}."
