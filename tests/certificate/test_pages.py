"""The drawn page: the name can be read back in every script, nothing is a bitmap, nothing leaves the page."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import pytest
from pypdf import PdfReader

from chaos_lib.certificate import document, faces, layout, pdf, seal, svg, typesetting
from chaos_lib.certificate.drawing import Hidden, Line, Page, Shape
from chaos_lib.certificate.layout import Paper
from chaos_lib.certificate.record import Attestation, Kind
from chaos_lib.certificate.signing import Certificate, sign

from .conftest import record, signer

NAMES = {
    "Latin": "Ada Lovelace",
    "Vietnamese": "Nguyễn Thị Phương Thảo",
    "Turkish and Polish": "Ömer Çelik-Łukasiewicz",
    "Greek": "Γεώργιος Παπαδόπουλος",
    "Cyrillic": "Владимир Ковальчук",
    "Arabic": "محمد بن موسى الخوارزمي",
    "Arabic ligature": "عبد الله لا",
    "Persian": "فریدون فرخزاد",
    "Hebrew": "שרה לוי-כהן",
    "Hebrew with points": "שָׂרָה לֵוִי",
    "Chinese": "歐陽娜娜",
    "Simplified Chinese": "张伟",
    "Japanese": "山田 たろう",
    "Korean": "김민준",
    "Hindi": "अनिरुद्ध शर्मा",
    "Bengali": "রবীন্দ্রনাথ ঠাকুর",
    "Tamil": "நந்தினி சுந்தரம்",
    "Thai": "สมชาย ใจดี",
    "Armenian": "Արամ Խաչատրյան",
    "Georgian": "ნინო ქავთარაძე",
    "Chinese with Latin": "李明 (Ming Li)",
    "Arabic with Latin": "محمد Smith 3",
    "very long": "Pablo Diego José Francisco de Paula Juan Nepomuceno María de los Remedios Ruiz y Picasso",
    "long without blanks": "寿限無寿限無五劫の擦り切れ海砂利水魚の水行末雲来末風来末食う寝る処に住む処",
}


@cache
def issued(name: str, paper: Paper = Paper.A4) -> tuple[Certificate, Page, bytes]:
    certificate = sign(record(name), signer())
    page = layout.lay_out(certificate, paper=paper)
    return certificate, page, pdf.write(page, certificate)


def reader(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content), strict=True)


@pytest.mark.parametrize("script", NAMES)
def test_the_name_can_be_read_back_from_the_pdf(script: str) -> None:
    name = NAMES[script]
    _, _, content = issued(name)

    assert name in reader(content).pages[0].extract_text()


@pytest.mark.parametrize("script", NAMES)
def test_every_character_of_a_name_has_a_glyph_in_the_fonts_of_the_kit(script: str) -> None:
    for run in typesetting.runs(NAMES[script], faces.display_faces()):
        assert run.face.path.is_relative_to(Path(faces.__file__).parent / "fonts")
        assert all(glyph.index != 0 for glyph in run.face.shape(run.text, is_rtl=run.is_rtl)), run


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("script", NAMES)
def test_nothing_leaves_the_frame(script: str, paper: Paper) -> None:
    page = layout.lay_out(sign(record(NAMES[script]), signer()), paper=paper)
    assert (page.width, page.height) == paper.size

    for item in page.items:
        if isinstance(item, Shape):
            points = [point for _, points in item.steps for point in points]
            assert all(0 <= x <= page.width and 0 <= y <= page.height for x, y in points)
        elif isinstance(item, Line):
            right = item.x + typesetting.width(item.runs, item.size, item.tracking) * 25.4 / 72
            assert item.x > 18.3
            assert right < page.width - 18.3
            assert 18.3 < item.y < page.height - 18.3
        else:
            assert item.x > 18.3
            assert item.x + item.width < page.width - 18.3


def test_arabic_letters_are_joined_and_stand_from_right_to_left() -> None:
    (run,) = typesetting.runs("محمد", faces.display_faces())
    joined = [glyph.index for glyph in run.face.shape(run.text, is_rtl=True)]
    alone = [run.face.shape(char, is_rtl=True)[0].index for char in reversed(run.text)]

    assert run.is_rtl
    assert joined != alone


def test_a_mixed_line_is_set_in_page_order_and_read_in_reading_order() -> None:
    line = typesetting.runs("محمد Smith", faces.display_faces())
    read = typesetting.runs_as_read("محمد Smith", faces.display_faces())

    assert "".join(run.text for run in line).startswith("Smith")
    assert [run.text for run in read] == ["محمد", " Smith"]


def test_a_long_name_shrinks_and_stands_on_two_lines() -> None:
    sizes = {}
    for script in ("Latin", "very long"):
        _, page, _ = issued(NAMES[script])
        hidden = [item for item in page.items if isinstance(item, Hidden)]
        (name,) = (each for each in hidden if "".join(run.text for run in each.runs) == NAMES[script])
        sizes[script] = name.size

    assert sizes["very long"] < sizes["Latin"] == 46.0


def test_the_pdf_is_one_page_of_vectors_with_its_fonts_in_it() -> None:
    _, _, content = issued(NAMES["Arabic"])
    (page,) = reader(content).pages

    assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (842, 595)
    assert list(page.images) == []
    for font in page["/Resources"]["/Font"].values():
        (inner,) = font.get_object()["/DescendantFonts"]
        assert "/FontFile2" in inner.get_object()["/FontDescriptor"]
    assert len(content) < 300_000


def test_the_pdf_says_what_it_is_and_carries_its_json() -> None:
    certificate, _, content = issued("Ada Lovelace")
    read = reader(content)

    assert read.metadata is not None
    assert read.metadata.title == "Operation Chaos: Break It to Make It: Ada Lovelace"
    assert certificate.id in str(read.metadata.subject)
    assert read.root_object["/Lang"] == "en"
    (attached,) = read.attachments["certificate.json"]
    assert attached == document.to_json(certificate)
    assert json.loads(attached)["record"]["name"] == "Ada Lovelace"


def test_a_sealed_pdf_is_still_a_pdf() -> None:
    certificate, _, content = issued(NAMES["Arabic"])
    read = reader(seal.seal(content, certificate, signer()))

    assert NAMES["Arabic"] in read.pages[0].extract_text()
    assert list(read.attachments) == ["certificate.json"]


def test_the_same_certificate_gives_the_same_pdf() -> None:
    certificate, page, content = issued("Ada Lovelace")

    assert pdf.write(page, certificate) == content


def test_the_page_shows_every_fact() -> None:
    certificate, _, content = issued("Ada Lovelace")
    text = reader(content).pages[0].extract_text()

    shown = (
        "Certificate of Completion",
        "21 September 2026",
        "LIVE",
        "Self-attested",
        "285 of 300 points",
        "95 %",
    )
    for fact in (
        *shown,
        "Test Mayhem",
        "49 of 50 points",
        certificate.id,
        certificate.fingerprint,
        "all 6 phases",
    ):
        assert fact in text


def test_an_instructors_participation_certificate_says_so() -> None:
    made = record(
        kind=Kind.PARTICIPATION,
        attestation=Attestation.INSTRUCTOR,
        attested_by="Grace Hopper",
        phases=record().phases[:1],
    )
    certificate = sign(made, signer())
    text = reader(pdf.write(layout.lay_out(certificate), certificate)).pages[0].extract_text()

    for fact in (
        "Certificate of Participation",
        "has finished 1 phase of",
        "Instructor-attested",
        "by Grace Hopper",
    ):
        assert fact in text
    assert "Certified Chaos Slayer" not in text


def test_no_phases_at_all_can_be_laid_out() -> None:
    certificate = sign(record(kind=Kind.PARTICIPATION, phases=(), score=10), signer())

    assert (
        "has taken part"
        in reader(pdf.write(layout.lay_out(certificate), certificate)).pages[0].extract_text()
    )


def test_the_qr_code_holds_the_signed_text() -> None:
    certificate, _, _ = issued("Ada Lovelace")
    plain = layout.qr_matrix(certificate)
    with_service = layout.qr_matrix(certificate, "https://certs.example.org")

    # Alphanumeric mode; in byte mode it would be three versions larger. See the browser of any phone for the rest.
    assert len(plain) <= 73
    assert len(with_service) <= 77


def test_the_svg_is_well_formed_described_and_needs_no_fonts() -> None:
    certificate, page, _ = issued(NAMES["Hindi"])
    drawn = svg.write(page, title="Certificate of <Ada>")
    root = ElementTree.fromstring(drawn)
    namespace = "{http://www.w3.org/2000/svg}"

    assert root.get("role") == "img"
    assert root.findtext(f"{namespace}title") == "Certificate of <Ada>"
    described = root.findtext(f"{namespace}desc") or ""
    assert NAMES["Hindi"] in described
    assert certificate.id in described
    assert {child.tag.removeprefix(namespace) for child in root} == {"title", "desc", "path"}


def test_a_character_that_no_font_has_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "system_face", lambda _: None)
    rare = "Ada \U00012000"  # cuneiform

    assert typesetting.missing(rare, faces.display_faces()) == "\U00012000"
    certificate = sign(record(rare), signer())
    assert pdf.write(layout.lay_out(certificate), certificate).startswith(b"%PDF")


def test_a_font_of_the_system_helps_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = Path(faces.__file__).parent / "fonts"
    for name in ("NotoSerifThai-Medium.ttf", "NotoSerifTamil-Medium.ttf"):
        (tmp_path / name).write_bytes((shipped / name).read_bytes())
    (tmp_path / "broken-Regular.ttf").write_bytes(b"junk")
    monkeypatch.setattr(faces, "_SYSTEM_FOLDERS", (str(tmp_path), str(tmp_path / "none")))
    faces.system_face.cache_clear()
    faces._system_fonts.cache_clear()
    only_latin = faces.display_faces()[:1]

    found = typesetting.runs("Ada ใจ", only_latin)

    assert [run.face.path.name for run in found] == [
        "NotoSerifDisplay-Medium.ttf",
        "NotoSerifThai-Medium.ttf",
    ]
    faces.system_face.cache_clear()
    faces._system_fonts.cache_clear()
