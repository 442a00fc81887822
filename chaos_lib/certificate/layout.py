"""Lays out the one page of a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from chaos_lib.certificate import ornament
from chaos_lib.certificate.drawing import Colour, Hidden, Line, Page, Shape, rectangle
from chaos_lib.certificate.faces import Face, display_faces, text_faces
from chaos_lib.certificate.ornament import GOLD, HAIR, INK, MUTED, ROSE, VIOLET, WASH
from chaos_lib.certificate.outline import outlines
from chaos_lib.certificate.record import Attestation, Kind, PhaseResult
from chaos_lib.certificate.signing import Certificate
from chaos_lib.certificate.typesetting import Run, missing, runs, runs_as_read, width
from chaos_lib.settings import Tier

_MM = 25.4 / 72  # of a point
_LARGEST_NAME, _SMALLEST_NAME, _TWO_LINES = 46.0, 30.0, 26.0
_LEADING = 1.24  # from line to line, in font sizes
_TITLE = "Certified Chaos Slayer"
_TIERS = {
    Tier.LIVE: "the real tools, in containers",
    Tier.EMBEDDED: "real servers, without containers",
    Tier.SIMULATED: "a model of the tools",
}


class Paper(str, Enum):
    """Size of the page; landscape."""

    A4 = "a4"
    LETTER = "letter"

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in mm."""
        return (297.0, 210.0) if self is Paper.A4 else (279.4, 215.9)


def lay_out(certificate: Certificate, *, paper: Paper = Paper.A4, service: str = "") -> Page:
    """Return the page of a certificate.

    Args:
        certificate: What it shows.
        paper: The size.
        service: Address of a certificate service, for the QR code; without one it holds the signed text alone.
    """
    desk = _Desk(*paper.size)
    record = certificate.record
    desk.items += ornament.frame(desk.width, desk.height)
    top = (desk.height - 210) / 2
    desk.items += ornament.backdrop(desk.middle, top + 92, 68)
    is_complete = record.kind is Kind.COMPLETION
    desk.centred("OPERATION CHAOS", top + 33.5, 11.5, ROSE, is_bold=True, tracking=4.2)
    desk.display([f"Certificate of {record.kind.value.capitalize()}"], top + 48.5, 37, INK)
    desk.centred("This is to certify that", top + 60, 11, MUTED)
    _name(desk, record.name, top + 81)
    desk.items += ornament.rule(desk.middle, top + 90, 150)
    finished = _phases_in_words(record.phases, is_complete=is_complete)
    desk.centred(f"{finished} of the workshop “{record.workshop}”,", top + 98.5, 11.5, INK)
    if is_complete:
        desk.centred(
            "withstood the Chaos Agent on every layer of the pipeline, and is from now on a",
            top + 104.7,
            11.5,
            INK,
        )
        desk.display([_TITLE], top + 115.5, 19, VIOLET, tracking=0.6)
    else:
        desk.centred("and stood up to the Chaos Agent along the way.", top + 104.7, 11.5, INK)
    _chips(desk, record.phases, top + (121.5 if is_complete else 113))
    _foot(desk, certificate, top + 163, service)
    return Page(desk.width, desk.height, tuple(desk.items), describe(certificate))


def describe(certificate: Certificate) -> str:
    """Return all that the page says, as one paragraph."""
    record = certificate.record
    phases = "; ".join(f"{p.title}: {p.points} of {p.possible} points, {p.tier.value}" for p in record.phases)
    by = f" by {record.attested_by}" if record.attested_by else ""
    return (
        f"Certificate of {record.kind.value}: {record.name}, {record.workshop}, {record.day}. "
        f"Score: {record.score} of {record.possible} points. Tier: {record.tier.value}. Phases: {phases}. "
        f"{record.attestation.words.capitalize()}{by}. Completion ID: {certificate.id}."
    )


class _Desk:
    """A page while things are put on it."""

    def __init__(self, page_width: float, page_height: float) -> None:
        self.width = page_width
        self.height = page_height
        self.items: list[Shape | Line | Hidden] = []

    @property
    def middle(self) -> float:
        return self.width / 2

    def centred(
        self,
        text: str,
        y: float,
        size: float,
        colour: Colour,
        *,
        x: float | None = None,
        is_bold: bool = False,
        tracking: float = 0.0,
        widest: float | None = None,
    ) -> None:
        """Put a line of small text around `x`, smaller when it would be wider than `widest` (mm)."""
        line = runs(text, text_faces(is_bold=is_bold))
        if widest is not None:
            size = _fitting(line, size, widest)
        middle = self.middle if x is None else x
        self.items.append(
            Line(line, middle - width(line, size, tracking) * _MM / 2, y, size, colour, tracking)
        )

    def display(
        self,
        lines: Sequence[str],
        y: float,
        size: float,
        colour: Colour,
        *,
        x: float | None = None,
        tracking: float = 0.0,
    ) -> None:
        """Put large text around `x`.

        It is drawn as outlines, which are right in every script, and lies there once more as text that is not seen:
        letter for letter, so that it can be selected, searched, copied and read aloud.

        Args:
            lines: One or more.
            y: Baseline of the first.
            size: In points.
            colour: Of the text.
            x: The middle; that of the page when None.
            tracking: Extra space after each character, in points.
        """
        middle, widest = self.middle if x is None else x, 0.0
        for number, text in enumerate(lines):
            line = runs(text, display_faces())
            wide = width(line, size, tracking) * _MM
            widest = max(widest, wide)
            base = y + number * _LEADING * size * _MM
            self.items.append(outlines(Line(line, middle - wide / 2, base, size, colour, tracking)))
        gap = "" if _is_cut_anywhere("".join(lines)) else " "
        whole = gap.join(lines)
        # A letter without a glyph cannot be hidden text; the whole name is in the PDF's title and its attachment.
        lost = missing(whole, text_faces())
        read = runs_as_read("".join(char for char in whole if char not in lost), text_faces())
        self.items.append(Hidden(read, middle - widest / 2, y, widest, size))

    def left(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        colour: Colour,
        *,
        is_bold: bool = False,
        **more: float,
    ) -> None:
        """Put a line of text that begins at `x`, smaller when it would be wider than `widest` (mm)."""
        line = runs(text, text_faces(is_bold=is_bold))
        if "widest" in more:
            size = _fitting(line, size, more["widest"])
        self.items.append(Line(line, x, y, size, colour, more.get("tracking", 0.0)))


@dataclass(frozen=True)
class _Fact:
    label: str
    value: str
    note: str = ""


def _fitting(line: Sequence[Run], size: float, widest: float) -> float:
    return min(size, size * widest / max(width(line, size) * _MM, 0.01))


def _name(desk: _Desk, name: str, y: float) -> None:
    """Put the name: on one line as long as it stays readable, else on two."""
    room = desk.width - 78
    faces = display_faces()
    size = _fitting(runs(name, faces), _LARGEST_NAME, room)
    halves = _halves(name, faces)
    if size < _SMALLEST_NAME and len(halves) > 1:
        size = min(_fitting(runs(half, faces), _TWO_LINES, room) for half in halves)
        desk.display(halves, y - 3.4 - _LEADING / 2 * size * _MM, size, INK)
    else:
        desk.display([name], y + (size - _LARGEST_NAME) * _MM * 0.18, size, INK)


def _halves(name: str, faces: Sequence[Face]) -> tuple[str, ...]:
    """Split a name at the blank that gives the shortest longer half; a name without one anywhere."""
    words = name.split(" ")
    if len(words) == 1:
        cut = len(name) // 2
        return (name[:cut], name[cut:]) if len(name) > 24 and _is_cut_anywhere(name) else (name,)
    splits = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    return min(splits, key=lambda pair: max(width(runs(half, faces), 1.0) for half in pair))


def _is_cut_anywhere(name: str) -> bool:
    """Whether a line may end between any two characters, as in Chinese and Japanese."""
    return all(ord(char) >= 0x2E80 for char in name)


def _phases_in_words(phases: Sequence[PhaseResult], *, is_complete: bool) -> str:
    if is_complete:
        return f"has finished all {len(phases)} phases"
    if not phases:
        return "has taken part in the exercises"
    return f"has finished {len(phases)} phase{'' if len(phases) == 1 else 's'}"


def _chips(desk: _Desk, phases: Sequence[PhaseResult], y: float) -> None:
    if not phases:
        return
    gap, most = 3.0, 50.0
    each = min(most, (desk.width - 60 - gap * (len(phases) - 1)) / len(phases))
    x = desk.middle - (each * len(phases) + gap * (len(phases) - 1)) / 2
    for phase in phases:
        desk.items.append(Shape(rectangle(x, y, each, 14.5, 1.6), fill=WASH, stroke=HAIR, width=0.2))
        middle = x + each / 2
        desk.centred(phase.title, y + 5.0, 8.5, INK, x=middle, is_bold=True, widest=each - 4)
        points = f"{phase.points} of {phase.possible} points" if phase.possible else "finished"
        desk.centred(points, y + 9.0, 7.5, MUTED, x=middle, widest=each - 4)
        desk.centred(phase.tier.value, y + 12.7, 6, VIOLET, x=middle, is_bold=True, tracking=0.6)
        x += each + gap


def _foot(desk: _Desk, certificate: Certificate, y: float, service: str) -> None:
    """Put score, facts, seal and QR code; `y` is their middle."""
    record = certificate.record
    share = record.score / record.possible if record.possible else 0.0
    left = 29.0
    desk.items += ornament.ring(left + 15, y - 2, 13.5, share)
    desk.display([f"{share * 100:.0f} %"], y + 0.2, 18, INK, x=left + 15)
    desk.centred("SCORE", y + 4.2, 5.5, MUTED, x=left + 15, is_bold=True, tracking=0.8)
    points = f"{record.score} of {record.possible} points"
    desk.centred(points, y + 17.6, 8.5, INK, x=left + 15, widest=34)
    _facts(desk, certificate, left + 40, y)
    code_size = 34.0
    right = desk.width - left + 1 - code_size
    desk.items += ornament.medal((left + 40 + 74 + right) / 2 + 1, y - 5, 13)
    desk.items.append(
        Shape(rectangle(right - 2, y - 18.5, code_size + 4, code_size + 4), fill=(255, 255, 255))
    )
    desk.items.append(ornament.code(qr_matrix(certificate, service), right, y - 16.5, code_size))
    verify = "Signed. To verify: opchaos certificate verify"
    desk.centred(verify, y + 21.2, 6.2, MUTED, x=right + code_size / 2, widest=44)


def _facts(desk: _Desk, certificate: Certificate, x: float, y: float) -> None:
    record = certificate.record
    is_instructor = record.attestation is Attestation.INSTRUCTOR
    rows = (
        (_Fact("DATE", record.day), _Fact("TIER", record.tier.value, _TIERS[record.tier])),
        (
            _Fact(
                "ATTESTATION",
                record.attestation.words.capitalize(),
                f"by {record.attested_by}" if is_instructor and record.attested_by else "",
            ),
            _Fact("SIGNED WITH THE KEY", certificate.fingerprint, "Ed25519"),
        ),
        (_Fact("COMPLETION ID", certificate.id),),
    )
    column = 41.0
    for row, facts in enumerate(rows):
        for place, fact in enumerate(facts):
            left, line = x + place * column, y - 13.5 + row * 13.5
            room = column - 4 if len(facts) > 1 else 2 * column - 4
            desk.left(fact.label, left, line, 5.5, GOLD, is_bold=True, tracking=0.8)
            desk.left(fact.value, left, line + 4.6, 9.5, INK, is_bold=True, widest=room)
            if fact.note:
                desk.left(fact.note, left, line + 8.0, 6.8, MUTED, widest=room)


def qr_matrix(certificate: Certificate, service: str = "") -> Sequence[Sequence[int]]:
    """Return the modules of the QR code: the signed certificate, after the address of a service if there is one."""
    # Only where a page is drawn: verifying needs no QR codes.
    import segno

    text = f"{service.rstrip('/').upper()}/V/{certificate.token}" if service else certificate.token
    # Base32 looks random, so any mask is as good as the best one; looking for that takes most of the time.
    made = segno.make_qr(text, error="l", mask=0)
    return [list(row) for row in made.matrix]
