"""The fonts: those that ship with the kit, and those of the system for characters that none of ours has."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import uharfbuzz as hb

_FOLDER = Path(__file__).parent / "fonts"
_SCRIPTS = (
    "NotoNaskhArabic-Medium",
    "NotoSerifHebrew-Medium",
    "NotoSerifDevanagari-Medium",
    "NotoSerifBengali-Medium",
    "NotoSerifTamil-Medium",
    "NotoSerifThai-Medium",
    "NotoSerifArmenian-Medium",
    "NotoSerifGeorgian-Medium",
    "DroidSansFallbackFull",
    "NotoSansCJKkr-Regular",
)
_SYSTEM_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)
_LARGEST_FONT_BYTES = 40 * 1024 * 1024


class Face:
    """One font.

    Args:
        path: A TrueType font, or a collection of them.
        is_plain: Whether it is for small text, set letter by letter: what kerning would add there, nobody sees.
    """

    def __init__(self, path: Path, *, is_plain: bool = False) -> None:
        self.path = path
        self.features = {"kern": False, "liga": False} if is_plain else {}
        self._face: Any = hb.Face(hb.Blob.from_file_path(str(path)), 0)
        self._font: Any = hb.Font(self._face)
        self.units_per_em: int = self._face.upem

    @cached_property
    def characters(self) -> frozenset[int]:
        """The code points that it has glyphs for."""
        return frozenset(self._face.unicodes)

    @property
    def is_plain(self) -> bool:
        """Whether it sets text letter by letter."""
        return bool(self.features)

    def covers(self, text: str) -> bool:
        """Whether it has a glyph for every character; joiners need none."""
        return all(ord(char) in self.characters or char in "\u200c\u200d" for char in text)

    def shape(self, text: str, *, is_rtl: bool) -> Sequence[Glyph]:
        """Return the glyphs of a text of one direction, from left to right."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if is_rtl else "ltr"
        hb.shape(self._font, buffer, self.features)
        return [
            Glyph(info.codepoint, position.x_advance, position.x_offset, position.y_offset)
            for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        ]

    def width(self, text: str, size: float, *, is_rtl: bool = False) -> float:
        """Return how wide a text is, in the unit of `size`."""
        return sum(glyph.advance for glyph in self.shape(text, is_rtl=is_rtl)) * size / self.units_per_em

    def draw(self, glyph: int, pen: object) -> None:
        """Draw a glyph's outline with a pen that has `moveTo`, `lineTo`, `curveTo`, `qCurveTo` and `closePath`."""
        self._font.draw_glyph_with_pen(glyph, pen)

    def subset(self, text: str, *, is_shaped: bool) -> bytes:
        """Return a font with the glyphs of this text only.

        Args:
            text: Every character that is needed.
            is_shaped: Whether it will be shaped; the rules for that are left out otherwise.
        """
        wanted = hb.SubsetInput()
        wanted.sets(hb.SubsetInputSets.UNICODE).update({ord(char) for char in text} | {0x20})
        if not is_shaped:
            tags = {int.from_bytes(tag, "big") for tag in (b"GSUB", b"GPOS", b"GDEF", b"kern")}
            wanted.sets(hb.SubsetInputSets.DROP_TABLE_TAG).update(tags)
        made = hb.subset(self._face, wanted)
        content: bytes = made.blob.data
        return content


@dataclass(frozen=True)
class Glyph:
    """A glyph of a shaped text, in font units.

    Attributes:
        index: Its number in the font.
        advance: From its origin to the next one's.
        dx: How far it is moved to the right.
        dy: How far it is moved up.
    """

    index: int
    advance: int
    dx: int
    dy: int


@cache
def shipped(name: str) -> Face:
    """Return a font of the kit; it is read once in a process."""
    return Face(_FOLDER / f"{name}.ttf", is_plain=name.startswith("NotoSans-"))


def display_faces() -> tuple[Face, ...]:
    """Return the fonts of names and headlines, the first choice first."""
    return tuple(shipped(name) for name in ("NotoSerifDisplay-Medium", *_SCRIPTS))


def text_faces(*, is_bold: bool = False) -> tuple[Face, ...]:
    """Return the fonts of small text, the first choice first."""
    first = "NotoSans-SemiBold" if is_bold else "NotoSans-Regular"
    return (shipped(first), *display_faces())


@cache
def system_face(cluster: str) -> Face | None:
    """Return the first font of the system that has all of these characters; None without one."""
    for path in _system_fonts():
        face = _opened(path)
        if face is not None and face.covers(cluster):
            return face
    return None


@cache
def _opened(path: Path) -> Face | None:
    try:
        face = Face(path)
    except (OSError, hb.HarfBuzzError):
        return None  # a font that cannot be read is as good as none
    return face if face.characters else None


@cache
def _system_fonts() -> tuple[Path, ...]:
    """List the system's fonts; regular ones first, since a bold face would stand out."""
    found = sorted({path for folder in _SYSTEM_FOLDERS for path in _fonts_in(Path(folder).expanduser())})
    return tuple(sorted(found, key=lambda path: ("Regular" not in path.stem, len(path.stem), str(path))))


def _fonts_in(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            # Bitmap and colour fonts have no outlines to draw.
            if path.suffix.lower() not in {".ttf", ".ttc", ".otf"} or "Emoji" in name:
                continue
            if path.is_file() and path.stat().st_size <= _LARGEST_FONT_BYTES:
                yield path
