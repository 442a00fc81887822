"""What a page is made of: outlines and lines of text, in millimetres from its upper left corner.

The page is laid out once as such a list; the PDF and the SVG are two ways of writing it down.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from chaos_lib.certificate.typesetting import Run

Point: TypeAlias = tuple[float, float]
# A letter as in SVG and its points: M and L one, C three, Z none.
Step: TypeAlias = tuple[str, tuple[Point, ...]]
Colour: TypeAlias = tuple[int, int, int]

# How far the handles of a curve are from its ends to make a quarter of a circle.
_QUARTER = 0.5522847498


@dataclass(frozen=True)
class Shape:
    """An outline.

    Attributes:
        steps: The pen's way.
        fill: Colour inside; None leaves it open.
        stroke: Colour of the line; None draws none.
        width: Of the line, in mm.
    """

    steps: tuple[Step, ...]
    fill: Colour | None = None
    stroke: Colour | None = None
    width: float = 0.2


@dataclass(frozen=True)
class Line:
    """A line of text.

    Attributes:
        runs: Its parts, from left to right.
        x: Where it begins, in mm.
        y: Its baseline, in mm.
        size: Font size in points.
        colour: Of the text.
        tracking: Extra space after each character, in points.
    """

    runs: tuple[Run, ...]
    x: float
    y: float
    size: float
    colour: Colour
    tracking: float = 0.0


@dataclass(frozen=True)
class Hidden:
    """A text that can be selected, searched and read aloud, but is not seen: what is seen there are outlines.

    Attributes:
        runs: Its parts, in the order in which they are read.
        x: Where it begins, in mm.
        y: Its baseline, in mm.
        width: How wide it is, in mm.
        size: Font size in points.
    """

    runs: tuple[Run, ...]
    x: float
    y: float
    width: float
    size: float


@dataclass(frozen=True)
class Page:
    """A laid out page.

    Attributes:
        width: In mm.
        height: In mm.
        items: What is on it, the lowest first.
        description: The same in words, for those who do not see it.
    """

    width: float
    height: float
    items: tuple[Shape | Line | Hidden, ...]
    description: str


def polyline(points: Sequence[Point], *, is_closed: bool = False) -> tuple[Step, ...]:
    """Return straight lines through points."""
    steps: list[Step] = [("M", (points[0],)), *(("L", (point,)) for point in points[1:])]
    return (*steps, ("Z", ())) if is_closed else tuple(steps)


def smooth(points: Sequence[Point], *, is_closed: bool = False) -> tuple[Step, ...]:
    """Return a curve through points (Catmull-Rom, as cubic Bézier curves)."""
    count = len(points)
    steps: list[Step] = [("M", (points[0],))]
    for index in range(count if is_closed else count - 1):
        before, start, end, after = (
            points[(index + k) % count] if is_closed else points[min(max(index + k, 0), count - 1)]
            for k in (-1, 0, 1, 2)
        )
        first = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        second = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        steps.append(("C", (first, second, end)))
    if is_closed:
        steps.append(("Z", ()))
    return tuple(steps)


def rectangle(x: float, y: float, width: float, height: float, radius: float = 0.0) -> tuple[Step, ...]:
    """Return a rectangle, with round corners when there is a radius."""
    if not radius:
        return polyline([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], is_closed=True)
    r, k = radius, radius * (1 - _QUARTER)
    right, bottom = x + width, y + height
    return (
        ("M", ((x + r, y),)),
        ("L", ((right - r, y),)),
        ("C", ((right - k, y), (right, y + k), (right, y + r))),
        ("L", ((right, bottom - r),)),
        ("C", ((right, bottom - k), (right - k, bottom), (right - r, bottom))),
        ("L", ((x + r, bottom),)),
        ("C", ((x + k, bottom), (x, bottom - k), (x, bottom - r))),
        ("L", ((x, y + r),)),
        ("C", ((x, y + k), (x + k, y), (x + r, y))),
        ("Z", ()),
    )


def circle(x: float, y: float, radius: float) -> tuple[Step, ...]:
    """Return a circle."""
    return rectangle(x - radius, y - radius, 2 * radius, 2 * radius, radius)


def arc(x: float, y: float, radius: float, start: float, end: float) -> tuple[Step, ...]:
    """Return an arc, clockwise; angles in turns from the top."""
    pieces = max(1, math.ceil(abs(end - start) * 8))
    span = (end - start) * 2 * math.pi / pieces
    handle = 4 / 3 * math.tan(span / 4) * radius
    steps: list[Step] = []
    for piece in range(pieces):
        first = start * 2 * math.pi + piece * span
        last = first + span
        a, b = on_circle(x, y, radius, first), on_circle(x, y, radius, last)
        if not steps:
            steps.append(("M", (a,)))
        steps.append(
            (
                "C",
                (
                    (a[0] + handle * math.cos(first), a[1] + handle * math.sin(first)),
                    (b[0] - handle * math.cos(last), b[1] - handle * math.sin(last)),
                    b,
                ),
            )
        )
    return tuple(steps)


def on_circle(x: float, y: float, radius: float, angle: float) -> Point:
    """Return a point of a circle; the angle is in radians, clockwise from the top."""
    return (x + radius * math.sin(angle), y - radius * math.cos(angle))


def together(outlines: Iterable[Sequence[Step]]) -> tuple[Step, ...]:
    """Return several outlines as one: painted at once, it is smaller and quicker."""
    return tuple(step for outline in outlines for step in outline)
