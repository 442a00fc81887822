"""Shows what the lab is doing: a living list of steps in a terminal, a line for each step elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from chaos_lib.lab.facility import Progress
from chaos_lib.ui.marks import seconds

_BAR = 12
_QUIET_S = 10.0
_REFRESH_HZ = 8


@dataclass
class _Step:
    name: str
    detail: str
    fraction: float | None
    started: float
    last: float
    is_done: bool = False


class LabProgress:
    """A sink for the lab's progress: `with LabProgress(console) as progress: lab.up(progress)`.

    Args:
        target: Where to show it.
        is_transient: Whether a terminal forgets it when it is over.
        now: Seconds that never go backwards.
    """

    def __init__(
        self, target: Console, *, is_transient: bool = False, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._target = target
        self._now = now
        self._started = now()
        self._steps: dict[str, _Step] = {}
        self._current = ""
        self._printed_at = 0.0
        self._is_over = False
        self._has_failed = False
        self._spinner = Spinner("dots")
        self._live: Live | None = None
        if target.is_terminal:
            self._live = Live(
                console=target,
                get_renderable=self._table,
                refresh_per_second=_REFRESH_HZ,
                transient=is_transient,
            )

    def __enter__(self) -> LabProgress:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end_current()
        self._is_over = True
        self._has_failed = exc is not None
        if self._live is not None:
            self._live.stop()

    def __call__(self, progress: Progress) -> None:
        """Show an event."""
        now = self._now()
        step = self._steps.get(progress.step)
        is_new = step is None
        if progress.step != self._current:
            self._end_current()
        if step is None:
            step = _Step(progress.step, progress.detail, progress.fraction, now, now)
            self._steps[progress.step] = step
        step.detail, step.fraction, step.last = progress.detail, progress.fraction, now
        step.is_done = progress.fraction is not None and progress.fraction >= 1
        self._current = progress.step
        # A log gets a line for a step and one for its end; in between a sign of life now and then.
        if self._live is None and (is_new or step.is_done or now - self._printed_at >= _QUIET_S):
            self._printed_at = now
            detail = f": {progress.detail}" if progress.detail else ""
            self._target.print(Text(f"{now - self._started:7.1f} s  {progress.step}{detail}"), soft_wrap=True)

    def line(self, text: str) -> None:
        """Show a line of a tool's output as the latest news of the current step."""
        step = self._steps.get(self._current)
        if step is not None:
            self(Progress(step.name, text.strip()[:160], step.fraction))

    def _end_current(self) -> None:
        step = self._steps.get(self._current)
        if step is not None and not step.is_done:
            step.last = self._now()

    def _table(self) -> Table:
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=1)
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, justify="right", style="dim")
        grid.add_column(no_wrap=True, overflow="ellipsis", style="dim", ratio=1)
        grid.expand = True
        for step in self._steps.values():
            is_current = step.name == self._current and not step.is_done
            last = self._now() if is_current and not self._is_over else step.last
            grid.add_row(
                self._mark(step, is_current=is_current),
                step.name,
                seconds(last - step.started),
                Text.assemble(("" if self._is_over else _bar(step), "green"), step.detail),
            )
        return grid

    def _mark(self, step: _Step, *, is_current: bool) -> Text | Spinner:
        if is_current and self._is_over and self._has_failed:
            return Text("✗", style="bold red")
        if step.is_done or self._is_over:
            return Text("✓", style="green")
        return self._spinner if is_current else Text("·", style="dim")


def _bar(step: _Step) -> str:
    if step.fraction is None or step.is_done or step.fraction <= 0:
        return ""
    filled = round(_BAR * step.fraction)
    return "━" * filled + "╌" * (_BAR - filled) + " "
