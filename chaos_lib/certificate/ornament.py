"""The art of the certificate: fine interlaced lines as on a banknote, a rosette with a bolt, a ring for the score."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache

from chaos_lib.certificate.drawing import (
    Colour,
    Point,
    Shape,
    arc,
    circle,
    on_circle,
    polyline,
    rectangle,
    smooth,
    together,
)

INK: Colour = (33, 24, 56)
VIOLET: Colour = (88, 47, 160)
ROSE: Colour = (176, 38, 98)
GOLD: Colour = (170, 128, 52)
MUTED: Colour = (98, 90, 116)
HAIR: Colour = (214, 206, 228)
PAPER: Colour = (255, 253, 249)
WASH: Colour = (247, 243, 251)

_BAND = (8.0, 17.0)  # from the edge of the page, in mm


@cache
def frame(width: float, height: float) -> tuple[Shape, ...]:
    """Return paper and border of a page; the same for every certificate, so it is made once."""
    outer, inner = _BAND
    lines = [
        Shape(rectangle(0, 0, width, height), fill=PAPER),
        Shape(rectangle(outer, outer, width - 2 * outer, height - 2 * outer), stroke=VIOLET, width=0.5),
        Shape(rectangle(inner, inner, width - 2 * inner, height - 2 * inner), stroke=VIOLET, width=0.35),
        Shape(
            rectangle(inner + 1.3, inner + 1.3, width - 2 * inner - 2.6, height - 2 * inner - 2.6),
            stroke=GOLD,
            width=0.18,
        ),
    ]
    strands = 4
    for strand in range(strands):
        share = strand / (strands - 1)
        waves = together(_waves(width, height, strand / strands))
        lines.append(Shape(waves, stroke=_mix(VIOLET, ROSE, share), width=0.14))
    for x in (12.5, width - 12.5):
        for y in (12.5, height - 12.5):
            lines.append(Shape(rectangle(x - 4.5, y - 4.5, 9, 9), fill=PAPER, stroke=VIOLET, width=0.35))
            lines.append(Shape(_flower(x, y, 3.9, 6, 0.42), stroke=ROSE, width=0.16))
            lines.append(Shape(_flower(x, y, 2.3, 6, 0.5), stroke=GOLD, width=0.16))
            lines.append(Shape(circle(x, y, 0.7), fill=GOLD))
    return tuple(lines)


@cache
def backdrop(x: float, y: float, radius: float) -> tuple[Shape, ...]:
    """Return the pale rosette behind the text."""
    return tuple(
        Shape(_flower(x, y, radius * share, 24, 0.2), stroke=(240, 234, 246), width=0.16)
        for share in (1.0, 0.86, 0.72, 0.58)
    )


def medal(x: float, y: float, radius: float) -> tuple[Shape, ...]:
    """Return the seal: a scalloped medal with the workshop's bolt."""
    points = 36
    rim = [
        on_circle(x, y, radius * (1.0 if index % 2 else 0.94), index * math.pi / points)
        for index in range(2 * points)
    ]
    ribbons = [
        polyline(
            [
                (x + side * radius * 0.12, y + radius * 0.7),
                (x + side * radius * 0.62, y + radius * 0.6),
                (x + side * radius * 0.86, y + radius * 1.62),
                (x + side * radius * 0.55, y + radius * 1.47),
                (x + side * radius * 0.34, y + radius * 1.72),
            ],
            is_closed=True,
        )
        for side in (-1, 1)
    ]
    return (
        Shape(together(ribbons), fill=ROSE),
        Shape(smooth(rim, is_closed=True), fill=VIOLET),
        Shape(circle(x, y, radius * 0.86), stroke=(226, 205, 150), width=0.3),
        Shape(_flower(x, y, radius * 0.82, 18, 0.2), stroke=(190, 166, 228), width=0.14),
        Shape(circle(x, y, radius * 0.56), fill=(72, 34, 138), stroke=(226, 205, 150), width=0.3),
        Shape(_bolt(x, y, radius * 0.46), fill=(255, 222, 120)),
    )


def ring(x: float, y: float, radius: float, share: float) -> tuple[Shape, ...]:
    """Return a ring that is filled clockwise from the top.

    Args:
        x: Its middle.
        y: Its middle.
        radius: Of the middle of its line.
        share: How much is filled, 0 to 1.
    """
    made = [Shape(circle(x, y, radius), stroke=(232, 225, 241), width=2.6)]
    if share > 0:
        steps = 24
        done = min(share, 1.0)
        for step in range(math.ceil(done * steps)):
            first, last = step / steps, min((step + 1.06) / steps, done)
            made.append(
                Shape(arc(x, y, radius, first, last), stroke=_mix(VIOLET, ROSE, step / steps), width=2.6)
            )
    return tuple(made)


def rule(x: float, y: float, width: float) -> tuple[Shape, ...]:
    """Return a line with a diamond in its middle; `x` is the middle."""
    half, gap = width / 2, 3.2
    return (
        Shape(
            together(
                [polyline([(x - half, y), (x - gap, y)]), polyline([(x + gap, y), (x + half, y)])],
            ),
            stroke=GOLD,
            width=0.25,
        ),
        Shape(polyline([(x - 1.7, y), (x, y - 1.7), (x + 1.7, y), (x, y + 1.7)], is_closed=True), fill=GOLD),
    )


def code(matrix: Sequence[Sequence[int]], x: float, y: float, size: float) -> Shape:
    """Return a QR code as one outline.

    Args:
        matrix: Its modules without a margin, 1 is dark.
        x: Its left edge.
        y: Its upper edge.
        size: Its width and height, in mm.
    """
    module = size / len(matrix)
    # A stretch of dark modules is a short line as thick as a module: half as much to write as its four corners.
    lines = [
        (
            ("M", ((x + first * module, y + (row + 0.5) * module),)),
            ("L", ((x + (first + count) * module, y + (row + 0.5) * module),)),
        )
        for row, cells in enumerate(matrix)
        for first, count in _stretches(cells)
    ]
    return Shape(together(lines), stroke=INK, width=module)


def _stretches(cells: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where dark modules begin in a row, and how many there are."""
    start = None
    for index, cell in enumerate([*cells, 0]):
        if cell and start is None:
            start = index
        elif not cell and start is not None:
            yield start, index - start
            start = None


def _waves(width: float, height: float, phase: float) -> Iterator[tuple[tuple[str, tuple[Point, ...]], ...]]:
    """Yield one strand of the border along each of the four sides, corner box to corner box."""
    middle = sum(_BAND) / 2
    amplitude = 3.4
    for length, place in ((width, "x"), (height, "y")):
        first, last = _BAND[1], length - _BAND[1]
        periods = round((last - first) / 11)
        count = periods * 4
        for base in (middle, (height if place == "x" else width) - middle):
            points = []
            for index in range(count + 1):
                along = first + (last - first) * index / count
                turn = 2 * math.pi * (periods * index / count + phase)
                across = base + amplitude * math.sin(turn) * (0.72 + 0.28 * math.cos(turn / 3))
                points.append((along, across) if place == "x" else (across, along))
            yield smooth(points)


def _flower(
    x: float, y: float, radius: float, petals: int, depth: float
) -> tuple[tuple[str, tuple[Point, ...]], ...]:
    """Return a closed line that winds around a circle in petals, twice out of step."""
    outlines = []
    for offset in (0.0, 0.5):
        count = petals * 4
        points = []
        for index in range(count):
            angle = 2 * math.pi * index / count
            reach = radius * (1 - depth / 2 + depth / 2 * math.cos(petals * angle + 2 * math.pi * offset))
            points.append(on_circle(x, y, reach, angle))
        outlines.append(smooth(points, is_closed=True))
    return together(outlines)


def _bolt(x: float, y: float, size: float) -> tuple[tuple[str, tuple[Point, ...]], ...]:
    outline = ((0.22, -1.0), (-0.58, 0.16), (-0.06, 0.16), (-0.26, 1.0), (0.6, -0.26), (0.06, -0.26))
    return polyline([(x + size * dx, y + size * dy) for dx, dy in outline], is_closed=True)


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return (red, green, blue)
