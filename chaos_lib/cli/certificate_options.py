"""What the options of `opchaos certificate` take: the certificate's own words, without importing it for a help text."""

from __future__ import annotations

from enum import Enum


class PaperSize(str, Enum):
    """What `--paper` takes."""

    A4 = "a4"
    LETTER = "letter"


class Voucher(str, Enum):
    """What `--attest` takes."""

    SELF = "self"
    INSTRUCTOR = "instructor"
