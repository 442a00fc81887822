"""The stage view of a build: its stages with seconds and status while it runs, and the log of the one that is chosen."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets

from chaos_lib.errors import InvalidInput
from chaos_lib.pipeline.listening import LineListener
from chaos_lib.pipeline.protocol import (
    BuildListener,
    BuildRecord,
    BuildResult,
    RunningBuild,
    StageRecord,
    StageStatus,
)
from chaos_lib.ui.card import Card, Part, PartKind, Tone
from chaos_lib.ui.live_log import LiveLog
from chaos_lib.ui.marks import seconds
from chaos_lib.ui.page import Living, Snapshot
from chaos_lib.ui.theme import STYLE

_MARKS: Mapping[StageStatus, str] = {
    StageStatus.IN_PROGRESS: "◌ running",
    StageStatus.PAUSED: "⏸ waiting",
    StageStatus.SUCCESS: "✓ success",
    StageStatus.UNSTABLE: "! unstable",
    StageStatus.FAILED: "✗ failed",
    StageStatus.ABORTED: "⊘ aborted",
    StageStatus.NOT_EXECUTED: "– skipped",
}
_WHOLE = "The whole console"
_LAST_LINES = 10


class StageView(Living):
    """Follows a build and shows its stages; afterwards each stage's own log can be chosen.

    Args:
        title: What is built.

    Attributes:
        record: The build, when it is over.
        widget: The ipywidgets container.
    """

    def __init__(self, title: str = "mission-control") -> None:
        super().__init__()
        self.record: BuildRecord | None = None
        self._title = title
        self._build: RunningBuild | None = None
        self._stages: dict[str, StageRecord] = {}
        self._logs: dict[str, str] = {}
        self._table = widgets.HTML()
        self._console = LiveLog("Console")
        self._lines = LineListener(self._console.add)
        self._choice = widgets.Dropdown(options=[_WHOLE], description="Log of", disabled=True)
        self._choice.observe(self._on_choice, names="value")
        self._chosen = widgets.HTML()
        self.widget: Any = widgets.VBox(
            (widgets.HTML(STYLE), self._table, self._choice, self._console.widget, self._chosen)
        )
        self._redraw()

    # The build tells

    @property
    def listener(self) -> BuildListener:
        """What follows the build for this view."""
        return _Ear(self)

    def hear(self, text: str) -> None:
        """Take the next piece of the console, secrets masked."""
        self._lines.text(text)

    def started(self, build: RunningBuild) -> None:
        """Remember who can be asked for a stage's log."""
        self._build = build

    def stage(self, record: StageRecord) -> None:
        """Take a stage that began, changed or ended."""
        self._stages[record.id] = record
        self._redraw()

    def ended(self, record: BuildRecord) -> None:
        """Show how it ended, and let the log of a stage be chosen."""
        self.record = record
        self._stages = {stage.id: stage for stage in record.stages}
        if self._build is not None:
            self._logs = {stage.id: self._build.stage_log(stage.id) for stage in record.stages}
        self._console.flush()
        names = [(self._indented(stage), stage.id) for stage in record.stages]
        self._choice.options = [(_WHOLE, ""), *names]
        bad = next(
            (s for s in record.stages if s.status is StageStatus.FAILED and self._logs.get(s.id)), None
        )
        self._choice.value = bad.id if bad is not None else ""
        self._choice.disabled = False
        self._redraw()

    # The learner asks

    def log(self, stage: str = "") -> Card:
        """Show what a stage has said; the whole console when no stage is named.

        Raises:
            InvalidInput: The build has no such stage.
        """
        if not stage:
            return self._log_card(_WHOLE, self.record.log if self.record is not None else "")
        found = next((each for each in self._stages.values() if each.name == stage), None)
        if found is None:
            raise InvalidInput(
                f"This build has no stage `{stage}`.",
                evidence=f"stages: {', '.join(each.name for each in self._stages.values())}",
                fix="Choose one of them.",
            )
        return self._log_card(stage, self._logs.get(found.id, ""))

    @property
    def snapshot(self) -> Snapshot:
        """The stages as they are now; of a build that is red, the last lines, too."""
        last = ""
        if self.record is not None and self.record.result is not BuildResult.SUCCESS:
            last = "\n".join(self.record.log.rstrip().splitlines()[-_LAST_LINES:])
        card = self._head(Part(last, "Last lines", PartKind.OUTPUT))
        rows = "\n".join(
            f"    {_MARKS[stage.status]:<11} {self._seconds(stage):>8}  {self._indented(stage)}"
            for stage in self._stages.values()
        )
        return Snapshot(f"{STYLE}{self._body(card)}", f"{card.text}\n{rows}".rstrip())

    def _redraw(self) -> None:
        self._table.value = self._body(self._head())
        self.renew_snapshot()

    def _head(self, *parts: Part) -> Card:
        ran = sum(s.status is not StageStatus.NOT_EXECUTED for s in self._stages.values())
        if self.record is None:
            return Card(Tone.INFO, "◌", "RUNNING", self._title, (f"{ran} stages",), parts)
        tone = {BuildResult.SUCCESS: Tone.GOOD, BuildResult.UNSTABLE: Tone.NOTE}.get(
            self.record.result, Tone.BAD
        )
        symbol = {Tone.GOOD: "✓", Tone.NOTE: "!"}.get(tone, "✗")
        tests = self.record.tests
        badges = (seconds(self.record.seconds), f"{tests.total} tests, {tests.failed} failed")
        title = f"{self._title} #{self.record.number}"
        return Card(tone, symbol, self.record.result.value, title, badges, parts)

    def _body(self, card: Card) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(self._indented(stage))}</td><td>{_MARKS[stage.status]}</td>"
            f'<td class="oc-number">{self._seconds(stage)}</td></tr>'
            for stage in self._stages.values()
        )
        head = '<tr><th scope="col">Stage</th><th scope="col">Status</th><th scope="col">Time</th></tr>'
        table = f'<table class="oc-table"><thead>{head}</thead><tbody>{rows}</tbody></table>' if rows else ""
        return f'{card.body}<div class="oc">{table}</div>'

    def _indented(self, stage: StageRecord) -> str:
        depth, parent = 0, stage.parent
        while parent and parent in self._stages:
            depth, parent = depth + 1, self._stages[parent].parent
        return "\u2003" * depth + stage.name

    @staticmethod
    def _seconds(stage: StageRecord) -> str:
        return "" if stage.status is StageStatus.NOT_EXECUTED else seconds(stage.seconds)

    def _on_choice(self, change: Mapping[str, Any]) -> None:
        chosen = change["new"]
        if not chosen or chosen == _WHOLE:
            self._chosen.value = ""
            return
        self._chosen.value = self._log_card(self._stages[chosen].name, self._logs.get(chosen, "")).body

    @staticmethod
    def _log_card(name: str, text: str) -> Card:
        said = text or "It has said nothing of its own."
        return Card(Tone.INFO, "≡", "LOG", name, (), (Part(said, "", PartKind.OUTPUT),))


class _Ear:
    """Hands a build's news to its view: `text` is taken there, by what every living thing says of itself."""

    def __init__(self, view: StageView) -> None:
        self._view = view

    def text(self, text: str) -> None:
        """Take the next piece of the console."""
        self._view.hear(text)

    def stage(self, record: StageRecord) -> None:
        """Take a stage that began, changed or ended."""
        self._view.stage(record)
