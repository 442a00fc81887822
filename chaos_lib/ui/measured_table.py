"""What every gate said about the attacks that were drawn: one's own pipeline beside the finished one, as a table and as text."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chaos_lib.campaign.measured import MeasuredMatrix, MeasuredRow, Run
from chaos_lib.campaign.own_pipeline import OwnPipeline
from chaos_lib.ui.marks import seconds
from chaos_lib.ui.theme import STYLE

_HEADING = "Attack × gate, measured: your pipeline and the finished one"
_LEGEND = "✗ red: caught here · ✓ green · ≡ green as before, it looks at nothing that was touched · – not asked: a gate before it was red · blank: this pipeline has no such gate"
_NARROW = """<style>
.oc .oc-gates th.oc-gate{vertical-align:bottom;padding:4px 2px}
.oc .oc-gates th.oc-gate span{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;font-weight:400}
.oc .oc-gates td.oc-cell{text-align:center;padding:4px 3px;min-width:1.2em}
.oc .oc-gates td.oc-red{font-weight:700;outline:2px solid currentColor;outline-offset:-3px;border-radius:5px}
.oc .oc-gates td.oc-green{color:var(--oc-muted)}
.oc .oc-gates td.oc-end{white-space:nowrap}
</style>"""


@dataclass(frozen=True)
class MeasuredTable:
    """The measured matrix; two lines an attack.

    Attributes:
        matrix: What was measured.
    """

    matrix: MeasuredMatrix

    @property
    def html(self) -> str:
        """The table, complete with style."""
        matrix = self.matrix
        tone = "good" if all(row.own.red or row.attack.is_decoy for row in matrix.rows) else "note"
        gates = "".join(
            f'<th scope="col" class="oc-gate"><span>{html.escape(gate)}</span></th>' for gate in matrix.gates
        )
        body = "".join(
            f'<tr><th scope="rowgroup" rowspan="2">{html.escape(row.attack.name)}</th>'
            f"{self._line('yours', row, row.own, matrix.own)}</tr>"
            f"<tr>{self._line('finished', row, row.finished, matrix.finished)}</tr>"
            for row in matrix.rows
        )
        badge = f'<span class="oc-badge">{html.escape(self._count)}</span>'
        return (
            f'{STYLE}{_NARROW}<div class="oc oc-card oc-{tone}" role="group" aria-label="Matrix: {_HEADING}">'
            f'<div class="oc-head"><span class="oc-mark"><span aria-hidden="true">▦</span> MATRIX</span>'
            f'<span class="oc-title">{_HEADING}</span><span class="oc-badges">{badge}</span></div>'
            f'<div class="oc-scroll" tabindex="0" role="region" aria-label="{_HEADING}">'
            f'<table class="oc-table oc-gates"><thead><tr><th scope="col">Attack</th><th scope="col">Pipeline</th>{gates}'
            f'<th scope="col">Stopped by</th></tr></thead><tbody>{body}</tbody></table></div>'
            f'<p class="oc-p">{_LEGEND}</p></div>'
        )

    @property
    def text(self) -> str:
        """The same in words: for each attack how far either pipeline came, and what stopped it."""
        lines = [f"▦ MATRIX  {_HEADING}  [{self._count}]"]
        for row in self.matrix.rows:
            lines.append(row.attack.name)
            lines += [
                f"  {whose:<9} {_green(run)} green, {_stopped(row, run)}"
                for whose, run in (("yours:", row.own), ("finished:", row.finished))
            ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        return {"text/html": self.html, "text/plain": self.text}

    @property
    def _count(self) -> str:
        real = [row for row in self.matrix.rows if not row.attack.is_decoy]
        own, finished = (
            sum(row.own.red is not None for row in real),
            sum(row.finished.red is not None for row in real),
        )
        return f"of {len(real)} attacks yours caught {own}, the finished one {finished}"

    def _line(self, whose: str, row: MeasuredRow, run: Run, pipeline: OwnPipeline) -> str:
        cells = "".join(_cell(gate, run, pipeline) for gate in self.matrix.gates)
        return f'<th scope="row">{whose}</th>{cells}<td class="oc-end">{html.escape(_stopped(row, run))}</td>'


def _cell(gate: str, run: Run, pipeline: OwnPipeline) -> str:
    said = run.of(gate)
    if said is None:
        has = gate in pipeline.commit or gate in pipeline.nightly
        words = "not asked" if has else "no such gate"
        mark = "–" if has else ""
        return f'<td class="oc-cell oc-green" title="{html.escape(gate)}: {words}">{mark}</td>'
    words = f"{gate}: {said.reason}, {'as before' if said.stands else seconds(said.elapsed_s)}"
    kind, mark = ("oc-green", "≡" if said.stands else "✓") if said.is_green else ("oc-red", "✗")
    return f'<td class="oc-cell {kind}" title="{html.escape(words)}">{mark}</td>'


def _green(run: Run) -> int:
    return sum(each.is_green for each in run.asked)


def _stopped(row: MeasuredRow, run: Run) -> str:
    red = run.red
    if red is not None:
        return f"{red.gate}: {red.reason} after {seconds(run.elapsed_s)}"
    return "a decoy: nothing to stop" if row.attack.is_decoy else "nothing stopped it"
