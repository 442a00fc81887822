"""Pictures of images and builds: what each layer weighs, and what the caches save; each also in words."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from chaos_lib.defences.build_times import DEPENDENCY_CHANGED, FIRST, SOURCE_CHANGED, BuildTimes
from chaos_lib.lab.builds.report import BuildReport
from chaos_lib.ui.marks import seconds
from chaos_lib.ui.plot_style import INK, MUTED, SERIES, Mark, legend, new_figure, title

_SMALL = 0.02
_CHANGES = (FIRST, SOURCE_CHANGED, DEPENDENCY_CHANGED)


def image_sizes(reports: Mapping[str, BuildReport]) -> Figure:
    """Draw one bar an image, one block a layer; the base is one block.

    Args:
        reports: What each image is called, and its report.
    """
    names = list(reports)
    words = ". ".join(_in_words(name, report) for name, report in reports.items())
    headline = _headline(reports)
    figure, (axes,) = new_figure(8.0, 1.3 + 0.8 * len(names), words=f"{headline}. {words}.")
    largest = max(report.size_bytes for report in reports.values()) / 1e6
    for row, report in enumerate(reports.values()):
        left = 0.0
        for number, (label, size) in enumerate(_blocks(report)):
            mark = Mark("#b8c0cc", "", "", "base") if number == 0 else SERIES[(number - 1) % len(SERIES)]
            axes.barh(
                row, size, left=left, height=0.6, color=mark.colour, hatch=mark.hatch, edgecolor="white"
            )
            if size > largest * 0.12:
                axes.text(left + size / 2, row, label, ha="center", va="center", fontsize=7.5, color=INK,
                          bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.5})  # fmt: skip
            left += size
        axes.text(left + largest * 0.01, row, f"{left:.0f} MB", va="center", fontsize=9, color=INK)
    axes.set_yticks(range(len(names)), names, color=INK)
    axes.invert_yaxis()
    axes.set_xlim(0, largest * 1.14)
    axes.set_xlabel("MB", color=MUTED)
    axes.grid(axis="y", visible=False)
    title(axes, headline)
    return figure


def build_times(times: BuildTimes) -> Figure:
    """Draw the seconds of each build, with the caches beside without."""
    without, with_caches = SERIES[1], SERIES[0]
    without = Mark(without.colour, without.hatch, without.symbol, "without caches")
    with_caches = Mark(with_caches.colour, with_caches.hatch, with_caches.symbol, "with caches")
    words = "; ".join(
        f"{change}: {seconds(times.seconds(change, uses_caches=False))} without, "
        f"{seconds(times.seconds(change, uses_caches=True))} with the caches"
        for change in _CHANGES
    )
    slow, quick = (times.seconds(SOURCE_CHANGED, uses_caches=used) for used in (False, True))
    headline = f"A line changed: {seconds(quick)} instead of {seconds(slow)}"
    figure, (axes,) = new_figure(7.2, 3.2, words=f"{headline}. {words}.")
    longest = max(build.elapsed_s for build in times.builds)
    for shift, mark, used in ((-0.2, without, False), (0.2, with_caches, True)):
        values = [times.seconds(change, uses_caches=used) for change in _CHANGES]
        places = [place + shift for place in range(len(_CHANGES))]
        bars = axes.bar(places, values, width=0.38, color=mark.colour, hatch=mark.hatch, edgecolor="white")
        axes.bar_label(bars, [f"{value:.1f} s" for value in values], fontsize=9, color=INK, padding=1)
    axes.set_xticks(range(len(_CHANGES)), [f"build: {change}" for change in _CHANGES], color=INK)
    axes.set_ylim(0, longest * 1.2 or 1)
    axes.set_ylabel("seconds", color=INK)
    title(axes, headline)
    legend(axes, (without, with_caches))
    return figure


def _headline(reports: Mapping[str, BuildReport]) -> str:
    (first, before), (last, after) = next(iter(reports.items())), list(reports.items())[-1]
    if len(reports) == 1:
        return f"{first}: {before.size_bytes / 1e6:.0f} MB, of which the base is {_base(before):.0f} MB"
    share = after.size_bytes / before.size_bytes
    return (
        f"{last}: {after.size_bytes / 1e6:.0f} MB, {share:.0%} of {first} ({before.size_bytes / 1e6:.0f} MB)"
    )


def _base(report: BuildReport) -> float:
    return sum(layer.size_bytes for layer in report.layers if layer.is_base) / 1e6


def _blocks(report: BuildReport) -> list[tuple[str, float]]:
    own = [layer for layer in report.layers if not layer.is_base]
    large = [layer for layer in own if layer.size_bytes > _SMALL * report.size_bytes]
    blocks = [("base", _base(report))]
    blocks += [(_short(layer.created_by), layer.size_bytes / 1e6) for layer in large]
    rest = sum(layer.size_bytes for layer in own if layer not in large) / 1e6
    return [*blocks, ("rest", rest)] if rest else blocks


def _short(instruction: str) -> str:
    words = [word for word in instruction.split() if not word.startswith("--mount")]
    text = " ".join(words)
    return text if len(text) <= 24 else f"{text[:23]}…"


def _in_words(name: str, report: BuildReport) -> str:
    blocks = ", ".join(f"{label} {size:.1f} MB" for label, size in _blocks(report))
    return f"{name}: {blocks}"
