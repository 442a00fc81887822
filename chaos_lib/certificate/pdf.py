"""Writes a page as a PDF, with fonts embedded and everything drawn as vectors."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.fonts import TTFFont
from fpdf.output import OutputProducer, PDFPage
from fpdf.syntax import Name, PDFContentStream

from chaos_lib.certificate import document
from chaos_lib.certificate.drawing import Hidden, Line, Page, Shape
from chaos_lib.certificate.faces import Face
from chaos_lib.certificate.signing import Certificate
from chaos_lib.certificate.typesetting import Run

ATTACHMENT = "certificate.json"
_MM = 25.4 / 72
_LEVEL = 3  # of zlib: a third of the time of its usual 6, for a twelfth more bytes
_PATH = {"M": "m", "L": "l", "C": "c", "Z": "h"}


def write(page: Page, certificate: Certificate) -> bytes:
    """Return the PDF of a certificate, with its JSON attached; it is not sealed yet."""
    record = certificate.record
    pdf = FPDF(orientation="landscape", unit="mm", format=(page.height, page.width))
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.set_creation_date(record.date)
    pdf.set_title(f"{record.workshop}: {record.name}")
    pdf.set_subject(page.description)
    pdf.set_author(record.attested_by or record.name)
    pdf.set_keywords(f"certificate, {certificate.id}")
    pdf.set_creator("Operation Chaos")
    pdf.set_lang("en")
    pdf.set_display_mode("fullpage", "single")
    pdf.add_page()
    families = _add_fonts(pdf, page)
    for item in page.items:
        if isinstance(item, Shape):
            _draw(pdf, item)
        elif isinstance(item, Line):
            _set(pdf, item, families)
        else:
            _hide(pdf, item, families)
    pdf.embed_file(
        bytes=document.to_json(certificate),
        basename=ATTACHMENT,
        mime_type="application/json",
        modification_date=record.date,
        desc="The signed certificate, for programs",
    )
    return bytes(pdf.output(output_producer_class=_Producer))


class _Producer(OutputProducer):
    """Writes the file; the page is compressed from where its own part begins."""

    def _add_pages(self, _slice: slice = slice(0, None)) -> list[PDFPage]:
        self.fpdf.set_compression(False)
        pages = super()._add_pages(_slice)
        self.fpdf.set_compression(True)
        for page in pages:
            stream = page.contents
            assert isinstance(stream, PDFContentStream)
            stream._contents = _compressed(stream._contents)
            stream.filter = Name("FlateDecode")
            stream.length = len(stream._contents)
        return pages


def _compressed(content: bytes) -> bytes:
    """Compress a page; what comes before its first text is the same on every certificate, and compressed once."""
    border, text, rest = content.partition(b"BT ")
    made, begun = _begun(border)
    going_on = begun.copy()
    return made + going_on.compress(text + rest) + going_on.flush()


@lru_cache(maxsize=8)
def _begun(start: bytes) -> tuple[bytes, zlib._Compress]:
    """Return what compressing the beginning of a page gives, and the compressor, copies of which go on from there."""
    compressor = zlib.compressobj(_LEVEL)
    return compressor.compress(start), compressor


def _add_fonts(pdf: FPDF, page: Page) -> Mapping[Face, str]:
    """Embed of each font the glyphs that the page needs."""
    needed: dict[Face, str] = {}
    shaped: set[Face] = set()
    for item in page.items:
        if isinstance(item, Shape):
            continue
        for run in item.runs:
            needed[run.face] = needed.get(run.face, "") + run.text
            if isinstance(item, Line) and not _is_plain(run):
                shaped.add(run.face)
    families = {}
    for number, (face, text) in enumerate(needed.items()):
        families[face] = f"f{number}"
        path = _font_file(face, "".join(sorted(set(text))), is_shaped=face in shaped)
        pdf.add_font(families[face], fname=path)
        # The boxes around the glyphs are right already; working them out again takes as long as all the rest.
        font = pdf.fonts[families[face]]
        assert isinstance(font, TTFFont)
        font.ttfont.recalcBBoxes = False
    return families


def _is_plain(run: Run) -> bool:
    """Whether a run is set letter by letter."""
    return run.face.is_plain and not run.is_rtl


def _set(pdf: FPDF, line: Line, families: Mapping[Face, str]) -> None:
    pdf.set_text_color(*line.colour)
    pdf.set_char_spacing(line.tracking)
    x = line.x
    for run in line.runs:
        pdf.set_font(families[run.face], size=line.size)
        size = line.size * _MM
        wide = (run.width(line.size) + line.tracking * len(run.text)) * _MM
        if _is_plain(run):
            pdf.text(x, line.y, run.text)
        else:
            pdf.set_text_shaping(True, direction="rtl" if run.is_rtl else "ltr")
            # fpdf2 puts the baseline of a cell 0.3 font sizes below its middle.
            pdf.set_xy(x, line.y - 0.8 * size)
            pdf.cell(wide, size, run.text)
            pdf.set_text_shaping(False)
        x += wide


def _hide(pdf: FPDF, text: Hidden, families: Mapping[Face, str]) -> None:
    """Write text that is not seen, letter for letter, on one line of the width of what is seen."""
    pdf.set_char_spacing(0)
    letters = [run.text[::-1] if run.is_rtl else run.text for run in text.runs]
    wide = 0.0
    for run, shown in zip(text.runs, letters, strict=True):
        pdf.set_font(families[run.face], size=text.size)
        wide += pdf.get_string_width(shown)
    stretched = text.width / wide if wide else 1.0
    with pdf.local_context(text_mode=TextMode.INVISIBLE):
        x = text.x
        for run, shown in zip(text.runs, letters, strict=True):
            pdf.set_font(families[run.face], size=text.size)
            pdf.set_stretching(stretched * 100)
            pdf.text(x, text.y, shown)
            x += pdf.get_string_width(shown)
    pdf.set_stretching(100)


def _draw(pdf: FPDF, shape: Shape) -> None:
    # Straight to the page: fpdf2's own paths take most of a second for the thousands of curves of the border.
    pdf._out(_operators(shape, pdf.h))


@lru_cache(maxsize=256)
def _operators(shape: Shape, height: float) -> str:
    """Return the PDF operators that paint a shape; those of the border are the same for every certificate."""
    words = ["q"]
    if shape.fill:
        words.append(f"{_rgb(shape.fill)} rg")
    if shape.stroke:
        words.append(f"{_rgb(shape.stroke)} RG {shape.width / _MM:.3f} w 0 J")
    for letter, points in shape.steps:
        where = " ".join(f"{x / _MM:.2f} {(height - y) / _MM:.2f}" for x, y in points)
        words.append(f"{where} {_PATH[letter]}".lstrip())
    words.append(
        {(True, True): "B", (True, False): "f", (False, True): "S"}[bool(shape.fill), bool(shape.stroke)]
    )
    words.append("Q")
    return "\n".join(words)


def _rgb(colour: Sequence[int]) -> str:
    return " ".join(f"{part / 255:.3f}" for part in colour)


def _font_file(face: Face, text: str, *, is_shaped: bool) -> Path:
    """Return a file with a font's subset: fpdf2 reads fonts from files, and small ones quickly."""
    name = hashlib.sha256(f"{face.path}:{is_shaped}:{text}".encode()).hexdigest()[:16]
    path = _font_folder() / f"{name}{'.otf' if face.path.suffix == '.otf' else '.ttf'}"
    if not path.exists():
        path.write_bytes(face.subset(text, is_shaped=is_shaped))
    return path


@cache
def _font_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="opchaos-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
