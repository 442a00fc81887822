"""The look of every plot: a light card that reads on light and dark pages, and marks beside colours.

Figures are made without pyplot: no global state, no window, nothing to close.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK = "#1b1f24"
MUTED = "#545d68"
GRID = "#e3e6ea"
PAPER = "#fbfbfd"


@dataclass(frozen=True)
class Mark:
    """How one kind of value is drawn: a colour, and a hatch and a word for those who do not see it.

    Attributes:
        colour: Of the Okabe-Ito palette, which colour-blind people can tell apart.
        hatch: matplotlib's hatch; empty for plain.
        symbol: One character drawn beside it.
        word: What it means.
    """

    colour: str
    hatch: str
    symbol: str
    word: str


PASSED = Mark("#009e73", "", "✓", "passed")
FAILED = Mark("#d55e00", "////", "✗", "failed")
# For series without good or bad, in this order.
SERIES = (
    Mark("#0072b2", "", "●", ""),
    Mark("#e69f00", "\\\\\\\\", "■", ""),
    Mark("#cc79a7", "....", "▲", ""),
    Mark("#56b4e9", "xxxx", "◆", ""),
)


def new_figure(width: float, height: float, *, rows: int = 1, words: str) -> tuple[Figure, Sequence[Axes]]:
    """Return a figure in our style and its axes, one under the other.

    Args:
        width: Inches.
        height: Inches.
        rows: How many axes.
        words: What the picture says, in words: the text alternative.
    """
    figure = Figure(figsize=(width, height), facecolor=PAPER, layout="constrained")
    FigureCanvasAgg(figure)
    figure.set_label(words)
    axes: Sequence[Axes] = [figure.add_subplot(rows, 1, row) for row in range(1, rows + 1)]
    for one in axes:
        one.set_facecolor(PAPER)
        for side in ("top", "right"):
            one.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            one.spines[side].set_color(MUTED)
        one.tick_params(colors=MUTED, labelsize=9)
        one.set_axisbelow(True)
        one.grid(axis="y", color=GRID, linewidth=0.8)
    return figure, axes


def title(axes: Axes, text: str) -> None:
    """Set a title: it says what the picture shows, not what it is."""
    axes.set_title(text, loc="left", fontsize=11, fontweight="bold", color=INK)


def legend(axes: Axes, marks: Sequence[Mark]) -> None:
    """Explain colours, hatches and symbols below the axes' title."""
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Patch(facecolor=mark.colour, edgecolor="white", hatch=mark.hatch, label=f"{mark.symbol} {mark.word}")
        for mark in marks
    ]
    axes.legend(
        handles=handles,
        loc="upper right",
        bbox_to_anchor=(1, 1.17),
        ncols=len(handles),
        frameon=False,
        fontsize=9,
    )
