"""Show a run in a terminal: live bars where there is one, plain lines where there is none, then the scoreboard."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from types import TracebackType

from rich import box
from rich.console import Console, Group
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from chaos_lib.headless import events as run_events
from chaos_lib.headless import scoreboard as board
from chaos_lib.headless.events import RunEvent
from chaos_lib.headless.report import Failure, NotebookResult, Outcome, RunReport

_PLAIN_WIDTH = 120
_WIDE = 110
_NARROW_COLUMNS = (
    "Phase",
    "Tier",
    "Points",
    "Min.\nplan",
    "Min.\nused",
    "Att.\nfired",
    "Att.\ncaught",
    "Result",
)
_STYLES = {
    Outcome.PASS: "bold green",
    Outcome.FAIL: "bold red",
    Outcome.INTERRUPTED: "bold yellow",
    Outcome.NOT_PLAYED: "dim",
}
_ASCII = str.maketrans(
    {"✔": "+", "✘": "x", "■": "#", "–": "-", "“": '"', "”": '"', "…": "...", "→": "->", "●": "*"}
)


class Display:
    """Listens to a run: `with Display() as display: play(plan, on_event=display)`.

    Nothing is said by colour alone, and `NO_COLOR` is honoured (rich does both `NO_COLOR` and `TERM=dumb`).

    Args:
        console: Where to write; standard output when None.
        now: Returns seconds that never go backwards.
    """

    def __init__(self, console: Console | None = None, *, now: Callable[[], float] = time.monotonic) -> None:
        self._console = console or _console()
        self._now = now
        self._started = now()
        self._live: _Bars | None = _Bars(self._console) if self._console.is_terminal else None
        self._cells: dict[str, int] = {}

    def __enter__(self) -> Display:
        if self._live is not None:
            self._live.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.progress.stop()

    def __call__(self, event: RunEvent) -> None:
        """Show one event."""
        if self._live is not None:
            self._live.show(event)
        match event:
            case run_events.NotebookStarted():
                self._cells[event.phase] = event.cells
                self._line(f"● {event.phase}: {event.cells} cells", is_plain_only=True)
            case run_events.CellStarted():
                cells = self._cells[event.phase]
                self._line(
                    f"{event.phase} [{event.number}/{cells}] {event.headline}".rstrip(), is_plain_only=True
                )
            case run_events.StopRequested():
                self._line("■ Stopping: the kernel is being ended. Press Ctrl-C again to end it at once.")
            case run_events.NotebookFinished():
                self._finished(event.result)
            case run_events.RunFinished():
                if self._live is not None:
                    self._live.progress.stop()
                self.scoreboard(event.report)
            case _:
                pass

    def scoreboard(self, report: RunReport) -> None:
        """Print the failing cell, if any, the scoreboard, and where everything was written."""
        if report.failure is not None:
            self._console.print(self._failure(report.failure))
        self._console.print(self._table(report))
        self._print(board.headline(report), style="bold")
        for note in report.notes:
            self._print(f"Note: {note}")
        if report.previous_mission is not None:
            self._print(f"The mission of the run before was kept: {report.previous_mission}")
        self._print(f"Report: {report.out / 'report.html'}")

    def say(self, text: str) -> None:
        """Print a line of somebody else's; may be called from any thread."""
        self._line(text)

    def _finished(self, result: NotebookResult) -> None:
        text = f"{result.outcome.symbol} {result.outcome.value} {result.phase}"
        if result.outcome is not Outcome.NOT_PLAYED:
            text += f": {result.cells_played} of {result.cells} cells, {result.points_earned:g} of {result.points_possible:g} points"
        self._line(text, style=_STYLES[result.outcome])

    def _table(self, report: RunReport) -> Table:
        is_narrow = self._console.width < _WIDE
        columns = _NARROW_COLUMNS if is_narrow else board.COLUMNS
        table = Table(
            title="Scoreboard",
            title_justify="left",
            box=self._box(is_narrow),
            show_footer=True,
            show_edge=not is_narrow,
            padding=(0, 1, 0, 0) if is_narrow else (0, 1),
            safe_box=True,
        )
        for index, (column, total) in enumerate(zip(columns, board.total_texts(report), strict=True)):
            table.add_column(
                column,
                footer=self._safe(total),
                justify="right" if 2 <= index <= 6 else "left",
                no_wrap=index in (0, 2, 7),
            )
        for result in report.notebooks:
            *texts, outcome = (self._safe(text) for text in board.texts(result))
            table.add_row(*map(Text, texts), Text(outcome, style=_STYLES[result.outcome]))
        return table

    def _failure(self, failure: Failure) -> Panel:
        parts: list[Text | Syntax] = []
        if failure.source:
            parts += [Text("The cell:", style="bold")]
            parts += [Syntax(failure.source, "python", background_color="default", word_wrap=True)]
        for title, text in (
            ("Its last output:", failure.output),
            ("What happened:", failure.what),
            ("Evidence:", failure.evidence),
            ("Fix:", failure.fix),
        ):
            if text:
                parts += [Text(title, style="bold"), Text(self._safe(text))]
        return Panel(
            Group(*parts),
            title=Text(self._safe(f"✘ FAIL {failure.place}")),
            title_align="left",
            border_style="red",
            box=box.ROUNDED if self._is_unicode else box.ASCII,
        )

    def _line(self, text: str, *, is_plain_only: bool = False, style: str = "") -> None:
        if self._live is None:
            self._print(f"{self._now() - self._started:7.1f} s  {text}")
        elif not is_plain_only:
            self._print(text, style=style)

    def _print(self, text: str, *, style: str = "") -> None:
        self._console.print(Text(self._safe(text), style=style), soft_wrap=True)

    def _box(self, is_narrow: bool) -> box.Box:
        if not self._is_unicode:
            return box.ASCII
        return box.SIMPLE_HEAD if is_narrow else box.ROUNDED

    @property
    def _is_unicode(self) -> bool:
        return self._console.encoding.lower().startswith("utf")

    def _safe(self, text: str) -> str:
        if self._is_unicode:
            return text
        encoding = self._console.encoding
        return text.translate(_ASCII).encode(encoding, errors="replace").decode(encoding)


class _Bars:
    """Two bars: the notebooks of the run, and the cells of the notebook."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            TextColumn("{task.fields[title]}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[headline]}", markup=False),
            console=console,
            transient=True,
        )
        self._notebooks: TaskID = self.progress.add_task("", title="Starting", headline="", total=None)
        self._cells: TaskID | None = None

    def show(self, event: RunEvent) -> None:
        match event:
            case run_events.RunStarted():
                self.progress.update(self._notebooks, title="Notebooks", total=len(event.phases))
            case run_events.NotebookStarted():
                self._cells = self.progress.add_task(
                    "", title=event.phase, headline="starting the kernel", total=event.cells
                )
            case run_events.CellStarted() if self._cells is not None:
                self.progress.update(self._cells, headline=event.headline)
            case run_events.CellFinished() if self._cells is not None:
                self.progress.advance(self._cells)
            case run_events.NotebookFinished():
                if self._cells is not None:
                    self.progress.remove_task(self._cells)
                    self._cells = None
                self.progress.advance(self._notebooks)
            case run_events.WritingReport():
                self.progress.update(self._notebooks, headline="writing the report")
            case _:
                pass


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        # A log file has no width: rich would take 80 columns and fold the table.
        console.width = _PLAIN_WIDTH
    return console
