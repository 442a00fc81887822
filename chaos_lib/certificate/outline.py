"""Turns a line of text into the outlines of its glyphs: it looks the same wherever it is shown, with or without fonts."""

from __future__ import annotations

from functools import lru_cache

from chaos_lib.certificate.drawing import Line, Point, Shape, Step
from chaos_lib.certificate.faces import Face

_MM = 25.4 / 72


@lru_cache(maxsize=256)
def outlines(line: Line) -> Shape:
    """Return a line of text as one filled shape; the headlines are the same on every certificate."""
    steps: list[Step] = []
    x = line.x
    for run in line.runs:
        scale = line.size * _MM / run.face.units_per_em
        glyphs = run.face.shape(run.text, is_rtl=run.is_rtl)
        # A ligature stands for several letters: their spacing is shared out among the glyphs.
        extra = line.tracking * _MM * len(run.text) / max(len(glyphs), 1)
        for glyph in glyphs:
            left, base = x + glyph.dx * scale, line.y - glyph.dy * scale
            steps += [
                (letter, tuple((left + px * scale, base - py * scale) for px, py in points))
                for letter, points in _glyph(run.face, glyph.index)
            ]
            x += glyph.advance * scale + extra
    return Shape(tuple(steps), fill=line.colour)


@lru_cache(maxsize=4096)
def _glyph(face: Face, index: int) -> tuple[Step, ...]:
    pen = _Pen()
    face.draw(index, pen)
    return tuple(pen.steps)


class _Pen:
    """Collects an outline; quadratic curves become cubic ones, the only ones that PDF knows."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._at: Point = (0.0, 0.0)

    def moveTo(self, point: Point) -> None:  # noqa: N802  # the names are fontTools'
        self._add("M", point)

    def lineTo(self, point: Point) -> None:  # noqa: N802
        self._add("L", point)

    def curveTo(self, first: Point, second: Point, end: Point) -> None:  # noqa: N802
        self._add("C", first, second, end)

    def qCurveTo(self, control: Point, end: Point) -> None:  # noqa: N802
        (x0, y0), (x1, y1), (x2, y2) = self._at, control, end
        first = (x0 + (x1 - x0) * 2 / 3, y0 + (y1 - y0) * 2 / 3)
        second = (x2 + (x1 - x2) * 2 / 3, y2 + (y1 - y2) * 2 / 3)
        self._add("C", first, second, end)

    def closePath(self) -> None:  # noqa: N802
        self.steps.append(("Z", ()))

    def _add(self, letter: str, *points: Point) -> None:
        self.steps.append((letter, points))
        self._at = points[-1]
