"""Pictures where people would rather look than read; each also says in words what it shows."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from chaos_lib.defences.flake_detector import RepeatedRuns
from chaos_lib.ui.marks import seconds
from chaos_lib.ui.plot_style import FAILED, INK, PASSED, legend, new_figure, title


def pass_rate(repeated: RepeatedRuns) -> Figure:
    """Draw one bar a run: its height is the time it took, its look says whether it passed.

    The figure's label says the same in words; a notebook shows it as the text alternative.
    """
    headline = _headline(repeated)
    figure, (axes,) = new_figure(_width(repeated), 2.9, words=f"{headline}. {_runs(repeated)}")
    _draw(axes, repeated)
    title(axes, headline)
    legend(axes, (PASSED, FAILED))
    axes.set_xlabel("run", color=INK)
    return figure


def before_after(
    before: RepeatedRuns, after: RepeatedRuns, *, names: tuple[str, str] = ("Before", "After")
) -> Figure:
    """Draw two sets of runs, one under the other, on the same scale.

    Args:
        before: The runs that worried us.
        after: The runs after the fix.
        names: What the two are called.
    """
    pairs = list(zip(names, (before, after), strict=True))
    words = " ".join(f"{name}: {_headline(runs)}. {_runs(runs)}" for name, runs in pairs)
    width = max(_width(before), _width(after))
    figure, axes = new_figure(width, 4.6, rows=2, words=words)
    longest = max(report.elapsed_s for runs in (before, after) for report in runs.reports)
    most = max(len(before.reports), len(after.reports))
    for one, (name, runs) in zip(axes, pairs, strict=True):
        _draw(one, runs)
        title(one, f"{name}: {_headline(runs)}")
        one.set_ylim(0, longest * 1.25 or 1)
        one.set_xlim(0.4, most + 0.6)
    legend(axes[0], (PASSED, FAILED))
    axes[-1].set_xlabel("run", color=INK)
    return figure


def _draw(axes: Axes, repeated: RepeatedRuns) -> None:
    durations = [report.elapsed_s for report in repeated.reports]
    longest = max(durations)
    for number, report in enumerate(repeated.reports, start=1):
        mark = PASSED if report.is_green else FAILED
        bar = axes.bar(
            number, report.elapsed_s, width=0.72, color=mark.colour, hatch=mark.hatch, edgecolor="white"
        )
        axes.bar_label(bar, [mark.symbol], color=mark.colour, fontsize=13, fontweight="bold", padding=1)
    axes.set_ylabel("seconds", color=INK)
    axes.set_ylim(0, longest * 1.25 or 1)
    axes.set_xlim(0.4, len(durations) + 0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=25))


def _width(repeated: RepeatedRuns) -> float:
    return min(9.0, 5.4 + 0.18 * len(repeated.reports))


def _headline(repeated: RepeatedRuns) -> str:
    total = len(repeated.reports)
    green = sum(report.is_green for report in repeated.reports)
    return f"{green} of {total} runs passed, pass rate {repeated.pass_rate:.0%}"


def _runs(repeated: RepeatedRuns) -> str:
    failed: Sequence[str] = [str(n) for n, report in enumerate(repeated.reports, 1) if not report.is_green]
    which = f"Failed: run {', '.join(failed)}. " if failed else ""
    return f"{which}All runs together took {seconds(repeated.elapsed_s)}."
