"""The scoreboard of an offensive on a page: a table, with its text twin."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chaos_lib.campaign.scoreboard import COLUMNS, Scoreboard, as_text, texts, total_texts
from chaos_lib.ui.theme import STYLE

_NUMBERS = {"#", "Detect", "Recover", "Hints", "Points"}


@dataclass(frozen=True)
class BoardView:
    """A scoreboard as a page and as text.

    Attributes:
        board: What is shown.
    """

    board: Scoreboard

    @property
    def body(self) -> str:
        """The table without its style, for a place that has it already."""
        head = "".join(f'<th scope="col"{_aligned(name)}>{html.escape(name)}</th>' for name in COLUMNS)
        rows = "".join(_row(texts(row)) for row in self.board.rows)
        title = html.escape(self.board.headline)
        player = f" · {html.escape(self.board.player)}" if self.board.player else ""
        return (
            f'<div class="oc oc-card oc-info" role="group" aria-label="Scoreboard: {title}">'
            f'<div class="oc-head"><span class="oc-mark"><span aria-hidden="true">★</span> SCOREBOARD</span>'
            f'<span class="oc-title">{title}</span>'
            f'<span class="oc-badges"><span class="oc-badge">seed {self.board.seed}{player}</span></span></div>'
            f'<div class="oc-scroll" tabindex="0" role="region" aria-label="Rounds"><table class="oc-table">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
            f"<tfoot>{_row(total_texts(self.board))}</tfoot></table></div></div>"
        )

    @property
    def html(self) -> str:
        """The table, complete with style."""
        return STYLE + self.body

    @property
    def text(self) -> str:
        """The same as plain text."""
        return as_text(self.board)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


def _row(cells: Sequence[str]) -> str:
    made = "".join(
        f"<td{_aligned(name)}>{html.escape(cell)}</td>" for name, cell in zip(COLUMNS, cells, strict=True)
    )
    return f"<tr>{made}</tr>"


def _aligned(name: str) -> str:
    return ' class="oc-number"' if name in _NUMBERS else ""
