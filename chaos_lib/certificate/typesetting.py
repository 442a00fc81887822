"""Sets a line of text: which font draws which part of it, in which order, and how wide it is."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from chaos_lib.certificate.faces import Face, system_face

_JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class Run:
    """A part of a line in one font and one direction.

    Attributes:
        text: In the order in which it is read.
        face: The font.
        is_rtl: Whether it runs from right to left.
    """

    text: str
    face: Face
    is_rtl: bool

    def width(self, size: float) -> float:
        """Return how wide it is, in the unit of `size`."""
        return self.face.width(self.text, size, is_rtl=self.is_rtl)


def runs(text: str, faces: Sequence[Face]) -> tuple[Run, ...]:
    """Split a line into runs, in the order in which they stand on the page, from left to right.

    A character that no font has, not even one of the system, stays in the first font, which draws a box.
    """
    return tuple(
        run
        for piece, is_rtl in _directed(text)
        for run in _in_page_order(_by_face(piece, is_rtl, faces), is_rtl)
    )


def runs_as_read(text: str, faces: Sequence[Face]) -> tuple[Run, ...]:
    """Split a line into runs in the order in which they are read."""
    pieces = _with_levels(text)
    for index in range(len(pieces) - 1):
        # A blank between the directions goes to the left-to-right side: readers of PDFs lose it on the other one.
        (first, level), (second, after) = pieces[index : index + 2]
        if level % 2 and not after % 2 and first.endswith(" "):
            pieces[index : index + 2] = [(first.rstrip(" "), level), (f" {second}", after)]
    return tuple(run for piece, level in pieces for run in _by_face(piece, level % 2 == 1, faces))


def width(line: Sequence[Run], size: float, tracking: float = 0.0) -> float:
    """Return how wide a line is.

    Args:
        line: Its runs.
        size: The font size, in any unit.
        tracking: Extra space after each character, in the same unit.
    """
    letters = sum(len(run.text) for run in line)
    return sum(run.width(size) for run in line) + tracking * max(letters - 1, 0)


def missing(text: str, faces: Sequence[Face]) -> str:
    """Return the characters of a text that no font can draw, each once."""
    lost = (cluster for cluster in _clusters(text) if _face_for(cluster, faces, None) is None)
    return "".join(dict.fromkeys("".join(lost)))


def _directed(text: str) -> Sequence[tuple[str, bool]]:
    """Split a line by direction; the pieces are in page order, from left to right."""
    return [(piece, level % 2 == 1) for piece, level in _reordered(_with_levels(text))]


def _with_levels(text: str) -> list[tuple[str, int]]:
    """Split a line by its embedding levels (odd ones run from right to left), in reading order."""
    if text.isascii() or all(unicodedata.bidirectional(char) not in {"R", "AL", "AN"} for char in text):
        return [(text, 0)]
    # fpdf2 brings the Unicode bidirectional algorithm; imported here because most names do not need it.
    from fpdf.bidi import BidiParagraph

    pieces: list[tuple[str, int]] = []
    for char in BidiParagraph(text, preserve_bn_chars=True).characters:
        if pieces and pieces[-1][1] == char.embedding_level:
            pieces[-1] = (pieces[-1][0] + char.character, char.embedding_level)
        else:
            pieces.append((char.character, char.embedding_level))
    return pieces


def _reordered(pieces: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Bring pieces of one level each into page order (rule L2 of the bidirectional algorithm)."""
    highest = max(level for _, level in pieces)
    for level in range(highest, 0, -1):
        made: list[tuple[str, int]] = []
        turned: list[tuple[str, int]] = []
        for piece in pieces:
            if piece[1] >= level:
                turned.insert(0, piece)
            else:
                made += [*turned, piece]
                turned = []
        pieces = [*made, *turned]
    return pieces


def _in_page_order(found: list[Run], is_rtl: bool) -> list[Run]:
    return found[::-1] if is_rtl else found


def _by_face(text: str, is_rtl: bool, faces: Sequence[Face]) -> list[Run]:
    made: list[tuple[str, Face]] = []
    for cluster in _clusters(text):
        before = made[-1][1] if made else None
        face = _face_for(cluster, faces, before) or faces[0]
        if face is before:
            made[-1] = (made[-1][0] + cluster, face)
        else:
            made.append((cluster, face))
    return [Run(piece, face, is_rtl) for piece, face in made]


def _face_for(cluster: str, faces: Sequence[Face], before: Face | None) -> Face | None:
    """Return the font of a cluster; blanks and marks that any font has stay with the one before."""
    if before is not None and not cluster.strip(" -.'’()") and before.covers(cluster):
        return before
    return next((face for face in faces if face.covers(cluster)), None) or system_face(cluster)


def _clusters(text: str) -> Sequence[str]:
    """Split into letters with the marks that belong to them."""
    found: list[str] = []
    for char in text:
        joins = unicodedata.category(char) in {"Mn", "Mc", "Me"} or char in _JOINERS
        if found and (joins or found[-1][-1] == "\u200d"):
            found[-1] += char
        else:
            found.append(char)
    return found
