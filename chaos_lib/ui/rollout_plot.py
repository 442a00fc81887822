"""Replicas over a rollout, as a picture that grows while it happens; and the same in words."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from chaos_lib.cluster.rollout import Rollout, Sample
from chaos_lib.ui.marks import seconds
from chaos_lib.ui.page import Place, Snapshot
from chaos_lib.ui.plot_style import INK, MUTED, SERIES, new_figure, title

_INTERVAL_S = 0.5
_HEADLINE_WIDTH = 60  # characters that fit above the picture


def replicas_over_time(
    samples: Sequence[Sample], *, headline: str = "", undone_at_s: float | None = None
) -> Figure:
    """Draw the ready replicas over a rollout: of all versions, and of the new one.

    The figure's label says the same in words; a notebook shows it as the text alternative.

    Args:
        samples: The replicas at moments, oldest first; at least one.
        headline: What the picture shows; made from the samples when empty.
        undone_at_s: When the rollout was taken back, in seconds; None when it was not.
    """
    words = in_words(samples, undone_at_s=undone_at_s)
    figure, (axes,) = new_figure(6.4, 2.9, words=f"{headline}. {words}" if headline else words)
    times = [sample.at_s for sample in samples]
    wanted = samples[-1].counts.wanted
    series = (
        ("ready, all versions", [sample.counts.ready for sample in samples], SERIES[0], "-"),
        ("ready, new version", [sample.counts.new_ready for sample in samples], SERIES[1], "--"),
    )
    for name, values, mark, style in series:
        axes.step(times, values, where="post", color=mark.colour, linestyle=style, linewidth=2, label=name)
        axes.annotate(
            mark.symbol, (times[-1], values[-1]), color=mark.colour, fontsize=12, ha="center", va="center"
        )
    axes.axhline(wanted, color=MUTED, linewidth=1, linestyle=":")
    axes.annotate(f"wanted: {wanted}", (times[0], wanted), color=MUTED, fontsize=9, va="bottom")
    if undone_at_s is not None:
        axes.axvline(undone_at_s, color=INK, linewidth=1, linestyle="-.")
        axes.annotate(" undone", (undone_at_s, 0), color=INK, fontsize=9, va="bottom")
    axes.set_ylim(-0.2, max(wanted, *(v for _, values, _, _ in series for v in values)) + 0.8)
    # Where it began late, as behind the stages of a pipeline, the time before would be most of the picture.
    first = times[0] if times[0] > times[-1] / 2 else 0.0
    axes.set_xlim(first, first + max(times[-1] - first, 1.0) * 1.04)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("seconds", color=INK)
    axes.set_ylabel("replicas", color=INK)
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.2), ncols=2, frameon=False, fontsize=9)
    title(axes, textwrap.fill(headline or words.split(". ")[0], _HEADLINE_WIDTH))
    return figure


def of_rollout(rollout: Rollout) -> Figure:
    """Draw a rollout that has ended."""
    how = "is complete" if rollout.is_complete else f"failed: {rollout.diagnosis.cause.value}"
    undone = None if rollout.is_complete else rollout.elapsed_s
    return replicas_over_time(
        rollout.samples, headline=f"Rollout of {rollout.workload} {how}", undone_at_s=undone
    )


def in_words(samples: Sequence[Sample], *, undone_at_s: float | None = None) -> str:
    """Say what the picture shows: how many were ready at the beginning, at the lowest point and at the end."""
    counts = [sample.counts for sample in samples]
    lowest = min(each.ready for each in counts)
    end = counts[-1]
    undone = f" It was undone after {seconds(undone_at_s)}." if undone_at_s is not None else ""
    return (
        f"{end.ready} of {end.wanted} replicas are ready after {seconds(samples[-1].at_s)}, {end.new_ready} of them new. "
        f"At the beginning {counts[0].ready} were ready, never fewer than {lowest}.{undone}"
    )


class LiveReplicas:
    """A sink for a rollout's progress that redraws its picture in place, at most twice a second.

    Args:
        headline: What the picture shows.
        place: Where; a new output of the cell when None.
        now: Seconds of a monotonic clock.
    """

    def __init__(
        self, headline: str, *, place: Place | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._headline = headline
        self._place = place or Place()
        self._now = now
        self._samples: list[Sample] = []
        self._drawn_at = float("-inf")

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All that was seen."""
        return tuple(self._samples)

    def __call__(self, sample: Sample) -> None:
        """Show a sample."""
        self._samples.append(sample)
        if self._now() - self._drawn_at >= _INTERVAL_S:
            self.draw()

    def end(self, note: str = "") -> None:
        """Show the last sample, too, and how many replicas there are; nothing when there was none.

        Args:
            note: Added to the headline.
        """
        if self._samples:
            self._headline = f"{self._headline}: {self._samples[-1].counts.in_words}{note}"
            self.draw()

    def draw(self) -> None:
        """Draw what there is."""
        self._drawn_at = self._now()
        self._place.put(_picture(replicas_over_time(self._samples, headline=self._headline)))


def _picture(figure: Figure) -> Snapshot:
    import base64
    import html
    import io

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    words = str(figure.get_label())
    style = "max-width:100%;height:auto;border-radius:8px"
    return Snapshot(
        f'<img alt="{html.escape(words)}" style="{style}" src="data:image/png;base64,{data}">', words
    )
