"""Shows the progress of long work, and one line when it is over."""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, TextIO

from IPython import get_ipython

from chaos_lib.errors import ChaosError
from chaos_lib.lab.facility import Progress
from chaos_lib.ui.card import Card, Tone
from chaos_lib.ui.marks import seconds
from chaos_lib.ui.page import Place, Snapshot
from chaos_lib.ui.theme import STYLE

_INTERVAL_S = 0.1


class Screen(Protocol):
    """Where progress is shown."""

    def show(self, doing: str, progress: Progress, elapsed_s: float, *, is_new_step: bool) -> None:
        """Show the latest event."""
        ...

    def end(self, card: Card | None) -> None:
        """Collapse into what stays; None leaves nothing."""
        ...


class LabProgress:
    """A sink for progress that shows it until its block ends: `with LabProgress("…") as progress`.

    In a kernel it is a card that changes in place; elsewhere each step is a line on standard output.

    Args:
        doing: What all of it is for.
        is_transient: Whether it goes away at the end: what follows on the page says how it went.
        screen: Where to show it; None finds out.
        now: Seconds of a monotonic clock.
    """

    def __init__(
        self,
        doing: str = "Starting the lab",
        *,
        is_transient: bool = False,
        screen: Screen | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._doing = doing
        self._is_transient = is_transient
        self._now = now
        self._screen = screen or _screen()
        self._latest = Progress("")
        self._steps = 0
        self._started = self._drawn_at = now()

    def __enter__(self) -> LabProgress:
        self._started = self._now()
        self._draw(is_new_step=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        elapsed = seconds(self._now() - self._started)
        # An error of ours says itself what happened; of a Ctrl-C one wants to know where it struck.
        if self._is_transient and (exc is None or isinstance(exc, ChaosError)):
            self._screen.end(None)
        elif exc is None:
            steps = (f"{self._steps} steps",) if self._steps > 1 else ()
            self._screen.end(Card(Tone.GOOD, "✓", "DONE", self._doing, (*steps, elapsed)))
        else:
            where = f", at: {self._latest.step}" if self._latest.step else ""
            self._screen.end(Card(Tone.BAD, "✗", "STOPPED", f"{self._doing}{where}", (elapsed,)))

    def __call__(self, progress: Progress) -> None:
        """Show an event; within a step not more than ten times a second."""
        is_new_step = progress.step != self._latest.step
        self._steps += is_new_step
        self._latest = progress
        if is_new_step or self._now() - self._drawn_at >= _INTERVAL_S:
            self._draw(is_new_step=is_new_step)

    def step(self, text: str, fraction: float | None = None) -> None:
        """Show that a step begins.

        Args:
            text: Two to five words.
            fraction: Share of the whole work that is done, 0 to 1; None when unknown.
        """
        self(Progress(text, "", fraction))

    def line(self, text: str) -> None:
        """Show a line of a tool's output as the latest news of the step."""
        self(Progress(self._latest.step, text.strip()[:160], self._latest.fraction))

    def _draw(self, *, is_new_step: bool) -> None:
        self._drawn_at = self._now()
        self._screen.show(self._doing, self._latest, self._drawn_at - self._started, is_new_step=is_new_step)


class PageScreen:
    """One output of a cell that changes in place.

    Args:
        place: Where.
    """

    def __init__(self, place: Place | None = None) -> None:
        self._place = place or Place()

    def show(self, doing: str, progress: Progress, elapsed_s: float, *, is_new_step: bool) -> None:  # noqa: ARG002
        """Draw or redraw the card."""
        self._place.put(_running(doing, progress, elapsed_s))

    def end(self, card: Card | None) -> None:
        """Put the last card in its place."""
        self._place.put(card or Snapshot("", ""))


class LineScreen:
    """Lines in a terminal: one for each step.

    Args:
        out: Where to; standard output, never standard error, which would cost a graded cell its points.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    def show(self, doing: str, progress: Progress, elapsed_s: float, *, is_new_step: bool) -> None:  # noqa: ARG002
        """Print a step when it begins."""
        if is_new_step:
            detail = f": {progress.detail}" if progress.detail else ""
            print(f"… {progress.step}{detail}" if progress.step else f"{doing} …", file=self._out)

    def end(self, card: Card | None) -> None:
        """Print how it ended."""
        if card is not None:
            print(card.text, file=self._out)


def _screen() -> Screen:
    # Only a kernel has a page; a terminal's IPython has a shell, but no kernel.
    return PageScreen() if getattr(get_ipython(), "kernel", None) is not None else LineScreen()


def _running(doing: str, progress: Progress, elapsed_s: float) -> Snapshot:
    elapsed, label = seconds(elapsed_s), html.escape(doing)
    share, busy, width = "", " oc-busy", ""
    if progress.fraction is not None:
        done = min(max(progress.fraction, 0.0), 1.0)
        share, busy, width = f" · {done:.0%}", "", f' style="width:{done:.0%}"'
    return Snapshot(
        f'{STYLE}<div class="oc oc-card oc-info" role="group" aria-label="Working: {label}">'
        f'<div class="oc-head"><span class="oc-mark"><span aria-hidden="true">◌</span> WORKING</span>'
        f'<span class="oc-title">{label}</span><span class="oc-badges">'
        f'<span class="oc-badge">{elapsed}</span></span></div>'
        f'<div class="oc-bar{busy}"><div class="oc-fill"{width}></div></div>'
        f"<div>{html.escape(progress.step) or '&nbsp;'}{share}</div>"
        f'<div class="oc-label oc-oneline">{html.escape(progress.detail) or "&nbsp;"}</div></div>',
        f"◌ WORKING  {doing}: {progress.step}{share} {progress.detail} [{elapsed}]",
    )
