"""Writes a page as SVG: the twin of the PDF for notebooks and web pages, with every text as outlines."""

from __future__ import annotations

from html import escape

from chaos_lib.certificate.drawing import Colour, Hidden, Line, Page, Shape
from chaos_lib.certificate.outline import outlines

_SCALE = 100


def write(page: Page, *, title: str) -> str:
    """Return the page as one `<svg>` element, which looks the same without any font.

    Args:
        page: The page.
        title: A few words for those who do not see it; the page's description says the rest.
    """
    shapes = [
        outlines(item) if isinstance(item, Line) else item
        for item in page.items
        if not isinstance(item, Hidden)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {page.width * _SCALE:g} {page.height * _SCALE:g}" role="img" '
        f'style="width:100%;max-width:920px;height:auto">'
        f"<title>{escape(title)}</title><desc>{escape(page.description)}</desc>"
        f"{''.join(_path(shape) for shape in shapes)}</svg>"
    )


def _path(shape: Shape) -> str:
    fill = _hex(shape.fill) if shape.fill else "none"
    stroke = ""
    if shape.stroke:
        stroke = f' stroke="{_hex(shape.stroke)}" stroke-width="{shape.width * _SCALE:g}"'
    return f'<path d="{_drawn(shape)}" fill="{fill}"{stroke}/>'


def _drawn(shape: Shape) -> str:
    """Return the pen's way in whole hundredths of a millimetre, each point relative to the one before: half as long."""
    words: list[str] = []
    at_x = at_y = start_x = start_y = 0
    for letter, points in shape.steps:
        words.append(letter.lower())
        x, y = at_x, at_y
        for number, (px, py) in enumerate(points):
            x, y = round(px * _SCALE), round(py * _SCALE)
            words.append(f"{' ' if number else ''}{x - at_x} {y - at_y}")
        at_x, at_y = (start_x, start_y) if letter == "Z" else (x, y)
        if letter == "M":
            start_x, start_y = at_x, at_y
    return "".join(words)


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
