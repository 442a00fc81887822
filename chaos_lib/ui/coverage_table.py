"""One's own pipeline against every attack, as a table on a page, with its text twin."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chaos_lib.campaign.coverage import Covered
from chaos_lib.campaign.own_pipeline import Stage
from chaos_lib.ui.theme import STYLE

_COLUMNS = ("Attack", "Gate that must catch it", "Yours", "Finished", "In the offensive")
_MARKS = {Stage.COMMIT: "✓ commit", Stage.NIGHTLY: "☾ nightly", Stage.NEVER: "✗ never"}
_HEADING = "Your pipeline against every attack"


@dataclass(frozen=True)
class CoverageTable:
    """Which gate must catch each attack, whether one's own pipeline has it, and what the offensive showed.

    Attributes:
        rows: One an attack.
    """

    rows: Sequence[Covered]

    @property
    def html(self) -> str:
        """The table, complete with style."""
        tone = "note" if any(row.stage is Stage.NEVER for row in self.rows) else "good"
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in _COLUMNS)
        body = "".join(
            f"<tr>{''.join(f'<td>{html.escape(text)}</td>' for text in _texts(row))}</tr>"
            for row in self.rows
        )
        badges = "".join(f'<span class="oc-badge">{html.escape(badge)}</span>' for badge in self._counts)
        return (
            f'{STYLE}<div class="oc oc-card oc-{tone}" role="group" aria-label="Matrix: {_HEADING}">'
            f'<div class="oc-head"><span class="oc-mark"><span aria-hidden="true">▦</span> MATRIX</span>'
            f'<span class="oc-title">{_HEADING}</span><span class="oc-badges">{badges}</span></div>'
            f'<div class="oc-scroll" tabindex="0" role="region" aria-label="{_HEADING}"><table class="oc-table">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></div>"
        )

    @property
    def text(self) -> str:
        """The same as plain text."""
        lines = [_COLUMNS, *map(_texts, self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = [
            "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        ]
        return "\n".join([f"▦ MATRIX  {_HEADING}  [{', '.join(self._counts)}]", *table])

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        return {"text/html": self.html, "text/plain": self.text}

    @property
    def _counts(self) -> tuple[str, ...]:
        stages = [row.stage for row in self.rows]
        return (
            f"{stages.count(Stage.COMMIT)} at every commit",
            f"{stages.count(Stage.NIGHTLY)} at night",
            f"{stages.count(Stage.NEVER)} never",
        )


def _texts(row: Covered) -> tuple[str, ...]:
    return (row.attack.name, " or ".join(row.gates), _MARKS[row.stage], "✓", row.seen or "–")
