"""Writes a page as SVG: the twin of the PDF for notebooks and web pages, with every text as outlines."""

from __future__ import annotations

from html import escape

from chaos_lib.certificate.drawing import Colour, Hidden, Line, Page, Shape
from chaos_lib.certificate.outline import outlines


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
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {page.width:g} {page.height:g}" role="img" '
        f'style="width:100%;max-width:920px;height:auto">'
        f"<title>{escape(title)}</title><desc>{escape(page.description)}</desc>"
        f"{''.join(_path(shape) for shape in shapes)}</svg>"
    )


def _path(shape: Shape) -> str:
    drawn = "".join(
        letter + " ".join(f"{x:.2f} {y:.2f}" for x, y in points) for letter, points in shape.steps
    )
    fill = _hex(shape.fill) if shape.fill else "none"
    stroke = f' stroke="{_hex(shape.stroke)}" stroke-width="{shape.width:g}"' if shape.stroke else ""
    return f'<path d="{drawn}" fill="{fill}"{stroke}/>'


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
