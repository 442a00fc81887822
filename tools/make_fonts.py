"""Make the fonts of the certificate: small subsets of Debian's packages, written into chaos_lib/certificate/fonts.

Usage: .venv/bin/python tools/make_fonts.py    (needs `apt-get download` and `dpkg`)

The fonts are committed; this is how they were made. Hinting goes: a PDF does not use it.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from fontTools import subset, ttLib
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen

PACKAGES = ("fonts-noto-core", "fonts-noto-extra", "fonts-noto-cjk", "fonts-droid-fallback")
TARGET = Path(__file__).resolve().parent.parent / "chaos_lib" / "certificate" / "fonts"

_PUNCTUATION = (
    *range(0x2010, 0x2028),
    0x2030,
    0x2032,
    0x2033,
    0x2039,
    0x203A,
    0x2044,
    0x20AC,
    0x2116,
    0x2212,
)
_BASIC = (*range(0x20, 0x7F), *range(0xA0, 0x180), *_PUNCTUATION)
_LATIN = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x250),
    *range(0x2B9, 0x2C8),
    *range(0x2D8, 0x2DE),
    *range(0x300, 0x330),
    *range(0x1E00, 0x1F00),
    0x25CC,
    *_PUNCTUATION,
)
_GREEK = (*range(0x370, 0x400), *range(0x1F00, 0x2000))
_CYRILLIC = tuple(range(0x400, 0x530))


def _east_asian() -> set[int]:
    """Return the characters of the Chinese and Japanese national sets, without Hangul."""
    ranges = ((0x3000, 0x3130), (0x31F0, 0x3200), (0xFF01, 0xFFEF))
    found = {code for first, end in ranges for code in range(first, end)}
    for encoding in ("gb2312", "big5", "shift_jis", "euc_kr"):
        found |= {c for c in _characters_of(encoding) if 0x3000 <= c < 0xA000 or 0xF900 <= c < 0xFB00}
    return found


def _hangul() -> set[int]:
    """Return the syllables of the Korean national set: those that names are made of."""
    return {0x20, 0x2D, 0x2E} | {c for c in _characters_of("euc_kr") if 0xAC00 <= c < 0xD7A4}


def _characters_of(encoding: str) -> set[int]:
    pairs = (bytes([lead, trail]) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF))
    texts = (pair.decode(encoding, "ignore") for pair in pairs)
    return {ord(text) for text in texts if len(text) == 1}


# Font file of a package to the characters that are kept; None keeps all.
FONTS: Mapping[str, Iterable[int] | None] = {
    "truetype/noto/NotoSerifDisplay-Medium.ttf": (*_LATIN, *_GREEK, *_CYRILLIC),
    "truetype/noto/NotoSans-Regular.ttf": _BASIC,
    "truetype/noto/NotoSans-SemiBold.ttf": _BASIC,
    "truetype/noto/NotoNaskhArabic-Medium.ttf": None,
    "truetype/noto/NotoSerifHebrew-Medium.ttf": None,
    "truetype/noto/NotoSerifDevanagari-Medium.ttf": None,
    "truetype/noto/NotoSerifBengali-Medium.ttf": None,
    "truetype/noto/NotoSerifTamil-Medium.ttf": None,
    "truetype/noto/NotoSerifThai-Medium.ttf": None,
    "truetype/noto/NotoSerifArmenian-Medium.ttf": None,
    "truetype/noto/NotoSerifGeorgian-Medium.ttf": None,
    "truetype/droid/DroidSansFallbackFull.ttf": _east_asian(),
    "opentype/noto/NotoSansCJK-Regular.ttc": _hangul(),
}


def make(source: Path, target: Path, characters: Iterable[int] | None) -> None:
    """Write a subset of a font."""
    # Of a collection, the Korean font is the second.
    font = ttLib.TTFont(source, recalcTimestamp=False, fontNumber=1 if source.suffix == ".ttc" else -1)
    options = subset.Options(
        hinting=False,
        layout_features=["*"],
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 7, 13, 14],  # copyright and licence stay in the file
        notdef_outline=True,
        glyph_names=False,
    )
    options.drop_tables += ["DSIG", "VORG", "vhea", "vmtx"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap() if characters is None else characters)
    subsetter.subset(font)
    if "CFF " in font:
        _to_truetype(font)
    font.save(target)


def _to_truetype(font: ttLib.TTFont) -> None:
    """Turn cubic outlines into quadratic ones: readers of PDFs get on better with TrueType."""
    glyphs, drawn = font.getGlyphSet(), {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        drawn[name] = pen.glyph()
    del font["CFF "]
    font["loca"] = ttLib.newTable("loca")
    glyf = font["glyf"] = ttLib.newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = font.getGlyphOrder(), drawn
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in ("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"):
        setattr(maxp, field, 0)
    for field in ("maxStackElements", "maxSizeOfInstructions", "maxComponentElements"):
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


def main() -> int:
    """Download, unpack, subset."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(["apt-get", "download", "-qq", *PACKAGES], cwd=folder, check=True)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(folder / "root")], check=True)
        fonts = folder / "root" / "usr" / "share" / "fonts"
        for font, characters in FONTS.items():
            source = fonts / font
            target = TARGET / ("NotoSansCJKkr-Regular.ttf" if source.suffix == ".ttc" else source.name)
            make(source, target, characters)
            print(f"{target.name}: {target.stat().st_size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
